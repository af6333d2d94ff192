"""What one visitor is doing: their drawing, its answer, the tray, whose model answers. Nothing here outlives the
session but the tray, which the store keeps for the browser."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import streamlit as st

from mnist_core.recognition.boxes import Box
from mnist_core.recognition.preprocessing import as_canvas
from mnist_core.storage.browsers import COOKIE, is_browser_id, new_browser_id
from mnist_core.storage.faults import RoomClosed, StoreUnavailable
from mnist_core.storage.limits import LimitReached
from ui.packing import unpacked

if TYPE_CHECKING:
    from mnist_core import Classifier, Lesson, Prediction
    from mnist_core.recognition.filled_worksheet import FilledBox
    from mnist_core.serving.importing import Import
    from mnist_core.serving.jobs import Job
    from mnist_core.serving.room_model import RoomModel
    from mnist_core.serving.turns import Seat
    from mnist_core.storage.records import Room, Tray

Whose = Literal["everyone", "mine", "ours"]
OPTIONS: dict[str, Any] = {"live": True, "several": False, "pen": 20}  # how to draw, until the visitor chooses


@dataclass(frozen=True)
class SheetPhoto:
    """A photograph in place of the sheet, and what was found in it.

    All of it is packed, see `ui.packing`: the whole photograph, H x W pixels, and what was found, h x w each.
    """

    whole: bytes
    size: tuple[int, int]  # (W, H)
    part: Box  # what of it is shown and read
    digit: bytes  # ink, 0-255, of the main digit
    writing: bytes  # ink, 0-255, of all that may have been written
    left_out: dict[str, bytes]  # by the reason: what stands out from the paper and was taken for no ink
    put_back: frozenset[str] = frozenset()  # reasons that do not count

    @property
    def is_whole(self) -> bool:
        """Whether nothing was cut off."""
        return self.part == (0, 0, *self.size)

    @property
    def pixels(self) -> np.ndarray:
        """The whole photograph, uint8 (H, W, 3)."""
        return unpacked(self.whole)


@dataclass(frozen=True)
class Drawing:
    """What is on the sheet. at: its number, which grows with each change; picture: data URL, if it is an image."""

    at: float
    drawn: np.ndarray | bytes  # uint8 (H, W, 4) RGBA; of an image, which may be larger, the packed ink
    picture: str | None = None
    photo: SheetPhoto | None = None

    @property
    def canvas(self) -> np.ndarray:
        """uint8 (H, W, 4) RGBA; of a photograph the ink that was found."""
        return _as_canvas(self.drawn)


@dataclass(frozen=True)
class Worksheet:
    """The drawings of a photographed worksheet, before they are put into the tray."""

    drawings: tuple[FilledBox, ...]
    read_as: tuple[int, ...] = ()  # by the model, once it was asked
    left_out: frozenset[int] = frozenset()  # places in `drawings`


@dataclass(frozen=True)
class Reading:
    """One digit of a drawing as the model reads it. box: (left, top, right, bottom) in canvas pixels, or None."""

    drawn: np.ndarray | bytes  # its ink alone, as in `Drawing`
    image: np.ndarray  # uint8 (28, 28): the same, prepared
    prediction: Prediction
    box: tuple[int, int, int, int] | None = None
    line: int = 0  # of several lines, from 0 on
    group: int = 0  # in its line

    @property
    def canvas(self) -> np.ndarray:
        """Its ink alone, uint8 (h, w, 4) RGBA."""
        return _as_canvas(self.drawn)


@dataclass(frozen=True)
class Sample:
    """A drawing in the tray, prepared; label: the digit it is meant to be, once chosen."""

    id: int
    image: np.ndarray  # uint8 (28, 28)
    label: int | None = None


@dataclass(frozen=True)
class Notice:
    """A message to the visitor: the key of its text, what fills its places ("why": another key), how serious it is."""

    text: str
    values: dict[str, object] = field(default_factory=dict)
    kind: str = "warning"

    @staticmethod
    def why_not(error: LimitReached | RoomClosed | StoreUnavailable) -> Notice:
        """What to say where a limit or the store said no, or the room is gone."""
        if isinstance(error, RoomClosed):
            return Notice("room.closed")
        if isinstance(error, LimitReached):
            return Notice(f"limit.{error.kind}", {"seconds": round(error.retry_after_s)})
        return Notice("store.notice", {"why": f"store.{error.kind}"}, "error")


@dataclass(frozen=True)
class Doomed:
    """Lessons that may be deleted for good: this one, or all by this anonymous number."""

    lesson_id: int
    teacher: str | None = None
    everywhere: bool = False  # in all rooms


@dataclass(frozen=True)
class Outcome:
    """What came of pressing Train: a lesson, with what the page shows as its proof, or an error."""

    session: str  # the visit that pressed it; the ids of `samples` are its own
    samples: tuple[Sample, ...]
    whose: Whose  # model it was to teach
    token: str
    room: Room | None = None  # the one that was taught; None: the visitor's own, which had to be made first
    lesson: Lesson | None = None
    taken_for: int | None = None  # what the model read most of the misread drawings as, before
    read_as: tuple[int, ...] = ()  # what it reads each drawing as since
    renamed: Mapping[int, int] = field(default_factory=dict)  # digit -> drawings of before that have another name now
    error: Exception | None = None
    came_from: tuple[Whose, Room | None] | None = None  # where "teach only my model" was pressed


@dataclass(eq=False)
class EarlyReader:
    """What a page's next stroke is read with before the page runs, and what was read: see `ui/sheet/early.py`."""

    room: RoomModel | None  # None: nothing was taught
    several: bool
    place: int  # of several digits, the one that is looked at
    heard: float  # the number of the last drawing that the page knows
    language: str
    reading: Lock = field(default_factory=Lock)  # held while `read` is made or looked at
    read: tuple[Classifier, Drawing, tuple[Reading, ...]] | None = None  # by which model, in which drawing


@dataclass
class Visit:
    """One visitor's session."""

    browser: str
    kept: bool  # whether the browser will show the same id next time
    seat: Seat | None = None  # among those that this server has
    runs: int = 0  # of the whole drawing page: after a lost connection it is run again
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    drawing: Drawing | None = None
    worksheet: Worksheet | None = None  # shown in place of the sheet
    consumed: float = 0
    heard: float = 0  # the number of the last drawing that the browser told of
    options_closed: int = 0  # how often the page closed them: on a phone they lie over the sheet
    asked: bool = False  # whether an answer is wanted for the drawing as it is
    answer: tuple[Reading, ...] = ()
    early: EarlyReader | None = None  # of the next stroke
    place: int = 0  # of several digits, the one that is looked at
    chosen: tuple[int, ...] = ()  # which of the digits read in a photograph; none: all of them
    samples_of_answer: dict[tuple[object, bytes], int] = field(default_factory=dict)  # of a corrected digit: its id
    kept_tray: Tray | None = None  # as the store has it, as far as this session knows; None: not asked yet
    page: str = ""  # the address of the page shown
    given: int = 0  # counts the drawings that were ever in the tray, each of which has a number of its own
    tray: list[Sample] = field(default_factory=list)
    picked: int | None = None  # id of the sample being edited
    pressed: object = None  # when the digit was pressed that was taken over last
    truth: int | None = None  # the digit of those drawings in the tray that have none
    notice: Notice | None = None  # about drawing
    lesson_notice: Notice | None = None  # about teaching
    job: Job[Outcome] | None = None  # the lesson under way
    unconfirmed: Outcome | None = None  # of a lesson during which the store went away: it may have been kept or not
    followed_import: Import | None = None  # whose end this session is to hear of
    import_notice: Notice | None = None  # about lessons of a file
    to_delete: Doomed | None = None  # what the owner is asked about: sure?
    refused: dict[int, Notice] = field(default_factory=dict)  # why lessons that wait could not be approved, by id
    outcome: Outcome | None = None  # of the last lesson, as long as the page shows it
    taught: int = 0  # lessons that this session taught
    whose: Whose = "everyone"  # model it is that reads and learns
    mine: Room | None = None  # the browser's own room, where there is one,
    mine_asked: float = -math.inf  # and when the store was asked for it last, in seconds of `time.monotonic`
    ours: Room | None = None  # the room with others that was gone into last
    room_key: str | None = None  # of a room opened by this session, shown until another room is gone into
    room_notice: Notice | None = None  # about rooms
    entered: bool = False  # whether it is settled which room that is; not while the one of the address cannot be found
    moves: int = 0  # counts the changes from room to room

    @property
    def row(self) -> str:
        """Name of the row of digits: of the drawing just picked, the one on the sheet, or those in the tray.

        Another one for each drawing that was added and after each lesson, for the browser may send once more what it
        sent before, and the next drawing or lesson may be about another digit.
        """
        if self.picked is not None:
            return f"picked{self.picked}"
        return self.drawing_row if self.drawing else f"tray{self.taught}"

    @property
    def drawing_row(self) -> str:
        """What `row` is, or will be, while there is a drawing on the sheet."""
        return f"drawing{self.given}"

    @property
    def marked_digit(self) -> int | None:
        """The digit that is chosen in the row."""
        if self.picked is not None:
            return next((sample.label for sample in self.tray if sample.id == self.picked), None)
        return None if self.drawing else self.truth

    @property
    def sheet_is_covered(self) -> bool:
        """Whether something else is shown where one draws."""
        return self.worksheet is not None or (self.drawing is not None and self.drawing.photo is not None)

    def add(self, image: np.ndarray, label: int | None) -> int:
        """Put a prepared drawing at the end of the tray; return its id."""
        self.given += 1
        self.tray.append(Sample(self.given, image, label))
        return self.given

    def add_first(self, drawings: Iterable[tuple[np.ndarray, int | None]]) -> list[int]:
        """Put prepared drawings with their labels before those in the tray; return their ids, which are new."""
        there, self.tray = self.tray, []
        ids = [self.add(image, label) for image, label in drawings]
        self.tray += there
        return ids

    def turn_to(self, page: str) -> bool:
        """Note which page is shown; what was said on another is over. Whether it is another one."""
        if page == self.page:
            return False
        self.page, self.notice, self.lesson_notice, self.import_notice = page, None, None, None
        self.room_notice, self.to_delete = None, None
        self.mine_asked = -math.inf
        return True

    def go_to(self, whose: Whose, ours: Room | None) -> None:
        """Be answered by another room's model from now on, and teach that."""
        self.whose, self.ours, self.entered = whose, ours, True
        self.answer, self.room_notice, self.room_key = (), None, None
        self.mine_asked = -math.inf
        self.to_delete = None
        self.moves += 1

    def relabel(self, number: int | None, label: int | None) -> None:
        """Give the sample with this id another label."""
        self.tray = [replace(s, label=label) if s.id == number else s for s in self.tray]

    def remove(self, number: int) -> None:
        """Take the sample with this id out of the tray."""
        self.tray = [s for s in self.tray if s.id != number]

    @property
    def shown(self) -> tuple[Reading, ...]:
        """The part of the answer that was chosen, or all of it."""
        return tuple(self.answer[k] for k in self.chosen if k < len(self.answer)) or self.answer

    def name_of_place(self, place: int) -> str:
        """How one of several digits is called: where it is, and how it was read or corrected."""
        reading = self.shown[place]
        label = next((s.label for s in self.tray if s.id == self.sample_of(reading)), None)
        return f"{place + 1}: {reading.prediction.digit}" + ("" if label is None else f" → {label}")

    def sample_of(self, reading: Reading) -> int | None:
        """Id of the sample that this digit became when it was corrected among several, whoever read it since."""
        return self.samples_of_answer.get((reading.box, reading.image.tobytes()))

    def has_in_tray(self, reading: Reading) -> bool:
        """Whether that sample is still there."""
        return any(sample.id == self.sample_of(reading) for sample in self.tray)

    def note_corrected(self, reading: Reading, number: int) -> None:
        """From now on this digit is the sample with this id."""
        self.samples_of_answer[reading.box, reading.image.tobytes()] = number

    def clear_sheet(self) -> None:
        """Start the next drawing; what is being drawn at this moment stays."""
        if self.drawing:
            self.consumed = self.drawing.at
        self.drawing, self.worksheet, self.answer, self.chosen, self.asked = None, None, (), (), False
        self.place = 0
        self.samples_of_answer.clear()


def visit() -> Visit:
    """This session's visit, begun at the first call."""
    if "visit" not in st.session_state:
        st.session_state.visit = _begin()
    return st.session_state.visit


def option(name: str) -> Any:
    """What the visitor chose in the widget `name` of OPTIONS.

    The widgets get their start as `value`, not through the session state: a browser that sends a stroke before it has
    shown them would say False for a switch that is set from here.
    """
    return st.session_state.get(name, OPTIONS[name])


def _as_canvas(drawn: np.ndarray | bytes) -> np.ndarray:
    return as_canvas(unpacked(drawn)) if isinstance(drawn, bytes) else drawn


def _begin() -> Visit:
    cookie = st.context.cookies.get(COOKIE, "")
    known = is_browser_id(cookie)
    return Visit(browser=cookie if known else new_browser_id(), kept=known)
