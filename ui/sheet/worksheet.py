"""A photographed worksheet in place of the sheet: its drawings at one look, of which any can be left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st

from mnist_core import ModelUnavailable
from mnist_core.recognition.filled_worksheet import UnreadableWorksheet, find_markers, read_worksheet
from ui.language import t
from ui.model import classifier
from ui.session import Notice, Visit, Worksheet, visit
from ui.widgets.grid import Cell, grid


def take_worksheet(me: Visit, rgb: np.ndarray) -> bool:
    """Show the drawings of a photographed worksheet, uint8 (H, W, 3), or say why not: whether it is one at all."""
    if not find_markers(rgb):
        return False
    try:
        drawings = read_worksheet(rgb)
    except UnreadableWorksheet as error:
        me.notice = Notice(f"worksheet.{error.kind}")
        return True
    me.clear_sheet()
    me.worksheet, me.notice = Worksheet(tuple(drawings)), None
    return True


def show_worksheet(me: Visit, worksheet: Worksheet) -> None:
    """The grid of its drawings."""
    if not worksheet.read_as:
        worksheet = me.worksheet = replace(worksheet, read_as=_read(me, worksheet))
    cells = []
    for place, drawing in enumerate(worksheet.drawings):
        read = worksheet.read_as[place]
        key = "worksheet.box" if read == drawing.digit else "worksheet.misread"
        name = t(key, digit=drawing.digit, place=drawing.place + 1, read=read)
        kept = place not in worksheet.left_out
        cells.append(Cell(drawing.digit, drawing.place, place, drawing.image, name, kept, read != drawing.digit))
    grid(t("worksheet.drawings"), t("worksheet.look"), cells, on_toggled=_toggle)


def show_ways(worksheet: Worksheet, *, on_take: Callable[[], None]) -> None:
    """The way of its drawings into the tray, and the way back to the sheet."""
    with st.container(horizontal=True):
        st.button(
            t("worksheet.take", count=len(worksheet.drawings) - len(worksheet.left_out)),
            icon=":material/inbox:",
            on_click=on_take,
            key="take_worksheet",
            disabled=len(worksheet.left_out) == len(worksheet.drawings),
        )
        st.button(t("worksheet.away"), icon=":material/close:", on_click=_put_away, key="worksheet_away")


def _read(me: Visit, worksheet: Worksheet) -> tuple[int, ...]:
    """What the model reads each as; without a model, what each is."""
    try:
        predictions = classifier(me).predict_many(np.stack([drawing.image for drawing in worksheet.drawings]))
    except (ModelUnavailable, TimeoutError):
        return tuple(drawing.digit for drawing in worksheet.drawings)
    return tuple(prediction.digit for prediction in predictions)


def _toggle() -> None:
    me, place = visit(), st.session_state.grid.get("toggled")
    if me.worksheet and place in range(len(me.worksheet.drawings)):
        me.worksheet = replace(me.worksheet, left_out=me.worksheet.left_out ^ {place})


def _put_away() -> None:
    visit().clear_sheet()
