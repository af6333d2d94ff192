"""A lesson from the click on Train to its proof, and the way back."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

import numpy as np

from mnist_core import Classifier, Lesson, ModelUnavailable
from mnist_core.serving.shared_model import NotAllowed, SharedModel, new_token
from mnist_core.storage.browsers import teacher_number
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.limits import LimitReached
from ui.session import Notice, Sample, Visit

OWN_KEPT = 3  # own models that a session keeps: the newest, and what Undo goes back to


@dataclass(frozen=True)
class Outcome:
    """What came of a lesson, with what the page shows as its proof."""

    lesson: Lesson
    samples: tuple[Sample, ...]
    own: bool
    token: str
    taken_for: int | None  # what the model read most of the misread drawings as, before


class Job:
    """A lesson under way in a thread of its own, so that its teacher may draw, reload or leave meanwhile."""

    def __init__(
        self,
        work: Callable[[Job], Lesson],
        model: Callable[[], Classifier],
        samples: list[Sample],
        own: bool,
        token: str,
    ) -> None:
        self.token = token
        self.share = 0.0
        self.place = 0  # how many are before this one in the line
        self.samples = tuple(samples)
        self.own = own
        self.outcome: Outcome | None = None
        self.error: Exception | None = None
        self._work, self._model = work, model
        self._thread = threading.Thread(target=self._run, name="lesson", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether there is an outcome or an error."""
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Return when the lesson is done, or after so many seconds."""
        self._thread.join(seconds)

    def progress(self, share: float) -> None:
        """Take note of the share done, 0-1."""
        self.share = min(max(share, 0.0), 1.0)

    def moved_up(self, place: int) -> None:
        """Take note of how many are before this one in the line."""
        self.place = place

    def _run(self) -> None:
        try:
            images = np.stack([sample.image for sample in self.samples])
            before = self._model().predict_many(images)
            wrong = Counter(p.digit for p, s in zip(before, self.samples, strict=True) if p.digit != s.label)
            lesson = self._work(self)
            taken_for = wrong.most_common(1)[0][0] if wrong else None
            if not self.own:  # everyone's model goes on changing; a session need not hold what it was
                lesson = replace(lesson, classifier=lesson.classifier.base)
            self.outcome = Outcome(lesson, self.samples, self.own, self.token, taken_for)
        except Exception as error:  # shown to the visitor by `finish`, which tells the expected ones apart
            self.error = error


_under_way: WeakValueDictionary[str, Job] = WeakValueDictionary()  # of each browser; gone with its thread and session


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
    images, labels = np.stack([s.image for s in samples]), [int(s.label or 0) for s in samples]
    token = _token(visit, samples)
    teacher, newest = teacher_number(visit.browser), visit.own[-1:]

    def current() -> Classifier:
        return newest[0] if own and newest else model.classifier

    def work(job: Job) -> Lesson:
        if own:
            return model.teach_own(
                current(), images, labels, teacher=teacher, progress=job.progress, on_place=job.moved_up
            )
        return model.teach(
            images,
            labels,
            teacher=teacher,
            token=token,
            progress=job.progress,
            on_place=job.moved_up,
            browser=visit.browser,
        )

    visit.job = visit.begun = Job(work, current, samples, own, token)
    if visit.kept:
        _under_way[visit.browser] = visit.job


def take_up(visit: Visit) -> None:
    """Follow the lesson that this browser began before the page was loaded again."""
    visit.job = visit.job or _under_way.get(visit.browser)


def _token(visit: Visit, samples: list[Sample]) -> str:
    """The name of this lesson: the same again after a fault, when it is not known whether the lesson was kept."""
    content = [(sample.id, sample.label) for sample in samples]
    if visit.unsure and visit.unsure[1] == content:
        return visit.unsure[0]
    return new_token()


def finish(visit: Visit) -> bool:
    """Take over what the lesson under way brought, if it is done: whether it was."""
    job = visit.job
    if job is None or not job.done:
        return False
    visit.job = visit.unsure = None
    if job.error:
        if isinstance(job.error, StoreUnavailable):
            visit.unsure = (job.token, [(sample.id, sample.label) for sample in job.samples])
        visit.lesson_notice = _notice(job.error)
        return True
    visit.outcome = job.outcome
    if job.outcome and job.outcome.lesson.accepted:
        visit.tray = _without(visit.tray, job.samples, same_ids=job is visit.begun)
        if visit.kept_tray is not None and not job.own:  # as the store did when it kept the lesson
            visit.kept_tray = visit.kept_tray.without(np.stack([sample.image for sample in job.samples]))
        visit.picked = None
        visit.answer = ()  # by the model of before
        if job.own:
            visit.own = [*visit.own[1 - OWN_KEPT :], job.outcome.lesson.classifier]
    return True


def _without(tray: list[Sample], taught: tuple[Sample, ...], *, same_ids: bool) -> list[Sample]:
    """The tray without the drawings taught; a tray that was brought back has other ids, so there by their images."""
    names = [sample.id if same_ids else sample.image.tobytes() for sample in (*taught, *tray)]
    gone, left = Counter(names[: len(taught)]), []
    for sample, name in zip(tray, names[len(taught) :], strict=True):
        if gone[name]:
            gone[name] -= 1
        else:
            left.append(sample)
    return left


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
    kept = {sample.id for sample in visit.tray}
    visit.tray = [sample for sample in outcome.samples if sample.id not in kept] + visit.tray
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
