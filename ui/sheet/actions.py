"""What the buttons of the drawing page do, as callbacks: each reads its widgets from the session state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np
import streamlit as st

from mnist_core import EmptyDrawing, prepare
from mnist_core.files.images import LARGEST_IMAGE, UnreadableImage, read_image
from ui.model import shared_model
from ui.packing import packed
from ui.parts import rerun, stroke_came_along
from ui.session import Drawing, Notice, Reading, SheetPhoto, Visit, Worksheet, option, visit
from ui.sheet.reading import read_sheet
from ui.tray import persistence
from ui.widgets.canvas import ONE, SEVERAL, is_number, read_data_url, read_drawing
from ui.widgets.chooser import given_file
from ui.widgets.pictures import data_url, reduced

SHOWN = 480  # pixels of an image's longer side as shown on the sheet


def rerun_desk() -> None:
    """End a callback of the desk."""
    rerun("desk")


def for_desk(action: Callable[[], None]) -> Callable[[], None]:
    """Make this a callback that knows what came along, and after which the desk is run again."""

    @wraps(action)
    def callback() -> None:
        catch_up()
        action()
        rerun_desk()

    return callback


def sheet_size() -> tuple[int, int]:
    """(width, height) of the sheet in its own pixels."""
    return SEVERAL if option("several") else ONE


def canvas_changed() -> None:
    """Take over a drawing, a pasted image or a key pressed on the sheet."""
    me, sent = visit(), st.session_state.get("canvas") or {}  # nothing, where the visitor has gone to another page
    before = beside_the_sheet(me)
    catch_up()
    if sent.get("pasted") is not None:
        take_image(read_data_url(sent["pasted"], largest_image()))
    if isinstance(sent.get("key"), dict) or beside_the_sheet(me) != before:
        rerun_desk()


def beside_the_sheet(me: Visit) -> tuple[object, ...]:
    """What the page shows of a drawing besides its strokes, their answer and the row of digits."""
    return me.drawing and me.drawing.picture, me.drawing and me.drawing.photo, me.worksheet, me.notice


def is_unhurried(me: Visit) -> bool:
    """Whether the page has nothing to show of a stroke but its early answer, so that it need not hear of it at once."""
    mine_may_come = me.whose == "mine" and me.mine is None  # begun on another page of the browser
    return not (mine_may_come or option("several") or any(beside_the_sheet(me)))


def catch_up() -> None:
    """Take over the stroke and the digit that arrived together with a click, whose callback may be called first."""
    me, sent, tapped = visit(), st.session_state.get("canvas") or {}, st.session_state.get("digits") or {}
    if stroke_came_along():
        take_drawing(sent["drawn"])
    for told in (sent.get("key"), tapped.get("chosen")):
        if isinstance(told, dict):
            take_digit(me, told)


def live_changed() -> None:
    """From now on each drawing is read at once; the one that is there too."""
    me = visit()
    if option("live") and me.drawing:
        me.asked = True


def take_drawing(sent: dict[str, object]) -> None:
    """Make what the browser sent, {at, image}, the current drawing; one that is known or used already is not."""
    me = visit()
    at = sent.get("at")
    me.heard = at if is_number(at) else me.heard
    if at in (me.consumed, me.drawing.at if me.drawing else None):
        return
    if is_number(at) and shared_model().used_drawings.has(me.browser, at):
        me.consumed = at  # the page was loaded again before it heard that the drawing had left the sheet
        return
    me.notice = None
    ink = read_drawing(sent.get("image"), sheet_size())
    if not is_number(at) or ink is None:
        me.drawing, me.worksheet, me.answer, me.chosen, me.asked, me.place = None, None, (), (), False, 0
        me.notice = Notice("drawing.strange") if sent.get("image") else None
        return
    take(me, Drawing(float(at), ink))


def largest_image() -> int:
    """How many bytes an image of a visitor may have."""
    return min(LARGEST_IMAGE, shared_model().settings.upload_bytes)


def take_image(data: bytes | None) -> None:
    """Make an image file the current drawing, or say why it cannot be one; None is one that is too large."""
    me = visit()
    if data is None:
        me.notice = Notice("image.too_many_bytes", {"most": largest_image() // 2**20})
        return
    try:
        pixels = read_image(data)
    except UnreadableImage as error:
        me.notice = Notice(f"image.{error.kind}", {"most": largest_image() // 2**20})
        return
    if pixels[..., 3].min() == 255:
        from ui.sheet.photo import look_at  # with OpenCV, which no drawing needs
        from ui.sheet.worksheet import take_worksheet

        if not take_worksheet(me, pixels[..., :3]):
            take_photograph(me, look_at(pixels))
    else:
        at = next_number(me)
        me.clear_sheet()
        take(me, Drawing(at, packed(pixels[..., 3]), data_url(reduced(pixels, SHOWN))))


def take_photograph(me: Visit, photo: SheetPhoto) -> None:
    """Show and read this photograph in place of what is on the sheet."""
    from ui.sheet.photo import as_drawing

    at = next_number(me)
    me.clear_sheet()
    take(me, as_drawing(photo, at, several=option("several")))


def next_number(me: Visit) -> float:
    """The number of a drawing that comes after the one on the sheet."""
    return (me.drawing.at if me.drawing else me.consumed) + 1


def take(me: Visit, drawing: Drawing) -> None:
    """Make this the current drawing; it is read at once when the visitor wants that."""
    me.drawing, me.worksheet, me.answer, me.chosen, me.notice = drawing, None, (), (), None
    me.asked = bool(option("live")) or drawing.picture is not None or drawing.photo is not None


@for_desk
def digit_chosen() -> None:
    """A tap in the row of digits, which is taken over as what came along."""


def take_digit(me: Visit, told: dict[str, Any]) -> None:
    """Take over a digit, {digit, pressed}, once: tapped in a `row`, or by its key, with the drawing, {at, image}.

    The digit None takes back the one that is marked. A row that is not the one to be shown says nothing: the browser
    may send once more what was done already, or a stroke has come first.
    """
    if me.pressed is not None and told.get("pressed") == me.pressed:
        return
    me.pressed = told.get("pressed")
    if told.get("image"):
        take_drawing(told)
    digit = int(told["digit"]) if told.get("digit") in range(10) else None
    if told.get("row", me.row) != me.row:
        return
    if me.picked is not None:
        me.relabel(me.picked, digit)
        persistence.keep_tray(me)
    elif me.drawing is None:
        me.truth = digit
    elif digit is not None:
        label_drawing(me, digit)


def take_file() -> None:
    """Read the image file just given."""
    visit().options_closed += 1
    take_image(given_file("file", largest_image()))


def take_photo() -> None:
    """Read the photograph just taken."""
    visit().options_closed += 1
    take_image(given_file("photo", largest_image()))


def change_sheet() -> None:
    """Turn to the sheet for one digit or to the one for several; each keeps its drawing in the browser.

    A photograph stays, and is read the other way; so does a worksheet.
    """
    me = visit()
    me.notice = None
    me.options_closed += 1
    if me.worksheet:
        return
    if me.drawing and me.drawing.photo:
        take_photograph(me, me.drawing.photo)
    else:
        me.drawing, me.answer, me.chosen, me.asked, me.place = None, (), (), False, 0


@for_desk
def predict() -> None:
    """Ask for an answer."""
    me = visit()
    me.notice = None if me.drawing else Notice("empty.predict")
    me.asked = me.drawing is not None


@for_desk
def add() -> None:
    """Put the drawing into the tray, prepared, and start the next one."""
    put_drawing(visit(), None)


def put_drawing(me: Visit, label: int | None) -> None:
    """Put the drawing into the tray under this label; of several digits those that were not corrected one by one.

    Where some digits of a photograph were chosen, the others stay on the sheet.
    """
    if me.worksheet:
        put_worksheet(me, me.worksheet)
        return
    if me.drawing is None:
        me.notice = Notice("empty.add")
        return
    several = option("several")
    if (several or me.drawing.photo) and not me.answer and (problem := read_sheet(me)):  # which digits there are
        me.notice = problem
        return
    if several and me.chosen:
        put_chosen(me, [reading for reading in me.shown if not me.has_in_tray(reading)], label)
        return
    try:
        some = [reading.image for reading in me.shown if me.sample_of(reading) is None]
        images = some if me.answer else [prepare(me.drawing.canvas)]
    except EmptyDrawing:
        me.notice = Notice("empty.add")
        return
    put(me, [(image, label) for image in images])


def put_chosen(me: Visit, readings: Sequence[Reading], label: int | None) -> None:
    """Add these digits of a photograph to the tray; the sheet is cleared when all of them are there."""
    if not fits(me, len(readings)):
        return
    for reading in readings:
        me.note_corrected(reading, me.add(reading.image, label))
    me.chosen, me.notice = (), None
    if all(me.sample_of(reading) is not None for reading in me.answer):
        me.clear_sheet()
    persistence.keep_tray(me)


def put_worksheet(me: Visit, worksheet: Worksheet) -> None:
    """Put the drawings of a worksheet into the tray, each under its digit."""
    kept = [drawing for place, drawing in enumerate(worksheet.drawings) if place not in worksheet.left_out]
    put(me, [(drawing.image, drawing.digit) for drawing in kept])
    if me.worksheet is None and me.notice is None:
        me.notice = Notice("worksheet.taken", {"count": len(kept)}, "success")


def label_drawing(me: Visit, digit: int) -> None:
    """Put what is on the sheet into the tray under this digit; of several digits the one that is looked at."""
    if option("several") and len(me.answer) > 1:
        correct_one(me, me.shown[chosen_place(me)], digit)
    elif me.drawing and option("several") and not me.answer:
        me.asked = True  # which of them is meant can be said when they are found
    else:
        put_drawing(me, digit)


def chosen_place(me: Visit) -> int:
    """Which of several digits the visitor looks at, from 0 on."""
    return min(me.place, len(me.shown) - 1)


@for_desk
def look_at_place() -> None:
    """Look at another one of several digits."""
    visit().place = st.session_state.get("which") or 0


def correct_one(me: Visit, reading: Reading, digit: int) -> None:
    """Put one of several digits into the tray under the right name; said again, it changes the name."""
    if me.has_in_tray(reading):
        me.relabel(me.sample_of(reading), digit)
    elif fits(me, 1):
        me.note_corrected(reading, me.add(reading.image, digit))
    else:
        return
    me.notice = None
    persistence.keep_tray(me)


def put(me: Visit, samples: Sequence[tuple[np.ndarray, int | None]]) -> None:
    """Add prepared drawings with their labels to the tray and clear the sheet, if they fit."""
    if not fits(me, len(samples)):
        return
    for image, label in samples:
        me.add(image, label)
    me.clear_sheet()
    me.notice = None
    if persistence.keep_tray(me):
        shared_model().used_drawings.note(me.browser, me.consumed)


def fits(me: Visit, more: int) -> bool:
    """Whether the tray takes this many more; if not, say so."""
    most = shared_model().settings.tray_size
    if len(me.tray) + more <= most:
        return True
    me.notice = Notice("tray.full", {"most": most})
    return False


@for_desk
def delete_last() -> None:
    """Remove the newest drawing from the tray."""
    me = visit()
    me.notice = None if me.tray else Notice("empty.delete")
    if me.tray:
        remove(me, me.tray[-1].id)


@for_desk
def pick() -> None:
    """Tap a thumbnail: edit it, or stop editing it."""
    me, number = visit(), (st.session_state.get("tray") or {}).get("picked")
    me.picked = None if number == me.picked else number


@for_desk
def remove_picked() -> None:
    """Remove the picked drawing from the tray."""
    me = visit()
    if me.picked is not None:
        remove(me, me.picked)


def remove(me: Visit, number: int) -> None:
    """Remove one drawing from the tray, and stop editing it."""
    me.remove(number)
    if me.picked == number:
        me.picked = None
    persistence.keep_tray(me)
