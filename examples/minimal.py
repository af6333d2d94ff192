"""The whole idea on one page: draw, be read, teach. `python -m streamlit run examples/minimal.py`

Needs `pip install streamlit-drawable-canvas` as well. Each visitor has a model of their own here, while the page is
open; how one model is shared, kept, gated and undone is what the rest of this repository is about.
"""

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from mnist_core import Classifier, EmptyDrawing, prepare

load = st.cache_resource(Classifier.load)  # once a process: a classifier never changes, so all visitors share it
mine = st.session_state
if "tray" not in mine:
    mine.classifier, mine.tray, mine.sheet, mine.said = load(), [], 0, ""


def add(image: np.ndarray) -> None:
    mine.tray.append(image)
    mine.sheet += 1  # a canvas with another key is an empty one


def train(label: int) -> None:
    lesson = mine.classifier.teach(np.stack(mine.tray), [label] * len(mine.tray))
    was_news = f"Misread before: {lesson.misread}. Of these, read right now: {lesson.learned}."
    mine.said = lesson.reason or (was_news if lesson.misread else "All of these were read right before.")
    if lesson.accepted:
        mine.classifier, mine.tray = lesson.classifier, []


st.title("Draw a digit")
drawn = st_canvas(stroke_width=20, width=280, height=280, key=f"sheet{mine.sheet}", return_image_data=True)
try:
    image = prepare(drawn.image_data)  # uint8 (280, 280, 4), ink in alpha -> uint8 (28, 28)
    read = mine.classifier.predict(image)
    st.header(f"{read.digit}, {read.scores.max():.0%} sure")
    st.button("Add", on_click=add, args=(image,))
except (EmptyDrawing, ValueError):
    st.caption("Draw a digit.")
if mine.tray:
    st.image(mine.tray, width=56)
    label = st.segmented_control("These are", range(10))
    st.button("Train", on_click=train, args=(label,), disabled=label is None)
st.markdown(mine.said)
