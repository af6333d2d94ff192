"""Prepared drawings in rows, each with what it is."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from ui.pictures import data_url

_FRONTEND = Path(__file__).parent / "frontend"
_gallery = st.components.v2.component(
    "digit_gallery",
    html=(_FRONTEND / "gallery.html").read_text(),
    css=(_FRONTEND / "prepared.css").read_text() + (_FRONTEND / "gallery.css").read_text(),
    js=(_FRONTEND / "gallery.js").read_text(),
)


def gallery(images: np.ndarray | Sequence[np.ndarray], captions: Sequence[str], *, label: str, key: str) -> None:
    """Show uint8 (28, 28) images; captions: one each, or none at all. label: what they are, for a screen reader."""
    texts = list(captions) or [""] * len(images)
    pictures = [
        {"image": data_url(image), "text": text, "name": text or label}
        for image, text in zip(images, texts, strict=True)
    ]
    _gallery(key=key, data={"label": label, "pictures": pictures})
