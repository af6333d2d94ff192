"""What many hands add to a digit and MNIST's writers left out, drawn onto MNIST's images."""

from __future__ import annotations

import numpy as np
import scipy
from PIL import Image, ImageDraw


def adorn(image: np.ndarray, digit: int, rng: np.random.Generator) -> np.ndarray:
    """Write on a 0, 1, 7 or 9, grey uint8 (n, n), what many hands add to it; others are returned as they are."""
    write = {0: _slash_or_dot, 1: _flag_and_foot, 7: _crossbar, 9: _hook}.get(digit)
    if write is None or not (image > 127).any():
        return image
    page = _Page(image)
    write(page, rng)
    return np.asarray(page.written)


class _Page:
    """A digit with a pen as wide as the one that wrote it; lengths are in pixels."""

    def __init__(self, image: np.ndarray) -> None:
        self.dark = image > 127
        rows, columns = np.flatnonzero(self.dark.any(1)), np.flatnonzero(self.dark.any(0))
        self.top, self.bottom, self.left, self.right = rows[0], rows[-1], columns[0], columns[-1]
        self.height, self.width = max(self.bottom - self.top, 1), max(self.right - self.left, 1)
        self.pen = float(np.clip(2 * scipy.ndimage.distance_transform_edt(self.dark).max() - 1, 3, 12))
        self.written = Image.fromarray(image)
        self._draw = ImageDraw.Draw(self.written)

    def stroke(self, *points: tuple[float, float]) -> None:
        self._draw.line(points, fill=255, width=round(self.pen), joint="curve")
        half = self.pen / 2
        for x, y in (points[0], points[-1]):
            self._draw.ellipse([x - half, y - half, x + half, y + half], fill=255)

    def across(self, row: float) -> float:
        """The middle of the ink in a row."""
        ink = np.flatnonzero(self.dark[int(np.clip(row, self.top, self.bottom))])
        return float(ink.mean()) if len(ink) else (self.left + self.right) / 2


def _slash_or_dot(page: _Page, rng: np.random.Generator) -> None:
    x, y = page.left + page.width / 2, page.top + page.height / 2
    if rng.random() < 0.15:
        page.stroke((x + rng.normal(0, 3), y + rng.normal(0, 3)), (x + 1, y + 1))
        return
    out = rng.uniform(-0.2, 0.18)
    x0, x1 = page.left - out * page.width + rng.normal(0, 2), page.right + out * page.width + rng.normal(0, 2)
    y0, y1 = page.top - out * page.height + rng.normal(0, 3), page.bottom + out * page.height + rng.normal(0, 3)
    if rng.random() < 0.15:
        page.stroke((x0, y0), (x1, y1))
    else:
        page.stroke((x1, y0), (x0, y1))


def _flag_and_foot(page: _Page, rng: np.random.Generator) -> None:
    which, half = rng.random(), page.pen / 2
    if which < 0.75:
        reach = rng.uniform(0.15, 0.55) * page.height
        x, y = page.across(page.top + half), page.top + half
        along = reach * rng.uniform(0.6, 1.2)
        page.stroke((x, y), (x - along, y + along * rng.uniform(0.5, 1.5)))  # a level one makes a 7
    if which > 0.5:
        x, y = page.across(page.bottom - half), page.bottom - half + rng.normal(0, 1)
        before, after = rng.uniform(0.15, 0.45, 2) * page.height
        page.stroke((x - before, y + rng.normal(0, 1.5)), (x + after, y + rng.normal(0, 1.5)))


def _crossbar(page: _Page, rng: np.random.Generator) -> None:
    y = page.top + rng.uniform(0.42, 0.62) * page.height
    x = page.across(y)
    before, after = rng.uniform(0.2, 0.45, 2) * page.width
    page.stroke((x - before, y + rng.normal(0, 2)), (x + after, y + rng.normal(0, 3) - 1))


def _hook(page: _Page, rng: np.random.Generator) -> None:
    x, y = page.across(page.bottom - page.pen / 2), page.bottom - page.pen / 2
    reach = rng.uniform(0.3, 0.7) * page.width
    low, rise = rng.uniform(0.02, 0.12) * page.height, rng.uniform(0, 0.12) * page.height
    page.stroke((x, y), (x - reach * 0.45, y + low), (x - reach, y - rise))
