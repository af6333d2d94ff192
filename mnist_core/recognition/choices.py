"""The digits of a photograph from which one can be chosen, when only one was to be read and there are more."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mnist_core.recognition.boxes import Box
from mnist_core.recognition.preprocessing import SMALLEST

_MOST = 60  # patches of ink looked at, the largest first
_HIGH = 0.6  # of the main digit's height: a lower patch is no digit of its own but belongs to what it is nearest to


class Choice(NamedTuple):
    """The ink of one digit."""

    box: Box  # where it is in the photograph
    ink: np.ndarray  # uint8 (h, w), 0-255, at least 28 a side


def find_choices(digit: np.ndarray, writing: np.ndarray) -> list[Choice]:
    """The main digit, and then whatever stands as high as a digit beside, above or below it: from top left on.

    digit, writing: uint8 (h, w), 0-255, as `Photograph` has them. Empty where there is no main digit.
    """
    if not digit.any():
        return []
    main = Choice(_around(digit), digit)
    apart = ((writing > 0) & (cv2.dilate(digit, np.ones((3, 3), np.uint8)) == 0)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(apart, connectivity=8)
    largest = 1 + np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable")[:_MOST]
    boxes = {
        int(k): Box(x, y, x + w, y + h) for k, (x, y, w, h, _) in zip(largest, stats[largest].tolist(), strict=True)
    }
    least = _HIGH * (main.box.bottom - main.box.top)
    bodies = {k: [k] for k, box in boxes.items() if box.bottom - box.top >= least}
    for k, box in boxes.items():
        if k not in bodies:
            nearest = min(bodies, key=lambda body: _distance(box, boxes[body]), default=None)
            if nearest is not None and _distance(box, boxes[nearest]) < _distance(box, main.box):
                bodies[nearest].append(k)
    others = []
    for patches in bodies.values():
        lefts, tops, rights, bottoms = zip(*(boxes[k] for k in patches), strict=True)
        box = Box(min(lefts), min(tops), max(rights), max(bottoms))
        here = np.s_[box.top : box.bottom, box.left : box.right]
        ink = np.where(np.isin(labels[here], patches), writing[here], 0).astype(np.uint8)
        others.append(Choice(box, np.pad(ink, [(max(0, SMALLEST - length), 1) for length in ink.shape])))
    return [main, *sorted(others, key=lambda choice: (choice.box.top + choice.box.left, choice.box.top))]


def _around(ink: np.ndarray) -> Box:
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _distance(a: Box, b: Box) -> float:
    across = max(a.left - b.right, b.left - a.right, 0)
    down = max(a.top - b.bottom, b.top - a.bottom, 0)
    return float(np.hypot(across, down))
