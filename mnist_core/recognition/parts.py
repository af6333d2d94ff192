"""What hangs together in a photograph's ink, and which of it is the digit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from mnist_core.recognition.boxes import Box
from mnist_core.recognition.outline import pen_width

_MOST = 200  # parts looked at, the largest first
_SMALLEST = 2e-5  # of the picture, and
_FEWEST = 4  # pixels: less is a speck
_CUT_OFF = 0.08  # of the picture's longer side: a part at its border is longer, or no one can read it
_SHARP = 0.15  # of its strength: ink rises by this much over three pixels at its edge
_SAME_PEN = 1.5  # times as wide as another pen, at most, and
_SAME_HEIGHT = 0.6  # of a line's height that two have in common: digits that the picture's border cuts are in a line
_FAINT = 0.45  # of the digit's strength: what is fainter was not written with it


class Part(NamedTuple):
    """A patch of ink that hangs together."""

    label: int
    box: Box
    area: int  # pixels
    level: float  # 0-1, the strength of its ink
    pen: float  # pixels wide
    contact: int  # pixels on the picture's border
    central: float  # 0-1: 0 at the border, 1 in the middle

    @property
    def width(self) -> int:
        return self.box.right - self.box.left

    @property
    def height(self) -> int:
        return self.box.bottom - self.box.top

    @property
    def extent(self) -> int:
        """Its longer side."""
        return max(self.width, self.height)

    @property
    def at_edge(self) -> bool:
        """It runs along the border, as a page's end or a dark corner does, and does not only end there."""
        return self.contact > 4 * self.pen


def find_parts(strength: np.ndarray, ink: np.ndarray) -> tuple[np.ndarray, list[Part]]:
    """Labels, int32 (H, W), and the parts of `ink`, bool, each cut off at half of its own `strength`, float32."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    sharp = np.zeros(ink.shape, np.uint8)
    for label in _largest(stats, ink.size):
        here = _within(stats[label])
        patch = labels[here] == label
        level = np.percentile(strength[here][patch], 90)
        sharp[here] |= patch & (strength[here] > level / 2)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(sharp, connectivity=8)
    smooth = cv2.blur(strength, (3, 3))
    slopes = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3)))
    parts = [_part(label, labels, stats[label], strength) for label in _largest(stats, ink.size)]
    least = _CUT_OFF * max(ink.shape)
    return labels, [p for p in parts if _is_sharp(p, labels, slopes) and (not p.contact or p.extent >= least)]


def main_part(parts: Sequence[Part], longer: int) -> Part:
    """The part that is the digit or most of it; longer: the picture's longer side."""
    strongest = max(part.level * min(1.0, part.extent / (0.15 * longer)) for part in parts)

    def worth(part: Part) -> float:
        value = part.extent * (0.4 + 0.6 * part.central) * min(1.0, part.level / (0.5 * strongest))
        if part.contact:
            value *= 0.12 if part.at_edge else 0.5
        if part.width > 6 * part.height:
            value *= 0.05
        return value * 0.3 if part.pen > 0.45 * part.extent else value

    return max(parts, key=worth)


def belonging(main: Part, parts: Sequence[Part], labels: np.ndarray) -> tuple[list[Part], list[Part]]:
    """The parts of one digit, `main` among them, and those that look like further digits.

    The larger a part is, the farther it may be from the others: a 5's bar, but no crumb and no line.
    """
    group, others = [main], list[Part]()
    rest = [part for part in parts if part is not main and part.level >= _FAINT * main.level]
    rest = [part for part in rest if not part.contact or main.contact]
    while True:
        around = surrounding(group)
        height, extent = around.bottom - around.top, max(around.right - around.left, around.bottom - around.top)
        away = cv2.distanceTransform(
            np.isin(labels, [part.label for part in group], invert=True).astype(np.uint8), cv2.DIST_L2, 3
        )
        joined = []
        for part in rest:
            gap = float(away[_slices(part.box)][labels[_slices(part.box)] == part.label].min())
            beside = part.box.left >= around.right or part.box.right <= around.left
            if beside and part.height > 0.6 * height and gap > 0.12 * extent:
                others.append(part)
                continue
            if _underlines(part, around) or (min(part.width, part.height) < 0.06 * part.extent and gap > 0.12 * extent):
                continue
            reach = part.extent if part.extent <= extent else 0.3 * part.extent
            if gap <= 0.06 * extent + 0.35 * reach and part.area >= 0.004 * main.area:
                joined.append(part)
        if not joined:
            return group, others
        group += joined
        rest = [part for part in rest if part not in joined and part not in others]


def written(main: Part, parts: Sequence[Part]) -> list[Part]:
    """The parts that may have been written with the same pen as `main`, in lines of any number."""
    strong = [part for part in parts if part.level >= _FAINT * main.level]
    kept = [part for part in strong if not part.at_edge]
    cut = [part for part in strong if part.at_edge and any(_continues(part, other) for other in kept)]
    return [part for part in kept + cut if part.width <= 6 * part.height or part.width < main.extent]


def _continues(part: Part, other: Part) -> bool:
    """Whether what lies along the upper or lower border stands in a line with another part, as in a narrow cutting."""
    if part.contact > part.width or part.pen > _SAME_PEN * other.pen or part.width > 2 * part.height:
        return False
    lower, higher = sorted((part.height, other.height))
    common = min(part.box.bottom, other.box.bottom) - max(part.box.top, other.box.top)
    return lower >= _SAME_HEIGHT * higher and common >= _SAME_HEIGHT * higher


def surrounding(parts: Sequence[Part]) -> Box:
    """The box around some parts."""
    lefts, tops, rights, bottoms = zip(*(part.box for part in parts), strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def _is_sharp(part: Part, labels: np.ndarray, slopes: np.ndarray) -> bool:
    """Whether a part has the edge of ink; what light leaves behind rises slowly."""
    here = _slices(part.box)
    return bool(np.percentile(slopes[here][labels[here] == part.label], 95) >= _SHARP * part.level)


def _underlines(part: Part, around: Box) -> bool:
    below = part.box.top > around.bottom - 0.02 * (around.bottom - around.top)
    return below and part.width > 5 * part.height and part.width > 0.6 * (around.right - around.left)


def _largest(stats: np.ndarray, size: int) -> list[int]:
    areas = stats[:, cv2.CC_STAT_AREA]
    order = 1 + np.argsort(-areas[1:], kind="stable")[:_MOST]
    return [int(label) for label in order if areas[label] >= max(_FEWEST, _SMALLEST * size)]


def _within(row: np.ndarray) -> tuple[slice, slice]:
    left, top, width, height = (int(n) for n in row[:4])
    return np.s_[top : top + height, left : left + width]


def _slices(box: Box) -> tuple[slice, slice]:
    return np.s_[box.top : box.bottom, box.left : box.right]


def _part(label: int, labels: np.ndarray, row: np.ndarray, strength: np.ndarray) -> Part:
    left, top, width, height, area = (int(n) for n in row)
    here = _within(row)
    patch = labels[here] == label
    sides = (
        (top == 0, patch[0]),
        (left == 0, patch[:, 0]),
        (top + height == labels.shape[0], patch[-1]),
        (left + width == labels.shape[1], patch[:, -1]),
    )
    contact = sum(int(np.count_nonzero(line)) for touches, line in sides if touches)
    across = min(left + width / 2, labels.shape[1] - left - width / 2) / (labels.shape[1] / 2)
    down = min(top + height / 2, labels.shape[0] - top - height / 2) / (labels.shape[0] / 2)
    level = float(np.percentile(strength[here][patch], 75))
    around = Box(left, top, left + width, top + height)
    return Part(label, around, area, level, pen_width(patch), contact, min(across, down))
