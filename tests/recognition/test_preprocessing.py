import json
import subprocess
import sys
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from scipy import ndimage

from harness.processes import ROOT
from mnist_core import EmptyDrawing, preparation_steps, prepare
from mnist_core.recognition.preprocessing import (
    LARGEST,
    PREPARATION,
    SMALLEST,
    as_canvas,
    binarise,
    centre,
    crop_to_ink,
)

SIDES = st.one_of(st.integers(28, 300), st.sampled_from([28, 29, 511, 1024]))


def drawn(size: tuple[int, int], paint: Callable[[ImageDraw.ImageDraw, int], None], pen: int = 20) -> np.ndarray:
    """A transparent RGBA canvas, (width, height), on which `paint(draw, pen)` put black ink."""
    image = Image.new("L", size, 0)
    paint(ImageDraw.Draw(image), pen)
    canvas = np.zeros((size[1], size[0], 4), np.uint8)
    canvas[..., 3] = np.asarray(image)
    return canvas


def eight(draw: ImageDraw.ImageDraw, pen: int) -> None:
    draw.ellipse([90, 30, 190, 130 + pen // 2], outline=255, width=pen)
    draw.ellipse([80, 130 - pen // 2, 200, 245], outline=255, width=pen)


def slanted_one(draw: ImageDraw.ImageDraw, pen: int) -> None:
    draw.line([(120, 40), (150, 240)], fill=255, width=pen)


def holes(image: np.ndarray) -> int:
    """How many regions of 0 the border does not reach: counted by flood fill, as a person would."""
    _, count = ndimage.label(np.pad(image, 1) == 0)
    return count - 1


def pieces(image: np.ndarray) -> int:
    return ndimage.label(image, np.ones((3, 3)))[1]


def opaque(canvas: np.ndarray, ink: int = 0, paper: int = 255) -> np.ndarray:
    """The same drawing as a picture without transparency."""
    alpha = canvas[..., 3:].astype(float) / 255
    rgb = (alpha * ink + (1 - alpha) * paper).repeat(3, axis=2)
    return np.dstack([rgb, np.full(canvas.shape[:2], 255)]).astype(np.uint8)


def assert_prepared(image: np.ndarray) -> None:
    assert image.shape == (28, 28) and image.dtype == np.uint8
    assert set(np.unique(image)) <= {0, 255} and image.any()


@settings(max_examples=60, deadline=None)
@given(
    height=SIDES, width=SIDES, seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(["noise", "sparse", "flat", "box"])
)
def test_any_canvas_gives_black_and_white_or_a_named_error(height: int, width: int, seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    canvas = np.zeros((height, width, 4), np.uint8)
    if kind == "noise":
        canvas = rng.integers(0, 256, (height, width, 4), dtype=np.uint8)
    elif kind == "sparse":
        canvas[rng.integers(height, size=5), rng.integers(width, size=5)] = rng.integers(0, 256, (5, 4))
    elif kind == "flat":
        canvas[:] = rng.integers(0, 256, 4)
    else:
        top, left = rng.integers(height), rng.integers(width)
        canvas[top : top + rng.integers(1, height + 1), left : left + rng.integers(1, width + 1), 3] = rng.integers(256)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            first = prepare(canvas)
        except EmptyDrawing:
            assert kind in ("sparse", "flat", "box") and (not canvas[..., 3].any() or canvas[..., 3].min() == 255)
            return
        assert_prepared(first)
        assert (prepare(canvas) == first).all()


def test_the_largest_canvas_with_the_thinnest_pen_keeps_its_line_whole() -> None:
    canvas = np.zeros((LARGEST, LARGEST, 4), np.uint8)
    ring = Image.new("L", (LARGEST, LARGEST), 0)
    ImageDraw.Draw(ring).ellipse([300, 300, 3700, 3700], outline=255, width=1)
    canvas[..., 3] = np.asarray(ring)
    image = prepare(canvas)
    assert_prepared(image)
    assert pieces(image) == 1 and holes(image) == 1


def test_one_pixel_is_ink() -> None:
    canvas = np.zeros((SMALLEST, SMALLEST, 4), np.uint8)
    canvas[3, 4, 3] = 1
    assert_prepared(prepare(canvas))


@pytest.mark.parametrize("colour", [(0, 0, 0, 0), (255, 255, 255, 0), (255, 255, 255, 255), (0, 0, 0, 255)])
def test_nothing_drawn_is_an_empty_drawing(colour: tuple[int, ...]) -> None:
    canvas = np.full((280, 280, 4), colour, np.uint8)
    with pytest.raises(EmptyDrawing):
        prepare(canvas)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (np.zeros((280, 280), np.uint8), r"\(280, 280\)"),
        (np.zeros((280, 280, 3), np.uint8), r"\(280, 280, 3\)"),
        (np.zeros((27, 280, 4), np.uint8), r"\(27, 280, 4\)"),
        (np.zeros((28, 4097, 4), np.uint8), r"\(28, 4097, 4\)"),
        (np.zeros((280, 280, 4), np.float32), "float32"),
        ([[0]], "list"),
        (None, "NoneType"),
    ],
)
def test_a_wrong_canvas_is_told_what_was_expected_and_what_came(wrong: Any, named: str) -> None:
    with pytest.raises(ValueError, match=rf"uint8 .*\(H, W, 4\).*got .*{named}") as error:
        prepare(wrong)
    assert not isinstance(error.value, EmptyDrawing)


def test_each_step_has_its_name_and_shape() -> None:
    steps = preparation_steps(drawn((280, 280), eight))
    assert steps.ink.shape == (280, 280)
    assert max(steps.scaled.shape) == 20 and steps.scaled.shape == steps.binary.shape
    assert set(np.unique(steps.binary)) == {0, 255}
    assert_prepared(steps.centred)
    assert (steps.centred == prepare(drawn((280, 280), eight))).all()


@pytest.mark.parametrize("size", [(280, 280), (900, 280), (300, 700)])
def test_where_and_on_how_large_a_canvas_a_digit_stands_makes_no_difference(size: tuple[int, int]) -> None:
    here = drawn((280, 280), eight)
    there = np.zeros((size[1], size[0], 4), np.uint8)
    there[-260:, -260:] = here[10:270, 10:270]
    assert (prepare(there) == prepare(here)).all()


def test_aspect_ratio_is_kept_so_that_a_1_stays_thin() -> None:
    steps = preparation_steps(drawn((280, 280), slanted_one))
    ink = crop_to_ink(steps.ink)
    height, width = steps.binary.shape
    assert height == 20
    assert abs(width - 20 * ink.shape[1] / ink.shape[0]) <= 1.5


@pytest.mark.parametrize("pen", [1, 2, 4, 8, 14, 20, 30, 36])
def test_thin_pens_do_not_break_and_thick_ones_do_not_close_an_8(pen: int) -> None:
    canvas = drawn((280, 280), eight, pen)
    image = prepare(canvas)
    assert pieces(image) == pieces(canvas[..., 3]) == 1
    assert holes(image) == holes(canvas[..., 3]) == 2


def test_the_centroid_is_at_the_middle() -> None:
    for canvas in (drawn((280, 280), eight), drawn((280, 280), slanted_one)):
        centroid = ndimage.center_of_mass(prepare(canvas))
        assert np.allclose(centroid, 13.5, atol=0.5 + 1e-9)


@given(st.integers(1, 28), st.integers(1, 28), st.integers(0, 2**32 - 1))
def test_centring_cuts_nothing_off(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    binary = np.where(rng.random((height, width)) < 0.1, 255, 0).astype(np.uint8)
    binary[rng.integers(height), rng.integers(width)] = 255
    assert (centre(binary) > 0).sum() == (binary > 0).sum()


def test_a_mnist_image_is_already_prepared_but_for_black_and_white() -> None:
    """A centred image of 20 pixels is scaled by one: what comes out is its own threshold."""
    grey = np.zeros((28, 28), np.uint8)
    grey[4:24, 8:20] = np.asarray(Image.fromarray(drawn((280, 280), eight)[30:246, 80:200, 3]).resize((12, 20)))
    canvas = np.zeros((28, 28, 4), np.uint8)
    canvas[..., 3] = grey
    assert (ndimage.center_of_mass(prepare(canvas)) - np.array([13.5, 13.5]) < 0.51).all()
    assert (prepare(canvas) > 0).sum() == (grey >= 128).sum()


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0), (60, 190), (230, 140)])
def test_a_picture_gives_what_the_drawing_gives(ink: int, paper: int) -> None:
    canvas = drawn((280, 280), eight)
    picture, drawing = prepare(opaque(canvas, ink, paper)), prepare(canvas)
    assert (picture != drawing).mean() < 0.02 and holes(picture) == 2


def test_a_photo_with_a_shadow_and_grain_gives_what_the_drawing_gives() -> None:
    canvas = drawn((280, 280), eight)
    photo = opaque(canvas, 70, 200).astype(float)
    rng = np.random.default_rng(0)
    photo[..., :3] += np.linspace(-60, 40, 280)[None, :, None] + rng.normal(0, 4, (280, 280, 1))
    photo[..., 3] = 255
    prepared = prepare(np.clip(photo, 0, 255).astype(np.uint8))
    assert (prepared != prepare(canvas)).mean() < 0.03 and holes(prepared) == 2


def test_black_and_white_takes_the_threshold_that_keeps_the_topology() -> None:
    ring = np.full((20, 20), 255, np.uint8)
    ring[9:11, 9:11] = 170  # a hole, nearly closed
    assert holes(binarise(ring, (1, 1))) == 1
    bridge = np.zeros((20, 20), np.uint8)
    bridge[2:8, 5], bridge[12:18, 5], bridge[8:12, 5] = 255, 255, 110
    assert pieces(binarise(bridge, (1, 0))) == 1


def fixed_drawings() -> Iterator[np.ndarray]:
    """Polylines inked by arithmetic alone, so that no other Pillow or NumPy draws them otherwise."""
    shapes = (
        [(3, 1), (7, 0), (9, 3), (7, 7), (4, 9), (1, 7), (1, 3), (3, 1)],
        [(2, 3), (5, 0), (5, 9)],
        [(1, 2), (4, 0), (8, 2), (2, 9), (9, 9)],
        [(6, 0), (1, 6), (9, 6), (7, 6), (7, 3), (7, 9)],
        [(5, 5), (2, 3), (5, 0), (8, 3), (5, 5), (1, 8), (5, 9), (9, 8), (5, 5)],
        [(0, 0), (9, 1)],
        [(0, 0), (5, 9), (7, 0), (9, 9), (2, 2), (9, 0), (0, 7), (8, 5), (0, 0)],
    )
    for (number, shape), side, pen, darkest in product(enumerate(shapes), (40, 90, 280), range(2, 36, 3), (255, 100)):
        soft = 0.5 if darkest == 255 else pen * side / 500  # half the width of a line's soft edge, in pixels
        rows, columns = np.mgrid[:side, : side - side // 4 * (number % 2)]
        points = [(0.1 * side + 0.08 * side * x, 0.1 * side + 0.08 * side * y) for x, y in shape]
        distance = np.full(rows.shape, np.inf)
        for (x, y), (to_x, to_y) in pairwise(points):
            along = ((columns - x) * (to_x - x) + (rows - y) * (to_y - y)) / ((to_x - x) ** 2 + (to_y - y) ** 2)
            along = along.clip(0, 1)
            square = (columns - x - along * (to_x - x)) ** 2 + (rows - y - along * (to_y - y)) ** 2
            distance = np.minimum(distance, np.sqrt(square))
        coverage = ((pen * side / 400 - distance) / (2 * soft) + 0.5).clip(0, 1)
        yield as_canvas((darkest * coverage).round().astype(np.uint8))


def test_another_preparation_has_another_name() -> None:
    digest = sha256(b"".join(prepare(drawing).tobytes() for drawing in fixed_drawings())).hexdigest()[:12]
    assert digest == PREPARATION, "drawings are prepared otherwise: see 'What makes the model invalid', ARCHITECTURE.md"


def test_thousands_of_drawings_are_prepared_as_before_photographs_were_read() -> None:
    """The fixed drawings mirrored and turned; the digest is that of the last commit without `photographs`."""
    digest, count = sha256(), 0
    for drawing, mirrored, quarters in product(fixed_drawings(), (False, True), range(4)):
        turned = np.rot90(drawing[:, ::-1] if mirrored else drawing, quarters)
        digest.update(prepare(np.ascontiguousarray(turned)).tobytes())
        count += 1
    assert (count, digest.hexdigest()[:12]) == (4032, "9128f81010ff")


def test_the_committed_model_was_made_with_this_preparation() -> None:
    metadata = json.loads((ROOT / "models/metadata.json").read_text(encoding="utf-8"))
    assert metadata["preparation"] == PREPARATION


def test_a_drawing_imports_nothing_of_photographs() -> None:
    code = (
        "import sys, numpy as np; from mnist_core import prepare; canvas = np.zeros((40, 40, 4), np.uint8);"
        "canvas[5:30, 9, 3] = 255; prepare(canvas); assert 'cv2' not in sys.modules;"
        "canvas[..., 3] = 255; canvas[5:30, 9, :3] = 200; prepare(canvas); assert 'cv2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_stroke_costs_little_memory() -> None:
    canvas = drawn((280, 280), eight)
    prepare(canvas)
    tracemalloc.start()
    prepare(canvas)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * 2**20
