"""About: how it works, what is kept about a visitor, and the model card."""

import re
from pathlib import Path

import streamlit as st

from mnist_core.storage.faults import StoreUnavailable
from ui.language import t
from ui.model import shared_model
from ui.notices import show_notice
from ui.session import Notice, Visit, visit
from ui.sheet.early import unheard_drawing
from ui.train import lesson_job

PICTURES = Path(__file__).parents[1] / "ui" / "widgets" / "frontend" / "about"
STEPS = {
    "draw": ":material/draw:",
    "read": ":material/visibility:",
    "teach": ":material/school:",
    "gate": ":material/shield:",
}


def forget() -> None:
    """Delete what is kept about this browser, here and in the store."""
    me: Visit = visit()
    if shared_model().jobs.busy(me.browser):  # a lesson would be kept under the visitor's number afterwards
        me.notice = Notice("about.forget.busy")
        return
    lesson_job.finish(me, shared_model())  # or its drawings would come back with it
    try:
        shared_model().forget(me.browser)
    except StoreUnavailable as error:
        me.notice = Notice("store.notice", {"why": f"store.{error.kind}"}, "error")
        return
    unheard = unheard_drawing(me)
    me.clear_sheet()
    if unheard:
        me.consumed, me.early = unheard[0].at, None
    me.tray, me.kept_tray, me.picked, me.outcome, me.mine = [], None, None, None, None
    me.unconfirmed = None
    me.go_to("everyone", None)
    me.notice = Notice("about.forgotten", kind="success")


me = visit()
st.markdown(t("about.lead"))

st.header(t("about.how"), anchor=False)
with st.grid(2, min_column_width=260):
    for step, icon in STEPS.items():
        with st.container(border=True, height="stretch"):
            st.subheader(t(f"about.{step}.title"), icon=icon, anchor=False)
            st.image(PICTURES / f"{step}.svg", width=320, alt=t(f"about.{step}.alt"))
            st.markdown(t(f"about.{step}.text"))

st.header(t("about.privacy"), anchor=False)
settings = shared_model().settings
kept = t("about.kept.days", days=settings.drawing_days) if settings.drawing_days else t("about.kept")
st.markdown(t("about.privacy.text", kept=kept, days=settings.room_days))
with st.container(horizontal=True, vertical_alignment="center"):
    st.button(t("about.forget"), icon=":material/delete_forever:", on_click=forget, key="forget")
    st.caption(t("about.forget.text"), width="content")
show_notice(me.notice)

st.header(t("about.card"), anchor=False)
st.markdown(t("about.card.text"))
card = settings.models_dir / "README.md"
with st.expander(t("about.card"), icon=":material/description:"):
    if card.is_file():
        text, picture = card.read_text(), card.with_name("worst.png")
        before, _, after = re.sub(r"^#", "###", text, flags=re.M).partition("![The fifty worst mistakes](worst.png)")
        st.markdown(before)
        if picture.is_file():
            st.image(str(picture), alt=t("learned.worst"))
        st.markdown(after)
    else:
        st.caption(t("about.card.missing"))
