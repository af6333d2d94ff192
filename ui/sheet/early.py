"""Early answers: what a stroke is read as before the page has run.

Before the answer of a page is seen, Streamlit has the browser go through all that is on it, three times. So the sheet
sends a stroke by HTTP first, where it is only read, and that answer is painted. The page hears of the drawing before
something else is done, takes over what was read and says the same. Without an early answer, its is the first.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

from mnist_core import EmptyDrawing, ModelUnavailable
from mnist_core.storage.faults import RoomClosed, StoreUnavailable
from ui.language import language, speaking
from ui.model import known_room, shared_model
from ui.session import Drawing, EarlyReader, Reading, Visit, option
from ui.sheet.answer import answer_of
from ui.sheet.reading import read
from ui.widgets.canvas import ONE, SEVERAL, is_number, read_drawing

LARGEST = 2**18  # bytes of a stroke as sent: one takes some thousands

_readers: WeakValueDictionary[str, EarlyReader] = WeakValueDictionary()  # of the pages that are open here, by their ids


class NotAStroke(ValueError):
    """What was sent is not a drawing on this page's sheet."""


def expect_strokes(me: Visit) -> str:
    """Let the next stroke of this page be answered early; the name of the page, "" where it is not to ask for that."""
    early = None
    if option("live"):
        with suppress(LookupError):  # what the store says is for the page to ask
            early = EarlyReader(known_room(me), bool(option("several")), me.place, me.heard, language())
    if early:
        _readers[me.id] = early  # before the one of before is given up: a page that is not found asks no more
    me.early = early
    return me.id if early else ""


def unheard_drawing(me: Visit) -> tuple[Drawing, tuple[Reading, ...]] | None:
    """What is on the sheet, and what was read early in it, where the page has not heard of that."""
    if me.early is None:
        return None
    with me.early.reading:
        read_so_far = me.early.read
    return read_so_far[1:] if read_so_far and read_so_far[1].at > me.heard else None


def is_open(page: str) -> bool:
    """Whether a page of this name is open in this process."""
    return page in _readers


def early_answer(page: str, sent: bytes) -> dict[str, Any] | None:
    """The answer to a stroke, {at, image} as JSON, as this page would give it; None where only the page can answer.

    The image None says that the sheet is empty again. Called in any thread. Raises NotAStroke.
    """
    reader = _readers.get(page)
    if reader is None or not shared_model().ready.is_set():
        return None
    drawing = _drawing(sent, SEVERAL if reader.several else ONE)
    if drawing is None:
        with reader.reading:
            reader.read = None
        return None
    readings = _read(reader, drawing) if drawing.at > reader.heard else ()
    if not readings:
        return None
    with speaking(reader.language):
        return answer_of(readings, place=min(reader.place, len(readings) - 1), at=drawing.at)


def _drawing(sent: bytes, size: tuple[int, int]) -> Drawing | None:
    """What was sent, as a drawing; None for the image None: the sheet is empty again."""
    try:
        stroke = json.loads(sent)
        at, image = stroke.get("at"), stroke.get("image", "")
        ink = read_drawing(image, size)
    except (ValueError, AttributeError, RecursionError):
        raise NotAStroke from None
    if not is_number(at) or (ink is None and image is not None):
        raise NotAStroke
    return None if ink is None else Drawing(at, ink)


def _read(reader: EarlyReader, drawing: Drawing) -> tuple[Reading, ...]:
    """Read the drawing and keep that for the page; () where it cannot be read now."""
    if not reader.reading.acquire(blocking=False):  # another of its strokes is being read
        return ()
    try:
        model = reader.room.classifier if reader.room else shared_model().untaught
        readings = read(model, drawing, several=reader.several)
        if reader.read is None or reader.read[1].at < drawing.at:
            reader.read = model, drawing, readings
        return readings
    except (EmptyDrawing, ModelUnavailable, TimeoutError, StoreUnavailable, RoomClosed):
        return ()
    finally:
        reader.reading.release()
