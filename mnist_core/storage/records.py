"""What the store takes and gives: lessons, versions, trays."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

NOBODY = ""  # who has been forgotten
VersionKind = Literal["start", "teach", "import", "withdraw", "activate", "rebase", "delete"]
LessonState = Literal["kept", "waiting", "erased", "deleted"]
RoomKind = Literal["everyone", "ours", "mine"]
EVERYONE = 1  # id of everyone's room, which is always there
NAME_LENGTH = 60  # characters of a room's name


@dataclass(frozen=True)
class Room:
    """Where a model of its own is taught. What people call it: everyone's, ours, mine."""

    id: int
    kind: RoomKind
    code: str
    """What others find it by; empty unless it is ours."""
    name: str
    owner: str
    """`browsers.room_key` of the browser that owns it; empty where that is the host, or nobody."""
    approval: bool
    """Whether an accepted lesson waits until the owner has approved it."""
    created: datetime
    used: datetime
    goes: datetime | None
    """When it is removed, unless it is used before."""

    @property
    def own(self) -> bool:
        """Whether its lessons are fitted and judged for one person's hand: see `Classifier.teach`."""
        return self.kind == "mine"


@dataclass(frozen=True)
class Version:
    """One state of a room's model: the base model `base_id` plus these lessons, in this order.

    `number` counts in its room, from 1, and is what people see. `subject` is the lesson taught, withdrawn or deleted,
    or the number of the version gone back to; `by` an anonymous number or "owner".
    """

    id: int
    created: datetime
    kind: VersionKind
    by: str
    subject: int | None
    lesson_ids: tuple[int, ...]
    base_id: str
    number: int = 0


NOTHING_TAUGHT = Version(0, datetime(1970, 1, 1, tzinfo=UTC), "start", "", None, (), "")


@dataclass(frozen=True)
class NewLesson:
    """A lesson to keep. `token` names the person's click: however often it is sent, it is kept once."""

    token: str
    teacher: str
    base_id: str
    images: NDArray[np.uint8]  # (n, 28, 28), 0 and 255
    labels: NDArray[np.integer[Any]]  # (n,), 0-9
    memory: bytes
    before: Mapping[str, Any]  # figures that JSON can hold
    after: Mapping[str, Any]
    kind: Literal["teach", "import"] = "teach"
    browser: str | None = None  # whose tray these drawings are taken out of
    asked: datetime = field(default_factory=lambda: datetime.now(UTC))  # when the person clicked


@dataclass(frozen=True)
class LessonRecord:
    """A lesson as kept, without its memory."""

    id: int
    token: str
    teacher: str
    created: datetime
    images: NDArray[np.uint8]  # (n, 28, 28), 0 and 255; none when erased or deleted
    labels: NDArray[np.uint8]  # (n,), 0-9; none when deleted
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    state: LessonState = "kept"
    """kept; waiting for the owner's approval; its drawings erased because of their age, and what they taught is there;
    or deleted for good: only this record is left."""
    hidden: bool = False
    """Whether only the owner is shown its drawings."""


@dataclass(frozen=True)
class History:
    """One page of the versions, and what belongs to them; all of one moment."""

    active: Version
    count: int
    """Of all versions."""
    versions: list[Version]
    """Those of the page, newest first."""
    lessons: dict[int, LessonRecord]
    """The lessons that the versions of the page taught, withdrew or deleted, by id."""
    taught_in: dict[int, int]
    """The numbers of the versions that taught these lessons, by the lesson's id."""
    waiting: list[LessonRecord]
    """Those that wait for approval, the oldest hundred, oldest first."""
    accuracy: list[tuple[int, float]]
    """Of each lesson that is active, oldest first: its version, and MNIST's test accuracy after it, 0-1."""


@dataclass(frozen=True)
class News:
    """What a room's board shows; all of one moment."""

    lessons: int
    """That are in the model."""
    people: int
    """Who taught, those whose lessons were withdrawn since among them."""
    newest: list[LessonRecord]
    """The newest lessons in the model whose drawings may be seen, newest first."""


NO_HISTORY = History(NOTHING_TAUGHT, 0, [], {}, {}, [], [])


def places_left(items: Sequence[Hashable], gone: Iterable[Hashable]) -> list[int]:
    """The places of the items that are left without those `gone`, each of which takes one away, the first there is."""
    still_gone, left = Counter(gone), []
    for place, item in enumerate(items):
        if still_gone[item]:
            still_gone[item] -= 1
        else:
            left.append(place)
    return left


@dataclass(frozen=True)
class Tray:
    """The drawings that a visitor has added and not yet taught."""

    images: NDArray[np.uint8]  # (n, 28, 28), 0 and 255
    labels: tuple[int | None, ...] = ()  # one a drawing; None: not chosen yet

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.images):
            raise ValueError(f"a tray of {len(self.images)} drawings needs as many labels, not {len(self.labels)}")
        if any(label is not None and not 0 <= label <= 9 for label in self.labels):
            raise ValueError("labels must be from 0 to 9, or None")

    def without(self, images: NDArray[np.uint8]) -> "Tray":
        """This tray less these drawings, each as often as it is given, whatever its label."""
        left = places_left([image.tobytes() for image in self.images], [image.tobytes() for image in images])
        return Tray(self.images[left], tuple(self.labels[place] for place in left))
