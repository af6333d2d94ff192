"""The page to print, written on and photographed, gives back each drawing under the digit of its row."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import pypdfium2
import pytest

from harness.camera import DOTS, Pen, fill_in, photographed, printed
from harness.hand import DIGIT_STROKES
from harness.paper import photograph
from mnist_core.files.worksheet import FRAME, MARKER, PAGE_LANGUAGES, PAPERS, PER_DIGIT, Paper, worksheet_pdf
from mnist_core.recognition.filled_worksheet import UnreadableWorksheet, find_markers, read_worksheet

BOXES = list(product(range(10), range(PER_DIGIT)))
SHAPES: list[Pen] = [[np.array(stroke) for stroke in strokes] for strokes in DIGIT_STROKES.values()]


def written(rng: np.random.Generator) -> dict[tuple[int, int], Pen]:
    """Something in three of four boxes."""
    return {box: SHAPES[rng.integers(len(SHAPES))] for box in BOXES if rng.random() < 0.75}


def filled(paper: Paper, what: Mapping[tuple[int, int], Pen], rng: np.random.Generator) -> np.ndarray:
    page = printed(paper)
    fill_in(page, paper, what, rng)
    return page


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("turn", [0, 90, 180, 278])
def test_every_drawing_is_at_its_place_whichever_way_the_page_lies(paper: Paper, turn: float) -> None:
    rng = np.random.default_rng(round(turn))
    what = written(rng)
    drawings = read_worksheet(photographed(filled(paper, what, rng), rng, turn=turn, tilt=30))
    assert [(drawing.digit, drawing.place) for drawing in drawings] == list(what)
    assert all(set(np.unique(drawing.image)) == {0, 255} for drawing in drawings)


@pytest.mark.parametrize("lens", [-0.06, 0.06])
def test_the_lens_of_a_phone_moves_no_drawing(lens: float) -> None:
    rng = np.random.default_rng(1)
    what = written(rng)
    drawings = read_worksheet(photographed(filled("a4", what, rng), rng, lens=lens, turn=5, tilt=15))
    assert [(drawing.digit, drawing.place) for drawing in drawings] == list(what)


def fault(rgb: np.ndarray) -> str:
    with pytest.raises(UnreadableWorksheet) as caught:
        read_worksheet(rgb)
    return caught.value.kind


def test_what_is_no_worksheet_or_half_of_one_is_told() -> None:
    rng = np.random.default_rng(2)
    page = filled("a4", written(rng), rng)
    seen = photographed(page, rng, turn=0, tilt=10)
    assert fault(np.ascontiguousarray(seen[: len(seen) // 2])) == "part"
    assert fault(photograph({(230, 120): 3})) == "absent"
    assert find_markers(photograph({(230, 120): 3})) == {}
    assert fault(photographed(printed(), rng, turn=0, tilt=10)) == "blank"


def test_a_page_that_is_folded_over_is_told() -> None:
    rng = np.random.default_rng(3)
    page = filled("a4", written(rng), rng)
    top, left = (round((whole - part) / 2 * DOTS) for whole, part in zip(PAPERS["a4"][::-1], FRAME[::-1], strict=True))
    side, below = round((MARKER + 1) * DOTS), round(60 * DOTS)
    marker = page[top - 4 : top + side, left - 4 : left + side].copy()
    page[top - 4 : top + side, left - 4 : left + side] = 255
    page[top - 4 + below : top + side + below, left - 4 : left + side] = marker
    assert fault(photographed(page, rng, turn=0, tilt=10)) == "bent"


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", PAGE_LANGUAGES)
def test_a_printer_finds_one_page_of_the_right_size_in_the_language_asked_for(paper: Paper, language: str) -> None:
    document = pypdfium2.PdfDocument(worksheet_pdf(paper, language))
    assert len(document) == 1
    assert np.allclose(document[0].get_size(), [side * 72 / 25.4 for side in PAPERS[paper]], atol=0.1)
    text = document[0].get_textpage().get_text_range()
    assert {"en": "with its four corners", "es": "fotografía toda la página"}[language] in text
    assert text.split()[:10] == [str(digit) for digit in range(10)]
