"""Hands in which one digit looks like everybody else's other digit: drawn here, or found among writers of strokes.

A drawn hand writes each digit in one way of its own: a template, its points moved for good, a slant, a width; every
drawing of it strays a little. Its odd digit is one of `ODD`: what hands do that the base was not trained on, such as a
1 whose flag reaches down to the line, a 4 closed to a loop, a narrow 0 struck through.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mnist_core import prepare
from mnist_core.files.strokes import render
from mnist_core.pretrain.scribbles import smooth
from mnist_core.pretrain.templates import DIGIT_TEMPLATES

# Templates as in `templates`: strokes parted by `;`, points x,y in a box of 100 x 100, `!` for a sharp turn.
ODD: dict[int, tuple[str, ...]] = {
    0: (
        "55,3 20,18 5,52 22,88 50,98 82,84 96,48 80,12 52,3; 110,-12 -10,112",
        "60,3 32,20 25,52 34,88 50,98 68,84 76,48 66,12 58,3; 100,0 0,100",
        "55,3 20,18 5,52 22,88 50,98 82,84 96,48 80,12 52,3; 50,-10 50,110",
        "60,3 34,20 25,52 34,88 50,98 68,84 76,48 66,12 58,3; 20,52 84,44",
    ),
    1: (
        "0,62 62,0! 58,100",
        "0,42 64,0! 58,100",
        "2,30 66,0! 60,100",
        "0,16 70,0! 50,100",
        "0,25 40,14 74,0! 62,100",
        "0,45 60,0! 58,100; 20,100 96,100",
        "0,70 50,0! 50,100",
        "8,20 78,2! 52,100",
    ),
    4: (
        "70,0 30,45 8,64 22,76 60,62 98,52; 66,30 60,100",
        "20,0 10,48 40,58 76,30 78,5 66,20 64,100",
        "78,8 50,0 18,30 22,52 60,48 80,10! 72,100",
        "30,0 5,66 40,70 78,40 70,16 58,40 60,100",
        "60,0 12,55 10,72 30,66 62,40! 60,100",
        "10,0 12,44 70,44! 74,0! 70,100",
    ),
    7: ("5,30 40,0! 50,100", "5,5 60,0! 40,98! 90,94"),
    9: ("80,15 45,0 12,22 25,48 60,45 82,15! 80,70 50,100 15,85 40,72 95,60", "78,30 40,0 10,40 60,48 80,12! 84,100"),
}
_WEIGHTS = {0: 2, 1: 4, 4: 3, 7: 1, 9: 1}  # how often a hand's odd digit is which
Way = list[tuple[np.ndarray, list[int]]]  # of each stroke, the points it passes, (n, 2), and which are corners


@dataclass(frozen=True)
class Hand:
    """Drawings of one person: images uint8 (n, 28, 28), labels int (n,), and which digit is the odd one."""

    name: str
    images: np.ndarray
    labels: np.ndarray
    odd: int

    def lessons(self, times: int, odd: int = 5, others: int = 10) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(rows taught, rows left): up to `odd` of the odd digit, half of them at most, among `others` others."""
        own, rest = np.flatnonzero(self.labels == self.odd), np.flatnonzero(self.labels != self.odd)
        for time in range(times):
            rng = np.random.default_rng([time, len(self.labels), self.odd])
            some = rng.choice(own, min(odd, max(1, len(own) // 2)), replace=False)
            taught = rng.permutation(np.concatenate([some, rng.choice(rest, min(others, len(rest)), replace=False)]))
            yield taught, np.setdiff1d(np.arange(len(self.labels)), taught)


def drawn_hand(seed: int, odd_count: int = 30, other_count: int = 6) -> Hand:
    """Return a made-up hand: so many drawings of its odd digit, and of each other one."""
    rng = np.random.default_rng([seed, 77])
    odd = int(rng.choice(list(_WEIGHTS), p=np.array(list(_WEIGHTS.values())) / sum(_WEIGHTS.values())))
    ways = {digit: _way(digit, digit == odd, rng) for digit in range(10)}
    habit = _Habit(
        care=rng.uniform(1, 4),
        slant=rng.normal(0.1, 0.18),
        turn=np.radians(rng.normal(0, 5)),
        aspect=rng.uniform(0.55, 1.0),
        bend=rng.normal(size=(2, 2)) * 0.06,
        phase=rng.uniform(0, 2 * np.pi, (2, 2)),
    )
    labels = np.repeat(np.arange(10), [odd_count if digit == odd else other_count for digit in range(10)])
    return Hand(f"drawn {seed}", np.stack([_draw(ways[int(d)], habit, int(d), rng) for d in labels]), labels, odd)


@dataclass(frozen=True)
class _Habit:
    care: float
    """By how much a point strays each time, in hundredths of the digit's size."""
    slant: float
    turn: float
    aspect: float
    bend: np.ndarray
    phase: np.ndarray


def _way(digit: int, odd: bool, rng: np.random.Generator) -> Way:
    """How this hand always writes a digit."""
    if odd:
        text = ODD[digit][rng.integers(len(ODD[digit]))]
    else:
        weights = np.array([weight for weight, _ in DIGIT_TEMPLATES[digit]])
        text = DIGIT_TEMPLATES[digit][rng.choice(len(weights), p=weights / weights.sum())][1]
    strokes = []
    for part in text.split(";"):
        chance, _, rest = part.rpartition("?")
        if rng.random() < float(chance or 1):
            words = [word.partition("~")[0] for word in rest.split()]
            points = np.array([[float(n) for n in word.rstrip("!").split(",")] for word in words])
            corners = [0, *(i for i, w in enumerate(rest.split()[:-1]) if i and w.endswith("!")), len(words) - 1]
            strokes.append((points + rng.normal(0, 2.5, points.shape), corners))
    return strokes


def _draw(way: Way, habit: _Habit, digit: int, rng: np.random.Generator) -> np.ndarray:
    lines = []
    for points, corners in way:
        at = points + rng.normal(0, habit.care, points.shape) + rng.normal(0, habit.care / 2, 2)
        lines.append(np.concatenate([smooth(at[a : b + 1]) for a, b in pairwise(corners)]))
    every = np.concatenate(lines)
    low, span = every.min(0), np.ptp(every, axis=0)
    if span.min() < 0.4 * span.max():  # a line stays a line
        span = np.full(2, span.max())
    slant, turn = habit.slant + rng.normal(0, 0.05), habit.turn + rng.normal(0, 0.035)
    aspect = habit.aspect * np.exp(rng.normal(0, 0.06)) * (0.7 if digit == 1 else 1)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ [[aspect, -slant], [0, 1]]
    bent = []
    for line in ((each - low) / span * 2 - 1 for each in lines):
        wave = np.sin(np.pi / 2 * line[:, ::-1, None] * [1, 2] + habit.phase)
        shaken = (line + (habit.bend * wave).sum(2)) @ matrix.T + rng.normal(0, 0.008, line.shape)
        bent.append(shaken.astype(np.float32))
    return prepare(render(bent, extent=rng.uniform(0.35, 0.8)))
