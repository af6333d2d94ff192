"""The model that all visitors of a server share: predicted with by everybody, taught by one at a time.

Everything a page may do with lessons and trays goes through `SharedModel`, and what only the owner may, through the
`Owner` that it gives out against a proof.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.logs import event
from mnist_core.serving.active_model import ActiveModel, StoreNotice
from mnist_core.serving.commit import Click, as_taught, teach_and_keep
from mnist_core.serving.jobs import Jobs
from mnist_core.serving.loading import load_to_stay
from mnist_core.serving.owner import NotOwner, Owner, Ownership, Proof, Secret
from mnist_core.serving.settings import Settings
from mnist_core.serving.turns import Seats, Turns
from mnist_core.serving.used import UsedDrawings
from mnist_core.storage.browsers import teacher_number
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.records import History, LessonRecord, Tray, Version
from mnist_core.teaching.classifier import Classifier
from mnist_core.teaching.lesson import Lesson

if TYPE_CHECKING:
    from mnist_core.storage.store import Store

GRACE_S = 6.0  # what the first page gets to be shown before TensorFlow and the database's library are imported
LAST_LESSON_S = 20.0  # what a lesson that has begun gets at most when the server is told to stop


class NotAllowed(RuntimeError):
    """The host of this app has switched this off."""


class SharedModel:
    """One for each process: see `shared`. Begins to load at once, in the background.

    What touches lessons or trays raises `StoreUnavailable` while the store is away; predictions go on.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        load: Callable[[], Classifier] | None = None,
        poll_s: float = 1.0,
    ) -> None:
        """`load` gives the base model; without it, it comes from `settings.models_dir`."""
        self.settings = settings or Settings.read()
        self.seats = Seats(self.settings.sessions)
        self.jobs: Jobs[Any] = Jobs()
        self.used_drawings = UsedDrawings()
        self._turns = Turns(self.settings.waiting)
        self._active = ActiveModel(
            load or partial(load_to_stay, self.settings.models_dir),
            self._open_store,
            poll_s=poll_s,
            grace_s=0.0 if load else GRACE_S,
        )
        self.ownership = Ownership(self.settings)
        self._owner = Owner(self._active, self._turns)

    def _open_store(self) -> Store:
        from mnist_core.storage.store import Store  # half a second: not before the first page

        return Store(self.settings.database_url, folder=self.settings.data_dir, wait_s=0)

    @property
    def ready(self) -> threading.Event:
        """Set when `classifier` no longer waits."""
        return self._active.ready

    @property
    def error(self) -> Exception | None:
        """Why the base model could not be loaded."""
        return self._active.error

    @property
    def notice(self) -> StoreNotice | None:
        """What everybody should know about the store now; None when all is well."""
        return self._active.notice

    @property
    def store_asked(self) -> bool:
        """Whether the store has been opened, or could not be: what needs it no longer waits for that."""
        return self._active.asked

    @property
    def classifier(self) -> Classifier:
        """The active one, without asking the store. Waits while the model loads; raises what loading raised."""
        return self._active.wait().classifier

    @property
    def version(self) -> Version:
        """The version that `classifier` is."""
        return self._active.wait().version

    def readiness(self) -> dict[str, bool]:
        """Whether the model is loaded and the store answers, as a load balancer asks: so loading waits no longer."""
        self._active.want()
        return {"model": self.ready.is_set() and self.error is None, "store": self._active.store_answers}

    def teach(
        self,
        images: NDArray[np.uint8],
        labels: Sequence[int],
        *,
        teacher: str,
        token: str,
        progress: Callable[[float], None] | None = None,
        on_place: Callable[[int], None] | None = None,
        browser: str | None = None,
    ) -> Lesson:
        """Teach everybody's model, on top of what others have taught by then. Kept in the store when accepted.

        Args:
            images: uint8 (n, 28, 28), 0 and 255.
            labels: n digits 0-9.
            teacher: `browsers.teacher_number` of the visitor.
            token: names this click on Train: sent again, whatever happened in between, it is the same lesson.
            progress: as for `Classifier.teach`. It may raise to give up: then nothing has changed.
            on_place: called with how many people are before, 0 when it is this one's turn.
            browser: whose kept tray the drawings leave at the moment that the lesson is kept.

        Raises:
            StoreUnavailable: the store is away; nothing is known to have been kept, so send the token again.
            LimitReached: too many lessons this minute, or too long a line.
            NotAllowed: visitors may not teach everybody's model here.
            ValueError: see `Classifier.teach`.
        """
        if self.settings.teaching != "shared":
            raise NotAllowed(f"TEACHING is {self.settings.teaching}")
        self._active.wait()  # no turn is taken before the model is there
        store = self._active.store()
        if kept := store.taught_as(token):
            return as_taught(self.classifier, kept[0])
        self._admit(teacher)
        with self._turns.turn(on_place):
            return teach_and_keep(self._active, images, labels, progress, Click(teacher, token, browser, "teach"))

    def teach_own(
        self,
        classifier: Classifier,
        images: NDArray[np.uint8],
        labels: Sequence[int],
        *,
        teacher: str,
        progress: Callable[[float], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Lesson:
        """Teach a visitor's own classifier by the gate of one's own, in the same line and under the same limits.

        Nothing is kept.

        Raises:
            LimitReached, NotAllowed, ValueError: as `teach`.
        """
        if self.settings.teaching == "off":
            raise NotAllowed("TEACHING is off")
        with suppress(StoreUnavailable):  # nothing is to be kept: while tries cannot be counted, taking turns must do
            self._admit(teacher)
        with self._turns.turn(on_place):
            return classifier.teach(images, labels, progress, own=True)

    def _admit(self, teacher: str) -> None:
        each, together = self.settings.lessons_per_visitor, self.settings.lessons_per_minute
        self._active.store().visitors.admit("lesson", teacher, each=each, together=together)

    def undo(self, token: str, *, by: str) -> Version:
        """Withdraw the lesson of this click on Train. Raises LookupError when it is not taught now."""

        def undo(store: Store, version: Version) -> Version:
            taught = store.taught_as(token)
            if taught is None or taught[1].kind != "teach":  # what the owner imported, the owner withdraws
                raise LookupError(f"no lesson is known as {token}")
            return store.withdraw(taught[0].id, expected=version.id, by=by)

        return self._active.change("lesson_undone", undo)

    def history(self, page: int = 1, size: int = 8) -> History:
        """A page of the versions, newest first: see `Store.history`."""
        return self._active.store().history(page, size)

    def lessons(self) -> list[LessonRecord]:
        """The lessons that are taught now, in order: what an export holds."""
        store = self._active.store()
        return store.lessons(store.active().lesson_ids)

    def save_tray(self, browser: str, tray: Tray, before: Tray | None = None) -> None:
        """Keep the tray for the next time that this browser comes, to this server or another; see `Visitors`."""
        self._active.store().visitors.save_tray(browser, tray, before)

    def load_tray(self, browser: str) -> Tray:
        """What `save_tray` kept; an empty tray when there is none."""
        return self._active.store().visitors.load_tray(browser)

    def forget(self, browser: str) -> None:
        """Delete what is kept about this browser; see `Visitors.forget`."""
        self._active.store().visitors.forget(browser)
        self.ownership.sign_out(browser)
        self.used_drawings.forget(browser)

    def owner(self, proof: Proof) -> Owner:
        """The owner's ways to change everybody's model.

        Raises:
            NotOwner: this proves nothing.
            LimitReached: too many secrets were tried.
            StoreUnavailable: the tries at a secret cannot be counted.
        """
        if isinstance(proof, Secret):
            who, tries = teacher_number(proof.browser), self.settings.password_tries
            self._active.store().visitors.admit("password", who, each=tries, together=3 * tries)
        if not self.ownership.proven(proof):
            raise NotOwner
        return self._owner

    def close(self) -> None:
        """Let the lesson that has begun end, keep it, and stop. Nobody else's turn comes."""
        self._turns.close(LAST_LESSON_S)
        self._active.close()
        event("closed")


_lock = threading.Lock()
_shared: list[SharedModel] = []


def shared() -> SharedModel:
    """This process's model; the first call makes it, from the environment's settings."""
    with _lock:
        if not _shared:
            _shared.append(SharedModel())
        return _shared[0]


def new_token() -> str:
    """A name for one click on Train."""
    return secrets.token_hex(16)
