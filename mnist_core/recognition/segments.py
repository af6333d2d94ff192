"""The ink of a line of digits -> segments, each at most one digit: what hangs together, cut where two digits may touch.

Cutting too often is meant (over-segmentation, as in Fujisawa et al., 1992): `lines` puts segments together again. Small
zeros are not cut but cut out, so that a taller digit may reach over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy
from PIL import Image

from mnist_core.recognition.boxes import Box
from mnist_core.recognition.outline import encloses, pen_width, tall
from mnist_core.recognition.preprocessing import EmptyDrawing
from mnist_core.recognition.small_zeros import LOW, find_small_zeros

HEIGHT = 64  # pixels of the tallest thing drawn while it is being cut; a whole line may be a little taller
SOLID = 96  # grey from which a pixel counts as ink when asking what hangs together
MOST = 40  # components looked at, the largest first
LEAN = 0.2  # a cut stays within this share of the height on either side of where it was looked for
DEAREST = 2.6  # a cut through more ink than this, in pen widths, is not tried
LEAST = 0.35  # what a cut parts is at least this share of the height on both sides, all further cuts apart
_ROUND = 0.5  # ink cut around a small 0 weighs this much of what is cut through, and
_DEAREST_ROUND = 0.48  # pen widths at most: its hole says that it is one
_TOWERS = 1.3  # a segment is no measure of its line when it is this many times as tall as most
APART = 0.1  # cuts are at least this share of the height apart


@dataclass(frozen=True)
class Segments:
    """Segments 1 to n from left to right, at a scale at which the tallest is about HEIGHT pixels."""

    ink: np.ndarray  # uint8 (h, w), 0-255
    labels: np.ndarray  # int (h, w), the segment that each pixel with ink belongs to, 0 for none
    boxes: list[Box]
    cut: np.ndarray  # float (n - 1,), ink cut between a segment and the next, in pen widths; 0 where nothing was cut
    scale: tuple[float, float]  # canvas pixels a pixel, across and down
    corner: tuple[float, float]  # left and top of `ink` on the canvas

    def image(self, first: int, last: int) -> np.ndarray:
        """Segments first..last-1, counted from 0, as an RGBA canvas, uint8 (h, w, 4), of 28 pixels a side or more."""
        box = self.around(first, last)
        part = (slice(box.top, box.bottom), slice(box.left, box.right))
        inside = (self.labels[part] > first) & (self.labels[part] <= last)
        height, width = inside.shape
        canvas = np.zeros((max(height + 2, 28), max(width + 2, 28), 4), np.uint8)
        canvas[1 : height + 1, 1 : width + 1, 3] = self.ink[part] * inside
        return canvas

    def around(self, first: int, last: int) -> Box:
        """The box around segments first..last-1."""
        lefts, tops, rights, bottoms = zip(*self.boxes[first:last], strict=True)
        return Box(min(lefts), min(tops), max(rights), max(bottoms))

    def is_ring(self, first: int, last: int) -> bool:
        """Whether segments first..last-1 enclose paper, as a 0 does, however small, and a crumb does not."""
        box = self.around(first, last)
        here = (slice(box.top, box.bottom), slice(box.left, box.right))
        ink = (self.labels[here] > first) & (self.labels[here] <= last) & (self.ink[here] >= SOLID)
        return encloses(ink)

    def on_canvas(self, box: Box) -> Box:
        """A box of this scale in the pixels of the canvas."""
        left, top = (round(c + n * s) for c, n, s in zip(self.corner, box[:2], self.scale, strict=True))
        right, bottom = (round(c + n * s) for c, n, s in zip(self.corner, box[2:], self.scale, strict=True))
        return Box(left, top, right, bottom)


def line_height(boxes: Sequence[Box]) -> float:
    """How tall the digits in these boxes are: the tallest, unless it towers over most of what stands in the line.

    Half of all height is in boxes that are as tall as most, or taller. Measured by a long 7, small zeros would be
    crumbs.
    """
    heights = np.sort([box.bottom - box.top for box in boxes])[::-1]
    most = heights[np.searchsorted(np.cumsum(heights), heights.sum() / 2)]
    return float(min(heights[0], _TOWERS * most))


def find_segments(ink: np.ndarray) -> Segments:
    """Cut up the ink of a canvas, uint8 (H, W). Raises EmptyDrawing."""
    if not ink.any():
        raise EmptyDrawing("There is no ink in this drawing.")
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    corner = (float(columns[0]), float(rows[0]))
    ink = _dark(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    components, _ = scipy.ndimage.label(ink >= SOLID, np.ones((3, 3)))
    scale = max(line_height(list(_boxes(components).values())) / HEIGHT, 1.0)
    height, width = (max(1, round(n / scale)) for n in ink.shape)
    exactly = (ink.shape[1] / width, ink.shape[0] / height)  # or a box could end outside the canvas
    ink = _dark(np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.BOX)))
    solid = ink >= SOLID
    labels, wholes, cuts = _cut_all(solid, max(2.0, pen_width(solid)))
    edges = scipy.ndimage.maximum_filter(labels, 3)
    labels = np.where(labels, labels, edges) * (ink > 0)  # each segment gets its soft edge
    return _in_order(ink, labels, wholes, cuts, exactly, corner)


def _boxes(labels: np.ndarray) -> dict[int, Box]:
    """The box around each label."""
    parts = enumerate(scipy.ndimage.find_objects(labels), start=1)
    return {k: Box(part[1].start, part[0].start, part[1].stop, part[0].stop) for k, part in parts if part is not None}


def _dark(ink: np.ndarray) -> np.ndarray:
    """Make faint ink, and a thin pen that got faint by being scaled down, as dark as it was meant."""
    usual = max(1.0, float(np.percentile(ink[ink > 0], 75)))
    return np.minimum(ink * (255 / usual), 255).astype(np.uint8)


def _cut_all(solid: np.ndarray, pen: float) -> tuple[np.ndarray, np.ndarray, dict[tuple[int, int], float]]:
    """The segments, what they were cut from, and the ink between them.

    Labels of segments, int (h, w); labels, int (h, w), of what hangs together without small zeros, which are 0 there;
    what was cut, in pen widths, between two segments.
    """
    components = _components(solid, pen)
    zeros = find_small_zeros(components, pen)
    height = line_height(list(_boxes(components).values()))
    wholes, _ = scipy.ndimage.label((components > 0) & (zeros == 0), np.ones((3, 3)))
    labels, used = zeros.copy(), int(zeros.max())
    cuts: dict[tuple[int, int], float] = {}
    for whole, part in enumerate(scipy.ndimage.find_objects(wholes), start=1):
        mask = wholes[part] == whole
        seams, costs = _seams(mask, pen, max(height, tall(mask)))
        which = 1 + (np.arange(mask.shape[1]) >= seams[:, :, None]).sum(0) if len(seams) else 1
        labels[part][mask] = (used + which * mask)[mask]
        cuts.update({(used + k, used + k + 1): cost / pen for k, cost in enumerate(costs, start=1)})
        used += len(seams) + 1
    component_of = scipy.ndimage.maximum(components, labels, range(used + 1))
    for zero in range(1, int(zeros.max()) + 1):
        edge = scipy.ndimage.binary_dilation(labels == zero, np.ones((3, 3))) & (labels != zero) & (labels > 0)
        cost = min(_ROUND * np.count_nonzero(edge) / pen, _DEAREST_ROUND)
        for other in range(1, used + 1):
            if component_of[other] == component_of[zero]:
                cuts[other, zero] = cuts[zero, other] = cost
    return labels, wholes, cuts


def _components(solid: np.ndarray, pen: float) -> np.ndarray:
    """What hangs together, numbered from 1, without specks: int (h, w)."""
    components, count = scipy.ndimage.label(solid, np.ones((3, 3)))
    sizes = np.bincount(components.ravel(), minlength=count + 1)[1:]
    kept = [c for c in np.argsort(-sizes)[:MOST] if sizes[c] >= min(pen * pen / 2, sizes.max() / 2)]
    number = np.zeros(count + 1, int)
    number[1 + np.array(kept, int)] = np.arange(1, len(kept) + 1)
    return number[components]


def _seams(mask: np.ndarray, pen: float, height: float) -> tuple[np.ndarray, list[float]]:
    """Where a component may be cut from top to bottom: int (k, h), the first column right of each cut, and its ink.

    Each is the path through the least ink near its place, by dynamic programming (a seam; Avidan and Shamir, 2007).
    """
    reach = max(2, round(LEAN * height))
    window = 2 * reach + 1
    ink = np.pad(mask, ((0, 0), (reach, reach))).astype(np.float32)
    views = np.lib.stride_tricks.sliding_window_view(ink, window, axis=1).swapaxes(0, 1)  # (w, h, window)
    total = np.zeros((len(views), window), np.float32)
    came = np.zeros((mask.shape[0], len(views), window), np.int8)
    sideways = np.array([0.2, 0, 0.2], np.float32)[:, None, None]
    for row in range(mask.shape[0]):
        padded = np.pad(total, ((0, 0), (1, 1)), constant_values=np.inf)
        steps = np.stack([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]]) + sideways
        came[row] = steps.argmin(0) - 1
        total = steps.min(0) + views[:, row]
    place = np.arange(len(views))
    at = total.argmin(1)
    paths = np.empty((len(views), mask.shape[0]), int)
    for row in range(mask.shape[0] - 1, -1, -1):
        paths[:, row] = place + at - reach
        at = at + came[row, place, at]
    crossed = np.take_along_axis(np.pad(mask, ((0, 0), (reach, reach))), paths.T + reach, 1).sum(0)
    return _best(mask, paths, crossed, pen, height)


def _best(
    mask: np.ndarray, paths: np.ndarray, crossed: np.ndarray, pen: float, height: float
) -> tuple[np.ndarray, list[float]]:
    """The cheapest paths that are apart and leave something on both sides, left to right."""
    columns = np.arange(mask.shape[1])
    chosen: list[int] = []
    for k in np.argsort(crossed, kind="stable"):
        if crossed[k] > DEAREST * pen:
            break
        if any(np.abs(paths[k] - paths[c]).mean() < APART * height for c in chosen):
            continue
        left = mask & (columns < paths[k][:, None])
        if all(_stands(side, height) for side in (left, mask & ~left)):
            chosen.append(int(k))
    chosen.sort(key=lambda k: paths[k].mean())
    return np.maximum.accumulate(paths[chosen], 0), [float(crossed[k]) for k in chosen]


def _stands(side: np.ndarray, height: float) -> bool:
    """Whether what a cut parts may be a digit: tall enough, or a small ring."""
    rows = tall(side)
    return rows >= LEAST * height or (rows >= LOW * height and encloses(side))


def _in_order(
    ink: np.ndarray,
    labels: np.ndarray,
    wholes: np.ndarray,
    cuts: dict[tuple[int, int], float],
    scale: tuple[float, float],
    corner: tuple[float, float],
) -> Segments:
    """Segments by their middles; small zeros, which a taller digit may reach over, by that digit's."""
    boxes, around = _boxes(labels), _boxes(wholes)
    whole_of = dict(zip(boxes, scipy.ndimage.maximum(wholes, labels, list(boxes)), strict=True))
    order = sorted((k for k in boxes if whole_of[k]), key=lambda k: _middle(boxes[k]))
    for zero in sorted((k for k in boxes if not whole_of[k]), key=lambda k: _middle(boxes[k])):
        wider = [around[whole_of[k]] if whole_of[k] else boxes[k] for k in order]
        right = (n for n, k in enumerate(order) if _precedes(boxes[zero], boxes[k], wider[n]))
        order.insert(next(right, len(order)), zero)
    renumber = np.zeros(labels.max() + 1, int)
    renumber[order] = np.arange(1, len(order) + 1)
    between = [cuts.get((a, b), 0.0) for a, b in pairwise(order)]
    return Segments(ink, renumber[labels], [boxes[k] for k in order], np.array(between), scale, corner)


def _precedes(zero: Box, segment: Box, whole: Box) -> bool:
    """Whether a small 0 stands left of a segment: of all of a whole where it stands at that whole's left end."""
    end = min(whole.right - whole.left, whole.bottom - whole.top)
    if _middle(zero) <= 2 * whole.left + end:
        return True
    return _middle(zero) < min(_middle(segment), 2 * whole.right - end)


def _middle(box: Box) -> int:
    """Twice the middle column."""
    return box.left + box.right
