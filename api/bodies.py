"""What a program sends: bounded before it is read, and checked before anything is done with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request

from api.problems import Problem
from mnist_core.bitmaps import DIGITS, SIDE, blank

MOST_STROKES, MOST_POINTS = 200, 20_000  # of one drawing
MOST_DRAWINGS = 100  # of one lesson
JSON_BYTES = 4 * 2**20
_FARTHEST = 1e6
PICTURES = ("image/png", "image/jpeg", "image/webp", "image/bmp", "image/gif")


@dataclass(frozen=True)
class Sent:
    """One drawing as it came: a picture to be prepared, or an image that is prepared already."""

    canvas: NDArray[np.uint8] | None = None
    """uint8 (H, W, 4) RGBA."""
    image: NDArray[np.uint8] | None = None
    """uint8 (28, 28), 0 and 255."""


async def read_body(request: Request, most: int) -> bytes:
    """The whole body. Raises `Problem` when it is longer than `most` bytes, as soon as that is known."""
    told = request.headers.get("content-length", "0")
    too_long = Problem(413, "too_many_bytes", f"The body may have {most:,} bytes.")
    if not told.isdecimal() or int(told) > most:
        raise too_long
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise too_long
    return bytes(body)


def content_type(request: Request) -> str:
    """The media type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises `Problem` when it is anything else."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(400, "not_json", "The body is not JSON.") from None
    if not isinstance(parsed, dict):
        raise Problem(400, "not_json", "The body is not a JSON object.")
    return parsed


def drawing_of(given: dict[str, Any], place: str = "") -> Sent:
    """The drawing of an object with "strokes" or "image". Raises `Problem`, whose sentence begins with `place`."""
    if "strokes" in given:
        return Sent(canvas=_rendered(given["strokes"], place))
    if "image" in given:
        return Sent(image=_image(given["image"], place))
    raise Problem(422, "no_drawing", f'{place}There must be "strokes" or "image".')


def lesson_of(given: dict[str, Any]) -> tuple[list[Sent], list[int]]:
    """The drawings and labels of an object with "drawings". Raises `Problem`."""
    drawings = given.get("drawings")
    if not isinstance(drawings, list) or not 0 < len(drawings) <= MOST_DRAWINGS:
        raise Problem(422, "no_drawings", f'"drawings" must be a list of 1 to {MOST_DRAWINGS} drawings.')
    sent, labels = [], []
    for number, drawing in enumerate(drawings):
        place = f"Drawing {number}: "
        if not isinstance(drawing, dict):
            raise Problem(422, "no_drawing", f"{place}it must be an object.")
        label = drawing.get("label")
        if not isinstance(label, int) or isinstance(label, bool) or not 0 <= label < DIGITS:
            raise Problem(422, "no_label", f'{place}"label" must be a digit from 0 to 9.')
        sent.append(drawing_of(drawing, place))
        labels.append(label)
    return sent, labels


def _rendered(strokes: Any, place: str) -> NDArray[np.uint8]:
    from mnist_core.files.strokes import render

    wrong = Problem(
        422,
        "no_strokes",
        f'{place}"strokes" must be a list of 1 to {MOST_STROKES} strokes, each a list of [x, y] points, '
        f"{MOST_POINTS:,} in all, each number within {_FARTHEST:,.0f} of 0.",
    )
    if not isinstance(strokes, list) or not 0 < len(strokes) <= MOST_STROKES:
        raise wrong
    if sum(len(stroke) if isinstance(stroke, list) else MOST_POINTS + 1 for stroke in strokes) > MOST_POINTS:
        raise wrong
    try:
        paths = [np.array(stroke, dtype=np.float64) for stroke in strokes]
    except (ValueError, TypeError, OverflowError):
        raise wrong from None
    if any(path.ndim != 2 or path.shape[1] != 2 or not (np.abs(path) <= _FARTHEST).all() for path in paths):
        raise wrong
    return render([path.astype(np.float32) for path in paths])


def _image(rows: Any, place: str) -> NDArray[np.uint8]:
    wrong = Problem(
        422, "no_image", f'{place}"image" must be {SIDE} rows of {SIDE} numbers, each 0 or 255, not all of them 0.'
    )
    try:
        image = np.array(rows)
    except (ValueError, TypeError, OverflowError):
        raise wrong from None
    if image.shape != (SIDE, SIDE) or image.dtype.kind not in "iu" or not np.isin(image, (0, 255)).all():
        raise wrong
    image = image.astype(np.uint8)
    if blank(image[None])[0]:
        raise wrong
    return image
