"""Variants of MNIST's images, made to look like pens rather than scanners, then prepared as any drawing is.

An image is enlarged, written on where a hand would (a slash in the zero, a flag and a foot on the 1, a crossbar on
the 7, a hook on the 9), bent (affine and elastic: Simard et al., 2003), and its pen made thinner or thicker; or it is
only bent, and stays one of MNIST's.
"""

from __future__ import annotations

import numpy as np
import scipy
from PIL import Image

from mnist_core.pretrain.flourishes import adorn
from mnist_core.recognition.preprocessing import EmptyDrawing, as_canvas, prepare
from mnist_core.teaching.variants import LARGE, bend, rewrite, upscaled

_ADORNED = {0: 0.16, 1: 0.2, 7: 0.2, 9: 0.15}  # how often a digit gets what MNIST's hands left out
# Turned or mirrored, these are no digit any more: (digits, transformation).
_TWISTS = (
    ((3, 4, 6, 7, 9), lambda image: image[:, ::-1]),
    ((2, 3, 4, 5, 7), lambda image: np.rot90(image)),
    ((2, 3, 4, 5), lambda image: np.rot90(image, -1)),
    ((3, 4, 7), lambda image: image[::-1, ::-1]),
)


def prepare_plain(image: np.ndarray) -> np.ndarray:
    """Return one of MNIST's images, uint8 (28, 28), prepared: uint8 (28, 28) of 0 and 255."""
    return prepare(as_canvas(image))


def shifted(images: np.ndarray, by: int, rng: np.random.Generator) -> np.ndarray:
    """Return uint8 (n, h, w) images, each moved at random by up to `by` pixels each way; what leaves is cut off."""
    if not by:
        return images
    count, height, width = images.shape
    framed = np.pad(images, [(0, 0), (by, by), (by, by)])
    top, left = rng.integers(0, 2 * by + 1, (2, count, 1, 1))
    rows, columns = np.arange(height)[:, None], np.arange(width)
    return framed[np.arange(count)[:, None, None], top + rows, left + columns]


def vary(image: np.ndarray, digit: int, rng: np.random.Generator, strength: float = 1.0) -> np.ndarray:
    """Return a variant of an MNIST image, uint8 (28, 28), prepared: uint8 (28, 28) of 0 and 255.

    strength: 0 leaves nearly everything, 1 bends as much as hands do.
    """
    large = upscaled(image)
    if rng.random() < _ADORNED.get(digit, 0) * strength:
        large = adorn(large, digit, rng)
    large = bend(large, rng, strength)
    if rng.random() < 0.08 * strength:
        large = _lift(large, rng) if rng.random() < 0.5 else _double(large, rng)
    try:
        return prepare(as_canvas(rewrite(large, rng, strength)))
    except EmptyDrawing:  # the thinnest pens can vanish
        return prepare_plain(image)


def bent(image: np.ndarray, rng: np.random.Generator, strength: float = 1.0) -> np.ndarray:
    """Return an MNIST image, uint8 (28, 28), bent as `vary` does and prepared, the pen left as it was."""
    return prepare(as_canvas(bend(upscaled(image), rng, strength)))


def spoil(images: np.ndarray, digits: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return something that is not a digit, prepared, from two images, uint8 (2, 28, 28), of digits (2,)."""
    first, second = (upscaled(image) for image in images)
    fitting = [twist for twisted, twist in _TWISTS if digits[0] in twisted]
    kind = rng.random()
    if kind < 0.5 and fitting:
        made = fitting[rng.integers(len(fitting))](first)
    elif kind < 0.7 and not {0, 1} & {int(d) for d in digits}:  # a 1 over a 0 is a slashed zero
        made = np.maximum(np.rot90(first), np.roll(second, tuple(rng.integers(-12, 13, 2)), (0, 1)))
    else:
        made = _side_by_side(first, second)
    return prepare(as_canvas(rewrite(bend(np.ascontiguousarray(made), rng, 0.7), rng, 1.0)))


def _lift(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The pen is lifted for a moment: a thin gap somewhere on the ink."""
    dark = np.argwhere(image > 127)
    if not len(dark):
        return image
    y, x = dark[rng.integers(len(dark))]
    angle = rng.uniform(0, np.pi)
    rows, columns = np.ogrid[: image.shape[0], : image.shape[1]]
    along = (rows - y) * np.sin(angle) + (columns - x) * np.cos(angle)
    near = (rows - y) ** 2 + (columns - x) ** 2 < 9**2
    return np.where((np.abs(along) < rng.uniform(1.5, 3)) & near, np.uint8(0), image)


def _double(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The stroke is gone over twice, a little aside."""
    return np.maximum(image, scipy.ndimage.shift(image, rng.normal(0, 2.5, 2), order=0))


def _side_by_side(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Two digits in a row, each half as wide."""
    return np.concatenate([np.asarray(Image.fromarray(i).resize((LARGE // 2, LARGE))) for i in (first, second)], 1)
