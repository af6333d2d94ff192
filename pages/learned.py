"""Learned: how well the model reads, what it was taught, and the ways back."""

import numpy as np
import pandas as pd
import streamlit as st

from mnist_core import ModelUnavailable
from mnist_core.explanation import mnist_images
from mnist_core.records import LessonRecord
from mnist_core.service import History
from mnist_core.store import StoreUnavailable
from ui import files
from ui.charts import accuracy_by_digit, accuracy_over_versions, confusion_matrix
from ui.language import number, percent, t
from ui.model import shared_model
from ui.notices import show_notice
from ui.owner import is_owner, ownership_section
from ui.pictures import enlarged
from ui.session import visit
from ui.timeline import timeline

WORST = 50
BEHIND = 24  # images shown behind a cell

me, shared = visit(), shared_model()
st.markdown(t("learned.lead"))
try:
    with st.spinner(t("model.loading")):
        model = shared.classifier
except ModelUnavailable:
    st.error(t("model.missing"))
    st.stop()
labels, read = model.arrays["test_labels"], model.split_logits("test")[:, :10].argmax(1)
history: History | None = None
records: list[LessonRecord] = []
try:
    history, records = shared.history(), shared.lessons()
except StoreUnavailable as error:
    st.warning(t("store.notice", why=t(f"store.{error.kind}")))
show_notice(me.lesson_notice)

with st.grid(3, min_column_width=180):
    gained = (model.test_accuracy - model.base.test_accuracy) * 100
    st.metric(
        t("proof.test"),
        percent(model.test_accuracy, 2),
        t("learned.points", points=number(gained, 2)),
        border=True,
        height="stretch",
    )
    st.metric(t("learned.lessons"), number(len(records)), border=True, height="stretch")
    st.metric(t("learned.drawn"), number(sum(len(record.labels) for record in records)), border=True, height="stretch")

reading, taught, away = st.tabs(
    [t("learned.tab.reading"), t("learned.tab.taught"), t("learned.tab.files")], on_change="rerun", key="part"
)
if reading.open:
    with reading:
        left, right = st.columns(2, gap="large")
        with left:
            st.subheader(t("learned.by_digit"), anchor=False)
            st.altair_chart(accuracy_by_digit(model.test_per_digit), width="stretch", alt=t("learned.by_digit"))
        with right:
            st.subheader(t("learned.confusion"), anchor=False)
            event = st.altair_chart(
                confusion_matrix(model.confusion),
                width="stretch",
                key="confusion",
                on_select="rerun",
                selection_mode="cell",
                alt=t("learned.confusion.alt"),
            )
        wrong = model.confusion - np.diag(model.confusion.diagonal())
        tapped = event["selection"]["cell"] or [{}]
        start = np.unravel_index(int(wrong.argmax()), wrong.shape)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            truth = st.selectbox(t("learned.truth"), range(10), int(tapped[0].get("truth", start[0])), width=140)
            as_read = st.selectbox(t("learned.read_as"), range(10), int(tapped[0].get("read", start[1])), width=140)
        cell = np.flatnonzero((labels == truth) & (read == as_read))[:BEHIND]
        st.caption(t("learned.behind", truth=truth, read=as_read, count=number(model.confusion[truth, as_read])))
        if len(cell):
            st.image([enlarged(image, 56) for image in mnist_images(model, cell.tolist())], width=56)

        st.subheader(t("learned.worst"), anchor=False)
        st.markdown(t("learned.worst.text"))
        logits = model.split_logits("test")[:, :10]
        regret = logits.max(1) - logits[np.arange(len(labels)), labels]
        worst = regret.argsort()[::-1][: min(WORST, int((read != labels).sum()))]
        captions = [f"{labels[n]} → {read[n]}" for n in worst]
        st.image([enlarged(image, 56) for image in mnist_images(model, worst.tolist())], captions, width=56)
if taught.open:
    with taught:
        if history and records:
            lessons = {record.id: record for record in records}
            points = [
                {"version": version.id, "accuracy": lessons[version.subject].after["test_accuracy"] * 100}
                for version in reversed(history.versions)
                if version.subject in lessons and version.kind in ("teach", "import")
            ]
            st.subheader(t("learned.over"), anchor=False)
            st.altair_chart(accuracy_over_versions(pd.DataFrame(points)), width="stretch", alt=t("learned.over"))
        st.subheader(t("learned.timeline"), anchor=False)
        if history and history.versions:
            timeline(history, me)
        else:
            st.caption(t("learned.nothing"))
        ownership_section(me)
if away.open:
    with away:
        st.markdown(t("files.text"))
        with st.container(horizontal=True):
            files.model_file(model)
            if records:
                files.lesson_files(records)
        if is_owner(me):
            st.file_uploader(
                t("files.import"), type=["npz", "zip"], key=f"import{me.uploads}", on_change=files.import_lessons
            )
        else:
            ownership_section(me)
