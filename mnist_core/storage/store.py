"""The whole store: rooms and what was taught in each, and what is kept about visitors.

Nothing here knows Keras: the memory that a lesson leaves in a model is a string of bytes.
"""

from pathlib import Path

from mnist_core.storage.database import Database
from mnist_core.storage.records import EVERYONE
from mnist_core.storage.room_store import RoomStore
from mnist_core.storage.rooms import Rooms
from mnist_core.storage.visitors import Visitors


class Store:
    """Safe for any number of threads and of processes.

    Every method of its parts raises `StoreUnavailable` when the database does not answer or cannot do what is asked.
    """

    def __init__(self, url: str | None = None, *, folder: Path = Path("data"), wait_s: float = 30.0) -> None:
        """Open the database that `url` names, else the SQLite file in `folder`, and bring its schema up to date.

        Waits `wait_s` seconds for a database that does not answer yet.
        """
        self._database = Database(url, folder, wait_s)
        self.visitors = Visitors(self._database)
        self.rooms = Rooms(self._database)
        self.everyone = self.room(EVERYONE)

    def room(self, room_id: int) -> RoomStore:
        """What was taught in this room."""
        return RoomStore(self._database, room_id)

    def scrub_again(self) -> None:
        """Leave nothing of what was deleted in the database's files, where something prevented that at the time."""
        self._database.scrub_again()

    @property
    def put_aside(self) -> Path | None:
        """Where a damaged SQLite file was moved to when this store was opened."""
        return self._database.put_aside

    @property
    def read_only(self) -> bool:
        """Whether this store can only be read, as it was opened; opening it again may find it better."""
        return self._database.read_only

    def close(self) -> None:
        self._database.close()
