"""Build the base model from MNIST: `python -m mnist_core.pretrain [--data FILE] [--out models]`; see `build`."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from mnist_core.files.mnist import Mnist, load_mnist
from mnist_core.pretrain.build import pretrain
from mnist_core.pretrain.recipe import Recipe

QUICK = Recipe(
    first=replace(Recipe.first, epochs=1),
    teachers=tuple(replace(stage, epochs=1) for stage in Recipe.teachers),
    distilled=Recipe.distilled and replace(Recipe.distilled, epochs=1),
    batch_size=32,
    variants=1,
    made_up_shards=1,
    made_up_shard_size=60,
    held_out=60,
    made_up_validation_size=40,
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m mnist_core.pretrain", description=(__doc__ or "").split(":")[0])
    parser.add_argument("--data", help="MNIST: an .npz or a folder of IDX files (default: MNIST_PATH, or a download)")
    parser.add_argument("--out", type=Path, help="the folder to write (default: models)")
    parser.add_argument(
        "--cache", default="data/pretrain", type=Path, help="for going on after an interruption (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="a try in seconds on a few images; the model is useless")
    chosen = parser.parse_args(arguments)
    if chosen.seed < 0:
        parser.error("--seed must be 0 or more")
    if chosen.quick and chosen.out is None:
        parser.error("--quick needs --out: what it makes must not replace the model that is there")
    out = chosen.out or Path("models")
    if find_spec("HersheyFonts") is None:  # said now, not after minutes of work
        print("pretrain: install what it needs first: pip install -r requirements-dev.txt", file=sys.stderr)
        return 1
    try:
        mnist = load_mnist(chosen.data)
    except ValueError as error:
        print(f"pretrain: {error}", file=sys.stderr)
        return 1
    recipe = replace(QUICK if chosen.quick else Recipe(), seed=chosen.seed)
    if chosen.quick:
        mnist = Mnist(mnist.x_train[-360:], mnist.y_train[-360:], mnist.x_test[:100], mnist.y_test[:100])
    if len(mnist.x_train) < 2 * recipe.held_out:
        print(f"pretrain: {len(mnist.x_train)} images to train on are too few", file=sys.stderr)
        return 1
    try:
        for folder in (out, chosen.cache):  # said now, not after hours
            folder.mkdir(parents=True, exist_ok=True)
        pretrain(mnist, recipe, out, chosen.cache)
    except OSError as error:
        print(f"pretrain: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
