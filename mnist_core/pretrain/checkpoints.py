"""Networks at the end of a stage, kept on disk: an interrupted training goes on with the stage that it was in."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnist_core.files.archives import read_arrays, write_arrays


class Checkpoint(NamedTuple):
    """A network at the end of a stage."""

    weights: list[np.ndarray]
    """All of the network's, in Keras's order, the statistics of batch normalisation included."""
    seconds: float
    """How long the stage took."""


def read_checkpoint(file: Path, shapes: list[tuple[int, ...]]) -> Checkpoint | None:
    """Return what `write_checkpoint` wrote, or None: not there, cut short, or of a network of other shapes."""
    names = [f"weights_{at}" for at in range(len(shapes))]
    try:
        kept = read_arrays(file, (*names, "seconds"))
    except ValueError:
        return None
    weights = [kept[name] for name in names]
    return Checkpoint(weights, float(kept["seconds"])) if [weight.shape for weight in weights] == shapes else None


def write_checkpoint(file: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint to an `.npz` file, whole or not at all."""
    weights = {f"weights_{at}": weight for at, weight in enumerate(checkpoint.weights)}
    write_arrays(file, **weights, seconds=checkpoint.seconds)
