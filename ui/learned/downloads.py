"""Lessons and the model as files, to take away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from mnist_core import Classifier
from mnist_core.recognition.model_files import MODEL_FORMS
from mnist_core.storage.records import LessonRecord
from ui.language import t
from ui.tray.transfer import FORMS, Pack
from ui.widgets.saver import offer_file


def lesson_files(lessons: Callable[[], Sequence[LessonRecord]]) -> None:
    """Buttons to take all `lessons()` away as a file; made when asked for."""

    def packed(pack: Pack) -> bytes:
        records = lessons()
        none = np.zeros((0, 28, 28), np.uint8)  # the store may have been emptied a moment ago
        images = np.concatenate([none, *(record.images for record in records)])
        labels = [int(label) for record in records for label in record.labels]
        return pack(images, labels, [record.id for record in records for _ in record.labels])

    for form, pack in FORMS.items():
        label = t("files.lessons", form=f".{form}")
        offer_file(label, f"lessons.{form}", key=f"save_lessons_{form}", make=partial(packed, pack))


def model_files(classifier: Classifier) -> None:
    """Buttons to take the taught model away as a file; made when asked for."""
    for form, made in MODEL_FORMS.items():
        label = t("files.model", form=f".{form}")
        offer_file(label, f"taught_digits.{form}", key=f"save_model_{form}", make=partial(made, classifier))
