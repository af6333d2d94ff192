"""What an epoch holds: MNIST's images as they are, bent or changed as pens would, and what is made up."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mnist_core.bitmaps import unpack_bits
from mnist_core.pretrain.augmentation import shifted
from mnist_core.pretrain.pool import Job, Slice, joined
from mnist_core.pretrain.stages import Stage
from mnist_core.recognition.base import pixels


class Images(NamedTuple):
    """All images that are trained on, as one slice of n, and where each kind is in it."""

    every: Slice
    rows: dict[str, np.ndarray]
    """Of each kind, int (slices, images of a slice): bent[2, 5] and plain[0, 5] are made of the same image."""


def gathered(slices: dict[Job, Slice]) -> Images:
    """Return the slices of the part "train" as one; those of a kind must be of one length."""
    of: dict[str, list[Slice]] = {}
    for job in sorted(job for job in slices if job.part == "train"):
        of.setdefault(job.kind, []).append(slices[job])
    rows, begin = {}, 0
    for kind, made in of.items():
        shape = len(made), len(made[0].labels)
        rows[kind] = np.arange(begin, begin + shape[0] * shape[1]).reshape(shape)
        begin += shape[0] * shape[1]
    return Images(joined([each for made in of.values() for each in made]), rows)


def batches(images: Images, learned: np.ndarray, stage: Stage, size: int, seed: int) -> Any:
    """Return the images as Keras takes them: a `keras.utils.PyDataset`, each epoch another mixture of them.

    learned: float (n, classes), of each image what to learn. A batch is images float32 (size, 28, 28, 1), 0-1, and
    what to learn of them float32 (size, classes).
    """
    import keras

    rows = images.rows

    class Batches(keras.utils.PyDataset):
        def __init__(self) -> None:
            super().__init__()
            self.rng = np.random.default_rng(seed)
            self.on_epoch_end()

        def __len__(self) -> int:
            return len(self.mixture) // size

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            at = self.mixture[index * size : (index + 1) * size]
            drawn = shifted(unpack_bits(images.every.packed[at]), stage.shift, self.rng)
            return pixels(drawn), learned[at].astype(np.float32)

        def on_epoch_end(self) -> None:
            variants, n = rows["varied"].shape
            which, fate, each = self.rng.integers(0, variants, n), self.rng.random(n), np.arange(n)
            written = rows["varied"][which, each]
            written = np.where(fate < stage.plain_share + stage.bent_share, rows["bent"][which, each], written)
            parts = [np.where(fate < stage.plain_share, rows["plain"][0], written)]
            for kind, share in (("digits", stage.digits_share), ("others", stage.others_share)):
                made = rows[kind].ravel()
                parts.append(self.rng.choice(made, min(int(n * share), len(made)), replace=False))
            self.mixture = self.rng.permutation(np.concatenate(parts))

    return Batches()
