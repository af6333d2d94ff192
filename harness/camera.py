"""The worksheet as a hand fills it in and a phone photographs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import cv2
import numpy as np
import pypdfium2

from mnist_core.files.worksheet import FRAME, PAPERS, Paper, box_of, worksheet_pdf

DOTS = 6  # of the printed page, a millimetre
PICTURE = (1152, 1536)  # pixels of a photograph
TABLE = (96, 70, 52)

Pen = Sequence[np.ndarray]  # strokes, float (n, 2), in any unit, y down


def printed(paper: Paper = "a4") -> np.ndarray:
    """The page as its printer reads the PDF: uint8 (H, W), DOTS a millimetre."""
    return _rendered(paper).copy()


@cache
def _rendered(paper: Paper) -> np.ndarray:
    page = pypdfium2.PdfDocument(worksheet_pdf(paper, "en"))[0]
    return np.array(page.render(scale=DOTS * 25.4 / 72).to_pil().convert("L"))


def fill_in(page: np.ndarray, paper: Paper, written: Mapping[tuple[int, int], Pen], rng: np.random.Generator) -> None:
    """Write strokes into boxes, by digit and place, with one pen: as large as people do, and anywhere in the box."""
    width, level = round(rng.uniform(0.5, 1.0) * DOTS), int(rng.uniform(20, 90))
    corner = [(whole - frame) / 2 for whole, frame in zip(PAPERS[paper], FRAME, strict=True)]
    for place, pen in written.items():
        box, every = box_of(*place), np.concatenate(pen)
        low, high = every.min(0), every.max(0)
        longer = rng.uniform(0.5, 0.75) * box.side
        size = (high - low) * longer / max(float((high - low).max()), 1e-6)
        free = box.side - 3 - size
        start = np.add(corner, (box.left, box.top)) + 1.5 + np.maximum(free, 0) * rng.uniform(0.2, 0.8, 2)
        for stroke in pen:
            points = ((stroke - low) * longer / max(float((high - low).max()), 1e-6) + start) * DOTS
            cv2.polylines(page, [np.rint(points * 16).astype(np.int32)], False, level, width, cv2.LINE_AA, 4)


def photographed(
    page: np.ndarray,
    rng: np.random.Generator,
    *,
    turn: float | None = None,
    tilt: float | None = None,
    lens: float | None = None,
    shadow: bool = True,
) -> np.ndarray:
    """A photograph, uint8 (H, W, 3), of a page on a table; what is None is chosen.

    turn: degrees that the page lies turned. tilt: degrees between the camera and straight above. lens: how much
    farther from the middle than it should be what is in a corner, as a share.
    """
    turn = 90 * rng.integers(4) + rng.uniform(-12, 12) if turn is None else turn
    tilt = rng.uniform(0, 30) if tilt is None else tilt
    lens = rng.uniform(-0.03, 0.03) if lens is None else lens
    width, height = PICTURE if round(turn / 90) % 2 == 0 else PICTURE[::-1]
    to_picture = _seen_from(page.shape, (width, height), np.radians(turn), np.radians(tilt), rng.uniform(0, 2 * np.pi))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across, down = (x - width / 2) * 2 / np.hypot(width, height), (y - height / 2) * 2 / np.hypot(width, height)
    straight = 1 - lens * (across**2 + down**2)
    points = np.stack([across * straight, down * straight], 2) * np.hypot(width, height) / 2 + (width / 2, height / 2)
    there = cv2.perspectiveTransform(points.astype(np.float32), np.linalg.inv(to_picture))
    grey = cv2.remap(page, there[..., 0], there[..., 1], cv2.INTER_AREA, borderValue=0).astype(np.float32)
    on_page = cv2.remap(np.full_like(page, 255), there[..., 0], there[..., 1], cv2.INTER_LINEAR) / np.float32(255)
    paper = grey[..., None] / 255 * np.array([222, 218, 208], np.float32) + 12
    rgb = paper * on_page[..., None] + np.array(TABLE, np.float32) * (1 - on_page[..., None])
    rgb *= _light((height, width), rng, shadow)[..., None]
    rgb = cv2.GaussianBlur(rgb, (0, 0), rng.uniform(0.5, 1.1)) + rng.uniform(1, 4) * rng.standard_normal(
        rgb.shape, np.float32
    )
    _, file = cv2.imencode(".jpg", np.clip(rgb, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 85])
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR))


def _seen_from(page: tuple[int, ...], picture: tuple[int, int], turn: float, tilt: float, towards: float) -> np.ndarray:
    """The homography from a page's pixels to a picture's, which it fills but for a margin."""
    height, width = page[:2]
    of_page = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    corners = of_page - (width / 2, height / 2)

    def about(axis: np.ndarray, angle: float) -> np.ndarray:
        return cv2.Rodrigues(axis * angle)[0]

    turned = about(np.array([np.cos(towards), np.sin(towards), 0]), tilt) @ about(np.array([0.0, 0, 1]), turn)
    away = 1.4 * np.hypot(width, height)
    space = np.column_stack([corners, np.zeros(4)]) @ turned.T + (0, 0, away)
    seen = space[:, :2] / space[:, 2:]
    low, high = seen.min(0), seen.max(0)
    scale = 0.94 * min(np.array(picture) / (high - low))
    placed = (seen - (low + high) / 2) * scale + np.array(picture) / 2
    return cv2.getPerspectiveTransform(of_page, placed.astype(np.float32))


def _light(size: tuple[int, int], rng: np.random.Generator, shadow: bool) -> np.ndarray:
    """A lamp at one side and, if there is one, the shadow of a hand with a soft edge: float32 (H, W), 0-1."""
    y, x = np.mgrid[-1 : 1 : size[0] * 1j, -1 : 1 : size[1] * 1j].astype(np.float32)
    towards = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(towards) + y * np.sin(towards)
    light = 1 - rng.uniform(0, 0.25) * (along + 1) / 2
    if shadow:
        edge = (along - rng.uniform(-0.5, 0.5)) / rng.uniform(0.02, 0.3)
        light = light * (1 - rng.uniform(0.2, 0.55) / (1 + np.exp(-np.clip(edge, -50, 50))))
    return light.astype(np.float32)
