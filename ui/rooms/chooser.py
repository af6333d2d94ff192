"""Whose model reads and learns here: one control, on every page, that says it and changes it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from mnist_core.serving.ownership import NotOwner
from mnist_core.storage.codes import spaced
from mnist_core.storage.faults import RoomClosed, StoreUnavailable
from mnist_core.storage.limits import LimitReached
from mnist_core.storage.records import NAME_LENGTH, Room
from ui.language import plain, t
from ui.model import shared_model
from ui.notices import show_notice
from ui.parts import rerun, rerun_parts, waiting_parts
from ui.rights import proofs
from ui.rooms.address import board_link, join, link, note_in_address
from ui.rooms.invitation import qr_picture
from ui.session import Notice, Visit, Whose, visit

ICONS: dict[Whose, str] = {
    "everyone": ":material/public:",
    "mine": ":material/person:",
    "ours": ":material/groups:",
}


@st.fragment(key="whose_model")
def choose_room() -> None:
    """Show whose model this is; opened, the ways to another one."""
    me, settings = visit(), shared_model().settings
    note_in_address(me)
    if settings.teaching != "shared":
        if me.whose == "ours":  # a link has led into it: nobody is answered by a model that is not named
            st.caption(f"{ICONS['ours']} {whose_name(me)}")
        return
    key = _popover(me)
    with st.popover(whose_name(me), icon=ICONS[me.whose], key=key, on_change=_opened, help=t("room.help")) as rooms:
        if not rooms.open:  # closed, it costs nothing
            return
        st.segmented_control(
            t("room.whose"),
            ["everyone", "mine", *(["ours"] if me.ours else [])],
            default=me.whose,
            format_func=lambda whose: plain(me.ours.name) if me.ours and whose == "ours" else t(f"room.{whose}"),
            key=f"whose{me.moves}",
            required=True,
            on_change=_choose,
        )
        st.caption(t(f"room.{me.whose}.note", days=settings.room_days))
        if me.whose == "ours" and me.ours:
            _invite(me, me.ours)
        if settings.rooms != "off":
            _others(me)
        show_notice(me.room_notice)


def _opened() -> None:
    if not visit().page:
        rerun("whose_model")
    elif waiting_parts():  # other pages have no more of the parts
        st.rerun(["whose_model"])


def choosing(me: Visit) -> bool:
    """Whether the control is open."""
    return bool(st.session_state.get(_popover(me)))


def stop_choosing(me: Visit) -> None:
    """Close the control: on another page Streamlit would open it again where the app itself had opened it once."""
    st.session_state[_popover(me)] = False


def _popover(me: Visit) -> str:
    """Its key: another one for another label, or Streamlit would not take over whether it is open."""
    return f"rooms{me.moves}"


def whose_name(me: Visit) -> str:
    """Whose model the visitor reads with and teaches, in words."""
    return plain(me.ours.name) if me.whose == "ours" and me.ours else t(f"room.{me.whose}")


def _invite(me: Visit, room: Room) -> None:
    """The ways for others to come into the room, and the key for who has just opened it."""
    picture, ways = st.columns([2, 3], vertical_alignment="center")
    picture.image(qr_picture(link(room.code)), width=150, alt=t("room.qr", name=room.name))
    with ways, st.container(key="invitation"):
        st.markdown(t("room.code", code=spaced(room.code)))
        st.code(link(room.code), language=None, wrap_lines=True)
        st.link_button(t("board.open"), board_link(room.code), icon=":material/tv:")
    if me.room_key:
        st.warning(t("room.key", secret=me.room_key), icon=":material/key:")


def _others(me: Visit) -> None:
    """Rooms of this browser, a code to go into one, a name to open one."""
    try:
        owned = shared_model().directory.owned(me.browser)
    except StoreUnavailable:
        owned = []
    away = [room for room in owned if me.ours is None or room.id != me.ours.id]
    if away:
        with st.container(horizontal=True):
            for room in away:
                st.button(plain(room.name), icon=ICONS["ours"], key=f"room{room.id}", on_click=_go_to, args=(room,))
    line = partial(st.container, horizontal=True, vertical_alignment="bottom")
    with st.form("join", border=False, clear_on_submit=True), line():
        st.text_input(t("room.join.code"), key="room_code", max_chars=40, placeholder="ACEF3-479TX", autocomplete="off")
        st.form_submit_button(t("room.join"), icon=":material/login:", on_click=_join)
    if shared_model().directory.may_open(proofs(me)):
        with st.form("open_room", border=False, clear_on_submit=True), line():
            st.text_input(t("room.open.name"), key="room_name", max_chars=NAME_LENGTH, autocomplete="off")
            st.form_submit_button(t("room.open"), icon=":material/add:", on_click=_open)


def _choose() -> None:
    me = visit()
    me.go_to(st.session_state[f"whose{me.moves}"], me.ours)
    _show_everything_anew(me)


def _go_to(room: Room) -> None:
    me = visit()
    try:
        room = shared_model().directory.enter(room)
    except RoomClosed:
        me.room_notice = Notice("room.closed")
        return
    except StoreUnavailable:  # the room may be in memory
        pass
    me.go_to("ours", room)
    _show_everything_anew(me)


def _join() -> None:
    me = visit()
    if join(me, st.session_state.room_code):
        _show_everything_anew(me)


def _open() -> None:
    me = visit()
    try:
        room, key = shared_model().directory.open_ours(st.session_state.room_name, me.browser, proofs(me))
    except ValueError:
        me.room_notice = Notice("room.unnamed")
    except NotOwner:
        me.room_notice = Notice("owner.only")
    except (LimitReached, StoreUnavailable) as error:
        me.room_notice = Notice.why_not(error)
    else:
        me.go_to("ours", room)
        me.room_key = key
        _show_everything_anew(me, still_open=True)  # there the code and the key are shown


def _show_everything_anew(me: Visit, *, still_open: bool = False) -> None:
    """What is shown is by another model. Of the drawing page its parts, lest a run of the whole cross a stroke."""
    st.session_state[_popover(me)] = still_open
    if me.page:
        st.rerun()
    rerun_parts("whose_model")
