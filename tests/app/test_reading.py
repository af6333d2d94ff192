"""What is said about an answer: how sure the model is, in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mnist_core import Prediction
from ui.session import Reading
from ui.sheet.reading import text_of, words


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
        ({3: 0.9, 5: 0.09}, 0.99, "Most likely 3", "or else 5 (9\N{NO-BREAK SPACE}%)"),
        ({3: 0.7, 5: 0.2}, 0.99, "Perhaps 3", "or else 5 (20\N{NO-BREAK SPACE}%)"),
        ({4: 0.55, 9: 0.42}, 0.99, "Not sure: 4 or 9?", "Tap the right one below and teach it."),
        ({8: 0.98}, 0.2, "This does not look like a digit", "My best guess: 8 (98\N{NO-BREAK SPACE}%)"),
    ],
)
def test_one_digit(shares: dict[int, float], likeness: float, verdict: str, detail: str) -> None:
    said = words((reading(shares, likeness),))
    assert (said.verdict, said.detail) == (verdict, detail)


def test_several_digits_name_the_least_sure() -> None:
    said = words((reading({2: 0.99}), reading({0: 0.91, 6: 0.05})))
    assert (said.verdict, said.detail) == ("That is how I read it", "Least sure of the 0 (91\N{NO-BREAK SPACE}%)")


@pytest.mark.parametrize("shares", [{0: 0.61, 6: 0.2}, {0: 0.7, 6: 0.29}])
def test_a_number_is_doubted_when_a_digit_of_it_may_be_another(shares: dict[int, float]) -> None:
    said = words((reading({2: 0.99}), reading(shares)))
    assert (said.verdict, said.detail) == (
        "I am not sure of all of it",
        f"Least sure of the 0 ({shares[0]:.0%})".replace("%", "\N{NO-BREAK SPACE}%"),
    )


def test_lines_and_groups_are_kept() -> None:
    places = ((0, 0), (0, 0), (0, 1), (1, 0))
    digits = [replace(reading({2: 0.99}), line=line, group=group) for line, group in places]
    assert text_of(digits) == "22 2\n2"
    assert text_of(()) == ""


def test_a_number_is_doubted_when_a_digit_of_it_is() -> None:
    said = words((reading({2: 0.99}), reading({0: 0.99}, likeness=0.3), reading({6: 0.99})))
    assert (said.verdict, said.detail) == ("Not all of this looks like digits", "Look at place 2 of 3")
