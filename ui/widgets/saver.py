"""A button that hands over a file: one of our own, because Streamlit forgets such a file once other visitors draw."""

import base64
from collections.abc import Callable

import streamlit as st

from mnist_core.files.lessons import BadLessonFile
from mnist_core.storage.faults import StoreUnavailable
from ui.notices import show_notice
from ui.session import Notice
from ui.widgets.component import component

_saver = component("saver", "button")


def offer_file(label: str, name: str, *, key: str, make: Callable[[], bytes]) -> None:
    """Show the button; once pressed, `make()` is saved by the browser as `name`, or the visitor is told why not."""
    asked = (st.session_state.get(key) or {}).get("asked")
    file = None
    if asked:
        try:
            file = base64.b64encode(make()).decode()
        except StoreUnavailable as error:
            show_notice(Notice("store.notice", {"why": f"store.{error.kind}"}))
        except BadLessonFile as error:
            show_notice(Notice(f"lessons.{error.kind}"))
    _saver(
        key=key,
        width="content",
        data={"label": label, "name": name, "asked": asked, "file": file},
        on_asked_change=lambda: None,  # else the browser's question would not reach this run
    )
