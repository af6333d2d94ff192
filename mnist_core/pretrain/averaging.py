"""The running mean of a network's weights over the last steps of training (Izmailov et al., 2018)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

_EVERY = 16  # steps; the mean moves so little in one step that the others are not worth their time


class WeightAverage(keras.callbacks.Callback):
    """A callback for `fit` whose `weights` are the exponential moving average of all of the model's weights.

    The statistics of batch normalisation are averaged as well. `weights` are float32 arrays in Keras's order, empty
    before the first update.
    """

    def __init__(self, decay: float, steps: int) -> None:
        """decay: 0-1, what the mean keeps of itself at an update. steps: of the whole training."""
        super().__init__()
        self.weights: list[np.ndarray] = []
        self._decay = decay
        self._steps = steps
        self._step = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count the step; every 16th, and the last, updates `weights`."""
        self._step += 1
        if self._step % _EVERY and self._step < self._steps:
            return
        now = self.model.get_weights()
        share = 1 - min(self._decay, self._step / (self._step + 320))  # soon forgets the first, bad weights
        old = self.weights or now
        self.weights = [mean + share * (weight - mean) for mean, weight in zip(old, now, strict=True)]
