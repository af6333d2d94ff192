"""The lessons that wait until the owner of the room has approved them, each with its proof."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from mnist_core.storage.records import LessonRecord
from ui.language import number, t
from ui.learned.lesson import show_drawings, show_effect, what_it_taught, when_and_who
from ui.learned.moderation import ask_if_sure, ways_to_delete_all
from ui.notices import show_notice
from ui.rights import change_as_owner
from ui.session import Notice, Visit, visit


def waiting_lessons(lessons: Sequence[LessonRecord], me: Visit, *, owns: bool) -> None:
    """Show them to the owner, with what may be done; to others, how many there are."""
    if not lessons:
        return
    if not owns:
        st.info(t("waiting.others", count=number(len(lessons))), icon=":material/hourglass_empty:")
        return
    st.subheader(t("waiting.title", count=number(len(lessons))), anchor=False)
    for lesson in lessons:
        with st.container(border=True):
            st.markdown(f":material/hourglass_empty: **{t('learned.taught', what=what_it_taught(lesson))}**")
            st.caption(when_and_who(lesson.created, lesson.teacher, me))
            show_drawings(lesson, key=f"w{lesson.id}", owns=True)
            show_effect(lesson)
            show_notice(me.refused.get(lesson.id))
            if me.to_delete and me.to_delete.lesson_id == lesson.id:
                ask_if_sure(me.to_delete)
                continue
            with st.container(horizontal=True):
                key, approve = f"approve{lesson.id}", partial(_approve, lesson.id)
                st.button(t("waiting.approve"), icon=":material/check:", key=key, on_click=approve)
                key, decline = f"decline{lesson.id}", partial(_decline, lesson.id)
                st.button(t("waiting.decline"), icon=":material/close:", key=key, on_click=decline)
                ways_to_delete_all(me, lesson, width="content")


def _approve(lesson_id: int) -> None:
    me = visit()
    lesson = change_as_owner(me, lambda rights: rights.approve(lesson_id), gone="waiting.gone")
    if lesson and lesson.refusal:
        refusal = lesson.refusal
        figures: dict[str, object] = {
            "misread": number(refusal.misread),
            "of": number(refusal.of),
            "digit": refusal.digit,
        }
        me.refused[lesson_id] = Notice(f"refusal.{refusal.kind}", figures)


def _decline(lesson_id: int) -> None:
    change_as_owner(visit(), lambda rights: rights.decline(lesson_id), gone="waiting.gone")
