"""What one lesson adds to the head, and how the memories of many lessons are recalled together.

A memory holds a few detectors, each for one digit. A detector is a handful of hidden units on the direction of the
backbone's features, and is as sure as its surest unit:

    unit     = clip(features / |features| @ direction - threshold, 0, 1)
    logits[digit of the detector] += gain of the detector * max(its units)

Away from what was taught a detector adds exactly nothing. A memory depends on the base model and on its lesson's
drawings alone, so the taught model is the base and a list of memories: to withdraw a lesson is to leave its memory
out, and nothing has to be fitted again.
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
    """What one lesson adds to the head of the base model `base_id`: u units in v detectors, for n drawings.

    Every float is one that float16 can hold, so that a memory read back is the memory that was written.
    """

    base_id: str
    directions: np.ndarray
    """float32 (u, d)."""
    thresholds: np.ndarray
    """float32 (u,)."""
    starts: np.ndarray
    """int32 (v,): each detector's first unit; the first is 0, and they rise."""
    gains: np.ndarray
    """float32 (v,): what a detector that is sure adds to its digit's logit."""
    digits: np.ndarray
    """uint8 (v,), 0-9."""
    features: np.ndarray
    """float32 (n, d): the backbone's features of the drawings that were taught."""
    logits: np.ndarray
    """float32 (n, 11): what the base head says of them."""
    labels: np.ndarray
    """uint8 (n,), 0-9: what they were taught as."""

    def to_bytes(self) -> bytes:
        """Return the memory as a compressed `.npz`."""
        arrays = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        half = {name: a.astype(np.float16) if a.dtype == np.float32 else a for name, a in arrays.items()}
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **half)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Memory:
        """Return the memory that `to_bytes` wrote. Raises ValueError when `data` is anything else."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                found = {field.name: arrays[field.name] for field in fields(cls)}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zipfile.error) as error:
            raise ValueError(f"not a lesson's memory: {error}") from error
        whole = {name: a.astype(np.float32) if a.dtype == np.float16 else a for name, a in found.items()}
        memory = cls(**{**whole, "base_id": str(found["base_id"])})
        memory._check()
        return memory

    def _check(self) -> None:
        units, width = self.directions.shape if self.directions.ndim == 2 else (-1, -1)
        detectors, count = self.gains.size, self.labels.size
        expected = {
            "thresholds": ((units,), np.float32),
            "starts": ((detectors,), np.int32),
            "gains": ((detectors,), np.float32),
            "digits": ((detectors,), np.uint8),
            "features": ((count, width), np.float32),
            "logits": ((count, CLASSES), np.float32),
            "labels": ((count,), np.uint8),
        }
        wrong = [
            name for name, form in expected.items() if (getattr(self, name).shape, getattr(self, name).dtype) != form
        ]
        if wrong:
            raise ValueError(f"not a lesson's memory: damaged {', '.join(wrong)}")
        starts = self.starts.tolist()
        finite = all(np.isfinite(getattr(self, name)).all() for name in ("directions", *expected))
        ordered = starts == sorted({0, *starts} if units else ()) and starts[-1:] < [units]
        if not finite or not ordered or max([0, *self.digits.tolist(), *self.labels.tolist()]) > 9:
            raise ValueError("not a lesson's memory: damaged values")


class Recall:
    """The detectors of many memories, stacked."""

    def __init__(self, memories: Sequence[Memory]) -> None:
        firm = [memory for memory in memories if memory.gains.size]
        before = np.cumsum([0, *(len(memory.thresholds) for memory in firm)])
        self._directions = _stack([memory.directions for memory in firm], np.float32)
        self._thresholds = _stack([memory.thresholds for memory in firm], np.float32)
        self._starts = _stack([memory.starts + n for memory, n in zip(firm, before, strict=False)], np.intp)
        digits = _stack([memory.digits for memory in firm], np.intp)
        self._gains = np.zeros((len(digits), CLASSES), np.float32)
        self._gains[np.arange(len(digits)), digits] = _stack([memory.gains for memory in firm], np.float32)

    def add(self, features: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """features float32 (n, d), logits float32 (n, 11) -> the logits with the memories' share, float32 (n, 11)."""
        if not len(self._starts) or not len(features):
            return logits
        units = unit_length(features) @ self._directions.T
        units -= self._thresholds
        sure = np.maximum.reduceat(units, self._starts, axis=1)
        return logits + np.clip(sure, 0, 1, out=sure) @ self._gains

    def to_keras(self, features: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
        """The same as `add`, as layers that plain Keras knows."""
        if not len(self._starts):
            return logits
        from keras import layers

        sizes = np.diff([*self._starts, len(self._thresholds)])
        detectors, widest = len(sizes), int(sizes.max())
        # Every detector gets as many units as the largest; those added never fire.
        slots = np.concatenate([n * widest + np.arange(size) for n, size in enumerate(sizes)])
        weights = np.zeros((self._directions.shape[1], detectors * widest), np.float32)
        weights[:, slots] = self._directions.T
        biases = np.full(detectors * widest, -1, np.float32)
        biases[slots] = -self._thresholds
        fire = layers.Dense(detectors * widest, trainable=False, name="units")
        added = layers.Dense(CLASSES, use_bias=False, trainable=False, name="gains")
        units = layers.ReLU(max_value=1.0, name="fire")(fire(layers.UnitNormalization(name="direction")(features)))
        sure = layers.GlobalMaxPooling1D("channels_first", name="surest")(layers.Reshape((detectors, widest))(units))
        total = layers.Add(name="taught_logits")([logits, added(sure)])
        fire.set_weights([weights, biases])
        added.set_weights([self._gains])
        return total


def unit_length(features: np.ndarray) -> np.ndarray:
    """float32 (n, d) -> each row divided by its length."""
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return features / np.maximum(lengths, 1e-6)


def _stack(parts: Sequence[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate(parts).astype(dtype) if parts else np.zeros(0, dtype)
