"""Drawings kept as pen trajectories, and the one way they are put on a canvas when figures are measured.

The renderer is that of the tool that came with this project's measuring data (`strokes.py`, made for drawings of
UNIPEN, Guyon et al., 1994): the same file and seed give the same canvases everywhere, so that figures from different
programs compare. Nothing in `render` and `canvases` may change, or they no longer do.

A strokes file is an `.npz` with

    points           float32 (P, 2)  x to the right, y DOWN, any unit
    stroke_offsets   int32 (S+1,)    stroke s is points[stroke_offsets[s]:stroke_offsets[s+1]]
    drawing_offsets  int32 (N+1,)    drawing n is strokes drawing_offsets[n]..drawing_offsets[n+1]-1
    label            uint8 (N,)      the digit that the writer meant, 0-9 (of other drawings, any number)
    writer           int16 (N,)      one number per writer
    source           uint8 (N,)      one number per collection site
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from mnist_core.files.archives import read_arrays

_FAR = 1_000_000
SIZE = 280  # pixels a side of the canvas
PEN = 20  # pixels wide
FIELDS = ("points", "stroke_offsets", "drawing_offsets", "label", "writer", "source")


class StrokeDrawing(NamedTuple):
    """One drawing of a strokes file; each stroke is float32 (n, 2), n > 0."""

    strokes: list[np.ndarray]
    label: int
    writer: int
    source: int


def read_strokes(path: str | Path) -> list[StrokeDrawing]:
    """The drawings of a strokes file, in its order. Raises ValueError, in a sentence, when it is not one."""
    arrays = read_arrays(path, FIELDS)
    points, strokes, drawings = arrays["points"], arrays["stroke_offsets"], arrays["drawing_offsets"]
    labels, writers, sources = arrays["label"], arrays["writer"], arrays["source"]
    if points.ndim != 2 or points.shape[1] != 2 or points.dtype.kind != "f":
        raise ValueError(f"{path}: points must be floats (P, 2), not {points.dtype} {points.shape}.")
    if not (np.abs(points.astype(np.float64)) < _FAR).all():  # NaN is not either
        raise ValueError(f"{path}: all points must be numbers between {-_FAR:,} and {_FAR:,}.")
    points = points.astype(np.float32, copy=False)
    for name, offsets, last in (
        ("stroke_offsets", strokes, len(points)),
        ("drawing_offsets", drawings, len(strokes) - 1),
    ):
        if offsets.ndim != 1 or offsets.dtype.kind not in "iu" or len(offsets) < 2:
            raise ValueError(f"{path}: {name} must be two integers or more, not {offsets.dtype} {offsets.shape}.")
        if offsets[0] != 0 or offsets[-1] != last or (np.diff(offsets.astype(np.int64)) < 1).any():
            raise ValueError(f"{path}: {name} must rise from 0 to {last}.")
    for name, values in (("label", labels), ("writer", writers), ("source", sources)):
        if values.shape != (len(drawings) - 1,) or values.dtype.kind not in "iu":
            raise ValueError(f"{path}: {name} must be one integer a drawing, not {values.dtype} {values.shape}.")
    return [
        StrokeDrawing(
            [points[strokes[s] : strokes[s + 1]] for s in range(drawings[n], drawings[n + 1])],
            int(labels[n]),
            int(writers[n]),
            int(sources[n]),
        )
        for n in range(len(labels))
    ]


def render(
    strokes: list[np.ndarray],
    *,
    extent: float = 0.6,
    center: tuple[float, float] = (SIZE / 2, SIZE / 2),
    size: int = SIZE,
    width: float = PEN,
    supersample: int = 2,
) -> np.ndarray:
    """Draw strokes, (n, 2) each, with a round pen: uint8 (size, size, 4), black ink on transparent.

    extent: the drawing's longer side as a share of the canvas; center: its middle, and width: the pen's, in pixels.
    """
    every = np.concatenate(strokes)
    low, high = every.min(0), every.max(0)
    scale = extent * size / max(float((high - low).max()), 1e-6)
    radius = width * supersample / 2
    ink = Image.new("L", (size * supersample,) * 2, 0)
    draw = ImageDraw.Draw(ink)
    for stroke in strokes:
        at = ((stroke - (low + high) / 2) * scale + center) * supersample
        path = [tuple(point) for point in at.tolist()]
        if len(path) > 1:
            draw.line(path, fill=255, width=round(width * supersample))
        for x, y in path:
            draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=255)
    canvas = np.zeros((size, size, 4), np.uint8)
    canvas[..., 3] = np.asarray(ink.resize((size, size), Image.Resampling.BOX))
    return canvas


def canvases(drawings: list[StrokeDrawing], *, seed: int = 0, margin: float = 14) -> Iterator[np.ndarray]:
    """Each drawing as a hand leaves it on the app's canvas: RGBA 280 x 280, a 20-pixel pen, somewhere, 35-80 % long."""
    for n, drawing in enumerate(drawings):
        rng = np.random.default_rng([seed, n])
        extent = rng.uniform(0.35, 0.8)
        every = np.concatenate(drawing.strokes)
        span = every.max(0) - every.min(0)
        half = span / max(float(span.max()), 1e-6) * extent * SIZE / 2 + margin
        x, y = rng.uniform(half, SIZE - half)
        yield render(drawing.strokes, extent=extent, center=(x, y))
