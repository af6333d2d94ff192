"""The page to print: a marker in each corner, ten rows of a digit, six boxes each. Where what is, and its PDF.

Everything is in millimetres from the top left corner of the frame that the four markers span; the frame is the same on
either paper, in its middle, so that a reader of photographs need not know which it was.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from mnist_core.bitmaps import DIGITS

Paper = Literal["a4", "letter"]

PAPERS: dict[Paper, tuple[float, float]] = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
PER_DIGIT = 6  # boxes in a row
FRAME = (182.0, 254.0)  # width and height
MARKER = 18.0  # a marker's side
MARKERS = (7, 19, 28, 41)  # of ArUco's dictionary 5 x 5: top left, top right, bottom right, bottom left
DICTIONARY = "DICT_5X5_50"
BOX_SIDE = 19.0  # a box's side
_FIRST = (20.0, 22.5)  # the corner of the first box
_STEP = ((FRAME[0] - _FIRST[0] - BOX_SIDE) / (PER_DIGIT - 1), 21.2)  # from box to box

MODULES = 7  # a marker is so many black and white squares across
LINE = 0.25  # a box's line is so thick
_POINTS = 72 / 25.4  # of PDF, in a millimetre
_TEXTS: dict[str, tuple[str, str, str]] = {
    "en": (
        "Ten digits, six times each",
        "Write each digit as you always do, inside its boxes. Boxes may stay empty.",
        "Then photograph the whole page with its four corners, and give the picture to the app.",
    ),
    "es": (
        "Diez números, seis veces cada uno",
        "Escribe cada número como siempre, dentro de sus casillas. Puede haber casillas vacías.",
        "Después fotografía toda la página con sus cuatro esquinas y dale la imagen a la app.",
    ),
}
PAGE_LANGUAGES = tuple(_TEXTS)


class Square(NamedTuple):
    """Something of the frame, in millimetres."""

    left: float
    top: float
    side: float


def box_of(digit: int, place: int) -> Square:
    """The box for a digit, 0-9, and its place in the row, 0-5."""
    return Square(_FIRST[0] + place * _STEP[0], _FIRST[1] + digit * _STEP[1], BOX_SIDE)


def marker_squares() -> dict[int, Square]:
    """Where each marker is, by its number."""
    right, bottom = FRAME[0] - MARKER, FRAME[1] - MARKER
    corners = ((0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom))
    return {number: Square(*corner, MARKER) for number, corner in zip(MARKERS, corners, strict=True)}


def black_squares() -> list[Square]:
    """The squares that the markers are made of."""
    import cv2  # when a page is made

    dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, DICTIONARY))
    side = MARKER / MODULES
    return [
        Square(marker.left + x * side, marker.top + y * side, side)
        for number, marker in marker_squares().items()
        for y, row in enumerate(cv2.aruco.generateImageMarker(dictionary, number, MODULES).tolist())
        for x, level in enumerate(row)
        if level == 0
    ]


def worksheet_pdf(paper: Paper, language: str) -> bytes:
    """The page as a PDF file; language: one of PAGE_LANGUAGES."""
    width, height = PAPERS[paper]
    left, top = (width - FRAME[0]) / 2, (height - FRAME[1]) / 2
    boxes = [box_of(digit, place) for digit in range(DIGITS) for place in range(PER_DIGIT)]

    def placed(square: Square) -> str:  # PDF counts from the bottom up
        x, y = left + square.left, height - top - square.top - square.side
        return f"{x * _POINTS:.3f} {y * _POINTS:.3f} {square.side * _POINTS:.3f} {square.side * _POINTS:.3f} re"

    def text(x: float, baseline: float, size: float, words: str) -> str:
        place = f"{(left + x) * _POINTS:.3f} {(height - top - baseline) * _POINTS:.3f}"
        return f"BT /F1 {size * _POINTS:.2f} Tf {place} Td ({words}) Tj ET"

    title, *how = _TEXTS[language]
    lines = [*map(placed, black_squares()), "f", f"{LINE * _POINTS:.3f} w", *map(placed, boxes), "S"]
    lines += [text(5, box_of(digit, 0).top + 13.5, 12, str(digit)) for digit in range(DIGITS)]
    lines += [text(MARKER + 4, 5.5, 6.5, title), *(text(MARKER + 4, 12 + 4.5 * n, 3.4, w) for n, w in enumerate(how))]
    return _pdf(width * _POINTS, height * _POINTS, "\n".join(lines).encode("cp1252"))


def _pdf(width: float, height: float, content: bytes) -> bytes:
    """One page, its size in points, with Helvetica, which every reader of PDF has, as F1."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents 4 0 R /Resources << /Font << /F1 %s >> >> >>"
        % (width, height, font),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    file, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return file + head + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(file))
