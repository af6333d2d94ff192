"""A drawing or a picture of a digit -> the 28 x 28 black-and-white image that the classifier reads.

The steps are those of MNIST (LeCun et al., 1998): crop to the ink, scale the longer side to 20 pixels without
squeezing, put the centroid at the middle of 28 x 28. Ink is made black and white on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy
from PIL import Image

from mnist_core.bitmaps import SIDE
from mnist_core.recognition.outline import framed, pen_width

if TYPE_CHECKING:
    from mnist_core.recognition.photographs import Photograph

PREPARATION = "26a5f7d6c6cc"
"""Which preparation this is: a digest of what `prepare` makes of fixed drawings; a test says the new one at a change.

A model goes with the preparation whose images it learned from, and is not loaded with another.
"""

BOX = 20  # longer side of the scaled digit, as in MNIST
SMALLEST, LARGEST = 28, 4096  # a canvas's side

_FAINT = 1 / 8  # ink lighter than this share of the darkest ink is the pen's soft edge
_THIN = 1.7  # a pen thinner than this, in pixels of the scaled digit, is thickened to _FIRM
_FIRM = 2.0
_FINE = 3  # the topology that black and white must keep is read at this many times BOX
_ENOUGH = 256  # a crop longer than this is first reduced to between 128 and 256
_THRESHOLDS = (128, 96, 64, 160, 192, 224)  # tried in this order


class EmptyDrawing(ValueError):
    """There is no ink in the drawing."""


class Steps(NamedTuple):
    """What became of a drawing on the way to the classifier; every image is uint8, white ink on black."""

    ink: np.ndarray
    """(H, W), 0-255: how much ink each pixel of the canvas holds."""
    scaled: np.ndarray
    """(h, w), 0-255, the longer side 20: cropped to the ink and resized, aspect ratio kept."""
    binary: np.ndarray
    """(h, w), 0 or 255."""
    centred: np.ndarray
    """(28, 28), 0 or 255, the centroid at the middle."""


def as_canvas(ink: np.ndarray) -> np.ndarray:
    """Return ink, uint8 (H, W), 255 on 0, as the RGBA canvas, uint8 (H, W, 4), that it would have been."""
    canvas = np.zeros((*ink.shape, 4), np.uint8)
    canvas[..., 3] = ink
    return canvas


def prepare(canvas: np.ndarray) -> np.ndarray:
    """Return the uint8 (28, 28) image of 0 and 255 that the classifier reads from a drawing.

    canvas: uint8 (H, W, 4) RGBA, 28-4096 pixels a side. Where any pixel is transparent, ink is the alpha channel;
    an opaque image is a picture, dark on light or light on dark, and its ink is that of the main digit in it, as
    `photographs` finds it.
    Raises EmptyDrawing when there is no ink, ValueError when `canvas` is anything else.
    """
    return preparation_steps(canvas).centred


def preparation_steps(canvas: np.ndarray) -> Steps:
    """Return each step of `prepare`; same argument, same errors."""
    ink = canvas_ink(canvas)
    crop = crop_to_ink(ink)
    crop = _firm(_reduce(crop))
    scaled = _resize(crop, BOX)
    binary = binarise(scaled, _topology(_resize(crop, BOX * _FINE) >= 128, _FINE))
    return Steps(ink, scaled, binary, centre(binary))


def canvas_ink(canvas: np.ndarray) -> np.ndarray:
    """Return how much ink each pixel of a canvas holds, uint8 (H, W); same argument as `prepare`, same errors.

    That of an opaque picture over 1024 pixels a side comes out smaller.
    """
    _check(canvas)
    alpha = np.ascontiguousarray(canvas[..., 3])
    return alpha if alpha.min() < 255 else _photograph(canvas).digit


def crop_to_ink(ink: np.ndarray) -> np.ndarray:
    """Return the part of `ink`, uint8 (H, W), that holds it all, the darkest ink made 255. Raises EmptyDrawing."""
    of_rows, of_columns = ink.max(1), ink.max(0)
    darkest = int(of_rows.max())
    if darkest == 0:
        raise EmptyDrawing("There is no ink in this drawing.")
    faintest = max(darkest * _FAINT, 1)
    rows, columns = np.flatnonzero(of_rows >= faintest), np.flatnonzero(of_columns >= faintest)
    crop = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return crop if darkest == 255 else (crop * (255 / darkest)).round().astype(np.uint8)


def binarise(scaled: np.ndarray, topology: tuple[int, int]) -> np.ndarray:
    """Return uint8 `scaled` as 0 and 255, by the first threshold that keeps its (components, holes).

    Half coverage is right nearly always; a thin stroke that would break gets a lower threshold, and the hole of
    a thick 8 that would close a higher one.
    """
    for threshold in _THRESHOLDS:
        white = scaled >= threshold
        if white.any() and _topology(white, 1) == topology:
            break
    else:
        white = scaled >= min(_THRESHOLDS[0], int(scaled.max()))
    return np.where(white, np.uint8(255), np.uint8(0))


def centre(binary: np.ndarray) -> np.ndarray:
    """Return uint8 (28, 28): `binary`, at most 28 a side, with its white pixels' centroid at the middle.

    The centroid is within half a pixel of the middle unless ink would be cut off, which never happens.
    """
    image = np.zeros((SIDE, SIDE), np.uint8)
    corner = []
    for axis, length in enumerate(binary.shape):
        weights = (binary > 0).sum(1 - axis)
        centroid = (weights @ np.arange(length)) / weights.sum()
        corner.append(int(np.clip(np.floor((SIDE - 1) / 2 - centroid + 0.5), 0, SIDE - length)))
    top, left = corner
    image[top : top + binary.shape[0], left : left + binary.shape[1]] = binary
    return image


def written_ink(canvas: np.ndarray) -> np.ndarray:
    """Return the ink of all that was written, not of one digit only; argument, shape and errors of `canvas_ink`."""
    _check(canvas)
    ink = np.ascontiguousarray(canvas[..., 3])
    if ink.min() == 255:
        ink = _photograph(canvas).writing
    if not ink.any():
        raise EmptyDrawing("There is no ink in this drawing.")
    return ink


def _photograph(picture: np.ndarray) -> Photograph:
    from mnist_core.recognition.photographs import read_photograph  # with OpenCV, which no drawing needs

    found = read_photograph(picture)
    if not found.digit.any():
        raise EmptyDrawing("There is nothing but background in this picture.")
    return found


def _check(canvas: np.ndarray) -> None:
    expected = f"expected a uint8 array of shape (H, W, 4), RGBA, {SMALLEST} to {LARGEST} pixels a side"
    if not isinstance(canvas, np.ndarray):
        raise ValueError(f"{expected}; got {type(canvas).__name__}")
    if canvas.dtype != np.uint8:
        raise ValueError(f"{expected}; got dtype {canvas.dtype}")
    if canvas.ndim != 3 or canvas.shape[2] != 4 or not all(SMALLEST <= n <= LARGEST for n in canvas.shape[:2]):
        raise ValueError(f"{expected}; got shape {canvas.shape}")


def _reduce(crop: np.ndarray) -> np.ndarray:
    """Shrink a very large crop by a whole factor, keeping the darkest of each block so that no line is lost."""
    factor = max(crop.shape) // (_ENOUGH // 2)
    if max(crop.shape) <= _ENOUGH:
        return crop
    padded = np.pad(crop, [(0, -n % factor) for n in crop.shape])
    height, width = (n // factor for n in padded.shape)
    return padded.reshape(height, factor, width, factor).max((1, 3))


def _firm(crop: np.ndarray) -> np.ndarray:
    """Thicken a pen that would break into crumbs once scaled to 20 pixels."""
    scale = BOX / max(crop.shape)
    pen = pen_width(crop >= 128) * scale
    grow = round((_FIRM - pen) / scale)  # pixels of the crop
    if pen >= _THIN or grow < 1:
        return crop
    return scipy.ndimage.maximum_filter(np.pad(crop, (grow + 1) // 2), grow + 1)


def _resize(crop: np.ndarray, longer: int) -> np.ndarray:
    height, width = (max(1, round(n * longer / max(crop.shape))) for n in crop.shape)
    if crop.shape == (height, width):
        return crop
    return np.asarray(Image.fromarray(crop).resize((width, height), Image.Resampling.HAMMING))


def _topology(white: np.ndarray, scale: int) -> tuple[int, int]:
    """How many components (8-connected) and holes (4-connected) there are, each of more than a third of a pixel.

    `scale`: how many pixels of `white` make one of the scaled digit, along each axis.
    """
    least = scale * scale / 3
    components, _ = scipy.ndimage.label(white, _EIGHT)
    holes, _ = scipy.ndimage.label(~framed(white))
    count, ground = (int((np.bincount(labels.ravel())[1:] > least).sum()) for labels in (components, holes))
    return count, ground - 1  # without what is around the digit


_EIGHT = np.ones((3, 3), bool)
