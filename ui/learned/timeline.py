"""The versions of a room's model, newest first, with the ways back."""

from __future__ import annotations

import streamlit as st

from mnist_core.storage.records import History, LessonRecord, Version
from ui.language import t
from ui.learned.lesson import show_drawings, show_effect, what_it_taught, when_and_who
from ui.learned.moderation import ways
from ui.session import Visit

PAGE = 8  # versions shown at once
ICONS = {
    "start": ":material/restart_alt:",
    "teach": ":material/school:",
    "import": ":material/upload:",
    "withdraw": ":material/remove_circle:",
    "activate": ":material/history:",
    "rebase": ":material/autorenew:",
    "delete": ":material/delete_forever:",
}


def timeline(history: History, me: Visit, *, owns: bool) -> None:
    """Show the versions of one page, and the ways to the other pages. owns: whether it is the owner who looks."""
    if not history.count:
        st.caption(t("learned.nothing.mine" if me.whose == "mine" else "learned.nothing"))
    if history.count > PAGE:
        st.pagination(-(-history.count // PAGE), key="versions")
    for version in history.versions:
        with st.container(border=True):
            _version(version, history, me, owns=owns)


def page_shown() -> int:
    """Which page of the timeline is open, from 1."""
    return int(st.session_state.get("versions") or 1)


def _version(version: Version, history: History, me: Visit, *, owns: bool) -> None:
    lesson = history.lessons.get(version.subject or 0) if version.kind in ("teach", "import") else None
    active = version.id == history.active.id
    taught = lesson is not None and lesson.id in history.active.lesson_ids
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{ICONS[version.kind]} **{version.number}. {_title(version, lesson, history)}**", width="content")
        if active:
            st.badge(t("learned.active"), icon=":material/check:", color="green")
        elif lesson and not taught:
            st.badge(t("learned.not_active"), color="gray")
        if lesson and lesson.hidden and lesson.state == "kept":
            st.badge(t("learned.hidden"), icon=":material/visibility_off:", color="orange")
        if owns:
            ways(me, version, lesson, active=active, taught=taught)
    st.caption(when_and_who(version.created, version.by, me))
    if lesson:
        show_drawings(lesson, key=f"v{version.id}", owns=owns)
        show_effect(lesson)


def _title(version: Version, lesson: LessonRecord | None, history: History) -> str:
    if lesson:
        return t("learned.taught", what=what_it_taught(lesson)) if len(lesson.labels) else t("learned.deleted")
    if version.kind in ("withdraw", "delete"):
        number = history.taught_in.get(version.subject or 0)
        of_version = "learned.lessons_of" if number is None else "learned.lesson_of"
        return t(f"learned.{version.kind}.done", what=t(of_version, number=number))
    if version.kind == "activate" and version.subject:
        return t("learned.activate", number=version.subject)
    return t("learned.rebase" if version.kind == "rebase" else "learned.start")
