"""From a lesson to a version in the store: fitted on top of what is active, gated, kept, or gated again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.logs import event
from mnist_core.serving.active_model import ActiveModel
from mnist_core.storage.faults import StaleVersion
from mnist_core.storage.records import LessonRecord, NewLesson
from mnist_core.teaching.classifier import Classifier
from mnist_core.teaching.lesson import Lesson, Report


@dataclass(frozen=True)
class Click:
    """Who pressed Train, and which press it was; the fields of `NewLesson` that the model has no part in."""

    teacher: str
    token: str
    browser: str | None
    kind: Literal["teach", "import"]


def teach_and_keep(
    active: ActiveModel,
    images: NDArray[np.uint8],
    labels: Sequence[int],
    progress: Callable[[float], None] | None,
    click: Click,
) -> Lesson:
    """Teach what is active by now, and keep the lesson if it is accepted.

    When another server's lesson came in between, this one is judged again on top of it: its memory, which depends
    on its drawings alone, is fitted only once. So each try after the first takes milliseconds, and somebody's
    lesson is kept at every one: nobody is starved.
    """
    memory, seconds = None, 0.0
    while True:
        classifier, version = active.refresh()
        lesson = classifier.teach(images, labels, progress, memory=memory)
        memory, seconds = lesson.memory, seconds + lesson.seconds
        lesson = replace(lesson, seconds=seconds)
        if memory is None:
            event("lesson_refused", drawings=len(images), seconds=seconds, reason=lesson.reason)
            return lesson
        new = NewLesson(
            images=images,
            labels=np.asarray(labels),
            base_id=classifier.base_id,
            memory=memory.to_bytes(),
            before=_figures(lesson.before),
            after=_figures(lesson.after),
            **asdict(click),
        )
        try:
            kept = active.commit(new, memory, version)
        except StaleVersion:
            event("lesson_gated_again", drawings=len(images))
            continue
        event("lesson_kept", version=kept.version.id, drawings=len(images), seconds=seconds)
        return lesson


def as_taught(classifier: Classifier, kept: LessonRecord) -> Lesson:
    """What the lesson was when it was kept, for a click that is sent again."""
    before, after = (_report(figures, len(kept.labels)) for figures in (kept.before, kept.after))
    return Lesson(
        classifier=classifier,
        accepted=True,
        reason="",
        refusal=None,
        before=before,
        after=after,
        seconds=0.0,
        memory=None,
    )


def _figures(report: Report) -> dict[str, Any]:
    return {
        "test_accuracy": float(report.test_accuracy),
        "test_per_digit": [float(share) for share in report.test_per_digit],
        "taught": report.taught,
        "read": [bool(read) for read in report.read],
    }


def _report(figures: Mapping[str, Any], drawings: int) -> Report:
    """What `_figures` made; before it said which drawings are read, it said what share of them."""
    read = figures.get("read", np.arange(drawings) < round(figures["taught"] * drawings))
    return Report(figures["test_accuracy"], np.array(figures["test_per_digit"]), np.array(read, bool))
