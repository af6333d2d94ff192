"""An opaque picture of something written -> its ink, and why the rest of the picture is none.

    sheet      paper on a table is found first: the rest of the picture is left out
    light      the picture is divided by its light, so that a shadow is no ink; what differs in colour only is seen too
    rules      long thin lines are taken out without cutting the strokes that cross them, and boxes round the writing
    parts      what hangs together; things at the border, underlines, specks and further digits are left out

Imported, with OpenCV, when the first opaque picture comes. Large pictures are worked on at 1024 pixels a side.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mnist_core.recognition.boxes import Box
from mnist_core.recognition.cores import core
from mnist_core.recognition.paper import Contrast, box, contrast, find_sheet, ink_is_lighter, shrunk
from mnist_core.recognition.parts import Part, belonging, find_parts, main_part, written
from mnist_core.recognition.ruling import find_frames, find_rules

WORKING_SIDE = 1024  # the longer side at which pictures are worked on
_SMALL = 64  # in a picture with a side under this there are no rules to look for
_WEAKEST = 0.06  # strength from which a pixel may be ink, where there is nothing to doubt
_GRAINY = 3  # grey levels, standard deviation: more makes strokes ragged, and so a pen seem thinner than it was
_SMOOTH = 0.7  # pixels by which their strength is then smoothed
_SHARE = 0.4  # of the strongest, at most, in a picture so small that what looks like noise is the digit


class Photograph(NamedTuple):
    """What was found in a picture of h x w pixels, after it was made smaller."""

    digit: np.ndarray
    """uint8 (h, w), 0-255: the ink of the main digit; nothing where nothing was found."""
    writing: np.ndarray
    """uint8 (h, w), 0-255: the ink of everything that may have been written, further digits and lines among it."""
    light: np.ndarray
    """uint8 (h, w, 3): the paper as it would be with nothing on it."""
    left_out: dict[str, np.ndarray]
    """bool (h, w) each: what stands out from the paper and is not the digit's ink, by the reason why it is not.

    "table", "rules", "frame", "edge", "digits" (further ones), "rest" (underlines, specks, captions).
    """
    others: list[Box]
    """Where further digits seem to be, in pixels of (h, w)."""


class _Layers(NamedTuple):
    """A picture taken apart; bool (h, w) but for `strength`, float32 (h, w), 0-1, `light`, as above, and `grain`."""

    strength: np.ndarray
    ink: np.ndarray  # without rules and frames
    rules: np.ndarray
    frame: np.ndarray
    light: np.ndarray
    grain: float


def read_photograph(picture: np.ndarray) -> Photograph:
    """Find what is written in a picture, uint8 (H, W, 3) or (H, W, 4), whose alpha is not looked at.

    Waits while as many pictures as there are cores are being worked on.
    """
    with core:
        return _find(picture)


def _find(picture: np.ndarray) -> Photograph:
    whole = _reduced(picture)
    sheet = find_sheet(whole)
    if sheet is not None:
        rows, columns = np.flatnonzero(sheet.any(1)), np.flatnonzero(sheet.any(0))
        inside = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        found = _read(np.ascontiguousarray(whole[inside]), sheet[inside])
        if found.digit.any():
            return _on_table(found, whole, sheet, inside)
    return _read(whole, np.ones(whole.shape[:2], bool))


def _reduced(picture: np.ndarray) -> np.ndarray:
    """As RGB of at most WORKING_SIDE pixels a side; exact halves first, which take OpenCV a tenth of the time."""
    while max(picture.shape[:2]) >= 2 * WORKING_SIDE:
        height, width = (n // 2 for n in picture.shape[:2])
        picture = cv2.resize(picture[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(shrunk(picture, WORKING_SIDE)[..., :3])


def _read(rgb: np.ndarray, sheet: np.ndarray) -> Photograph:
    strength, ink, rules, frame, light, grain = _layers(rgb, sheet)
    labels, parts = find_parts(strength, ink)
    nothing = np.zeros(ink.shape, bool)
    digit = writing = more = edge = nothing
    others: list[Part] = []
    if parts:
        main = main_part(parts, max(ink.shape))
        group, others = belonging(main, parts, labels)
        digit = np.isin(labels, [part.label for part in group])
        more = np.isin(labels, [part.label for part in others])
        writing = digit | np.isin(labels, [part.label for part in written(main, parts)])
        edge = np.isin(labels, [part.label for part in parts if part.at_edge]) & ~digit
    left_out = {"table": ~sheet, "rules": rules, "frame": frame, "edge": edge, "digits": more & ~digit}
    explained = np.logical_or.reduce([digit, *left_out.values()])
    left_out["rest"] = ink & ~cv2.dilate(explained.astype(np.uint8), box(5, 5)).astype(bool)
    soft = cv2.GaussianBlur(strength, (0, 0), _SMOOTH) if grain > _GRAINY else strength
    shades = _shades(soft, digit, ink), _shades(soft, writing, ink)
    return Photograph(*shades, light, left_out, [part.box for part in others])


def _layers(rgb: np.ndarray, sheet: np.ndarray) -> _Layers:
    """Find ink twice, as the light is known better once the pen's width is; the first time, half the pixels will do."""
    lighter = ink_is_lighter(rgb)
    if min(sheet.shape) < _SMALL:
        return _ink(contrast(rgb, lighter), sheet, lined=False)
    half = shrunk(rgb, WORKING_SIDE // 2)
    there = cv2.resize(sheet.astype(np.uint8), half.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
    pen = _pen(_ink(contrast(half, lighter), there))
    return _ink(contrast(rgb, lighter, None if pen is None else pen * rgb.shape[1] / half.shape[1]), sheet)


def _ink(seen: Contrast, sheet: np.ndarray, lined: bool = True) -> _Layers:
    strength = seen.strength * sheet
    threshold = _WEAKEST + seen.doubt
    ink = strength > (threshold if lined else np.minimum(threshold, _SHARE * strength.max()))
    rules = find_rules(ink, strength) if lined else np.zeros_like(ink)
    ink &= ~rules
    frame = find_frames(ink) if lined else np.zeros_like(ink)
    return _Layers(strength, ink & ~frame, rules, frame, seen.light, seen.grain)


def _shades(strength: np.ndarray, chosen: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """The chosen pixels of `ink`, and their soft edge, as uint8 (h, w): 255 is ink as strong as most of it."""
    if not chosen.any():
        return np.zeros(chosen.shape, np.uint8)
    near = (cv2.dilate(chosen.astype(np.uint8), box(3, 3)) > 0) & ink
    soft = np.minimum(strength[near] / np.percentile(strength[chosen], 75), 1)
    shades = np.zeros(chosen.shape, np.uint8)
    shades[near] = np.where(chosen[near], np.maximum(soft, 0.5), soft * (soft > 0.25)) * 255
    return shades


def _on_table(found: Photograph, whole: np.ndarray, sheet: np.ndarray, inside: tuple[slice, slice]) -> Photograph:
    """What was found on a sheet, in the pixels of the whole picture."""

    def placed(part: np.ndarray) -> np.ndarray:
        here = np.zeros(sheet.shape, part.dtype)
        here[inside] = part
        return here

    light = whole.copy()
    light[inside] = found.light
    left_out = {reason: placed(part) for reason, part in found.left_out.items()} | {"table": ~sheet}
    top, left = inside[0].start, inside[1].start
    others = [Box(b.left + left, b.top + top, b.right + left, b.bottom + top) for b in found.others]
    return Photograph(placed(found.digit), placed(found.writing), light, left_out, others)


def _pen(found: _Layers) -> float | None:
    """The width of most lines of ink, in pixels, from how far their middles are from the paper."""
    strength = found.strength * found.ink
    if not strength.any():
        return None
    solid = (strength > 0.4 * np.percentile(strength[found.ink], 95)).astype(np.uint8)
    depth = cv2.distanceTransform(cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_REPLICATE), cv2.DIST_L2, 3)
    middles = (depth > 0) & (depth >= cv2.dilate(depth, box(3, 3)))
    return float(2 * np.percentile(depth[middles], 75)) if middles.any() else None
