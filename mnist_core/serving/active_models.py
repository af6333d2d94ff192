"""The active model of each room in use: loaded when somebody comes, kept up to date, swapped in one step.

Whoever predicts reads one reference and asks nobody. One thread loads the base model, opens the store, and then asks
it again and again, once for all rooms, whether another server has taught something. Rooms that were not used for long
make place for others; everyone's stays.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from mnist_core.logs import event
from mnist_core.recognition.memory import Memory
from mnist_core.serving.housekeeping import Housekeeping
from mnist_core.serving.jobs import Job
from mnist_core.serving.store_follower import StoreFollower
from mnist_core.storage.faults import RoomClosed, StaleVersion, StoreUnavailable
from mnist_core.storage.records import EVERYONE, NOTHING_TAUGHT, NewLesson, Room, Version
from mnist_core.teaching.classifier import Classifier

if TYPE_CHECKING:
    from mnist_core.storage.room_store import RoomStore
    from mnist_core.storage.store import Store

LOADING_S = 120.0
RETEACHING_S = 2.0  # how long the first visitor of a room waits while it is taught again: a young one needs no longer
OLD = 100  # lessons: from here on a room is scored ahead, as its first lesson would wait for that
PLACE_BYTES = 16 * 1024  # what a room in memory takes besides its arrays


class State(NamedTuple):
    """A version and its classifier, whose memories are those of `version.lesson_ids`, in that order."""

    classifier: Classifier
    version: Version


class _Place:
    """Where the state of one room is, once it is loaded. Holding `changing` is how its threads take turns."""

    def __init__(self, own: bool) -> None:
        self.own = own
        self.state: State | None = None
        self.nbytes = 0  # of the state
        self.scored = False  # whether it may hold more than what predicts
        self.ahead = False  # whether it was looked at if it should be scored ahead
        self.not_followed = -1  # the version that could not be taken up, and that is not tried again
        self.reteaching: Job[None] | None = None  # to this base model, from another one
        self.changing = threading.Lock()

    def weigh(self) -> None:
        """Take note of what the state takes."""
        self.scored = True
        self.nbytes = self.state.classifier.nbytes + PLACE_BYTES if self.state else 0

    def forget_scores(self) -> int:
        """Keep what predicts, and not what a lesson is judged with; how many bytes that gives."""
        if self.state is None or not self.scored:
            return 0
        before = self.nbytes
        self.state.classifier.forget_scores()
        self.weigh()
        self.scored = False
        return before - self.nbytes


class ActiveModels:
    """`load` gives the base model and `open_store` the store; both are called in the background thread.

    Both wait `grace_s`, unless somebody `want`s them sooner: what they import would hold up the first page.
    `ready` is set once a prediction can be made, or never can be because of `error`. The models of all rooms but
    everyone's take about `most_bytes` together. `on_closed` is called with the id of a room that was closed.
    """

    def __init__(
        self,
        load: Callable[[], Classifier],
        open_store: Callable[[], Store],
        *,
        poll_s: float,
        grace_s: float,
        most_bytes: int,
        housekeeping: Housekeeping,
        on_closed: Callable[[int], None] = lambda room_id: None,
    ) -> None:
        self.ready = threading.Event()
        self.error: Exception | None = None
        self.following = StoreFollower(open_store)
        self._load, self._poll_s, self._grace_s, self._most_bytes = load, poll_s, grace_s, most_bytes
        self._housekeeping, self._on_closed = housekeeping, on_closed
        self._untaught: Classifier | None = None
        self._everyone = _Place(own=False)
        self._places = OrderedDict({EVERYONE: self._everyone})  # the room used last is the last one
        self._in_step = False  # whether this process has ever taken up what is active in everyone's room
        self._lock = threading.Lock()
        self._scoring: Job[None] | None = None
        self._fitted_again: dict[int, Memory] = {}
        self._fitting_again = threading.Lock()  # lesson by lesson: of several rooms the young ones are done soon
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="active-models", daemon=True)
        self._thread.start()

    def want(self) -> None:
        """Load without further delay."""
        self._wanted.set()

    def untaught(self) -> Classifier:
        """The base model, when it is there. Raises what loading raised, and TimeoutError."""
        self.want()
        if not self.ready.wait(LOADING_S):
            raise TimeoutError(f"the model did not load within {LOADING_S:.0f} seconds")
        if self.error is not None:
            raise self.error.with_traceback(None)  # or it would grow, and hold what its frames hold
        return self._base()

    def state(self, room: Room) -> State:
        """The room's state, from the store when it is not in memory.

        Raises what `untaught` raises, and where the store is asked:
            StoreUnavailable: it is away. Everyone's room has a state all the same.
            RoomClosed: the room was closed.
        """
        self.untaught()
        place = self._place(room)
        return place.state or self._refresh(self.store(), room.id, place)

    def store(self) -> Store:
        """See `StoreFollower.store`."""
        self.want()
        return self.following.store()

    def room_store(self, room: Room) -> RoomStore:
        """The room's part of `store`."""
        return self.store().room(room.id)

    def refresh(self, room: Room) -> State:
        """Take up what is active in the room by now.

        Raises:
            StoreUnavailable: the state stays what it was. "other_base": the active lessons are another model's.
            RoomClosed: the room was closed.
        """
        self.untaught()
        return self._refresh(self.store(), room.id, self._place(room))

    def commit(self, room: Room, new: NewLesson, memory: Memory, on_top_of: Version, *, approved: bool) -> State:
        """Keep a lesson that was fitted on top of this version. approved: see `RoomStore.add_lesson`.

        Raises:
            StaleVersion, StoreUnavailable: nothing was kept, as far as is known.
            NeedsApproval: nothing was kept; it may be put to wait.
            RoomClosed: the room was closed.
        """
        store, place = self.store(), self._place(room)
        with place.changing:
            version = store.room(room.id).add_lesson(new, on_top_of.id, approved=approved)
            if version.id <= on_top_of.id:  # this click was kept before, and others have taught since
                return self._adopt(store, place, store.room(room.id).active(), {})
            return self._adopt(store, place, version, {version.lesson_ids[-1]: memory})

    def approve(
        self,
        room: Room,
        lesson_id: int,
        memory: Memory,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        on_top_of: Version,
    ) -> State:
        """Make a lesson that waits part of the model. Raises as `commit`, and LookupError when it does not wait."""
        store, place = self.store(), self._place(room)
        content, base_id = memory.to_bytes(), memory.base_id
        with place.changing:
            version = store.room(room.id).approve(
                lesson_id, before=before, after=after, base_id=base_id, memory=content, expected=on_top_of.id
            )
            return self._adopt(store, place, version, {lesson_id: memory})

    def change(self, room: Room, name: str, decide: Callable[[RoomStore, Version], Version]) -> Version:
        """Make another version of the room active by a method of its store, adopt it and log it as `name`.

        decide: gets the active version; called again when another server was quicker. What else it raises is raised.
        """
        base_id, place = self.untaught().base_id, self._place(room)
        store = self.store()
        while True:
            version = store.room(room.id).active()  # no more of it is read: it can be left when a memory is damaged
            if version.base_id not in ("", base_id):
                version = self.refresh(room).version
            try:
                with place.changing:
                    version = self._adopt(store, place, decide(store.room(room.id), version), {}).version
            except StaleVersion:
                continue
            event(name, room=room.id, version=version.number)
            return version

    def drop(self, room_id: int) -> None:
        """Keep nothing of this room in memory: it was closed."""
        with self._lock:
            if room_id != EVERYONE:
                self._places.pop(room_id, None)
        self._on_closed(room_id)

    def close(self) -> None:
        """Stop following and close the store."""
        self._closing.set()
        self._thread.join(timeout=10)
        self.following.close()

    def _place(self, room: Room) -> _Place:
        with self._lock:
            place = self._places.setdefault(room.id, _Place(room.own))
            self._places.move_to_end(room.id)
            return place

    def _refresh(self, store: Store, room_id: int, place: _Place) -> State:
        with place.changing:
            return self._latest(store, room_id, place)

    def _latest(self, store: Store, room_id: int, place: _Place) -> State:
        """See `refresh`; whoever calls it holds `place.changing`."""
        while True:
            active = store.rooms.active_versions([room_id])
            if room_id not in active:
                self.drop(room_id)
                raise RoomClosed(room_id)
            if place.state and place.state.version.id == active[room_id]:
                return place.state
            version = store.room(room_id).active()
            if version.base_id in ("", self._base().base_id):
                return self._adopt(store, place, version, {})
            if room_id == EVERYONE:
                raise StoreUnavailable("other_base")
            self._claim_store(store)
            with suppress(StaleVersion):  # another server did
                self._taught_again(store.room(room_id), place)

    def _taught_again(self, store: RoomStore, place: _Place) -> None:
        """See `_teach_again`, in a thread of its own: of a thousand lessons it takes minutes, and nobody waits so long.

        Raises:
            StoreUnavailable: "reteaching": it is under way; who asks again later finds it done.
        """
        if place.reteaching is None:
            place.reteaching = Job(lambda _: self._teach_again(store, own=place.own))
            place.reteaching.wait(RETEACHING_S)
        if not place.reteaching.done:
            raise StoreUnavailable("reteaching")
        done, place.reteaching = place.reteaching, None
        done.result()

    def _claim_store(self, store: Store) -> None:
        """Before a room is taught again to this base model: everyone's room says which one the store is taught to.

        Raises:
            StoreUnavailable: "other_base": another one, by a newer server.
        """
        base_id = self._base().base_id
        while (version := store.everyone.active()).base_id != base_id:
            if version.base_id:
                raise StoreUnavailable("other_base")
            with suppress(StaleVersion):
                store.everyone.rebase(base_id, {}, expected=version.id)

    def _adopt(self, store: Store, place: _Place, version: Version, at_hand: Mapping[int, Memory]) -> State:
        classifier, current = place.state or State(self._base(), NOTHING_TAUGHT)
        if place.state and version == current:
            return place.state
        memories = dict(zip(current.lesson_ids, classifier.memories, strict=True)) | dict(at_hand)
        missing = [number for number in version.lesson_ids if number not in memories]
        memories |= stored_memories(store.everyone, missing, classifier.base_id)
        if gone := [number for number in missing if number not in memories]:
            raise StoreUnavailable("damaged", f"The memory of lesson {gone[0]} is missing.")
        state = State(classifier.with_memories([memories[number] for number in version.lesson_ids]), version)
        place.state = state
        place.weigh()
        self._make_room()
        return state

    def _make_room(self) -> None:
        """Where all rooms take too much memory, forget what was used longest ago: first scores, then whole rooms."""
        with self._lock:
            rooms = {room_id: place for room_id, place in self._places.items() if room_id != EVERYONE}
            excess = sum(place.nbytes for place in rooms.values()) - self._most_bytes
            older = list(rooms.items())[:-1]
            for _, place in older:
                if excess > 0:
                    excess -= place.forget_scores()
            for room_id, place in older:
                if excess > 0:
                    excess -= place.nbytes
                    del self._places[room_id]

    def _base(self) -> Classifier:
        if self._untaught is None:
            raise RuntimeError("the model is not loaded")
        return self._untaught

    def _run(self) -> None:
        self._wanted.wait(self._grace_s)
        self.following.follow(self._step)  # a tray can be given back while TensorFlow is still being imported
        try:
            self._untaught = self._load()
        except Exception as error:  # whatever it is, those who wait for the model must hear of it
            self.error = error
            event("model_not_loaded", level=logging.ERROR, traceback_of=error, reason=str(error))
        else:
            self._everyone.state = State(self._untaught, NOTHING_TAUGHT)
            event("model_loaded", base_id=self._untaught.base_id)
            self.following.follow(self._step)
        self.ready.set()
        while not self._closing.wait(self._poll_s):
            self.following.follow(self._step)
            self._score_ahead()

    def _score_ahead(self) -> None:
        """Begin to score one room that was loaded, where its lessons are many: whoever came may teach soon."""
        if self._scoring and not self._scoring.done:
            return
        with self._lock:
            new = [place for place in self._places.values() if place.state and not place.ahead]
        for place in new:
            place.ahead = True
            if place.state and len(place.state.version.lesson_ids) >= OLD:
                self._scoring = Job(partial(_score, place))
                return

    def _step(self, store: Store) -> None:
        fault = self.following.fault
        if self._untaught is None:
            store.rooms.active_versions([EVERYONE])  # whether it answers
        else:
            if fault and fault.kind == "other_base" and not self._in_step:
                self.following.note_reteaching()
                self._teach_again(store.everyone, own=False)
            self._take_up(store)
            self._in_step = True
        self._housekeeping.tidy(store)  # last: a store that cannot be written to can be read

    def _take_up(self, store: Store) -> None:
        """Take up what other servers have taught, in all rooms that are in memory; one query where they have not."""
        with self._lock:
            places = dict(self._places)
        active = store.rooms.active_versions(places)
        for room_id, place in places.items():
            known = (place.state.version.id, place.not_followed) if place.state else (active.get(room_id),)
            if active.get(room_id) in known or not place.changing.acquire(blocking=False):
                continue  # or it is being changed here and now: nobody waits for that
            try:
                self._latest(store, room_id, place)
            except RoomClosed:
                event("room_closed", room=room_id)
            except StoreUnavailable as error:
                if room_id == EVERYONE or error.kind not in ("other_base", "damaged"):
                    raise
                event("room_not_followed", level=logging.WARNING, room=room_id, reason=str(error))
                place.not_followed = active[room_id]  # it predicts as before; who teaches hears why
            finally:
                place.changing.release()

    def _teach_again(self, store: RoomStore, *, own: bool) -> None:
        """Teach the active lessons of a room, which belong to another base model, to this one from their drawings.

        Everyone's only at a start: when a newer server has done this, older ones that still run must not undo it.
        """
        version, classifier = store.active(), self._base()
        known = stored_memories(store, version.lesson_ids, classifier.base_id) | dict(self._fitted_again)
        taught: dict[int, bytes] = {}
        for lesson in store.lessons(version.lesson_ids):
            if self._closing.is_set():
                raise StoreUnavailable("reteaching")
            memory = known.get(lesson.id)
            if memory and not len(lesson.images):  # they were erased; it was taught to this base model before
                classifier, taught[lesson.id] = classifier.with_memory(memory), memory.to_bytes()
                continue
            try:
                with self._fitting_again:
                    done = classifier.teach(lesson.images, lesson.labels.tolist(), memory=memory, own=own)
            except ValueError:  # its drawings are erased, or it was taught when blank ones could be
                event("lesson_taught_again", lesson=lesson.id, accepted=False)
                continue
            if done.memory is not None:
                self._fitted_again[lesson.id] = done.memory
                taught[lesson.id] = done.memory.to_bytes()
            classifier = done.classifier
            event("lesson_taught_again", lesson=lesson.id, accepted=done.accepted)
        store.rebase(classifier.base_id, taught, expected=version.id)
        for number in taught:
            self._fitted_again.pop(number, None)  # they are in the store from now on


def _score(place: _Place, _: Job[None]) -> None:
    if place.state:
        place.state.classifier.score_ahead()
        place.weigh()


def stored_memories(store: RoomStore, ids: Sequence[int], base_id: str) -> dict[int, Memory]:
    """The memories of these lessons that the base model has. Raises `StoreUnavailable` when one cannot be read."""
    try:
        return {number: Memory.from_bytes(content) for number, content in store.memories(ids, base_id).items()}
    except ValueError as error:
        raise StoreUnavailable("damaged", str(error)) from error
