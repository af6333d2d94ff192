"""How a lesson is shown: when and by whom, what it taught, its drawings, what came of it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

from mnist_core.serving.room_owner import OWNER
from mnist_core.storage.browsers import teacher_number
from mnist_core.storage.records import NOBODY, LessonRecord
from ui.language import language, percent, t
from ui.names import friendly_name
from ui.session import Visit
from ui.widgets.gallery import gallery

SHOWN = 12  # thumbnails of a lesson


def what_it_taught(lesson: LessonRecord) -> str:
    """How many drawings of which digits."""
    counts = Counter(int(label) for label in lesson.labels)
    return ", ".join(f"{count} × “{digit}”" for digit, count in sorted(counts.items()))


def when_and_who(when: datetime, who: str, me: Visit) -> str:
    """The moment in the visitor's own time, and what who did it is called."""
    moment = when.astimezone(_time_zone()).strftime("%Y-%m-%d %H:%M")
    return f"{moment} · {t('learned.by', name=name_of(who, me))}" if who != NOBODY else moment


def name_of(who: str, me: Visit) -> str:
    """What a visitor of this anonymous number, or the owner, is called."""
    if who == teacher_number(me.browser) or (who == OWNER and me.whose == "mine"):
        return t("learned.you")
    return t("learned.owner") if who == OWNER else friendly_name(who, language())


def show_drawings(lesson: LessonRecord, *, key: str, owns: bool) -> None:
    """Its first drawings, or why there are none to be seen. owns: whether it is the owner who looks."""
    if lesson.state in ("erased", "deleted"):
        st.caption(t(f"learned.{lesson.state}.drawings"))
    elif lesson.hidden and not owns:
        st.caption(t("learned.hidden.drawings"))
    else:
        captions = [str(label) for label in lesson.labels[:SHOWN]]
        gallery(lesson.images[:SHOWN], captions, label=t("learned.drawings", count=len(lesson.images)), key=key)


def show_effect(lesson: LessonRecord) -> None:
    """How many of its drawings were read before and after it, and MNIST after it."""
    before, after = (percent(figures["taught"]) for figures in (lesson.before, lesson.after))
    test = percent(float(lesson.after["test_accuracy"]), 2)
    st.caption(t("learned.effect", before=before, after=after, test=test))


def _time_zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (LookupError, ValueError):  # a browser may send a name that no table has
        return UTC
