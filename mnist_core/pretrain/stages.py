"""A stage of training, and its end, kept on disk so that an interrupted training goes on with the stage it was in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnist_core.files.archives import read_arrays, write_arrays


@dataclass(frozen=True)
class Stage:
    """One descent of the learning rate, from its peak along a cosine to zero, over one mixture of images."""

    epochs: int
    rate: float
    warm_up: float  # epochs before the peak
    smoothing: float  # of the labels
    plain_share: float  # of an epoch's MNIST images, that are left as they are
    bent_share: float  # of them, that are bent only; the others are changed as pens would
    digits_share: float  # made-up digits in an epoch, for each of MNIST's images
    others_share: float  # the same for non-digits
    shift: int = 0  # each image is moved by up to so many pixels each way
    taught: float = 0.0  # share of the target that is what the teachers say; the rest is the label


class End(NamedTuple):
    """What a stage ends with."""

    weights: list[np.ndarray]
    """All of the model's, in Keras's order, statistics included."""
    seconds: float
    """How long the stage took."""


def read_end(file: Path, shapes: list[tuple[int, ...]]) -> End | None:
    """Return what `write_end` wrote, or None: not there, cut short, or of a network of other shapes."""
    names = [f"weights_{at}" for at in range(len(shapes))]
    try:
        kept = read_arrays(file, (*names, "seconds"))
    except ValueError:
        return None
    weights = [kept[name] for name in names]
    return End(weights, float(kept["seconds"])) if [weight.shape for weight in weights] == shapes else None


def write_end(file: Path, end: End) -> None:
    """Write the end of a stage to an `.npz` file, whole or not at all."""
    write_arrays(file, **{f"weights_{at}": weight for at, weight in enumerate(end.weights)}, seconds=end.seconds)
