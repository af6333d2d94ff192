"""Lessons in a model of one's own beside the same lessons in everyone's room: section 6 of `benchmarks.teaching`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.hands import Hand, drawn_hand
from mnist_core import Classifier
from mnist_core.evaluation.measuring import Dataset
from mnist_core.files.strokes import read_strokes

HALVES = ("develop", "report")  # settings are chosen on one half of the hands and writers; figures are of the other
MISREAD = 0.6  # an odd digit is read by the base less often than this
LEAST_DRAWINGS = 4
HEAD = (
    "| lessons                | room     | lessons | refused | before | after  | tenth  | other digits | worst  "
    "| MNIST mean | MNIST worst | seconds |\n|"
    + "|".join("-" * n for n in (24, 10, 9, 9, 8, 8, 8, 14, 8, 12, 13, 9))
    + "|"
)


class Trial(NamedTuple):
    """One lesson, and what it is scored on."""

    images: np.ndarray
    labels: np.ndarray
    rest: np.ndarray
    """uint8 (m, 28, 28): the drawings of the same hand that were not taught."""
    rest_labels: np.ndarray
    odd: int


def drawn_hands(clf: Classifier, count: int, half: str) -> list[Hand]:
    """Made-up hands that the base misreads in one digit, and hardly in any other."""
    found: list[Hand] = []
    seed = HALVES.index(half)
    while len(found) < count:
        few = drawn_hand(seed, 8, 0)
        if (clf.scores(few.images).argmax(1) == few.odd).mean() < MISREAD:
            hand = drawn_hand(seed)
            right = clf.scores(hand.images).argmax(1) == hand.labels
            odd = hand.labels == hand.odd
            if right[odd].mean() < MISREAD and right[~odd].mean() > 0.9:
                found.append(hand)
        seed += 2
    return found


def writers_hands(clf: Classifier, digits: Dataset, strokes: Path, half: str) -> list[Hand]:
    """Writers of a strokes file, each with a digit that the base misreads once in six or more."""
    writers = np.array([drawing.writer for drawing in read_strokes(strokes)])
    right = clf.scores(digits.images).argmax(1) == digits.labels
    found = []
    for writer in np.unique(writers)[HALVES.index(half) :: 2]:
        for digit in range(10):
            mine = writers == writer
            odd = mine & (digits.labels == digit)
            if odd.sum() >= LEAST_DRAWINGS and (mine & ~odd).sum() >= 15 and right[odd].mean() < 0.85:
                found.append(Hand(f"writer {writer}", digits.images[mine], digits.labels[mine], digit))
    return found


def hand_trials(hands: list[Hand], times: int) -> Iterator[Trial]:
    for hand in hands:
        for taught, left in hand.lessons(times):
            yield Trial(hand.images[taught], hand.labels[taught], hand.images[left], hand.labels[left], hand.odd)


def compare(clf: Classifier, name: str, trials: list[Trial]) -> None:
    """Print a row for everyone's room and one for a model of one's own."""
    for own in (False, True):
        rows, refused = [], 0
        for trial in trials:
            started = time.perf_counter()
            lesson = clf.teach(trial.images, trial.labels.tolist(), own=own)
            took = time.perf_counter() - started
            refused += not lesson.accepted
            features, logits = clf.base_model.forward(trial.rest)
            before = logits[:, :10].argmax(1) == trial.rest_labels
            after = lesson.classifier.taught_logits(features, logits)[:, :10].argmax(1) == trial.rest_labels
            odd = trial.rest_labels == trial.odd
            others = float(after[~odd].mean() - before[~odd].mean()) if (~odd).any() else 0.0
            mnist = lesson.classifier.test_accuracy - clf.test_accuracy
            rows.append((before[odd].mean(), after[odd].mean(), others, mnist, took))
        before, after, others, mnist, seconds = 100 * np.array(rows).T
        print(
            f"| {name:22s} | {'own' if own else 'everyone':8s} | {len(rows):7d} | {refused:7d} | {before.mean():6.1f} "
            f"| {after.mean():6.1f} | {np.quantile(after, 0.1):6.1f} | {others.mean():+12.2f} | {others.min():+6.1f} "
            f"| {mnist.mean():+10.2f} | {mnist.min():+11.2f} | {np.median(seconds) / 100:7.2f} |",
            flush=True,
        )


def life(clf: Classifier, trials: list[Trial], lessons: int, seed: int) -> None:
    """Lessons drawn from `trials` in one room of one's own."""
    rng, room = np.random.default_rng(seed), clf
    refused, renamed, lows = 0, 0, []
    for n in rng.permutation(len(trials))[:lessons]:
        lesson = room.teach(trials[n].images, trials[n].labels.tolist(), own=True)
        refused += not lesson.accepted
        if lesson.accepted and lesson.cost:
            renamed += len(lesson.cost.renamed)
        room = lesson.classifier
        lows.append(room.test_accuracy - clf.test_accuracy)
    learned = room.lessons_learned
    print(
        f"  {lessons} lessons in one room, {refused} refused: {100 * room.lessons_known[learned].mean():.2f} % of "
        f"{int(learned.sum())} drawings learned are still known, {renamed} of them under a newer name; MNIST "
        f"{100 * min(lows):+.2f} points at worst"
    )
