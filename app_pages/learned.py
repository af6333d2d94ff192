"""Learned: how well the model of the visitor's room reads, what it was taught, and the ways back."""

import streamlit as st

from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.records import NO_HISTORY
from ui.language import number, percent, plain, t
from ui.learned.downloads import lesson_files, model_files
from ui.learned.report import show_report
from ui.learned.room import empty_button, owner_section
from ui.learned.timeline import PAGE, page_shown, timeline
from ui.learned.uploads import import_section, may_import
from ui.learned.waiting import waiting_lessons
from ui.model import classifier, current_room
from ui.notices import page_stops_without_model, show_notice
from ui.rights import owner
from ui.session import visit
from ui.texts import TEXTS
from ui.widgets.charts import accuracy_over_versions

me = visit()
with page_stops_without_model():
    model, room = classifier(me), current_room(me)
rights = owner(me)
st.markdown(t(f"learned.lead.{me.whose}", name=plain(me.ours.name) if me.ours else ""))
show_notice(me.lesson_notice)

with st.grid(3, min_column_width=180):
    gained = (model.test_accuracy - model.untaught.test_accuracy) * 100
    st.metric(
        t("proof.test"),
        percent(model.test_accuracy, 2),
        t("learned.points", points=f"{'+' if gained > 0 else ''}{number(gained, 2)}"),
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
    )
    drawn = sum(len(memory.labels) for memory in model.memories)
    st.metric(t("learned.lessons"), number(len(model.memories)), border=True, height="stretch")
    st.metric(t("learned.drawn"), number(drawn), border=True, height="stretch")

parts = {part: t(f"learned.tab.{part}") for part in ("reading", "taught", "files", "owner")}
if (open_part := st.session_state.get("part")) not in parts.values():  # it was opened in the other language
    other = (part for part in parts if open_part in TEXTS[f"learned.tab.{part}"].values())
    st.session_state.part = parts[next(other, "reading")]
reading, taught, away, owning = st.tabs(list(parts.values()), on_change="rerun", key="part")
if reading.open:
    with reading:
        show_report(model)
if taught.open:
    with taught:
        try:
            history = (rights or room).history(page_shown(), PAGE) if room else NO_HISTORY
        except StoreUnavailable as error:
            st.warning(t("store.notice", why=t(f"store.{error.kind}")))
        else:
            waiting_lessons(history.waiting, me, owns=rights is not None)
            if history.accuracy:
                st.subheader(t("learned.over"), anchor=False)
                st.altair_chart(accuracy_over_versions(history.accuracy), width="stretch", alt=t("learned.over"))
            st.subheader(t("learned.timeline"), anchor=False)
            timeline(history, me, owns=rights is not None)
if away.open:
    with away:
        st.markdown(t("files.text"))
        with st.container(horizontal=True):
            model_files(model)
            if room and model.memories:
                lesson_files((rights or room).lessons)
        if may_import(me, rights):
            import_section(rights)
        if rights:
            empty_button(me)
if owning.open:
    with owning:
        owner_section(me, rights)
