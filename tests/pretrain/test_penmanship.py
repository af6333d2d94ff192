"""Made-up digits and non-digits: always drawable, different, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_core.pretrain.allographs import ALLOGRAPHS, GLYPHS
from mnist_core.pretrain.penmanship import digit_image, digit_strokes, ink, other_image, other_strokes
from mnist_core.pretrain.scribbles import smooth
from mnist_core.recognition.preprocessing import prepare


@pytest.mark.parametrize("digit", range(10))
def test_every_hand_of_a_digit_can_be_drawn(digit: int) -> None:
    rng = np.random.default_rng(digit)
    images = [digit_image(digit, rng) for _ in range(60)]
    assert all(image.shape == (28, 28) and image.dtype == np.uint8 for image in images)
    assert {int(v) for v in np.unique(images)} == {0, 255}
    assert len({image.tobytes() for image in images}) == 60


def test_what_is_no_digit_can_be_drawn() -> None:
    rng = np.random.default_rng(1)
    images = [other_image(rng) for _ in range(300)]
    assert {int(v) for v in np.unique(images)} == {0, 255}
    assert len({image.tobytes() for image in images}) > 290


def test_the_seed_decides() -> None:
    first, again, different = (digit_image(4, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, different)
    one, same = (other_image(np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one, same)


def test_strokes_are_finite_trajectories() -> None:
    rng = np.random.default_rng(2)
    for n in range(400):
        for stroke in digit_strokes(n % 10, rng) if n % 2 else other_strokes(rng):
            assert stroke.ndim == 2 and stroke.shape[1] == 2 and len(stroke) > 0
            assert np.isfinite(stroke).all()


def test_hands_differ_in_their_number_of_strokes() -> None:
    """A crossed seven, a two-stroke five, a slashed zero are among them, and plain ones too."""
    rng = np.random.default_rng(3)
    for digit in (0, 1, 4, 5, 7):
        assert len({len(digit_strokes(digit, rng)) for _ in range(100)}) > 1


def test_templates_stay_near_their_box() -> None:
    texts = [text for hands in ALLOGRAPHS.values() for _, text in hands] + list(GLYPHS)
    for text in texts:
        for word in text.replace(";", " ").split():
            if "," in word:
                x, y = (float(n) for n in word.rstrip("!").partition("~")[0].split(","))
                assert -20 <= min(x, y) <= max(x, y) <= 120, text


def test_a_curve_passes_through_its_points() -> None:
    points = np.array([[0.0, 0.0], [10, 5], [20, -5], [30, 0]])
    curve = smooth(points)
    for point in points:
        assert np.linalg.norm(curve - point, axis=1).min() < 1e-9
    assert np.linalg.norm(np.diff(curve, axis=0), axis=1).max() < 6  # no jump between them


def test_a_single_dot_has_ink() -> None:
    canvas = ink([np.array([[3.0, 4.0]])], np.random.default_rng(0))
    assert canvas.dtype == np.uint8 and canvas.shape[2] == 4
    assert (prepare(canvas) == 255).sum() > 100  # a dot fills the box, as its longer side is 20
