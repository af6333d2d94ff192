"""Who may do what only the owner of a room may: the browser that owns it, and the host of the app everywhere."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import streamlit as st

from mnist_core.serving.host import Host
from mnist_core.serving.ownership import KnownBrowser, NotOwner, SignedIn
from mnist_core.serving.room_owner import RoomOwner
from mnist_core.storage.faults import RoomClosed, StoreUnavailable
from mnist_core.storage.limits import LimitReached
from ui.model import current_room, shared_model
from ui.session import Notice, Visit

Done = TypeVar("Done")


def proofs(me: Visit) -> list[KnownBrowser | SignedIn]:
    """What this visitor can show without being asked."""
    shown: list[KnownBrowser | SignedIn] = [KnownBrowser(me.browser)]
    if can_sign_in():
        shown.append(SignedIn(st.user.to_dict()))
    return shown


def can_sign_in() -> bool:
    """Whether the host configured OpenID Connect and named the owners in OWNER_EMAILS."""
    return bool(shared_model().settings.owner_emails) and st.secrets.load_if_toml_exists() and "auth" in st.secrets


def owner(me: Visit) -> RoomOwner | None:
    """The ways to change what was taught in this room, if this visitor may; None too while the store is away."""
    with suppress(StoreUnavailable):
        return _owner(me)
    return None


def change_as_owner(
    me: Visit, change: Callable[[RoomOwner], Done], *, gone: str = "train.nothing_to_undo"
) -> Done | None:
    """Do this, if it is the owner of the room who asks now; else say why not. What is shown since is read anew.

    gone: what is said where `change` raises LookupError, as another page has done with that lesson or version.
    """
    try:
        rights = _owner(me)
        if rights is None:
            me.lesson_notice = Notice("owner.only")
            return None
        done = change(rights)
    except (LimitReached, RoomClosed, StoreUnavailable) as error:
        me.lesson_notice = Notice.why_not(error)
    except LookupError:
        me.lesson_notice = Notice(gone)
    else:
        me.answer, me.outcome, me.lesson_notice = (), None, None
        return done
    return None


def _owner(me: Visit) -> RoomOwner | None:
    room = current_room(me)
    if room is None:
        return None
    for proof in proofs(me):
        with suppress(NotOwner, RoomClosed):
            return room.owner(proof)
    return None


def change_as_host(me: Visit, change: Callable[[Host], None]) -> None:
    """Do this in all rooms, if it is the host who asks now; else say why not."""
    try:
        if (rights := host_rights(me)) is None:
            me.lesson_notice = Notice("owner.only")
            return
        change(rights)
        me.answer, me.outcome, me.lesson_notice = (), None, None
    except StoreUnavailable as error:
        me.lesson_notice = Notice("store.notice", {"why": f"store.{error.kind}"}, "error")


def host_rights(me: Visit) -> Host | None:
    """What only the host may do, if this visitor is known as that."""
    for proof in proofs(me):
        with suppress(NotOwner):
            return shared_model().host(proof)
    return None


def is_host(me: Visit) -> bool:
    """Whether this visitor is known as the host of the app, who owns everyone's room."""
    return host_rights(me) is not None
