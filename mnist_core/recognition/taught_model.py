"""Prepared images -> scores -> `Prediction`, by a frozen Keras backbone, its small head, and what was taught.

    features = backbone(image)                                   frozen, built by `python -m mnist_core.pretrain`
    logits   = head(features) + max(memory(features) for memory in memories)
    scores   = softmax(logits[:10])         logits[10] is the eleventh class: not a digit

A taught model never changes: another lesson makes another one that shares the backbone, so that any number of threads
may predict while one teaches, and undo is to go on using the older one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from mnist_core.bitmaps import DIGITS, NOT_A_DIGIT, OUTPUTS, SIDE, check_images
from mnist_core.recognition.base import SPLITS, BaseModel
from mnist_core.recognition.memory import CombinedMemories, Memory
from mnist_core.recognition.preprocessing import PREPARATION

if TYPE_CHECKING:
    import keras

JUDGED = ("validation", "pen", "test")  # the splits that a lesson's gate and its reports are about


@dataclass(frozen=True)
class Prediction:
    """What a model makes of one image."""

    digit: int
    """0-9: the one with the highest score."""
    scores: np.ndarray
    """float32 (10,), each 0-1, summing to 1."""
    digit_likeness: float
    """0-1: how much the image looks like any digit at all."""


class TaughtDrawings(NamedTuple):
    """Every drawing taught to a model, in order."""

    features: np.ndarray
    """float32 (n, d)."""
    logits: np.ndarray
    """float32 (n, 11), of the base head."""
    labels: np.ndarray
    """uint8 (n,), 0-9."""
    added: np.ndarray
    """float32 (n, 11): what all lessons add to the logits of the digits that could win."""
    added_first: np.ndarray
    """float32 (n, 11): what its own lesson and those before it add."""


class TaughtModel:
    """A base model and the lessons taught to it. Immutable, and safe to share among threads."""

    def __init__(self, base: BaseModel, memories: Sequence[Memory] = (), untaught: Self | None = None) -> None:
        foreign = {memory.base_id for memory in memories} - {base.id}
        if foreign:
            raise ValueError(f"memories of another base model: expected {base.id}, got {', '.join(sorted(foreign))}")
        self._base_model = base
        self._untaught = untaught
        self.memories: tuple[Memory, ...] = tuple(memories)
        self._combined = CombinedMemories(self.memories)
        self._split_added: dict[str, np.ndarray] = {}

    @property
    def base_id(self) -> str:
        """Fingerprint of the base model: memories belong to one."""
        return self._base_model.id

    @property
    def untaught(self) -> Self:
        """The same model with nothing taught."""
        return self._untaught or self

    @property
    def metadata(self) -> dict[str, Any]:
        """What `pretrain` wrote about the base model: figures, seed, versions."""
        return self._base_model.metadata

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """What `pretrain` kept beside the weights (see its docstring); not to be written to."""
        return self._base_model.arrays

    @property
    def base_model(self) -> BaseModel:
        """The base model itself, with the stored features of MNIST in its `splits`."""
        return self._base_model

    @property
    def nbytes(self) -> int:
        """About how many bytes it takes besides the base model."""
        arrays = [*self._split_added.values(), *self.__dict__.get("drawings", ())]
        return sum(array.nbytes for array in arrays) + self._combined.nbytes + sum(m.nbytes for m in self.memories)

    def with_memories(self, memories: Sequence[Memory]) -> Self:
        """Return the base with exactly these lessons, in this order. Raises ValueError for another base's memory."""
        known = len(self.memories)
        if known and len(memories) == known + 1 and all(a is b for a, b in zip(self.memories, memories, strict=False)):
            return self.with_memory(memories[-1])
        return type(self)(self._base_model, memories, self.untaught)

    def with_memory(self, memory: Memory) -> Self:
        """Return this model and one lesson more; what it has scored already is not scored again."""
        taught, new = type(self)(self._base_model, (*self.memories, memory), self.untaught), CombinedMemories([memory])
        for split in SPLITS:  # not over the dictionary: another thread may be filling it
            if (added := self._split_added.get(split)) is not None:
                references = self._base_model.splits[split]
                by_new = new.added_that_counts(references.features, references.logits)
                taught._split_added[split] = np.maximum(added, by_new)
        seen, own = self.drawings, taught._combined.added_that_counts(memory.features, memory.logits)
        by_new = new.added_that_counts(seen.features, seen.logits)
        taught.drawings = TaughtDrawings(
            np.concatenate([seen.features, memory.features]),
            np.concatenate([seen.logits, memory.logits]),
            np.concatenate([seen.labels, memory.labels]),
            np.concatenate([np.maximum(seen.added, by_new), own]),
            np.concatenate([seen.added_first, own]),
        )
        return taught

    def embed(self, images: np.ndarray) -> np.ndarray:
        """uint8 (n, 28, 28) -> the backbone's features, float32 (n, d)."""
        return self._base_model.forward(check_images(images))[0]

    def logits(self, images: np.ndarray) -> np.ndarray:
        """uint8 (n, 28, 28) -> float32 (n, 11), uncalibrated; the eleventh is "not a digit"."""
        features, logits = self._base_model.forward(check_images(images))
        return self.taught_logits(features, logits)

    def scores(self, images: np.ndarray) -> np.ndarray:
        """uint8 (n, 28, 28) -> float32 (n, 10), each row summing to 1."""
        return self._scores(self.logits(images))

    def predict(self, image: np.ndarray) -> Prediction:
        """uint8 (28, 28) -> what it is. Raises ValueError for any other shape or dtype."""
        return self.predict_many(np.asarray(image)[None])[0]

    def predict_many(self, images: np.ndarray) -> list[Prediction]:
        """uint8 (n, 28, 28) -> n predictions, in one pass."""
        logits = self.logits(images)
        scores, likeness = self._scores(logits), self._likeness(logits)
        return [Prediction(int(row.argmax()), row, float(like)) for row, like in zip(scores, likeness, strict=True)]

    def taught_logits(self, features: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """features float32 (n, d), the base head's logits float32 (n, 11) -> what the lessons make of them."""
        return logits + self._combined.added(features)

    def split_logits(self, split: str) -> np.ndarray:
        """float32 (n, 11) on the stored features of one of `SPLITS`; scored once.

        For what is read there: what lessons add to a digit that could not win all the same is left out.
        """
        references = self._base_model.splits[split]
        added = self._split_added.get(split)
        if added is None:
            added = self._combined.added_that_counts(references.features, references.logits)
            self._split_added[split] = added
        return references.logits + added

    def score_ahead(self) -> None:
        """Score what a lesson is judged with, so that the next one need not wait for it."""
        for split in JUDGED:
            self.split_logits(split)
        self.drawings  # noqa: B018 - it is kept

    def forget_scores(self) -> None:
        """Give back the memory of what was scored once, nearly a megabyte; the next lesson takes longer."""
        self._split_added = {}

    @cached_property
    def drawings(self) -> TaughtDrawings:
        """Every drawing taught, in order, and what the lessons make of it; not to be written to."""
        width = self._base_model.backbone.output_shape[1]
        features = np.concatenate([np.zeros((0, width), np.float32), *(m.features for m in self.memories)])
        logits = np.concatenate([np.zeros((0, OUTPUTS), np.float32), *(m.logits for m in self.memories)])
        labels = np.concatenate([np.zeros(0, np.uint8), *(m.labels for m in self.memories)])
        upto = np.repeat(np.arange(1, len(self.memories) + 1), [len(m.labels) for m in self.memories])
        added, added_first = (self._combined.added_that_counts(features, logits, first) for first in (None, upto))
        return TaughtDrawings(features, logits, labels, added, added_first)

    @property
    def lessons_known(self) -> np.ndarray:
        """bool (n,): which of all the drawings taught, in order, are read as they were taught."""
        return (self.drawings.logits + self.drawings.added)[:, :DIGITS].argmax(1) == self.drawings.labels

    @property
    def lessons_learned(self) -> np.ndarray:
        """bool (n,): which of them were read so once their lesson had been taught, by it and those before it alone."""
        return (self.drawings.logits + self.drawings.added_first)[:, :DIGITS].argmax(1) == self.drawings.labels

    @cached_property
    def confusion(self) -> np.ndarray:
        """int64 (10, 10) on MNIST's test images: rows are the truth, columns what was read."""
        read = self.split_logits("test")[:, :DIGITS].argmax(1)
        return confusion_matrix(self._base_model.splits["test"].labels, read)

    @property
    def test_accuracy(self) -> float:
        """Share of MNIST's 10,000 test images read right, 0-1."""
        return float(self.confusion.trace() / self.confusion.sum())

    @property
    def test_per_digit(self) -> np.ndarray:
        """float64 (10,): share of each digit's test images read right, 0-1."""
        return self.confusion.diagonal() / self.confusion.sum(1)

    def to_keras(self) -> keras.Model:
        """Return one plain Keras model: float32 (n, 28, 28, 1), 0-1 -> scores, float32 (n, 10)."""
        import keras

        base = self._base_model
        image = keras.Input((SIDE, SIDE, 1), name="image")
        features = base.backbone(image)
        logits = self._combined.to_keras(features, base.head(features))
        digits = keras.layers.Dense(DIGITS, use_bias=False, trainable=False, name="digits")
        scores = keras.layers.Softmax(name="scores")(digits(logits))
        digits.set_weights([np.eye(OUTPUTS, DIGITS, dtype=np.float32) / base.calibration.temperature])
        return keras.Model(image, scores, name="taught_classifier")

    def to_onnx(self) -> bytes:
        """Return an ONNX file: images uint8 (n, 28, 28) -> scores float32 (n, 10), digit_likeness float32 (n,)."""
        from mnist_core.recognition.onnx_graph import OnnxGraph

        base, graph, one = self._base_model, OnnxGraph("taught_classifier"), np.array([1])
        grey = graph.add("Cast", graph.input("images", np.uint8, "n", SIDE, SIDE), to=1)  # float32
        image = graph.add("Unsqueeze", graph.add("Div", grey, np.array([255], np.float32)), one)
        features = graph.add_keras(base.backbone, image)
        logits = self._combined.to_onnx(graph, features, graph.add_keras(base.head, features))
        digits = graph.columns(logits, 0, DIGITS)
        temperature, slope, bias = (np.array([value], np.float32) for value in astuple(base.calibration))
        scores = graph.add("Softmax", graph.add("Div", digits, temperature), axis=1)
        any_digit = graph.add("ReduceLogSumExp", digits, axes=[1])
        odds = graph.add("Sub", any_digit, graph.columns(logits, NOT_A_DIGIT, OUTPUTS))
        odds = graph.add("Add", graph.add("Div", odds, slope), bias)
        graph.output("scores", scores, np.float32, "n", DIGITS)
        graph.output("digit_likeness", graph.add("Squeeze", graph.add("Sigmoid", odds), one), np.float32, "n")
        return graph.to_bytes(base=base.id, preparation=PREPARATION, lessons=str(len(self.memories)))

    def _scores(self, logits: np.ndarray) -> np.ndarray:
        scaled = logits[:, :DIGITS] / self._base_model.calibration.temperature
        shares = np.exp(scaled - scaled.max(1, keepdims=True))
        return shares / shares.sum(1, keepdims=True)

    def _likeness(self, logits: np.ndarray) -> np.ndarray:
        calibration = self._base_model.calibration
        odds = np.logaddexp.reduce(logits[:, :DIGITS], axis=1) - logits[:, NOT_A_DIGIT]
        return 1 / (1 + np.exp(-(odds / calibration.likeness_temperature + calibration.likeness_bias)))


def confusion_matrix(labels: np.ndarray, read: np.ndarray) -> np.ndarray:
    """How often each digit (row) was read as each digit (column): int64 (10, 10). labels, read: int (n,), 0-9."""
    counts = np.zeros((DIGITS, DIGITS), np.int64)
    np.add.at(counts, (labels, read), 1)
    return counts
