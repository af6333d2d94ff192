"""Made-up pen strokes: the digits as hands around the world write them, and things that are not digits.

MNIST was scanned from the forms of North American clerks and pupils. The hands that it lacks (a slash in the zero, a
flag and a foot on the 1, a crossbar on the 7, an open 4, a hooked 9) are in `templates`; here they are
varied: control points, slant, proportions, tremor, a coarse tablet, an early or late pen, its width.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from mnist_core.pretrain.scribbles import letter, scribble, smooth
from mnist_core.pretrain.templates import DIGIT_TEMPLATES, NON_DIGIT_TEMPLATES
from mnist_core.recognition.preprocessing import prepare

LONGER = 96  # of a drawing, in pixels, when it is inked


class _Point(NamedTuple):
    x: float
    y: float
    spread: float
    corner: bool


_Template = list[tuple[float, list[_Point]]]  # of each stroke, how often it is written and where it passes


def digit_image(digit: int, rng: np.random.Generator) -> np.ndarray:
    """Return a made-up drawing of `digit`, prepared: uint8 (28, 28) of 0 and 255."""
    return prepare(ink(digit_strokes(digit, rng), rng))


def non_digit_image(rng: np.random.Generator) -> np.ndarray:
    """Return a made-up drawing that is not a digit, prepared: uint8 (28, 28) of 0 and 255."""
    return prepare(ink(non_digit_strokes(rng), rng))


def digit_strokes(digit: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Return pen trajectories, float (n, 2) each, x right and y down, of one hand's `digit` (0-9)."""
    weights = np.array([weight for weight, _ in _digit_templates()[digit]])
    template = _digit_templates()[digit][rng.choice(len(weights), p=weights / weights.sum())][1]
    narrow, wide = {0: (0.4, 1.0), 1: (0.25, 0.75)}.get(digit, (0.45, 1.0))
    return _by_hand(_written(template, rng), rng.uniform(narrow, wide), rng)


def non_digit_strokes(rng: np.random.Generator) -> list[np.ndarray]:
    """Return pen trajectories, as `digit_strokes` does, of a letter, a symbol, a shape or a scribble."""
    kind = rng.random()
    if kind < 0.35:
        strokes = _written(_non_digit_templates()[rng.integers(len(_non_digit_templates()))], rng)
    elif kind < 0.75:
        strokes = letter(rng)
    else:
        strokes = scribble(rng)
    return _by_hand(strokes, rng.uniform(0.5, 1.25), rng)


def ink(strokes: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Draw strokes with a round pen of random width; return an RGBA canvas, uint8 (H, W, 4), ink in its alpha."""
    every = np.concatenate(strokes)
    low, high = every.min(0), every.max(0)
    scale = LONGER / max(float((high - low).max()), 1e-6)
    pen = LONGER * float(rng.uniform(0.075, 0.21))
    edge = pen / 2 + 2
    width, height = (int(n) for n in np.maximum((high - low) * scale + 2 * edge, 28))
    image = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        path = [tuple(p) for p in ((stroke - low) * scale + edge).tolist()]
        if len(path) > 1:
            draw.line(path, fill=255, width=max(1, round(pen)))
        for x, y in path:
            draw.ellipse([x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2], fill=255)
    canvas = np.zeros((height, width, 4), np.uint8)
    canvas[..., 3] = np.asarray(image)
    return canvas


def _written(template: _Template, rng: np.random.Generator) -> list[np.ndarray]:
    """One writing of a template: its optional strokes decided, its points moved, its curves drawn."""
    strokes = []
    care = rng.uniform(0.4, 1.5)
    for probability, points in template:
        if rng.random() >= probability:
            continue
        at = np.array([(p.x, p.y) for p in points])
        at += rng.normal(size=at.shape) * np.array([[p.spread] for p in points]) * care
        at += rng.normal(size=2) * 2.5 * care  # the whole stroke
        corners = [0, *(i for i, p in enumerate(points) if p.corner and 0 < i < len(points) - 1), len(points) - 1]
        strokes.append(np.concatenate([smooth(at[a : b + 1]) for a, b in pairwise(corners)]))
    return strokes


def _by_hand(strokes: list[np.ndarray], aspect: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Vary what differs between hands whatever they write."""
    every = np.concatenate(strokes)
    low, span = every.min(0), np.ptp(every, axis=0)
    if span.min() < 0.4 * span.max():  # a line stays a line
        span = np.full(2, max(float(span.max()), 1e-3))
    strokes = [(s - low) / span * 2 - 1 for s in strokes]
    bend = rng.normal(size=(2, 2)) * 0.09
    phase = rng.uniform(0, 2 * np.pi, (2, 2))
    slant, turn = rng.normal(0.12, 0.22), np.radians(rng.normal(0, 7))
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ [[aspect, -slant], [0, 1]]
    tremor = rng.choice([0, 0.01, 0.025], p=[0.4, 0.4, 0.2])
    step = 2 / rng.uniform(10, 30) if rng.random() < 0.25 else 0.0
    written = []
    for stroke in strokes:
        along = np.pi / 2 * stroke[:, ::-1, None] * [1, 2] + phase  # (n, axis, harmonic)
        line = (stroke + (bend * np.sin(along)).sum(2)) @ matrix.T
        shake, drift = rng.normal(size=(2, *line.shape)) * tremor
        line = line + shake + 2 * np.cumsum(drift, 0) / np.sqrt(len(line))
        if len(line) > 8 and rng.random() < 0.12:  # the pen lands late or lifts early
            line = line[rng.integers(0, len(line) // 6 + 1) : len(line) - rng.integers(0, len(line) // 6 + 1)]
        if len(line) > 8 and rng.random() < 0.05:  # a stroke cut in two
            cut = int(rng.integers(3, len(line) - 3))
            written.append(line[: cut - 1])
            line = line[cut + 1 :]
        written.append(np.round(line[:: rng.integers(1, 4)] / step) * step if step else line)
    return written


def _parse(text: str) -> _Template:
    """Read a template: see `templates`."""
    strokes = []
    for part in text.split(";"):
        chance, _, rest = part.rpartition("?")
        points = []
        for word in rest.split():
            at, _, spread = word.rstrip("!").partition("~")
            x, y = (float(n) for n in at.split(","))
            points.append(_Point(x, y, float(spread or 4), word.endswith("!")))
        strokes.append((float(chance or 1), points))
    return strokes


@lru_cache(1)
def _digit_templates() -> dict[int, list[tuple[float, _Template]]]:
    return {digit: [(weight, _parse(text)) for weight, text in hands] for digit, hands in DIGIT_TEMPLATES.items()}


@lru_cache(1)
def _non_digit_templates() -> list[_Template]:
    return [_parse(text) for text in NON_DIGIT_TEMPLATES]
