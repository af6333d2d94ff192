"""Charts that read at a glance: each digit in its own colour and by its own name."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from mnist_core import Classifier
from mnist_core.recognition.explanation import on_map, place_features
from ui.language import number, percent, t
from ui.palette import DIGIT_COLOURS, INK

MAP_POINTS = 1500  # of MNIST's test images on the map
MAP_LESSONS = 100  # the newest lessons on the map
EVERY_DIGIT = list(range(10))
SILENT: dict[str, Any] = {"aria": False, "tooltip": None}  # what says nothing in words: Vega would name its columns
COLOUR = alt.Color("digit:N", scale=alt.Scale(domain=EVERY_DIGIT, range=list(DIGIT_COLOURS)), legend=None)


@st.cache_data(max_entries=4, show_spinner=False)
def _neighbours(base_id: str, _model: Classifier) -> pd.DataFrame:
    """MNIST test images on the map: x, y and digit. They depend on the base model only."""
    arrays = _model.arrays
    places = place_features(_model, arrays["test_features"][:MAP_POINTS])
    return pd.DataFrame({"x": places[:, 0], "y": places[:, 1], "digit": arrays["test_labels"][:MAP_POINTS]})


def map_of_drawings(model: Classifier, image: np.ndarray, digit: int) -> alt.LayerChart:
    """The map of the embedding: MNIST's digits, what was taught, and this drawing, uint8 (28, 28), ringed."""
    x = alt.X("x:Q", axis=None, scale=alt.Scale(zero=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(zero=False))
    mnist = alt.Chart(_neighbours(model.base_id, model)).mark_text(fontSize=11, opacity=0.6, **SILENT)
    layers = [mnist.encode(x, y, COLOUR, text="digit:N")]
    if model.memories:
        recent = model.memories[-MAP_LESSONS:]
        places = place_features(model, np.concatenate([memory.features for memory in recent]))
        labels = np.concatenate([memory.labels for memory in recent])
        frame = pd.DataFrame({"x": places[:, 0], "y": places[:, 1], "digit": labels})
        lessons = alt.Chart(frame).mark_text(fontSize=20, fontWeight=700, **SILENT)
        layers.append(lessons.encode(x, y, COLOUR, text="digit:N"))
    here = pd.DataFrame(on_map(model, image[None]), columns=["x", "y"]).assign(digit=digit)
    ring = alt.Chart(here).mark_point(size=1400, strokeWidth=4, filled=False)
    you = alt.value(t("inside.you"))
    layers.append(ring.encode(x, y, COLOUR, tooltip=you, description=you))
    mine = alt.Chart(here).mark_text(fontSize=26, fontWeight=800, **SILENT)
    layers.append(mine.encode(x, y, COLOUR, text="digit:N"))
    return alt.layer(*layers).properties(height=520).configure_view(strokeWidth=0)


def accuracy_over_versions(points: Sequence[tuple[int, float]]) -> alt.LayerChart:
    """points: (version, MNIST's test accuracy 0-1) of each lesson, in order."""
    frame = pd.DataFrame({"version": [v for v, _ in points], "accuracy": [share * 100 for _, share in points]})
    base = alt.Chart(frame).encode(
        x=alt.X("version:O", title=t("learned.version"), axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            "accuracy:Q",
            title=t("learned.accuracy"),
            scale=alt.Scale(zero=False, nice=True),
            axis=alt.Axis(format=".2f", tickCount=4),
        ),
    )
    return (base.mark_line(interpolate="step-after") + base.mark_point(filled=True, size=70)).properties(height=260)


def accuracy_by_digit(shares: np.ndarray) -> alt.LayerChart:
    """shares: float (10,), 0-1."""
    texts = [number(share * 100, 2) for share in shares]
    frame = pd.DataFrame({"digit": EVERY_DIGIT, "accuracy": shares * 100, "text": texts})
    frame["said"] = [t("learned.digit", digit=digit, share=percent(share, 2)) for digit, share in enumerate(shares)]
    base = alt.Chart(frame).encode(
        y=alt.Y("digit:N", title=None, sort=EVERY_DIGIT),
        x=alt.X(
            "accuracy:Q",
            title=t("learned.accuracy"),
            scale=alt.Scale(domain=[95, 100], clamp=True),
            axis=alt.Axis(format="d", tickMinStep=1),
        ),
    )
    bars = base.mark_bar(cornerRadiusEnd=4).encode(COLOUR, tooltip="said:N", description="said:N")
    shown = base.mark_text(align="left", dx=4, color=_ink(), **SILENT).encode(text="text:N")
    return (bars + shown).properties(height=430)


def confusion_chart(table: np.ndarray) -> alt.LayerChart:
    """table: int (10, 10), rows the truth, columns what was read. Cells can be picked: parameter "cell"."""
    truth, read = np.divmod(np.arange(100), 10)
    frame = pd.DataFrame({"truth": truth, "read": read, "count": table.ravel(), "wrong": truth != read})
    frame["shade"] = np.where(frame["wrong"], np.minimum(frame["count"], 12), 0)
    frame["said"] = [
        t("learned.cell", truth=truth, read=read, count=number(count)) for (truth, read), count in np.ndenumerate(table)
    ]
    base = alt.Chart(frame).encode(
        x=alt.X("read:O", title=t("learned.read_as"), axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("truth:O", title=t("learned.truth")),
        tooltip="said:N",  # the number lies over its cell
    )
    picked = alt.selection_point(name="cell", fields=["truth", "read"], on="click", clear=False, empty=False)
    cells = base.mark_rect(cornerRadius=4, stroke="#8888", cursor="pointer").encode(
        alt.Color("shade:Q", scale=alt.Scale(range=["#00000000", DIGIT_COLOURS[1]]), legend=None),
        strokeWidth=alt.condition(picked, alt.value(3), alt.value(0.5)),
        description="said:N",
    )
    counts = base.mark_text(fontSize=13, color=_ink(), aria=False).encode(text="count:Q")
    return (cells.add_params(picked) + counts).properties(height=430)


def _ink() -> str:
    """The colour of text in a chart: Vega would write black on the dark page."""
    return INK[st.context.theme.type or "light"]
