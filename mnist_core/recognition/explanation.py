"""Why an image is read as it is: what the layers see, which ink mattered, and where it lies among others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mnist_core.bitmaps import DIGITS, check_images, unpack_bits
from mnist_core.recognition.base import pixels
from mnist_core.recognition.taught_model import TaughtModel

PATCH = 5  # pixels a side of what occlusion covers: about the width of a stroke and its surroundings


def feature_maps(model: TaughtModel, image: np.ndarray) -> list[np.ndarray]:
    """What the backbone makes of one image, uint8 (28, 28), at each of its resolutions, finest first.

    Each is float32 (h, w, c), from the last layer of that resolution.
    """
    import keras

    images = check_images(np.asarray(image)[None])
    backbone = model.base_model.backbone
    last = {tuple(layer.output.shape[1:3]): layer.output for layer in backbone.layers if layer.output.ndim == 4}
    last = {size: output for size, output in last.items() if output.shape[-1] > 1}
    layers = keras.Model(backbone.input, list(last.values()))
    outputs = layers(pixels(images), training=False)
    return [np.asarray(output)[0] for output in (outputs if isinstance(outputs, list) else [outputs])]


def occlusion(model: TaughtModel, image: np.ndarray, digit: int, rival: int) -> tuple[np.ndarray, np.ndarray]:
    """Which ink speaks for `digit`, and which for it rather than `rival`, by erasing it (Zeiler & Fergus, 2014).

    A patch is wiped from every place in turn; a pixel's value is the mean loss over the patches that cover it: of the
    logarithm of the digit's score, and of the distance between the two logits. Positive: this ink speaks for the
    digit. Returns two float32 (28, 28), 0 where there is no ink.
    """
    image = check_images(np.asarray(image)[None])[0]
    half = PATCH // 2
    corners = np.argwhere(image > 0)
    wiped = np.repeat(image[None], len(corners) + 1, axis=0)
    for n, (row, column) in enumerate(corners, start=1):
        wiped[n, max(row - half, 0) : row + half + 1, max(column - half, 0) : column + half + 1] = 0
    logits = model.logits(wiped)[:, :DIGITS].astype(np.float64)
    speaks = logits[:, digit] - np.logaddexp.reduce(logits, axis=1)
    against = logits[:, digit] - logits[:, rival]
    return _spread(image, corners, speaks[0] - speaks[1:]), _spread(image, corners, against[0] - against[1:])


def on_map(model: TaughtModel, images: np.ndarray) -> np.ndarray:
    """Where images, uint8 (n, 28, 28), lie on the two-dimensional map that `pretrain` computed: float32 (n, 2)."""
    return place_features(model, model.embed(images))


def place_features(model: TaughtModel, features: np.ndarray) -> np.ndarray:
    """The same for features, float (n, d)."""
    arrays = model.arrays
    return ((features.astype(np.float32) - arrays["map_mean"]) @ arrays["map_axes"]).astype(np.float32)


def mnist_images(model: TaughtModel, rows: Sequence[int]) -> np.ndarray:
    """MNIST's test images as the model reads them, uint8 (n, 28, 28), by number; they are kept with the model."""
    return unpack_bits(model.arrays["test_images"][list(rows)])


def _spread(image: np.ndarray, corners: np.ndarray, losses: np.ndarray) -> np.ndarray:
    total, covered = np.zeros(image.shape), np.zeros(image.shape)
    half = PATCH // 2
    for (row, column), loss in zip(corners, losses, strict=True):
        area = np.s_[max(row - half, 0) : row + half + 1, max(column - half, 0) : column + half + 1]
        total[area] += loss
        covered[area] += 1
    return np.where(image > 0, total / np.maximum(covered, 1), 0).astype(np.float32)
