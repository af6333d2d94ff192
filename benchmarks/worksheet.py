"""How many boxes of a photographed worksheet are read at their place.

    python -m benchmarks.worksheet [--strokes FILE] [--sheets 100] [--seed 0] [--json] [--record]

Strokes of a strokes file are written into the boxes of the page to print, as its PDF is rendered; the page is
photographed at up to 30 degrees, turned any way, with a shadow, a lens and noise, and read from the file. A fifth of
the boxes stay empty.

    at their place   drawings that come out under their digit and place, and look as they were written
    wrong            drawings under a digit or a place where something else was written, or nothing

--record writes the figures into the model card.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from harness.camera import Pen, fill_in, photographed, printed
from harness.data import DATA
from harness.paper import as_png
from mnist_core import prepare
from mnist_core.files.images import read_image
from mnist_core.files.strokes import read_strokes
from mnist_core.files.worksheet import PAPERS, PER_DIGIT
from mnist_core.pretrain.card import write_card
from mnist_core.recognition.filled_worksheet import UnreadableWorksheet, read_worksheet
from mnist_core.recognition.preprocessing import as_canvas

ALIKE = 0.6  # share of the ink that lies on ink, or one pixel beside it
EMPTY = 0.2


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """How much of the ink of two images, uint8 (28, 28), lies on the other's, give or take a pixel."""
    near = [cv2.dilate(image, np.ones((3, 3), np.uint8)) for image in (a, b)]
    return float(min((near[1][a > 0] > 0).mean(), (near[0][b > 0] > 0).mean()))


def as_drawn(pen: Pen) -> np.ndarray:
    """What `prepare` makes of the strokes on the sheet."""
    every = np.concatenate(pen)
    low, high = every.min(0), every.max(0)
    ink = np.zeros((280, 280), np.uint8)
    for stroke in pen:
        points = (stroke - low) * 200 / max(float((high - low).max()), 1e-6) + 40
        cv2.polylines(ink, [np.rint(points).astype(np.int32)], False, 255, 14, cv2.LINE_AA)
    return prepare(as_canvas(ink))


def measure(strokes: Path, sheets: int, seed: int) -> dict[str, Any]:
    """The counts over so many photographed sheets."""
    drawings = read_strokes(strokes)
    labels = np.array([drawing.label for drawing in drawings])
    rng = np.random.default_rng(seed)
    counts = {"boxes": 0, "at their place": 0, "wrong": 0, "missed": 0, "sheets": sheets, "sheets not read": 0}
    slowest = 0.0
    for number in range(sheets):
        paper = list(PAPERS)[number % len(PAPERS)]
        written: dict[tuple[int, int], Pen] = {}
        for digit, place in product(range(10), range(PER_DIGIT)):
            if rng.random() >= EMPTY:
                written[digit, place] = drawings[rng.choice(np.flatnonzero(labels == digit))].strokes
        page = printed(paper)
        fill_in(page, paper, written, rng)
        picture = read_image(as_png(photographed(page, rng)))
        counts["boxes"] += len(written)
        begun = time.perf_counter()
        try:
            found = {(drawing.digit, drawing.place): drawing.image for drawing in read_worksheet(picture[..., :3])}
        except UnreadableWorksheet as error:
            print(f"sheet {number}: {error}", file=sys.stderr)
            counts["sheets not read"] += 1
            found = {}
        slowest = max(slowest, time.perf_counter() - begun)
        for box, image in found.items():
            if box in written and likeness(image, as_drawn(written[box])) >= ALIKE:
                counts["at their place"] += 1
            else:
                counts["wrong"] += 1
        counts["missed"] += len(written.keys() - found.keys())
    return counts | {"slowest_s": round(slowest, 3)}


def record(folder: Path, counts: dict[str, Any]) -> None:
    """Keep the counts in the model's metadata, and write its card again."""
    file = folder / "metadata.json"
    metadata = json.loads(file.read_text(encoding="utf-8"))
    metadata["worksheet"] = {name: count for name, count in counts.items() if name != "slowest_s"}
    file.write_text(json.dumps(metadata, indent=1) + "\n", encoding="utf-8")
    write_card(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=Path, default=DATA / "unipen_dev.npz")
    parser.add_argument("--sheets", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", type=Path, default=Path("models"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--record", action="store_true", help="write the figures into the model card")
    options = parser.parse_args()
    counts = measure(options.strokes, options.sheets, options.seed)
    if options.record:
        record(options.model, counts)
    if options.json:
        print(json.dumps(counts))
        return
    share = counts["at their place"] / counts["boxes"]
    print(f"{counts['sheets']} sheets, {counts['boxes']} boxes: {share:.2%} at their place, {counts['wrong']} wrong,")
    print(f"{counts['missed']} missed; {counts['sheets not read']} sheets not read; slowest {counts['slowest_s']} s")


if __name__ == "__main__":
    main()
