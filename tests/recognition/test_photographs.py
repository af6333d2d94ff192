"""Pictures of paper, made here: what is ink and what is light, rule, box, table or border. No model is needed."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from mnist_core import EmptyDrawing, prepare
from mnist_core.recognition.cores import CORES
from mnist_core.recognition.outline import pen_width
from mnist_core.recognition.photographs import WORKING_SIDE, read_photograph
from mnist_core.recognition.ruling import find_rules

WIDTH, HEIGHT = 400, 300
FIVE = [[(240, 90), (180, 90), (176, 140), (215, 145), (226, 175), (205, 205), (170, 200)]]
NINE = [[(225, 110), (200, 85), (175, 110), (195, 140), (222, 118), (228, 90), (222, 215)]]
Light = Callable[[np.ndarray, np.ndarray], np.ndarray]


def written(strokes: list[list[tuple[int, int]]], pen: int = 7) -> np.ndarray:
    """How much of each pixel the pen covered, float (HEIGHT, WIDTH), 0-1."""
    ink = Image.new("L", (2 * WIDTH, 2 * HEIGHT), 0)
    for stroke in strokes:
        ImageDraw.Draw(ink).line([(2 * x, 2 * y) for x, y in stroke], fill=255, width=2 * pen, joint="curve")
    return np.asarray(ink.reduce(2), float) / 255


def paper(colour: tuple[int, int, int] = (214, 209, 200)) -> np.ndarray:
    return np.ones((HEIGHT, WIDTH, 3)) * colour


def covered(sheet: np.ndarray, share: np.ndarray, colour: tuple[int, int, int] = (38, 36, 42)) -> np.ndarray:
    return sheet * (1 - share[..., None]) + np.array(colour) * share[..., None]


def taken(sheet: np.ndarray, light: Light = lambda x, y: np.ones_like(x), noise: float = 2.0) -> np.ndarray:
    """What a camera makes of it, as an opaque canvas."""
    y, x = np.mgrid[0 : sheet.shape[0], 0 : sheet.shape[1]].astype(float)
    rng = np.random.default_rng(5)
    seen = sheet * light(x, y)[..., None] + rng.normal(0, noise, sheet.shape[:2])[..., None]
    image = Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))
    return np.dstack([np.asarray(image), np.full(sheet.shape[:2], 255, np.uint8)])


def as_drawn(strokes: list[list[tuple[int, int]]], pen: int = 7) -> np.ndarray:
    canvas = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    canvas[..., 3] = np.rint(written(strokes, pen) * 255)
    return canvas


def assert_reads(
    picture: np.ndarray, strokes: list[list[tuple[int, int]]], tolerance: float = 0.04, pen: int = 7
) -> None:
    """The picture is prepared to what the drawing of the same strokes is, but for this share of its pixels."""
    assert (prepare(picture) != prepare(as_drawn(strokes, pen))).mean() < tolerance


LIGHTS: dict[str, Light] = {
    "even": lambda x, y: np.ones_like(x),
    "a slope": lambda x, y: 0.4 + 0.6 * x / WIDTH,
    "a lamp": lambda x, y: 1 - 0.9 * np.clip(((x - 120) / WIDTH) ** 2 + ((y - 80) / HEIGHT) ** 2, 0, 1),
    "a soft shadow across the digit": lambda x, y: 1 - 0.5 * (0.5 - 0.5 * np.tanh((x + 0.5 * y - 280) / 25)),
    "a hard shadow across the digit": lambda x, y: 1 - 0.5 * (0.5 - 0.5 * np.tanh((x - 0.3 * y - 150) / 3)),
    "a shadow's corner": lambda x, y: 1 - 0.45 * ((x < 210) & (y > 140)),
}
INKS = {"ink": (38, 36, 42), "blue": (48, 62, 140), "pencil": (160, 158, 154)}


@pytest.mark.parametrize("ink", INKS)
@pytest.mark.parametrize("light", LIGHTS)
def test_light_is_no_ink_and_pencil_is(light: str, ink: str) -> None:
    picture = taken(covered(paper(), written(NINE), INKS[ink]), LIGHTS[light])
    assert_reads(picture, NINE, 0.07 if ink == "pencil" else 0.04)


@pytest.mark.parametrize("light", LIGHTS)
def test_a_blank_sheet_is_empty_in_any_light(light: str) -> None:
    with pytest.raises(EmptyDrawing):
        prepare(taken(paper(), LIGHTS[light]))


@pytest.mark.parametrize(
    ("ground", "ink"),
    [((214, 120, 120), (80, 170, 90)), ((80, 170, 90), (214, 120, 120)), ((238, 226, 96), (60, 80, 190))],
)
def test_ink_of_the_paper_s_own_grey_is_seen_by_its_colour(
    ground: tuple[int, int, int], ink: tuple[int, int, int]
) -> None:
    assert_reads(taken(covered(paper(ground), written(FIVE), ink)), FIVE)


def test_chalk_on_a_board_is_read() -> None:
    assert_reads(taken(covered(paper((30, 52, 40)), written(NINE), (220, 220, 210))), NINE)


def ruled(distance: int, slant: float, colour: tuple[int, int, int], grid: bool) -> np.ndarray:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    lines = (y - slant * x) % distance < 2
    if grid:
        lines |= (x + slant * y) % distance < 2
    return covered(paper(), lines.astype(float), colour)


@pytest.mark.parametrize("grid", [False, True])
@pytest.mark.parametrize("colour", [(140, 155, 190), (120, 118, 122)])
@pytest.mark.parametrize("slant", [-0.03, 0.0, 0.02])
def test_rules_go_and_the_strokes_that_cross_them_stay_whole(
    slant: float, colour: tuple[int, int, int], grid: bool
) -> None:
    picture = taken(covered(ruled(47, slant, colour, grid), written(NINE)))
    assert_reads(picture, NINE)
    found = read_photograph(picture[..., :3])
    assert found.left_out["rules"].mean() > 0.02
    assert not (found.left_out["rules"] & (found.digit > 0)).mean() > 0.001


@pytest.mark.parametrize("strokes", [FIVE, NINE])
@pytest.mark.parametrize("distance", [24, 31, 47])
def test_level_and_upright_strokes_among_a_grid_s_fine_lines_are_no_rules(
    distance: int, strokes: list[list[tuple[int, int]]]
) -> None:
    picture = taken(covered(ruled(distance, 0.01, (165, 178, 200), True), written(strokes, 5)))
    assert_reads(picture, strokes, 0.06, pen=5)
    found = read_photograph(picture[..., :3])
    assert not (found.left_out["rules"] & (written(strokes, 3) > 0.9)).any()


def test_a_rule_that_a_slanting_stroke_hides_for_a_while_is_one_rule() -> None:
    four = [[(170, 70), (130, 163), (180, 152), (270, 128)], [(225, 72), (190, 190)]]
    picture = taken(covered(ruled(47, 0.01, (120, 118, 122), False), written(four)))
    assert_reads(picture, four)
    found = read_photograph(picture[..., :3])
    sides = [found.left_out["rules"][138:150, :100], found.left_out["rules"][138:150, 300:]]
    assert all(side.any(0).mean() > 0.9 for side in sides)


def test_rules_that_are_thicker_the_nearer_they_are_go() -> None:
    rules = lines_at(*[(0, 20 + 46 * n, WIDTH, 22 + 46 * n + 4 * n // 5) for n in range(6)])
    picture = taken(covered(covered(paper(), rules, (140, 155, 190)), written(NINE)))
    assert_reads(picture, NINE, 0.07)
    gone = read_photograph(picture[..., :3]).left_out["rules"]
    assert all(gone[20 + 46 * n : 22 + 46 * n, :120].mean() > 0.9 for n in range(6))


@pytest.mark.parametrize("thick", range(2, 13))
def test_lines_are_rules_up_to_a_thickness_and_then_not_in_part(thick: int) -> None:
    ink = np.zeros((HEIGHT, WIDTH), bool)
    for top in (40, 120, 200):
        ink[top : top + thick] = True
    ink[95:105, 100:300] = True  # a stroke
    rules = find_rules(ink, ink.astype(np.float32))
    assert np.array_equal(rules, ink & rules.any(1, keepdims=True)), "a line is all rule or none of it"
    assert not rules[95:105].any() and rules.any() == (thick <= 8)


STRIPS = {
    "three 1s": ([(20, 96)] * 3, (), False),
    "dividers from border to border": ([(0, 120)] * 3, (), True),
    "dividers of a row of boxes": ([(20, 96)] * 3, (20, 96), True),
}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("strip", STRIPS)
def test_in_a_strip_uprights_are_rules_only_between_borders_or_rules(strip: str, turned: bool) -> None:
    uprights, lying, are_rules = STRIPS[strip]
    ink = np.zeros((120, 500), bool)
    for left, (top, bottom) in zip((80, 230, 380), uprights, strict=True):
        ink[top:bottom, left : left + 5] = True
    for top in lying:
        ink[top - 2 : top + 2] = True
    ink = np.ascontiguousarray(ink.T) if turned else ink
    rules = find_rules(ink, ink.astype(np.float32))
    assert rules[ink].mean() > 0.95 if are_rules else not rules.any()


def test_digits_that_a_strip_s_border_touches_are_written_in_its_line() -> None:
    digits = Image.new("L", (500, 96), 0)
    pen = ImageDraw.Draw(digits)
    for left in (40, 340):  # one in the middle of the strip's height
        pen.line([(left, 12), (left + 45, 12), (left + 20, 84)], fill=255, width=7)
    pen.line([(190, 10), (240, 10), (190, 92), (250, 92)], fill=255, width=9)  # one that lies on its border
    pen.rectangle([440, 80, 499, 95], fill=255)  # and what is no digit
    ink = np.asarray(digits) / 255
    found = read_photograph(taken(covered(np.full((96, 500, 3), (214, 209, 200.0)), ink)))
    assert (found.writing[ink > 0.5] > 0)[np.nonzero(ink > 0.5)[1] < 430].mean() > 0.98
    assert not found.writing[:, 445:].any() and found.left_out["edge"][85:, 445:].all()


def lines_at(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    share = np.zeros((HEIGHT, WIDTH))
    for left, top, right, bottom in boxes:
        share[top:bottom, left:right] = 1
    return share


AROUND = {
    "a line at the foot": (lines_at((0, 288, WIDTH, 292)), "rest"),
    "the page's end": (lines_at((376, 0, WIDTH, HEIGHT)), "edge"),
    "a dark corner": (np.add.outer(np.arange(HEIGHT), np.arange(WIDTH)) < 90, ""),
    "a caption": (lines_at(*[(90 + 24 * n, 286, 106 + 24 * n, 294) for n in range(9)]), "rest"),
    "an underline": (lines_at((120, 238, 290, 241)), "rest"),
    "a box": (
        lines_at((110, 50, 113, 250), (290, 50, 293, 250), (110, 50, 293, 53), (110, 247, 293, 250)),
        "frame",
    ),
}


@pytest.mark.parametrize("thing", AROUND)
@pytest.mark.parametrize("strokes", [FIVE, NINE])
def test_what_is_around_the_digit_is_left_out_and_named(thing: str, strokes: list[list[tuple[int, int]]]) -> None:
    share, reason = AROUND[thing]
    picture = taken(covered(covered(paper(), share.astype(float), (60, 55, 60)), written(strokes)))
    assert_reads(picture, strokes)
    found = read_photograph(picture[..., :3])
    if not reason:  # it may pass for a shadow
        return
    assert (found.left_out[reason] & (share > 0)).sum() > 0.6 * (share > 0).sum()


def test_a_box_that_the_digit_touches_goes_and_the_digit_stays() -> None:
    box = lines_at((110, 80, 113, 250), (290, 80, 293, 250), (110, 80, 293, 83), (110, 247, 293, 250))
    assert_reads(taken(covered(covered(paper(), box, (60, 55, 60)), written(NINE))), NINE)


def test_boxes_side_by_side_go_though_each_digit_in_them_reaches_the_top() -> None:
    y, x = np.mgrid[0:240, 0:640]
    boxes = ((y > 20) & (y < 144) & (x > 20) & (x < 620)) & ((y < 24) | (y > 140) | ((x - 20) % 100 < 4) | (x > 616))
    digits = Image.new("L", (640, 240), 0)
    for left in range(220, 620, 100):  # strokes that are level with each other, just below the line
        ImageDraw.Draw(digits).line([(left + 30, 34), (left + 68, 27), (left + 40, 120)], fill=255, width=6)
    sheet = covered(np.full((240, 640, 3), (214, 209, 200.0)), boxes.astype(float), (70, 70, 80))
    found = read_photograph(taken(covered(sheet, np.asarray(digits) / 255, (48, 62, 140))))
    between = [found.writing[18:27, left : left + 30] for left in range(305, 560, 100)]
    assert not any(top_line.any() for top_line in between)
    assert (found.writing[np.asarray(digits) > 128] > 0).mean() > 0.98


def test_the_hole_of_a_4_makes_no_box() -> None:
    kite = [(148, 136), (164, 104), (181, 78), (198, 60), (214, 52), (206, 60), (198, 78), (198, 161), (181, 228)]
    bar = [(131, 128), (139, 136), (156, 136), (190, 128), (223, 128), (256, 119), (299, 111)]
    assert_reads(taken(covered(paper(), written([kite, bar], 5))), [kite, bar], pen=5)


@pytest.mark.parametrize("table", [(35, 33, 32), (120, 85, 60)])
@pytest.mark.parametrize("angle", [-6, 0, 5])
def test_a_sheet_on_a_table_is_found_first(table: tuple[int, int, int], angle: float) -> None:
    sheet = Image.fromarray(covered(paper(), written(NINE)).astype(np.uint8)).resize((WIDTH, HEIGHT))
    ground = Image.new("RGB", (600, 480), table)
    mask = Image.new("L", (WIDTH, HEIGHT), 255).rotate(angle, expand=True)
    ground.paste(sheet.rotate(angle, Image.Resampling.BICUBIC, expand=True), (90, 60), mask)
    straight = taken(np.asarray(ground, float))
    found = read_photograph(straight[..., :3])
    assert found.left_out["table"][:, :60].all() and not found.left_out["table"][200:280, 250:350].any()
    rows, columns = np.flatnonzero(found.digit.max(1) > 100), np.flatnonzero(found.digit.max(0) > 100)
    assert 110 <= rows[-1] - rows[0] <= 160 and 45 <= columns[-1] - columns[0] <= 85


@pytest.mark.parametrize(("left", "top"), [(-170, 0), (0, -78), (165, 0), (0, 75), (-170, 75)])
def test_a_digit_that_touches_the_border_is_read(left: int, top: int) -> None:
    moved = [[(x + left, y + top) for x, y in stroke] for stroke in NINE]
    picture = taken(covered(paper(), written(moved)))
    assert_reads(picture, moved)


def test_the_largest_digit_of_several_is_read_and_the_others_are_told() -> None:
    smaller = [[(round(0.7 * x) + shift, round(0.7 * y) + 50) for x, y in NINE[0]] for shift in (-60, 180)]
    picture = taken(covered(paper(), written(FIVE + smaller)))
    assert_reads(picture, FIVE)
    found = read_photograph(picture[..., :3])
    assert sorted(round(box.left, -2) for box in found.others) == [100, 300]
    assert found.left_out["digits"].any() and found.writing[:, 300:].any() and not found.digit[:, 300:].any()


def test_a_five_s_bar_apart_is_the_five_s() -> None:
    apart = [[(240, 76), (186, 76)], FIVE[0][1:]]
    assert_reads(taken(covered(paper(), written(apart))), apart)


@pytest.mark.parametrize("pen", [5, 7, 11])
@pytest.mark.parametrize("noise", [12, 20])
def test_a_camera_s_grain_makes_no_pen_thinner(noise: int, pen: int) -> None:
    ink = written(FIVE, pen)
    sheet = covered(paper(), ink, (90, 90, 80))
    grain = np.random.default_rng(5).normal(0, noise, ink.shape)[..., None]
    found = read_photograph(np.clip(sheet + grain, 0, 255).astype(np.uint8))
    assert pen_width(found.digit >= 128) > 0.82 * pen_width(ink >= 0.5)


def test_specks_are_no_digit() -> None:
    rng = np.random.default_rng(1)
    dirt = np.zeros((HEIGHT, WIDTH))
    for x, y in rng.integers(3, (WIDTH - 5, HEIGHT - 5), (40, 2)):
        dirt[y : y + 2, x : x + 2] = 1
    assert_reads(taken(covered(covered(paper(), dirt), written(NINE))), NINE)


HOSTILE = {
    "black": np.zeros((200, 300, 3), np.uint8),
    "white": np.full((200, 300, 3), 255, np.uint8),
    "noise": np.random.default_rng(0).integers(0, 256, (600, 500, 3), dtype=np.uint8),
    "salt": np.where(np.random.default_rng(1).random((700, 500, 1)) < 0.03, 0, 255).repeat(3, 2).astype(np.uint8),
    "stripes": np.tile(np.where(np.arange(400) % 4 < 2, 0, 255).astype(np.uint8)[:, None, None], (1, 300, 3)),
    "checks": (np.indices((512, 512)).sum(0) // 8 % 2 * 255).astype(np.uint8)[..., None].repeat(3, 2),
    "one row of ink": np.where(np.arange(300) == 150, 0, 255)
    .astype(np.uint8)[:, None, None]
    .repeat(300, 1)
    .repeat(3, 2),
    "one pixel": np.where(np.arange(90000).reshape(300, 300, 1) == 45150, 0, 255).astype(np.uint8).repeat(3, 2),
    "a strip": np.random.default_rng(2).integers(0, 256, (28, 4096, 3), dtype=np.uint8),
    "huge": np.full((4096, 4096, 3), 128, np.uint8),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_pictures_are_an_answer_or_empty(kind: str) -> None:
    found = read_photograph(HOSTILE[kind])
    assert found.digit.shape == found.writing.shape == found.light.shape[:2] and max(found.digit.shape) <= WORKING_SIDE
    try:
        image = prepare(np.dstack([HOSTILE[kind], np.full(HOSTILE[kind].shape[:2], 255, np.uint8)]))
    except EmptyDrawing:
        assert not found.digit.any()
    else:
        assert image.shape == (28, 28) and image.any()


def test_one_picture_is_worked_on_at_a_time_on_each_core(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most, moved = 0, 0, threading.Condition()

    def find_no_sheet(rgb: np.ndarray) -> None:
        nonlocal inside, most
        with moved:
            inside += 1
            most = max(most, inside)
            moved.notify_all()
            moved.wait_for(lambda: inside > CORES, timeout=0.2)  # until one too many is there, if it may be
            inside -= 1

    monkeypatch.setattr("mnist_core.recognition.photographs.find_sheet", find_no_sheet)
    picture = taken(covered(paper(), written(NINE)))
    with ThreadPoolExecutor(CORES + 3) as visitors:
        found = list(visitors.map(read_photograph, [picture] * (CORES + 3)))
    assert most == CORES and all(one.digit.any() for one in found)
    assert cv2.getNumThreads() == 1


@pytest.mark.parametrize("shape", [(300, 400), (3001, 4001), (28, 4096)])
def test_a_picture_is_read_in_any_size_with_or_without_alpha(shape: tuple[int, int]) -> None:
    picture = taken(covered(paper(), written(NINE)))
    large = np.asarray(Image.fromarray(picture).resize(shape[::-1]))
    found = read_photograph(large)
    assert max(found.digit.shape) <= WORKING_SIDE
    assert np.array_equal(found.digit, read_photograph(large[..., :3]).digit)
    if min(shape) > 28:
        assert_reads(large, NINE, 0.07)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_picture_is_an_answer_or_empty(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(28, 200)), data.draw(st.integers(28, 200))
    picture = np.full((height, width, 4), data.draw(st.integers(0, 255)), np.uint8)
    for _ in range(data.draw(st.integers(0, 8))):
        top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
        size = data.draw(st.tuples(st.integers(1, 90), st.integers(1, 90)))
        colour = data.draw(st.tuples(*[st.integers(0, 255)] * 3))
        picture[top : top + size[0], left : left + size[1], :3] = colour
    picture[..., 3] = 255
    with suppress(EmptyDrawing):
        assert prepare(picture).any()
