"""The store's active version as a classifier: loaded in the background, kept up to date, swapped in one step.

Whoever predicts reads one reference and asks nobody. One thread loads the base model, opens the store, and then
asks it again and again whether another server has taught something.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mnist_core.logs import event
from mnist_core.recognition.memory import Memory
from mnist_core.storage.faults import StaleVersion, StoreUnavailable
from mnist_core.storage.records import NOTHING_TAUGHT, NewLesson, Version
from mnist_core.teaching.classifier import Classifier

if TYPE_CHECKING:
    from mnist_core.storage.store import Store

REMIND_S = 30.0  # between two lines of log that say that the store is still away
DAY_S = 24 * 3600.0
_READABLE = ("read_only", "full")  # faults of a store that can be read all the same
LOADING_S = 120.0
OPENING_S = 5.0  # how long a visitor who comes at the very start waits for the store


class State(NamedTuple):
    """A version and its classifier, whose memories are those of `version.lesson_ids`, in that order."""

    classifier: Classifier
    version: Version


@dataclass(frozen=True)
class StoreNotice:
    """Something that everybody who uses the app should know. `kind` is a word that pages translate.

    The kinds of `StoreUnavailable`, and "put_aside": then `detail` is where a damaged store was moved to.
    """

    kind: str
    detail: str = ""


class ActiveModel:
    """`load` gives the base model and `open_store` the store; both are called in the background thread.

    Both wait `grace_s`, unless somebody `want`s them sooner: what they import would hold up the first page.
    `ready` is set once a prediction can be made, or never can be because of `error`.
    """

    def __init__(
        self, load: Callable[[], Classifier], open_store: Callable[[], Store], *, poll_s: float, grace_s: float
    ) -> None:
        self.ready = threading.Event()
        self.error: Exception | None = None
        self._load, self._open_store, self._poll_s, self._grace_s = load, open_store, poll_s, grace_s
        self._state: State | None = None
        self._store: Store | None = None
        self._fault: StoreUnavailable | None = None
        self._in_step = False  # whether this process has ever taken up what is active in the store
        self._tidy_at = self._remind_at = 0.0
        self._fitted_again: dict[int, Memory] = {}
        self._wanted = threading.Event()
        self._asked = threading.Event()  # the store has been opened, or could not be
        self._changing = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="active-model", daemon=True)
        self._thread.start()

    def want(self) -> None:
        """Load without further delay."""
        self._wanted.set()

    @property
    def state(self) -> State:
        """Raises RuntimeError while nothing is loaded."""
        if self._state is None:
            raise RuntimeError("the model is not loaded")
        return self._state

    def wait(self) -> State:
        """The state, when it is there. Raises what loading raised, and TimeoutError."""
        self.want()
        if not self.ready.wait(LOADING_S):
            raise TimeoutError(f"the model did not load within {LOADING_S:.0f} seconds")
        if self.error is not None:
            raise self.error.with_traceback(None)  # or it would grow, and hold what its frames hold
        return self.state

    @property
    def store_answers(self) -> bool:
        """Whether the store did what was asked, the last time; not before it was asked at all."""
        fault = self._fault
        return self._asked.is_set() and (fault is None or fault.kind in ("other_base", "reteaching"))

    @property
    def asked(self) -> bool:
        """Whether the store has been opened, or could not be."""
        return self._asked.is_set()

    @property
    def notice(self) -> StoreNotice | None:
        if self._fault is not None:
            return StoreNotice(self._fault.kind, str(self._fault))
        if self._store is not None and self._store.put_aside is not None:
            return StoreNotice("put_aside", str(self._store.put_aside))
        return None

    def store(self) -> Store:
        """The store. Raises `StoreUnavailable` at once when it was away a moment ago: nobody waits for a timeout.

        One that cannot be written to is given out, for what can be read: who writes is told by the database.
        """
        self.want()
        self._asked.wait(OPENING_S)
        fault = self._fault
        if fault is not None and (self._store is None or fault.kind not in _READABLE):
            raise StoreUnavailable(fault.kind)
        if self._store is None or self._closing.is_set():
            raise StoreUnavailable("unreachable")
        return self._store

    def refresh(self) -> State:
        """Take up what is active in the store by now.

        Raises:
            StoreUnavailable: the state stays what it was. "other_base": the active lessons are another model's.
        """
        return self._refresh(self.store())

    def commit(self, new: NewLesson, memory: Memory, on_top_of: Version) -> State:
        """Keep a lesson that was fitted on top of this version. Raises `StaleVersion` and `StoreUnavailable`."""
        store = self.store()
        with self._changing:
            version = store.add_lesson(new, on_top_of.id)
            if version.id <= on_top_of.id:  # this click was kept before, and others have taught since
                return self._adopt(store, store.active(), {})
            return self._adopt(store, version, {version.lesson_ids[-1]: memory})

    def change(self, name: str, decide: Callable[[Store, Version], Version]) -> Version:
        """Make another version active by a method of the store, adopt it and log it as `name`.

        decide: called again when another server was quicker. What else it raises is raised.
        """
        store = self.store()
        while True:
            self._refresh(store)
            try:
                with self._changing:
                    version = self._adopt(store, decide(store, self.state.version), {}).version
            except StaleVersion:
                continue
            event(name, version=version.id)
            return version

    def close(self) -> None:
        """Stop following and close the store."""
        self._closing.set()
        self._thread.join(timeout=10)
        if self._store is not None:
            self._store.close()

    def _refresh(self, store: Store) -> State:
        with self._changing:
            version = store.active()
            if version.lesson_ids and version.base_id != self.state.classifier.base_id:
                raise StoreUnavailable("other_base")
            return self._adopt(store, version, {})

    def _adopt(self, store: Store, version: Version, at_hand: Mapping[int, Memory]) -> State:
        classifier, current = self.state
        if version == current:
            return self.state
        memories = dict(zip(current.lesson_ids, classifier.memories, strict=True)) | dict(at_hand)
        missing = [number for number in version.lesson_ids if number not in memories]
        memories |= stored_memories(store, missing, classifier.base_id)
        if gone := [number for number in missing if number not in memories]:
            raise StoreUnavailable("damaged", f"The memory of lesson {gone[0]} is missing.")
        self._state = State(classifier.with_memories([memories[number] for number in version.lesson_ids]), version)
        return self._state

    def _run(self) -> None:
        self._wanted.wait(self._grace_s)
        self._follow()  # before the model: a tray can be given back while TensorFlow is still being imported
        self._asked.set()
        try:
            self._state = State(self._load(), NOTHING_TAUGHT)
        except Exception as error:  # whatever it is, those who wait for the model must hear of it
            self.error = error
            event("model_not_loaded", level=logging.ERROR, traceback_of=error, reason=str(error))
        else:
            event("model_loaded", base_id=self.state.classifier.base_id)
            self._follow()
        self.ready.set()
        while not self._closing.wait(self._poll_s):
            self._follow()

    def _follow(self) -> None:
        before = self._fault
        try:
            if self._store is None or self._store.read_only:
                self._store, before_this = self._open_store(), self._store
                if before_this:
                    before_this.close()
            if before and before.kind == "other_base" and not self._in_step:
                self._teach_again(self._store)
            if self._state is None:
                self._store.active()
            else:
                self._refresh(self._store)
                self._in_step = True
            self._tidy(self._store)  # last: a store that cannot be written to can be read
            self._fault = None
        except StaleVersion:
            return  # another server was quicker; the next round sees what it did
        except StoreUnavailable as error:
            self._fault = error
            if error.kind == "damaged" and self._store is not None:
                self._store.close()  # opening it again puts a damaged file aside
                self._store = None
        except Exception as error:  # a wrong DATABASE_URL, say: this thread must live, and say so
            self._fault = StoreUnavailable("unreachable", str(error))
            if str(self._fault) != str(before):
                event("store_failed", level=logging.ERROR, traceback_of=error)
        self._report(before)

    def _report(self, before: StoreUnavailable | None) -> None:
        """Log what became of the store, and as long as it is away, that it still is."""
        now, fault = time.monotonic(), self._fault
        if fault and (before is None or fault.kind != before.kind or now >= self._remind_at):
            event("store_away", level=logging.WARNING, fault=fault.kind, reason=str(fault))
            self._remind_at = now + REMIND_S
        elif before and not fault:
            event("store_back")

    def _tidy(self, store: Store) -> None:
        """Once a day."""
        if store.read_only or time.monotonic() >= self._tidy_at:  # a store that can only be read says so here
            store.visitors.remove_old_trays()
            self._tidy_at = time.monotonic() + DAY_S

    def _teach_again(self, store: Store) -> None:
        """Teach the active lessons, which belong to another base model, to this one from their drawings.

        Only at a start: when a newer server has done this, older ones that still run must not undo it.
        """
        version = store.active()
        classifier = self.state.classifier.untaught
        known = stored_memories(store, version.lesson_ids, classifier.base_id) | self._fitted_again
        taught: dict[int, bytes] = {}
        self._fault = StoreUnavailable("reteaching")
        for lesson in store.lessons(version.lesson_ids):
            if self._closing.is_set():
                raise StoreUnavailable("reteaching")
            try:
                done = classifier.teach(lesson.images, lesson.labels.tolist(), memory=known.get(lesson.id))
            except ValueError:  # it was taught when blank drawings could be
                event("lesson_taught_again", lesson=lesson.id, accepted=False)
                continue
            if done.memory is not None:
                self._fitted_again[lesson.id] = done.memory
                taught[lesson.id] = done.memory.to_bytes()
            classifier = done.classifier
            event("lesson_taught_again", lesson=lesson.id, accepted=done.accepted)
        store.rebase(classifier.base_id, taught, expected=version.id)


def stored_memories(store: Store, ids: Sequence[int], base_id: str) -> dict[int, Memory]:
    """The memories of these lessons that the base model has. Raises `StoreUnavailable` when one cannot be read."""
    try:
        return {number: Memory.from_bytes(content) for number, content in store.memories(ids, base_id).items()}
    except ValueError as error:
        raise StoreUnavailable("damaged", str(error)) from error
