"""A button that asks the browser for a file: one of our own, because Streamlit's speaks English only."""

from collections.abc import Callable

import streamlit as st

from ui.widgets.canvas import read_data_url
from ui.widgets.component import component

_chooser = component("chooser", "button")


def choose_file(
    label: str, *, key: str, accept: str, largest: int, on_given: Callable[[], None], camera: bool = False
) -> None:
    """Show the button; `given_file(key, largest)` is what the visitor chose, when `on_given` is called.

    accept: as HTML's `accept`. largest: bytes; a larger file is not sent. camera: only where there is a finger to
    touch with, and asks for a photograph.
    """
    _chooser(
        key=key,
        width="content",
        data={"label": label, "accept": accept, "largest": largest, "camera": camera},
        on_given_change=on_given,
    )


def given_file(key: str, largest: int) -> bytes | None:
    """The bytes of the file just given; None when it is larger than `largest` bytes."""
    return read_data_url(st.session_state[key].get("given"), largest)
