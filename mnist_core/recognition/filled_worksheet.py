"""A photograph of the worksheet, filled in -> its drawings, each with the digit of its row.

The four markers (ArUco; Garrido-Jurado et al., 2014) say where the page is and which way up; a lens's curve and that of
the paper are followed by the boxes' own lines. Imported, with OpenCV, when a photograph comes.
"""

from __future__ import annotations

from itertools import product
from typing import Literal, NamedTuple

import cv2
import numpy as np

from mnist_core.bitmaps import DIGITS
from mnist_core.files.worksheet import (
    DICTIONARY,
    FRAME,
    MARKERS,
    PER_DIGIT,
    Square,
    box_of,
    marker_squares,
)
from mnist_core.recognition.cores import core
from mnist_core.recognition.paper import contrast
from mnist_core.recognition.parts import find_parts
from mnist_core.recognition.preprocessing import as_canvas, prepare

WorksheetFault = Literal["absent", "part", "bent", "blank"]

_SCALE = 5  # pixels of the flattened page in a millimetre
_MARGIN = 6.0  # millimetres of the page kept around the frame
_SEARCH = 3.0  # millimetres by which a box may be off
_LINE = 1.0  # millimetres: what touches the edge of what is read and is no wider is the box's line
_INSIDE = 0.9  # millimetres inside a box's lines that are not read
_OFF = 0.03  # of the frame's width: how far the markers may be from where a flat page has them
_SMALLEST = 0.08  # a marker's outline over the picture's longer side: less is too small to read what is written
_LEAST = 2.0  # millimetres: what is smaller was not written
_FAINT = 0.4  # of the strength of most ink on the page: what is fainter shows through or is a shadow
_WEAKEST = 0.06  # strength from which a pixel may be ink, where there is nothing to doubt


class UnreadableWorksheet(ValueError):
    """What is no worksheet, or not all of one, in a sentence; `.kind` is that reason for programs."""

    def __init__(self, kind: WorksheetFault, sentence: str) -> None:
        super().__init__(sentence)
        self.kind: WorksheetFault = kind


class FilledBox(NamedTuple):
    """What somebody wrote in one box."""

    digit: int  # of the row, 0-9
    place: int  # in the row, 0-5
    image: np.ndarray  # uint8 (28, 28) of 0 and 255


def find_markers(rgb: np.ndarray) -> dict[int, np.ndarray]:
    """The worksheet's markers in a picture, uint8 (H, W, 3): the corners of each, float32 (4, 2), by its number.

    Waits for a core, as `read_photograph` does.
    """
    dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, DICTIONARY))
    settings = cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    settings.adaptiveThreshWinSizeMin, settings.adaptiveThreshWinSizeStep = 7, 16  # two windows, not three
    settings.minMarkerPerimeterRate = _SMALLEST
    detector = cv2.aruco.ArucoDetector(dictionary, settings)
    with core:
        found, numbers, _ = detector.detectMarkers(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
    pairs = zip(np.ravel(numbers).tolist(), found, strict=True) if found else ()
    return {int(number): corners.reshape(4, 2) for number, corners in pairs if number in MARKERS}


def read_worksheet(rgb: np.ndarray) -> list[FilledBox]:
    """Read a photograph of the worksheet, uint8 (H, W, 3), at any angle up to about 30 degrees and any way up.

    Returns the drawings row by row; empty boxes are left out. Waits for a core, as `read_photograph` does. Raises
    UnreadableWorksheet.
    """
    markers = find_markers(rgb)
    with core:
        return _read_boxes(_flattened(rgb, markers))


def _read_boxes(page: np.ndarray) -> list[FilledBox]:
    seen = contrast(page, np.zeros(3, bool))
    places = list(product(range(DIGITS), range(PER_DIGIT)))
    boxes = _followed([box_of(*place) for place in places], seen.strength)
    ink = seen.strength > _WEAKEST + seen.doubt
    inks = [_ink_in(box, seen.strength, ink) for box in boxes]
    levels = [float(np.percentile(written[written > 0], 75)) for written in inks if written.any()]
    if not levels:
        raise UnreadableWorksheet("blank", "Nothing is written on this worksheet.")
    least = _FAINT * float(np.median(levels))
    drawings = []
    for (digit, place), written in zip(places, inks, strict=True):
        if written.max() > least:
            shades = np.rint(np.minimum(written / np.percentile(written[written > 0], 75), 1) * 255).astype(np.uint8)
            drawings.append(FilledBox(digit, place, prepare(as_canvas(shades))))
    return drawings


def _flattened(rgb: np.ndarray, markers: dict[int, np.ndarray]) -> np.ndarray:
    """The page seen from above, _SCALE pixels a millimetre, _MARGIN around the frame."""
    if not markers:
        raise UnreadableWorksheet("absent", "This is not the worksheet: none of its four markers is to be seen.")
    if len(markers) < len(MARKERS):
        sentence = f"Only part of the worksheet is to be seen: {len(markers)} of its four markers."
        raise UnreadableWorksheet("part", sentence)
    squares = marker_squares()
    known = np.concatenate([_corners(squares[number]) for number in MARKERS])
    found = np.concatenate([markers[number] for number in MARKERS])
    to_page, _ = cv2.findHomography(found, known)
    if to_page is None or not _is_flat(to_page, found, known):
        raise UnreadableWorksheet("bent", "The four markers are not where the worksheet has them: lay the page flat.")
    to_pixels = np.array([[_SCALE, 0, _SCALE * _MARGIN], [0, _SCALE, _SCALE * _MARGIN], [0, 0, 1]])
    size = [round((length + 2 * _MARGIN) * _SCALE) for length in FRAME]
    return cv2.warpPerspective(rgb, to_pixels @ to_page, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _is_flat(to_page: np.ndarray, found: np.ndarray, known: np.ndarray) -> bool:
    placed = cv2.perspectiveTransform(found[None].astype(np.float64), to_page)[0]
    return bool(np.abs(placed - known).max() < _OFF * FRAME[0])


def _corners(square: Square) -> np.ndarray:
    """Clockwise from the top left, float64 (4, 2)."""
    left, top, side = square
    return np.array([(left, top), (left + side, top), (left + side, top + side), (left, top + side)])


def _followed(boxes: list[Square], strength: np.ndarray) -> list[Square]:
    """Where the boxes are: where their lines are seen, which go smoothly from where the markers say that they are."""
    shifts, weights = np.zeros((len(boxes), 2)), np.zeros((len(boxes), 2))
    for k, box in enumerate(boxes):
        for axis, (along, across) in enumerate(((box.left, box.top), (box.top, box.left))):
            lines = strength.T if axis == 0 else strength
            shifts[k, axis], weights[k, axis] = _line_shift(lines, along, across, box.side)
    centres = np.array([(box.left, box.top) for box in boxes]) / FRAME[1]
    terms = np.stack([centres[:, 0] ** i * centres[:, 1] ** j for i in range(4) for j in range(4 - i)], 1)
    smooth = np.zeros_like(shifts)
    for axis in (0, 1):
        weight = weights[:, axis]
        for _ in range(3):  # what is far off from its neighbours counts less each time (Huber, 1964)
            fit, *_ = np.linalg.lstsq(terms * weight[:, None], shifts[:, axis] * weight, rcond=None)
            smooth[:, axis] = terms @ fit
            weight = weights[:, axis] / np.maximum(1, np.abs(shifts[:, axis] - smooth[:, axis]) / 0.3)
    return [Square(box.left + dx, box.top + dy, box.side) for box, (dx, dy) in zip(boxes, smooth, strict=True)]


def _line_shift(strength: np.ndarray, along: float, across: float, side: float) -> tuple[float, float]:
    """How far, in millimetres, two lines `side` apart are from `along`, which counts rows; and how plain they are."""
    reach = round(_SEARCH * _SCALE)
    first, last = _pixels(across + 2), _pixels(across + side - 2)
    start, far = _pixels(along), _pixels(along + side) - _pixels(along)
    rows = strength[start - reach - 1 : start + far + reach + 2, first:last].mean(1)
    rows = np.convolve(rows, np.ones(3) / 3, "valid")
    pairs = rows[: 2 * reach + 1] + rows[far : far + 2 * reach + 1]
    best = int(pairs.argmax())
    return (best - reach) / _SCALE, float(pairs[best] - np.median(pairs)) + 1e-6


def _ink_in(box: Square, strength: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """The strength of what is written in a box, float32 (h, w); 0 where nothing is."""
    top, left = _pixels(box.top + _INSIDE), _pixels(box.left + _INSIDE)
    side = round((box.side - 2 * _INSIDE) * _SCALE)
    here = np.s_[top : top + side, left : left + side]
    labels, parts = find_parts(strength[here], ink[here])
    parts = [part for part in parts if not part.contact or min(part.width, part.height) > _LINE * _SCALE]
    if not any(part.extent >= _LEAST * _SCALE for part in parts):
        return np.zeros_like(strength[here])
    strongest = max(part.level for part in parts)
    written = np.isin(labels, [part.label for part in parts if part.level >= _FAINT * strongest])
    near = cv2.dilate(written.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(near & ink[here], strength[here], 0)


def _pixels(length: float) -> int:
    return round((length + _MARGIN) * _SCALE)
