"""Prepared drawings in rows, each with what it is."""

from collections.abc import Sequence

import numpy as np

from ui.widgets.component import component
from ui.widgets.pictures import data_url

_gallery = component("gallery", "prepared")


def gallery(images: np.ndarray | Sequence[np.ndarray], captions: Sequence[str], *, label: str, key: str) -> None:
    """Show uint8 (28, 28) images; captions: one each, or none at all. label: what they are, for a screen reader."""
    texts = list(captions) or [""] * len(images)
    pictures = [
        {"image": data_url(image), "text": text, "name": text or label}
        for image, text in zip(images, texts, strict=True)
    ]
    _gallery(key=key, data={"label": label, "pictures": pictures})
