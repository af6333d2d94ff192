"""How well a model reads: each digit, what it confuses, and its worst mistakes."""

import numpy as np
import streamlit as st

from mnist_core import Classifier
from mnist_core.recognition.explanation import mnist_images
from ui.language import number, t
from ui.widgets.charts import accuracy_by_digit, confusion_chart
from ui.widgets.gallery import gallery

WORST = 50
BEHIND = 24  # images shown behind a cell


def show_report(model: Classifier) -> None:
    """Show the report, on MNIST's 10,000 test images."""
    logits, labels = model.split_logits("test")[:, :10], model.arrays["test_labels"]
    read = logits.argmax(1)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("learned.by_digit"), anchor=False)
        st.altair_chart(accuracy_by_digit(model.test_per_digit), width="stretch", alt=t("learned.by_digit"))
    with right:
        st.subheader(t("learned.confusion"), anchor=False)
        event = st.altair_chart(
            confusion_chart(model.confusion),
            width="stretch",
            key="confusion",
            on_select="rerun",
            selection_mode="cell",
            alt=t("learned.confusion.alt"),
        )
    _behind(model, labels, read, event["selection"]["cell"])
    _worst(model, labels, read, logits)


def _behind(model: Classifier, labels: np.ndarray, read: np.ndarray, tapped: list[dict[str, int]]) -> None:
    """The images behind the cell that was tapped, or that is chosen by keyboard; at first the commonest mistake."""
    wrong = model.confusion - np.diag(model.confusion.diagonal())
    cell_tapped = tapped[0] if tapped else {}
    start = np.unravel_index(int(wrong.argmax()), wrong.shape)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        truth = st.selectbox(t("learned.truth"), range(10), int(cell_tapped.get("truth", start[0])), width=140)
        as_read = st.selectbox(t("learned.read_as"), range(10), int(cell_tapped.get("read", start[1])), width=140)
    cell = np.flatnonzero((labels == truth) & (read == as_read))[:BEHIND]
    st.caption(t("learned.behind", truth=truth, read=as_read, count=number(model.confusion[truth, as_read])))
    if len(cell):
        gallery(mnist_images(model, cell.tolist()), [], label=t("learned.confusion"), key="behind")


def _worst(model: Classifier, labels: np.ndarray, read: np.ndarray, logits: np.ndarray) -> None:
    """The images that it is most wrong about, by the distance of the logits."""
    st.subheader(t("learned.worst"), anchor=False)
    st.markdown(t("learned.worst.text"))
    regret = logits.max(1) - logits[np.arange(len(labels)), labels]
    worst = regret.argsort()[::-1][: min(WORST, int((read != labels).sum()))]
    captions = [f"{labels[n]} → {read[n]}" for n in worst]
    gallery(mnist_images(model, worst.tolist()), captions, label=t("learned.worst"), key="worst")
