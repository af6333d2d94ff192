"""Messages to the visitor, where something happened, and those that concern everybody."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from mnist_core import ModelUnavailable
from mnist_core.storage.faults import RoomClosed, StoreUnavailable
from ui.language import t
from ui.model import shared_model
from ui.session import Notice

KINDS = {
    "warning": (st.warning, ":material/info:"),
    "error": (st.error, ":material/error:"),
    "success": (st.success, ":material/check_circle:"),
}


def show_notice(notice: Notice | None) -> None:
    """Show a message, if there is one."""
    if notice:
        show, icon = KINDS[notice.kind]
        values = {name: t(str(value)) if name == "why" else value for name, value in notice.values.items()}
        show(t(notice.text, **values), icon=icon)


def show_store_notice() -> None:
    """Say what everybody should know about the store now."""
    notice = shared_model().notice
    if notice and notice.kind == "put_aside":
        st.info(t("store.put_aside"), icon=":material/info:")
    elif notice:
        st.warning(t("store.notice", why=t(f"store.{notice.kind}")), icon=":material/cloud_off:")


@contextmanager
def page_stops_without_model() -> Iterator[None]:
    """End the page with a message when what is inside finds no model."""
    try:
        yield
    except ModelUnavailable:
        show_notice(Notice("model.missing", kind="error"))
        st.stop()
    except TimeoutError:
        show_notice(Notice("model.slow"))
        st.stop()
    except StoreUnavailable as error:
        show_notice(Notice("room.away", {"why": f"store.{error.kind}"}, "error"))
        st.stop()
    except RoomClosed:
        show_notice(Notice("room.closed"))
        st.stop()
