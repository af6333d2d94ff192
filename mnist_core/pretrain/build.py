"""Build the base model: make the images, train on them, and write the folder `models`.

MNIST's training images, what is made of them and what is made up (`shards`) train one small network (`network`), in
the stages of `recipe`. The last 5,000 training images are held out: they set the temperatures, and the gate of
teaching judges by them.
"""

from __future__ import annotations

import os
from pathlib import Path

from mnist_core.files.mnist import Mnist
from mnist_core.pretrain.export import export
from mnist_core.pretrain.image_cache import read_or_make_images
from mnist_core.pretrain.recipe import Recipe
from mnist_core.pretrain.training import train


def pretrain(mnist: Mnist, recipe: Recipe, out: Path, cache: Path) -> None:
    """Make the images, train, measure, and write the folder `out` as `export` describes it.

    cache: a folder for images and checkpoints; run again after an interruption, this goes on with what is there.
    """
    shards = read_or_make_images(mnist, recipe, cache)
    model = train(shards, recipe, cache)
    making = sum(shard.seconds for shard in shards.values()) / (os.cpu_count() or 1)
    spent = {"image_seconds": round(making), "training_seconds": round(model.seconds)}
    figures = export(model, shards, mnist, recipe, spent, out)
    for name, accuracy in figures.items():
        print(f"{name:20s} {accuracy:.2%}")
