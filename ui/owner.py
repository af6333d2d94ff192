"""Who may do what only the owner of this app may: whoever knows the password, signs in, or sits at the machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address

import streamlit as st

from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.limits import LimitReached
from ui.language import t
from ui.model import shared_model
from ui.session import Notice, Visit

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via")


def is_owner(me: Visit) -> bool:
    """Whether this visitor may roll back, withdraw, import and empty. Ask again at each such action."""
    if me.owner or _signed_in():
        return True
    settings = shared_model().settings
    alone = not settings.owner_password and not settings.database_url
    return alone and at_this_machine(st.context.headers, st.context.ip_address)


def can_sign_in() -> bool:
    """Whether the host configured OpenID Connect and named the owners in OWNER_EMAILS."""
    return bool(_owner_emails()) and st.secrets.load_if_toml_exists() and "auth" in st.secrets


def ownership_section(me: Visit) -> None:
    """Sign in or out, or how the host turns ownership on."""
    if me.owner:
        st.caption(t("owner.you"))
        st.button(t("owner.leave"), icon=":material/logout:", on_click=_leave, args=(me,))
    elif can_sign_in():
        if _signed_in():
            st.caption(t("owner.you"))
            st.button(t("owner.leave"), icon=":material/logout:", on_click=st.logout)
        else:
            st.button(t("owner.login"), icon=":material/login:", on_click=st.login)
    elif shared_model().settings.owner_password:
        with st.form("owner", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(t("owner.password"), type="password", key="password", max_chars=200)
            st.form_submit_button(t("owner.enter"), icon=":material/key:", on_click=_enter, args=(me,))
    elif is_owner(me):
        st.caption(t("owner.local"))
    else:
        st.caption(t("owner.off"))


def _enter(me: Visit) -> None:
    try:
        me.owner = shared_model().is_owner(str(st.session_state.password), me.browser)
    except LimitReached as error:
        me.lesson_notice = Notice(f"limit.{error.kind}", {"seconds": round(error.retry_after_s)})
        return
    except StoreUnavailable as error:
        me.lesson_notice = Notice("store.notice", {"why": f"store.{error.kind}"}, "error")
        return
    me.lesson_notice = None if me.owner else Notice("owner.wrong")


def _leave(me: Visit) -> None:
    me.owner = False


def _owner_emails() -> set[str]:
    return {email.strip().lower() for email in os.environ.get("OWNER_EMAILS", "").split(",") if email.strip()}


def _signed_in() -> bool:
    return (
        can_sign_in()
        and bool(st.user.get("is_logged_in"))
        and bool(st.user.get("email_verified", True))
        and str(st.user.get("email", "")).lower() in _owner_emails()
    )


def at_this_machine(headers: Mapping[str, str], address: str | None) -> bool:
    """Whether a browser on the machine that serves reached it without any proxy.

    address: of the connection, None for this machine itself, as `st.context.ip_address` has it.
    """
    host, origin = headers.get("Host", ""), headers.get("Origin", "").partition("//")[2]
    local = all(name in LOOPBACK or name.rpartition(":")[0] in LOOPBACK for name in (host, origin))
    source = ip_address((address or "127.0.0.1").removeprefix("::ffff:"))
    return source.is_loopback and local and not any(name in headers for name in FORWARDED)
