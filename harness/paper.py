"""Photographs of sorts: strokes of our own making on grey paper."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw

from harness.hand import DIGIT_STROKES, Point

PAPER, INK, RULE = (208, 205, 200), (30, 30, 60), (120, 130, 170)


def photograph(
    digits: Mapping[Point, int], size: tuple[int, int] = (600, 400), side: int = 150, rules: int = 0
) -> np.ndarray:
    """uint8 (H, W, 3): each digit in a square of `side` pixels whose top left corner is given; rules: pixels apart."""
    image = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(image)
    for y in range(rules, size[1], rules) if rules else ():
        pen.line([(0, y), (size[0], y)], fill=RULE, width=2)
    for (left, top), digit in digits.items():
        for stroke in DIGIT_STROKES[digit]:
            pen.line([(left + side * x, top + side * y) for x, y in stroke], fill=INK, width=10, joint="curve")
    return np.asarray(image)


def as_png(image: np.ndarray) -> bytes:
    """The file that it would be."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()
