"""Draw, be read, correct, teach: the whole job on one page."""

from contextlib import AbstractContextManager, nullcontext
from functools import partial

import streamlit as st

from ui.language import t
from ui.model import shared_model
from ui.notices import show_notice
from ui.session import option, visit
from ui.sheet import actions
from ui.sheet.answer import show_answer
from ui.sheet.early import expect_strokes
from ui.sheet.options import show_options
from ui.sheet.overlay import frames
from ui.sheet.reading import Words, read_sheet
from ui.train import lesson_job
from ui.train.examples import offer_examples
from ui.train.section import teach_section
from ui.tray import persistence
from ui.tray.thumbnails import show_tray
from ui.widgets.canvas import canvas
from ui.widgets.digits import digits
from ui.widgets.timer import call_after

me = visit()
me.runs += 1
# Before anything is shown: to run the page again afterwards would cross the strokes that the browser sends meanwhile.
if not persistence.tray_is_to_come(me):
    persistence.bring_back_tray(me)
lesson_job.take_up(me, shared_model())
if lesson_job.finish(me, shared_model()):
    persistence.keep_tray(me)
known = me.drawing.at if me.drawing else 0  # not in `reading`: the sheet's message stays the same between strokes


@st.fragment(key="reading")
def reading() -> None:
    """The sheet, its answer, and what is asked about them: all that most strokes change, and all that is sent then."""
    problem = read_sheet(me) if me.asked and not me.answer else None  # before anything is sent, which is drawn at once
    canvas(
        size=actions.sheet_size(),
        pen=option("pen"),
        session=f"{me.id}-{me.runs}",
        known=known,
        consumed=me.consumed,
        picture=me.drawing.picture if me.drawing else None,
        covered=me.sheet_is_covered,
        frames=frames(me),
        largest=actions.largest_image(),
        early="" if problem else expect_strokes(me),
        taught=me.taught,
        unhurried=actions.is_unhurried(me),
        on_change=actions.canvas_changed,
    )
    show_answer(
        me,
        place=actions.chosen_place(me),
        waiting=Words(t("answer.waiting"), t("answer.waiting.live" if option("live") else "answer.waiting.press")),
    )
    with st.container(key="places"):
        if len(me.shown) > 1:
            st.session_state.which = actions.chosen_place(
                me
            )  # else it is forgotten when a correction changes its names
            st.pills(
                t("answer.which"),
                range(len(me.shown)),
                format_func=me.name_of_place,
                key="which",
                on_change=actions.look_at_place,
                required=True,
            )
    digits(
        which_digit(),
        row=me.row,
        chosen=me.marked_digit,
        early=None if me.picked is not None else (me.drawing_row, t("answer.right")),
        heard=me.heard,
        page=me.id,
        on_chosen=actions.digit_chosen,
    )
    if problem:
        me.asked = False
        with st.container(key="problem"):
            show_notice(problem)


def which_digit() -> str:
    """What the row of digits asks about what is in front of the visitor: the drawing just picked, the one on the
    sheet, or those that wait for the lesson."""
    if me.picked is not None:
        return t("tray.choose")
    if me.drawing:
        return t("answer.right" if me.answer else "tray.choose")
    return t("train.truth")


def in_place_of_the_sheet() -> None:
    """A photograph or a worksheet; the sheet is there under it, so that nothing of it is lost."""
    if me.worksheet:
        from ui.sheet import worksheet  # with OpenCV, which no drawing needs

        worksheet.show_worksheet(me, me.worksheet)
        worksheet.show_ways(me.worksheet, on_take=actions.add)
    elif me.drawing and me.drawing.photo:
        from ui.sheet import choosing

        choosing.show_photograph(me, me.drawing, me.drawing.photo)
        choosing.show_choices(me, me.drawing.photo)


def buttons() -> None:
    """What can be done with what is on the sheet, and what is to be said about it."""
    with st.container(horizontal=True, gap="xsmall", key="buttons"):
        st.button(t("draw.predict"), on_click=actions.predict, key="predict", shortcut="p")
        st.button(t("draw.add"), on_click=actions.add, key="add", shortcut="a")
        if me.picked is None:
            st.button(t("draw.delete"), on_click=actions.delete_last, key="delete_last", shortcut="d")
        else:
            st.button(t("tray.remove"), on_click=actions.remove_picked, key="remove", shortcut="d")
        show_options(me)
    with st.container(key="notice"):  # over what is below, so that nothing moves
        show_notice(me.notice)


def mark_wide() -> AbstractContextManager[object]:
    """What tells `page.css` that the sheet is wide. Not the container of the sheet, which would be built anew."""
    return st.container(key="under_wide") if option("several") else nullcontext()


@st.fragment(key="desk")
def desk() -> None:
    """All about the drawings: those in the tray, and the one on the sheet."""
    with st.container(key="top", horizontal=True, vertical_alignment="center"):
        show_tray(me.tray, picked=me.picked, on_pick=actions.pick)
        offer_examples(me)
        if persistence.tray_is_to_come(me):  # the sheet does not wait for the store
            call_after(0, actions.for_desk(partial(persistence.bring_back_tray, me)), key="tray_timer")
    with st.container(key="parts"):  # which have their places by `page.css`
        cover = st.container(key="cover")  # shows what was read, too
        with st.container(key="reading"):
            reading()
        with cover:
            in_place_of_the_sheet()
        with st.container(key="under"), mark_wide():
            buttons()


# Each part in a container of its own: a stroke that comes while the whole page runs has Streamlit drop what it has not
# yet sent of the desk, and the browser would find no place for what follows.
with st.container(key="loop"):
    with st.container():
        desk()
    with st.container():
        teach_section()
