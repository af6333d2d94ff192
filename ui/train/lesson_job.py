"""A lesson from the click on Train to its proof, and the way back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from mnist_core import Classifier, Lesson, ModelUnavailable
from mnist_core.serving.jobs import Job
from mnist_core.serving.shared_model import NotAllowed, SharedModel, new_token
from mnist_core.storage.browsers import teacher_number
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.limits import LimitReached
from mnist_core.storage.records import places_left
from ui.model import shared_model
from ui.session import Notice, Outcome, Sample, Visit

OWN_KEPT = 3  # own models that a session keeps: the newest, and what Undo goes back to


def start(visit: Visit, model: SharedModel, truth: int | None, *, own: bool) -> None:
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
    _begin(visit, model, Outcome(visit.id, tuple(samples), own, _token(visit, samples)))


def start_own(visit: Visit, model: SharedModel) -> None:
    """Begin a lesson of the visitor's own model on the drawings of the last one, which everyone's did not learn.

    What came of that one stays until this is done: its drawings may be nowhere else, should this end in an error.
    """
    last = visit.outcome
    if last is None or visit.job:
        return
    visit.lesson_notice = None
    _begin(visit, model, Outcome(last.session, last.samples, True, new_token()))


def _begin(visit: Visit, model: SharedModel, asked: Outcome) -> None:
    images, labels = np.stack([s.image for s in asked.samples]), [int(s.label or 0) for s in asked.samples]
    teacher, browser, newest = teacher_number(visit.browser), visit.browser, visit.own[-1:]

    def current() -> Classifier:
        return newest[0] if asked.own and newest else model.classifier

    def teach(job: Job[Outcome]) -> Lesson:
        progress, on_place = job.progress, job.moved_up
        if asked.own:
            return model.teach_own(current(), images, labels, teacher=teacher, progress=progress, on_place=on_place)
        return model.teach(
            images,
            labels,
            teacher=teacher,
            token=asked.token,
            progress=progress,
            on_place=on_place,
            browser=browser,
        )

    visit.job = model.jobs.begin(visit.browser, visit.id, partial(_outcome, asked, current, teach))


def _outcome(
    asked: Outcome, model: Callable[[], Classifier], teach: Callable[[Job[Outcome]], Lesson], job: Job[Outcome]
) -> Outcome:
    """Teach; what came of it."""
    try:
        before = model().predict_many(np.stack([sample.image for sample in asked.samples]))
        misread = Counter(p.digit for p, s in zip(before, asked.samples, strict=True) if p.digit != s.label)
        lesson = teach(job)
        read_as = tuple(p.digit for p in lesson.classifier.predict_many(np.stack([s.image for s in asked.samples])))
    except Exception as error:  # shown to the visitor by `finish`, which tells the expected ones apart
        return replace(asked, error=error)
    if not asked.own:  # everyone's model goes on changing; a session need not hold what it was
        lesson = replace(lesson, classifier=lesson.classifier.untaught)
    taken_for = misread.most_common(1)[0][0] if misread else None
    return replace(asked, lesson=lesson, taken_for=taken_for, read_as=read_as)


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


def _token(visit: Visit, samples: Sequence[Sample]) -> str:
    """The name of this lesson: the same again after a fault, when it is not known whether the lesson was kept."""
    if visit.unconfirmed and visit.unconfirmed[1] == _content(samples):
        return visit.unconfirmed[0]
    return new_token()


def _content(samples: Sequence[Sample]) -> list[tuple[bytes, int | None]]:
    return [(sample.image.tobytes(), sample.label) for sample in samples]


def finish(visit: Visit, model: SharedModel) -> bool:
    """Take over what the lesson under way brought, if it is done: whether it was."""
    job = visit.job
    if job is None or not job.done:
        return False
    visit.job, outcome = None, job.result()
    if outcome.lesson and outcome.lesson.accepted:
        _learned(visit, outcome, outcome.lesson)
    if not model.jobs.collect(job, visit.id):  # the page that took this one's place shows it
        return True
    visit.unconfirmed = None
    if outcome.error:
        if isinstance(outcome.error, StoreUnavailable):
            visit.unconfirmed = outcome.token, _content(outcome.samples)
        visit.lesson_notice = _notice(outcome.error)
        return True
    visit.outcome = outcome
    return True


def _learned(visit: Visit, outcome: Outcome, lesson: Lesson) -> None:
    """The drawings leave the tray, and what was read by the model of before is read again."""
    visit.tray = _without(visit.tray, outcome.samples, same_ids=outcome.session == visit.id)
    if visit.kept_tray is not None and not outcome.own:  # as the store did when it kept the lesson
        visit.kept_tray = visit.kept_tray.without(np.stack([sample.image for sample in outcome.samples]))
    visit.picked = None
    visit.answer = ()
    visit.taught += 1
    if outcome.own:
        visit.own = [*visit.own[1 - OWN_KEPT :], lesson.classifier]


def _without(tray: list[Sample], taught: tuple[Sample, ...], *, same_ids: bool) -> list[Sample]:
    """The tray without the drawings taught; a tray that was brought back has other ids, so there by their images."""
    names, gone = ([s.id if same_ids else s.image.tobytes() for s in samples] for samples in (tray, taught))
    return [tray[place] for place in places_left(names, gone)]


def undo(visit: Visit, model: SharedModel) -> None:
    """Take the last lesson back; its drawings return to the tray."""
    outcome = visit.outcome
    if outcome is None:
        return
    try:
        if outcome.own:
            del visit.own[-1:]
        else:
            model.undo(outcome.token, by=teacher_number(visit.browser))
    except LookupError:
        visit.outcome, visit.lesson_notice = None, Notice("train.nothing_to_undo")
        return
    except StoreUnavailable as error:
        visit.lesson_notice = _notice(error)
        return
    visit.answer = ()
    ids = visit.add_first((sample.image, sample.label) for sample in outcome.samples)
    if outcome.session == visit.id:  # what is still on the sheet was these
        again = dict(zip((sample.id for sample in outcome.samples), ids, strict=True))
        visit.samples_of_answer = {
            digit: again.get(number, number) for digit, number in visit.samples_of_answer.items()
        }
    visit.outcome, visit.lesson_notice = None, Notice("train.undone", kind="success")


def _notice(error: Exception) -> Notice:
    if isinstance(error, LimitReached):
        return Notice(f"limit.{error.kind}", {"seconds": round(error.retry_after_s)})
    if isinstance(error, StoreUnavailable):
        return Notice("train.store", {"why": f"store.{error.kind}"}, "error")
    if isinstance(error, ModelUnavailable):
        return Notice("model.missing", kind="error")
    if isinstance(error, TimeoutError):
        return Notice("model.slow")
    if isinstance(error, NotAllowed):
        return Notice("train.off")
    raise error
