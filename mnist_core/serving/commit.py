"""From a lesson to a version in the store: fitted on top of what is active, gated, kept, or gated again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np

from mnist_core.logs import event
from mnist_core.serving.active_models import ActiveModels, stored_memories
from mnist_core.storage.faults import NeedsApproval, StaleVersion
from mnist_core.storage.records import LessonRecord, NewLesson, Room
from mnist_core.teaching.classifier import Classifier
from mnist_core.teaching.lesson import Lesson, Report

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Click:
    """Who pressed Train, and which press it was."""

    teacher: str
    """`browsers.teacher_number` of the visitor."""
    token: str
    """Names this click: sent again, whatever happened in between, it is the same lesson."""
    browser: str | None = None
    """Whose kept tray the drawings leave at the moment that the lesson is kept."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When it was pressed: whoever is forgotten after that is not brought back by it."""


@dataclass(frozen=True)
class LabelledDrawings:
    """What is to be taught."""

    images: np.ndarray
    """uint8 (n, 28, 28), 0 and 255."""
    labels: np.ndarray
    """int (n,), 0-9."""


def teach_and_keep(
    active: ActiveModels,
    room: Room,
    drawings: LabelledDrawings,
    click: Click,
    progress: Progress | None = None,
    *,
    kind: Literal["teach", "import"] = "teach",
    approved: bool,
) -> Lesson:
    """Teach what is active in the room by now, and keep the lesson if it is accepted.

    It waits where it is not `approved`, and the room's owner approves first at the moment that it would be kept.
    When another server's lesson came in between, this one is judged again on top of it. Its memory is fitted only once
    where it depends on its drawings alone, so that each try after the first takes milliseconds, and somebody's lesson
    is kept at every one: nobody is starved.
    """
    memory, seconds = None, 0.0
    while True:
        classifier, version = active.refresh(room)
        lesson = classifier.teach(drawings.images, drawings.labels.tolist(), progress, memory=memory, own=room.own)
        memory, seconds = lesson.memory, seconds + lesson.seconds
        lesson = replace(lesson, seconds=seconds)
        if memory is None:
            event("lesson_refused", room=room.id, drawings=len(drawings.images), seconds=seconds, reason=lesson.reason)
            return lesson
        new = NewLesson(
            token=click.token,
            teacher=click.teacher,
            base_id=classifier.base_id,
            images=drawings.images,
            labels=drawings.labels,
            memory=memory.to_bytes(),
            before=figures(lesson.before),
            after=figures(lesson.after),
            kind=kind,
            browser=click.browser,
            asked=click.at,
        )
        try:
            kept = active.commit(room, new, memory, version, approved=approved)
        except NeedsApproval:
            active.room_store(room).add_waiting(new)
            event("lesson_waits", room=room.id, drawings=len(drawings.images), seconds=seconds)
            return replace(lesson, classifier=classifier, waiting=True)
        except StaleVersion:
            event("lesson_gated_again", room=room.id, drawings=len(drawings.images))
            continue
        event("lesson_kept", room=room.id, version=kept.version.number, drawings=len(drawings.images), seconds=seconds)
        return lesson


def approve_and_keep(active: ActiveModels, room: Room, waiting: LessonRecord) -> Lesson:
    """Make a lesson that waits part of the room's model, if the gate lets it in as the model is by now.

    Raises LookupError when it does not wait any more.
    """
    store, memory = active.room_store(room), None
    while True:
        classifier, version = active.refresh(room)
        memory = memory or stored_memories(store, [waiting.id], classifier.base_id).get(waiting.id)
        lesson = classifier.teach(waiting.images, waiting.labels.tolist(), memory=memory, own=room.own)
        memory = lesson.memory
        if memory is None:
            event("lesson_refused", room=room.id, drawings=len(waiting.images), reason=lesson.reason)
            return lesson
        before, after = figures(lesson.before), figures(lesson.after)
        try:
            active.approve(room, waiting.id, memory, before, after, version)
        except StaleVersion:
            continue
        event("lesson_approved", room=room.id, drawings=len(waiting.images))
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
        waiting=kept.state == "waiting",
    )


def figures(report: Report) -> dict[str, Any]:
    """A report as the store keeps it."""
    return {
        "test_accuracy": float(report.test_accuracy),
        "test_per_digit": [float(share) for share in report.test_per_digit],
        "taught": report.taught,
        "read": [bool(read) for read in report.read],
    }


def _report(figures: Mapping[str, Any], drawings: int) -> Report:
    """What `figures` made; before it said which drawings are read, it said what share of them."""
    read = figures.get("read", np.arange(drawings) < round(figures["taught"] * drawings))
    return Report(figures["test_accuracy"], np.array(figures["test_per_digit"]), np.array(read, bool))
