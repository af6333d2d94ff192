"""The images that the base model is trained on: made once, in parallel, and kept packed on disk.

A slice depends on the seed, its kind, number and size, and the images that it is made of, not on how many processes
make it. Each is a file, so an interrupted `pretrain` goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnist_core.bitmaps import DIGITS, NOT_A_DIGIT, pack_bits
from mnist_core.files.archives import read_arrays, write_arrays
from mnist_core.pretrain.augmentation import bent, prepare_plain, spoil, vary
from mnist_core.pretrain.penmanship import digit_image, other_image

KINDS = ("plain", "varied", "digits", "others", "bent")
MAKING = 3  # goes up with each change to what is made of the same images, so that kept slices are not taken for new
SPOILT = 0.2  # share of the non-digits that are made of MNIST's digits; the others are pen strokes


class Slice(NamedTuple):
    """Images packed eight pixels a byte, uint8 (n, 98), and labels uint8 (n,): 0-9, or 10 for what is no digit."""

    packed: np.ndarray
    labels: np.ndarray
    seconds: float = 0.0
    """How long it took one processor to make it."""


class Job(NamedTuple):
    """Which slice to make of which images."""

    kind: str
    """`plain`: MNIST prepared; `bent`: MNIST bent; `varied`: MNIST changed as pens would; `digits`: made up;
    `others`: no digits."""
    part: str
    """`train` or `validation`: whose images are used, and never those of the other part."""
    number: int
    size: int = 0
    """How many are made up; `plain`, `bent` and `varied` have one image for each of MNIST's."""


def joined(slices: list[Slice]) -> Slice:
    """Return one slice of all the images of several."""
    return Slice(np.concatenate([s.packed for s in slices]), np.concatenate([s.labels for s in slices]))


def make_slice(job: Job, images: np.ndarray, labels: np.ndarray, seed: int) -> Slice:
    """Make one slice from MNIST's images, uint8 (n, 28, 28), and labels, uint8 (n,), of the job's part."""
    rng = np.random.default_rng([seed, KINDS.index(job.kind), len(job.part), job.number])
    if job.kind == "plain":
        made = [prepare_plain(image) for image in images]
    elif job.kind == "varied":
        made = [vary(image, int(d), rng, rng.uniform(0.2, 1.0)) for image, d in zip(images, labels, strict=True)]
    elif job.kind == "bent":
        made = [bent(image, rng, rng.uniform(0.2, 0.9)) for image in images]
    elif job.kind == "digits":
        labels = rng.integers(0, DIGITS, job.size)
        made = [digit_image(int(digit), rng) for digit in labels]
    else:
        made = [_other(images, labels, rng) for _ in range(job.size)]
        labels = np.full(job.size, NOT_A_DIGIT)
    return Slice(pack_bits(np.array(made)), labels.astype(np.uint8))


def make_slices(
    jobs: list[Job], mnist: dict[str, tuple[np.ndarray, np.ndarray]], seed: int, folder: Path
) -> Iterator[tuple[Job, Slice]]:
    """Yield every job with its slice, as they become ready: read from `folder`, else made there by all processors.

    mnist: images and labels of each part.
    """
    folder.mkdir(parents=True, exist_ok=True)
    origin = {part: _digest(*arrays) for part, arrays in mnist.items()}
    files = {job: folder / _name(job, len(mnist[job.part][0]), seed, origin[job.part]) for job in jobs}
    missing = []
    for job in jobs:
        kept = _read(files[job])
        if kept is None:
            missing.append(job)
        else:
            yield job, kept
    if not missing:
        return
    context = get_context("spawn")
    workers = min(os.cpu_count() or 1, len(missing))
    with ProcessPoolExecutor(workers, context, initializer=_share, initargs=(mnist, seed)) as processes:
        waiting = {processes.submit(_work, job): job for job in missing}
        for done in as_completed(waiting):
            job, made = waiting[done], done.result()
            write_arrays(files[job], **made._asdict())
            yield job, made


def _other(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() >= SPOILT:
        return other_image(rng)
    two = rng.integers(0, len(images), 2)
    return spoil(images[two], labels[two], rng)


def _name(job: Job, images: int, seed: int, origin: str) -> str:
    return f"{job.part}-{job.kind}-{job.number}-{job.size or images}-seed{seed}-{origin}.npz"


def _digest(images: np.ndarray, labels: np.ndarray) -> str:
    return hashlib.sha256(b"%d" % MAKING + images.tobytes() + labels.tobytes()).hexdigest()[:12]


def _read(file: Path) -> Slice | None:
    try:
        kept = read_arrays(file, Slice._fields)
    except ValueError:  # not there, or cut short: it is made again
        return None
    return Slice(kept["packed"], kept["labels"], float(kept["seconds"]))


_shared: tuple[dict[str, tuple[np.ndarray, np.ndarray]], int]  # of a worker process


def _share(mnist: dict[str, tuple[np.ndarray, np.ndarray]], seed: int) -> None:
    global _shared
    _shared = mnist, seed


def _work(job: Job) -> Slice:
    mnist, seed = _shared
    began = time.monotonic()
    return make_slice(job, *mnist[job.part], seed)._replace(seconds=time.monotonic() - began)
