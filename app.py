"""Entry point: what every page shares, and the way to the page asked for."""

from pathlib import Path

import streamlit as st

from mnist_core.storage.limits import LimitReached
from ui.language import browser_language, language, plain, t
from ui.learned.ownership import take_owner_link
from ui.model import shared_model
from ui.notices import show_notice, show_store_notice
from ui.parts import rerun_page
from ui.rooms.address import enter_by_address, note_in_address
from ui.rooms.chooser import choose_room, choosing, stop_choosing
from ui.session import visit
from ui.texts import LANGUAGES

FRONTEND = Path(__file__).parent / "ui" / "widgets" / "frontend"
PAGES = {
    "draw": ":material/draw:",
    "inside": ":material/visibility:",
    "learned": ":material/school:",
    "about": ":material/info:",
}

# A material icon is in the server's font everywhere but here: as the page's own, the browser fetches it from Google.
ICON = FRONTEND / "icon.svg"


def _header(name: str) -> None:
    """The page's title, the ways to the others, whose model it is, and the language: one line where there is room."""
    st.title(t(f"{name}.title"), anchor=False, width="content")
    # On a phone Streamlit hides its own links behind a sign without a name.
    with st.container(horizontal=True, key="pages", gap="xsmall"):
        for page in pages[: len(PAGES)]:
            st.page_link(page)
    with st.container(key="room", width="content"):
        choose_room()
    st.segmented_control(
        t("app.language"),
        list(LANGUAGES),
        default=None if "language" in st.session_state else browser_language(),  # else the address has set it
        format_func=LANGUAGES.__getitem__,
        key="language",
        on_change=rerun_page,
        bind="query-params",  # so that a choice outlives a reload
        required=True,
        label_visibility="collapsed",
    )


st.set_page_config(page_title=t("app.name"), page_icon=ICON, layout="wide")
shared = shared_model()  # starts loading in the background
me = visit()

# The folder is not called pages/: Streamlit would take its files for an app of its own when one of them is the first
# address that anybody opens.
pages = [
    st.Page(f"app_pages/{name}.py", title=t(f"page.{name}"), icon=icon, default=name == "draw")
    for name, icon in PAGES.items()
]
pages.append(st.Page("app_pages/board.py", title=t("page.board"), visibility="hidden"))
page = st.navigation(pages, position="hidden")
if me.turn_to(page.url_path):
    stop_choosing(me)
take_owner_link(me)
enter_by_address(me)
note_in_address(me)
st.html(FRONTEND / "page.css")
with st.container(gap=None):
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="header", gap="small"
    ):
        if page.url_path == "board":
            st.title(plain(me.ours.name) if me.whose == "ours" and me.ours else t("app.name"), anchor=False)
        else:
            _header(page.url_path or "draw")
    with st.container(gap=None):  # there with or without a notice, so that nothing below is built anew
        show_store_notice()
        if not choosing(me):  # else it is shown where the room was chosen
            show_notice(me.room_notice)
        st.html(f"<script>document.documentElement.lang = '{language()}'</script>", unsafe_allow_javascript=True)
try:
    me.seat = me.seat or shared.seats.take()
except LimitReached as limit:
    st.warning(t(f"limit.{limit.kind}"), icon=":material/groups:")
    st.stop()

page.run()
