"""Finding and reading MNIST, in the canonical order that `keras.datasets.mnist` has.

A file can be an `.npz` with the arrays `x_train`, `y_train`, `x_test` and `y_test`, or the four IDX files of
http://yann.lecun.com/exdb/mnist (LeCun, Cortes and Burges, 1998), gzipped or not.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import sys
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnist_core.bitmaps import check_images
from mnist_core.files.archives import read_arrays

IDX_STEMS = {"x_train": "train-images", "y_train": "train-labels", "x_test": "t10k-images", "y_test": "t10k-labels"}


class Mnist(NamedTuple):
    """Images uint8 (n, 28, 28), ink 255 on 0; labels uint8 (n,), 0-9."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def load_mnist(path: str | Path | None = None) -> Mnist:
    """Read MNIST from `path`: an `.npz`, a folder of the four IDX files, or one of those files.

    Without a path: what the environment variable MNIST_PATH names, else Keras's own download.

    Raises ValueError, in a sentence, when the file is missing, damaged or not MNIST.
    """
    chosen = path or os.environ.get("MNIST_PATH")
    if chosen is None:
        return _checked(_downloaded(), "keras.datasets.mnist")
    file = Path(chosen)
    if not file.exists():
        raise ValueError(f"{file}: there is no such file or folder.")
    if file.is_dir() or "ubyte" in file.name:
        folder = file if file.is_dir() else file.parent
        return _checked(Mnist(**{key: _read_idx(_find_idx(folder, stem)) for key, stem in IDX_STEMS.items()}), folder)
    return _checked(Mnist(**read_arrays(file, Mnist._fields)), file)


def _downloaded() -> Mnist:
    import keras

    try:
        with contextlib.redirect_stdout(sys.stderr):  # its progress is not what was asked for
            return Mnist(*(array for pair in keras.datasets.mnist.load_data() for array in pair))
    except Exception as error:  # Keras raises just that without a network
        raise ValueError(f"MNIST could not be downloaded: {error}. Name a file of it, or set MNIST_PATH.") from error


def _find_idx(folder: Path, stem: str) -> Path:
    """The IDX file of that name, under any of the spellings in use (`-idx3-ubyte`, `.idx3-ubyte`, `.gz`)."""
    found = sorted(p for p in folder.glob(f"{stem}*ubyte*") if p.name.endswith(("ubyte", "ubyte.gz")))
    if not found:
        raise ValueError(f"{folder}: the IDX file {stem}-idx{3 if 'images' in stem else 1}-ubyte(.gz) is missing.")
    return found[0]


def _read_idx(file: Path) -> np.ndarray:
    """Read one IDX file of unsigned bytes: two zero bytes, 8, the number of axes, each axis big-endian, the data."""
    try:
        data = file.read_bytes()
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{file}: cannot be read ({error}).") from error
    if data[:3] != b"\0\0\x08" or len(data) < 8 or len(data) < 4 + 4 * data[3]:
        raise ValueError(f"{file}: not an IDX file of unsigned bytes.")
    axes = data[3]
    shape = tuple(int(n) for n in np.frombuffer(data, ">u4", axes, 4))
    values = np.frombuffer(data, np.uint8, offset=4 + 4 * axes)
    if values.size != int(np.prod(shape, dtype=np.uint64)):
        raise ValueError(f"{file}: says it holds {shape} bytes but holds {values.size}; is it truncated?")
    return values.reshape(shape)


def _checked(mnist: Mnist, origin: str | Path) -> Mnist:
    for part in ("train", "test"):
        check_labelled(getattr(mnist, f"x_{part}"), getattr(mnist, f"y_{part}"), origin, part)
    return mnist


def check_labelled(images: np.ndarray, labels: np.ndarray, origin: str | Path, part: str) -> None:
    """Raise ValueError unless images are uint8 (n, 28, 28), n > 0, with one integer label 0-9 each."""
    try:
        check_images(images, f"the {part} images")
    except ValueError as error:
        raise ValueError(f"{origin}: {error}.") from error
    if not len(images):
        raise ValueError(f"{origin}: there are no {part} images.")
    if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu":
        raise ValueError(
            f"{origin}: the {part} labels must be {len(images)} integers, not {labels.dtype} {labels.shape}."
        )
    if labels.min() < 0 or labels.max() > 9:
        raise ValueError(f"{origin}: the {part} labels must be 0-9, not {labels.min()} to {labels.max()}.")
