"""Pen strokes that mean no digit: letters and symbols of single-stroke fonts, and scribbles. And smooth curves."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

_FONTS = ("futural", "rowmans", "cursive", "scripts", "mathlow", "greeks", "cyrillic")
# Letters and symbols that no hand mistakes for a digit; in the last fonts a key gives another alphabet's letter.
_LATIN = "ACEFHKMNPRTVWXYaefhkmnprtwx!#$%&*+=?@^~"
_FOREIGN = {"greeks": "ACDEFHKLMNPQRUWXYafhklmnpruwxyz", "cyrillic": "ADGIJKLMNPTXYadgijklmnptx"}


def smooth(points: np.ndarray, per_segment: int = 6) -> np.ndarray:
    """Return a curve, (m, 2), through `points`, (n, 2): a centripetal Catmull-Rom spline (Catmull and Rom, 1974)."""
    if len(points) < 3:
        return np.linspace(points[0], points[-1], per_segment + 1)
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    knots = np.concatenate([[0.0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(padded, axis=0), axis=1)) + 1e-3)])
    k = np.repeat(np.arange(1, len(points)), per_segment)
    share = np.tile(np.arange(per_segment) / per_segment, len(points) - 1)
    t0, t1, t2, t3 = (knots[k + i] for i in (-1, 0, 1, 2))
    p0, p1, p2, p3 = (padded[k + i] for i in (-1, 0, 1, 2))
    t = t1 + share * (t2 - t1)

    def mix(a: np.ndarray, b: np.ndarray, ta: np.ndarray, tb: np.ndarray) -> np.ndarray:
        w = ((t - ta) / (tb - ta))[:, None]
        return a * (1 - w) + b * w

    a1, a2, a3 = mix(p0, p1, t0, t1), mix(p1, p2, t1, t2), mix(p2, p3, t2, t3)
    curve = mix(mix(a1, a2, t0, t2), mix(a2, a3, t1, t3), t1, t2)
    return np.concatenate([curve, points[-1:]])


def letter(rng: np.random.Generator) -> list[np.ndarray]:
    """Return the strokes, (n, 2) each, about 100 high, of an unsteady letter or symbol of Hershey's fonts (1967)."""
    glyphs = _glyphs()
    shake = rng.uniform(0.5, 4)
    strokes = [s + rng.normal(size=s.shape) * shake for s in glyphs[rng.integers(len(glyphs))]]
    return [np.concatenate([np.linspace(a, b, 5) for a, b in pairwise(s)]) for s in strokes]


@lru_cache(1)
def _glyphs() -> list[list[np.ndarray]]:
    from HersheyFonts import HersheyFonts

    glyphs = []
    for name in _FONTS:
        font = HersheyFonts()
        font.load_default_font(name)
        for key in _FOREIGN.get(name, _LATIN):
            strokes = [np.array(s, float) for s in font.strokes_for_text(key) if len(s) > 1]
            if strokes:
                every = np.concatenate(strokes)
                glyphs.append([(s - every.min(0)) * (100 / max(np.ptp(every, axis=0).max(), 1)) for s in strokes])
    return glyphs


def scribble(rng: np.random.Generator) -> list[np.ndarray]:
    """Return the strokes, (n, 2) each, of one of the things that people draw where a digit was wanted."""
    kinds = (_wander, _wander, _zigzag, _spiral, _apart, _parallel, _dots, _shape, _rings)
    return kinds[rng.integers(len(kinds))](rng)


def _wander(rng: np.random.Generator) -> list[np.ndarray]:
    if rng.random() < 0.5:
        return [smooth(np.cumsum(rng.normal(size=(rng.integers(5, 24), 2)), 0) * 30)]
    return [smooth(rng.random((rng.integers(5, 14), 2)) * 100)]


def _zigzag(rng: np.random.Generator) -> list[np.ndarray]:
    n = int(rng.integers(5, 12))
    line = np.stack([np.linspace(0, 100, n), np.arange(n) % 2 * 60 + rng.normal(size=n) * 8], 1)
    return [line if rng.random() < 0.5 else line[:, ::-1]]


def _spiral(rng: np.random.Generator) -> list[np.ndarray]:
    """Of two turns at least: fewer may be a 6 or a 9."""
    angle = np.linspace(0, rng.uniform(4, 8) * np.pi, 90) * rng.choice([-1, 1]) + rng.uniform(0, 6)
    return [np.stack([np.cos(angle), np.sin(angle)], 1) * np.linspace(rng.uniform(0, 20), 50, 90)[:, None]]


def _apart(rng: np.random.Generator) -> list[np.ndarray]:
    ends = rng.random((rng.integers(3, 7), 2, 2)) * 100
    return [np.linspace(start, end, 8) for start, end in ends]


def _parallel(rng: np.random.Generator) -> list[np.ndarray]:
    gap, upright = rng.uniform(20, 50), rng.random() < 0.5
    lines = [np.linspace([k * gap, 0.0], [k * gap + rng.normal() * 6, 100.0], 8) for k in range(rng.integers(2, 5))]
    return lines if upright else [line[:, ::-1] for line in lines]


def _dots(rng: np.random.Generator) -> list[np.ndarray]:
    if rng.random() < 0.3:  # one blot
        return [rng.random((2, 2)) * 4]
    return [rng.random((1, 2)) * 100 for _ in range(rng.integers(2, 6))]


def _shape(rng: np.random.Generator) -> list[np.ndarray]:
    """A flat line, a triangle, a rectangle or a star."""
    n = int(rng.choice([2, 3, 4, 5]))
    if n == 2:
        return [np.linspace([0, 50], [100, 50 + rng.normal() * 12], 9)]
    angle = np.arange(n + 1) * 2 * np.pi / n * (2 if n == 5 else 1) + rng.uniform(0, 6)
    return [np.stack([np.cos(angle), np.sin(angle)], 1) * 50 + rng.normal(size=(n + 1, 2)) * 5]


def _rings(rng: np.random.Generator) -> list[np.ndarray]:
    """Two, side by side or one in the other, which is no 8."""
    angle = np.linspace(0, 2 * np.pi, 24)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1) * 30
    if rng.random() < 0.5:
        return [ring, ring * 0.45]
    return [ring, ring * rng.uniform(0.4, 1) + [rng.uniform(35, 70), rng.normal() * 8]]
