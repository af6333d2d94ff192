"""The sheet to draw on: a component of our own, because strokes must arrive at once and fit any screen.

It keeps the strokes in the browser, so that a reload does not lose them, and sends what was drawn after each change, or
before something else is done.
"""

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TypeGuard

import numpy as np
from PIL import Image

from ui.language import t
from ui.widgets.component import component

_canvas = component("canvas", "tool")

ONE = (280, 280)
SEVERAL = (840, 420)
_LARGEST = 2**20  # bytes of a drawing as sent: an 840 x 420 PNG of ink takes a few thousand


@dataclass(frozen=True)
class Frame:
    """A frame over the drawing, in percent of its sides."""

    left: float
    top: float
    width: float
    height: float
    text: str
    colour: str


def canvas(
    *,
    size: tuple[int, int],
    pen: int,
    session: str,
    known: float,
    consumed: float,
    picture: str | None,
    covered: bool = False,
    frames: Sequence[Frame],
    largest: int = 2**23,
    early: str = "",
    unhurried: bool = False,
    taught: int = 0,
    on_change: Callable[[], None],
) -> None:
    """Mount the sheet under the key "canvas".

    size: (width, height) of the picture that is sent, in pixels. pen: its width in the same pixels. session: changes
    when the server may not know the drawing: another session, or the page was run again. known: number of the drawing
    that the server held then. consumed: every stroke up to this number leaves the sheet. picture: data URL of an image
    shown on the sheet instead of strokes. covered: something else is shown in its place, which the sheet can still
    clear, and be given another image for. largest: bytes of an image that may be given; a larger one arrives as "".
    early: name under which a stroke is first posted to strokes/{early}, where an event "early-answer" of the document
    brings what comes back; "" where it is not. unhurried: whether the page, once that event has come, need not hear of
    the stroke before the person does something else than draw, or any of this changes; a sheet that is emptied until
    then brings the event with nothing. taught: a number that changes when what is on the sheet is to be read again.
    on_change: called when `st.session_state.canvas` holds one of `drawn` {at, image}, `pasted` (data URL) and
    `key` {digit, pressed, at, image}, a digit's key, when it was pressed, and the strokes as they were then, if there
    were any.
    """
    width, height = size
    _canvas(
        key="canvas",
        data={
            "name": f"{width}x{height}",
            "width": width,
            "height": height,
            "pen": pen,
            "session": session,
            "known": known,
            "consumed": consumed,
            "picture": picture,
            "covered": covered,
            "largest": largest,
            "early": early,
            "unhurried": unhurried,
            "taught": taught,
            "boxes": [asdict(frame) for frame in frames],
            "labels": {name: t(f"canvas.{name}") for name in ("canvas", "hint", "undo", "redo", "clear")},
        },
        on_drawn_change=on_change,
        on_pasted_change=on_change,
        on_key_change=on_change,
    )


def is_number(at: object) -> TypeGuard[float]:
    """Whether this can be the number of a drawing: milliseconds since 1970 or a little more."""
    return isinstance(at, int | float) and 0 <= at < 2**53


def read_drawing(data_url: object, size: tuple[int, int]) -> np.ndarray | None:
    """Decode what the browser sent: uint8 (height, width, 4), or None when it is not such a drawing."""
    data = read_data_url(data_url, _LARGEST, "image/png")
    if data is None:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            return np.array(image.convert("RGBA")) if image.size == size else None
    except Exception:  # Pillow's decoders raise nearly anything on hostile bytes
        return None


def read_data_url(data_url: object, largest: int, kind: str = "") -> bytes | None:
    """The bytes of a base64 data URL of this MIME type; None when it is none, or longer than `largest` bytes."""
    if not isinstance(data_url, str) or len(data_url) > largest * 4 // 3 + 100:
        return None
    head, _, encoded = data_url.partition(";base64,")
    if not head.startswith(f"data:{kind}"):
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        return None
