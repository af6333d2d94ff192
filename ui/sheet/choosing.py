"""A photograph in place of the sheet: what was found in it is boxed, a tap chooses of it, a drag cuts out a part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
import streamlit as st

from mnist_core.recognition.boxes import Box
from ui.language import percent, t
from ui.packing import unpacked
from ui.palette import DIGIT_COLOURS
from ui.session import Drawing, Reading, SheetPhoto, Visit, option, visit
from ui.sheet.actions import change_sheet, take_photograph
from ui.sheet.photo import look_again
from ui.sheet.reading import is_doubted, text_of
from ui.widgets.photo import Spot, photo
from ui.widgets.pictures import data_url, jpeg_data_url, reduced

SHOWN = 720  # pixels of the longer side as shown
STRIPED = 360  # the same of the stripes over what was left out
MARGIN = 1.0  # percent of the picture, so that a box does not touch its digit
ROOM_ABOVE = 0.08  # of the picture: where a line is higher up, what is read stands under its digits
NOT_TO_PUT_BACK = {"table"}  # the paper is on it: who wants what is there cuts it out
FADED = (255, 255, 255)  # what was left out looks as if it were under tracing paper,
THICK, THIN = 205, 120  # of 255, in stripes


def show_photograph(me: Visit, drawing: Drawing, shown: SheetPhoto) -> None:
    """The photograph, with what was found in it and what was left out."""
    height, width = drawing.canvas.shape[:2]
    left, top, right, bottom = shown.part
    photo(
        at=drawing.at,
        size=(right - left, bottom - top),
        picture=jpeg_data_url(shown.pixels[top:bottom, left:right], SHOWN),
        left_out=_left_out(shown),
        spots=_spots(me, width, height),
        cut=not shown.is_whole,
        on_change=_taken,
    )


def show_choices(me: Visit, shown: SheetPhoto) -> None:
    """The way to read all digits where one was read, and to put back what was left out."""
    if len(me.answer) > 1 and not option("several"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(t("photo.several", count=len(me.answer)), width="content")
            st.button(t("photo.read_all"), icon=":material/select_all:", on_click=_read_all, key="read_all")
    reasons = [reason for reason in shown.left_out if reason not in NOT_TO_PUT_BACK]
    if reasons:
        st.session_state.put_back = [reason for reason in reasons if reason in shown.put_back]  # not another picture's
        st.pills(
            t("photo.left_out"),
            reasons,
            selection_mode="multi",
            format_func=lambda reason: t(f"photo.left_out.{reason}"),
            key="put_back",
            on_change=_put_back,
            wrap=True,
        )


def _spots(me: Visit, width: int, height: int) -> list[Spot]:
    """The boxes of lines and digits; that of a line comes before those of its digits."""

    def spot(kind: str, place: int, box: Sequence[int], text: str, name: str, **more: object) -> Spot:
        left, top, right, bottom = box
        return Spot(
            kind,  # type: ignore[arg-type]
            place,
            100 * left / width - MARGIN,
            100 * top / height - MARGIN,
            100 * (right - left) / width + 2 * MARGIN,
            100 * (bottom - top) / height + 2 * MARGIN,
            text,
            name,
            **more,  # type: ignore[arg-type]
        )

    spots: list[Spot] = []
    places = {id(reading): place for place, reading in enumerate(me.answer)}
    lines = [list(line) for _, line in groupby(me.answer, lambda reading: reading.line)]
    for number, line in enumerate(lines):
        chosen = tuple(places[id(reading)] for reading in line)
        low = _around(line)[1] < ROOM_ABOVE * height
        if len(lines) > 1:
            name = t("photo.line", line=number + 1, digits=text_of(line))
            pressed = me.chosen == chosen
            spots.append(
                spot("line", number, _around(line), f"{number + 1}", name, colour="#444444", pressed=pressed, low=low)
            )
        for place, reading in zip(chosen, line, strict=True):
            digit = reading.prediction.digit
            share = percent(reading.prediction.scores[digit])
            doubted = is_doubted(reading.prediction)
            spots.append(
                spot(
                    "digit",
                    place,
                    reading.box or (0, 0, width, height),
                    f"{digit}?" if doubted else str(digit),
                    t("photo.digit", place=place + 1, digit=digit, share=share),
                    colour=DIGIT_COLOURS[digit],
                    pressed=place in me.chosen,
                    low=low,
                    doubted=doubted,
                    done=me.has_in_tray(reading),
                )
            )
    return spots


def _around(line: Sequence[Reading]) -> tuple[int, int, int, int]:
    lefts, tops, rights, bottoms = zip(*(reading.box for reading in line if reading.box), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _left_out(shown: SheetPhoto) -> str | None:
    """What was left out, as stripes to lay over the picture; None when nothing was."""
    layers = [unpacked(layer) for reason, layer in shown.left_out.items() if reason not in shown.put_back]
    if not layers:
        return None
    faded = reduced(np.logical_or.reduce(layers), STRIPED)
    stripes = np.where(np.add.outer(*map(np.arange, faded.shape)) // 3 % 2, THICK, THIN)
    overlay = np.empty((*faded.shape, 4), np.uint8)
    overlay[..., :3], overlay[..., 3] = FADED, np.where(faded >= 128, stripes, 0)
    return data_url(overlay)


def _taken() -> None:
    """Take over what was done to the photograph, if it is still the one that is there."""
    me, sent = visit(), st.session_state.get("found") or {}
    shown = me.drawing.photo if me.drawing else None
    for what, take in (("picked", _pick), ("cropped", _crop), ("whole", _whole), ("cleared", _clear)):
        told = sent.get(what)
        if me.drawing and shown and isinstance(told, dict) and told.get("at") == me.drawing.at:
            me.notice = None
            take(me, shown, told)
            return


def _pick(me: Visit, _: SheetPhoto, told: dict[str, object]) -> None:
    """Choose a digit or a line; chosen again, it is all of them once more."""
    place = told.get("place")
    if told.get("kind") == "line":
        chosen = tuple(k for k, reading in enumerate(me.answer) if reading.line == place)
    else:
        chosen = tuple(k for k in range(len(me.answer)) if k == place)
    if chosen and chosen != me.chosen:
        me.chosen = chosen
    elif option("several"):
        me.chosen = ()


def _crop(me: Visit, shown: SheetPhoto, told: dict[str, object]) -> None:
    shares = [told.get(side) for side in ("left", "top", "right", "bottom")]
    if not all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares):
        return
    left, top, right, bottom = shown.part
    across, down = right - left, bottom - top
    places = [int(share * length) for share, length in zip(shares, (across, down, across, down), strict=True)]  # type: ignore[operator]
    part = Box(left + places[0], top + places[1], left + places[2], top + places[3])
    take_photograph(me, look_again(shown, part))


def _whole(me: Visit, shown: SheetPhoto, _: dict[str, object]) -> None:
    take_photograph(me, look_again(shown))


def _clear(me: Visit, *_: object) -> None:
    me.clear_sheet()


def _read_all() -> None:
    st.session_state.several = True
    change_sheet()


def _put_back() -> None:
    me = visit()
    shown = me.drawing.photo if me.drawing else None
    if shown:
        put_back = frozenset(st.session_state.get("put_back", shown.put_back))
        take_photograph(me, replace(shown, put_back=put_back))
