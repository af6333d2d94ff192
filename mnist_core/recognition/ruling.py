"""Lines that were on the paper before anything was written: rules, grids, and boxes to write in."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mnist_core.recognition.boxes import Box
from mnist_core.recognition.paper import box

_SPAN = 0.6  # a rule is at least this share of the picture's width
_WHOLE = 0.94  # two that are this long are rules; shorter ones must be three (a box may have one side only)
_STRIP = 0.4  # in a picture lower than this share of its width a 1 is as high as rules that stand: where none lie,
_STRIP_SPAN = 0.94  # they go from border to border, and there are three
_STEEP = 0.2  # a rule's rise over its length
_THICK = 0.02  # a rule's thickness over the picture's longer side, and
_THICKEST = 5  # pixels, whichever is more
_HALF = 0.6  # of what looks like lines is within their thickness, when strokes may be among it, and
_MOST = 0.9  # when it runs straight on
_POINTS = 240  # pixels by which a line's curve is found
_DARKER = 2.0  # times as strong as most of the rules: ink of another pen
_BOLD = 0.06  # the thickness of a box's lines over its shorter side, and
_BOLDEST = 8  # pixels, whichever is more
_GAP = 0.03  # a rule may be hidden for this share of the width, and
_HIDDEN = 0.15  # for this share by a stroke, and
_BOX_GAP = 0.12  # a box's side for this share of it
_SHORTEST = 0.03  # of the width: shorter runs of pixels make no line
_COVERED = 0.7  # of a box's side is ink; less, and it is strokes that stand in a row
_AROUND = 0.75  # of a box's ink is near its holes
_CORNERS = 0.02  # how far from its four sides a box's outline may be, as a share of the outline


class _Kind(NamedTuple):
    """What lines of a kind are like."""

    thickest: int  # pixels
    gap: float  # of the width, at most: what is farther apart is not linked
    fewest: int  # lines that there are, unless two go on for all of the width
    covered: float  # of its columns that have ink of a line, at least
    span: float = _SPAN  # of the width, at least
    whole: float = _WHOLE  # of the width, from which two are enough


def find_rules(ink: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """The pixels, bool (H, W), of `ink`, bool, that belong to long thin lines along or across the picture.

    strength: float32 (H, W), 0-1. Where a stroke crosses a rule, ink stands higher than the rule is thick, or is
    darker than rules are: it stays, and the stroke is not cut.
    """
    height, width = ink.shape
    if width < _STRIP * height:
        return np.ascontiguousarray(find_rules(np.ascontiguousarray(ink.T), strength.T).T)
    rule = _Kind(max(_THICKEST, round(_THICK * max(height, width))), _GAP, fewest=3, covered=0)
    alone = rule._replace(span=_STRIP_SPAN, whole=np.inf) if height < _STRIP * width else rule
    rules = _lines(ink, rule, alone)
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
        holes = [hole for hole in _holes(patch) if _has_corners(hole, patch.size)]
        if _surround(holes, patch) and any(_holds(hole, ink[here]) for hole in holes):
            sides = _Kind(max(_BOLDEST, round(_BOLD * min(wide, high))), _BOX_GAP, fewest=1, covered=_COVERED)
            lines = _lines(patch, sides)
            frames[here] |= lines if lines.any() else patch
    return frames


def _lines(ink: np.ndarray, kind: _Kind, alone: _Kind | None = None) -> np.ndarray:
    """Lines along and across the picture; alone: what those that stand are like where no others lie."""
    solid = ink.astype(np.uint8)
    across, where_across = _along(solid, kind)
    upright = kind if alone is None or across.any() else alone
    down, where_down = (np.ascontiguousarray(part.T) for part in _along(np.ascontiguousarray(solid.T), upright))
    lines = cv2.bitwise_or(across, down)
    crossings = cv2.bitwise_and(where_across, where_down)
    written = cv2.subtract(solid, cv2.bitwise_or(lines, crossings))
    # A stroke that goes on at the other side of a crossing covers it.
    through = cv2.morphologyEx(written, cv2.MORPH_CLOSE, box(kind.thickest | 1, kind.thickest | 1))
    return (lines > 0) | (ink & (crossings > through))


def _along(ink: np.ndarray, kind: _Kind) -> tuple[np.ndarray, np.ndarray]:
    """The pixels, 0 or 1, of lines from left to right, which may lean and bend a little, and where those lines run.

    They are looked for twice: once it is known how thick they are, strokes of a thicker pen are no part of them.
    """
    lines, where = np.zeros_like(ink), np.zeros_like(ink)
    thickest = kind.thickest
    heights = _heights(ink, thickest)
    labels, runs = _long_runs(ink * (heights <= thickest), ink, kind)
    if not runs:
        return lines, where
    inside = {k: _inside(run) for k, run in runs.items()}
    usual = [_thickness(heights[here] * (labels[here] == k), _HALF) for k, here in inside.items()]
    thickness = round(float(np.median(usual)))
    thin = ink * (heights <= thickness + max(1, thickness // 2))  # the nearer, the thicker
    labels, runs = _long_runs(thin, ink, kind)
    for label, run in runs.items():
        here = np.s_[max(0, run.top - thickest) : run.bottom + thickest, run.left : run.right]
        band = _band((labels[here] == label) & (thin[here] > 0), thickness + 3)
        high = heights[here] * band
        most = _thickness(high * (high <= thickest), _MOST) + 1  # in perspective each line has its own
        lines[here] |= (high > 0) & (high <= most)
        where[here] |= band
    return lines, where


def _long_runs(thin: np.ndarray, ink: np.ndarray, kind: _Kind) -> tuple[np.ndarray, dict[int, Box]]:
    """Labels, int32 (H, W), of all runs of pixels, and the boxes of those that go on for most of the width.

    None of these where they are too few to be lines.
    """
    width = thin.shape[1]
    linked = cv2.morphologyEx(thin, cv2.MORPH_CLOSE, box(max(3, round(kind.gap * width)) | 1, 1))
    hidden = cv2.morphologyEx(thin, cv2.MORPH_CLOSE, box(max(3, round(_HIDDEN * width)) | 1, 1))
    linked = cv2.bitwise_or(linked, cv2.bitwise_and(hidden, ink))
    linked = cv2.morphologyEx(linked, cv2.MORPH_OPEN, box(max(5, round(_SHORTEST * width)) | 1, 1))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(linked, connectivity=8)
    boxes = {label: Box(x, y, x + w, y + h) for label, (x, y, w, h, _) in enumerate(stats.tolist()) if label > 0}
    spans = {label: run.right - run.left for label, run in boxes.items()}

    def is_long(label: int, run: Box) -> bool:
        if spans[label] < kind.span * width or run.bottom - run.top > _STEEP * spans[label]:
            return False
        here = _inside(run)
        columns = (thin[here] * (labels[here] == label)).any(0)
        return bool(np.count_nonzero(columns) >= kind.covered * spans[label])

    long = {label: run for label, run in boxes.items() if is_long(label, run)}
    if len(long) < kind.fewest and sum(spans[label] >= kind.whole * width for label in long) < 2:
        return labels, {}
    return labels, long


def _inside(run: Box) -> tuple[slice, slice]:
    return np.s_[run.top : run.bottom, run.left : run.right]


def _thickness(heights: np.ndarray, share: float) -> int:
    """How high ink is at most in this share of a line's columns; heights: those of its ink, 0 elsewhere."""
    columns = heights.max(0)
    return max(2, int(np.quantile(columns[columns > 0], share, method="higher"))) if columns.any() else 2


def _band(points: np.ndarray, height: int) -> np.ndarray:
    """Where a line runs, uint8 (h, w), 0 or 1: a smooth curve through the ink of its run, so high, which strokes leave.

    points: bool (h, w), that ink without what was linked to it: a row of strokes, linked, would weigh more than a line.
    """
    y, x = np.nonzero(points)
    step = max(1, len(x) // _POINTS)
    columns = np.arange(points.shape[1])
    path = np.stack([columns, np.rint(_curve(x[::step], y[::step], columns))], 1).astype(np.int32)
    band = np.zeros(points.shape, np.uint8)
    cv2.polylines(band, [path], False, 1, height)
    return band


def _curve(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The cubic through (x, y) by least absolute deviations, as by reweighting (Schlossmacher, 1973)."""
    middle, half = at.mean(), max(1, len(at) / 2)
    weights = np.ones(len(x))
    for _ in range(6):
        cubic = np.polyfit((x - middle) / half, y, 3, w=np.sqrt(weights))
        weights = 1 / np.maximum(1, np.abs(np.polyval(cubic, (x - middle) / half) - y))
    return np.polyval(cubic, (at - middle) / half)


def _heights(ink: np.ndarray, most: int) -> np.ndarray:
    """How many pixels of `ink`, 0 or 1, are in one run up and down with each of its pixels; most + 1 for more."""
    columns = np.zeros((ink.shape[1], ink.shape[0] + 2), np.uint8)  # framed, or a run would go on in the next column
    columns[:, 1:-1] = ink.T
    line = columns.ravel()
    ends = np.flatnonzero(line[1:] != line[:-1])
    lengths = ends[1::2] - ends[::2]
    line[line > 0] = np.repeat(np.minimum(lengths, most + 1), lengths)
    return np.ascontiguousarray(columns[:, 1:-1].T)


def _holes(patch: np.ndarray) -> list[np.ndarray]:
    """The outlines of its holes, in the patch's pixels."""
    outlines, parents = cv2.findContours(patch.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE, offset=(0, 0))
    return [outline for outline, parent in zip(outlines, parents[0], strict=True) if parent[3] >= 0]


def _has_corners(hole: np.ndarray, size: int) -> bool:
    """Whether a hole has four corners and no bays; one of a patch of so many pixels, and not a small one."""
    hull = cv2.convexHull(hole)
    _, _, wide, high = cv2.boundingRect(hull)
    if min(wide, high) < 12 or wide * high < 0.02 * size:
        return False
    corners = cv2.approxPolyDP(hull, _CORNERS * cv2.arcLength(hull, True), True)
    return len(corners) == 4 and cv2.contourArea(hull) >= 0.95 * cv2.contourArea(corners)


def _surround(holes: list[np.ndarray], patch: np.ndarray) -> bool:
    """Whether most of the patch lies around its holes; the strokes of a 4 stick out."""
    around = np.zeros(patch.shape, np.uint8)
    for hole in holes:
        cv2.fillConvexPoly(around, cv2.convexHull(hole), 1)
    reach = 2 * max(_BOLDEST, round(_BOLD * min(patch.shape))) + 1
    near = cv2.dilate(around, box(reach, reach)) > 0
    return bool(np.count_nonzero(patch & near) >= _AROUND * np.count_nonzero(patch))


def _holds(hole: np.ndarray, ink: np.ndarray) -> bool:
    """Whether something is written in a hole: a quarter of its length or more."""
    hull = cv2.convexHull(hole)
    _, _, wide, high = cv2.boundingRect(hull)
    inside = cv2.fillConvexPoly(np.zeros(ink.shape, np.uint8), hull, 1)
    inside = cv2.erode(inside, box(7, 7), borderValue=0)
    extents = [np.flatnonzero((ink & (inside > 0)).any(axis)) for axis in (0, 1)]
    return any(len(at) and at[-1] - at[0] > 0.25 * max(wide, high) for at in extents)
