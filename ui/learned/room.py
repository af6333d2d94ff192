"""What the owner of a room decides about it, how another browser becomes its owner, and the host's list of rooms."""

from __future__ import annotations

import streamlit as st

from mnist_core.serving.host import Host
from mnist_core.serving.room_owner import RoomOwner
from mnist_core.storage.codes import spaced
from mnist_core.storage.faults import RoomClosed, StoreUnavailable
from mnist_core.storage.limits import LimitReached
from mnist_core.storage.records import NAME_LENGTH, Room
from ui.language import number, plain, t
from ui.learned.ownership import ownership_section
from ui.model import shared_model
from ui.rights import change_as_owner, host_rights
from ui.session import Notice, Visit, visit

LISTED = 10  # rooms of the host's list shown at once


def owner_section(me: Visit, rights: RoomOwner | None) -> None:
    """What the owner of the room that the visitor is in decides; for who is not, how to become that."""
    if me.whose == "mine":
        st.markdown(t("room.mine.yours"))
        if rights:
            _close_button("room.mine.close", "room.mine.close.sure")
    elif me.whose == "ours" and rights:
        _settings(rights.owned_room)
    elif me.whose == "ours":
        _claim_form()
    else:
        ownership_section(me)
        if rights:
            _approval_toggle(rights.owned_room)
        if host := host_rights(me):
            _all_rooms(host)


def empty_button(me: Visit) -> None:
    """Remove all lessons of the room; of everyone's, all trays too."""
    label, sure = ("owner.empty", "owner.empty.sure") if me.whose == "everyone" else ("room.empty", "room.empty.sure")
    with st.popover(t(label), icon=":material/delete_forever:"):
        st.markdown(t(sure))
        st.button(t(label), key="empty", on_click=_empty)


def _settings(room: Room) -> None:
    st.caption(t("room.yours"))
    with st.form("rename", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(t("room.name"), room.name, key=f"room_name{room.id}", max_chars=NAME_LENGTH, autocomplete="off")
        st.form_submit_button(t("room.rename"), icon=":material/edit:", on_click=_rename, args=(room.id,))
    _approval_toggle(room)
    _close_button("room.close", "room.close.sure")


def _approval_toggle(room: Room) -> None:
    st.toggle(
        t("room.approval"),
        room.approval,
        key=f"approval{room.id}",
        help=t("room.approval.help"),
        on_change=_set_approval,
        args=(room.id,),
    )


def _close_button(label: str, sure: str) -> None:
    with st.popover(t(label), icon=":material/delete_forever:"):
        st.markdown(t(sure))
        st.button(t(label), key="close_room", on_click=_close)


def _claim_form() -> None:
    st.caption(t("room.claim.why"))
    with st.form("claim", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(t("room.claim.key"), type="password", key="claim_key", max_chars=100)
        st.form_submit_button(t("room.claim"), icon=":material/key:", on_click=_claim)


def _all_rooms(host: Host) -> None:
    """All rooms of ours, those used last first, each with a way into it."""
    try:
        count, rooms = host.rooms(int(st.session_state.get("rooms_page") or 1), LISTED)
    except StoreUnavailable:
        return
    st.subheader(t("rooms.title", count=number(count)), anchor=False)
    if count > LISTED:
        st.pagination(-(-count // LISTED), key="rooms_page")
    for room, lessons in rooms:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(plain(room.name), icon=":material/groups:", key=f"enter{room.id}", on_click=_enter, args=(room,))
            used = room.used.strftime("%Y-%m-%d")
            st.caption(t("rooms.row", code=spaced(room.code), lessons=number(lessons), used=used), width="content")


def _empty() -> None:
    change_as_owner(visit(), lambda rights: rights.empty())


def _rename(room_id: int) -> None:
    me, name = visit(), str(st.session_state[f"room_name{room_id}"])
    try:
        renamed = change_as_owner(me, lambda rights: rights.rename(name))
    except ValueError:
        me.lesson_notice = Notice("room.unnamed")
        return
    if renamed:
        me.go_to("ours", renamed)


def _set_approval(room_id: int) -> None:
    key = f"approval{room_id}"
    approval = bool(st.session_state[key])
    if change_as_owner(visit(), lambda rights: rights.set_approval(approval)) is None:
        st.session_state[key] = not approval


def _close() -> None:
    me = visit()
    if change_as_owner(me, _closed):
        if me.whose == "mine":
            me.mine = None
        else:
            me.go_to("everyone", None)
        me.lesson_notice = Notice("room.closed.by_you", kind="success")


def _closed(rights: RoomOwner) -> bool:
    rights.close()
    return True


def _claim() -> None:
    me = visit()
    if me.ours is None:
        return
    try:
        shared_model().directory.claim(me.ours, str(st.session_state.claim_key), me.browser)
    except LookupError:
        me.lesson_notice = Notice("room.claim.wrong")
    except (LimitReached, RoomClosed, StoreUnavailable) as error:
        me.lesson_notice = Notice.why_not(error)
    else:
        me.lesson_notice = Notice("room.claim.yours", kind="success")


def _enter(room: Room) -> None:
    visit().go_to("ours", room)
