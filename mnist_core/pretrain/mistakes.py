"""A picture of the model's worst mistakes, for its card."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
from scipy.special import softmax


def draw_worst(images: np.ndarray, labels: np.ndarray, logits: np.ndarray, count: int = 50) -> Image.Image:
    """Return a picture of the `count` images whose right digit scores least, with "right > read" below each.

    images uint8 (n, 28, 28), white on black; labels ints (n,); logits float (n, 10).
    """
    right = softmax(logits, axis=1)[np.arange(len(labels)), labels]
    columns, width, height = 10, 72, 88
    chosen = np.argsort(right)[:count]
    picture = Image.new("L", (columns * width, -(-len(chosen) // columns) * height), 255)
    draw = ImageDraw.Draw(picture)
    for place, n in enumerate(chosen):
        x, y = place % columns * width, place // columns * height
        picture.paste(Image.fromarray(255 - images[n]).resize((64, 64), Image.Resampling.NEAREST), (x + 4, y + 4))
        draw.text((x + 20, y + 70), f"{labels[n]} > {logits[n].argmax()}", fill=0)
    return picture
