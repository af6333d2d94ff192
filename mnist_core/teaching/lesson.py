"""Drawings + labels + a classifier -> a `Lesson`: a new classifier, or a refusal with its reason.

A lesson is fitted (`fitting`), then judged by the gate: on images of MNIST and of made-up hands held out from
training, and on every earlier lesson's drawings. One that harms is fitted once more, gentler; if it still harms, it
is refused. So is one whose drawings are clear digits with the wrong labels, which the model could learn one by one
without being seen to lose anything. MNIST's test set never decides: it is only reported.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.recognition.base import check_images
from mnist_core.recognition.memory import Memory
from mnist_core.teaching.fitting import BOLD, GENTLE, fit

if TYPE_CHECKING:
    from mnist_core.recognition.base import Base
    from mnist_core.teaching.classifier import Classifier

DIGITS = 10
# What all lessons together may cost, as a share; and always one image, since one more or less is chance.
_LOST = {"validation": 0.0004, "pen": 0.001}  # of a split's digits
_LOST_DIGIT = 0.002  # of any one digit's
_FORGOTTEN = 0.02  # of the drawings that were taught
_LEARNED = 0.5  # of the lesson's drawings: one that teaches less teaches nothing
_CLEAR = 0.2  # a drawing is a clear digit when it is surer than this share of that digit's held-out images


@dataclass(frozen=True)
class Report:
    """How a classifier does: once before a lesson and once after it."""

    test_accuracy: float
    """0-1, on MNIST's 10,000 test images."""
    test_per_digit: np.ndarray
    """float64 (10,), 0-1."""
    taught: float
    """0-1: the share of the lesson's drawings read as they were labelled."""


@dataclass(frozen=True)
class Refusal:
    """What a lesson would have cost, or got wrong: `misread` of `of`."""

    kind: str
    """overall | digit: held-out digits; lessons: drawings of earlier lessons; unlearned: the lesson's own; clear: its
    own that are a clear `digit`, and labelled otherwise."""
    digit: int | None
    """Which digit would be misread, where kind is digit; which it is, where kind is clear."""
    misread: int
    of: int

    def __str__(self) -> str:
        lost = {
            "overall": f"this would make the model misread {self.misread} of {self.of:,} digits that it knows",
            "digit": f"this would make the model misread {self.misread} of {self.of:,} {_NAMES[self.digit or 0]}",
            "lessons": f"this would make the model forget {self.misread} of {self.of:,} drawings that others taught it",
            "clear": f"most people would read {self.misread} of these {self.of:,} drawings as clear "
            f"{_NAMES[self.digit or 0]}, and they are labelled otherwise",
            "unlearned": f"{self.misread} of these {self.of:,} drawings could not be learned without harm to others",
        }
        return lost[self.kind]


_NAMES = ("zeros", "ones", "twos", "threes", "fours", "fives", "sixes", "sevens", "eights", "nines")


@dataclass(frozen=True)
class Lesson:
    """What came of a lesson."""

    classifier: Classifier
    """The taught one; the untaught one when refused."""
    accepted: bool
    reason: str
    """Why not, in an English sentence; empty when accepted."""
    refusal: Refusal | None
    before: Report
    after: Report
    """When refused: what it would have been."""
    seconds: float
    memory: Memory | None
    """What the lesson added; None when refused."""


def teach(
    classifier: Classifier,
    images: np.ndarray,
    labels: Sequence[int],
    progress: Callable[[float], None] | None = None,
    *,
    memory: Memory | None = None,
) -> Lesson:
    """Teach `classifier` drawings, uint8 (n, 28, 28) of 0/255, and their labels, n digits 0-9.

    progress: called with the share done, 0-1; what it raises stops the lesson, and nothing has changed.
    memory: what these drawings were fitted to before, when only the gate has to judge again.
    Raises ValueError for a wrong shape, dtype, value or label, and for no drawings at all.
    """
    started = time.perf_counter()
    images, digits = _checked(images, labels)
    report = progress or (lambda done: None)
    base = classifier.references
    slip = mislabelled(base, images, digits)
    for start, caution in ((0.0, BOLD), (0.6, GENTLE)):
        if memory is None:
            memory = fit(base, images, digits, caution, _within(report, start, 0.3))
        taught = classifier.with_memory(memory)
        refusal = slip or judge(classifier, taught)
        if refusal is None:
            break
        fitted, memory = memory, None
        if slip:
            break
    accepted = refusal is None
    before, after = (_report(c, memory or fitted) for c in (classifier, taught))
    report(1.0)
    return Lesson(
        taught if accepted else classifier,
        accepted,
        "" if accepted else f"{refusal}.".capitalize(),
        refusal,
        before,
        after,
        time.perf_counter() - started,
        memory,
    )


def _within(report: Callable[[float], None], start: float, span: float) -> Callable[[float], None]:
    return lambda done: report(start + span * done)


def mislabelled(base: Base, images: np.ndarray, labels: np.ndarray) -> Refusal | None:
    """Return which drawings, uint8 (n, 28, 28), look wrongly labelled, (n,): clear digits, as MNIST's, of another kind.

    That must be more than half of them, or such as stand beside drawings labelled with the very digit that they look
    like. A hand that differs from MNIST is hardly ever a clear digit of another kind.
    """
    held_out = base.splits["validation"]
    read, margins = _margins(base.forward(images)[1])
    usual, usual_margins = _margins(held_out.logits)
    clear = np.array([np.quantile(usual_margins[usual == digit], _CLEAR) for digit in range(DIGITS)])
    odd = (read != labels) & (margins > clear[read])
    if odd.mean() <= 0.5:
        odd &= np.isin(read, labels)
    if not odd.any():
        return None
    digit = int(np.bincount(read[odd]).argmax())
    return Refusal("clear", digit, int((read[odd] == digit).sum()), len(images))


def _margins(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float (n, 11) -> the digit read, (n,), and by how much it wins over everything else, "not a digit" included."""
    read = logits[:, :DIGITS].argmax(1)
    others = logits.copy()
    others[np.arange(len(read)), read] = -np.inf
    return read, logits[np.arange(len(read)), read] - others.max(1)


def judge(before: Classifier, after: Classifier) -> Refusal | None:
    """Return what `after`, which is `before` and one lesson more, would lose; None when it may be kept.

    Losses on held-out digits are counted against the untaught model, so that small harms cannot add up.
    """
    for split, share in _LOST.items():
        untaught, now, then = (_known(c, split) for c in (before.base, before, after))
        lost, worse = untaught - then, now - then
        counts = np.bincount(before.references.splits[split].labels, minlength=DIGITS)[:DIGITS]
        excess = lost - np.maximum(_LOST_DIGIT * counts, 1)
        if worse.max() > 0 and excess.max() > 0:
            digit = int(excess.argmax())
            return Refusal("digit", digit, int(lost[digit]), int(counts[digit]))
        if worse.sum() > 0 and lost.sum() > max(share * counts.sum(), 1):
            return Refusal("overall", None, int(lost.sum()), int(counts.sum()))
    known, still = before.lessons_known, after.lessons_known
    earlier, own = still[: len(known)], still[len(known) :]
    forgotten = int((known & ~earlier).sum() - (~known & earlier).sum())
    if forgotten > 0 and (~earlier).sum() > max(_FORGOTTEN * len(known), 1):
        return Refusal("lessons", None, forgotten, len(known))
    if own.mean() < _LEARNED:
        return Refusal("unlearned", None, int((~own).sum()), len(own))
    return None


def _known(classifier: Classifier, split: str) -> np.ndarray:
    """int64 (10,): how many of each digit of a split are read right."""
    labels = classifier.references.splits[split].labels
    right = classifier.split_logits(split)[:, :DIGITS].argmax(1) == labels
    return np.bincount(labels[right], minlength=DIGITS)


def _report(classifier: Classifier, memory: Memory) -> Report:
    read = classifier.recalled(memory.features, memory.logits)[:, :DIGITS].argmax(1)
    return Report(classifier.test_accuracy, classifier.test_per_digit, float((read == memory.labels).mean()))


def _checked(images: np.ndarray, labels: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    images, digits = check_images(images), np.asarray(labels)
    if not len(images):
        raise ValueError("expected at least one drawing to teach; got none")
    if not np.isin(images, (0, 255)).all():
        raise ValueError("expected prepared drawings, 0 and 255 only; got other values (see `prepare`)")
    if digits.shape != (len(images),):
        raise ValueError(f"expected one label for each of {len(images)} drawings; got labels of shape {digits.shape}")
    if digits.dtype.kind not in "iu" or (digits < 0).any() or (digits >= DIGITS).any():
        raise ValueError(f"expected labels that are digits 0-9; got {sorted(set(digits.tolist()))}")
    return images, digits.astype(np.uint8)
