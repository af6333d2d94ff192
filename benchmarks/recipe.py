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

from harness.data import DATA, use_mnist_nearby
from mnist_core.bitmaps import unpack_bits
from mnist_core.evaluation.measuring import Dataset, read_dataset, read_non_digits
from mnist_core.evaluation.metrics import auroc, calibration_error
from mnist_core.files.mnist import load_mnist
from mnist_core.pretrain.calibration import fit_temperature
from mnist_core.pretrain.image_cache import read_or_make_images
from mnist_core.pretrain.recipe import Recipe
from mnist_core.pretrain.shards import Shard, ShardSpec
from mnist_core.pretrain.training import train
from mnist_core.recognition.base import pixels

VARIANTS: dict[str, dict[str, Any]] = {
    "as the first stage": {},
    "no made-up digits": {"digits_share": 0.0},
    "half as many made-up digits": {"digits_share": 0.125},
    "MNIST unchanged": {"plain_share": 1.0, "bent_share": 0.0},
    "MNIST unchanged or as pens would": {"plain_share": 0.35, "bent_share": 0.0},
    "MNIST always as pens would": {"plain_share": 0.0, "bent_share": 0.0},
    "no label smoothing": {"label_smoothing": 0.0},
    "more label smoothing": {"label_smoothing": 0.1},
    "a third of the learning rate": {"learning_rate": 1e-3},
    "fewer non-digits": {"non_digits_share": 0.1},
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
    use_mnist_nearby()
    if unknown := set(chosen.names) - set(VARIANTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    recipe = Recipe()
    first = replace(recipe.first, epochs=chosen.epochs)
    try:
        shards = read_or_make_images(load_mnist(chosen.data), recipe, chosen.cache)
    except (ValueError, OSError) as error:
        parser.exit(1, f"recipe: {error}\n")
    print("| " + " | ".join((f"{'':28s}", *HEADINGS)) + " |", flush=True)
    for name in chosen.names or VARIANTS:
        began = time.monotonic()
        figures = measure(
            {spec: _part(spec, shard, chosen.share) for spec, shard in shards.items()},
            replace(recipe, first=replace(first, **VARIANTS[name]), distilled=None),
        )
        row = [f"{value:.2%}" if 0 <= value <= 1 and at != 8 else f"{value:.2f}" for at, value in enumerate(figures)]
        print("| " + " | ".join((f"{name:28s}", *row, f"{(time.monotonic() - began) / 60:.1f}")) + " |", flush=True)
    return 0


def measure(shards: dict[ShardSpec, Shard], recipe: Recipe) -> list[float]:
    """Train once; return the figures of HEADINGS, less the minutes."""
    backbone, head, _ = train(shards, recipe)

    def logits(images: np.ndarray) -> np.ndarray:
        return head.predict(backbone.predict(pixels(images), batch_size=500, verbose=0), verbose=0)

    held = {
        spec.kind: (logits(unpack_bits(shard.packed)), shard.labels)
        for spec, shard in shards.items()
        if spec.split == "validation"
    }
    right = {kind: z[:, :10].argmax(1) == labels for kind, (z, labels) in held.items()}
    pen = [np.concatenate(arrays) for arrays in zip(held["varied"], held["digits"], strict=True)]
    temperature = fit_temperature(pen[0][:, :10], pen[1])

    def trust(z: np.ndarray, labels: np.ndarray) -> float:
        scores = softmax(z[:, :10] / temperature, axis=1)
        return calibration_error(scores.max(1), scores.argmax(1) == labels)

    figures = [float(right[kind].mean()) for kind in ("plain", "varied", "digits")]
    figures += [auroc(_odds(pen[0]), _odds(held["non_digits"][0])), trust(*pen)]
    strokes, non_digits = _strokes()
    z = logits(strokes.images)
    accuracy = float((z[:, :10].argmax(1) == strokes.labels).mean())
    told_apart = auroc(_odds(z), _odds(logits(non_digits.images)))
    return [*figures, accuracy, told_apart, trust(z, strokes.labels), temperature]


@cache
def _strokes() -> tuple[Dataset, Dataset]:
    return read_dataset(DATA / "unipen_dev.npz"), read_non_digits(DATA / "unipen_other_dev.npz")


def _odds(logits: np.ndarray) -> np.ndarray:
    return np.logaddexp.reduce(logits[:, :10], axis=1) - logits[:, 10]


def _part(spec: ShardSpec, shard: Shard, share: float) -> Shard:
    count = round(len(shard.labels) * share) if spec.split == "train" else len(shard.labels)
    return Shard(shard.packed[:count], shard.labels[:count])


if __name__ == "__main__":
    sys.exit(main())
