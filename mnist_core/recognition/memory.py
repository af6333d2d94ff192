"""What one lesson adds to the head, and how the memories of many lessons add up.

A memory holds a few detectors, each for one digit. A detector is a handful of hidden units on the direction of the
backbone's features; of all units of all memories, the one that is surest of a digit adds to its logit:

    unit = clip(features / |features| @ direction - threshold, 0, 1) * gain of its detector
    logits[digit] += max(the digit's units)

Away from what was taught a unit adds exactly nothing, and many lessons of one digit add no more than the surest of
them, so that small harms do not add up. A memory depends on the base model and on its lesson's drawings alone (one
for a model of one's own was fitted beside its person's earlier ones: `teaching.own`) and is never changed, so the
taught model is the base and a set of memories: to withdraw a lesson is to leave its memory out, and nothing has to be
fitted again.
"""

from __future__ import annotations

import io
import math
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.bitmaps import DIGITS, OUTPUTS
from mnist_core.files.archives import unpack_arrays

if TYPE_CHECKING:
    import keras

    from mnist_core.recognition.onnx_graph import OnnxGraph

_SHORTEST = 1e-6  # features of no length have no direction
_AT_ONCE = 512  # rows: what their units take stays in the processor's cache
_MARK = b"memory\x02"  # how bytes begin that `to_bytes` wrote; before 1.2.0 they were an `.npz`
_CHECKSUM = struct.Struct("<I")
_SIZES = struct.Struct("<5I")  # bytes of the base model's id, units, features, detectors, drawings
_FLOATS = ("directions", "thresholds", "gains", "features", "logits")


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
    """float32 (v,): what a detector that is sure adds to its digit's logit, when no other is surer."""
    digits: np.ndarray
    """uint8 (v,), 0-9."""
    features: np.ndarray
    """float32 (n, d): the backbone's features of the drawings that were taught."""
    logits: np.ndarray
    """float32 (n, 11): what the base head says of them."""
    labels: np.ndarray
    """uint8 (n,), 0-9: what they were taught as."""

    @property
    def nbytes(self) -> int:
        """How many bytes its arrays take."""
        return sum(getattr(self, name).nbytes for name in self.__annotations__ if name != "base_id")

    def to_bytes(self) -> bytes:
        """Return the memory as bytes: a checksum, sizes, then the arrays. Raises ValueError when it is damaged.

        They are read back in a tenth of the time that an archive of arrays takes: a room may have a thousand of them.
        """
        self._check()
        base_id = self.base_id.encode()
        sizes = _SIZES.pack(len(base_id), *self.directions.shape, len(self.gains), len(self.labels))
        floats = [getattr(self, name).astype("<f2").tobytes() for name in _FLOATS]
        rest = self.starts.astype("<i4").tobytes(), self.digits.tobytes(), self.labels.tobytes()
        content = b"".join([sizes, base_id, *floats, *rest])
        return _MARK + _CHECKSUM.pack(zlib.crc32(content)) + content

    @classmethod
    def from_bytes(cls, data: bytes) -> Memory:
        """Return the memory that `to_bytes` wrote, now or as an `.npz`. Raises ValueError for anything else."""
        try:
            memory = cls._unpacked(data[len(_MARK) :]) if data.startswith(_MARK) else cls._from_archive(data)
        except (ValueError, struct.error) as error:
            raise ValueError(f"not a lesson's memory: {error}") from error
        memory._check()
        return memory

    @classmethod
    def _unpacked(cls, packed: bytes) -> Memory:
        (checksum,), data = _CHECKSUM.unpack_from(packed), packed[_CHECKSUM.size :]
        if zlib.crc32(data) != checksum:
            raise ValueError("its checksum is another")
        named, units, width, detectors, count = _SIZES.unpack_from(data)
        shapes = (units, width), (units,), (detectors,), (count, width), (count, OUTPUTS)
        ends = list(accumulate(map(math.prod, shapes), initial=0))
        after = _SIZES.size + named
        floats = np.frombuffer(data, "<f2", ends[-1], after).astype(np.float32)
        after += 2 * ends[-1]
        parts = (floats[begin:end] for begin, end in pairwise(ends))
        arrays = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
        return cls(
            base_id=data[_SIZES.size : _SIZES.size + named].decode(),
            starts=np.frombuffer(data, "<i4", detectors, after).astype(np.int32),
            digits=np.frombuffer(data, np.uint8, detectors, after + 4 * detectors).copy(),
            labels=np.frombuffer(data, np.uint8, count, after + 5 * detectors).copy(),
            **dict(zip(_FLOATS, arrays, strict=True)),
        )

    @classmethod
    def _from_archive(cls, data: bytes) -> Memory:
        found: dict[str, Any] = dict(unpack_arrays(io.BytesIO(data), tuple(field.name for field in fields(cls))))
        whole = {name: a.astype(np.float32) if a.dtype == np.float16 else a for name, a in found.items()}
        return cls(**{**whole, "base_id": str(found["base_id"])})

    def _check(self) -> None:
        units, width = self.directions.shape if self.directions.ndim == 2 else (-1, -1)
        detectors, count = self.gains.size, self.labels.size
        expected = {
            "directions": ((units, width), np.float32),
            "thresholds": ((units,), np.float32),
            "starts": ((detectors,), np.int32),
            "gains": ((detectors,), np.float32),
            "digits": ((detectors,), np.uint8),
            "features": ((count, width), np.float32),
            "logits": ((count, OUTPUTS), np.float32),
            "labels": ((count,), np.uint8),
        }
        wrong = [
            name for name, form in expected.items() if (getattr(self, name).shape, getattr(self, name).dtype) != form
        ]
        if wrong:
            raise ValueError(f"not a lesson's memory: damaged {', '.join(wrong)}")
        starts = self.starts.tolist()
        finite = all(np.isfinite(getattr(self, name)).all() for name in _FLOATS)
        ordered = starts[:1] == [0][:units] and all(begin < end for begin, end in pairwise([*starts, units]))
        if not finite or not ordered or max([0, *self.digits.tolist(), *self.labels.tolist()]) > 9:
            raise ValueError("not a lesson's memory: damaged values")


class CombinedMemories:
    """The units of many memories, side by side, those of one digit together."""

    def __init__(self, memories: Sequence[Memory]) -> None:
        sizes = [np.diff([*memory.starts, len(memory.thresholds)]) for memory in memories]
        digits = _stack([np.repeat(m.digits, size) for m, size in zip(memories, sizes, strict=True)], np.intp)
        order = np.argsort(digits, kind="stable")
        self._digits, self._starts = np.unique(digits[order], return_index=True)
        self._memory = np.repeat(np.arange(len(memories)), [len(m.thresholds) for m in memories])[order]
        gains = _stack([np.repeat(m.gains, size) for m, size in zip(memories, sizes, strict=True)], np.float32)[order]
        self._gains = gains
        self._directions = _stack([m.directions for m in memories], np.float32)[order] * (
            gains[:, None] if memories else gains
        )
        self._thresholds = _stack([m.thresholds for m in memories], np.float32)[order] * gains

    @property
    def nbytes(self) -> int:
        """How many bytes its arrays take."""
        arrays = self._digits, self._starts, self._memory, self._gains, self._directions, self._thresholds
        return sum(array.nbytes for array in arrays)

    def added(self, features: np.ndarray) -> np.ndarray:
        """features float32 (n, d) -> what the memories add to the logits, float32 (n, 11), not negative."""
        added = np.zeros((len(features), OUTPUTS), np.float32)
        for rows, units in self._units(features):
            added[rows, self._digits] = np.maximum.reduceat(units, self._starts, axis=1)
        return np.maximum(added, 0, out=added)

    def added_that_counts(
        self, features: np.ndarray, logits: np.ndarray, first: np.ndarray | None = None
    ) -> np.ndarray:
        """As `added`, but nothing to a digit that could not win whatever is added to it: a third of the work.

        Which digit is read is the same, whatever else is added.

        Args:
            logits: float32 (n, 11), what the base head says.
            first: int (n,), how many of the memories, from the first on, count for each row; None: all.
        """
        added = np.zeros((len(features), OUTPUTS), np.float32)
        best = logits[:, :DIGITS].max(1)
        for digit, (begin, end) in zip(self._digits, pairwise([*self._starts, len(self._gains)]), strict=True):
            may_win = np.flatnonzero(logits[:, digit] + self._gains[begin:end].max() >= best)
            for rows, units in self._units(features[may_win], slice(begin, end)):
                if first is not None:
                    units *= self._memory[begin:end] < first[may_win[rows], None]
                added[may_win[rows], digit] = units.max(1)
        return np.maximum(added, 0, out=added)

    def _units(self, features: np.ndarray, which: slice = slice(None)) -> Iterator[tuple[slice, np.ndarray]]:
        """Some rows after others, and how far their units fire: float32 (rows, units); below 0 is not at all."""
        directions, thresholds, gains = self._directions[which], self._thresholds[which], self._gains[which]
        for start in range(0, len(features) if len(gains) else 0, _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            units = unit_length(features[rows]) @ directions.T
            units -= thresholds
            yield rows, np.minimum(units, gains, out=units)

    def to_keras(self, features: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
        """logits plus `added`, as layers that plain Keras knows."""
        if not len(self._digits):
            return logits
        from keras import layers

        sizes = np.diff([*self._starts, len(self._gains)])
        digits, widest = len(sizes), int(sizes.max())
        # Every digit gets as many units as the one with most; those added never fire.
        slots = np.concatenate([n * widest + np.arange(size) for n, size in enumerate(sizes)])
        weights = np.zeros((self._directions.shape[1], digits * widest), np.float32)
        weights[:, slots] = self._directions.T
        low, high = np.full((2, digits * widest), -1, np.float32)
        low[slots], high[slots] = -self._thresholds, -self._thresholds - self._gains
        # clip(x, 0, gain) is relu(x) - relu(x - gain)
        fire, full = (layers.Dense(digits * widest, "relu", trainable=False, name=name) for name in ("units", "full"))
        place = layers.Dense(OUTPUTS, use_bias=False, trainable=False, name="added")
        direction = layers.UnitNormalization(name="direction")(features)
        units = layers.Subtract(name="clipped")([fire(direction), full(direction)])
        sure = layers.GlobalMaxPooling1D("channels_first", name="surest")(layers.Reshape((digits, widest))(units))
        total = layers.Add(name="taught_logits")([logits, place(sure)])
        fire.set_weights([weights, low])
        full.set_weights([weights, high])
        place.set_weights([np.eye(OUTPUTS, dtype=np.float32)[self._digits]])
        return total

    def to_onnx(self, graph: OnnxGraph, features: str, logits: str) -> str:
        """logits plus `added`, as values of an ONNX graph."""
        if not len(self._digits):
            return logits
        length = graph.add("Max", graph.add("ReduceL2", features, axes=[1]), np.array([_SHORTEST], np.float32))
        fire = graph.add("MatMul", graph.add("Div", features, length), self._directions.T)
        units = graph.add("Min", graph.add("Relu", graph.add("Sub", fire, self._thresholds)), self._gains)
        parts = zip(self._starts, [*self._starts[1:], len(self._gains)], strict=True)
        sure = [graph.add("ReduceMax", graph.columns(units, start, end), axes=[1]) for start, end in parts]
        place = np.eye(OUTPUTS, dtype=np.float32)[self._digits]
        return graph.add("Add", logits, graph.add("MatMul", graph.add("Concat", *sure, axis=1), place))


def unit_length(features: np.ndarray) -> np.ndarray:
    """float32 (n, d) -> each row divided by its length."""
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return features / np.maximum(lengths, _SHORTEST)


def _stack(parts: Sequence[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate(parts).astype(dtype) if parts else np.zeros(0, dtype)
