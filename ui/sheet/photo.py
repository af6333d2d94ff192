"""What is found in a photograph and read in it. Imported, with OpenCV, when the first photograph comes."""

from __future__ import annotations

import cv2
import numpy as np

from mnist_core import Classifier, EmptyDrawing, prepare
from mnist_core.recognition.boxes import Box
from mnist_core.recognition.choices import find_choices
from mnist_core.recognition.photographs import read_photograph
from mnist_core.recognition.preprocessing import SMALLEST, as_canvas
from ui.packing import packed, packed_photograph, unpacked
from ui.session import Drawing, Reading, SheetPhoto

_WORTH_SHOWING = 2e-4  # of the picture: less is a speck that nobody looks for


def look_at(pixels: np.ndarray) -> SheetPhoto:
    """Find what is written in a photograph, uint8 (H, W, 3) or (H, W, 4), 28 pixels a side or more."""
    return _look(pixels, packed_photograph(pixels[..., :3]), None)


def look_again(photo: SheetPhoto, part: Box | None = None) -> SheetPhoto:
    """Find what is written in all of this photograph, or in a part of it, which is made at least 28 pixels a side."""
    return _look(photo.pixels, photo.whole, part)


def _look(pixels: np.ndarray, whole: bytes, part: Box | None) -> SheetPhoto:
    height, width = pixels.shape[:2]
    left, right = _within(part.left, part.right, width) if part else (0, width)
    top, bottom = _within(part.top, part.bottom, height) if part else (0, height)
    here = Box(left, top, right, bottom)
    found = read_photograph(_pixels(pixels, here))
    written = cv2.dilate(found.writing, np.ones((5, 5), np.uint8)) > 0  # further digits, which can be chosen
    left_out = {reason: mask & ~written for reason, mask in found.left_out.items()}
    layers = {reason: packed(mask) for reason, mask in left_out.items() if mask.mean() > _WORTH_SHOWING}
    return SheetPhoto(whole, (width, height), here, packed(found.digit), packed(found.writing), layers)


def as_drawing(photo: SheetPhoto, at: float, *, several: bool) -> Drawing:
    """The photograph as the drawing of this number: its ink, and what was put back."""
    return Drawing(at, packed(_ink(photo, photo.writing if several else photo.digit)), photo=photo)


def read_choices(model: Classifier, photo: SheetPhoto) -> tuple[Reading, ...]:
    """Read the main digit, and then others that could have been meant. Raises EmptyDrawing."""
    choices = find_choices(_ink(photo, photo.digit), _ink(photo, photo.writing))
    if not choices:
        raise EmptyDrawing("There is nothing but background in this picture.")
    images = np.stack([prepare(as_canvas(choice.ink)) for choice in choices])
    read = zip(choices, images, model.predict_many(images), strict=True)
    return tuple(Reading(packed(choice.ink), image, prediction, choice.box) for choice, image, prediction in read)


def even_light(photo: SheetPhoto) -> np.ndarray:
    """The part that is read as it would be under even light, uint8 (h, w, 3)."""
    part = _pixels(photo.pixels, photo.part)
    light = read_photograph(part).light.astype(np.float32)
    seen = cv2.resize(part, light.shape[1::-1], interpolation=cv2.INTER_AREA)
    return np.minimum(seen * (255 / np.maximum(light, 1)), 255).astype(np.uint8)


def _pixels(pixels: np.ndarray, part: Box) -> np.ndarray:
    return np.ascontiguousarray(pixels[part.top : part.bottom, part.left : part.right, :3])


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
