"""What fitting rehearses: features of images that the base model knows, and how they are spread."""

from __future__ import annotations

from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np

from mnist_core.recognition.base import BaseModel, References
from mnist_core.recognition.memory import unit_length

_SHRINKAGE = 0.1  # of the covariance towards a multiple of the identity


class Rehearsal:
    """What fitting needs to know of the base model; nothing in it depends on a lesson."""

    def __init__(self, *splits: References) -> None:
        self.directions = unit_length(np.concatenate([split.features for split in splits]))
        self.labels = np.concatenate([split.labels for split in splits])
        self.logits = np.concatenate([split.logits for split in splits])
        self.mean = self.directions.mean(0)
        centred = self.directions.copy()
        for label in np.unique(self.labels):
            centred[self.labels == label] -= self.directions[self.labels == label].mean(0)
        covariance = centred.T @ centred / len(centred)
        covariance += _SHRINKAGE * np.trace(covariance) / len(covariance) * np.eye(len(covariance), dtype=np.float32)
        self.precision = np.linalg.inv(covariance)


_made: WeakKeyDictionary[BaseModel, dict[tuple[str, ...], Rehearsal]] = WeakKeyDictionary()  # gone with its base
_making = Lock()


def rehearsal(base: BaseModel, splits: tuple[str, ...]) -> Rehearsal:
    """The base model's `Rehearsal` of some of its splits, made once for each choice of them."""
    with _making:
        made = _made.setdefault(base, {})
        if splits not in made:
            made[splits] = Rehearsal(*(base.splits[split] for split in splits))
        return made[splits]
