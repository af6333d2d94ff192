"""The models of all rooms of a server: predicted with by everybody, taught by one at a time.

Everything a page may do with lessons goes through the `RoomModel` of a room, and what only its owner may, through the
`RoomOwner` that it gives out against a proof.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from mnist_core.logs import event
from mnist_core.serving.active_models import ActiveModels
from mnist_core.serving.bulletins import Bulletins
from mnist_core.serving.directory import ROOM_OF_ALL, Directory
from mnist_core.serving.host import Host
from mnist_core.serving.housekeeping import Housekeeping
from mnist_core.serving.importing import Imports
from mnist_core.serving.jobs import Jobs
from mnist_core.serving.loading import load_to_stay
from mnist_core.serving.ownership import KnownBrowser, NotOwner, Ownership, SignedIn
from mnist_core.serving.room_model import Parts, RoomModel
from mnist_core.serving.settings import Settings
from mnist_core.serving.store_follower import StoreNotice
from mnist_core.serving.turns import Seats, Turns
from mnist_core.serving.used import UsedDrawings
from mnist_core.storage.records import Room, Tray
from mnist_core.teaching.classifier import Classifier

if TYPE_CHECKING:
    from mnist_core.storage.store import Store

GRACE_S = 6.0  # what the first page gets to be shown before TensorFlow and the database's library are imported
ROOM_BYTES = 96 * 2**20  # for the models of rooms, besides the base model: some hundreds of them
LAST_LESSON_S = 20.0  # what a lesson that has begun gets at most when the server is told to stop


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
        self.ownership = Ownership(self.settings)
        self._turns = Turns(self.settings.waiting)
        bulletins = Bulletins()
        self._active = ActiveModels(
            load or partial(load_to_stay, self.settings.models_dir),
            self._open_store,
            poll_s=poll_s,
            grace_s=0.0 if load else GRACE_S,
            most_bytes=ROOM_BYTES,
            housekeeping=Housekeeping(self.settings.room_days, self.settings.drawing_days),
            on_closed=bulletins.drop,
        )
        imports = Imports(self.settings.import_drawings)
        self._parts = Parts(self._active, self._turns, imports, bulletins, self.ownership, self.settings)
        self.directory = Directory(self._active, self.ownership, self.settings)
        self.everyone = self.room(ROOM_OF_ALL)

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
        return self._active.following.notice

    @property
    def store_asked(self) -> bool:
        """Whether the store has been opened, or could not be: what needs it no longer waits for that."""
        return self._active.following.asked

    def readiness(self) -> dict[str, bool]:
        """Whether the model is loaded and the store answers, as a load balancer asks: so loading waits no longer."""
        self._active.want()
        return {"model": self.ready.is_set() and self.error is None, "store": self._active.following.answers}

    def room(self, room: Room) -> RoomModel:
        """This room's model, lessons and history."""
        return RoomModel(room, self._parts)

    def host(self, proof: KnownBrowser | SignedIn) -> Host:
        """What only the host may do. Raises NotOwner when this proves nothing."""
        if not self.ownership.proven(proof):
            raise NotOwner
        return Host(self._active, self._parts.bulletins)

    @property
    def untaught(self) -> Classifier:
        """The base model. Waits while it loads; raises what loading raised."""
        return self._active.untaught()

    def save_tray(self, browser: str, tray: Tray, before: Tray | None = None) -> None:
        """Keep the tray for the next time that this browser comes, to this server or another; see `Visitors`."""
        self._active.store().visitors.save_tray(browser, tray, before)

    def load_tray(self, browser: str) -> Tray:
        """What `save_tray` kept; an empty tray when there is none."""
        return self._active.store().visitors.load_tray(browser)

    def forget(self, browser: str) -> None:
        """Delete what is kept about this browser, its own room with it; see `Visitors` and `Rooms.forget_owner`."""
        store = self._active.store()
        mine = store.rooms.mine(browser)
        store.visitors.forget(browser)  # first: from now on no click of before makes the room again
        store.rooms.forget_owner(browser)
        if mine:
            self._active.drop(mine.id)
        self.ownership.sign_out(browser)
        self.used_drawings.forget(browser)

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
