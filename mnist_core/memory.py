"""What one lesson adds to the head, and how the memories of many lessons are recalled together.

A memory is a handful of hidden units that look at the backbone's features, each firing only near what was taught:

    added logits = relu(unit(features) @ directions.T - thresholds) @ gains

It depends on the base model and on that lesson's drawings alone. So the taught model is the base and a list of
memories: to withdraw a lesson is to leave its memory out, and no order of fitting has to be replayed.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

CLASSES = 11  # ten digits, and "not a digit"


@dataclass(frozen=True)
class Memory:
    """What one lesson adds to the head of the base model `base_id`."""

    base_id: str
    directions: np.ndarray
    """float32 (u, d): one row a unit."""
    thresholds: np.ndarray
    """float32 (u,)."""
    gains: np.ndarray
    """float32 (u, 11): what a unit adds to each logit."""
    features: np.ndarray
    """float32 (n, d): the backbone's features of the drawings that were taught."""
    logits: np.ndarray
    """float32 (n, 11): what the base head says of them."""
    labels: np.ndarray
    """uint8 (n,), 0-9: what they were taught as."""

    def to_bytes(self) -> bytes:
        """Return the memory as a compressed `.npz`; its arrays are kept as float16 or uint8."""
        buffer = io.BytesIO()
        arrays = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        np.savez_compressed(
            buffer, **{name: a.astype(np.float16) if a.dtype == np.float32 else a for name, a in arrays.items()}
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Memory:
        """Return the memory that `to_bytes` wrote. Raises ValueError when `data` is anything else."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                found = {field.name: arrays[field.name] for field in fields(cls)}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"not a lesson's memory: {error}") from error
        base_id = str(found.pop("base_id"))
        memory = cls(base_id, **{name: a.astype(np.float32) if a.dtype == np.float16 else a for name, a in found.items()})
        memory._check()
        return memory

    def _check(self) -> None:
        units, width = self.directions.shape if self.directions.ndim == 2 else (-1, -1)
        count = len(self.labels)
        expected = {
            "thresholds": (units,),
            "gains": (units, CLASSES),
            "features": (count, width),
            "logits": (count, CLASSES),
            "labels": (count,),
        }
        wrong = [name for name, shape in expected.items() if getattr(self, name).shape != shape]
        if wrong or self.labels.dtype != np.uint8 or not all(np.isfinite(getattr(self, name)).all() for name in expected):
            raise ValueError(f"not a lesson's memory: damaged {', '.join(wrong) or 'values'}")


class Recall:
    """The units of many memories, stacked."""

    def __init__(self, memories: Sequence[Memory]) -> None:
        self._directions = _stack([m.directions for m in memories])
        self._thresholds = _stack([m.thresholds for m in memories])
        self._gains = _stack([m.gains for m in memories])

    def add(self, features: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """features float32 (n, d), base logits float32 (n, 11) -> the taught logits, float32 (n, 11)."""
        if not self._thresholds.size:
            return logits
        lengths = np.linalg.norm(features, axis=1, keepdims=True)
        fired = features / np.maximum(lengths, 1e-6) @ self._directions.T - self._thresholds
        return logits + np.maximum(fired, 0) @ self._gains

    def to_keras(self, features: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
        """The same as `add`, as Keras layers."""
        if not self._thresholds.size:
            return logits
        from keras import layers

        unit = layers.UnitNormalization(name="unit")(features)
        fire = layers.Dense(len(self._thresholds), activation="relu", trainable=False, name="recall")
        added = layers.Dense(CLASSES, use_bias=False, trainable=False, name="gains")
        total = layers.Add(name="taught_logits")([logits, added(fire(unit))])
        fire.set_weights([self._directions.T, -self._thresholds])
        added.set_weights([self._gains])
        return total


def _stack(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, np.float32)
