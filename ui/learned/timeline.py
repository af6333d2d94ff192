"""The versions of everyone's model, newest first, with the ways back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

from mnist_core.serving.room_owner import OWNER, RoomOwner
from mnist_core.storage.browsers import teacher_number
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.records import History, LessonRecord, Version
from ui.language import percent, t
from ui.rights import owner
from ui.session import Notice, Visit, visit
from ui.widgets.gallery import gallery

PAGE = 8  # versions shown at once
SHOWN = 12  # thumbnails of a lesson
ICONS = {
    "start": ":material/restart_alt:",
    "teach": ":material/school:",
    "import": ":material/upload:",
    "withdraw": ":material/remove_circle:",
    "activate": ":material/history:",
    "rebase": ":material/autorenew:",
}
TITLES = {
    "start": "learned.start",
    "teach": "learned.start",  # a lesson that is no longer kept
    "import": "learned.start",
    "withdraw": "learned.withdrawn",
    "activate": "learned.activate",
    "rebase": "learned.rebase",
}


def timeline(history: History, me: Visit) -> None:
    """Show the versions of one page, and the ways to the other pages."""
    if not history.count:
        st.caption(t("learned.nothing"))
    if history.count > PAGE:
        st.pagination(-(-history.count // PAGE), key="versions")
    for version in history.versions:
        with st.container(border=True):
            _version(version, history, me)


def page_shown() -> int:
    """Which page of the timeline is open, from 1."""
    return int(st.session_state.get("versions") or 1)


def _version(version: Version, history: History, me: Visit) -> None:
    lesson = history.lessons.get(version.subject or 0)
    active = version.id == history.active.id
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{ICONS[version.kind]} **{version.number}. {_title(version, lesson)}**")
        if active:
            st.badge(t("learned.active"), icon=":material/check:", color="green")
        elif lesson and version.kind in ("teach", "import") and lesson.id not in history.active.lesson_ids:
            st.badge(t("learned.not_active"), color="gray")
    when = version.created.astimezone(_time_zone()).strftime("%Y-%m-%d %H:%M")
    st.caption(f"{when} · {_who(version.by, me)}")
    if lesson and version.kind in ("teach", "import"):
        name = t("learned.drawings", count=len(lesson.images))
        gallery(
            lesson.images[:SHOWN], [str(label) for label in lesson.labels[:SHOWN]], label=name, key=f"v{version.id}"
        )
        before, after = (percent(figures["taught"]) for figures in (lesson.before, lesson.after))
        st.caption(
            t("learned.effect", before=before, after=after, test=percent(float(lesson.after["test_accuracy"]), 2))
        )
    if owner(me):
        with st.container(horizontal=True):
            if not active:
                st.button(t("learned.back"), key=f"back{version.id}", on_click=_go_back, args=(version.number,))
            if lesson and version.kind in ("teach", "import") and lesson.id in history.active.lesson_ids:
                st.button(t("learned.withdraw"), key=f"withdraw{lesson.id}", on_click=_withdraw, args=(lesson.id,))


def _time_zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (LookupError, ValueError):  # a browser may send a name that no table has
        return UTC


def _title(version: Version, lesson: LessonRecord | None) -> str:
    if version.kind in ("teach", "import") and lesson:
        counts = Counter(int(label) for label in lesson.labels)
        return t("learned.taught", what=", ".join(f"{count} × “{digit}”" for digit, count in sorted(counts.items())))
    return t(TITLES[version.kind], subject=version.subject)


def _who(by: str, me: Visit) -> str:
    if by == teacher_number(me.browser):
        return t("learned.by_you")
    return t("learned.by_owner") if by == OWNER else t("learned.by_visitor", number=by or "–")


def _go_back(number: int) -> None:
    _owner_change(lambda rights: rights.activate(number))


def _withdraw(number: int) -> None:
    _owner_change(lambda rights: rights.withdraw(number))


def empty_store() -> None:
    """Remove everything; only the owner may."""
    _owner_change(RoomOwner.empty)


def _owner_change(change: Callable[[RoomOwner], Version]) -> None:
    me = visit()
    rights = owner(me)
    if rights is None:
        me.lesson_notice = Notice("owner.only")
        return
    try:
        change(rights)
    except StoreUnavailable as error:
        me.lesson_notice = Notice("store.notice", {"why": f"store.{error.kind}"}, "error")
    except LookupError:
        me.lesson_notice = Notice("train.nothing_to_undo")
    else:
        me.answer, me.outcome, me.lesson_notice = (), None, None
