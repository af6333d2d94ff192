"""What the host of an app may decide, read from the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

Teaching = Literal["shared", "personal", "off"]
Opening = Literal["open", "owner", "off"]
ApiAccess = Literal["off", "read", "teach"]
PROJECT = Path(__file__).parents[2]
Value = TypeVar("Value")
_TEACHING: dict[str, Teaching] = {"shared": "shared", "personal": "personal", "off": "off"}
_API: dict[str, ApiAccess] = {"off": "off", "read": "read", "teach": "teach"}
_ROOMS: dict[str, Opening] = {"open": "open", "owner": "owner", "off": "off"}


@dataclass(frozen=True)
class Settings:
    """Lessons, passwords and rooms opened are counted per minute, over all servers of one store, and rooms altogether;
    the other limits are a server's."""

    teaching: Teaching = "shared"  # whose model a visitor may teach: everyone's or their own, their own, none
    rooms: Opening = "open"  # who opens rooms: anybody, the host, nobody
    rooms_per_browser: int = 5  # open rooms that one browser may own
    rooms_per_minute: int = 60  # rooms opened by all browsers together
    rooms_kept: int = 10_000  # rooms of one store, and as many models of single browsers beside them
    room_days: int = 180  # how long a room is kept that nobody uses
    drawing_days: int | None = None  # how long the drawings of lessons are kept; None: as long as their room
    api: ApiAccess = "read"  # what programs may do: nothing, read, teach rooms too
    api_origins: frozenset[str] = frozenset()  # addresses whose pages may use it, such as https://example.org
    lessons_per_visitor: int = 10  # a person who draws does not get past this; a script does
    lessons_per_minute: int = 60  # one lesson keeps a core busy for about a second
    tray_size: int = 100  # drawings one visitor may hold
    upload_bytes: int = 8 * 2**20  # a photograph of a phone fits
    import_drawings: int = 60_000  # of files that are being taught on one server: three of the largest, 80 MiB
    sessions: int = 200  # open pages on one server
    waiting: int = 30  # people in line to teach one room on one server; a longer line is a minute's wait
    password_tries: int = 10  # passwords a minute from one visitor, and keys and wrong codes; from all together more
    database_url: str | None = None  # None: SQLite in `data_dir`
    data_dir: Path = PROJECT / "data"  # this and the next begin at the project when they are relative
    models_dir: Path = PROJECT / "models"
    owner_emails: frozenset[str] = frozenset()  # in small letters: of those who are owners once signed in
    owner_password: str | None = field(default=None, repr=False)  # repr=False: settings get logged

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Settings from the environment.

        Raises:
            ValueError: a variable has a value that it cannot have; the message names it.
        """
        drawing_days = environ.get("DRAWING_DAYS", "").strip()
        return cls(
            teaching=_choice(environ, "TEACHING", _TEACHING, cls.teaching),
            rooms=_choice(environ, "ROOMS", _ROOMS, cls.rooms),
            rooms_per_browser=_count(environ, "ROOMS_PER_BROWSER", cls.rooms_per_browser),
            rooms_per_minute=_count(environ, "ROOMS_PER_MINUTE", cls.rooms_per_minute),
            rooms_kept=_count(environ, "ROOMS_KEPT", cls.rooms_kept),
            room_days=_count(environ, "ROOM_DAYS", cls.room_days),
            drawing_days=_count(environ, "DRAWING_DAYS", 1) if drawing_days else None,
            api=_choice(environ, "API", _API, cls.api),
            api_origins=_origins(environ, "API_ORIGINS"),
            lessons_per_visitor=_count(environ, "LESSONS_PER_VISITOR", cls.lessons_per_visitor),
            lessons_per_minute=_count(environ, "LESSONS_PER_MINUTE", cls.lessons_per_minute),
            tray_size=_count(environ, "TRAY_SIZE", cls.tray_size),
            upload_bytes=_count(environ, "UPLOAD_BYTES", cls.upload_bytes),
            import_drawings=_count(environ, "IMPORT_DRAWINGS", cls.import_drawings),
            sessions=_count(environ, "SESSIONS", cls.sessions),
            waiting=_count(environ, "WAITING", cls.waiting),
            password_tries=_count(environ, "PASSWORD_TRIES", cls.password_tries),
            database_url=environ.get("DATABASE_URL") or None,
            data_dir=PROJECT / (environ.get("MNIST_DATA_DIR") or cls.data_dir),
            models_dir=PROJECT / (environ.get("MNIST_MODELS_DIR") or cls.models_dir),
            owner_emails=frozenset(environ.get("OWNER_EMAILS", "").lower().replace(",", " ").split()),
            owner_password=environ.get("OWNER_PASSWORD") or None,
        )


def _choice(environ: Mapping[str, str], name: str, choices: Mapping[str, Value], default: Value) -> Value:
    text = environ.get(name, "").strip().lower()
    if text and text not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {text!r}")
    return choices[text] if text else default


def _origins(environ: Mapping[str, str], name: str) -> frozenset[str]:
    origins = [text.rstrip("/").lower() for text in environ.get(name, "").replace(",", " ").split()]
    if wrong := [text for text in origins if not re.fullmatch(r"https?://[^/\s*]+", text)]:
        raise ValueError(f"{name} must be addresses such as https://example.org, not {wrong[0]!r}")
    return frozenset(origins)


def _count(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, not {text!r}")
    return int(text)
