"""How much of what is read on the sheet is still read from paper.

    python -m benchmarks.paper [--tools FOLDER] [--strokes FILE] [--photos FOLDER] [--seeds 0 1 2] [--each 40]
                               [--times] [--json] [--record]

Two kinds of pictures are read:

    made   strokes of a strokes file as a camera would see them on paper: light, shadow, pencil, rules, boxes, lines of
           numbers. The folder of tools holds `paper.py`, which makes them (`photos`, `pages`). Only drawings count that
           the model reads right on the sheet, so that a figure is about the paper and not about the hand. One digit:
           the share read right. Numbers: the share of lines read right; where the number of lines is wrong, of those
           that are among them. `doubted`: of the wrong answers to one digit, those that the page doubts (a
           digit-likeness under 0.5) or calls empty.
    real   photographs in a folder with `truth.csv`: file, truth ("/" between lines, a blank between groups), mode
           ("one" or "several"); the number read right, and each one that is not.

Then the processor time, all threads together, from a picture of 12 megapixels to its answer: of its pixels, and of its
JPEG file, as a visitor gives it. --times measures that alone. --record writes the figures into the model card. Absent
folders and files are skipped. The figures are those of the tool `read_paper.py` that came with the pictures.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import io
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from harness.data import DATA
from mnist_core import Classifier, EmptyDrawing, ModelUnavailable, prepare, read_lines
from mnist_core.files.images import read_image
from mnist_core.files.strokes import canvases, read_strokes
from mnist_core.pretrain.card import write_card

DOUBTED = 0.5  # digit-likeness under which the page says that it may be no digit
TIMED = ("plain", "ruled", "grid", "shadow")
REPEATS = 9
SUMMARY = ("singles", "pages", "doubted_of_wrong")
DRAWN = 7  # the seed by which the drawings are put on the sheet


def read_one(clf: Classifier, picture: np.ndarray) -> tuple[int | None, bool]:
    """The digit that a picture is read as, None for an empty one, and whether the page doubts it."""
    try:
        answer = clf.predict(prepare(picture))
    except EmptyDrawing:
        return None, True
    return answer.digit, answer.digit_likeness < DOUBTED


def read_several(clf: Classifier, picture: np.ndarray) -> list[str]:
    """The lines that a picture is read as."""
    try:
        return ["".join(str(digit.prediction.digit) for digit in line) for line in read_lines(clf, picture)]
    except EmptyDrawing:
        return []


def lines_right(read: list[str], truth: list[str]) -> int:
    """How many lines of the truth were read."""
    if len(read) == len(truth):
        return sum(a == b for a, b in zip(read, truth, strict=True))
    return len(set(read) & set(truth))


def measure_made(clf: Classifier, tools: Path, strokes: Path, seed: int, each: int) -> dict[str, Any]:
    """The scores of the made pictures of one seed, as shares; "conditions" has each of them."""
    paper = _maker(tools)
    drawings = read_strokes(strokes)
    images = np.stack([prepare(canvas) for canvas in canvases(drawings, seed=DRAWN)])
    known = clf.scores(images).argmax(1) == np.array([drawing.label for drawing in drawings])
    seen, right = Counter[str](), Counter[str]()
    wrong = doubted = 0
    for rgb, digit, condition, number in paper.photos(strokes, each=each, seed=seed):
        if not known[number]:
            continue
        answer, doubt = read_one(clf, read_image(_as_file(rgb)))
        seen[condition] += 1
        right[condition] += answer == digit
        wrong += answer != digit
        doubted += answer != digit and doubt
    count = max(4, each * 3 // 10)
    for rgb, lines, condition in paper.pages(strokes, each=count, seed=seed, readable=lambda n: bool(known[n])):
        seen[f"page: {condition}"] += len(lines)
        right[f"page: {condition}"] += lines_right(read_several(clf, read_image(_as_file(rgb))), lines)
    shares = {name: right[name] / seen[name] for name in seen}
    ones = [share for name, share in shares.items() if not name.startswith("page: ")]
    pages = [share for name, share in shares.items() if name.startswith("page: ")]
    return {
        "singles": float(np.mean(ones)),
        "worst_single": min(ones),
        "pages": float(np.mean(pages)),
        "worst_page": min(pages),
        "doubted_of_wrong": doubted / wrong if wrong else 1.0,
        "wrong": wrong,
        "conditions": shares,
    }


def measure_real(clf: Classifier, folder: Path) -> dict[str, dict[str, Any]]:
    """For either mode, how many photographs there are, how many were read right, and what became of the others."""
    table: dict[str, dict[str, Any]] = {}
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            scores = table.setdefault(row["mode"], {"count": 0, "right": 0, "wrong": []})
            picture = read_image(folder / row["file"])
            if row["mode"] == "one":
                digit, doubt = read_one(clf, picture)
                read = "" if digit is None else f"{digit}{'?' if doubt else ''}"
                right = str(digit) == row["truth"]
            else:
                lines = read_several(clf, picture)
                read, right = "/".join(lines), lines == row["truth"].replace(" ", "").split("/")
            scores["count"] += 1
            scores["right"] += right
            if not right:
                scores["wrong"].append(f"{row['file']}: {row['truth']}, read as {read or 'empty'}")
    return table


def measure_times(clf: Classifier, tools: Path, strokes: Path) -> dict[str, list[float]]:
    """For conditions of one digit, milliseconds of processor time from 12 megapixels to the answer: pixels, file."""
    photos = {condition: rgb for rgb, _, condition, _ in _maker(tools).photos(strokes, each=1)}
    times = {}
    for condition in TIMED:
        large = Image.fromarray(photos[condition]).resize((4000, 3000))
        pixels, file = np.asarray(large.convert("RGBA")), io.BytesIO()
        large.save(file, "JPEG", quality=90)
        sources: list[Callable[[], np.ndarray]] = [partial(np.asarray, pixels), partial(read_image, file.getvalue())]
        times[condition] = [milliseconds(clf, source) for source in sources]
    return times


def milliseconds(clf: Classifier, source: Callable[[], np.ndarray]) -> float:
    """The median processor time, in milliseconds, that it takes to have a picture and to read it."""
    spent = []
    for _ in range(1 + REPEATS):
        began = time.process_time()
        read_one(clf, source())
        spent.append(1000 * (time.process_time() - began))
    return float(np.median(spent[1:]))


def record(
    folder: Path, made: dict[int, dict[str, Any]], real: dict[str, dict[str, Any]], times: dict[str, list[float]]
) -> None:
    """Keep the figures in the model's metadata, and write its card again."""
    file = folder / "metadata.json"
    metadata = json.loads(file.read_text(encoding="utf-8"))
    conditions = next(iter(made.values()))["conditions"]
    metadata["paper"] = {
        "seeds": list(made),
        "conditions": {c: [scores["conditions"][c] for scores in made.values()] for c in conditions},
        **{name: [scores[name] for scores in made.values()] for name in SUMMARY},
        "real": {mode: [scores["right"], scores["count"]] for mode, scores in real.items()},
        "milliseconds": {condition: [round(spent) for spent in both] for condition, both in times.items()},
    }
    file.write_text(json.dumps(metadata, indent=1) + "\n", encoding="utf-8")
    write_card(folder)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=Path, default=DATA.parent / "tools", help="the folder of paper.py")
    parser.add_argument("--strokes", type=Path, default=DATA / "unipen_dev.npz")
    parser.add_argument("--photos", type=Path, default=DATA / "photos")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--each", type=int, default=40, help="pictures of one digit of each condition")
    parser.add_argument("--model", default="models")
    parser.add_argument("--times", action="store_true", help="measure the processor time only")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--record", action="store_true", help="write the figures into the model card")
    options = parser.parse_args(arguments)
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"  # before TensorFlow is imported
    try:
        clf = Classifier.load(options.model)
    except ModelUnavailable as error:
        parser.exit(1, f"paper: {error}\n")
    seeds = options.seeds if not options.times else []
    makes = (options.tools / "paper.py").exists() and options.strokes.exists()
    made = {seed: measure_made(clf, options.tools, options.strokes, seed, options.each) for seed in seeds if makes}
    real = {}
    if not options.times and (options.photos / "truth.csv").exists():
        real = measure_real(clf, options.photos)
    times = measure_times(clf, options.tools, options.strokes) if makes else {}
    if options.record and made and real:
        record(Path(options.model), made, real, times)
    if options.json:
        print(json.dumps({"made": made, "real": real, "milliseconds": times}, indent=1))
        return
    if made:
        print(f"{options.strokes.name}, {options.each} pictures a condition; share read right")
        print("seed".ljust(22) + "".join(f"{seed:9}" for seed in made))
        for name in next(iter(made.values()))["conditions"]:
            print(
                name.ljust(22) + "".join(f"{scores['conditions'].get(name, np.nan):9.1%}" for scores in made.values())
            )
        for name in SUMMARY:
            print(name.ljust(22) + "".join(f"{scores[name]:9.1%}" for scores in made.values()))
    for mode, scores in real.items():
        print(f"\nreal photographs, {mode}: {scores['right']} of {scores['count']}")
        print("\n".join(f"   {line}" for line in scores["wrong"]))
    if times:
        print("\n12 megapixels, milliseconds of processor time      of its pixels   of its file")
        for condition, (pixels, from_file) in times.items():
            print(f"   {condition:45}{pixels:15.0f}{from_file:14.0f}")


def _maker(tools: Path) -> Any:
    """The module that makes pictures."""
    if str(tools) not in sys.path:
        sys.path.insert(0, str(tools))
    return importlib.import_module("paper")


def _as_file(rgb: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    return file.getvalue()


if __name__ == "__main__":
    main()
