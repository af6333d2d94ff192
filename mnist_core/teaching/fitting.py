"""A lesson's drawings -> its memory: detectors of the taught shapes that keep clear of everything rehearsed.

Each drawing, and all drawings of a digit together, become an exemplar classifier with a closed form: the direction
of linear discriminant analysis between the drawing's variants and MNIST ("exemplar LDA": Hariharan, Malik and
Ramanan, 2012; the shared covariance as in Deep SLDA: Hayes and Kanan, 2020). A unit begins to fire where it would
outvote the head on next to no rehearsed image of another digit (rehearsal: Robins, 1995; of stored features:
latent replay, Pellegrini et al., 2020), and fires fully on the drawing's own variants.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_core.bitmaps import DIGITS, OUTPUTS
from mnist_core.recognition.memory import Memory, unit_length
from mnist_core.teaching.rehearsal import Rehearsal, rehearsal
from mnist_core.teaching.variants import variants_of

if TYPE_CHECKING:
    from mnist_core.recognition.base import BaseModel


@dataclass(frozen=True)
class Caution:
    """How far a lesson may reach."""

    splits: tuple[str, ...]
    """Whose images are rehearsed."""
    share: float
    """Of a rehearsed image's margin, 0-1: a unit may add no more than this to a wrong digit."""
    spared: int
    """How many rehearsed images may be exceptions, for each unit."""


BOLD = Caution(("rehearsal",), share=0.4, spared=1)
GENTLE = Caution(("rehearsal", "validation", "pen"), share=0.2, spared=0)

_UNITS = 15  # a digit's drawings are grouped when there are more
MARGIN = 10.0  # by how much a taught drawing's digit should win, in logits
LEAST_GAIN = 3.0
_SURE = 0.3  # the share of a drawing's variants on which its unit need not fire fully


def fit(
    base: BaseModel,
    images: np.ndarray,
    labels: np.ndarray,
    caution: Caution = BOLD,
    progress: Callable[[float], None] = lambda done: None,
) -> Memory:
    """Return the memory of one lesson: uint8 (n, 28, 28) of 0/255, labels uint8 (n,).

    The same drawings give the same memory, whatever was taught before. progress gets the share done, 0-1.
    """
    features, logits = drawn_again(base, images, labels, progress)
    directions = unit_length(features.reshape(-1, features.shape[-1])).reshape(features.shape)
    rehearsed = rehearsal(base, caution.splits)
    detectors = [
        detector(rehearsed, directions[labels == digit], logits[labels == digit], int(digit), caution)
        for digit in np.unique(labels)
    ]
    return assembled(base, detectors, features[:, 0], logits[:, 0], labels)


class Detector(NamedTuple):
    """Units for one digit; see `Memory`."""

    digit: int
    gain: float
    directions: np.ndarray
    """float (u, d)."""
    thresholds: np.ndarray
    """float (u,)."""


def drawn_again(
    base: BaseModel, images: np.ndarray, labels: np.ndarray, progress: Callable[[float], None]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the features, (n, v, d), and the base head's logits, (n, v, 11), of each drawing and then its variants."""
    seed = hashlib.sha256(images.tobytes() + labels.tobytes()).digest()
    variants = variants_of(images, np.random.default_rng(list(seed)), progress)
    features, logits = base.forward(variants.reshape(-1, *images.shape[1:]))
    progress(0.9)
    return features.reshape(*variants.shape[:2], -1), logits.reshape(*variants.shape[:2], OUTPUTS)


def assembled(
    base: BaseModel, detectors: Sequence[Detector], features: np.ndarray, logits: np.ndarray, labels: np.ndarray
) -> Memory:
    """Return the memory of these detectors, as every other server and a restart will read it back from the store."""
    detectors = [detector for detector in detectors if len(detector.thresholds)]
    directions = np.concatenate([np.zeros((0, features.shape[1])), *(d.directions for d in detectors)])
    thresholds = np.concatenate([np.zeros(0), *(d.thresholds for d in detectors)])
    memory = Memory(
        base_id=base.id,
        directions=directions.astype(np.float32),
        thresholds=thresholds.astype(np.float32),
        starts=np.cumsum([0, *(len(d.thresholds) for d in detectors)])[: len(detectors)].astype(np.int32),
        gains=np.array([d.gain for d in detectors], np.float32),
        digits=np.array([d.digit for d in detectors], np.uint8),
        features=features,
        logits=logits,
        labels=labels,
    )
    return Memory.from_bytes(memory.to_bytes())


def detector(
    rehearsed: Rehearsal, directions: np.ndarray, logits: np.ndarray, digit: int, caution: Caution
) -> Detector:
    """Return the detector of a digit's drawings from their variants' directions (n, v, d) and logits (n, v, 11)."""
    flat = logits.reshape(-1, OUTPUTS)
    rivals = np.delete(flat, digit, axis=1).max(1)
    gain = max(float(np.quantile(rivals - flat[:, digit], 0.8)) + MARGIN, LEAST_GAIN)
    digits = rehearsed.logits[:, :DIGITS]
    others = (rehearsed.labels != digit) & (digits.argmax(1) == rehearsed.labels)
    scores = rehearsed.directions[others] - rehearsed.mean
    margins = digits[others].max(1) - digits[others, digit]
    room = caution.share * margins
    reached = room < gain  # a rehearsed image with more room is safe even from a unit that fires fully
    units = []
    for exemplar in exemplars(directions):
        direction = rehearsed.precision @ (exemplar.mean(0) - rehearsed.mean)
        direction /= np.linalg.norm(direction)
        sure = np.quantile((exemplar - rehearsed.mean) @ direction, _SURE)
        # A unit with threshold t adds gain * (score - t) / (sure - t): solved for adding just the room.
        score = scores[reached] @ direction
        threshold = np.where(
            score < sure, (gain * score - room[reached] * sure) / (gain - room[reached]), np.maximum(score, sure)
        )
        start = np.partition(threshold, -1 - caution.spared)[-1 - caution.spared]
        if start < sure - 0.02 * abs(sure):
            slope = 1 / (sure - start)
            units.append((direction * slope, (start + direction @ rehearsed.mean) * slope))
    return Detector(digit, gain, np.array([d for d, _ in units]), np.array([t for _, t in units]))


def exemplars(directions: np.ndarray) -> list[np.ndarray]:
    """Each drawing's variants (v, d) or, of many drawings, of those most alike; and all together."""
    count, _, width = directions.shape
    everything = directions.reshape(-1, width)
    if count == 1:
        return [everything]
    if count <= _UNITS:
        return [*directions, everything]
    from scipy.cluster.vq import kmeans2  # a quarter of what a page would wait for at start-up

    _, member = kmeans2(directions.mean(1), _UNITS, minit="++", seed=0)
    return [*(directions[member == n].reshape(-1, width) for n in np.unique(member)), everything]
