"""One digit is to be read, and a photograph holds more: each can be chosen."""

from __future__ import annotations

import numpy as np

from mnist_core.recognition.boxes import Box
from mnist_core.recognition.choices import find_choices


def ink(*boxes: Box, size: tuple[int, int] = (200, 300)) -> np.ndarray:
    layer = np.zeros(size, np.uint8)
    for box in boxes:
        layer[box.top : box.bottom, box.left : box.right] = 255
    return layer


MAIN, BESIDE, BELOW = Box(100, 20, 110, 80), Box(200, 25, 210, 75), Box(100, 120, 110, 170)
BAR, CRUMB = Box(215, 22, 240, 30), Box(90, 20, 96, 24)


def test_the_main_digit_comes_first_and_the_others_beside_and_below_follow() -> None:
    choices = find_choices(ink(MAIN), ink(MAIN, BESIDE, BELOW))
    assert [choice.box for choice in choices] == [MAIN, BELOW, BESIDE]
    assert all(min(choice.ink.shape) >= 28 for choice in choices)


def test_a_small_patch_belongs_to_what_it_is_nearest_to() -> None:
    main, beside = find_choices(ink(MAIN), ink(MAIN, BESIDE, BAR, CRUMB))
    assert np.array_equal(main.ink, ink(MAIN))
    assert beside.box == Box(200, 22, 240, 75)
    assert np.count_nonzero(beside.ink) == np.count_nonzero(ink(BESIDE, BAR))


def test_where_there_is_one_digit_there_is_nothing_to_choose() -> None:
    assert len(find_choices(ink(MAIN), ink(MAIN, CRUMB))) == 1
    assert find_choices(ink(), ink(BESIDE)) == []
