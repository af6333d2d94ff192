"""A lesson from the click on Train to its proof, and the way back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from mnist_core import ModelUnavailable
from mnist_core.serving.commit import Click
from mnist_core.serving.jobs import Job
from mnist_core.serving.room_model import LessonDeleted, NotAllowed, RoomModel
from mnist_core.serving.shared_model import SharedModel, new_token
from mnist_core.storage.browsers import teacher_number
from mnist_core.storage.faults import RoomClosed, StoreUnavailable
from mnist_core.storage.limits import LimitReached
from mnist_core.storage.records import places_left
from mnist_core.teaching.examples import example_of
from ui.model import current_room, shared_model
from ui.session import Notice, Outcome, Sample, Visit, Whose


def start(visit: Visit, model: SharedModel, truth: int | None) -> None:
    """Begin a lesson on the tray; `truth` labels the drawings that have no label. Or say what is missing."""
    visit.lesson_notice = visit.outcome = None
    if visit.job:
        return
    if not visit.tray:
        visit.lesson_notice = Notice("train.nothing")
        return
    samples = [replace(sample, label=truth) if sample.label is None else sample for sample in visit.tray]
    if any(sample.label is None for sample in samples):
        visit.lesson_notice = Notice("train.no_truth")
        return
    room = current_room(visit)
    _begin(visit, model, Outcome(visit.id, tuple(samples), visit.whose, "", room.room if room else None))


def start_own(visit: Visit, model: SharedModel) -> None:
    """Begin a lesson of the visitor's own model on the drawings of the last one, which the other did not learn.

    What came of that one stays until this is done: its drawings may be nowhere else, should this end in an error.
    """
    last = visit.outcome
    if last is None or visit.job:
        return
    visit.lesson_notice = None
    here = visit.whose, visit.ours
    _begin(visit, model, Outcome(last.session, last.samples, "mine", "", visit.mine, came_from=here))


def _begin(visit: Visit, model: SharedModel, asked: Outcome) -> None:
    asked = replace(asked, token=_token(visit, asked))
    click = Click(teacher_number(visit.browser), asked.token, visit.browser)
    visit.job = model.jobs.begin(visit.browser, visit.id, partial(_teach, model, asked, click))


def _teach(model: SharedModel, asked: Outcome, click: Click, job: Job[Outcome]) -> Outcome:
    """Teach; what came of it. A room that was made for a lesson which was not kept is not left behind."""
    try:
        outcome = _taught(model, asked, click, job)
    except Exception as error:  # shown to the visitor by `finish`, which tells the expected ones apart
        outcome = replace(asked, error=error)
    if asked.room is None and not (outcome.lesson and outcome.lesson.accepted):
        with suppress(StoreUnavailable):  # it goes after a day by itself
            model.directory.leave_mine(str(click.browser))
    return outcome


def _taught(model: SharedModel, asked: Outcome, click: Click, job: Job[Outcome]) -> Outcome:
    model.untaught  # noqa: B018 - a room is made only where there is a model for it
    try:
        return _taught_in(_room(model, asked, click), asked, click, job)
    except RoomClosed:
        if asked.room is not None:
            raise
        # Another page of the browser, whose first lesson was not kept, has left it.
        return _taught_in(_room(model, asked, click), asked, click, job)


def _room(model: SharedModel, asked: Outcome, click: Click) -> RoomModel:
    return model.room(asked.room or model.directory.open_mine(str(click.browser), click.at))


def _taught_in(room: RoomModel, asked: Outcome, click: Click, job: Job[Outcome]) -> Outcome:
    images, labels = np.stack([s.image for s in asked.samples]), [int(s.label or 0) for s in asked.samples]
    before = [prediction.digit for prediction in room.classifier.predict_many(images)]
    misread = Counter(read for read, label in zip(before, labels, strict=True) if read != label)
    lesson = room.teach(images, labels, click, job.progress, job.moved_up)
    read_as = tuple(prediction.digit for prediction in lesson.classifier.predict_many(images))
    taken_for = misread.most_common(1)[0][0] if misread else None
    renamed = Counter(lesson.classifier.drawings.labels[lesson.cost.renamed].tolist()) if lesson.cost else {}
    # The model goes on changing, and is the room's to hold: what the page shows of it is here.
    lesson = replace(lesson, classifier=lesson.classifier.untaught, memory=None)
    return replace(asked, lesson=lesson, room=room.room, taken_for=taken_for, read_as=read_as, renamed=renamed)


def take_up(visit: Visit, model: SharedModel) -> None:
    """Follow the lesson that this browser began before the page was loaded again. Called by each run of the page."""
    _page_open(visit.id)
    visit.job = visit.job or model.jobs.take_up(visit.browser, visit.id)


def _page_closed(leave: Callable[[], None]) -> None:
    leave()


@st.cache_resource(scope="session", show_spinner=False, on_release=_page_closed)
def _page_open(session: str) -> Callable[[], None]:
    """Notice when the browser leaves the page: Streamlit then releases what it keeps for this session."""
    return partial(shared_model().jobs.leave, session)


def _token(visit: Visit, asked: Outcome) -> str:
    """The name of this lesson: the same again after a fault, when it is not known whether the lesson was kept."""
    last = visit.unconfirmed
    again = last and _model(last) == _model(asked) and _content(last.samples) == _content(asked.samples)
    return last.token if last and again else new_token()


def _model(asked: Outcome) -> tuple[Whose, int | None]:
    """Which model it was to teach. A browser's own is one, whether its room had to be made or not."""
    return asked.whose, asked.room.id if asked.room and asked.whose == "ours" else None


def _content(samples: Sequence[Sample]) -> list[tuple[bytes, int | None]]:
    return [(sample.image.tobytes(), sample.label) for sample in samples]


def finish(visit: Visit, model: SharedModel) -> bool:
    """Take over what the lesson under way brought, if it is done: whether it was."""
    job = visit.job
    if job is None or not job.done:
        return False
    visit.job, outcome = None, job.result()
    if outcome.lesson and outcome.lesson.accepted:
        _learned(visit, outcome)
    if not model.jobs.collect(job, visit.id):  # the page that took this one's place shows it
        return True
    visit.unconfirmed = None
    if outcome.error:
        if isinstance(outcome.error, StoreUnavailable):
            visit.unconfirmed = replace(outcome, error=None)
        visit.lesson_notice = _notice(outcome.error)
        if isinstance(outcome.error, RoomClosed) and outcome.whose == "mine":
            visit.mine = None  # deleted on another page of this browser: the next lesson makes it again
            visit.lesson_notice = Notice("train.mine_gone")
        return True
    visit.outcome = outcome
    return True


def _learned(visit: Visit, outcome: Outcome) -> None:
    """The drawings leave the tray, and what was read by the model of before is read again."""
    visit.tray = _without(visit.tray, outcome.samples, same_ids=outcome.session == visit.id)
    if visit.kept_tray is not None:  # as the store did when it kept the lesson
        visit.kept_tray = visit.kept_tray.without(np.stack([sample.image for sample in outcome.samples]))
    visit.picked = None
    visit.answer = ()
    visit.taught += 1
    visit.truth = None
    if outcome.whose == "mine":
        visit.mine = outcome.room


def _without(tray: list[Sample], taught: tuple[Sample, ...], *, same_ids: bool) -> list[Sample]:
    """The tray without the drawings taught; a tray that was brought back has other ids, so there by their images."""
    names, gone = ([s.id if same_ids else s.image.tobytes() for s in samples] for samples in (tray, taught))
    return [tray[place] for place in places_left(names, gone)]


def undo(visit: Visit, model: SharedModel) -> None:
    """Take the last lesson back; its drawings return to the tray, but those of an example, and the visitor to the room
    that they were in."""
    outcome = visit.outcome
    if outcome is None or outcome.room is None:
        return
    try:
        model.room(outcome.room).undo(outcome.token, by=teacher_number(visit.browser))
    except LookupError:
        visit.outcome, visit.lesson_notice = None, Notice("train.nothing_to_undo")
        return
    except (StoreUnavailable, RoomClosed) as error:
        visit.lesson_notice = _notice(error)
        return
    visit.answer = ()
    if outcome.came_from:
        visit.go_to(*outcome.came_from)
    back = [sample for sample in outcome.samples if not example_of(sample.image)]
    ids = visit.add_first((sample.image, sample.label) for sample in back)
    if outcome.session == visit.id:  # what is still on the sheet was these
        again = dict(zip((sample.id for sample in back), ids, strict=True))
        visit.samples_of_answer = {
            digit: again.get(number, number) for digit, number in visit.samples_of_answer.items()
        }
    visit.outcome, visit.lesson_notice = None, Notice("train.undone" if back else "example.undone", kind="success")


def _notice(error: Exception) -> Notice:
    if isinstance(error, LimitReached | RoomClosed):
        return Notice.why_not(error)
    if isinstance(error, StoreUnavailable):
        return Notice("train.store", {"why": f"store.{error.kind}"}, "error")
    if isinstance(error, ModelUnavailable):
        return Notice("model.missing", kind="error")
    if isinstance(error, TimeoutError):
        return Notice("model.slow")
    if isinstance(error, NotAllowed):
        return Notice("train.off")
    if isinstance(error, LessonDeleted):
        return Notice("train.deleted")
    raise error
