"""The model card: what `pretrain` writes about the model that it has made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from scipy.special import softmax

WORST = 50


def write_card(
    folder: Path, metadata: dict[str, Any], images: np.ndarray, labels: np.ndarray, scores: np.ndarray
) -> None:
    """Write README.md and worst.png.

    images uint8 (n, 28, 28), labels (n,) and logits float (n, 10) of MNIST's test set.
    """
    worst_picture(images, labels, scores).save(folder / "worst.png", optimize=True)
    (folder / "README.md").write_text("# card\n", encoding="utf-8")


def worst_picture(images: np.ndarray, labels: np.ndarray, scores: np.ndarray, count: int = WORST) -> Image.Image:
    """Return a picture of the `count` images whose right digit scores least, each with "right > read"."""
    right = softmax(scores, axis=1)[np.arange(len(labels)), labels]
    columns, cell = 10, (72, 88)
    chosen = np.argsort(right)[:count]
    picture = Image.new("L", (columns * cell[0], -(-len(chosen) // columns) * cell[1]), 255)
    draw = ImageDraw.Draw(picture)
    for place, n in enumerate(chosen):
        x, y = place % columns * cell[0], place // columns * cell[1]
        picture.paste(Image.fromarray(255 - images[n]).resize((64, 64), Image.Resampling.NEAREST), (x + 4, y + 4))
        draw.text((x + 20, y + 70), f"{labels[n]} > {scores[n].argmax()}", fill=0)
    return picture
