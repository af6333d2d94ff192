"""A picture that brings a phone into a room."""

import io

import streamlit as st


@st.cache_data(show_spinner=False, max_entries=200)
def qr_picture(address: str) -> bytes:
    """A PNG picture that a phone's camera takes for this address."""
    import segno  # who never opens a room does without

    picture = io.BytesIO()
    segno.make(address, error="m").save(picture, kind="png", scale=8, border=3)
    return picture.getvalue()
