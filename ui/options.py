"""How to draw: live or asked, one digit or several, the pen, images instead, trays as files."""

import streamlit as st

from ui import actions, files
from ui.language import t
from ui.session import OPTIONS, Visit

IMAGES = ["png", "jpg", "jpeg", "webp", "bmp", "gif"]


def show_options(me: Visit) -> None:
    """How to draw, and images instead of drawings."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle(t("draw.live"), OPTIONS["live"], key="live", persist_state="session")
        st.toggle(t("draw.several"), key="several", on_change=actions.change_sheet, persist_state="session")
        more = st.popover(t("draw.options"), icon=":material/tune:", key="options", on_change="rerun")
    if more.open:  # closed, it costs a stroke nothing
        with more:
            _more(me)


def _more(me: Visit) -> None:
    """The pen, images instead of drawings, trays as files, and the keys."""
    st.slider(t("draw.pen"), 8, 40, OPTIONS["pen"], key="pen", step=2, persist_state="session")
    st.file_uploader(t("draw.file"), type=IMAGES, key=f"file{me.uploads}", on_change=actions.upload)
    if st.toggle(t("draw.camera"), key="camera"):
        st.camera_input(t("draw.photo"), key=f"photo{me.uploads}", on_change=actions.upload)
    st.file_uploader(t("files.bring"), type=["npz", "zip"], key=f"lessons{me.uploads}", on_change=files.upload_tray)
    if me.tray:
        with st.container(horizontal=True):
            files.tray_files(me.tray)
    st.caption(t("draw.shortcuts"))
