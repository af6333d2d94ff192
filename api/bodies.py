"""What a program sends: bounded before it is read, and checked before anything is done with it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

import anyio
import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request

from api.problems import Problem
from mnist_core.bitmaps import DIGITS, SIDE, blank

JSON = "application/json"
PICTURE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/bmp", "image/gif")
JSON_BYTES = 2 * 2**20
MOST_STROKES, MOST_POINTS = 200, 20_000  # of all drawings of a request; a digit has some hundred points
MOST_DRAWINGS = 100  # of one lesson
FARTHEST = 1_000_000
READ_S = 30.0  # what a body may take to come
_PAGE, _PEN = 1024, 0.12  # pixels a side where lines are read; the pen's width over the height of a digit


@dataclass(frozen=True)
class Sent:
    """One drawing as it came: a picture to be prepared, or an image that is prepared already."""

    canvas: NDArray[np.uint8] | None = None
    """uint8 (H, W, 4) RGBA."""
    image: NDArray[np.uint8] | None = None
    """uint8 (28, 28), 0 and 255."""


def content_type(request: Request) -> str:
    """The media type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_body(request: Request, most: int) -> bytes:
    """The whole body. Raises `Problem` when it is longer than `most` bytes, as soon as that is known, or too slow."""
    told = request.headers.get("content-length", "0")
    too_long = Problem(413, "too_many_bytes", f"The body may have {most:,} bytes.")
    if not re.fullmatch(r"\d{1,12}", told, re.ASCII) or int(told) > most:
        raise too_long
    body = bytearray()
    with anyio.move_on_after(READ_S):
        async for part in request.stream():
            body += part
            if len(body) > most:
                raise too_long
        return bytes(body)
    raise Problem(408, "too_slow", f"The body did not come within {READ_S:.0f} seconds.")


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises `Problem` when it is anything else."""
    try:
        parsed = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Problem(400, "not_json", "The body is not JSON.") from None
    if not isinstance(parsed, dict):
        raise Problem(400, "not_json", "The body is not a JSON object.")
    return parsed


def picture_of(body: bytes) -> Sent:
    """The picture in an image file. Raises `Problem`."""
    from mnist_core.files.images import UnreadableImage, read_image

    try:
        return Sent(canvas=read_image(body))
    except UnreadableImage as error:
        raise Problem(422, error.kind, str(error)) from None


def drawing_of(given: dict[str, Any], *, lines: bool = False) -> Sent:
    """The drawing of an object with "strokes" or "image"; `lines`: its strokes are several digits. Raises `Problem`."""
    return _drawing(given, "", lines)


def lesson_of(given: dict[str, Any]) -> tuple[list[Sent], list[int]]:
    """The drawings and labels of an object with "drawings". Raises `Problem`."""
    drawings = given.get("drawings")
    if not isinstance(drawings, list) or not 0 < len(drawings) <= MOST_DRAWINGS:
        raise Problem(422, "no_drawings", f'"drawings" must be a list of 1 to {MOST_DRAWINGS} drawings.')
    if sum(_points(drawing.get("strokes")) for drawing in drawings if isinstance(drawing, dict)) > MOST_POINTS:
        raise Problem(422, "no_strokes", f"All strokes of a lesson may have {MOST_POINTS:,} points.")
    sent, labels = [], []
    for number, drawing in enumerate(drawings):
        place = f"Drawing {number}: "
        if not isinstance(drawing, dict):
            raise Problem(422, "no_drawing", f"{place}it must be an object.")
        label = drawing.get("label")
        if type(label) is not int or not 0 <= label < DIGITS:
            raise Problem(422, "no_label", f'{place}"label" must be a digit from 0 to 9.')
        sent.append(_drawing(drawing, place, lines=False))
        labels.append(label)
    return sent, labels


def _drawing(given: dict[str, Any], place: str, lines: bool) -> Sent:
    if ("strokes" in given) == ("image" in given):
        raise Problem(422, "no_drawing", f'{place}There must be either "strokes" or "image".')
    if "image" in given:
        return Sent(image=_image(given["image"], place))
    strokes = _strokes(given["strokes"], place)
    return Sent(canvas=_page(strokes) if lines else _sheet(strokes))


def _strokes(strokes: Any, place: str) -> list[NDArray[np.float64]]:
    right = (
        isinstance(strokes, list)
        and 0 < len(strokes) <= MOST_STROKES
        and 0 < _points(strokes) <= MOST_POINTS
        and all(isinstance(stroke, list) and stroke and all(map(_is_point, stroke)) for stroke in strokes)
    )
    if not right:
        raise Problem(
            422,
            "no_strokes",
            f'{place}"strokes" must be a list of 1 to {MOST_STROKES} strokes, each a list of [x, y] points, '
            f"{MOST_POINTS:,} in all, each number within {FARTHEST:,} of 0.",
        )
    return [np.array(stroke, np.float64) for stroke in strokes]


def _points(strokes: Any) -> int:
    return sum(len(stroke) for stroke in strokes if isinstance(stroke, list)) if isinstance(strokes, list) else 0


def _is_point(point: Any) -> bool:
    return isinstance(point, list) and len(point) == 2 and all(_is_number(value) for value in point)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= FARTHEST


def _sheet(strokes: list[NDArray[np.float64]]) -> NDArray[np.uint8]:
    """One digit as a hand leaves it on the app's sheet."""
    from mnist_core.files.strokes import render

    return render(strokes)


def _page(strokes: list[NDArray[np.float64]]) -> NDArray[np.uint8]:
    """Several digits, with the pen that one digit has on the sheet. Most strokes are as high as their digit."""
    from mnist_core.files.strokes import render

    every = np.concatenate(strokes)
    span = max(float(np.ptp(every, 0).max()), 1e-6)
    digit = float(np.percentile([np.ptp(stroke, 0).max() for stroke in strokes], 75))
    width = np.clip(_PEN * digit / span * 0.9 * _PAGE, 4, _PEN * _PAGE)
    return render(strokes, extent=0.9 - width / _PAGE, center=(_PAGE / 2, _PAGE / 2), size=_PAGE, width=float(width))


def _image(rows: Any, place: str) -> NDArray[np.uint8]:
    if isinstance(rows, list) and len(rows) == SIDE and all(map(_is_row, rows)):  # NumPy would make room for any text
        image = np.array(rows, np.uint8)
        if not blank(image[None])[0]:
            return image
    raise Problem(
        422, "no_image", f'{place}"image" must be {SIDE} rows of {SIDE} numbers, each 0 or 255, not all of them 0.'
    )


def _is_row(row: Any) -> bool:
    return isinstance(row, list) and len(row) == SIDE and all(type(v) in (int, float) and v in (0, 255) for v in row)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")  # Python's parser would take it
