"""Who may do what only the owner of this app may: who gave the password or the key, or signed in as one of them."""

from __future__ import annotations

import streamlit as st

from mnist_core.serving.ownership import NotOwner, Secret
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.limits import LimitReached
from ui.language import t
from ui.model import shared_model
from ui.rights import can_sign_in, is_host
from ui.session import Notice, Visit

ADDRESS_KEY = "owner"  # names the key in the link that the server prints


def take_owner_link(me: Visit) -> None:
    """Take the key out of the address once it was looked at, and its visitor for the owner if it is the right one."""
    if ADDRESS_KEY in st.query_params and (is_host(me) or _give(me, st.query_params[ADDRESS_KEY])):
        del st.query_params[ADDRESS_KEY]


def ownership_section(me: Visit) -> None:
    """Sign in or out, or how the host turns ownership on."""
    ownership = shared_model().ownership
    if is_host(me):
        st.caption(t("owner.you"))
        st.button(t("owner.leave"), icon=":material/logout:", on_click=_leave, args=(me,))
    elif can_sign_in():
        st.button(t("owner.login"), icon=":material/login:", on_click=st.login)
    elif ownership.takes_secrets:
        if not shared_model().settings.owner_password:
            st.caption(t("owner.key.where"))
        label = t("owner.password" if shared_model().settings.owner_password else "owner.key")
        with st.form("owner", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(label, type="password", key="password", max_chars=200)
            st.form_submit_button(t("owner.enter"), icon=":material/key:", on_click=_enter, args=(me,))
    else:
        st.caption(t("owner.off"))


def _enter(me: Visit) -> None:
    _give(me, str(st.session_state.password))


def _give(me: Visit, secret: str) -> bool:
    """Say what became of a password or key: whether it was looked at."""
    try:
        shared_model().everyone.owner(Secret(secret, me.browser))
    except NotOwner:
        me.lesson_notice = Notice("owner.wrong")
    except LimitReached as error:
        me.lesson_notice = Notice.why_not(error)
    except StoreUnavailable as error:
        me.lesson_notice = Notice.why_not(error)
        return False
    else:
        me.lesson_notice = Notice("owner.you", kind="success")
    return True


def _leave(me: Visit) -> None:
    shared_model().ownership.sign_out(me.browser)
    if can_sign_in() and st.user.get("is_logged_in"):
        st.logout()
