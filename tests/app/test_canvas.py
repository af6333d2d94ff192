"""What a browser sends is read, or is no drawing; whatever a stranger sends instead changes nothing."""

import base64
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ui.palette import DIGIT_COLOURS
from ui.widgets.canvas import ONE, read_data_url, read_drawing
from ui.widgets.pictures import data_url, heat, sheet_of, square

INK = np.zeros((280, 280, 4), np.uint8)
INK[50:200, 100:120, 3] = 255


def test_a_drawing_arrives_pixel_by_pixel() -> None:
    read = read_drawing(data_url(INK), ONE)
    assert read is not None
    assert np.array_equal(read, INK)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        7,
        "",
        "data:image/png;base64,",
        "data:image/png;base64,####",
        data_url(INK)[:200],
        data_url(INK[:100]),
        data_url(INK).replace("image/png", "text/html"),
        "data:image/png;base64," + "A" * 2**21,
    ],
)
def test_anything_else_is_no_drawing(sent: object) -> None:
    assert read_drawing(sent, ONE) is None


def test_an_image_of_another_kind_is_no_drawing() -> None:
    buffer = io.BytesIO()
    Image.fromarray(INK[..., :3]).save(buffer, "BMP")
    assert read_drawing("data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode(), ONE) is None


def test_a_small_file_that_claims_to_be_vast_is_no_drawing() -> None:
    buffer = io.BytesIO()
    Image.fromarray(INK).save(buffer, "PNG")
    vast = bytearray(buffer.getvalue())
    vast[16:24] = struct.pack(">II", 30_000, 30_000)
    vast[29:33] = struct.pack(">I", zlib.crc32(vast[12:29]))
    assert read_drawing("data:image/png;base64," + base64.b64encode(vast).decode(), ONE) is None


@given(st.one_of(st.text(), st.text().map(lambda text: "data:image/png;base64," + text), st.integers(), st.none()))
def test_no_text_breaks_the_reader(sent: object) -> None:
    assert read_drawing(sent, ONE) is None


def test_a_data_url_is_bounded_before_it_is_decoded() -> None:
    assert read_data_url(data_url(INK), 10) is None
    assert (read_data_url(data_url(INK), 10_000) or b"").startswith(b"\x89PNG")


def test_heat_tints_ink_only() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[10, 10:13] = 255
    importance = np.zeros((28, 28), np.float32)
    importance[10, 10], importance[10, 12] = 2.0, -2.0
    tinted = heat(image, importance)
    assert tuple(tinted[10, 10]) == (74, 144, 226)
    assert tuple(tinted[10, 11]) == (90, 90, 90)
    assert tuple(tinted[10, 12]) == (226, 106, 44)
    assert not tinted[image == 0].any()


def test_maps_become_one_sheet_and_pictures_become_square() -> None:
    assert sheet_of(np.ones((7, 7, 10), np.float32), columns=4).shape == (3 * 8 - 1, 4 * 8 - 1)
    assert square(np.full((20, 8), 255, np.uint8)).shape == (20, 20)


def luminance(colour: str) -> float:
    shares = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    linear = [share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", DIGIT_COLOURS)
@pytest.mark.parametrize("background", ["#FCFBF8", "#F1EFE9", "#13131A", "#1F1F2A"])
def test_a_digits_colour_stands_out_in_light_and_dark(colour: str, background: str) -> None:
    lighter, darker = sorted((luminance(colour), luminance(background)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 3  # WCAG 2.1, 1.4.11
