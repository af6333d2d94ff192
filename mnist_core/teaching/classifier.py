"""A model that can be taught."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from mnist_core.recognition.base import MODELS, BaseModel
from mnist_core.recognition.memory import Memory
from mnist_core.recognition.taught_model import TaughtModel
from mnist_core.teaching.lesson import Lesson, teach


class Classifier(TaughtModel):
    """A base model and the lessons taught to it. Immutable, and safe to share among threads."""

    @staticmethod
    def load(folder: str | Path = MODELS) -> Classifier:
        """Return the untaught classifier of a folder that `python -m mnist_core.pretrain` built.

        Imports TensorFlow, which takes seconds. Raises ModelUnavailable when a part is missing or damaged.
        """
        return Classifier(BaseModel(folder))

    def teach(
        self,
        images: np.ndarray,
        labels: Sequence[int],
        progress: Callable[[float], None] | None = None,
        *,
        memory: Memory | None = None,
        own: bool = False,
    ) -> Lesson[Classifier]:
        """Teach drawings: uint8 (n, 28, 28) of 0/255 and n labels 0-9 -> a `Lesson`, accepted or refused.

        progress: called with the share done, 0-1. memory: what an earlier try at the same lesson was fitted to.
        own: for a model of one's own, which protects its person's drawings and may lose a bounded part of MNIST's.
        This classifier stays as it is. Raises ValueError for a wrong shape, dtype or label, and for no drawings.
        """
        return teach(self, images, labels, progress, memory=memory, own=own)
