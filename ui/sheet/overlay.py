"""The frames around several digits on one sheet."""

from ui.language import percent
from ui.palette import DIGIT_COLOURS
from ui.session import Visit
from ui.sheet.actions import sheet_size
from ui.widgets.canvas import Frame

MARGIN = 2.0  # percent of the sheet, so that a frame does not touch its digit


def frames(me: Visit) -> list[Frame]:
    """A frame with digit and score for each digit of the answer that knows its place."""
    width, height = sheet_size()
    found = []
    for reading in me.answer:
        if reading.box is None or me.drawing is None or me.drawing.picture or me.drawing.photo:
            continue
        left, top, right, bottom = reading.box
        digit = reading.prediction.digit
        found.append(
            Frame(
                left=100 * left / width - MARGIN / 2,
                top=100 * top / height - MARGIN,
                width=100 * (right - left) / width + MARGIN,
                height=100 * (bottom - top) / height + 2 * MARGIN,
                text=f"{digit} · {percent(reading.prediction.scores[digit])}",
                colour=DIGIT_COLOURS[digit],
            )
        )
    return found
