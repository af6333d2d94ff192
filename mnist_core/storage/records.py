"""What the store takes and gives: lessons, versions, trays."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

NOBODY = ""  # who has been forgotten
VersionKind = Literal["start", "teach", "import", "withdraw", "activate", "rebase"]


@dataclass(frozen=True)
class Version:
    """One state of the shared model: the base model `base_id` plus these lessons, in this order.

    `subject` is the lesson taught or withdrawn, or the version gone back to; `by` an anonymous number or "owner".
    """

    id: int
    created: datetime
    kind: VersionKind
    by: str
    subject: int | None
    lesson_ids: tuple[int, ...]
    base_id: str


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


@dataclass(frozen=True)
class LessonRecord:
    """A lesson as kept, without its memory."""

    id: int
    token: str
    teacher: str
    created: datetime
    images: NDArray[np.uint8]  # (n, 28, 28), 0 and 255
    labels: NDArray[np.uint8]  # (n,), 0-9
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class History:
    """One page of the versions, and what belongs to them; all of one moment."""

    active: Version
    count: int
    """Of all versions."""
    versions: list[Version]
    """Those of the page, newest first."""
    lessons: dict[int, LessonRecord]
    """The lessons that the versions of the page taught, by id."""
    accuracy: list[tuple[int, float]]
    """Of each lesson that is active, oldest first: its version, and MNIST's test accuracy after it, 0-1."""


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
