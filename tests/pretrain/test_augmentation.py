"""Variants of MNIST's images: still digits, drawn by another pen. Drawn digits stand in for MNIST's here."""

from __future__ import annotations

import numpy as np
import pytest
import scipy

from mnist_core.pretrain.augmentation import bent, prepare_plain, shifted, spoil, vary
from mnist_core.pretrain.flourishes import adorn
from mnist_core.pretrain.penmanship import digit_image
from mnist_core.recognition.preprocessing import EmptyDrawing
from mnist_core.teaching.variants import LARGE, bend, rewrite


def image_of(digit: int, seed: int = 0) -> np.ndarray:
    return digit_image(digit, np.random.default_rng([seed, digit]))


def enlarged(digit: int, seed: int = 0) -> np.ndarray:
    return np.pad(np.kron(image_of(digit, seed), np.ones((2, 2), np.uint8)), (LARGE - 56) // 2)


@pytest.mark.parametrize("digit", range(10))
def test_variants_are_prepared_images_and_differ(digit: int) -> None:
    rng = np.random.default_rng(digit)
    made = [vary(image_of(digit), digit, rng) for _ in range(20)]
    assert all(image.shape == (28, 28) and image.dtype == np.uint8 for image in made)
    assert {int(v) for v in np.unique(made)} == {0, 255}
    assert len({image.tobytes() for image in made}) == 20


def test_without_strength_hardly_anything_changes() -> None:
    for digit in range(10):
        image = prepare_plain(image_of(digit))
        changed = vary(image, digit, np.random.default_rng(0), strength=0) != image
        assert changed.mean() < 0.12  # outlines move by a pixel; nothing else does


def test_the_seed_decides() -> None:
    first, again, different = (vary(image_of(3), 3, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, different)


def test_a_blank_image_is_named() -> None:
    with pytest.raises(EmptyDrawing):
        vary(np.zeros((28, 28), np.uint8), 1, np.random.default_rng(0))


@pytest.mark.parametrize("digit", [0, 1, 7, 9])
def test_what_hands_add_is_added_and_nothing_is_taken_away(digit: int) -> None:
    rng = np.random.default_rng(digit)
    for seed in range(30):
        image = enlarged(digit, seed)
        written = adorn(image, digit, rng)
        assert (written >= image).all()
        assert (written > image).any()


def test_other_digits_and_blank_images_are_not_written_on() -> None:
    rng = np.random.default_rng(0)
    assert np.array_equal(adorn(enlarged(3), 3, rng), enlarged(3))
    blank = np.zeros((LARGE, LARGE), np.uint8)
    assert np.array_equal(adorn(blank, 7, rng), blank)


def test_a_thick_pen_gets_thinner_and_a_thin_one_thicker() -> None:
    rng = np.random.default_rng(0)
    for width, low, high in ((12, 6, 12), (5, 5, 12)):
        image = np.zeros((LARGE, LARGE), np.uint8)
        image[10:62, 31 : 31 + width] = 255  # a 1
        made = [int((rewrite(image, rng, 1.0)[36] > 127).sum()) for _ in range(60)]
        assert low <= min(made)  # never to crumbs
        assert max(made) <= high
        assert max(made) - min(made) >= 4


def test_bending_keeps_the_ink() -> None:
    rng = np.random.default_rng(0)
    areas = [(bend(enlarged(5), rng, 1.0) > 127).sum() / (enlarged(5) > 127).sum() for _ in range(50)]
    assert min(areas) > 0.4
    assert max(areas) < 1.7


def test_shifted_images_are_those_moved_and_cut_off() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (200, 28, 28)).astype(np.uint8)
    seen = set()
    for before, after in zip(images, shifted(images, 2, rng), strict=True):
        moves = [(y, x) for y in range(-2, 3) for x in range(-2, 3) if np.array_equal(after, _moved(before, y, x))]
        assert len(moves) == 1
        seen.add(moves[0])
    assert len(seen) == 25
    assert shifted(images, 0, rng) is images


def _moved(image: np.ndarray, down: int, right: int) -> np.ndarray:
    return scipy.ndimage.shift(image, (down, right), order=0, cval=0)


@pytest.mark.parametrize("digit", range(10))
def test_bent_images_are_prepared_images_of_the_same_pen(digit: int) -> None:
    """The pen's width is the ink over half its outline: the same as it was, give or take what black and white costs."""

    def pen(image: np.ndarray) -> float:
        ink = np.pad(image > 0, 1)
        outline = np.count_nonzero(ink[1:] != ink[:-1]) + np.count_nonzero(ink[:, 1:] != ink[:, :-1])
        return 2 * np.count_nonzero(ink) / outline

    rng = np.random.default_rng(digit)
    image = image_of(digit)
    made = [bent(image, rng) for _ in range(20)]
    assert all(one.shape == (28, 28) and one.dtype == np.uint8 for one in made)
    assert {int(v) for v in np.unique(made)} == {0, 255}
    assert len({one.tobytes() for one in made}) == 20
    assert np.mean([pen(one) for one in made]) == pytest.approx(pen(prepare_plain(image)), rel=0.15)


def test_spoilt_digits_are_prepared_images() -> None:
    rng = np.random.default_rng(0)
    for first in range(10):
        for second in range(10):
            made = spoil(np.stack([image_of(first), image_of(second)]), np.array([first, second]), rng)
            assert made.shape == (28, 28)
            assert {int(v) for v in np.unique(made)} == {0, 255}
