"""What the base model is trained on, as shards: some thousand labelled images of one kind, made at a time.

A shard depends on the seed, its own specification and MNIST's images, and on nothing else: not on the order in which
shards are made, nor on how many processes make them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mnist_core.bitmaps import NOT_A_DIGIT, pack_bits
from mnist_core.pretrain.augmentation import bent, prepare_plain, spoil, vary
from mnist_core.pretrain.penmanship import digit_image, non_digit_image

KINDS = ("plain", "varied", "digits", "non_digits", "bent")  # their places seed the making: new ones go to the end
MAKING = "d3ca37a31395"
"""A digest of what is made of fixed images; a test says the new one at a change. Shards of another are made again."""

SPOILED_SHARE = 0.2  # of the non-digits, those made of MNIST's digits; the rest are pen strokes


class Shard(NamedTuple):
    """Images packed eight pixels a byte, uint8 (n, 98), and labels uint8 (n,): 0-9, or 10 for what is no digit."""

    packed: np.ndarray
    labels: np.ndarray
    seconds: float = 0.0
    """How long it took one processor to make it."""


class ShardSpec(NamedTuple):
    """Which shard to make of which images."""

    kind: str
    """`plain`: MNIST prepared; `bent`: MNIST bent; `varied`: MNIST changed as pens would; `digits`: made-up digits;
    `non_digits`: made up, or made of MNIST's digits."""
    split: str
    """`train` or `validation`: whose images of MNIST are used, and never those of the other."""
    number: int
    """Tells the shards of one kind and split apart."""
    size: int = 0
    """How many images are made up; `plain`, `bent` and `varied` have one for each of MNIST's."""


def concatenate(shards: list[Shard]) -> Shard:
    """Return one shard of all the images of several."""
    return Shard(np.concatenate([s.packed for s in shards]), np.concatenate([s.labels for s in shards]))


def make_shard(spec: ShardSpec, images: np.ndarray, labels: np.ndarray, seed: int) -> Shard:
    """Make one shard from MNIST's images, uint8 (n, 28, 28), and labels, uint8 (n,), of the specified split."""
    rng = np.random.default_rng([seed, KINDS.index(spec.kind), len(spec.split), spec.number])
    if spec.kind == "plain":
        made = [prepare_plain(image) for image in images]
    elif spec.kind == "varied":
        made = [vary(image, int(d), rng, rng.uniform(0.2, 1.0)) for image, d in zip(images, labels, strict=True)]
    elif spec.kind == "bent":
        made = [bent(image, rng, rng.uniform(0.2, 0.9)) for image in images]
    elif spec.kind == "digits":
        labels = rng.integers(0, 10, spec.size)
        made = [digit_image(int(digit), rng) for digit in labels]
    else:
        made = [_non_digit(images, labels, rng) for _ in range(spec.size)]
        labels = np.full(spec.size, NOT_A_DIGIT)
    return Shard(pack_bits(np.array(made)), labels.astype(np.uint8))


def _non_digit(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() >= SPOILED_SHARE:
        return non_digit_image(rng)
    two = rng.integers(0, len(images), 2)
    return spoil(images[two], labels[two], rng)
