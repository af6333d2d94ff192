"""What is said about an answer: how sure the model is, in words."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_core import Prediction
from ui.session import Reading
from ui.sheet.reading import words


def reading(shares: dict[int, float], likeness: float = 0.99) -> Reading:
    scores = np.full(10, (1 - sum(shares.values())) / (10 - len(shares)), np.float32)
    for digit, share in shares.items():
        scores[digit] = share
    return Reading(
        np.zeros((280, 280, 4), np.uint8),
        np.zeros((28, 28), np.uint8),
        Prediction(int(scores.argmax()), scores, likeness),
    )


@pytest.mark.parametrize(
    ("shares", "likeness", "verdict", "detail"),
    [
        ({3: 0.98}, 0.99, "Surely 3", ""),
        ({3: 0.9, 5: 0.09}, 0.99, "Most likely 3", "or else 5 (9 %)"),
        ({3: 0.7, 5: 0.2}, 0.99, "Perhaps 3", "or else 5 (20 %)"),
        ({4: 0.55, 9: 0.42}, 0.99, "Not sure: 4 or 9?", "Tap the right one below and teach it."),
        ({8: 0.98}, 0.2, "This does not look like a digit", "My best guess: 8 (98 %)"),
    ],
)
def test_one_digit(shares: dict[int, float], likeness: float, verdict: str, detail: str) -> None:
    said = words((reading(shares, likeness),))
    assert (said.verdict, said.detail) == (verdict, detail)


def test_several_digits_name_the_least_sure() -> None:
    said = words((reading({2: 0.99}), reading({0: 0.61, 6: 0.3})))
    assert (said.verdict, said.detail) == ("That is how I read it", "Least sure of the 0 (61 %)")


def test_a_number_is_doubted_when_a_digit_of_it_is() -> None:
    said = words((reading({2: 0.99}), reading({0: 0.99}, likeness=0.3), reading({6: 0.99})))
    assert (said.verdict, said.detail) == ("Not all of this looks like digits", "Look at place 2 of 3")
