"""Lines that were on the paper before anything was written: rules, grids, and boxes to write in."""

from __future__ import annotations

import cv2
import numpy as np

from mnist_core.recognition.paper import box

_SPAN = 0.6  # a rule is at least this share of the picture's width
_WHOLE = 0.94  # two that are this long are rules; shorter ones must be three
_STEEP = 0.2  # a rule's rise over its length
_THICK = 0.016  # a rule's thickness over the picture's longer side, and
_THICKEST = 5  # pixels, whichever is more
_GAP = 0.03  # a rule may be hidden for this share of the width
_CORNERS = 0.02  # how far from its four sides a box's outline may be, as a share of the outline


def find_rules(ink: np.ndarray) -> np.ndarray:
    """The pixels, bool (H, W), of `ink`, bool, that belong to long thin lines along or across the picture.

    Where a stroke crosses a rule, ink stands higher than the rule is thick: it stays, and the stroke is not cut.
    """
    return _along(ink) | _along(np.ascontiguousarray(ink.T)).T


def find_frames(ink: np.ndarray) -> np.ndarray:
    """The pixels, bool (H, W), of patches of `ink`, bool, that are boxes with something written inside.

    A box is known by its hole: it has four corners, which the hole of a 0 has not.
    """
    height, width = ink.shape
    longer = max(height, width)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    frames = np.zeros((height, width), bool)
    for label, (left, top, wide, high, area) in enumerate(stats.tolist()):
        if label == 0 or min(wide, high) < 0.1 * longer or area > 0.3 * wide * high:
            continue
        here = np.s_[top : top + high, left : left + wide]
        patch = labels[here] == label
        if any(_holds(hole, ink[here] & ~patch) for hole in _holes(patch)):
            frames[here] |= patch
    return frames


def _along(ink: np.ndarray) -> np.ndarray:
    """The rules from left to right; they may lean and bend a little."""
    height, width = ink.shape
    solid = ink.astype(np.uint8)
    thin = _no_higher(solid, max(_THICKEST, round(_THICK * max(height, width))))
    gap = max(3, round(_GAP * width)) | 1
    linked = cv2.morphologyEx(thin, cv2.MORPH_CLOSE, box(gap, 1))
    linked = cv2.morphologyEx(linked, cv2.MORPH_OPEN, box(max(5, gap), 1))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(linked, connectivity=8)
    spans, rises = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    long = (spans >= _SPAN * width) & (rises <= _STEEP * spans)
    long[0] = False
    if long.sum() < 3 and (long & (spans >= _WHOLE * width)).sum() < 2:
        return np.zeros_like(ink)
    lines = long[labels] & (thin > 0)
    thickness = lines.sum() / spans[long].sum()
    near = cv2.dilate(long[labels].astype(np.uint8), box(1, 3))
    return (near > 0) & (_no_higher(solid, round(1.5 * thickness) + 1) > 0)


def _no_higher(ink: np.ndarray, most: int) -> np.ndarray:
    """The pixels of `ink`, 0 or 1, from which ink goes on for at most so many pixels up and down together."""
    return cv2.subtract(ink, cv2.morphologyEx(ink, cv2.MORPH_OPEN, box(1, most + 1)))


def _holes(patch: np.ndarray) -> list[np.ndarray]:
    """The outlines of its holes, in the patch's pixels."""
    outlines, parents = cv2.findContours(
        patch.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE, offset=(0, 0)
    )
    return [outline for outline, parent in zip(outlines, parents[0], strict=True) if parent[3] >= 0]


def _holds(hole: np.ndarray, other: np.ndarray) -> bool:
    """Whether a hole is a rectangle, seen aslant perhaps, in which other ink takes a quarter of its length."""
    left, top, wide, high = cv2.boundingRect(hole)
    if min(wide, high) < 12 or wide * high < 0.02 * other.size:
        return False
    corners = cv2.approxPolyDP(hole, _CORNERS * cv2.arcLength(hole, True), True)
    if len(corners) != 4 or not cv2.isContourConvex(corners):
        return False
    if cv2.contourArea(hole) < 0.95 * cv2.contourArea(corners):
        return False
    inside = other[top : top + high, left : left + wide]
    extents = [np.flatnonzero(inside.any(axis)) for axis in (0, 1)]
    return any(len(at) and at[-1] - at[0] > 0.25 * max(wide, high) for at in extents)
