"""Learned: how well the model reads, what it was taught, and the ways back."""

import streamlit as st

from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.records import NO_HISTORY
from ui.language import number, percent, t
from ui.learned.downloads import lesson_files, model_files
from ui.learned.ownership import ownership_section
from ui.learned.report import show_report
from ui.learned.timeline import PAGE, empty_store, page_shown, timeline
from ui.learned.uploads import import_section
from ui.model import classifier, current_room
from ui.notices import page_stops_without_model, show_notice
from ui.rights import owner
from ui.session import visit
from ui.texts import TEXTS
from ui.widgets.charts import accuracy_over_versions

me = visit()
st.markdown(t("learned.lead"))
with page_stops_without_model():
    model, room = classifier(me), current_room(me)
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

parts = {part: t(f"learned.tab.{part}") for part in ("reading", "taught", "files")}
if (open_part := st.session_state.get("part")) not in parts.values():  # it was opened in the other language
    other = (part for part in parts if open_part in TEXTS[f"learned.tab.{part}"].values())
    st.session_state.part = parts[next(other, "reading")]
reading, taught, away = st.tabs(list(parts.values()), on_change="rerun", key="part")
if reading.open:
    with reading:
        show_report(model)
if taught.open:
    with taught:
        try:
            history = room.history(page_shown(), PAGE) if room else NO_HISTORY
        except StoreUnavailable as error:
            st.warning(t("store.notice", why=t(f"store.{error.kind}")))
        else:
            if history.accuracy:
                st.subheader(t("learned.over"), anchor=False)
                st.altair_chart(accuracy_over_versions(history.accuracy), width="stretch", alt=t("learned.over"))
            st.subheader(t("learned.timeline"), anchor=False)
            timeline(history, me)
        ownership_section(me)
if away.open:
    with away:
        st.markdown(t("files.text"))
        with st.container(horizontal=True):
            model_files(model)
            if room and model.memories:
                lesson_files(room.lessons)
        if rights := owner(me):
            import_section(rights)
            with st.popover(t("owner.empty"), icon=":material/delete_forever:"):
                st.markdown(t("owner.empty.sure"))
                st.button(t("owner.empty"), key="empty", on_click=empty_store)
        else:
            ownership_section(me)
