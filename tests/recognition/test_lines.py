"""Numbers on a wide canvas: cut where digits touch, joined where a digit has several strokes, read left to right."""

from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.files.strokes import render
from mnist_core.recognition.boxes import Box
from mnist_core.recognition.lines import (
    best_reading,
    evidence,
    possible_runs,
    read_lines,
    read_number,
    split_at_gaps,
)
from mnist_core.recognition.outline import encloses
from mnist_core.recognition.preprocessing import EmptyDrawing, prepare
from mnist_core.recognition.segments import Segments, find_segments
from mnist_core.recognition.small_zeros import find_small_zeros
from mnist_core.recognition.taught_model import Prediction
from mnist_core.teaching.classifier import Classifier

# Hands of this project's own: each digit as its strokes, x right and y down.
HANDS: dict[int, list[list[tuple[float, float]]]] = {
    0: [[(5, 0), (1, 3), (0, 7), (2, 10), (5, 10), (7, 7), (7, 3), (5, 0)]],
    1: [[(0, 0), (0, 10)]],
    2: [[(0, 2), (2, 0), (5, 0), (6, 3), (3, 7), (0, 10), (7, 10)]],
    4: [[(3, 0), (0, 6), (7, 6)], [(5, 3), (5, 10)]],
    5: [[(1, 1), (1, 4), (4, 4), (6, 7), (4, 10), (0, 9)], [(2, 0), (7, 0)]],
    6: [[(5, 0), (1, 4), (0, 8), (3, 10), (6, 8), (5, 5), (1, 6)]],
    7: [[(0, 0), (6, 0), (2, 10)], [(2, 5), (6, 5)]],
}
SIDE = 120  # pixels of a digit


def ink_of(digit: int) -> np.ndarray:
    """A digit's ink, cropped: uint8 (h, w), the bar of the 5 apart from its body."""
    strokes = [np.array(stroke, float) for stroke in HANDS[digit]]
    if digit == 5:
        strokes[1][:, 1] -= 1.5
    ink = render(strokes, extent=SIDE / 280, width=14)[..., 3]
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def write(digits: list[int], gap: int) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Digits side by side, `gap` pixels apart (less: overlapping) -> the canvas and the columns of each digit."""
    canvas = np.zeros((200, 120 + 160 * len(digits), 4), np.uint8)
    x, columns = 60, []
    for digit in digits:
        ink = ink_of(digit)
        place = canvas[190 - len(ink) : 190, x : x + ink.shape[1], 3]
        place[:] = np.maximum(place, ink)
        columns.append((x, x + ink.shape[1]))
        x += ink.shape[1] + gap
    return canvas, columns


class Templates:
    """A classifier of the hands above: nearest by the share of ink in common."""

    def __init__(self) -> None:
        self.known = {digit: self.image(digit) for digit in HANDS}

    @staticmethod
    def image(digit: int) -> np.ndarray:
        canvas = np.zeros((200, 200, 4), np.uint8)
        ink = ink_of(digit)
        canvas[20 : 20 + len(ink), 20 : 20 + ink.shape[1], 3] = ink
        return prepare(canvas) > 0

    def predict_many(self, images: np.ndarray) -> list[Prediction]:
        answers = []
        for image in images > 0:
            common = np.zeros(10, np.float32)
            for digit, known in self.known.items():
                common[digit] = (image & known).sum() / (image | known).sum()
            scores = np.exp(12 * common) / np.exp(12 * common).sum()
            answers.append(Prediction(int(scores.argmax()), scores, float(common.max()) ** 2))
        return answers


CLASSIFIER: Any = Templates()


APART = [[2, 0, 2, 6], [4, 7], [7, 1], [5, 4, 5], [1, 0], [1, 1, 1], [4, 2, 5, 0, 6, 1]]
TOUCHING = [[2, 0, 2, 6], [4, 7], [0, 0], [5, 4, 5], [6, 6, 2, 7]]


@pytest.mark.parametrize(
    ("digits", "gap"), [(n, gap) for n in APART for gap in (40, 10)] + [(n, gap) for n in TOUCHING for gap in (0, -3)]
)
def test_numbers_are_read_apart_and_touching(digits: list[int], gap: int) -> None:
    canvas, columns = write(digits, gap)
    read = read_number(CLASSIFIER, canvas)
    assert [digit.prediction.digit for digit in read] == digits
    for digit, (left, right) in zip(read, columns, strict=True):
        assert digit.box.left == pytest.approx(left, abs=14)
        assert digit.box.right == pytest.approx(right, abs=14)
        assert 0 <= digit.box.top < digit.box.bottom <= 200
        assert digit.image.shape == (28, 28)


def test_the_real_model_reads_a_year_apart_and_touching(clf: Classifier) -> None:
    for gap in (30, -3):
        canvas, _ = write([2, 0, 2, 6], gap)
        assert [digit.prediction.digit for digit in read_number(clf, canvas)] == [2, 0, 2, 6]


@pytest.mark.parametrize("digit", sorted(HANDS))
def test_a_single_digit_is_one_digit(digit: int) -> None:
    canvas, _ = write([digit], 0)
    (only,) = read_number(CLASSIFIER, canvas)
    assert only.prediction.digit == digit


@pytest.mark.parametrize("zoom", [2, 5])
def test_the_size_of_the_canvas_does_not_matter(zoom: int) -> None:
    canvas, columns = write([2, 0, 2, 6], 8)
    large = canvas.repeat(zoom, 0).repeat(zoom, 1)
    read = read_number(CLASSIFIER, large)
    assert [digit.prediction.digit for digit in read] == [2, 0, 2, 6]
    assert read[3].box.right == pytest.approx(columns[3][1] * zoom, abs=4 * zoom)


def test_dark_on_light_pictures_are_read() -> None:
    canvas, _ = write([4, 2], 15)
    picture = np.full_like(canvas, 255)
    picture[..., :3] = 255 - canvas[..., 3:] // 2
    assert [digit.prediction.digit for digit in read_number(CLASSIFIER, picture)] == [4, 2]


def test_an_empty_canvas_and_what_is_no_canvas_are_named() -> None:
    with pytest.raises(EmptyDrawing):
        read_number(CLASSIFIER, np.zeros((200, 400, 4), np.uint8))
    with pytest.raises(ValueError, match="expected a uint8 array"):
        read_number(CLASSIFIER, np.zeros((200, 400), np.uint8))


def page(rows: list[np.ndarray], below: int = 20, lean: float = 0.0) -> np.ndarray:
    """Lines of ink, canvases as `write` makes them, one below the other, each climbing by `lean`."""
    width = max(row.shape[1] for row in rows)
    canvas = np.zeros((sum(row.shape[0] + below for row in rows) + round(abs(lean) * width), width, 4), np.uint8)
    top = round(max(0.0, lean) * width)
    for row in rows:
        for x in range(row.shape[1]):
            y = top - round(lean * x)
            canvas[y : y + row.shape[0], x] = np.maximum(canvas[y : y + row.shape[0], x], row[:, x])
        top += row.shape[0] + below
    return canvas


def said(lines: list[list[Any]]) -> list[list[int]]:
    return [[digit.prediction.digit for digit in line] for line in lines]


def flat(lines: list[list[Any]]) -> list[Any]:
    return [digit for line in lines for digit in line]


@pytest.mark.parametrize("lean", [0.0, 0.06, -0.06])
@pytest.mark.parametrize("numbers", [[[2, 0, 2, 6], [4, 7]], [[7, 1], [2, 0, 2, 6], [5, 4, 5], [4, 2]]])
def test_lines_are_read_from_top_to_bottom(numbers: list[list[int]], lean: float) -> None:
    canvas = page([write(digits, 30)[0] for digits in numbers], lean=lean)
    assert said(read_lines(CLASSIFIER, canvas)) == numbers
    assert [d.prediction.digit for d in read_number(CLASSIFIER, canvas)] == flat(numbers)
    tops = [min(digit.box.top for digit in line) for line in read_lines(CLASSIFIER, canvas)]
    assert tops == sorted(tops)


def test_lines_in_a_picture_are_those_of_the_drawing_and_their_boxes_in_its_pixels() -> None:
    canvas = page([write([2, 0, 2, 6], 30)[0], write([4, 7], 30)[0]]).repeat(2, 0).repeat(2, 1)
    picture = np.full_like(canvas, 255)
    picture[..., :3] = 230 - canvas[..., 3:] // 4 * 3
    drawn, taken = read_lines(CLASSIFIER, canvas), read_lines(CLASSIFIER, picture)
    assert picture.shape[1] > 1024 and said(taken) == said(drawn) == [[2, 0, 2, 6], [4, 7]]
    for ours, theirs in zip(flat(taken), flat(drawn), strict=True):
        assert np.abs(np.array(ours.box) - theirs.box).max() <= 8


def shrunken(ink: np.ndarray, factor: int) -> np.ndarray:
    height, width = (n - n % factor for n in ink.shape)
    return ink[:height, :width].reshape(height // factor, factor, width // factor, factor).max((1, 3))


@pytest.mark.parametrize("digits", [[7, 0, 0, 7], [5, 1, 0, 0, 0, 6], [0, 7, 0]])
def test_small_zeros_beside_long_digits_are_digits(digits: list[int]) -> None:
    canvas, x = np.zeros((200, 900, 4), np.uint8), 60
    for digit in digits:
        ink = shrunken(ink_of(digit), 3) if digit == 0 else ink_of(digit)
        canvas[150 - len(ink) : 150, x : x + ink.shape[1], 3] = ink
        x += ink.shape[1] + 18
    assert said(read_lines(CLASSIFIER, canvas)) == [digits]


def written(*digits: tuple[int, float, tuple[int, int]]) -> np.ndarray:
    """A canvas of digits, each with its size as a share of SIDE and its left upper corner."""
    canvas = np.zeros((300, 500, 4), np.uint8)
    for digit, size, (left, top) in digits:
        ink = render([np.array(stroke, float) for stroke in HANDS[digit]], extent=size * SIDE / 280, width=14)[..., 3]
        ink = ink[ink.any(1)][:, ink.any(0)]
        place = canvas[top : top + len(ink), left : left + ink.shape[1], 3]
        np.maximum(place, ink, out=place)
    return canvas


def test_a_small_zero_that_touches_a_taller_digit_is_a_digit() -> None:
    canvas = written((0, 0.4, (60, 175)), (0, 0.4, (150, 155)), (7, 1.2, (150, 80)), (0, 0.4, (290, 175)))
    assert said(read_lines(CLASSIFIER, canvas)) == [[0, 0, 7, 0]]


@pytest.mark.parametrize("after", [[], [330, 385]])
def test_a_small_zero_below_the_bar_of_a_7_stands_before_it(after: list[int]) -> None:
    zeros = [(0, 0.3, (left, 170)) for left in (20, 75, 130, 185, *after)]
    canvas = written(*zeros, (7, 1.1, (195, 80)))
    assert said(read_lines(CLASSIFIER, canvas)) == [[0, 0, 0, 0, 7, *(0 for _ in after)]]


def test_the_loop_in_a_small_zero_is_part_of_it() -> None:
    components = np.zeros((70, 60), int)
    components[0:70, 30:34] = 1  # a tall stroke that the 0 touches
    components[40:66, 4:30] = 1
    components[44:62, 8:26] = 0
    components[44:56, 8:15] = 1  # the pen's curl where it began,
    components[43:50, 9:12] = 0  # with a hole of its own
    zeros = find_small_zeros(components, 4.0)
    assert zeros.max() == 1 and zeros[62:66, 4:30].all() and zeros[40:66, 26:30].all() and not zeros[:40].any()


def test_a_tall_digit_among_small_zeros_may_be_as_wide_as_it_is_high() -> None:
    zeros = [Box(left, 34, left + 28, 62) for left in (0, 40, 80, 120)]
    seven = [Box(200, 0, 230, 10), Box(230, 0, 260, 64), Box(260, 28, 292, 36)]
    nothing = np.zeros((64, 300), np.uint8)
    segments = Segments(nothing, nothing, [*zeros, *seven], np.zeros(6), (1, 1), (0, 0))
    assert (4, 7) in possible_runs(segments) and (0, 4) not in possible_runs(segments)


@pytest.mark.parametrize(("digit", "doubted"), [(0, False), (1, True)])
def test_an_open_zero_may_be_small_and_no_other_digit(digit: int, doubted: bool) -> None:
    canvas = written((1, 1.0, (60, 90)), (1, 1.0, (220, 90)))
    canvas[160:200, [*range(120, 130), *range(160, 170)], 3] = 255  # a cup, which goes not round
    canvas[190:200, 120:170, 3] = 255
    segments = find_segments(canvas[..., 3])
    runs = [(n, n + 1) for n in range(len(segments.boxes))]
    predictions = [Prediction(digit, np.eye(10, dtype=np.float32)[digit], 0.9)] * len(runs)
    small = evidence(segments, runs, predictions)[:, 3]
    assert len(runs) == 3 and small[[0, 2]].tolist() == [0, 0] and (small[1] > 0) == doubted


def segments_of(cut: float, *parts: tuple[Box, bool]) -> Segments:
    """Two segments as they may lie, each a solid patch or a ring, with so much ink between them."""
    ink, labels = np.zeros((64, 120), np.uint8), np.zeros((64, 120), int)
    for number, (box, is_ring) in reversed(list(enumerate(parts, start=1))):  # the first is in front
        labels[box.top : box.bottom, box.left : box.right] = number
        if is_ring:
            labels[box.top + 3 : box.bottom - 3, box.left + 3 : box.right - 3] = 0
    ink[labels > 0] = 255
    return Segments(ink, labels, [box for box, _ in parts], np.array([cut]), (1, 1), (0, 0))


RUNS = [(0, 1), (0, 2), (1, 2)]
SURE = [Prediction(2, np.eye(10, dtype=np.float32)[2], 1.0)] * 3


@pytest.mark.parametrize(("cut", "goes_round", "too_wide"), [(0.5, True, False), (0.5, False, True), (0.0, True, True)])
def test_a_digit_may_be_wide_by_the_loop_that_was_cut_out_of_it(cut: float, goes_round: bool, too_wide: bool) -> None:
    two = segments_of(cut, (Box(0, 46, 30, 62), goes_round), (Box(28, 20, 80, 62), False))
    assert (evidence(two, RUNS, SURE)[1, 4] > 0) == too_wide


@pytest.mark.parametrize(("ring", "beside"), [(Box(0, 44, 20, 64), True), (Box(0, 0, 20, 26), False)])
def test_a_ring_above_a_ring_is_no_digit_of_its_own_and_one_beside_a_tall_digit_is(ring: Box, beside: bool) -> None:
    other = (Box(4, 24, 30, 64), not beside)
    overlap = evidence(segments_of(0.0, (ring, True), other), RUNS, SURE)[2, 6]
    assert (overlap == 0) == beside


def test_the_bowl_of_a_6_is_no_small_zero() -> None:
    canvas = written((6, 1.0, (60, 90)), (1, 1.2, (220, 80)), (6, 1.0, (300, 90)))
    assert len(find_segments(canvas[..., 3]).boxes) == 3
    assert said(read_lines(CLASSIFIER, canvas)) == [[6, 1, 6]]


@pytest.mark.parametrize(("side", "gap", "goes_round"), [(20, 0, True), (20, 3, True), (20, 10, False), (7, 0, True)])
def test_a_ring_goes_round_though_the_pen_did_not_quite_come_back(side: int, gap: int, goes_round: bool) -> None:
    ring = np.ones((side, side), bool)
    ring[3:-3, 3:-3] = False
    ring[5 : 5 + gap, :3] = False
    assert encloses(ring) == goes_round


@pytest.mark.parametrize("size", [14, 22])
def test_a_full_stop_is_no_digit(size: int) -> None:
    canvas, columns = write([1, 0], 40)
    right = columns[-1][1] + 30
    canvas[190 - size : 190, right : right + size, 3] = 255
    assert said(read_lines(CLASSIFIER, canvas)) == [[1, 0]]


def test_a_drawing_of_one_dot_is_still_read() -> None:
    canvas = np.zeros((200, 300, 4), np.uint8)
    canvas[100:120, 100:120, 3] = 255
    assert len(read_lines(CLASSIFIER, canvas)) == 1


def test_groups_are_parted_at_wide_gaps_only() -> None:
    first, second = write([2, 0, 2], 30)[0], write([6, 4], 30)[0]
    canvas = np.concatenate([first, second], axis=1)
    (line,) = read_lines(CLASSIFIER, canvas)
    assert said(split_at_gaps(line)) == [[2, 0, 2], [6, 4]]
    (even,) = read_lines(CLASSIFIER, write([2, 0, 2, 6], 90)[0])
    assert said(split_at_gaps(even)) == [[2, 0, 2, 6]]


def test_pieces_hold_all_ink_once_from_left_to_right() -> None:
    canvas, _ = write([4, 6, 6, 5], -4)
    segments = find_segments(canvas[..., 3])
    assert ((segments.labels > 0) == (segments.ink > 0)).mean() > 0.999
    centres = [box.left + box.right for box in segments.boxes]
    assert centres == sorted(centres)
    whole = segments.image(0, len(segments.boxes))[..., 3].astype(int)
    parts = sum(segments.image(k, k + 1)[..., 3].astype(int).sum() for k in range(len(segments.boxes)))
    assert parts == whole.sum() == segments.ink.astype(int)[segments.labels > 0].sum()
    assert len(segments.cut) == len(segments.boxes) - 1 and (segments.cut[segments.cut > 0] < 3).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 7), st.integers(0, 10**6))
def test_the_best_reading_is_the_best_of_all(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    runs = [(a, b) for a, b in combinations(range(count + 1), 2) if b == a + 1 or rng.random() < 0.5]
    values = rng.normal(size=len(runs))
    worth = dict(zip(runs, values, strict=True))
    sums = []
    for k in range(count):
        for inner in combinations(range(1, count), k):
            ends = [0, *inner, count]
            path = list(pairwise(ends))
            if all(run in worth for run in path):
                sums.append(sum(worth[run] for run in path))
    found = best_reading(count, runs, values)
    assert [runs[k][1] for k in found[:-1]] == [runs[k][0] for k in found[1:]]
    assert values[found].sum() == pytest.approx(max(sums))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_ink_is_digits_inside_the_canvas(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(28, 120)), data.draw(st.integers(28, 400))
    canvas = np.zeros((height, width, 4), np.uint8)
    for _ in range(data.draw(st.integers(1, 12))):
        top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
        size = data.draw(st.tuples(st.integers(1, 60), st.integers(1, 60)))
        canvas[top : top + size[0], left : left + size[1], 3] = data.draw(st.integers(1, 255))
    if canvas[..., 3].min() == 255:
        return
    read = read_number(CLASSIFIER, canvas)
    assert read
    assert all(0 <= d.box.left < d.box.right <= width and 0 <= d.box.top < d.box.bottom <= height for d in read)
    assert all(digit.image.any() for digit in read)


def test_noise_is_bounded_work() -> None:
    canvas = np.zeros((400, 1600, 4), np.uint8)
    canvas[..., 3] = np.where(np.random.default_rng(0).random((400, 1600)) < 0.05, 255, 0)
    assert 1 <= len(read_number(CLASSIFIER, canvas)) <= 200


@pytest.mark.parametrize("height", range(60, 120))
def test_a_box_ends_with_its_ink(height: int) -> None:
    canvas = np.zeros((height, 200, 4), np.uint8)
    canvas[8:height, 60:70, 3] = 255
    (digit,) = read_number(CLASSIFIER, canvas)
    assert digit.box == (60, 8, 70, height)
