"""Drawings + labels + a classifier -> a `Lesson`: a new classifier, or a refusal with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.memory import Memory

if TYPE_CHECKING:
    from mnist_core.classifier import Classifier

__all__ = ["Lesson", "Memory", "Refusal", "Report"]


@dataclass(frozen=True)
class Report:
    """How a classifier does, once before and once after a lesson."""

    test_accuracy: float
    """0-1, on MNIST's 10,000 test images."""
    test_per_digit: np.ndarray
    """float64 (10,), 0-1."""
    taught: float
    """0-1: the share of the lesson's drawings read as they were labelled."""


@dataclass(frozen=True)
class Refusal:
    """What a lesson would have cost. kind: digit | lessons | unlearned | overall."""

    kind: str
    digit: int | None
    """The digit that would be misread most, where one stands out."""
    misread: int
    of: int


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
    seconds: float
    memory: Memory | None
    """What the lesson added; None when refused."""
