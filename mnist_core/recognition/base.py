"""The base model of one folder: a frozen Keras backbone, its head, and the features that teaching needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.bitmaps import OUTPUTS, SIDE
from mnist_core.files.archives import check_archive, read_arrays
from mnist_core.recognition.preprocessing import PREPARATION

if TYPE_CHECKING:
    import keras

MODELS = Path(__file__).parents[2] / "models"  # the committed one
SPLITS = ("rehearsal", "validation", "pen", "test")
_BATCH = 256


class ModelUnavailable(RuntimeError):
    """The folder does not hold a whole base model of this preparation; the message says how to build it."""


@dataclass(frozen=True)
class Calibration:
    """Temperatures that make the scores and the likeness mean what they say (Guo et al., 2017)."""

    temperature: float
    likeness_temperature: float
    likeness_bias: float


@dataclass(frozen=True)
class References:
    """Images of MNIST or made-up ones, kept as features beside the weights so that a head is scored without MNIST."""

    features: np.ndarray
    """float32 (n, d)."""
    labels: np.ndarray
    """uint8 (n,), 10 for what is no digit."""
    logits: np.ndarray
    """float32 (n, 11), of the base head."""


class BaseModel:
    """The base model of one folder: loaded once, shared by every classifier made from it."""

    def __init__(self, folder: str | Path) -> None:
        folder = Path(folder)
        try:
            self._load(folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelUnavailable(
                f"{folder.resolve()} does not hold a whole base model ({error}). "
                "Build it with `python -m mnist_core.pretrain`."
            ) from error

    def _load(self, folder: Path) -> None:
        parts = {name: folder / name for name in ("backbone.keras", "head.keras", "features.npz", "metadata.json")}
        missing = [name for name, path in parts.items() if not path.is_file()]
        if missing:
            raise FileNotFoundError(f"missing: {', '.join(missing)}")
        self.metadata: dict[str, Any] = json.loads(parts["metadata.json"].read_text())
        self.calibration = Calibration(*(float(self.metadata[field]) for field in Calibration.__annotations__))
        if not all(0 < t < np.inf for t in (self.calibration.temperature, self.calibration.likeness_temperature)):
            raise ValueError("a temperature is not a positive number")
        made_with = self.metadata.get("preparation", "unknown")
        if made_with != PREPARATION:
            raise ModelUnavailable(
                f"The base model in {folder.resolve()} was made with preparation {made_with}, "
                f"this code has {PREPARATION}. Build it anew with `python -m mnist_core.pretrain`."
            )
        self.arrays = read_arrays(parts["features.npz"])
        for name in ("backbone.keras", "head.keras"):
            check_archive(parts[name])  # Keras raises nearly anything at a damaged one, or takes it
        fingerprint = hashlib.sha256(parts["backbone.keras"].read_bytes() + parts["head.keras"].read_bytes())
        self.id = fingerprint.hexdigest()[:16]

        import keras  # seconds: never at import time
        import tensorflow as tf

        self.backbone: keras.Model = keras.models.load_model(parts["backbone.keras"], compile=False)
        self.head: keras.Model = keras.models.load_model(parts["head.keras"], compile=False)
        self.backbone.trainable = self.head.trainable = False
        if self.backbone.input_shape != (None, SIDE, SIDE, 1) or self.head.output_shape != (None, OUTPUTS):
            raise ValueError(f"a backbone of {self.backbone.input_shape} and a head of {self.head.output_shape}")

        def forward(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            features = self.backbone(tf.cast(images[..., None], tf.float32) / 255.0, training=False)
            return features, self.head(features, training=False)

        def traced(count: int | None) -> Callable[[np.ndarray], tuple[tf.Tensor, tf.Tensor]]:
            signature = [tf.TensorSpec((count, SIDE, SIDE), tf.uint8)]
            graph = tf.function(forward, input_signature=signature, autograph=False).get_concrete_function()
            return lambda images: graph(tf.constant(images))  # choosing among traces takes a tenth of the time

        self._one, self._many = traced(1), traced(None)  # for the single image of the hot path, and for batches
        self.forward(np.zeros((1, SIDE, SIDE), np.uint8))
        self.splits = {split: self._references(split) for split in SPLITS}

    def _references(self, split: str) -> References:
        features = self.arrays[f"{split}_features"].astype(np.float32)
        logits = np.asarray(self.head(features, training=False))
        return References(features, self.arrays[f"{split}_labels"], logits)

    def forward(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """uint8 (n, 28, 28) -> features float32 (n, d), logits float32 (n, 11) of the untaught head."""
        if not len(images):  # convolutions refuse an empty batch
            return np.zeros((0, self.backbone.output_shape[1]), np.float32), np.zeros((0, OUTPUTS), np.float32)
        if len(images) == 1:
            features, logits = self._one(images)
            return features.numpy(), logits.numpy()
        parts = [self._many(images[i : i + _BATCH]) for i in range(0, len(images), _BATCH)]
        features, logits = (np.concatenate([part[k].numpy() for part in parts]) for k in (0, 1))
        return features, logits


def pixels(images: np.ndarray) -> np.ndarray:
    """Return uint8 (n, 28, 28) images as the network takes them: float32 (n, 28, 28, 1), 0-1."""
    return images[..., None].astype(np.float32) / 255
