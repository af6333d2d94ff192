"""Share of whole handwritten numbers that are read right, by their length.

    python -m benchmarks.whole_numbers [--strokes FILE] [--count 100] [--model models]

Numbers of two to six digits are put together from isolated drawings, where possible by one writer, with one pen: each
drawing is scaled to about the same height and set beside the one before it. In half of the numbers all digits are
apart, as close as a third of a pen; in the other half some touch or overlap slightly. Beside our reading stand plain
connected components (each component taken for a digit), and what the model reads when it is given each drawing alone,
about the best that any segmentation can come to.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from harness.data import DATA
from mnist_core import Classifier, ModelUnavailable, prepare
from mnist_core.files.strokes import PEN, SIZE, StrokeDrawing, read_strokes, render
from mnist_core.recognition.lines import read_number

LENGTHS = (2, 3, 4, 5, 6)


class Number(NamedTuple):
    """A number on a wide canvas, RGBA uint8 (280, W, 4), and each of its digits on a canvas of its own."""

    canvas: np.ndarray
    alone: list[np.ndarray]
    digits: list[int]


def make_number(drawings: Sequence[StrokeDrawing], length: int, touching: bool, rng: np.random.Generator) -> Number:
    """Write a number with drawings of one writer, or of one source when the writer left too few."""
    first = drawings[int(rng.integers(len(drawings)))]
    mates = [d for d in drawings if d.writer == first.writer]
    if len(mates) < length:
        mates = [d for d in drawings if d.source == first.source]
    chosen = [mates[k] for k in rng.choice(len(mates), length, replace=len(mates) < length)]
    height = rng.uniform(110, 190)
    alone = [_drawn(d, height * rng.uniform(0.85, 1.1)) for d in chosen]
    contacts = rng.random(length) < 0.5
    contacts[rng.integers(1, length)] = True  # at least one of the joints that there are, 1..length-1
    line = _trim(alone[0])
    for drawing, contact in zip(alone[1:], contacts[1:], strict=True):
        gap = -rng.uniform(0, 0.35) * PEN if touching and contact else rng.uniform(0.3 * PEN, 0.35 * height)
        line = _beside(line, _trim(drawing), round(gap), round(rng.normal(0, 0.04) * height))
    margin = int(rng.integers(10, 40))
    room = np.zeros((max(SIZE, line.shape[0]), max(2 * SIZE, line.shape[1] + 2 * margin), 4), np.uint8)
    top, left = (len(room) - line.shape[0]) // 2, (room.shape[1] - line.shape[1]) // 2
    room[top : top + line.shape[0], left : left + line.shape[1], 3] = line
    return Number(room, alone, [d.label for d in chosen])


def _drawn(drawing: StrokeDrawing, height: float) -> np.ndarray:
    every = np.concatenate(drawing.strokes)
    wide, high = np.ptp(every, axis=0)
    # a flat drawing keeps a sane width
    long = min(height * max(float(wide), float(high)) / max(float(high), 1e-6), 1.3 * height)
    return render(drawing.strokes, extent=long / SIZE, width=PEN)


def _trim(canvas: np.ndarray) -> np.ndarray:
    ink = canvas[..., 3]
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _beside(line: np.ndarray, digit: np.ndarray, gap: int, shift: int) -> np.ndarray:
    """Set `digit` right of `line`, so that their ink is `gap` pixels apart where it is nearest (less: overlap)."""
    top = (line.shape[0] - digit.shape[0]) // 2 + shift
    above, below = max(0, -top), max(0, top + digit.shape[0] - line.shape[0])
    line = np.pad(line, ((above, below), (0, 0)))
    digit = np.pad(digit, ((top + above, line.shape[0] - digit.shape[0] - top - above), (0, 0)))
    room = digit.shape[1] + max(gap, 0) + 1
    distance = ndimage.distance_transform_edt(np.pad(line, ((0, 0), (0, room))) < 128)
    rows, columns = np.nonzero(digit >= 128)
    left = line.shape[1] + max(gap, 0)
    nearest = max(line.shape[1] - digit.shape[1] * 2 // 5, 0)  # it may reach under its neighbour, not beyond
    while left > nearest and distance[rows, columns + left - 1].min() > max(gap, 0):
        left -= 1
    left = max(left + min(gap, 0), nearest)
    merged = np.zeros((line.shape[0], max(line.shape[1], left + digit.shape[1])), np.uint8)
    merged[:, : line.shape[1]] = line
    merged[:, left : left + digit.shape[1]] = np.maximum(merged[:, left : left + digit.shape[1]], digit)
    return merged


def by_components(clf: Classifier, canvas: np.ndarray) -> list[int]:
    """The baseline: each connected component is a digit."""
    components, _ = ndimage.label(canvas[..., 3] >= 128, np.ones((3, 3)))
    images = []
    for part, n in sorted(
        ((part, n) for n, part in enumerate(ndimage.find_objects(components), start=1)), key=lambda f: f[0][1].start
    ):
        one = np.zeros_like(canvas)
        one[part][..., 3] = np.where(components[part] == n, canvas[part][..., 3], 0)
        images.append(prepare(one))
    return [p.digit for p in clf.predict_many(np.stack(images))]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", default=DATA / "unipen_dev.npz", help="a strokes file of digits")
    parser.add_argument("--count", type=int, default=100, help="numbers of each length and kind")
    parser.add_argument("--model", default="models")
    options = parser.parse_args(arguments)
    try:
        drawings, clf = read_strokes(options.strokes), Classifier.load(options.model)
    except (ValueError, ModelUnavailable) as error:
        parser.exit(1, f"whole_numbers: {error}\n")
    print(f"{options.strokes}, {options.count} numbers a row and kind; share read right as a whole")
    print("             --------- apart ---------   -------- touching -------")
    print("   length    ours  components   alone     ours  components   alone   ms a number")
    totals = np.zeros((2, 3))
    for length in LENGTHS:
        right, seconds = np.zeros((2, 3)), 0.0
        for touching in (False, True):
            for n in range(options.count):
                number = make_number(drawings, length, touching, np.random.default_rng([length, touching, n]))
                start = time.perf_counter()
                ours = [digit.prediction.digit for digit in read_number(clf, number.canvas)]
                seconds += time.perf_counter() - start
                alone = [p.digit for p in clf.predict_many(np.stack([prepare(c) for c in number.alone]))]
                readings = (ours, by_components(clf, number.canvas), alone)
                right[int(touching)] += [reading == number.digits for reading in readings]
        totals += right
        print(_row(f"{length}", right / options.count) + f"{seconds / options.count / 2 * 1000:12.0f}")
    print(_row("all", totals / options.count / len(LENGTHS)))


def _row(name: str, shares: np.ndarray) -> str:
    apart, touching = ("".join(f"{share:9.1%}" for share in kind) for kind in shares)
    return f"   {name:6}{apart}  {touching}"


if __name__ == "__main__":
    main()
