"""What an epoch holds: MNIST's images as they are, bent or changed as pens would, and what is made up."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mnist_core.bitmaps import unpack_bits
from mnist_core.pretrain.augmentation import shifted
from mnist_core.pretrain.recipe import Stage
from mnist_core.pretrain.shards import Shard, ShardSpec, concatenate
from mnist_core.recognition.base import pixels


class TrainingImages(NamedTuple):
    """All images that are trained on, as one shard of n images, and which of its rows are of which kind."""

    all: Shard
    rows: dict[str, np.ndarray]
    """For each kind the rows of `all`, int (shards, images of a shard): rows["bent"][2, 5] and rows["plain"][0, 5]
    are made of the same image of MNIST."""


def gather(shards: dict[ShardSpec, Shard]) -> TrainingImages:
    """Return the images of the split "train"; the shards of one kind must have as many images each."""
    by_kind: dict[str, list[Shard]] = {}
    for spec in sorted(spec for spec in shards if spec.split == "train"):
        by_kind.setdefault(spec.kind, []).append(shards[spec])
    rows, begin = {}, 0
    for kind, made in by_kind.items():
        shape = len(made), len(made[0].labels)
        rows[kind] = np.arange(begin, begin + shape[0] * shape[1]).reshape(shape)
        begin += shape[0] * shape[1]
    return TrainingImages(concatenate([shard for made in by_kind.values() for shard in made]), rows)


def draw_epoch(rows: dict[str, np.ndarray], stage: Stage, rng: np.random.Generator) -> np.ndarray:
    """Return the rows of one epoch's images, int (m,), in the order in which they are trained on.

    rows: as of `TrainingImages`.
    """
    variants, n = rows["varied"].shape
    variant, chance, image = rng.integers(0, variants, n), rng.random(n), np.arange(n)
    from_mnist = np.select(
        [chance < stage.plain_share, chance < stage.plain_share + stage.bent_share],
        [rows["plain"][0], rows["bent"][variant, image]],
        default=rows["varied"][variant, image],
    )
    parts = [from_mnist]
    for kind, share in (("digits", stage.digits_share), ("non_digits", stage.non_digits_share)):
        made_up = rows[kind].ravel()
        parts.append(rng.choice(made_up, min(int(n * share), len(made_up)), replace=False))
    return rng.permutation(np.concatenate(parts))


def batches(images: TrainingImages, targets: np.ndarray, stage: Stage, batch_size: int, seed: int) -> Any:
    """Return the images as Keras takes them: a `keras.utils.PyDataset` that draws each epoch anew.

    targets: float (n, classes), a row for each of `images.all`. A batch is images float32 (batch_size, 28, 28, 1), 0-1,
    and their targets float32 (batch_size, classes); what does not fill a batch is left out of the epoch.
    """
    import keras

    class Batches(keras.utils.PyDataset):
        def __init__(self) -> None:
            super().__init__()
            self.rng = np.random.default_rng(seed)
            self.on_epoch_end()

        def __len__(self) -> int:
            return len(self.rows) // batch_size

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            rows = self.rows[index * batch_size : (index + 1) * batch_size]
            inputs = shifted(unpack_bits(images.all.packed[rows]), stage.max_shift, self.rng)
            return pixels(inputs), targets[rows].astype(np.float32)

        def on_epoch_end(self) -> None:
            self.rows = draw_epoch(images.rows, stage, self.rng)

    return Batches()
