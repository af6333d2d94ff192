"""Build the base model from MNIST: `python -m mnist_core.pretrain [--data FILE] [--out models]`.

MNIST's training images, what is made of them and what is made up (`pool`) train one small network (`network`). The
last 5,000 training images are held out: they set the temperatures, and the gate of teaching judges by them.

What is written to the folder:

    backbone.keras   float32 (n, 28, 28, 1), 0-1 -> features float32 (n, 192), not negative
    head.keras       features -> logits float32 (n, 11); the last is "not a digit"
    features.npz     {rehearsal,validation,pen,test}_features float16 (n, 192) and _labels uint8 (n,), 0-9 or 10;
                     {rehearsal,test}_images uint8 (n, 98), as `bitmaps.unpack_bits` reads them;
                     map_mean float32 (192,), map_axes float32 (192, 2): the main directions of rehearsal_features
    metadata.json    temperature (of the digits' logits), likeness_temperature and likeness_bias (`calibration`),
                     figures, settings, spent (seconds and the machine), versions
    README.md, worst.png   the model card
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.bitmaps import NOT_A_DIGIT, pack_bits, unpack_bits
from mnist_core.files.mnist import Mnist, load_mnist
from mnist_core.pretrain.augmentation import prepare_plain
from mnist_core.pretrain.calibration import likeness, temperature
from mnist_core.pretrain.card import worst_picture, write_card
from mnist_core.pretrain.pool import Job, Slice, joined
from mnist_core.pretrain.training import Settings, make_images, precision, train
from mnist_core.recognition.base import pixels

if TYPE_CHECKING:
    import keras

REHEARSED = 500  # of each digit: so many of MNIST's, half of them the least sure ones, and so many made up
REHEARSED_OTHERS = 1500
QUICK = Settings(
    first=replace(Settings.first, epochs=1),
    teachers=tuple(replace(stage, epochs=1) for stage in Settings.teachers),
    distilled=Settings.distilled and replace(Settings.distilled, epochs=1),
    batch=32,
    varied_slices=1,
    made_slices=1,
    made_size=60,
    held_out=60,
    validation_size=40,
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m mnist_core.pretrain", description=(__doc__ or "").split(":")[0])
    parser.add_argument("--data", help="MNIST: an .npz, or a folder of the IDX files (default: Keras's download)")
    parser.add_argument("--out", type=Path, help="the folder to write (default: models)")
    parser.add_argument(
        "--cache", default="data/pretrain", type=Path, help="for going on after an interruption (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="a try in seconds on a few images; the model is useless")
    chosen = parser.parse_args(arguments)
    if chosen.seed < 0:
        parser.error("--seed must be 0 or more")
    if chosen.quick and chosen.out is None:
        parser.error("--quick needs --out: what it makes must not replace the model that is there")
    out = chosen.out or Path("models")
    if find_spec("HersheyFonts") is None:  # said now, not after minutes of work
        print("pretrain: install what it needs first: pip install -r requirements-dev.txt", file=sys.stderr)
        return 1
    try:
        mnist = load_mnist(chosen.data)
    except ValueError as error:
        print(f"pretrain: {error}", file=sys.stderr)
        return 1
    settings = replace(QUICK if chosen.quick else Settings(), seed=chosen.seed)
    if chosen.quick:
        mnist = Mnist(mnist.x_train[-360:], mnist.y_train[-360:], mnist.x_test[:100], mnist.y_test[:100])
    if len(mnist.x_train) < 2 * settings.held_out:
        print(f"pretrain: {len(mnist.x_train)} images to train on are too few", file=sys.stderr)
        return 1
    try:
        for folder in (out, chosen.cache):  # said now, not after hours
            folder.mkdir(parents=True, exist_ok=True)
        pretrain(mnist, settings, out, chosen.cache)
    except OSError as error:
        print(f"pretrain: {error}", file=sys.stderr)
        return 1
    return 0


def pretrain(mnist: Mnist, settings: Settings, out: Path, cache: Path) -> None:
    """Make the images, train, measure, and write the folder `out`; `cache` keeps images and what stages end with."""
    slices = make_images(mnist, settings, cache)
    body, top, seconds = train(slices, settings, cache)
    making = sum(made.seconds for made in slices.values()) / (os.cpu_count() or 1)
    spent = {"image_seconds": round(making), "training_seconds": round(seconds)}
    export(body, top, slices, mnist, settings, spent, out)


def export(
    body: keras.Model,
    top: keras.Model,
    slices: dict[Job, Slice],
    mnist: Mnist,
    settings: Settings,
    spent: dict[str, int],
    out: Path,
) -> None:
    """Calibrate the model, measure it, and write everything that the folder holds."""
    import keras

    def read(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        features = body.predict(pixels(images), batch_size=500, verbose=0)
        return features, top.predict(features, batch_size=5000, verbose=0)

    held = {job.kind: (*read(unpack_bits(s.packed)), s.labels) for job, s in slices.items() if job.part == "validation"}
    pen = [np.concatenate(arrays) for arrays in zip(held["varied"], held["digits"], strict=True)]
    likeness_t, likeness_bias = likeness(
        np.concatenate([pen[1], held["others"][1]]), np.arange(len(pen[2]) + len(held["others"][2])) < len(pen[2])
    )
    test = np.array([prepare_plain(image) for image in mnist.x_test])
    test_features, test_logits = read(test)
    rehearsal = _rehearsal(slices, settings, lambda images: read(images)[1])
    rehearsal_features, _ = read(unpack_bits(rehearsal.packed))
    figures = {f"validation, {kind}": _accuracy(held[kind][1], held[kind][2]) for kind in ("plain", "varied", "digits")}
    metadata: dict[str, Any] = {
        "temperature": temperature(pen[1][:, :10], pen[2]),
        "likeness_temperature": likeness_t,
        "likeness_bias": likeness_bias,
        "figures": figures | {"test": _accuracy(test_logits, mnist.y_test)},
        "settings": asdict(settings),
        "counts": {"trained": len(mnist.x_train) - settings.held_out, "held_out": settings.held_out, "test": len(test)},
        "spent": {**spent, "processors": os.cpu_count(), "machine": platform.machine(), "precision": precision()},
        "versions": {"keras": keras.__version__, "numpy": np.__version__, "python": platform.python_version()},
    }
    arrays: dict[str, np.ndarray] = {
        "rehearsal_features": rehearsal_features,
        "rehearsal_labels": rehearsal.labels,
        "rehearsal_images": rehearsal.packed,
        "validation_features": held["plain"][0],
        "validation_labels": held["plain"][2],
        "pen_features": np.concatenate([held[kind][0][::2] for kind in ("digits", "others")]),
        "pen_labels": np.concatenate([held[kind][2][::2] for kind in ("digits", "others")]),
        "test_features": test_features,
        "test_labels": mnist.y_test,
        "test_images": pack_bits(test),
    }
    arrays = {name: a.astype(np.float16) if name.endswith("features") else a for name, a in arrays.items()}
    arrays["map_mean"] = rehearsal_features.mean(0)
    arrays["map_axes"] = np.linalg.svd(rehearsal_features - arrays["map_mean"], full_matrices=False)[2][:2].T
    with tempfile.TemporaryDirectory(dir=out, prefix=".unfinished-") as temporary:  # the parts belong together
        new = Path(temporary)
        body.save(new / "backbone.keras")
        top.save(new / "head.keras")
        np.savez_compressed(new / "features.npz", allow_pickle=False, **arrays)
        (new / "metadata.json").write_text(json.dumps(metadata, indent=1) + "\n", encoding="utf-8")
        worst_picture(test, mnist.y_test, test_logits[:, :10]).save(new / "worst.png", optimize=True)
        write_card(new)
        for part in new.iterdir():
            part.replace(out / part.name)
    for name, value in metadata["figures"].items():
        print(f"{name:20s} {value:.2%}")


def _accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    return float((logits[:, :10].argmax(1) == labels).mean())


def _rehearsal(slices: dict[Job, Slice], settings: Settings, logits: Callable[[np.ndarray], np.ndarray]) -> Slice:
    """What a lesson rehearses, from the training images: those near a boundary say best how far it may reach."""
    rng = np.random.default_rng(settings.seed)
    chosen = []
    for kind, labels in (("plain", range(10)), ("digits", range(10)), ("others", [NOT_A_DIGIT])):
        source = next(s for job, s in slices.items() if job[:3] == (kind, "train", 0))
        for label in labels:
            at = rng.permutation(np.flatnonzero(source.labels == label))
            if kind == "plain":
                at = _least_sure_first(at, logits(unpack_bits(source.packed[at])), label)
            at = at[: REHEARSED_OTHERS if label == NOT_A_DIGIT else REHEARSED]
            chosen.append(Slice(source.packed[at], source.labels[at]))
    return joined(chosen)


def _least_sure_first(at: np.ndarray, logits: np.ndarray, digit: int) -> np.ndarray:
    """`at`, beginning with half of REHEARSED: those read right by the smallest margin; logits float (n, 11)."""
    margins = logits[:, digit] - np.delete(logits[:, :10], digit, axis=1).max(1)
    least = np.argsort(np.where(margins > 0, margins, np.inf))[: REHEARSED // 2]
    return np.concatenate([at[least], np.delete(at, least)])
