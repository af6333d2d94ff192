"""What is found in a photograph and read in it. Imported, with OpenCV, when the first photograph comes."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image

from mnist_core import Classifier, EmptyDrawing, prepare
from mnist_core.recognition.boxes import Box
from mnist_core.recognition.choices import find_choices
from mnist_core.recognition.photographs import read_photograph
from mnist_core.recognition.preprocessing import SMALLEST, as_canvas
from ui.session import Drawing, Reading, SheetPhoto

_WORTH_SHOWING = 2e-4  # of the picture: less is a speck that nobody looks for


def look_at(pixels: np.ndarray, part: Box | None = None) -> SheetPhoto:
    """Find what is written in a photograph, uint8 (H, W, 4), or in a part of it, which is made at least 28 a side."""
    height, width = pixels.shape[:2]
    left, right = _within(part.left, part.right, width) if part else (0, width)
    top, bottom = _within(part.top, part.bottom, height) if part else (0, height)
    here = Box(left, top, right, bottom)
    found = read_photograph(_pixels(pixels, here))
    written = cv2.dilate(found.writing, np.ones((5, 5), np.uint8)) > 0  # further digits, which can be chosen
    left_out = {reason: mask & ~written for reason, mask in found.left_out.items()}
    layers = {reason: _packed(mask) for reason, mask in left_out.items() if mask.mean() > _WORTH_SHOWING}
    return SheetPhoto(pixels, here, _packed(found.digit), _packed(found.writing), layers)


def as_drawing(photo: SheetPhoto, at: float, *, several: bool) -> Drawing:
    """The photograph as the drawing of this number: its ink, and what was put back."""
    return Drawing(at, as_canvas(_ink(photo, photo.writing if several else photo.digit)), photo=photo)


def read_choices(model: Classifier, photo: SheetPhoto) -> tuple[Reading, ...]:
    """Read the main digit, and then others that could have been meant. Raises EmptyDrawing."""
    choices = find_choices(_ink(photo, photo.digit), _ink(photo, photo.writing))
    if not choices:
        raise EmptyDrawing("There is nothing but background in this picture.")
    canvases = [as_canvas(choice.ink) for choice in choices]
    images = np.stack([prepare(canvas) for canvas in canvases])
    read = zip(canvases, images, model.predict_many(images), choices, strict=True)
    return tuple(Reading(canvas, image, prediction, choice.box) for canvas, image, prediction, choice in read)


def even_light(photo: SheetPhoto) -> np.ndarray:
    """The part that is read as it would be under even light, uint8 (h, w, 3)."""
    part = _pixels(photo.pixels, photo.part)
    light = read_photograph(part).light.astype(np.float32)
    seen = cv2.resize(part, light.shape[1::-1], interpolation=cv2.INTER_AREA)
    return np.minimum(seen * (255 / np.maximum(light, 1)), 255).astype(np.uint8)


def unpacked(layer: bytes) -> np.ndarray:
    """A layer of a SheetPhoto, uint8 (h, w) or bool (h, w)."""
    return np.array(Image.open(io.BytesIO(layer), formats=["PNG"]))


def _pixels(pixels: np.ndarray, part: Box) -> np.ndarray:
    return np.ascontiguousarray(pixels[part.top : part.bottom, part.left : part.right, :3])


def _packed(layer: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(layer).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _ink(photo: SheetPhoto, layer: bytes) -> np.ndarray:
    ink = unpacked(layer)
    for reason in photo.put_back & set(photo.left_out):
        ink[unpacked(photo.left_out[reason])] = 255
    return ink


def _within(first: int, last: int, length: int) -> tuple[int, int]:
    """The stretch first..last, made SMALLEST long where it is shorter, moved to be inside 0..length."""
    wide = min(max(last - first, SMALLEST), length)
    start = min(max(first, 0), length - wide)
    return start, start + wide
