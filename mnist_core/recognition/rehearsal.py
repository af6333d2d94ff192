"""Features of images that the model knows, kept so that a lesson can be fitted and judged without MNIST."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnist_core.recognition.memory import unit_length

_SHRINKAGE = 0.1  # of the covariance towards a multiple of the identity


@dataclass(frozen=True)
class References:
    """Features of MNIST images, kept beside the weights so that a head is scored without MNIST.

    features: float32 (n, d), labels: uint8 (n,), 10 for what is no digit, logits: float32 (n, 11) of the base head.
    """

    features: np.ndarray
    labels: np.ndarray
    logits: np.ndarray


class Rehearsal:
    """What fitting needs to know of the base model; made once, since nothing in it depends on a lesson."""

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
