"""Three lessons to try before one's own: one that is kept, one that is refused, one for a model of one's own only.

Their strokes are made up here, so nobody's hand is in them, and are the same each time: a drawing of an example is
known by its image, wherever it has been meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Literal, NamedTuple, get_args

import numpy as np

from mnist_core.files.strokes import render
from mnist_core.recognition.preprocessing import prepare

ExampleName = Literal["good", "harmful", "own"]
_PEN = 14  # pixels: with a wider one the zeros would have no holes

_Strokes = list[np.ndarray]  # float (n, 2) each, x right and y down


class Example(NamedTuple):
    """The drawings of a lesson."""

    images: np.ndarray
    """uint8 (n, 28, 28) of 0 and 255."""
    labels: tuple[int, ...]
    """n digits, 0-9: what the lesson says that they are."""


def _narrow_zero(rng: np.random.Generator) -> _Strokes:
    """A 0 with a slash, leaning, and so narrow that it is read as 8."""
    width, turn = 0.22 * rng.normal(1, 0.06), np.linspace(0, 2 * np.pi, 40)
    ring = np.stack([width * np.sin(turn), -np.cos(turn)], axis=1)
    slash = rng.normal([(0.28, -0.65), (-0.28, 0.65)], 0.04)
    leaning = np.array([[1, 0], [-0.25, 1]])
    return [ring @ leaning, slash @ leaning]


def _barred_seven(rng: np.random.Generator) -> _Strokes:
    return [rng.normal([(22, 16), (75, 15), (45, 87)], 3), rng.normal([(35, 52), (72, 50)], 3)]


def _flagged_one(rng: np.random.Generator) -> _Strokes:
    """A 1 whose flag is so long that everybody reads a 7."""
    return [rng.normal([(22, 27), (76, 13), (62, 87)], 3)]


_DRAWN: dict[ExampleName, tuple[tuple[Callable[[np.random.Generator], _Strokes], int], ...]] = {
    "good": ((_narrow_zero, 0),) * 5,
    "harmful": ((_barred_seven, 1),) * 5,
    "own": ((_flagged_one, 1),) * 5 + ((_barred_seven, 7),) * 5,
}


@cache
def example(name: ExampleName) -> Example:
    """Return the lesson of this name: good, everyone's model learns it; harmful, its gate refuses it; own, its gate
    refuses it, and a model of one's own learns it."""
    rng = np.random.default_rng(list(name.encode()))
    drawn = [(prepare(render(shape(rng), width=_PEN)), digit) for shape, digit in _DRAWN[name]]
    return Example(np.stack([image for image, _ in drawn]), tuple(digit for _, digit in drawn))


def example_of(image: np.ndarray) -> ExampleName | None:
    """Return which example this drawing, uint8 (28, 28), is of; None for anybody's own."""
    return _names().get(image.tobytes())


@cache
def _names() -> dict[bytes, ExampleName]:
    return {image.tobytes(): name for name in get_args(ExampleName) for image in example(name).images}
