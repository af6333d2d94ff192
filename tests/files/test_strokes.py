"""Strokes files are read or refused in a sentence, and drawn where and as large as they say."""

from pathlib import Path

import numpy as np
import pytest

from mnist_core.files.strokes import canvases, read_strokes, render

CORNER = [np.array([[0, 0], [4, 0]], np.float32), np.array([[4, 0], [4, 2]], np.float32)]
DOT = [np.array([[7, 7]], np.float32)]


def save(folder: Path, **changed: np.ndarray) -> None:
    arrays: dict[str, np.ndarray] = {
        "points": np.concatenate([*CORNER, *DOT]),
        "stroke_offsets": np.array([0, 2, 4, 5], np.int32),
        "drawing_offsets": np.array([0, 2, 3], np.int32),
        "label": np.array([7, 65], np.uint8),
        "writer": np.array([1, -2], np.int16),
        "source": np.array([3, 4], np.uint8),
        **changed,
    }
    np.savez(folder / "s.npz", allow_pickle=False, **arrays)


def box(canvas: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the ink."""
    rows, columns = np.flatnonzero(canvas[..., 3].any(1)), np.flatnonzero(canvas[..., 3].any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def test_reads_what_was_written(tmp_path: Path) -> None:
    save(tmp_path)
    corner, dot = read_strokes(tmp_path / "s.npz")
    assert (corner.label, corner.writer, corner.source) == (7, 1, 3)
    assert (dot.label, dot.writer, dot.source) == (65, -2, 4)
    for read, written in zip([*corner.strokes, *dot.strokes], [*CORNER, *DOT], strict=True):
        np.testing.assert_array_equal(read, written)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("points", np.zeros((5, 3), np.float32), "points must be floats"),
        ("points", np.zeros((5, 2), int), "points must be floats"),
        ("points", np.full((5, 2), np.nan, np.float32), "all points must be numbers between"),
        ("points", np.full((5, 2), 3e38, np.float32), "all points must be numbers between"),
        ("stroke_offsets", np.array([0, 2, 4, 9]), "stroke_offsets must rise from 0 to 5"),
        ("stroke_offsets", np.array([0, 4, 2, 5]), "stroke_offsets must rise"),
        ("stroke_offsets", np.array([0.0, 2, 4, 5]), "stroke_offsets must be two integers or more"),
        ("drawing_offsets", np.array([0, 0, 3]), "drawing_offsets must rise from 0 to 3"),
        ("drawing_offsets", np.array([0]), "drawing_offsets must be two integers or more"),
        ("label", np.array([7]), "label must be one integer a drawing"),
        ("source", np.array([0.5, 1]), "source must be one integer a drawing"),
        ("writer", np.array([[1, 2]]), "writer must be one integer a drawing"),
    ],
)
def test_wrong_arrays_are_named(tmp_path: Path, name: str, value: np.ndarray, sentence: str) -> None:
    save(tmp_path, **{name: value})
    with pytest.raises(ValueError, match=sentence):
        read_strokes(tmp_path / "s.npz")


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.longdouble])
def test_points_of_any_float_are_drawn(tmp_path: Path, dtype: type) -> None:
    save(tmp_path, points=np.concatenate([*CORNER, *DOT]).astype(dtype) * 6000)
    assert all(canvas[..., 3].any() for canvas in canvases(read_strokes(tmp_path / "s.npz")))


def test_a_file_that_is_no_strokes_file_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "s.npz", points=np.zeros((2, 2), np.float32))
    with pytest.raises(ValueError, match=r"s\.npz.*stroke_offsets is missing"):
        read_strokes(tmp_path / "s.npz")


def test_a_drawing_is_as_long_as_asked_where_asked_with_a_round_pen() -> None:
    canvas = render(CORNER, extent=0.5, center=(100, 120))
    assert canvas.shape == (280, 280, 4) and canvas.dtype == np.uint8
    assert not canvas[..., :3].any()
    # 140 x 70 around the middle, and half a pen of 20 on each side
    np.testing.assert_allclose(box(canvas), (20, 75, 180, 165), atol=1)


def test_a_dot_is_a_disc_of_the_pen() -> None:
    canvas = render(DOT, center=(50, 60), width=30)
    np.testing.assert_allclose(box(canvas), (35, 45, 65, 75), atol=1)
    assert canvas[..., 3].sum() / 255 == pytest.approx(np.pi * 15**2, rel=0.05)


def test_canvases_are_placed_by_seed_and_number(tmp_path: Path) -> None:
    save(tmp_path)
    drawings = read_strokes(tmp_path / "s.npz")
    corner, dot = canvases(drawings, seed=5)
    # the rule that other programs follow, worked out by hand: extent, then the middle, from the generator [seed, n]
    rng = np.random.default_rng([5, 0])
    long = rng.uniform(0.35, 0.8) * 280
    half = np.array([long / 2, long / 4]) + 14
    x, y = rng.uniform(half, 280 - half)
    expected = (x - long / 2 - 10, y - long / 4 - 10, x + long / 2 + 10, y + long / 4 + 10)
    np.testing.assert_allclose(box(corner), expected, atol=1.5)
    left, top, right, bottom = box(dot)
    assert left >= 4 and top >= 4 and right <= 276 and bottom <= 276
    again = list(canvases(drawings, seed=5))
    np.testing.assert_array_equal(again[0], corner)
    assert (next(canvases(drawings, seed=6)) != corner).any()
