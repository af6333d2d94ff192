"""Entry point: what every page shares, and the way to the page asked for."""

import streamlit as st

from mnist_core.limits import LimitReached
from ui.language import browser_language, t
from ui.model import shared_model
from ui.notices import show_store_notice
from ui.session import visit
from ui.texts import LANGUAGES

st.set_page_config(page_title=t("app.name"), page_icon=":material/draw:", layout="wide")
shared = shared_model()  # starts loading in the background
me = visit()

page = st.navigation(
    [
        st.Page("pages/draw.py", title=t("page.draw"), icon=":material/draw:", help=t("page.draw.help"), default=True),
        st.Page("pages/inside.py", title=t("page.inside"), icon=":material/visibility:", help=t("page.inside.help")),
        st.Page("pages/learned.py", title=t("page.learned"), icon=":material/school:", help=t("page.learned.help")),
        st.Page("pages/about.py", title=t("page.about"), icon=":material/info:", help=t("page.about.help")),
    ],
    position="top",
)
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title(t(f"{page.url_path or 'draw'}.title"), anchor=False, width="content")
    st.segmented_control(
        t("app.language"),
        list(LANGUAGES),
        default=browser_language(),
        format_func=LANGUAGES.__getitem__,
        key="language",
        required=True,
        label_visibility="collapsed",
    )
show_store_notice()
try:
    me.seat = me.seat or shared.seats.take()
except LimitReached as limit:
    st.warning(t(f"limit.{limit.kind}"), icon=":material/groups:")
    st.stop()

page.run()
