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
from ui.sheet.options import show_options
from ui.sheet.overlay import frames
from ui.sheet.reading import Words, read_sheet
from ui.train import lesson_job
from ui.train.examples import offer_examples
from ui.train.section import teach_section
from ui.tray import persistence
from ui.tray.thumbnails import show_tray
from ui.widgets.canvas import canvas
from ui.widgets.timer import call_after

me = visit()
me.runs += 1
# Before anything is shown: to run the page again afterwards would cross the strokes that the browser sends meanwhile.
if not persistence.tray_is_to_come(me):
    persistence.bring_back_tray(me)
lesson_job.take_up(me, shared_model())
if lesson_job.finish(me, shared_model()):
    persistence.keep_tray(me)
known = me.drawing.at if me.drawing else 0  # not in `desk`: the sheet's message stays the same from stroke to stroke


def sheet() -> None:
    """The sheet, its pen and its buttons."""
    with st.container(gap=None):  # the sheet is there under a photograph too, so that nothing of it is lost
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
            on_change=actions.canvas_changed,
        )
        if me.worksheet:
            from ui.sheet import worksheet  # with OpenCV, which no drawing needs

            worksheet.show_worksheet(me, me.worksheet)
        elif me.drawing and me.drawing.photo:
            from ui.sheet import choosing

            choosing.show_photograph(me, me.drawing, me.drawing.photo)
    if me.worksheet:
        worksheet.show_ways(me.worksheet, on_take=actions.add)
    elif me.drawing and me.drawing.photo:
        choosing.show_choices(me, me.drawing.photo)
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


def read_if_asked() -> None:
    """Read the drawing, if that was asked for and not done."""
    if me.asked and not me.answer and (problem := read_sheet(me)):
        me.asked = False
        show_notice(problem)


def answer() -> None:
    """Show the answer."""
    show_answer(
        me.shown,
        place=actions.chosen_place(me),
        at=me.drawing.at if me.drawing else 0,
        waiting=Words(t("answer.waiting"), t("answer.waiting.live" if option("live") else "answer.waiting.press")),
    )
    if len(me.shown) > 1:
        st.pills(
            t("answer.which"),
            range(len(me.shown)),
            default=0,
            format_func=me.name_of_place,
            key="which",
            required=True,
        )


def beside_sheet() -> AbstractContextManager[object]:
    """What tells `page.css` that the sheet is wide; a stroke on the other one is spared it."""
    return st.container(key="beside_wide") if option("several") else nullcontext()


def which_digit() -> None:
    """One row of digits, for what is in front of the visitor: the drawing just picked, the one on the sheet, or those
    that wait for the lesson."""
    if me.picked is not None:
        st.pills(t("tray.choose"), range(10), key=me.label_key, on_change=actions.relabel, width="stretch")
    elif me.drawing:
        label = t("answer.right") if me.answer else t("tray.choose")
        st.pills(label, range(10), key=me.right_key, on_change=actions.correct, args=(me.right_key,), width="stretch")
    else:
        st.pills(t("train.truth"), range(10), key=me.truth_key, persist_state="session", width="stretch")


@st.fragment(key="desk")
def desk() -> None:
    """Everything that a stroke changes, so that a stroke reruns nothing else."""
    with st.container(key="top", horizontal=True, vertical_alignment="center"):
        show_tray(me.tray, picked=me.picked, on_pick=actions.pick)
        offer_examples(me)
        if persistence.tray_is_to_come(me):  # the sheet does not wait for the store
            call_after(0, partial(persistence.bring_back_tray, me), key="tray_timer")
    left, right = st.columns([3, 2] if option("several") else [2, 3], gap="medium")
    with right:  # first: it is what the visitor waits for, and the sheet frames what was read
        read_if_asked()
        answer()
        with st.container(key="digits"), beside_sheet():
            which_digit()
    with left:
        sheet()


# Each part in a container of its own: a stroke that comes while the whole page runs has Streamlit drop what it has not
# yet sent of the desk, and the browser would find no place for what follows.
with st.container(key="loop"):
    with st.container():
        desk()
    with st.container():
        teach_section()
