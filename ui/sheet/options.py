"""How to draw: live or asked, one digit or several, the pen, images instead, trays as files."""

from functools import partial

import streamlit as st

from mnist_core.files.lessons import LARGEST_LESSON_FILE
from mnist_core.files.worksheet import PAPERS, worksheet_pdf
from ui.language import language, t
from ui.session import OPTIONS, Visit
from ui.sheet import actions
from ui.tray import transfer
from ui.widgets.chooser import choose_file
from ui.widgets.saver import offer_file

IMAGES = ".png,.jpg,.jpeg,.webp,.bmp,.gif"


def show_options(me: Visit) -> None:
    """One control for what is seldom used: how to draw, and images instead of drawings."""
    with st.container(key="options", width="content"):  # another popover, closed, when what was wanted is done
        key = f"options{me.options_closed}"
        more = st.popover(t("draw.options"), icon=":material/tune:", key=key, on_change=_opened)
    if more.open:  # closed, it costs a stroke nothing
        with more:
            _more(me)


@actions.for_desk
def _opened() -> None:
    """They were opened or closed."""


def _more(me: Visit) -> None:
    """Live or asked, one digit or several, the pen, images instead of drawings, trays as files, and the keys."""
    with st.container(horizontal=True):
        st.toggle(t("draw.live"), OPTIONS["live"], key="live", on_change=actions.live_changed, persist_state="session")
        st.toggle(t("draw.several"), key="several", on_change=actions.change_sheet, persist_state="session")
    st.slider(t("draw.pen"), 8, 40, OPTIONS["pen"], key="pen", step=2, persist_state="session")
    with st.container(horizontal=True):
        most = actions.largest_image()
        choose_file(t("draw.file"), key="file", accept=IMAGES, largest=most, on_given=actions.take_file)
        choose_file(
            t("draw.photo"), key="photo", accept="image/*", largest=most, on_given=actions.take_photo, camera=True
        )
    st.caption(t("draw.file.how"))
    with st.container(horizontal=True):
        for paper in PAPERS:
            make = partial(worksheet_pdf, paper, language())
            offer_file(t(f"worksheet.{paper}"), f"worksheet-{paper}.pdf", key=f"worksheet_{paper}", make=make)
    st.caption(t("worksheet.how"))
    choose_file(
        t("files.bring"), key="bring", accept=".npz,.zip", largest=LARGEST_LESSON_FILE, on_given=transfer.bring_tray
    )
    if me.tray:
        with st.container(horizontal=True):
            transfer.tray_files(me.tray)
    with st.container(key="shortcuts"):
        st.caption(t("draw.shortcuts"))
