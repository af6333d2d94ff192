"""A classifier without TensorFlow, with the surface that the service uses."""

import threading
import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import cast

import numpy as np

from mnist_core.bitmaps import SIDE, blank
from mnist_core.recognition.memory import Memory
from mnist_core.serving.ownership import Secret
from mnist_core.serving.room_owner import RoomOwner
from mnist_core.serving.shared_model import SharedModel
from mnist_core.storage.browsers import new_browser_id
from mnist_core.teaching.classifier import Classifier
from mnist_core.teaching.lesson import Lesson, Refusal, Report
from mnist_core.teaching.own import Cost


def as_owner(model: SharedModel, browser: str | None = None) -> RoomOwner:
    """The rights of everyone's owner, as whoever reads the server's terminal gets them."""
    keys: list[str] = []
    model.ownership.offer_key(keys.append)
    return model.everyone.owner(Secret(keys[0], browser or new_browser_id()))


UNTAUGHT = 7  # what every drawing is taken for before any lesson
VANDALISM = 9  # a lesson with this label is refused


def drawings(count: int) -> np.ndarray:
    """uint8 (count, 28, 28): the same upright stroke, as often as that."""
    images = np.zeros((count, SIDE, SIDE), np.uint8)
    images[:, 4:24, 12:16] = 255
    return images


class FakeClassifier:
    """Knows the labels it was taught.

    `fitting` is set while it fits, which takes `pause_s`, and until `may_end` is set: a test clears it to stay in the
    middle of a lesson.
    """

    def __init__(self, base_id: str = "base", memories: Sequence[Memory] = (), pause_s: float = 0.0) -> None:
        self.base_id, self.memories, self.pause_s = base_id, tuple(memories), pause_s
        self.fitting, self.may_end, self.scored = threading.Event(), threading.Event(), threading.Event()
        self.may_end.set()

    @property
    def nbytes(self) -> int:
        return sum(memory.nbytes for memory in self.memories)

    def score_ahead(self) -> None:
        self.scored.set()

    def forget_scores(self) -> None:
        """It has none."""

    @property
    def known(self) -> list[int]:
        """The first label of each lesson taught."""
        return [int(memory.labels[0]) for memory in self.memories]

    @property
    def reads(self) -> int:
        """What it takes every drawing for: nothing taught, a 7; afterwards, the label of the last lesson."""
        return self.known[-1] if self.known else UNTAUGHT

    @property
    def drawings(self) -> SimpleNamespace:
        """Of all drawings taught, the labels."""
        return SimpleNamespace(labels=np.concatenate([[], *(memory.labels for memory in self.memories)]).astype(int))

    @property
    def untaught(self) -> "FakeClassifier":
        return self.with_memories(())

    def with_memories(self, memories: Sequence[Memory]) -> "FakeClassifier":
        if any(memory.base_id != self.base_id for memory in memories):
            raise ValueError("memories of another base model")
        other = FakeClassifier(self.base_id, memories, self.pause_s)
        other.fitting, other.may_end = self.fitting, self.may_end
        return other

    def with_memory(self, memory: Memory) -> "FakeClassifier":
        return self.with_memories((*self.memories, memory))

    def teach(
        self,
        images: np.ndarray,
        labels: Sequence[int],
        progress: Callable[[float], None] | None = None,
        *,
        memory: Memory | None = None,
        own: bool = False,
    ) -> Lesson:
        if not len(images) or blank(images).any():
            raise ValueError("blank or none, which the real one refuses too")
        if memory is None:
            self.fitting.set()
            for step in range(4):
                time.sleep(self.pause_s / 4)
                if progress:
                    progress((step + 1) / 4)
            self.may_end.wait(60)
            self.fitting.clear()
            memory = self._fit(labels)
        right = np.array([label == self.reads for label in labels])
        before, after = (Report(0.99, np.full(10, 0.99), read) for read in (right, np.full(len(labels), True)))
        if VANDALISM in labels and not own:
            refusal = Refusal("digit", VANDALISM, 31, 1000)
            return Lesson(cast(Classifier, self), False, "it would harm", refusal, before, before, self.pause_s, None)
        taught = self.with_memories((*self.memories, memory))
        return Lesson(
            cast(Classifier, taught), True, "", None, before, after, self.pause_s, memory, self._cost(labels[0], own)
        )

    def _cost(self, taught: int, own: bool) -> Cost | None:
        """A model of one's own takes 2 % of others' sevens for what it was taught, and renames what it knew before."""
        lost = np.zeros((10, 10))
        lost[UNTAUGHT, taught] = 0.02 * (taught != UNTAUGHT)
        return Cost(lost, np.flatnonzero(self.drawings.labels != taught)) if own else None

    def _fit(self, labels: Sequence[int]) -> Memory:
        count = len(labels)
        return Memory(
            self.base_id,
            directions=np.zeros((1, 1), np.float32),
            thresholds=np.zeros(1, np.float32),
            starts=np.zeros(1, np.int32),
            gains=np.zeros(1, np.float32),
            digits=np.asarray(labels[:1], dtype=np.uint8),
            features=np.zeros((count, 1), np.float32),
            logits=np.zeros((count, 11), np.float32),
            labels=np.asarray(labels, dtype=np.uint8),
        )
