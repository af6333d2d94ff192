"""How well, how honestly and how fast today's `models/` reads: `python -m benchmarks.recognition`.

Prints the table of the project's goals with our measured row, then what one canvas costs on one thread. The other
rows are quoted, not measured here: the reference is the app that this one answers to, the demo a well-known one
that runs in the browser, the prototype 16 minutes of training on MNIST made black and white.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from harness.data import DATA, use_mnist_nearby
from mnist_core import Classifier, prepare
from mnist_core.evaluation.measuring import Evaluation, evaluate, mnist_test, read_dataset, read_non_digits
from mnist_core.files.strokes import canvases, read_strokes
from mnist_core.pretrain.card import write_card
from mnist_core.recognition.base import pixels

QUOTED = (
    ("reference app (quoted)", "97.3 %", "76.1 %", "", "", ""),
    ("in-browser demo (quoted)", "98.9 %", "88.2 %", "", "", ""),
    ("prototype (quoted)", "99.5 %", "96.3 %", "0.91", "49 %", "1.8 %"),
    ("goal", "99.8 %", "98.5 %", "0.98", "10 %", "1 %"),
)
HEADINGS = ("", "MNIST test", "real strokes", "non-digits AUROC", "accepted at 95 %", "calibration error")
REPEATS = 500


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recognition", description="Measure today's models/.")
    parser.add_argument("--models", default="models", help="the model's folder (default: %(default)s)")
    parser.add_argument("--mnist", help="an .npz of MNIST's layout (default: where the package finds MNIST)")
    parser.add_argument("--strokes", default=str(DATA / "unipen_dev.npz"), help="digits (default: %(default)s)")
    parser.add_argument("--others", default=str(DATA / "unipen_other_dev.npz"), help="no digits (default: %(default)s)")
    parser.add_argument("--record", action="store_true", help="write the figures into the model card")
    chosen = parser.parse_args(arguments)
    use_mnist_nearby()
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"  # before TensorFlow is imported
    try:
        mnist = read_dataset(chosen.mnist) if chosen.mnist else mnist_test()
        strokes, others = read_dataset(chosen.strokes), read_non_digits(chosen.others)
    except ValueError as error:
        print(f"recognition: {error}", file=sys.stderr)
        return 1
    clf = Classifier.load(chosen.models)
    drawn = evaluate(clf, strokes, others)
    for row in (HEADINGS, *QUOTED, _ours(evaluate(clf, mnist), drawn)):
        print(
            "| "
            + " | ".join(f"{cell:{width}s}" for cell, width in zip(row, (24, 10, 12, 16, 16, 17), strict=True))
            + " |"
        )
    print("\nReal strokes, by digit: " + "  ".join(f"{d} {share:.1%}" for d, share in drawn.per_digit.items()))
    print("by source: " + "  ".join(f"{s}: {share:.1%} of {n}" for s, (n, share) in drawn.per_source.items()))
    print(f"\nOne thread, milliseconds, {REPEATS} times: median, 99th percentile")
    some = canvases(read_strokes(chosen.strokes)[:: max(1, len(strokes.labels) // 100)])
    for name, (median, worst) in latencies(clf, list(some)).items():
        print(f"  {name:34s} {median:7.3f} {worst:7.3f}")
    if chosen.record:
        record(Path(chosen.models), drawn, len(others.labels))
    return 0


def latencies(clf: Classifier, drawn: list[np.ndarray]) -> dict[str, tuple[float, float]]:
    """Median and 99th percentile, in milliseconds, of each step from one of the canvases to a prediction."""
    import tensorflow as tf

    images = [prepare(canvas) for canvas in drawn]
    features = [tf.constant(clf.embed(image[None])) for image in images]
    head = tf.function(clf.base_model.head, input_signature=[tf.TensorSpec(features[0].shape)])
    plain = clf.to_keras()
    ready = [pixels(image[None]) for image in images]
    return {
        "prepare": _timed(prepare, drawn),
        "backbone and head": _timed(clf.predict, images),
        "  backbone": _timed(lambda image: clf.embed(image[None]), images),
        "  head": _timed(lambda feature: head(feature).numpy(), features),
        "whole: canvas -> Prediction": _timed(lambda canvas: clf.predict(prepare(canvas)), drawn),
        "model.predict, without prepare": _timed(lambda image: plain.predict(image, verbose=0), ready),
    }


def record(folder: Path, drawn: Evaluation, non_digits: int) -> None:
    """Keep the figures on real strokes in the model's metadata, and write its card again."""
    file = folder / "metadata.json"
    metadata = json.loads(file.read_text(encoding="utf-8"))
    figures = {name: getattr(drawn, name) for name in ("accuracy", "calibration_error", "auroc", "accepted")}
    metadata["strokes"] = {"digits": drawn.count, "non_digits": non_digits, **figures}
    file.write_text(json.dumps(metadata, indent=1) + "\n", encoding="utf-8")
    write_card(folder)


def _timed(step: Callable[[Any], object], inputs: list[Any]) -> tuple[float, float]:
    for value in inputs[:10]:
        step(value)
    spent = []
    for n in range(REPEATS):
        began = time.perf_counter()
        step(inputs[n % len(inputs)])
        spent.append(1000 * (time.perf_counter() - began))
    return float(np.median(spent)), float(np.percentile(spent, 99))


def _ours(mnist: Evaluation, strokes: Evaluation) -> tuple[str, ...]:
    kept_out = "" if strokes.auroc is None else f"{strokes.auroc:.3f}"
    accepted = "" if strokes.accepted is None else f"{strokes.accepted:.1%}"
    error = f"{strokes.calibration_error:.2%}"
    return "this model (measured)", f"{mnist.accuracy:.2%}", f"{strokes.accuracy:.2%}", kept_out, accepted, error


if __name__ == "__main__":
    sys.exit(main())
