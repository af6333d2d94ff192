"""Distillation (Hinton, Vinyals and Dean, 2015): a network learns what its teachers make of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import softmax

from mnist_core.bitmaps import OUTPUTS, unpack_bits
from mnist_core.pretrain.calibration import temperature
from mnist_core.pretrain.pool import Slice
from mnist_core.recognition.base import pixels

if TYPE_CHECKING:
    import keras

_AT_ONCE = 20_000  # images; all of them as float32 would be gigabytes


def targets(members: list[keras.Model], images: Slice, held_out: Slice, share: float) -> np.ndarray:
    """Return what to learn of each image: float16 (n, OUTPUTS), probabilities.

    share: 0-1, of them that is what the teachers make of the image together: the softmax of the members' summed
    logits, over the temperature that is right on `held_out`, real digits. The rest is the label.
    """
    scale = temperature(_summed(members, held_out.packed)[:, :10], held_out.labels)
    learned = np.eye(OUTPUTS, dtype=np.float16)[images.labels]
    for begin in range(0, len(learned), _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        told = softmax(_summed(members, images.packed[part]) / scale, axis=1)
        learned[part] += np.float16(share) * (told - learned[part])
    return learned


def _summed(members: list[keras.Model], packed: np.ndarray) -> np.ndarray:
    """The members' logits of packed images, added: float32 (n, classes)."""
    drawn = pixels(unpack_bits(packed))
    return np.sum([member.predict(drawn, batch_size=500, verbose=0) for member in members], axis=0)
