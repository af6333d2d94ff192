"""The folder `models`: the trained network with all that the app, teaching and a reader need beside it.

backbone.keras   float32 (n, 28, 28, 1), 0-1 -> features float32 (n, 192), not negative
head.keras       features -> logits float32 (n, 11); the last is "not a digit"
features.npz     {rehearsal,validation,pen,test}_features float16 (n, 192) and _labels uint8 (n,), 0-9 or 10;
                 {rehearsal,test}_images uint8 (n, 98), as `bitmaps.unpack_bits` reads them;
                 map_mean float32 (192,), map_axes float32 (192, 2): the main directions of rehearsal_features
metadata.json    preparation (`preprocessing.PREPARATION`), temperature (of the digits' logits),
                 likeness_temperature and likeness_bias (`calibration`), figures, recipe, counts,
                 spent (seconds and the machine), versions
README.md, worst.png   the model card
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnist_core.bitmaps import pack_bits, unpack_bits
from mnist_core.files.mnist import Mnist
from mnist_core.pretrain.augmentation import prepare_plain
from mnist_core.pretrain.calibration import fit_likeness, fit_temperature
from mnist_core.pretrain.card import write_card
from mnist_core.pretrain.mistakes import draw_worst
from mnist_core.pretrain.recipe import Recipe
from mnist_core.pretrain.rehearsal_images import choose_rehearsal_images
from mnist_core.pretrain.shards import Shard, ShardSpec
from mnist_core.pretrain.training import TrainedModel, precision
from mnist_core.recognition.base import pixels
from mnist_core.recognition.preprocessing import PREPARATION


class _Reading(NamedTuple):
    """What the model makes of a shard of n images: features float32 (n, 192) and logits float32 (n, 11)."""

    shard: Shard
    features: np.ndarray
    logits: np.ndarray

    @property
    def accuracy(self) -> float:
        """The share of the images, 0-1, whose label has the highest of the digits' logits."""
        return float((self.logits[:, :10].argmax(1) == self.shard.labels).mean())


def export(
    model: TrainedModel,
    shards: dict[ShardSpec, Shard],
    mnist: Mnist,
    recipe: Recipe,
    spent: dict[str, int],
    out: Path,
) -> dict[str, float]:
    """Calibrate and measure the model, and write the folder `out`; return the accuracies that were measured, 0-1.

    spent: image_seconds and training_seconds.
    """
    held_out = {spec.kind: _read(model, shard) for spec, shard in shards.items() if spec.split == "validation"}
    test_images = np.array([prepare_plain(image) for image in mnist.x_test])
    test = _read(model, Shard(pack_bits(test_images), mnist.y_test))
    rehearsal = _read(model, choose_rehearsal_images(shards, recipe.seed, lambda shard: _read(model, shard).logits))
    figures = {f"validation, {kind}": held_out[kind].accuracy for kind in ("plain", "varied", "digits")}
    figures["test"] = test.accuracy
    metadata = {
        "preparation": PREPARATION,
        **_calibration(held_out),
        "figures": figures,
        "recipe": asdict(recipe),
        "counts": {
            "trained": len(mnist.x_train) - recipe.held_out,
            "held_out": recipe.held_out,
            "test": len(test_images),
        },
        "spent": {**spent, "processors": os.cpu_count(), "machine": platform.machine(), "precision": precision()},
        "versions": _versions(),
    }
    with tempfile.TemporaryDirectory(dir=out, prefix=".unfinished-") as temporary:  # the parts belong together
        new = Path(temporary)
        model.backbone.save(new / "backbone.keras")
        model.head.save(new / "head.keras")
        np.savez_compressed(new / "features.npz", allow_pickle=False, **_arrays(rehearsal, held_out, test))
        (new / "metadata.json").write_text(json.dumps(metadata, indent=1) + "\n", encoding="utf-8")
        draw_worst(test_images, mnist.y_test, test.logits[:, :10]).save(new / "worst.png", optimize=True)
        write_card(new)
        for part in new.iterdir():
            part.replace(out / part.name)
    return figures


def _read(model: TrainedModel, shard: Shard) -> _Reading:
    features = model.backbone.predict(pixels(unpack_bits(shard.packed)), batch_size=500, verbose=0)
    return _Reading(shard, features, model.head.predict(features, batch_size=5000, verbose=0))


def _calibration(held_out: dict[str, _Reading]) -> dict[str, float]:
    """Fitted on what looks drawn with a pen: MNIST's images changed as pens would, and what is made up."""
    digits = [held_out["varied"], held_out["digits"]]
    logits = np.concatenate([reading.logits for reading in digits])
    labels = np.concatenate([reading.shard.labels for reading in digits])
    with_non_digits = np.concatenate([logits, held_out["non_digits"].logits])
    is_digit = np.arange(len(with_non_digits)) < len(logits)
    likeness_temperature, likeness_bias = fit_likeness(with_non_digits, is_digit)
    return {
        "temperature": fit_temperature(logits[:, :10], labels),
        "likeness_temperature": likeness_temperature,
        "likeness_bias": likeness_bias,
    }


def _arrays(rehearsal: _Reading, held_out: dict[str, _Reading], test: _Reading) -> dict[str, np.ndarray]:
    """What features.npz holds."""
    plain, pen = held_out["plain"], [held_out["digits"], held_out["non_digits"]]
    map_mean = rehearsal.features.mean(0)
    return {
        "rehearsal_features": rehearsal.features.astype(np.float16),
        "rehearsal_labels": rehearsal.shard.labels,
        "rehearsal_images": rehearsal.shard.packed,
        "validation_features": plain.features.astype(np.float16),
        "validation_labels": plain.shard.labels,
        "pen_features": np.concatenate([reading.features[::2] for reading in pen]).astype(np.float16),
        "pen_labels": np.concatenate([reading.shard.labels[::2] for reading in pen]),
        "test_features": test.features.astype(np.float16),
        "test_labels": test.shard.labels,
        "test_images": test.shard.packed,
        "map_mean": map_mean,
        "map_axes": np.linalg.svd(rehearsal.features - map_mean, full_matrices=False)[2][:2].T,
    }


def _versions() -> dict[str, str]:
    import keras

    return {"keras": keras.__version__, "numpy": np.__version__, "python": platform.python_version()}
