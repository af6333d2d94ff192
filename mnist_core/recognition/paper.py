"""Where the paper is in a picture, how it is lit, and how far each pixel is from its colour.

Everything works on whole arrays of OpenCV, which is imported with this module: only an opaque picture brings it in.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

_SHEET_SIDE = 256  # pixels a side at which a sheet is looked for
_SHEET_BORDER = 0.25  # a sheet covers less than this share of the picture's border; more, and the picture is its inside
_SHEET_SOLID = 0.85  # of the rectangle around it
_SHEET_BRIGHT = 1.35  # times the table
_LIGHT_SIDE = 512  # pixels a side at which light is estimated
_VOTE_SIDE = 160
_UNLIKE = 8  # grey levels that do not count as standing out
_NOISES = 5  # standard deviations of noise that are doubted, but
_NOISIEST = 0.15  # no more than this, or ink of few pixels would pass for noise
_FLOOR = 16  # grey levels added before a ratio is taken: black has no colour


class Contrast(NamedTuple):
    """How far a picture is from its paper; the light has no part in it."""

    strength: np.ndarray  # float32 (h, w), 0-1: 0 is paper
    doubt: np.ndarray  # float32 (h, w): what the camera's noise and the light's edges make of paper, in that measure
    light: np.ndarray  # uint8 (h, w, 3): the paper as it would be with nothing on it
    grain: float  # standard deviation of the camera's noise, in grey levels


def shrunk(picture: np.ndarray, side: int) -> np.ndarray:
    """Return uint8 (H, W) or (H, W, 3) with a longer side of at most `side`, each pixel the mean of what it covers."""
    height, width = picture.shape[:2]
    factor = max(height, width) / side
    if factor <= 1:
        return picture
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def find_sheet(rgb: np.ndarray) -> np.ndarray | None:
    """Where a bright sheet lies on something darker, bool (H, W), a little inside its edge; None where none does.

    A sheet is the largest bright patch (Otsu, 1979) that is nearly its own rectangle and leaves most of the border
    to the table. A sunlit half of a page is not: it runs out of the picture.
    """
    small = shrunk(rgb, _SHEET_SIDE)
    height, width = small.shape[:2]
    if min(height, width) < 64:
        return None
    bright = cv2.medianBlur(np.maximum(np.maximum(small[..., 0], small[..., 1]), small[..., 2]), 5)
    reach = int(0.06 * max(height, width)) | 1
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, box(reach, reach))  # what is written is no hole in the sheet
    _, above = cv2.threshold(bright, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    if not 0 < np.count_nonzero(above) < above.size:
        return None
    if np.median(bright[above > 0]) < _SHEET_BRIGHT * np.median(bright[above == 0]) + 8:
        return None
    _, labels, stats, _ = cv2.connectedComponentsWithStats(above)
    patch = (labels == 1 + np.argmax(stats[1:, cv2.CC_STAT_AREA])).astype(np.uint8)
    outlines, _ = cv2.findContours(patch, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(outlines[0])
    around, area = cv2.minAreaRect(hull)[1], cv2.contourArea(hull)
    border = np.concatenate([patch[0], patch[-1], patch[:, 0], patch[:, -1]]).mean()
    if border > _SHEET_BORDER or area < 0.08 * patch.size:
        return None
    if area < _SHEET_SOLID * around[0] * around[1] or np.count_nonzero(patch) < _SHEET_SOLID * area:
        return None
    sheet = cv2.erode(cv2.fillConvexPoly(np.zeros_like(patch), hull, 1), box(5, 5), borderValue=0)
    return cv2.resize(sheet, rgb.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0


def ink_is_lighter(rgb: np.ndarray) -> np.ndarray:
    """For each channel, bool (3,), whether what stands out from its surroundings is lighter than they are.

    Surroundings are medians of windows of three sizes, each with one voice, as a pen may be of any width.
    """
    small = shrunk(rgb, _VOTE_SIDE)
    votes = np.zeros(3)
    for share in (0.12, 0.25, 0.5):
        window = max(3, int(share * min(small.shape[:2])) | 1)
        reach = window // 2
        framed = cv2.copyMakeBorder(small, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
        around = cv2.medianBlur(framed, window)[reach:-reach, reach:-reach]
        apart = small.astype(np.int16) - around
        lighter, darker = np.maximum(apart - _UNLIKE, 0).sum((0, 1)), np.maximum(-apart - _UNLIKE, 0).sum((0, 1))
        votes += (lighter - darker) / (lighter + darker + small.size / 100)
    return votes > 0


def contrast(rgb: np.ndarray, lighter: np.ndarray, pen: float | None = None) -> Contrast:
    """Divide a picture by its light, channel by channel; the strength is that of the channel that shows most.

    The light is a closing (an opening in a channel in which ink is `lighter`): it fills what is narrower than its
    window, and follows a shadow's edge, which a blur or a polynomial cannot. pen: the ink's width in pixels, when it
    is known: the window is then no larger than five of them.
    """
    light = _light(rgb, lighter, pen)
    strength = np.zeros(rgb.shape[:2], np.float32)
    for channel, is_lighter in enumerate(lighter):
        paper, seen = light[..., channel].astype(np.float32), rgb[..., channel].astype(np.float32)
        if is_lighter:  # as in a negative
            paper, seen = 255 - paper, 255 - seen
        away = 1 - (seen + _FLOOR) / (paper + _FLOOR)
        away -= np.median(away[::4, ::4])
        strength = np.maximum(strength, away)
    grain = _grain(rgb)
    return Contrast(np.clip(strength, 0, 1), _doubt(light, grain), light, grain)


def _grain(rgb: np.ndarray) -> float:
    """The noise's standard deviation in grey levels, from the median of what a blur takes away."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[::2, ::2].astype(np.float32)
    return float(1.4826 * np.median(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1))))


def _doubt(light: np.ndarray, grain: float) -> np.ndarray:
    darkest = cv2.min(cv2.min(light[..., 0], light[..., 1]), light[..., 2])
    paper = darkest.astype(np.float32) + _FLOOR
    # Where light changes steeply, being wrong by a pixel looks like ink.
    edge = cv2.morphologyEx(darkest, cv2.MORPH_GRADIENT, box(3, 3)).astype(np.float32)
    return np.minimum(_NOISES * grain / paper, _NOISIEST) + edge / 2 / paper


def _light(rgb: np.ndarray, lighter: np.ndarray, pen: float | None) -> np.ndarray:
    small = shrunk(rgb, _LIGHT_SIDE)
    height, width = small.shape[:2]
    photographed = min(height, width) > 100  # less is a drawing of few pixels, each of which counts
    if photographed:
        small = cv2.medianBlur(small, 3)
    window = 0.7 * min(height, width)
    if photographed:
        window = min(0.4 * min(height, width), 0.2 * max(height, width))
        if pen is not None:
            window = min(window, max(0.05 * max(height, width), 5 * pen * width / rgb.shape[1]))
    square = box(max(3, int(window) | 1), max(3, int(window) | 1))
    kinds = [cv2.MORPH_OPEN if is_lighter else cv2.MORPH_CLOSE for is_lighter in lighter]
    light = cv2.merge([cv2.morphologyEx(c, kind, square) for c, kind in zip(cv2.split(small), kinds, strict=True)])
    if photographed:
        light = cv2.medianBlur(light, 5)  # a blur would smear a shadow's edge into a line
    return cv2.resize(light, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def box(width: int, height: int) -> np.ndarray:
    """A full rectangle for OpenCV's morphology."""
    return cv2.getStructuringElement(cv2.MORPH_RECT, (width, height))
