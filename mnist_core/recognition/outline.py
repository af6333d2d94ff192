"""What the outline of a shape tells of the pen that drew it."""

from __future__ import annotations

import numpy as np


def pen_width(ink: np.ndarray) -> float:
    """How wide the pen was, in pixels, that wrote `ink`, bool (h, w): its area over half its outline.

    A line's outline is twice its length; counted along the axes it is 4/pi too long (Crofton).
    """
    inside = framed(ink)
    edges = np.count_nonzero(inside[1:] != inside[:-1]) + np.count_nonzero(inside[:, 1:] != inside[:, :-1])
    return float(2 * np.count_nonzero(ink) / max(edges * np.pi / 4, 1))


def framed(white: np.ndarray) -> np.ndarray:
    """`white`, bool (h, w), in a frame of False one pixel wide: `np.pad` in a fifth of its time."""
    wider = np.zeros((white.shape[0] + 2, white.shape[1] + 2), bool)
    wider[1:-1, 1:-1] = white
    return wider
