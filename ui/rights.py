"""Who may do what only the owner of a room may: the browser that owns it, and the host of the app everywhere."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from mnist_core.serving.ownership import KnownBrowser, NotOwner, Proof, SignedIn
from mnist_core.serving.room_owner import RoomOwner
from mnist_core.storage.faults import StoreUnavailable
from ui.model import current_room, shared_model
from ui.session import Visit


def proofs(me: Visit) -> list[Proof]:
    """What this visitor can show without being asked."""
    shown: list[Proof] = [KnownBrowser(me.browser)]
    if can_sign_in():
        shown.append(SignedIn(st.user.to_dict()))
    return shown


def can_sign_in() -> bool:
    """Whether the host configured OpenID Connect and named the owners in OWNER_EMAILS."""
    return bool(shared_model().settings.owner_emails) and st.secrets.load_if_toml_exists() and "auth" in st.secrets


def owner(me: Visit) -> RoomOwner | None:
    """The ways to change what was taught in this room, if this visitor may. Ask again at each such action."""
    room = current_room(me)
    if room is None:
        return None
    for proof in proofs(me):
        with suppress(NotOwner, StoreUnavailable, LookupError):  # away, or closed
            return room.owner(proof)
    return None


def is_host(me: Visit) -> bool:
    """Whether this visitor is known as the host of the app, who owns everyone's room."""
    return any(shared_model().ownership.proven(proof) for proof in proofs(me))
