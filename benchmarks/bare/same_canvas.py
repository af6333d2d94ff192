"""The least that a page with the app's canvas can do: say how much ink arrived. What benchmarks compare with."""

import streamlit as st

from ui.widgets.canvas import ONE, canvas, read_drawing


def echo() -> None:
    """Called when the canvas sent a drawing."""
    if drawn := st.session_state.canvas.drawn:
        drawing = read_drawing(drawn["image"], ONE)
        ink = 0 if drawing is None else int((drawing[..., 3] > 0).sum())
        st.session_state.echo = f"{drawn['at']:.0f}: {ink} pixels of ink"


canvas(size=ONE, pen=20, session="bare", known=0, consumed=0, picture=None, frames=(), on_change=echo)
with st.container(key="echo"):
    st.text(st.session_state.get("echo", "nothing yet"))
