"""How well a classifier reads a set of labelled drawings, whoever's they are.

`read_dataset` takes what people have: an `.npz` of MNIST's layout, a strokes file (see `strokes`), or a folder of
images in subfolders 0/ to 9/. Everything goes through `prepare`, as a drawing in the app does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.evaluation.metrics import accepted_non_digits, auroc, calibration_error
from mnist_core.files.archives import names_in, read_arrays
from mnist_core.files.images import UnreadableImage, read_image
from mnist_core.files.mnist import check_labelled, load_mnist
from mnist_core.files.strokes import canvases, read_strokes
from mnist_core.recognition.preprocessing import EmptyDrawing, as_canvas, prepare
from mnist_core.recognition.taught_model import confusion_matrix

if TYPE_CHECKING:
    from mnist_core.recognition.taught_model import TaughtModel


@dataclass(frozen=True)
class Dataset:
    """Prepared drawings: images uint8 (n, 28, 28) of 0 and 255, n > 0; labels int (n,); sources int (n,) or None."""

    name: str
    images: np.ndarray
    labels: np.ndarray
    sources: np.ndarray | None = None


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` measured; shares are 0-1. `auroc` and `accepted` are None without drawings of something else."""

    name: str
    count: int
    accuracy: float
    per_digit: dict[int, float]  # only digits that occur
    per_source: dict[int, tuple[int, float]]  # source -> (drawings, accuracy)
    confusion: np.ndarray  # int64 (10, 10), rows the truth
    calibration_error: float
    auroc: float | None = None
    accepted: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The same in types that JSON has."""
        sources = {str(source): {"count": n, "accuracy": share} for source, (n, share) in self.per_source.items()}
        digits = {str(digit): share for digit, share in self.per_digit.items()}
        return {**vars(self), "per_digit": digits, "per_source": sources, "confusion": self.confusion.tolist()}


def evaluate(clf: TaughtModel, dataset: Dataset, non_digits: Dataset | None = None) -> Evaluation:
    """Measure `clf` on labelled digits, and on how it tells them from `non_digits`."""
    scores, likeness = _read(clf, dataset.images)
    predicted = scores.argmax(1)
    correct = predicted == dataset.labels
    sources = np.unique(dataset.sources) if dataset.sources is not None else ()
    by_source = {int(s): correct[dataset.sources == s] for s in sources}
    kept_out = None if non_digits is None else _read(clf, non_digits.images)[1]
    return Evaluation(
        name=dataset.name,
        count=len(correct),
        accuracy=float(correct.mean()),
        per_digit={int(d): float(correct[dataset.labels == d].mean()) for d in np.unique(dataset.labels)},
        per_source={source: (len(right), float(right.mean())) for source, right in by_source.items()},
        confusion=confusion_matrix(dataset.labels, predicted),
        calibration_error=calibration_error(scores.max(1), correct),
        auroc=None if kept_out is None else auroc(likeness, kept_out),
        accepted=None if kept_out is None else accepted_non_digits(likeness, kept_out),
    )


def mnist_test() -> Dataset:
    """MNIST's 10,000 test images, from where `load_mnist` finds them. Raises ValueError."""
    mnist = load_mnist()
    return Dataset("MNIST test", _prepare_all(map(as_canvas, mnist.x_test), "MNIST"), mnist.y_test.astype(int))


def read_dataset(path: str | Path) -> Dataset:
    """Read labelled digits from a file or folder. Raises ValueError, in a sentence, for anything else."""
    file = Path(path)
    if file.is_dir():
        return _read_folder(file)
    names = names_in(file)
    if "points" in names:
        dataset = _read_strokes(file)
        if dataset.labels.min() < 0 or dataset.labels.max() > 9:
            raise ValueError(f"{file}: the labels must be 0-9, not {dataset.labels.min()} to {dataset.labels.max()}.")
        return dataset
    if "x_test" in names:
        arrays = read_arrays(file, ("x_test", "y_test"))
        check_labelled(arrays["x_test"], arrays["y_test"], file, "test")
        images = _prepare_all(map(as_canvas, arrays["x_test"]), str(file))
        return Dataset(str(file), images, arrays["y_test"].astype(int))
    held = ", ".join(names[:8]) or "nothing"
    raise ValueError(
        f"{file}: neither of MNIST's layout (x_test, y_test) nor a strokes file (points, ...): it holds {held}."
    )


def read_non_digits(path: str | Path) -> Dataset:
    """Read drawings of no digit: a strokes file, its labels ignored, or a folder of images. Raises ValueError."""
    file = Path(path)
    if not file.is_dir():
        return _read_strokes(file)
    pictures = _pictures(file)
    if not pictures:
        raise ValueError(f"{file}: there are no images in this folder.")
    return Dataset(str(file), np.stack([read_prepared(picture) for picture in pictures]), np.zeros(len(pictures), int))


def read_prepared(picture: str | Path) -> np.ndarray:
    """An image file, prepared: uint8 (28, 28). Raises ValueError that names the file."""
    try:
        return prepare(read_image(picture))
    except (UnreadableImage, EmptyDrawing) as error:
        raise ValueError(f"{picture}: {error}") from error


def _read(clf: TaughtModel, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    predictions = clf.predict_many(images)
    return np.stack([p.scores for p in predictions]), np.array([p.digit_likeness for p in predictions])


def _prepare_all(drawn: Iterable[np.ndarray], origin: str) -> np.ndarray:
    images = []
    for n, canvas in enumerate(drawn):
        try:
            images.append(prepare(canvas))
        except EmptyDrawing as error:
            raise ValueError(f"{origin}: drawing {n} is empty.") from error
    return np.stack(images)


def _read_strokes(file: Path) -> Dataset:
    drawings = read_strokes(file)
    labels, sources = (np.array([getattr(d, name) for d in drawings]) for name in ("label", "source"))
    return Dataset(str(file), _prepare_all(canvases(drawings), str(file)), labels, sources)


def _read_folder(folder: Path) -> Dataset:
    found = [(picture, digit) for digit in range(10) for picture in _pictures(folder / str(digit))]
    if not found:
        raise ValueError(f"{folder}: there are no images in subfolders 0 to 9.")
    images = np.stack([read_prepared(picture) for picture, _ in found])
    return Dataset(str(folder), images, np.array([digit for _, digit in found]))


def _pictures(folder: Path) -> list[Path]:
    """All files below `folder` but hidden ones. Raises ValueError when a part of it may not be read."""
    if not folder.is_dir():
        return []
    pictures: list[Path] = []
    for parent, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        pictures += [Path(parent, name) for name in files if not name.startswith(".")]
    return sorted(pictures)


def _refuse(error: OSError) -> None:
    raise ValueError(f"{error.filename}: cannot be read ({error.strerror}).") from error
