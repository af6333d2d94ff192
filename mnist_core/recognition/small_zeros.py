"""Small zeros in the ink of a line, whole, also where a taller digit touches them.

A cut from top to bottom would leave them what is above or below: a long 7 or 9 reaches over the zero before it. They
are known by their hole: what lies around it, as far as the pen is wide, is the zero.
"""

from __future__ import annotations

import numpy as np
import scipy

from mnist_core.recognition.outline import encloses, find_holes, tall

LOW = 0.2  # a small 0 is at least this share of the height of the tallest thing in its line, and
HIGH = 0.5  # at most this
_WIDE = 1.4  # times its height: wider, and it is two
_MOST = 40  # holes looked at in what hangs together, the largest first
_STILL = 0.8  # of the height of both: as much is left without it, or it is a part of one digit


def find_small_zeros(components: np.ndarray, pen: float) -> np.ndarray:
    """Number them: int (h, w), 1 for the ink of the first, 0 for what is no small zero.

    components: int (h, w), a number for each patch of ink that hangs together, 0 for paper. pen: pixels wide.
    """
    zeros = np.zeros(components.shape, int)
    parts = [(k, part) for k, part in enumerate(scipy.ndimage.find_objects(components), start=1) if part is not None]
    tallest = max(rows.stop - rows.start for _, (rows, _) in parts)
    for number, part in parts:
        found = _in_component(components[part] == number, pen, tallest)
        zeros[part] += np.where(found, found + zeros.max(), 0)
    return zeros


def _in_component(mask: np.ndarray, pen: float, tallest: int) -> np.ndarray:
    height, width = mask.shape
    if height <= HIGH * tallest and width <= _WIDE * height and encloses(mask):
        return mask.astype(int)
    zeros = np.zeros(mask.shape, int)
    holes = [hole for hole in find_holes(mask) if tall(hole) <= HIGH * tallest]
    for hole in sorted(holes, key=np.count_nonzero, reverse=True)[:_MOST]:  # what is in a 0's loop is part of it
        zero = _around(mask & (zeros == 0), scipy.ndimage.distance_transform_edt(~hole), pen)
        others, parts = scipy.ndimage.label(mask & (zeros == 0) & ~zero, np.ones((3, 3)))
        remains = max((tall(others == k) for k in range(1, parts + 1)), default=0)
        if LOW * tallest <= tall(zero) <= HIGH * tallest and encloses(zero) and remains >= _STILL * height:
            zeros[zero] = zeros.max() + 1
    return zeros


def _around(ink: np.ndarray, away: np.ndarray, pen: float) -> np.ndarray:
    """The ink that a pen left around a hole, without leaving slivers and crumbs; away: pixels from the hole."""
    ring = ink & (away <= pen + 0.5)
    rest = ink & ~ring
    side = 2 if pen < 4 else 3
    slivers = rest & ~scipy.ndimage.binary_opening(rest, np.ones((side, side)))
    ring |= slivers & (away <= 2 * pen)
    others, _ = scipy.ndimage.label(ink & ~ring, np.ones((3, 3)))
    crumbs = np.flatnonzero(np.bincount(others.ravel()) < pen * pen)
    return ring | np.isin(others, crumbs[crumbs > 0])
