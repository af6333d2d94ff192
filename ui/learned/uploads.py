"""The lessons of a file, taught to everyone's model by the owner: chosen, followed to the end, and what came of it."""

from __future__ import annotations

import itertools

import streamlit as st

from mnist_core.files.lessons import MAX_BYTES, UNLABELLED
from mnist_core.serving.importing import Import
from mnist_core.serving.owner import Owner
from ui.language import number, t
from ui.learned.ownership import owner
from ui.session import Notice, Visit, visit
from ui.tray.transfer import given_drawings
from ui.widgets.chooser import choose_file

TICK = 0.3  # seconds between two looks at an import under way
FOLLOWED = "import_followed"  # the import whose end this session is to hear of


def import_section(rights: Owner) -> None:
    """Ask for a file, or show how far the one under way is."""
    if running := rights.importing:
        st.session_state[FOLLOWED] = running
        _follow(running)
    else:
        choose_file(t("files.import"), key="import", accept=".npz,.zip", largest=MAX_BYTES, on_given=import_lessons)


def import_lessons() -> None:
    """Begin to teach everyone's model the lessons of the file just given; only the owner may."""
    me = visit()
    rights = owner(me)
    if rights is None:
        me.lesson_notice = Notice("owner.only")
        return
    drawings = given_drawings(me, "import")
    if drawings is None:
        me.lesson_notice = me.notice
    elif (drawings.labels == UNLABELLED).any():
        me.lesson_notice = Notice("files.unlabelled")
    else:
        me.lesson_notice = None
        st.session_state[FOLLOWED] = rights.start_import(drawings.by_lesson())


def note_end_of_import(me: Visit) -> None:
    """Say what came of the import that this session follows, if it has ended. Before the page is drawn."""
    job: Import | None = st.session_state.get(FOLLOWED)
    if job is None or not job.done:
        return
    del st.session_state[FOLLOWED]
    counts: dict[str, object] = {"accepted": job.accepted, "sent": job.sent, "count": job.count}
    if job.error:
        me.lesson_notice = Notice("files.broken_off", counts, "error")
    else:
        me.lesson_notice = Notice("files.imported", counts, "success")


def _follow(job: Import) -> None:
    looks = itertools.count()

    @st.fragment(run_every=TICK)
    def bar() -> None:
        if next(looks) and job.done:  # not in the run of the whole page, which must come to its end
            st.rerun()
        place = number(min(job.sent + 1, job.count))
        st.progress(job.share, text=t("files.importing", place=place, count=number(job.count)))

    bar()
