"""The shards of one recipe: made in parallel, and each kept in a file, so that an interrupted run makes only the rest.

A file's name holds all that its shard depends on, so a change makes another file, and an old one is never mistaken for
it.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from mnist_core.files.archives import read_arrays, write_arrays
from mnist_core.files.mnist import Mnist
from mnist_core.pretrain.recipe import Recipe
from mnist_core.pretrain.shards import MAKING, Shard, ShardSpec, make_shard
from mnist_core.recognition.preprocessing import PREPARATION

Splits = dict[str, tuple[np.ndarray, np.ndarray]]
"""MNIST's images uint8 (n, 28, 28) and labels uint8 (n,) of each split."""


def read_or_make_images(mnist: Mnist, recipe: Recipe, folder: Path) -> dict[ShardSpec, Shard]:
    """Return every shard that the recipe's training and calibration need; they are kept in `folder`."""
    trained = len(mnist.x_train) - recipe.held_out
    splits = {
        "train": (mnist.x_train[:trained], mnist.y_train[:trained]),
        "validation": (mnist.x_train[trained:], mnist.y_train[trained:]),
    }
    specs = needed_shards(recipe)
    shards = {}
    for spec, shard in read_or_make(specs, splits, recipe.seed, folder):
        shards[spec] = shard
        progress = f"images {len(shards):2d}/{len(specs)}  {spec.split} {spec.kind} {spec.number}"
        print(time.strftime("%H:%M:%S"), f"{progress}: {len(shard.labels):,}", flush=True)
    return shards


def needed_shards(recipe: Recipe) -> list[ShardSpec]:
    """Return which shards the recipe's training and calibration need."""
    specs = [ShardSpec("plain", "train", 0), ShardSpec("plain", "validation", 0), ShardSpec("varied", "validation", 0)]
    for kind in ("bent", "varied"):
        specs += [ShardSpec(kind, "train", number) for number in range(recipe.variants)]
    for kind in ("digits", "non_digits"):
        specs.append(ShardSpec(kind, "validation", 0, recipe.made_up_validation_size))
        specs += [ShardSpec(kind, "train", n, recipe.made_up_shard_size) for n in range(recipe.made_up_shards)]
    return specs


def read_or_make(specs: list[ShardSpec], splits: Splits, seed: int, folder: Path) -> Iterator[tuple[ShardSpec, Shard]]:
    """Yield every shard with its specification, as they become ready: read from `folder`, else made by all processors.

    Those made are written to `folder` before they are yielded.
    """
    folder.mkdir(parents=True, exist_ok=True)
    origin = {split: _digest(*arrays) for split, arrays in splits.items()}
    files = {spec: folder / _name(spec, len(splits[spec.split][0]), seed, origin[spec.split]) for spec in specs}
    missing = []
    for spec in specs:
        kept = _read(files[spec])
        if kept is None:
            missing.append(spec)
        else:
            yield spec, kept
    if not missing:
        return
    workers = min(os.cpu_count() or 1, len(missing))
    with ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=_begin_worker, initargs=(splits, seed)
    ) as processes:
        waiting = {processes.submit(_make_in_worker, spec): spec for spec in missing}
        for done in as_completed(waiting):
            spec, shard = waiting[done], done.result()
            write_arrays(files[spec], **shard._asdict())
            yield spec, shard


def _name(spec: ShardSpec, images: int, seed: int, origin: str) -> str:
    return f"{spec.split}-{spec.kind}-{spec.number}-{spec.size or images}-seed{seed}-{origin}.npz"


def _digest(images: np.ndarray, labels: np.ndarray) -> str:
    return hashlib.sha256(f"{PREPARATION} {MAKING}".encode() + images.tobytes() + labels.tobytes()).hexdigest()[:12]


def _read(file: Path) -> Shard | None:
    try:
        kept = read_arrays(file, Shard._fields)
    except ValueError:  # not there, or cut short: it is made again
        return None
    return Shard(kept["packed"], kept["labels"], float(kept["seconds"]))


_of_worker: tuple[Splits, int]  # the splits and the seed, sent to each worker process once rather than with each shard


def _begin_worker(splits: Splits, seed: int) -> None:
    global _of_worker
    _of_worker = splits, seed


def _make_in_worker(spec: ShardSpec) -> Shard:
    splits, seed = _of_worker
    began = time.monotonic()
    return make_shard(spec, *splits[spec.split], seed)._replace(seconds=time.monotonic() - began)
