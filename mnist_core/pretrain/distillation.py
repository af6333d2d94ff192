"""Distillation (Hinton, Vinyals and Dean, 2015): a network learns the probabilities that its teachers give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import softmax

from mnist_core.bitmaps import OUTPUTS, unpack_bits
from mnist_core.pretrain.calibration import fit_temperature
from mnist_core.pretrain.shards import Shard
from mnist_core.recognition.base import pixels

if TYPE_CHECKING:
    import keras

_AT_ONCE = 20_000  # images; all of them as float32 would be gigabytes


def distillation_targets(
    teachers: list[keras.Model], images: Shard, held_out: Shard, soft_target_weight: float
) -> np.ndarray:
    """Return what to learn of each image: float16 (n, OUTPUTS), rows sum to 1.

    soft_target_weight: 0-1, the weight of the soft targets; the label, as one-hot, has the rest. The soft targets are
    the softmax of the teachers' summed logits, divided by the temperature that fits `held_out`, which has digits only.
    """
    temperature = fit_temperature(_summed_logits(teachers, held_out.packed)[:, :10], held_out.labels)
    targets = np.eye(OUTPUTS, dtype=np.float16)[images.labels]
    for begin in range(0, len(targets), _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        soft_targets = softmax(_summed_logits(teachers, images.packed[part]) / temperature, axis=1)
        targets[part] += np.float16(soft_target_weight) * (soft_targets - targets[part])
    return targets


def _summed_logits(teachers: list[keras.Model], packed: np.ndarray) -> np.ndarray:
    """The teachers' logits of packed images, added: float32 (n, classes)."""
    inputs = pixels(unpack_bits(packed))
    return np.sum([teacher.predict(inputs, batch_size=500, verbose=0) for teacher in teachers], axis=0)
