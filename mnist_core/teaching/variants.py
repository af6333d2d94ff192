"""An image as a hand may draw it again: bent (affine and elastic: Simard et al., 2003), its pen thinner or thicker."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import scipy
from PIL import Image

from mnist_core.recognition.outline import pen_width
from mnist_core.recognition.preprocessing import EmptyDrawing, as_canvas, prepare

LARGE = 72  # the side at which images are bent and written on
_VARIANTS = 15  # of each drawing, fewer when there are many drawings
_ALL_VARIANTS = 150
_BEND = 0.7  # how strongly, where 1 is as different as two hands


def variants_of(images: np.ndarray, rng: np.random.Generator, progress: Callable[[float], None]) -> np.ndarray:
    """uint8 (n, v, 28, 28): each drawing, then its variants."""
    count = int(np.clip(_ALL_VARIANTS // len(images), 3, _VARIANTS))
    made = []
    for n, image in enumerate(images):
        made.append([image, *(_varied(image, rng) for _ in range(count))])
        progress(0.7 * (n + 1) / len(images))
    return np.array(made, np.uint8)


def _varied(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The drawing as the same hand may draw it again."""
    try:
        return prepare(as_canvas(rewrite(bend(upscaled(image), rng, _BEND), rng, _BEND)))
    except EmptyDrawing:
        return image


def bend(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Turn, slant, stretch and warp a grey image, uint8 (LARGE, LARGE); the result has the same shape."""
    turn, slant = np.radians(rng.normal(0, 8 * strength)), rng.normal(0, 0.2 * strength)
    stretch = np.exp(rng.normal(0.12, 0.11 * strength, 2))  # a little smaller, so that little is cut off
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ [[1, 0], [slant, 1]] * stretch
    spread = _spread()
    coarse = rng.normal(0, LARGE * 0.022 * strength, (2, *[spread.shape[1]] * 2)).astype(np.float32)
    rows, columns = spread @ coarse @ spread.T
    line = np.arange(LARGE, dtype=np.float32) - (LARGE - 1) / 2
    rows += np.float32(matrix[0, 0]) * line[:, None] + np.float32(matrix[0, 1]) * line + (LARGE - 1) / 2
    columns += np.float32(matrix[1, 0]) * line[:, None] + np.float32(matrix[1, 1]) * line + (LARGE - 1) / 2
    return _sample(image, rows, columns)


def rewrite(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Thin or thicken the pen of a grey image, uint8 (n, n), towards a random width; its outline is smoothed.

    The result is as high, and may be two columns wider.
    """
    soft = scipy.ndimage.uniform_filter(scipy.ndimage.uniform_filter(image, 3), 3)
    dark = soft > 100
    pen = pen_width(dark)
    wanted = np.exp(rng.uniform(np.log(1.7), np.log(4.4))) * LARGE / 28
    grow = float(np.clip((wanted - pen) / 2 * strength, -0.22 * pen, 0.6 * pen))
    ink = np.pad(dark.astype(np.uint8) * 255, ((0, 0), (1, 1)))  # the widest digits grow by a column on either side
    if grow > 0.5:
        return _grown(ink, grow)
    if grow < -0.5:
        return 255 - _grown(255 - ink, -grow)
    return soft


def upscaled(image: np.ndarray) -> np.ndarray:
    """uint8 (28, 28) -> uint8 (LARGE, LARGE), grey."""
    return np.asarray(Image.fromarray(image).resize((LARGE, LARGE), Image.Resampling.BICUBIC))


def _grown(image: np.ndarray, radius: float) -> np.ndarray:
    """Dilate by a disc, of a radius between whole pixels too."""
    reach = int(np.ceil(radius))
    y, x = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    return scipy.ndimage.grey_dilation(image, footprint=x * x + y * y <= radius * radius)


def _sample(image: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Read `image`, uint8 (n, n), between its pixels, bilinearly; nothing lies outside it."""
    side = image.shape[0]
    padded = np.zeros((side + 2, side + 2), np.float32)
    padded[1:-1, 1:-1] = image
    rows, columns = np.clip(rows + 1, 0, side + 0.999), np.clip(columns + 1, 0, side + 0.999)
    y, x = rows.astype(np.int32), columns.astype(np.int32)
    v, u = rows - y, columns - x
    at = y * (side + 2) + x
    flat = padded.ravel()
    above, below = flat[at] * (1 - u) + flat[at + 1] * u, flat[at + side + 2] * (1 - u) + flat[at + side + 3] * u
    return (above * (1 - v) + below * v).astype(np.uint8)


def _cubic(coarse: int, fine: int) -> np.ndarray:
    """The matrix, float32 (fine, coarse), that interpolates by a cubic spline."""
    matrix = scipy.ndimage.zoom(np.eye(coarse), (fine / coarse, 1), order=3, mode="nearest", grid_mode=True)
    return matrix.astype(np.float32)


@cache
def _spread() -> np.ndarray:
    return _cubic(6, LARGE)
