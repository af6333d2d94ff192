"""The room in the page's address: a link brings people into it, and a reload does not lose it."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import SplitResult, urlsplit, urlunsplit

import streamlit as st

from mnist_core.storage.faults import RoomClosed, StoreUnavailable
from mnist_core.storage.limits import LimitReached
from ui.model import shared_model
from ui.network import address_in_network
from ui.session import Notice, Visit

PARAMETER = "room"
MINE = "mine"
_OWN_NAMES = ("localhost", "127.0.0.1")


def enter_by_address(me: Visit) -> None:
    """Go into the room that the address names, once a session; say so when there is none.

    Where that cannot be known now, the address goes on naming it and the next call tries again: `Visit.entered`.
    """
    if me.entered:
        _look_at_name(me)
        return
    named = st.query_params.get(PARAMETER, "")
    if named and named != MINE:
        join(me, named)
        return
    me.entered = True
    if named:
        me.whose = "mine"


def _look_at_name(me: Visit) -> None:
    """Take over what its owner calls the room by now."""
    if me.whose == "ours" and me.ours:
        with suppress(StoreUnavailable, RoomClosed):  # where its model is asked for, that is said
            me.ours = shared_model().directory.now(me.ours)


def note_in_address(me: Visit) -> None:
    """Have the address name the room that the visitor is in."""
    if not me.entered:
        return
    names = {"everyone": "", "mine": MINE, "ours": me.ours.code if me.ours else ""}
    named = names[me.whose]
    if st.query_params.get(PARAMETER, "") == named:
        return
    if named:
        st.query_params[PARAMETER] = named
    else:
        del st.query_params[PARAMETER]


def join(me: Visit, code: str) -> bool:
    """Go into the room that this code opens; whether there is one."""
    try:
        room = shared_model().directory.find(code, me.browser)
    except LookupError:
        me.room_notice, me.entered = Notice("room.unknown"), True
    except (LimitReached, StoreUnavailable) as error:
        me.room_notice = Notice.why_not(error)
    else:
        me.go_to("ours", room)
        return True
    return False


def link(code: str) -> str:
    """The address that brings others into the room with this code, into everyone's without one.

    They cannot use that of a laptop's own page, localhost: they get the laptop's in its network, where it serves that.
    """
    here = urlsplit(st.context.url or "")
    if here.hostname in _OWN_NAMES and not st.get_option("server.address") and (found := address_in_network()):
        here = here._replace(netloc=here.netloc.replace(here.hostname, found, 1))
    return _with_room(here, "", code)


def board_link(code: str) -> str:
    """The address of the board of the room with this code, in the visitor's own browser."""
    return _with_room(urlsplit(st.context.url or ""), "board", code)


def _with_room(here: SplitResult, page: str, code: str) -> str:
    folder = here.path.rpartition("/")[0] + "/"
    return urlunsplit((here.scheme, here.netloc, folder + page, f"{PARAMETER}={code}" if code else "", ""))
