"""Drawings + labels + a classifier -> a `Lesson`: a new classifier, or a refusal with its reason.

A lesson is fitted (`fitting`), then judged by the gate: on images of MNIST and of made-up hands held out from
training, on every earlier lesson's drawings, and on its own that were misread before, which it is for. One that harms
or teaches nothing is fitted once more, gentler; if that is no better, it is refused. So is one whose drawings are clear
digits with the wrong labels, which the model could learn one by one without being seen to lose anything. A lesson whose
drawings were all read right before is kept: from then on no later one may make the model forget them. MNIST's test set
never decides: it is only reported.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import numpy as np

from mnist_core.bitmaps import DIGITS, blank, check_drawings
from mnist_core.recognition.base import BaseModel
from mnist_core.recognition.memory import Memory
from mnist_core.recognition.taught_model import TaughtModel
from mnist_core.teaching.fitting import BOLD, GENTLE, fit
from mnist_core.teaching.own import BOUND, Cost, cost, fit_own, lost_share, renamed

Model = TypeVar("Model", bound=TaughtModel)
RefusalKind = Literal["overall", "digit", "lessons", "unlearned", "clear"]
# What all lessons together may cost, as a share; and always one image, since one more or less is chance.
_LOST = {"validation": 0.0004, "pen": 0.001}  # of a split's digits
_LOST_DIGIT = 0.002  # of any one digit's
_FORGOTTEN = 0.02  # of the drawings that were learned
_LEARNED = 0.5  # of the lesson's drawings that were misread before it: one that teaches less teaches nothing
_CLEAR = 0.2  # a drawing is a clear digit when it is surer than this share of that digit's held-out images


@dataclass(frozen=True)
class Report:
    """How a classifier does: once before a lesson and once after it."""

    test_accuracy: float
    """0-1, on MNIST's 10,000 test images."""
    test_per_digit: np.ndarray
    """float64 (10,), 0-1."""
    read: np.ndarray
    """bool (n,): which of the lesson's drawings are read as they were labelled."""

    @property
    def taught(self) -> float:
        """0-1: the share of the lesson's drawings read as they were labelled."""
        return float(self.read.mean())


@dataclass(frozen=True)
class Refusal:
    """What the model would misread with this lesson, `misread` of `of`: its own harm and that of lessons before it."""

    kind: RefusalKind
    """overall | digit: held-out digits that the untaught model reads; lessons: drawings that earlier lessons taught;
    unlearned: the lesson's own that were misread before; clear: its own that are a clear `digit`, and labelled
    otherwise."""
    digit: int | None
    """Which digit would be misread, where kind is digit; which it is, where kind is clear."""
    misread: int
    of: int

    def __str__(self) -> str:
        lost: dict[RefusalKind, str] = {
            "overall": f"with this the model would misread {self.misread} of {self.of:,} digits that it knows untaught",
            "digit": f"with this the model would misread {self.misread} of {self.of:,} {_NAMES[self.digit or 0]} "
            "that it knows untaught",
            "lessons": f"with this the model would have forgotten {self.misread} of {self.of:,} drawings that earlier "
            "lessons taught it",
            "clear": f"most people would read {self.misread} of these {self.of:,} drawings as clear "
            f"{_NAMES[self.digit or 0]}, and they are labelled otherwise",
            "unlearned": f"{self.misread} of the {self.of:,} drawings that the model misreads could not be learned "
            "without harm to others",
        }
        return lost[self.kind]


_NAMES = ("zeros", "ones", "twos", "threes", "fours", "fives", "sixes", "sevens", "eights", "nines")


@dataclass(frozen=True)
class Lesson(Generic[Model]):
    """What came of a lesson."""

    classifier: Model
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
    cost: Cost | None = None
    """What a model of one's own pays for it, or would pay when refused; None for other models."""
    waiting: bool = False
    """Whether whoever serves the model has kept it aside, to be approved first."""

    @property
    def known(self) -> int:
        """How many of the drawings were read right before it."""
        return int(self.before.read.sum())

    @property
    def misread(self) -> int:
        """How many of the drawings were misread before it: what it is for."""
        return int((~self.before.read).sum())

    @property
    def learned(self) -> int:
        """How many of these are read right after it."""
        return int((~self.before.read & self.after.read).sum())


def teach(
    classifier: Model,
    images: np.ndarray,
    labels: Sequence[int],
    progress: Callable[[float], None] | None = None,
    *,
    memory: Memory | None = None,
    own: bool = False,
) -> Lesson[Model]:
    """Teach `classifier` drawings, uint8 (n, 28, 28) of 0/255, and their labels, n digits 0-9.

    progress: called with the share done, 0-1; what it raises stops the lesson, and nothing has changed.
    memory: what these drawings were fitted to before, when only the gate has to judge again.
    own: fit and judge for a model of one's own; see `own`.
    Raises ValueError for a wrong shape, dtype, value or label, and for no drawings at all.
    """
    started = time.perf_counter()
    images, digits = _checked(images, labels)
    report = progress or (lambda done: None)
    base = classifier.base_model
    slip = None if own else mislabelled(base, images, digits)
    for start, caution in ((0.0, BOLD), (0.6, GENTLE)):
        if memory is None:
            within = _within(report, start, 0.3)
            if own and caution is BOLD:
                memory = fit_own(classifier, images, digits, within)
            else:
                memory = fit(base, images, digits, caution, within)
        taught = classifier.with_memory(memory)
        refusal = slip or (judge_own if own else judge)(classifier, taught)
        if refusal is None:
            break
        fitted, memory = memory, None
        if slip:
            break
    accepted = refusal is None
    before, after = (_report(c, memory or fitted) for c in (classifier, taught))
    report(1.0)
    return Lesson(
        classifier=taught if accepted else classifier,
        accepted=accepted,
        reason="" if accepted else f"{refusal}.".capitalize(),
        refusal=refusal,
        before=before,
        after=after,
        seconds=time.perf_counter() - started,
        memory=memory,
        cost=cost(classifier, taught) if own else None,
    )


def _within(report: Callable[[float], None], start: float, span: float) -> Callable[[float], None]:
    return lambda done: report(start + span * done)


def mislabelled(base: BaseModel, images: np.ndarray, labels: np.ndarray) -> Refusal | None:
    """Refuse drawings, uint8 (n, 28, 28), that are clear digits other than their labels, (n,); None when none are.

    A drawing is a clear digit when the untaught model reads it with a larger margin than a fifth of that digit's
    held-out images have. The lesson is refused when more than half of its drawings are such, or when one is read as a
    digit that other drawings of the same lesson are labelled with: then labels were mixed up. Unusual handwriting is
    hardly ever refused, as it is rarely read as another digit with a large margin.
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


def judge(before: TaughtModel, after: TaughtModel) -> Refusal | None:
    """Return why `after`, which is `before` and one lesson more, may not be kept; None when it may.

    What is lost is counted against the untaught model, and against what each earlier lesson had taught, so that small
    harms cannot add up. A lesson answers only for what it makes worse itself: where lessons before it have cost too
    much, as they may once another is withdrawn, it may be kept if it costs nothing more there.
    """
    for split, share in _LOST.items():
        untaught, now, then = (_known(c, split) for c in (before.untaught, before, after))
        lost, worse = untaught - then, now - then
        counts = np.bincount(before.base_model.splits[split].labels, minlength=DIGITS)[:DIGITS]
        excess = np.where(worse > 0, lost - np.maximum(_LOST_DIGIT * counts, 1), 0)
        if excess.max() > 0:
            digit = int(excess.argmax())
            return Refusal("digit", digit, int(lost[digit]), int(counts[digit]))
        if worse.sum() > 0 and lost.sum() > max(share * counts.sum(), 1):
            return Refusal("overall", None, int(lost.sum()), int(counts.sum()))
    learned = before.lessons_learned
    was_forgotten, forgotten = (learned & ~c.lessons_known[: len(learned)] for c in (before, after))
    if forgotten.sum() > max(was_forgotten.sum(), _FORGOTTEN * learned.sum(), 1):
        return Refusal("lessons", None, int(forgotten.sum()), int(learned.sum()))
    return _unlearned(*(_read(c, after.memories[-1]) for c in (before, after)))


def judge_own(before: TaughtModel, after: TaughtModel) -> Refusal | None:
    """As `judge`, for a model of one's own: every drawing that it knows stays known, but where the same shape is now
    taught under another name; of the held-out digits it may lose a share, `BOUND`, in its whole life.
    """
    for split, bound in BOUND.items():
        was_lost, lost = (lost_share(c, split) for c in (before, after))
        if lost > max(bound, was_lost):
            digits = int((before.base_model.splits[split].labels < DIGITS).sum())
            return Refusal("overall", None, round(lost * digits), digits)
    known = before.lessons_known
    forgotten = known & ~after.lessons_known[: len(known)] & ~renamed(before, after.memories[-1])
    if forgotten.any():
        return Refusal("lessons", None, int(forgotten.sum()), int(known.sum()))
    return _unlearned(*(_read(c, after.memories[-1]) for c in (before, after)))


def _unlearned(known: np.ndarray, read: np.ndarray) -> Refusal | None:
    """Whether a lesson teaches too few of its drawings that were misread; `known` before it, `read` after, bool (n,).

    One that was read right and no longer is, since another of the lesson outvotes it, takes away from what is learned.
    """
    if int(read.sum()) - int(known.sum()) >= _LEARNED * int((~known).sum()):
        return None
    return Refusal("unlearned", None, int((~read).sum()), int((~known | ~read).sum()))


def _known(classifier: TaughtModel, split: str) -> np.ndarray:
    """int64 (10,): how many of each digit of a split are read right."""
    labels = classifier.base_model.splits[split].labels
    right = classifier.split_logits(split)[:, :DIGITS].argmax(1) == labels
    return np.bincount(labels[right], minlength=DIGITS)


def _report(classifier: TaughtModel, memory: Memory) -> Report:
    return Report(classifier.test_accuracy, classifier.test_per_digit, _read(classifier, memory))


def _read(classifier: TaughtModel, memory: Memory) -> np.ndarray:
    """bool (n,): which drawings of a lesson are read as they were labelled."""
    return classifier.taught_logits(memory.features, memory.logits)[:, :DIGITS].argmax(1) == memory.labels


def _checked(images: np.ndarray, labels: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    images, digits = check_drawings(images), np.asarray(labels)
    if not len(images):
        raise ValueError("expected at least one drawing to teach; got none")
    if digits.shape != (len(images),):
        raise ValueError(f"expected one label for each of {len(images)} drawings; got labels of shape {digits.shape}")
    if digits.dtype.kind not in "iu" or (digits < 0).any() or (digits >= DIGITS).any():
        raise ValueError(f"expected labels that are digits 0-9; got {sorted(set(digits.tolist()))}")
    if blanks := int(blank(images).sum()):
        raise ValueError(f"expected drawings with ink; {blanks} of {len(images)} are blank")
    return images, digits.astype(np.uint8)
