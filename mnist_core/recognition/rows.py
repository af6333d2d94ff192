"""The ink of several lines of digits -> which patch of it is in which line, top to bottom.

Neighbours that stand at the same height are linked, so that a line may climb or bend; what is small joins the line of
what it is nearest to. A full stop is in no line.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy

from mnist_core.recognition.boxes import Box
from mnist_core.recognition.segments import SOLID, line_height

_MOST = 120  # patches looked at, the largest first
_SMALL = 0.5  # of a line's height: less does not make a line of its own
_LEVEL = 0.4  # neighbours in a line share at least this much of the lower one's height
_FAR = 8.0  # line heights between neighbours at most
_STRAIGHT = 0.5  # line heights by which a line may miss its own continuation after a wide gap
_STOP = 0.3  # of a line's height: a full stop is no longer


def split_lines(ink: np.ndarray) -> list[np.ndarray]:
    """Return the ink of each line, uint8 (H, W) as `ink` is; `ink` itself where there is one line only."""
    patches, count = scipy.ndimage.label(ink >= min(SOLID, int(ink.max())), np.ones((3, 3)))
    slices = scipy.ndimage.find_objects(patches)
    boxes = [Box(x.start, y.start, x.stop, y.stop) for y, x in slices]
    order = sorted(range(count), key=lambda k: -_extent(boxes[k]))[:_MOST]
    sizes = np.bincount(patches.ravel(), minlength=count + 1)[1:]
    height = line_height([boxes[k] for k in order])
    stops = [k for k in order if _is_stop(boxes[k], int(sizes[k]), [boxes[o] for o in order if o != k], height)]
    kept = [k for k in order if k not in set(stops)] or order
    rows = _rows([boxes[k] for k in kept], height)
    if len(rows) == 1 and not stops:
        return [ink]
    line_of = np.zeros(count + 1, np.int32)
    for number, row in enumerate(rows, start=1):
        line_of[[kept[k] + 1 for k in row]] = number
    lines = line_of[patches]
    edges = scipy.ndimage.maximum_filter(lines, 5)
    lines = np.where(patches > 0, lines, edges)  # each patch keeps its soft edge
    return [np.where(lines == number, ink, 0).astype(np.uint8) for number in range(1, len(rows) + 1)]


def _rows(boxes: Sequence[Box], height: float) -> list[list[int]]:
    """The numbers of the boxes of each line, top to bottom."""
    large = [k for k, box in enumerate(boxes) if box.bottom - box.top >= _SMALL * height]
    row_of = {k: k for k in large}

    def join(a: int, b: int) -> None:
        old, new = row_of[a], row_of[b]
        row_of.update({k: new for k, row in row_of.items() if row == old})

    for k in large:
        right = [o for o in large if _middle(boxes[o]) > _middle(boxes[k]) and _level(boxes[k], boxes[o])]
        near = min(right, key=lambda o: boxes[o].left, default=None)
        if near is not None and boxes[near].left - boxes[k].right <= _FAR * height:
            join(k, near)
    rows = [[k for k in large if row_of[k] == row] for row in dict.fromkeys(row_of.values())]
    rows = _continued(rows, boxes, height)
    for k in range(len(boxes)):
        if k not in row_of:
            nearest = min(large, key=lambda o: _distance(boxes[k], boxes[o]))
            next(row for row in rows if nearest in row).append(k)
    return sorted(rows, key=lambda row: np.mean([boxes[k].top + boxes[k].bottom for k in row]))


def _continued(rows: list[list[int]], boxes: Sequence[Box], height: float) -> list[list[int]]:
    """Put together what is one line with a wide gap in it, or one digit whose strokes are far apart."""
    rows = sorted(rows, key=lambda row: min(boxes[k].left for k in row))
    done: list[list[int]] = []
    for row in rows:
        for other in done:
            if _continues(other, row, boxes, height):
                other += row
                break
        else:
            done.append(row)
    return done


def _continues(left: list[int], right: list[int], boxes: Sequence[Box], height: float) -> bool:
    if min(boxes[k].left for k in right) < max(boxes[k].right for k in left) - 0.25 * height:
        return False
    longer = max((left, right), key=len)
    x = np.array([_middle(boxes[k]) / 2 for k in longer])
    y = np.array([(boxes[k].top + boxes[k].bottom) / 2 for k in longer])
    slope = float(np.polyfit(x, y, 1)[0]) if len(longer) > 2 else 0.0
    ends = [
        np.mean([((boxes[k].top + boxes[k].bottom) / 2 - slope * _middle(boxes[k]) / 2) for k in row])
        for row in (left, right)
    ]
    return bool(abs(ends[0] - ends[1]) < _STRAIGHT * height)


def _is_stop(box: Box, area: int, others: Sequence[Box], height: float) -> bool:
    """Whether a patch is a full stop: a solid dot with nothing above or below it."""
    wide, high = box.right - box.left, box.bottom - box.top
    if max(wide, high) > _STOP * height or max(wide, high) > 2 * min(wide, high) or area < 0.5 * wide * high:
        return False
    return not any(o.left < box.right and o.right > box.left and _extent(o) > _extent(box) for o in others)


def _level(a: Box, b: Box) -> bool:
    common = min(a.bottom, b.bottom) - max(a.top, b.top)
    return common >= _LEVEL * min(a.bottom - a.top, b.bottom - b.top)


def _distance(a: Box, b: Box) -> float:
    across = max(a.left - b.right, b.left - a.right, 0)
    down = max(a.top - b.bottom, b.top - a.bottom, 0)
    return float(np.hypot(across, down))


def _middle(box: Box) -> int:
    """Twice the middle column."""
    return box.left + box.right


def _extent(box: Box) -> int:
    return max(box.right - box.left, box.bottom - box.top)
