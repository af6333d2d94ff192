"""The parts of the drawing page that run without each other, and how a callback has run what it changes.

A tap and a stroke may come in one message, or wait behind one run. Streamlit then runs the part of the first, or where
callbacks have named parts, those alone. So a callback that may come with a stroke names what it changes.
"""

from typing import NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

PARTS = ("whose_model", "desk", "teaching")  # keys of the fragments, but those inside them


def rerun_parts(*more: str) -> NoReturn:
    """End a callback that changes what both parts of the drawing page show, each of which reruns without the other.

    more: keys of further fragments that show something else now.

    A run of the whole page would do as well if a visitor stopped drawing meanwhile. But when a stroke arrives during
    such a run, Streamlit drops what it has not yet sent of the desk, and the browser removes the sheet in use.
    """
    st.rerun([*more, "desk", "teaching"])


def rerun(*parts: str) -> None:
    """End a callback that changes what these parts show; several parts waiting at once are all of them.

    Where the whole page is to be run anyway, it is left at that.
    """
    waiting = waiting_parts()
    if len(waiting) > 1:
        parts = PARTS
    elif stroke_came_along() and "desk" not in parts:
        parts = (*parts, "desk")
    if waiting:
        st.rerun(parts)


def rerun_page() -> None:
    """End a callback after which the whole page is another."""
    if waiting_parts():
        st.rerun()


def stroke_came_along() -> bool:
    """Whether the message that this callback is called for brought a stroke, too."""
    return isinstance((st.session_state.get("canvas") or {}).get("drawn"), dict)


def waiting_parts() -> list[str]:
    """Ids of the fragments that are to be run; empty where that is the whole page."""
    context = get_script_run_ctx()
    return (context.fragment_ids_this_run or []) if context else []
