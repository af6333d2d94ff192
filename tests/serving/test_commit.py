"""A lesson told again from what the store kept of it."""

from datetime import UTC, datetime
from typing import Any, cast

import numpy as np

from mnist_core import Classifier
from mnist_core.serving.commit import as_taught
from mnist_core.storage.records import LessonRecord
from tests.fakes import FakeClassifier


def told_again(before: dict[str, Any], after: dict[str, Any]) -> tuple[int, int, int]:
    figures = {"test_accuracy": 0.99, "test_per_digit": [0.99] * 10}
    images, labels = np.zeros((5, 28, 28), np.uint8), np.full(5, 4, np.uint8)
    kept = LessonRecord(1, "token", "7", datetime.now(UTC), images, labels, figures | before, figures | after)
    lesson = as_taught(cast(Classifier, FakeClassifier()), kept)
    return lesson.known, lesson.misread, lesson.learned


def test_it_says_which_drawings_were_known_and_which_were_learned() -> None:
    before, after = [True, False, True, False, True], [True, True, True, False, True]
    assert told_again({"taught": 0.6, "read": before}, {"taught": 0.8, "read": after}) == (3, 2, 1)


def test_a_lesson_kept_before_that_was_noted_has_its_shares() -> None:
    assert told_again({"taught": 0.6}, {"taught": 0.8}) == (3, 2, 1)
