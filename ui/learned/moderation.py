"""What the owner of a room may do with a version, its lesson, and all lessons of the visitor who taught that."""

from __future__ import annotations

from functools import partial
from typing import Literal

import streamlit as st

from mnist_core.serving.room_owner import OWNER
from mnist_core.storage.records import NOBODY, LessonRecord, Version
from ui.language import t
from ui.learned.lesson import name_of
from ui.rights import change_as_host, change_as_owner, is_host
from ui.session import Doomed, Visit, visit


def ways(me: Visit, version: Version, lesson: LessonRecord | None, *, active: bool, taught: bool) -> None:
    """A small menu for a version. active: whether it answers now; lesson: what it taught, `taught` where that is in
    the model now."""
    if lesson and lesson.state == "deleted":
        lesson = None
    if active and not lesson:
        return
    with st.popover(t("moderate.ways"), icon=":material/more_horiz:", key=f"ways{version.id}"):
        if lesson and me.to_delete and me.to_delete.lesson_id == lesson.id:
            ask_if_sure(me.to_delete)
            return
        if not active:
            _way("learned.back", ":material/history:", f"back{version.id}", partial(_go_back, version.number))
        if lesson and taught:
            withdraw = partial(_withdraw, lesson.id)
            _way("learned.withdraw", ":material/remove_circle:", f"withdraw{lesson.id}", withdraw)
        if lesson:
            _ways_of_lesson(me, lesson)


def _ways_of_lesson(me: Visit, lesson: LessonRecord) -> None:
    number, hidden, teacher = lesson.id, lesson.hidden, lesson.teacher
    hide, icon = ("show", ":material/visibility:") if hidden else ("hide", ":material/visibility_off:")
    others_see = me.whose != "mine"
    if others_see and len(lesson.images):
        _way(f"moderate.{hide}", icon, f"hide{number}", partial(_hide, number, not hidden))
    _way("moderate.delete", ":material/delete_forever:", f"delete{number}", partial(_ask, Doomed(number)))
    if others_see and teacher not in (NOBODY, OWNER):
        name = name_of(teacher, me)
        _way(f"moderate.{hide}_all", icon, f"hide_all{number}", partial(_hide_all, teacher, not hidden), name=name)
        if is_host(me):
            everywhere = partial(_hide_everywhere, teacher, not hidden)
            _way(f"moderate.{hide}_everywhere", icon, f"hide_everywhere{number}", everywhere, name=name)
        ways_to_delete_all(me, lesson)


def ways_to_delete_all(me: Visit, lesson: LessonRecord, width: Literal["stretch", "content"] = "stretch") -> None:
    """Buttons that delete everything by who taught this lesson: here, and for the host everywhere. Others', and not
    of who has been forgotten."""
    number, teacher = lesson.id, lesson.teacher
    if teacher in (NOBODY, OWNER):
        return
    name = name_of(teacher, me)
    ask = partial(_ask, Doomed(number, teacher))
    _way("moderate.delete_all", ":material/person_remove:", f"delete_all{number}", ask, width, name=name)
    if is_host(me):
        ask = partial(_ask, Doomed(number, teacher, everywhere=True))
        _way("moderate.delete_everywhere", ":material/public_off:", f"delete_everywhere{number}", ask, width, name=name)


def _way(
    text: str,
    icon: str,
    key: str,
    act: partial[None],
    width: Literal["stretch", "content"] = "stretch",
    **values: object,
) -> None:
    st.button(t(text, **values), icon=icon, key=key, on_click=act, width=width)


def ask_if_sure(doomed: Doomed) -> None:
    """Ask before something is gone for good."""
    st.markdown(t("moderate.sure"))
    if doomed.teacher is None:
        what = t("moderate.delete")
    else:
        which = "everywhere" if doomed.everywhere else "all"
        what = t(f"moderate.delete_{which}", name=name_of(doomed.teacher, visit()))
    with st.container(horizontal=True):
        st.button(what, key="delete_for_good", on_click=_delete, args=(doomed,))
        st.button(t("moderate.keep"), key="keep", on_click=_ask, args=(None,))


def _go_back(number: int) -> None:
    change_as_owner(visit(), lambda rights: rights.activate(number), gone="learned.back.gone")


def _withdraw(lesson_id: int) -> None:
    change_as_owner(visit(), lambda rights: rights.withdraw(lesson_id))


def _hide(lesson_id: int, hidden: bool) -> None:
    change_as_owner(visit(), lambda rights: rights.hide([lesson_id], hidden))


def _hide_all(teacher: str, hidden: bool) -> None:
    change_as_owner(visit(), lambda rights: rights.hide(rights.taught_by(teacher), hidden))


def _hide_everywhere(teacher: str, hidden: bool) -> None:
    change_as_host(visit(), lambda host: host.hide_all(teacher, hidden))


def _ask(doomed: Doomed | None) -> None:
    visit().to_delete = doomed


def _delete(doomed: Doomed) -> None:
    me = visit()
    me.to_delete, teacher = None, doomed.teacher
    if teacher is not None and doomed.everywhere:
        change_as_host(me, lambda host: host.delete_all(teacher))
        return
    change_as_owner(
        me, lambda rights: rights.delete([doomed.lesson_id] if teacher is None else rights.taught_by(teacher))
    )
