"""Lines that were on the paper before anything was written: rules, grids, and boxes to write in."""

from __future__ import annotations

import cv2
import numpy as np

from mnist_core.recognition.paper import box

_SPAN = 0.6  # a rule is at least this share of the picture's width
_WHOLE = 0.94  # two that are this long are rules; shorter ones must be three (a box may have one side only)
_STEEP = 0.2  # a rule's rise over its length
_THICK = 0.016  # a rule's thickness over the picture's longer side, and
_THICKEST = 5  # pixels, whichever is more
_MOST = 0.6  # of the lines' pixels are within their thickness
_DARKER = 2.0  # times as strong as most of the rules: ink of another pen
_BOLD = 0.06  # the thickness of a box's lines over its shorter side, and
_BOLDEST = 8  # pixels, whichever is more
_GAP = 0.03  # a rule may be hidden for this share of the width, and
_BOX_GAP = 0.12  # a box's side for this share of it
_SHORTEST = 0.03  # of the width: shorter runs of pixels make no line
_CORNERS = 0.02  # how far from its four sides a box's outline may be, as a share of the outline


def find_rules(ink: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """The pixels, bool (H, W), of `ink`, bool, that belong to long thin lines along or across the picture.

    strength: float32 (H, W), 0-1. Where a stroke crosses a rule, ink stands higher than the rule is thick, or is
    darker than rules are: it stays, and the stroke is not cut.
    """
    rules = _lines(ink, max(_THICKEST, round(_THICK * max(ink.shape))), _GAP, fewest=3)
    if rules.any():
        rules &= strength < _DARKER * np.median(strength[rules])
    return rules


def find_frames(ink: np.ndarray) -> np.ndarray:
    """The pixels, bool (H, W), of `ink`, bool, that are the lines of boxes with something written inside.

    A box is known by its hole: it has four corners, which the hole of a 0 has not. What touches a box is not cut.
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
        if any(_holds(hole, ink[here]) for hole in _holes(patch)):
            lines = _lines(patch, max(_BOLDEST, round(_BOLD * min(wide, high))), _BOX_GAP, fewest=1)
            frames[here] |= lines if lines.any() else patch
    return frames


def _lines(ink: np.ndarray, thickest: int, gap: float, fewest: int) -> np.ndarray:
    solid = ink.astype(np.uint8)
    lying, where_lying = _along(solid, thickest, gap, fewest)
    standing, where_standing = (part.T for part in _along(np.ascontiguousarray(solid.T), thickest, gap, fewest))
    lines = cv2.bitwise_or(lying, np.ascontiguousarray(standing))
    crossings = cv2.bitwise_and(where_lying, np.ascontiguousarray(where_standing))
    written = cv2.subtract(solid, cv2.bitwise_or(lines, crossings))
    across = box(thickest, thickest)
    through = cv2.morphologyEx(
        written, cv2.MORPH_CLOSE, across
    )  # a stroke that goes on at the other side of a crossing
    return (lines > 0) | (ink & (crossings > through))


def _along(ink: np.ndarray, thickest: int, gap: float, fewest: int) -> tuple[np.ndarray, np.ndarray]:
    """The pixels, 0 or 1, of lines from left to right, which may lean and bend a little, and where those lines run.

    They are looked for twice: once it is known how thick they are, strokes of a thicker pen are no part of them.
    """
    nothing = np.zeros_like(ink)
    long = _long_runs(_no_higher(ink, thickest), gap, fewest)
    if long is None:
        return nothing, nothing
    thickness = _thickness(ink, long > 0, thickest)
    thin = _no_higher(ink, thickness + 1)
    long = _long_runs(thin, gap, fewest)
    if long is None:
        return nothing, nothing
    where = _bands(long, thickness + 3)
    return cv2.bitwise_and(where, thin), where


def _long_runs(thin: np.ndarray, gap: float, fewest: int) -> np.ndarray | None:
    """Labels, int32 (H, W), of what goes on for most of the width; None where that is too little to be lines."""
    width = thin.shape[1]
    linked = cv2.morphologyEx(thin, cv2.MORPH_CLOSE, box(max(3, round(gap * width)) | 1, 1))
    linked = cv2.morphologyEx(linked, cv2.MORPH_OPEN, box(max(5, round(_SHORTEST * width)), 1))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(linked, connectivity=8)
    spans, rises = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    long = (spans >= _SPAN * width) & (rises <= _STEEP * spans)
    long[0] = False
    if long.sum() < fewest and (long & (spans >= _WHOLE * width)).sum() < 2:
        return None
    return np.where(long, np.arange(len(long)), 0).astype(np.int32)[labels]


def _thickness(ink: np.ndarray, lines: np.ndarray, thickest: int) -> int:
    """How high most of the ink of some lines is; a part of them may be strokes that touch them."""
    lines = cv2.dilate(lines.astype(np.uint8), box(1, 3))
    most = _MOST * np.count_nonzero(lines & _no_higher(ink, thickest))
    return next(t for t in range(2, thickest + 1) if np.count_nonzero(lines & _no_higher(ink, t)) >= most)


def _bands(labels: np.ndarray, height: int) -> np.ndarray:
    """Where lines run, 0 or 1: a smooth curve through each label, so high. A stroke that joins a line leaves it."""
    bands = np.zeros(labels.shape, np.uint8)
    for label in np.unique(labels)[1:]:
        y, x = np.nonzero(labels == label)
        columns = np.arange(x.min(), x.max() + 1)
        middles = _curve(x[:: max(1, len(x) // 400)], y[:: max(1, len(x) // 400)], columns)
        path = np.stack([columns, np.rint(middles).astype(int)], 1)
        cv2.polylines(bands, [path.astype(np.int32)], False, 1, height)
    return bands


def _curve(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The cubic through (x, y) by least absolute deviations, as by reweighting (Schlossmacher, 1973)."""
    middle, half = at.mean(), max(1, len(at) / 2)
    weights = np.ones(len(x))
    for _ in range(6):
        cubic = np.polyfit((x - middle) / half, y, 3, w=np.sqrt(weights))
        weights = 1 / np.maximum(1, np.abs(np.polyval(cubic, (x - middle) / half) - y))
    return np.polyval(cubic, (at - middle) / half)


def _no_higher(ink: np.ndarray, most: int) -> np.ndarray:
    """The pixels of `ink`, 0 or 1, from which ink goes on for at most so many pixels up and down together."""
    higher = cv2.morphologyEx(ink, cv2.MORPH_OPEN, box(1, most + 1), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return cv2.subtract(ink, higher)


def _holes(patch: np.ndarray) -> list[np.ndarray]:
    """The outlines of its holes, in the patch's pixels."""
    outlines, parents = cv2.findContours(patch.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE, offset=(0, 0))
    return [outline for outline, parent in zip(outlines, parents[0], strict=True) if parent[3] >= 0]


def _holds(hole: np.ndarray, ink: np.ndarray) -> bool:
    """Whether a hole has four corners and no bays, but for what is written there: a quarter of its length or more."""
    hull = cv2.convexHull(hole)
    _, _, wide, high = cv2.boundingRect(hull)
    if min(wide, high) < 12 or wide * high < 0.02 * ink.size:
        return False
    corners = cv2.approxPolyDP(hull, _CORNERS * cv2.arcLength(hull, True), True)
    if len(corners) != 4 or cv2.contourArea(hull) < 0.95 * cv2.contourArea(corners):
        return False
    inside = cv2.fillConvexPoly(np.zeros(ink.shape, np.uint8), hull, 1)
    inside = cv2.erode(inside, box(7, 7), borderValue=0)
    extents = [np.flatnonzero((ink & (inside > 0)).any(axis)) for axis in (0, 1)]
    return any(len(at) and at[-1] - at[0] > 0.25 * max(wide, high) for at in extents)
