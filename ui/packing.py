"""The pictures that a session holds while its page is open, as bytes: a tenth to a hundredth of their pixels."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

LARGEST = 2**19  # bytes of a photograph, where its noise allows that


def packed(picture: np.ndarray) -> bytes:
    """uint8 (h, w) or bool (h, w) -> the same as a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def packed_photograph(picture: np.ndarray) -> bytes:
    """uint8 (h, w, 3) -> a JPEG, as good as LARGEST allows: what is cut out of it is read from this."""
    for quality in (95, 85, 70):
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "JPEG", quality=quality, subsampling=0)
        if buffer.tell() <= LARGEST:
            break
    return buffer.getvalue()


def unpacked(data: bytes) -> np.ndarray:
    """What was packed."""
    return np.array(Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]))
