"""Lessons for a model of one's own: fitted so that its person's hand is read, at a bounded cost to everybody else's.

Everyone's model may not outvote what it rehearses. A model of one's own may, where a drawing was misread: the units
of its digit keep clear of the person's other drawings, those of this lesson and of every earlier one, and outvote as
many rehearsed images as may be lost. How many that is, is measured on held-out digits with the room's other lessons:
all lessons together may cost no more than `BOUND`, and one no more than a part of what is left of it.

Their directions lead from the rehearsed images that look most like the taught shape to the shape itself (hard
negatives of exemplar classifiers: Malisiewicz, Gupta and Efros, 2011), which separates a flagged 1 from sevens better
than a direction away from all digits. `benchmarks/own.md` compares other ways.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_core.bitmaps import DIGITS, OUTPUTS
from mnist_core.recognition.memory import CombinedMemories, Memory, unit_length
from mnist_core.teaching.fitting import BOLD, LEAST_GAIN, MARGIN, Detector, assembled, drawn_again, exemplars
from mnist_core.teaching.rehearsal import rehearsal

if TYPE_CHECKING:
    from mnist_core.recognition.taught_model import TaughtModel
    from mnist_core.teaching.rehearsal import Rehearsal

BOUND = {"validation": 0.0045, "pen": 0.008}
"""What all lessons of a model of one's own may cost together: a share of a split's digits that the untaught reads."""

_SPENT = 0.89  # of what is left of the bound, by one lesson
_OUTVOTED = (
    0, 1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 30, 36, 43, 52, 62, 75, 90, 110, 135, 165, 200, 250, 320, 400, 520, 680
)  # fmt: skip
"""How many rehearsed images each unit may outvote: as many as can be afforded."""
_SHARE = 0.6  # of a rehearsed image's margin: see `Caution`
_NEAR = 1000  # rehearsed images that look most like the shape,
_AWAY = 0.5  # and how far its direction leads away from them rather than from all
_SURE = 0.5  # the share of a drawing's variants on which its unit need not fire fully
_KEPT = 0.8  # of the margin of a drawing that must stay known: a unit may add no more than this
_STRAYS = 0.05  # the share of the other drawings' variants that a unit may outvote
_VARIANT_KEPT = 1.5  # of the margin of one of the rest: it has units of its own
_FULLY = 0.97  # of its gain, which float16 rounds


@dataclass(frozen=True)
class Cost:
    """What a model of one's own no longer reads with a lesson."""

    lost: np.ndarray
    """float64 (10, 10), 0-1: of MNIST's held-out images of the row's digit, the share that the untaught model reads and
    this one, with all its lessons, takes for the column's."""
    renamed: np.ndarray
    """intp (m,), rising: the drawings of earlier lessons, counted in the order of `lessons_known`, that look like the
    ones taught under another name, and are read by the new name from now on."""


class _Protected(NamedTuple):
    """Drawings that a detector of another digit must leave alone: where they are, and what it may add there."""

    directions: np.ndarray
    """float32 (n, d)."""
    allowed: np.ndarray
    """float32 (n,)."""

    def start(self, direction: np.ndarray, centre: np.ndarray, sure: float, gain: float) -> np.ndarray:
        """Where a unit may begin to fire, float (n,), for each: one that begins later adds less than allowed."""
        score = (self.directions - centre) @ direction
        # A unit that starts at t adds gain * (score - t) / (sure - t): solved for adding just what is allowed.
        free = self.allowed >= gain
        lean = np.where(free, 1, gain - self.allowed)
        start = np.where(score < sure, (gain * score - self.allowed * sure) / lean, np.maximum(score, sure))
        return np.where(free, -np.inf, start)


def fit_own(
    classifier: TaughtModel, images: np.ndarray, labels: np.ndarray, progress: Callable[[float], None]
) -> Memory:
    """Return the memory of one lesson for a model of one's own: uint8 (n, 28, 28) of 0/255, labels uint8 (n,).

    The same drawings give the same memory in the same room: it depends on the lessons before it, and once fitted is
    used with any others. progress gets the share done, 0-1.
    """
    base = classifier.base_model
    features, logits = drawn_again(base, images, labels, progress)
    count, each = features.shape[:2]
    added = classifier.taught_logits(features.reshape(count * each, -1), logits.reshape(count * each, -1))
    read = added.reshape(count, each, OUTPUTS)
    directions = unit_length(features.reshape(count * each, -1)).reshape(features.shape)
    rehearsed = rehearsal(base, BOLD.splits)
    misread = read[..., :DIGITS].argmax(2) != labels[:, None]
    digits = []
    for digit in np.unique(labels):
        mine = labels == digit
        protected = _protected(classifier, directions[~mine], read[~mine], logits[~mine], labels[~mine], int(digit))
        deficits = _deficits(read[mine], logits[mine], digit)
        fitted = _FittedDigit(rehearsed, directions[mine], deficits, int(digit), *protected)
        digits.append((misread[mine].any(), fitted))

    def memory_at(step: int) -> Memory:
        made = [fitted.detector(_OUTVOTED[step] if is_misread else BOLD.spared) for is_misread, fitted in digits]
        return assembled(base, made, features[:, 0], logits[:, 0], labels)

    budgets = [_Budget(classifier, split) for split in BOUND]
    least, most = 0, len(_OUTVOTED) - 1 if any(is_misread for is_misread, _ in digits) else 0
    while least < most:  # what is lost rises with how many images are outvoted
        step = (least + most + 1) // 2
        memory = memory_at(step)
        least, most = (step, most) if all(b.affords(memory) for b in budgets) else (least, step - 1)
    return memory_at(least)


def lost_share(classifier: TaughtModel, split: str) -> float:
    """0-1: of a split's digits, how many more the untaught model reads than this one."""
    labels = classifier.base_model.splits[split].labels
    digits = labels < DIGITS
    untaught, right = (
        (c.split_logits(split)[digits, :DIGITS].argmax(1) == labels[digits]).mean()
        for c in (classifier.untaught, classifier)
    )
    return float(untaught - right)


class _Budget:
    """How many digits of one split a lesson must leave right."""

    def __init__(self, classifier: TaughtModel, split: str) -> None:
        references = classifier.base_model.splits[split]
        digits = references.labels < DIGITS
        self._features, self._labels = references.features[digits], references.labels[digits]
        self._untaught, self._read = references.logits[digits], classifier.split_logits(split)[digits]
        already = lost_share(classifier, split)
        right = (self._read[:, :DIGITS].argmax(1) == self._labels).sum()
        self._least = right - _SPENT * max(BOUND[split] - already, 0) * len(self._labels)

    def affords(self, memory: Memory) -> bool:
        logits = np.maximum(self._read, self._untaught + CombinedMemories([memory]).added(self._features))
        return bool((logits[:, :DIGITS].argmax(1) == self._labels).sum() >= self._least)


def renamed(before: TaughtModel, memory: Memory) -> np.ndarray:
    """bool (n,): which drawings of the lessons of `before` look like one that `memory` teaches under another name.

    They do where a unit for another digit fires fully: they are as much like what was taught as that, drawn again.
    """
    full = np.full(OUTPUTS, np.inf)
    full[memory.digits] = memory.gains
    drawings = before.drawings
    fires = np.asarray(CombinedMemories([memory]).added(drawings.features) >= full * _FULLY)
    fires[np.arange(len(fires)), drawings.labels] = False
    return np.asarray(fires.any(1))


def cost(before: TaughtModel, after: TaughtModel) -> Cost:
    """Return what `after`, which is `before` and one lesson more, no longer reads."""
    split = after.base_model.splits["validation"]
    untaught, read = (c.split_logits("validation")[:, :DIGITS].argmax(1) for c in (after.untaught, after))
    lost = np.zeros((DIGITS, DIGITS))
    gone = (untaught == split.labels) & (read != split.labels)
    np.add.at(lost, (split.labels[gone], read[gone]), 1)
    lost /= np.bincount(split.labels, minlength=DIGITS)[:, None]
    known = before.lessons_known
    return Cost(lost, np.flatnonzero(known & ~after.lessons_known[: len(known)]))


def _protected(
    classifier: TaughtModel,
    directions: np.ndarray,
    read: np.ndarray,
    logits: np.ndarray,
    labels: np.ndarray,
    digit: int,
) -> tuple[_Protected, _Protected]:
    """What of other digits a detector of `digit` must leave alone: each drawing, of this lesson and of earlier ones;
    and nearly all variants, of this lesson.

    directions (n, v, d), read and logits (n, v, 11), labels (n,): of the lesson's drawings of other digits; read is the
    room's logits, logits the base head's.
    """
    earlier = classifier.drawings
    rows = np.flatnonzero((earlier.labels != digit) & classifier.lessons_known)
    earlier_margins = (earlier.logits + earlier.added)[rows, earlier.labels[rows]] - earlier.logits[rows, digit]
    margins = np.take_along_axis(read, labels[:, None, None].astype(int), axis=2)[..., 0] - logits[..., digit]
    width = directions.shape[-1]
    drawings = _Protected(
        np.concatenate([unit_length(earlier.features[rows]), directions[:, 0]]),
        _KEPT * np.maximum(np.concatenate([earlier_margins, margins[:, 0]]), 0),
    )
    return drawings, _Protected(directions.reshape(-1, width), _VARIANT_KEPT * np.maximum(margins.ravel(), 0))


def _deficits(read: np.ndarray, logits: np.ndarray, digit: int) -> np.ndarray:
    """By how much a digit's own logit, of the base head, is behind the best other one in the room, (n, v).

    Of two lessons of one digit the surer one adds, not both: what earlier ones add to this digit does not count.
    """
    return np.asarray(np.delete(read, digit, axis=2).max(2) - logits[..., digit])


class _Unit(NamedTuple):
    """A unit whose threshold is not yet chosen: it may begin to fire at any of `starts`, at `earliest` or later."""

    direction: np.ndarray
    """float (d,)."""
    sure: float
    """The score from which it fires fully."""
    starts: np.ndarray
    """float (m,), falling: the score at which it begins to fire when it outvotes 0, 1, 2, ... rehearsed images."""
    earliest: float
    """Whatever it outvotes."""


class _FittedDigit:
    """All that was taught as one digit, fitted but for how many rehearsed images its units outvote."""

    def __init__(
        self,
        rehearsed: Rehearsal,
        directions: np.ndarray,
        deficits: np.ndarray,
        digit: int,
        drawings: _Protected,
        variants: _Protected,
    ) -> None:
        """directions (n, v, d) and deficits (n, v): of its drawings' variants. drawings, variants: see `_protected`."""
        self._digit = digit
        self._gain = max(float(np.quantile(deficits, 0.8)) + MARGIN, LEAST_GAIN)
        self._mean, self._precision = rehearsed.mean, rehearsed.precision
        self._drawings, self._variants = drawings, variants
        digits = rehearsed.logits[:, :DIGITS]
        known = (rehearsed.labels != digit) & (digits.argmax(1) == rehearsed.labels)
        margins = digits[known].max(1) - digits[known, digit]
        self._rehearsed = _Protected(rehearsed.directions[known], _SHARE * margins)
        self._units = [self._unit(exemplar) for exemplar in exemplars(directions)]

    def _unit(self, exemplar: np.ndarray) -> _Unit:
        """exemplar: the directions of a shape's variants, float (v, d)."""
        shape = exemplar.mean(0) - self._mean
        alike = (self._rehearsed.directions - self._mean) @ (self._precision @ shape)
        near = np.argpartition(alike, -_NEAR)[-_NEAR:]
        hard_negatives = self._rehearsed.directions[near].mean(0) - self._mean
        direction = self._precision @ (shape - _AWAY * hard_negatives)
        direction /= np.linalg.norm(direction)
        sure = float(np.quantile((exemplar - self._mean) @ direction, _SURE))
        rehearsed, drawings, variants = (
            protected.start(direction, self._mean, sure, self._gain)
            for protected in (self._rehearsed, self._drawings, self._variants)
        )
        starts = np.sort(np.partition(rehearsed, -1 - _OUTVOTED[-1])[-1 - _OUTVOTED[-1] :])[::-1]
        starts = np.maximum(starts, starts[np.isfinite(starts)].min())  # it may outvote more than there are to outvote
        # A drawing that the unit fires on fully is the same shape: the newer name wins.
        earliest = max([-np.inf, *drawings[drawings < sure]])
        if len(variants):
            earliest = max(earliest, float(np.quantile(variants, 1 - _STRAYS, method="lower")))
        return _Unit(direction, sure, starts, earliest)

    def detector(self, outvoted: int) -> Detector:
        """Return the detector whose units outvote so many rehearsed images each."""
        directions, thresholds = [], []
        for unit in self._units:
            start = max(float(unit.starts[outvoted]), unit.earliest)
            if start < unit.sure - 0.02 * abs(unit.sure):
                slope = 1 / (unit.sure - start)
                directions.append(unit.direction * slope)
                thresholds.append((start + unit.direction @ self._mean) * slope)
        return Detector(self._digit, self._gain, np.array(directions), np.array(thresholds))
