"""Choosing the images that every lesson rehearses, so that it changes nothing else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mnist_core.bitmaps import NOT_A_DIGIT
from mnist_core.pretrain.shards import Shard, ShardSpec, concatenate

OF_EACH_DIGIT = 500  # of each digit: so many of MNIST's, half of them the least sure ones, and so many made up
NON_DIGITS = 1500


def choose_rehearsal_images(
    shards: dict[ShardSpec, Shard], seed: int, read_logits: Callable[[Shard], np.ndarray]
) -> Shard:
    """Return images of the split "train": those near a boundary say best how far a lesson may reach.

    read_logits: gives the trained model's logits of a shard, float (n, 11).
    """
    rng = np.random.default_rng(seed)
    chosen = []
    for kind, labels in (("plain", range(10)), ("digits", range(10)), ("non_digits", [NOT_A_DIGIT])):
        shard = next(shard for spec, shard in shards.items() if spec[:3] == (kind, "train", 0))
        for label in labels:
            rows = rng.permutation(np.flatnonzero(shard.labels == label))
            if kind == "plain":
                rows = _least_sure_first(rows, read_logits(_part(shard, rows)), label)
            chosen.append(_part(shard, rows[: NON_DIGITS if label == NOT_A_DIGIT else OF_EACH_DIGIT]))
    return concatenate(chosen)


def _part(shard: Shard, rows: np.ndarray) -> Shard:
    return Shard(shard.packed[rows], shard.labels[rows])


def _least_sure_first(rows: np.ndarray, logits: np.ndarray, digit: int) -> np.ndarray:
    """`rows`, those first that are read right by the smallest margin, half of OF_EACH_DIGIT; logits float (n, 11)."""
    margins = logits[:, digit] - np.delete(logits[:, :10], digit, axis=1).max(1)
    least = np.argsort(np.where(margins > 0, margins, np.inf))[: OF_EACH_DIGIT // 2]
    return np.concatenate([rows[least], np.delete(rows, least)])
