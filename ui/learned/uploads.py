"""The lessons of a file, taught to a room's model by its owner: chosen, followed to the end, and what came of it."""

from __future__ import annotations

import math
from contextlib import suppress
from functools import partial

import streamlit as st

from mnist_core.bitmaps import UNLABELLED
from mnist_core.files.lessons import LARGEST_LESSON_FILE
from mnist_core.serving.importing import Import
from mnist_core.serving.room_owner import RoomOwner
from mnist_core.serving.shared_model import SharedModel
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.limits import LimitReached
from ui.language import number, t
from ui.model import shared_model
from ui.notices import show_notice
from ui.rights import is_host, owner
from ui.session import Notice, Visit, Whose, visit
from ui.tray.transfer import given_drawings
from ui.widgets.chooser import choose_file
from ui.widgets.timer import call_after

TICK = 0.3  # seconds between two looks at an import under way


def may_import(me: Visit, rights: RoomOwner | None) -> bool:
    """Whether this visitor may teach the room the lessons of a file: its owner, where the host lets visitors teach."""
    allowed = {"shared": True, "personal": me.whose == "mine", "off": False}
    return (rights is not None or me.whose == "mine") and (allowed[shared_model().settings.teaching] or is_host(me))


@st.fragment
def import_section(rights: RoomOwner | None) -> None:
    """Ask for a file, or show how far the one under way is; then what came of it."""
    me = visit()
    running = rights.importing if rights else None
    if running:
        me.followed_import = running
        place, count = number(min(running.sent + 1, running.count)), number(running.count)
        st.progress(running.share, text=t("files.importing", place=place, count=count))
        call_after(TICK, partial(_look, running), key="import_timer")
    else:
        choose_file(
            t("files.import"), key="import", accept=".npz,.zip", largest=LARGEST_LESSON_FILE, on_given=import_lessons
        )
    _note_end(me)
    show_notice(me.import_notice)


def import_lessons() -> None:
    """Begin to teach the room's model the lessons of the file just given; only the owner may."""
    me = visit()
    rights = owner(me)
    if not may_import(me, rights):
        me.lesson_notice = Notice("owner.only")
        st.rerun()  # the whole page: the section is not for this visitor any more
    drawings = given_drawings("import")
    if isinstance(drawings, Notice):
        me.import_notice = drawings
    elif (drawings.labels == UNLABELLED).any():
        me.import_notice = Notice("files.unlabelled")
    elif rights := rights or _own_room(me):
        at_end = partial(_leave_untaught, shared_model(), me.browser, me.whose)
        try:
            me.followed_import, me.import_notice = rights.start_import(drawings.by_lesson(), at_end), None
        except LimitReached as error:
            me.import_notice = Notice.why_not(error)
            at_end()


def _own_room(me: Visit) -> RoomOwner | None:
    """The visitor's own room, made for the first lesson in it."""
    try:
        me.mine = shared_model().directory.open_mine(me.browser)
    except (LimitReached, StoreUnavailable) as error:
        me.import_notice = Notice.why_not(error)
    return owner(me)


def _leave_untaught(model: SharedModel, browser: str, whose: Whose) -> None:
    """A room of one's own that was made for lessons of which none was kept is not left behind."""
    if whose != "mine":
        return
    with suppress(StoreUnavailable):  # it goes after a day by itself
        model.directory.leave_mine(browser)


def _look(running: Import) -> None:
    if running.done:
        st.rerun()  # the whole page shows what was learned


def _note_end(me: Visit) -> None:
    """Say what came of the import that this session follows, if it has ended."""
    ended = me.followed_import
    if ended is None or not ended.done:
        return
    me.followed_import = None
    if me.whose == "mine" and not ended.accepted:  # it may have been left
        me.mine, me.mine_asked = None, -math.inf
    counts: dict[str, object] = {"accepted": ended.accepted, "sent": ended.sent, "count": ended.count}
    if ended.error:
        me.import_notice = Notice("files.broken_off", counts, "error")
    else:
        me.import_notice = Notice("files.imported", counts, "success")
