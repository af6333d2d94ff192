"""Labelled drawings as they travel: what they must be, and the error that says what they are not."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mnist_core.bitmaps import UNLABELLED, check_drawings

ArrayName = Literal["images", "labels", "lessons"]
FileFault = Literal["too_many_bytes", "not_an_archive", "too_many_drawings", "empty", "missing", "names", "blank"]
LessonFileFault = FileFault | ArrayName  # an array's name: what is wrong is in that array


class BadLessonFile(ValueError):
    """Why a file is no file of lessons, in a sentence; `.kind` is that reason for programs."""

    def __init__(self, kind: LessonFileFault, sentence: str) -> None:
        super().__init__(sentence)
        self.kind: LessonFileFault = kind


class Drawings(NamedTuple):
    """Drawings in the order they were taught.

    `images` uint8 (n, 28, 28) of 0 and 255; `labels` int64 (n,), 0-9 or UNLABELLED; `lessons` int64 (n,): drawings
    with the same number were taught together, lessons in the order of their numbers.
    """

    images: np.ndarray
    labels: np.ndarray
    lessons: np.ndarray

    def by_lesson(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """(images, labels) of each lesson, in order."""
        order = np.argsort(self.lessons, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(self.lessons[order])) + 1)
        return [(self.images[group], self.labels[group]) for group in groups]  # copies: each can be let go by itself


def checked(images: ArrayLike, labels: ArrayLike, lessons: ArrayLike | None) -> Drawings:
    """The drawings, their numbers as int64; raises BadLessonFile unless they are what `Drawings` says."""
    images, labels = np.asarray(images), np.asarray(labels)
    if images.size == 0:
        raise BadLessonFile("empty", "There are no drawings.")
    try:
        check_drawings(images)
    except ValueError as error:
        raise BadLessonFile("images", f"{error}.".capitalize()) from error
    n = len(images)
    numbers = _integers("lessons", np.zeros(n, np.int64) if lessons is None else np.asarray(lessons), n, 0, 2**31 - 1)
    return Drawings(images, _integers("labels", labels, n, UNLABELLED, 9), numbers)


def _integers(kind: ArrayName, values: np.ndarray, count: int, low: int, high: int) -> np.ndarray:
    if values.shape != (count,) or values.dtype.kind not in "iu":
        raise BadLessonFile(kind, f"There must be one integer a drawing in {kind}, not {values.dtype} {values.shape}.")
    if values.min() < low or values.max() > high:
        raise BadLessonFile(kind, f"The {kind} must be {low} to {high}, not {values.min()} to {values.max()}.")
    return values.astype(np.int64)
