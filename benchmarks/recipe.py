"""What each part of the recipe does: `python -m benchmarks.recipe [--epochs 3] [--share 0.33] [NAME ...]`.

Short trainings on a share of the images, each with one thing changed.
Only held-out images of MNIST and made-up ones choose between recipes; real strokes are reported beside them.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax

from mnist_core.bitmaps import unpack_bits
from mnist_core.evaluation.measuring import Dataset, read_dataset, read_others
from mnist_core.evaluation.metrics import auroc, calibration_error
from mnist_core.files.mnist import load_mnist
from mnist_core.pretrain.calibration import temperature
from mnist_core.pretrain.pool import Job, Slice
from mnist_core.pretrain.training import Settings, make_images, train
from mnist_core.recognition.base import pixels

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
VARIANTS: dict[str, dict[str, Any]] = {
    "as the first stage": {},
    "no made-up digits": {"digits_share": 0.0},
    "half as many made-up digits": {"digits_share": 0.125},
    "MNIST unchanged": {"plain_share": 1.0, "bent_share": 0.0},
    "MNIST unchanged or as pens would": {"plain_share": 0.35, "bent_share": 0.0},
    "MNIST always as pens would": {"plain_share": 0.0, "bent_share": 0.0},
    "no label smoothing": {"smoothing": 0.0},
    "more label smoothing": {"smoothing": 0.1},
    "a third of the rate": {"rate": 1e-3},
    "fewer non-digits": {"others_share": 0.1},
}
HEADINGS = ("plain", "pen-like", "made up", "AUROC", "ECE", "strokes", "AUROC", "ECE", "T", "minutes")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recipe", description="What parts of the recipe do.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(VARIANTS)} (default: all)")
    parser.add_argument("--data", help="MNIST, as for pretrain")
    parser.add_argument("--cache", default="data/pretrain", type=Path, help="pretrain's images (%(default)s)")
    parser.add_argument("--epochs", default=3, type=int)
    parser.add_argument("--share", default=0.33, type=float, help="of the images to train on (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.names) - set(VARIANTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    settings = Settings()
    first = replace(settings.first, epochs=chosen.epochs)
    try:
        slices = make_images(load_mnist(chosen.data), settings, chosen.cache)
    except (ValueError, OSError) as error:
        parser.exit(1, f"recipe: {error}\n")
    print("| " + " | ".join((f"{'':28s}", *HEADINGS)) + " |", flush=True)
    for name in chosen.names or VARIANTS:
        began = time.monotonic()
        figures = measure(
            {job: _part(job, s, chosen.share) for job, s in slices.items()},
            replace(settings, first=replace(first, **VARIANTS[name]), distilled=None),
        )
        row = [f"{value:.2%}" if 0 <= value <= 1 and at != 8 else f"{value:.2f}" for at, value in enumerate(figures)]
        print("| " + " | ".join((f"{name:28s}", *row, f"{(time.monotonic() - began) / 60:.1f}")) + " |", flush=True)
    return 0


def measure(slices: dict[Job, Slice], settings: Settings) -> list[float]:
    """Train once; return the figures of HEADINGS, less the minutes."""
    body, top, _ = train(slices, settings)

    def logits(images: np.ndarray) -> np.ndarray:
        return top.predict(body.predict(pixels(images), batch_size=500, verbose=0), verbose=0)

    held = {
        job.kind: (logits(unpack_bits(s.packed)), s.labels) for job, s in slices.items() if job.part == "validation"
    }
    right = {kind: z[:, :10].argmax(1) == labels for kind, (z, labels) in held.items()}
    pen = [np.concatenate(arrays) for arrays in zip(held["varied"], held["digits"], strict=True)]
    scale = temperature(pen[0][:, :10], pen[1])

    def trust(z: np.ndarray, labels: np.ndarray) -> float:
        scores = softmax(z[:, :10] / scale, axis=1)
        return calibration_error(scores.max(1), scores.argmax(1) == labels)

    figures = [float(right[kind].mean()) for kind in ("plain", "varied", "digits")]
    figures += [auroc(_odds(pen[0]), _odds(held["others"][0])), trust(*pen)]
    strokes, others = _strokes()
    z = logits(strokes.images)
    kept_out = auroc(_odds(z), _odds(logits(others.images)))
    return [*figures, float((z[:, :10].argmax(1) == strokes.labels).mean()), kept_out, trust(z, strokes.labels), scale]


@cache
def _strokes() -> tuple[Dataset, Dataset]:
    return read_dataset(DATA / "unipen_dev.npz"), read_others(DATA / "unipen_other_dev.npz")


def _odds(logits: np.ndarray) -> np.ndarray:
    return np.logaddexp.reduce(logits[:, :10], axis=1) - logits[:, 10]


def _part(job: Job, made: Slice, share: float) -> Slice:
    count = round(len(made.labels) * share) if job.part == "train" else len(made.labels)
    return Slice(made.packed[:count], made.labels[:count])


if __name__ == "__main__":
    sys.exit(main())
