"""A number drawn on a wide canvas -> its digits, left to right.

Every run of neighbouring segments (see `segments`) is read by the classifier in one batch, and the reading of the whole
line that explains it best is found by dynamic programming: over-segmentation with recognition feedback, as for
handwritten postcodes and cheques (Fujisawa et al., 1992; Matan et al., 1991).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from mnist_core.recognition.boxes import Box
from mnist_core.recognition.preprocessing import prepare, written_ink
from mnist_core.recognition.rows import split_lines
from mnist_core.recognition.segments import Segments, find_segments, line_height
from mnist_core.recognition.small_zeros import HIGH
from mnist_core.recognition.taught_model import Prediction, TaughtModel

LONGEST = 6  # segments in one digit
WIDEST = 1.7  # a digit's width over its height, or over the height of the line where that is more
_BESIDE = 0.5  # of the lower one's height that two segments share, when they stand beside each other
WORD = 0.8  # a gap between groups over the height of a digit


class Digit(NamedTuple):
    """One digit of a number: where it is on the canvas, what the classifier saw, and what it made of it."""

    box: Box
    image: np.ndarray  # uint8 (28, 28) of 0 and 255
    prediction: Prediction
    canvas: np.ndarray  # uint8 (h, w, 4) RGBA: the ink of this digit alone, as `prepare` took it


@dataclass(frozen=True)
class Weights:
    """What counts how much in the reading of a line, in the manner of log-probabilities.

    Found by random search on 600 numbers made up of `penmanship`'s digits, then rounded; no stroke file was used.
    """

    score: float = 1.0  # of the log of the digit's score
    likeness: float = 0.5  # of the log of its digit-likeness
    digit: float = 0.5  # for each digit
    small: float = -8.0  # for each e-fold that what is no small 0 is lower than 0.6 of the line
    wide: float = -3.0  # for each height that a digit is wider than high
    cut: float = -1.5  # for each pen width of ink cut between two digits
    overlap: float = -1.3  # for the share of the narrower that lies above or below its neighbour, when they are parted
    gap: float = -4.0  # for each height of a gap inside a digit


def read_lines(clf: TaughtModel, picture: np.ndarray, weights: Weights = Weights()) -> list[list[Digit]]:
    """Read all digits in a picture, uint8 (H, W, 4) as `prepare` takes it: lines from top to bottom.

    Each line is its digits from left to right, at least one. Raises EmptyDrawing when there is no ink, ValueError
    when `picture` is anything else.
    """
    ink = written_ink(picture)
    across, down = picture.shape[1] / ink.shape[1], picture.shape[0] / ink.shape[0]
    lines = [_read_line(clf, line, weights) for line in split_lines(ink)]
    if (across, down) == (1, 1):
        return lines
    return [[d._replace(box=_scaled(d.box, across, down)) for d in line] for line in lines]


def read_number(clf: TaughtModel, canvas: np.ndarray, weights: Weights = Weights()) -> list[Digit]:
    """Read the digits of all lines as one list; same arguments and errors as `read_lines`."""
    return [digit for line in read_lines(clf, canvas, weights) for digit in line]


def split_at_gaps(line: Sequence[Digit]) -> list[list[Digit]]:
    """The digits of a line, split where a gap is as wide as a digit is high and twice as wide as usual."""
    height = float(np.median([digit.box.bottom - digit.box.top for digit in line]))
    gaps = [b.box.left - a.box.right for a, b in pairwise(line)]
    wide = max(WORD * height, 2 * float(np.percentile(gaps, 40, method="lower"))) if gaps else 0
    parts = [[line[0]]]
    for digit, gap in zip(line[1:], gaps, strict=True):
        if gap >= wide:
            parts.append([])
        parts[-1].append(digit)
    return parts


def _read_line(clf: TaughtModel, ink: np.ndarray, weights: Weights) -> list[Digit]:
    segments = find_segments(ink)
    runs = possible_runs(segments)
    canvases = [segments.image(*run) for run in runs]
    images = np.stack([prepare(canvas) for canvas in canvases])
    predictions = clf.predict_many(images)
    best = best_reading(len(segments.boxes), runs, evidence(segments, runs, predictions) @ np.array(astuple(weights)))
    return [Digit(segments.on_canvas(segments.around(*runs[k])), images[k], predictions[k], canvases[k]) for k in best]


def _scaled(box: Box, across: float, down: float) -> Box:
    left, top, right, bottom = box
    return Box(int(left * across), int(top * down), round(right * across), round(bottom * down))


def possible_runs(segments: Segments) -> list[tuple[int, int]]:
    """(first, last + 1) of the neighbouring segments that could be one digit; every segment alone is among them."""
    count = len(segments.boxes)
    line = line_height(segments.boxes)

    def may_be_one(first: int, last: int) -> bool:
        box = segments.around(first, last)
        return last - first == 1 or box.right - box.left <= WIDEST * max(line, box.bottom - box.top)

    runs = [(first, last) for first in range(count) for last in range(first + 1, min(first + LONGEST, count) + 1)]
    return [run for run in runs if may_be_one(*run)]


def evidence(segments: Segments, runs: list[tuple[int, int]], predictions: list[Prediction]) -> np.ndarray:
    """What speaks for and against each run being one digit, float (n, 8): a column for each of `Weights`.

    A boundary between two digits is charged to the digit on its right.
    """
    line = line_height(segments.boxes)
    rows = []
    for (first, last), prediction in zip(runs, predictions, strict=True):
        box = segments.around(first, last)
        width, height = box.right - box.left, box.bottom - box.top
        inside = segments.boxes[first:last]
        gaps = [max(0, b.left - a.right) for a, b in pairwise(inside)]
        cut = overlap = 0.0
        if first > 0:
            before = segments.boxes[first - 1]
            cut = float(segments.cut[first - 1])
            narrower = min(before.right - before.left, inside[0].right - inside[0].left)
            if not cut and not _reaches_over(segments, first):
                overlap = max(0.0, min(1.0, (before.right - inside[0].left) / narrower))
        too_small = height < 0.6 * line and not _may_be_small_zero(segments, first, last, prediction)
        rows.append(
            (
                np.log(max(float(prediction.scores.max()), 1e-6)),
                np.log(max(prediction.digit_likeness, 1e-6)),
                1.0,
                np.log(0.6 * line / height) if too_small else 0.0,
                max(0.0, width / height - 1.0) if height > 0.6 * line and not _has_loop(segments, first, last) else 0.0,
                cut,
                overlap,
                sum(gaps) / line,
            )
        )
    return np.array(rows)


def _reaches_over(segments: Segments, place: int) -> bool:
    """Whether a segment or the one before is a ring beside which the other stands, as a tall 7 over a small 0.

    Rings of which one is above the other are those of an 8.
    """
    before, after = segments.boxes[place - 1 : place + 1]
    common = min(before.bottom, after.bottom) - max(before.top, after.top)
    if common < _BESIDE * min(before.bottom - before.top, after.bottom - after.top):
        return False
    return segments.is_ring(place - 1, place) or segments.is_ring(place, place + 1)


def _has_loop(segments: Segments, first: int, last: int) -> bool:
    """Whether it is a digit and a small ring that was cut out of it: its own loop, as that of a 2, may make it wide."""
    if last - first != 2 or not segments.cut[first]:
        return False
    heights = [box.bottom - box.top for box in segments.boxes[first:last]]
    small = first + int(np.argmin(heights))
    return min(heights) <= HIGH * max(heights) and segments.is_ring(small, small + 1)


def _may_be_small_zero(segments: Segments, first: int, last: int, prediction: Prediction) -> bool:
    """Whether it goes round, or is read as a 0 though it is open, uncut, and on a level with its neighbours."""
    if segments.is_ring(first, last):
        return True
    if prediction.digit or segments.cut[max(first - 1, 0) : first].any() or segments.cut[last - 1 : last].any():
        return False
    box = segments.around(first, last)
    beside = segments.boxes[max(first - 1, 0) : first] + segments.boxes[last : last + 1]
    least = (box.bottom - box.top) / 2
    return all(min(box.bottom, other.bottom) - max(box.top, other.top) >= least for other in beside)


def best_reading(count: int, runs: list[tuple[int, int]], values: np.ndarray) -> list[int]:
    """Which runs, by index, cover segments 0..count-1 once each with the greatest sum of values."""
    best: list[tuple[float, list[int]]] = [(-np.inf, [])] * (count + 1)
    best[0] = (0.0, [])
    for k in sorted(range(len(runs)), key=lambda k: runs[k]):
        first, last = runs[k]
        value = best[first][0] + float(values[k])
        if value > best[last][0]:
            best[last] = (value, [*best[first][1], k])
    return best[count][1]
