"""The same echo with streamlit-drawable-canvas, the canvas that most draw-a-digit apps use."""

import streamlit as st
from streamlit_drawable_canvas import st_canvas

drawn = st_canvas(stroke_width=20, width=280, height=280, key="canvas", return_image_data=True)
ink = 0 if drawn.image_data is None else int((drawn.image_data[..., 3] > 0).sum())
with st.container(key="echo"):
    st.text(f"{ink} pixels of ink")
