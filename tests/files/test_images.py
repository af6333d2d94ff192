"""Image files of strangers: good ones come out upright with their ink, hostile ones are one named error."""

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from harness.processes import ROOT
from mnist_core import prepare
from mnist_core.files import images
from mnist_core.files.images import UnreadableImage, read_image


def seven(mode: str = "RGB", size: tuple[int, int] = (120, 160)) -> Image.Image:
    """A black seven on white, bar at the top."""
    image = Image.new("L", size, 255)
    width, height = size
    ImageDraw.Draw(image).line(
        [(width * 0.2, height * 0.2), (width * 0.8, height * 0.2), (width * 0.4, height * 0.8)], fill=0, width=12
    )
    return image.convert(mode)


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def png(width: int, height: int, data: bytes, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG file that says what it is told to say."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def kind_of(data: bytes | str | Path) -> str:
    with pytest.raises(UnreadableImage) as caught:
        read_image(data)
    assert str(caught.value).endswith(".")
    return caught.value.kind


@pytest.mark.parametrize("form", images.FORMATS)
def test_every_format_reads_the_same_picture(form: str) -> None:
    rgba = read_image(encoded(seven(), form))
    assert rgba.shape == (160, 120, 4) and rgba.dtype == np.uint8 and (rgba[..., 3] == 255).all()
    assert np.abs(rgba[..., 0].astype(int) - np.asarray(seven("L"))).mean() < 4


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_of_png_reads_the_same_picture(mode: str) -> None:
    rgba = read_image(encoded(seven(mode), "PNG"))
    assert np.abs(rgba[..., 1].astype(int) - np.asarray(seven("L"))).mean() < 4


def test_sixteen_bit_grey_is_scaled_and_cmyk_is_converted() -> None:
    deep = Image.fromarray(np.asarray(seven("L")).astype(np.uint16) * 257)
    np.testing.assert_array_equal(read_image(encoded(deep, "PNG"))[..., 0], np.asarray(seven("L")))
    cmyk = read_image(encoded(seven("CMYK"), "JPEG", quality=95))
    assert np.abs(cmyk[..., 0].astype(int) - np.asarray(seven("L"))).mean() < 6


def test_a_drawing_on_a_transparent_ground_keeps_its_alpha() -> None:
    ink = 255 - np.asarray(seven("L"))
    drawing = np.dstack([np.zeros((160, 120, 3), np.uint8), ink])
    np.testing.assert_array_equal(read_image(encoded(Image.fromarray(drawing), "PNG"))[..., 3], ink)


def test_a_palette_with_a_transparent_colour_keeps_its_alpha() -> None:
    rgba = read_image(encoded(seven("P"), "GIF", transparency=int(np.asarray(seven("P"))[0, 0])))
    assert rgba[0, 0, 3] == 0 and 0 < (rgba[..., 3] == 255).mean() < 0.3


def test_a_screenshot_with_round_corners_is_paper_to_its_edges() -> None:
    shot = np.asarray(seven("RGBA")).copy()
    shot[:10, :10, 3] = 0
    rgba = read_image(encoded(Image.fromarray(shot), "PNG"))
    assert (rgba[..., 3] == 255).all() and (rgba[:10, :10] == 255).all()


@pytest.mark.parametrize("bits", [9, 10, 12, 14])
def test_grey_of_fewer_bits_than_the_file_has_room_for_is_not_dark(bits: int) -> None:
    deep = Image.fromarray(np.asarray(seven("L")).astype(np.uint16) << (bits - 8))
    np.testing.assert_array_equal(read_image(encoded(deep, "PNG"))[..., 0], np.asarray(seven("L")))


@pytest.mark.parametrize("opacity", [40, 120, 200])
def test_a_half_transparent_picture_is_paper(opacity: int) -> None:
    faint = np.asarray(seven("RGBA")).copy()
    faint[..., 3] = opacity
    rgba = read_image(encoded(Image.fromarray(faint), "PNG"))
    assert (rgba[..., 3] == 255).all() and rgba[0, 0, 0] == 255
    assert (prepare(rgba) != prepare(read_image(encoded(seven(), "PNG")))).mean() < 0.03


def test_a_sheet_on_a_clear_ground_is_paper_though_it_covers_little() -> None:
    clear = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    clear.paste(seven("RGBA"), (130, 150))
    rgba = read_image(encoded(clear, "PNG"))
    assert (rgba[..., 3] == 255).all() and (rgba[:100] == 255).all()
    assert (prepare(rgba) != prepare(read_image(encoded(seven(), "PNG")))).mean() < 0.03


def test_a_thick_drawing_in_two_colours_is_still_ink() -> None:
    drawing = Image.new("RGBA", (280, 280), (0, 0, 0, 0))
    pen = ImageDraw.Draw(drawing)
    pen.line([(60, 50), (220, 50)], fill=(255, 0, 0, 255), width=36)
    pen.line([(220, 50), (100, 240)], fill=(0, 0, 90, 255), width=36)
    np.testing.assert_array_equal(read_image(encoded(drawing, "PNG")), np.asarray(drawing))


@pytest.mark.parametrize(("orientation", "turn"), [(3, 180), (6, 90), (8, 270)])
def test_the_camera_s_orientation_is_undone(orientation: int, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    held = seven("L").rotate(turn, expand=True)
    rgba = read_image(encoded(held, "JPEG", exif=exif, quality=95))
    assert rgba.shape == (160, 120, 4)
    assert np.abs(rgba[..., 0].astype(int) - np.asarray(seven("L"))).mean() < 6


@pytest.mark.parametrize("form", ["GIF", "WebP", "PNG"])
def test_of_an_animation_the_first_frame_is_read(form: str) -> None:
    blank = Image.new("RGB", (120, 160), "white")
    rgba = read_image(encoded(seven(), form, save_all=True, append_images=[blank] * 50))
    assert np.abs(rgba[..., 0].astype(int) - np.asarray(seven("L"))).mean() < 4


def test_a_photo_is_scaled_down_and_keeps_its_shape() -> None:
    assert read_image(encoded(seven(size=(3000, 2000)), "JPEG")).shape[:2] == (683, 1024)
    assert read_image(encoded(seven(size=(4000, 3000)), "JPEG")).shape[:2] == (750, 1000)  # a quarter, as it is decoded
    assert read_image(encoded(seven(size=(60000, 30)), "JPEG")).shape[1] <= 1024


@pytest.mark.parametrize("size", [(1, 1), (5, 40), (3000, 3)])
def test_a_small_picture_gets_margins_of_its_background(size: tuple[int, int]) -> None:
    rgba = read_image(encoded(Image.new("RGB", size, (200, 220, 240)), "PNG"))
    assert min(rgba.shape[:2]) >= 28 and max(rgba.shape[:2]) <= 1024
    assert (rgba == [200, 220, 240, 255]).all()
    clear = read_image(encoded(Image.new("RGBA", size, (0, 0, 0, 0)), "PNG"))
    assert min(clear.shape[:2]) >= 28 and not clear[..., 3].any()


def test_a_path_is_read_and_a_missing_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "seven.bin").write_bytes(encoded(seven(), "PNG"))
    np.testing.assert_array_equal(read_image(tmp_path / "seven.bin"), read_image(encoded(seven(), "PNG")))
    assert kind_of(tmp_path / "absent.png") == "missing"
    assert kind_of(str(tmp_path)) == "missing"
    assert kind_of("nul\0byte.png") == "missing"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg>&a;</svg>",
        b"%PDF-1.7 \x89PNG\r\n\x1a\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"\x80\x04\x95pickle",
        b"P6 4 4 255 " + b"\0" * 48,
        b"\0\0\0\x18ftypheic",
        b"RIFF\x10\0\0\0WAVEfmt ",
    ],
)
def test_what_is_not_one_of_the_formats_is_never_given_to_a_decoder(data: bytes) -> None:
    assert kind_of(data) == "not_an_image"


def test_a_tiff_or_icon_is_refused_though_pillow_could_read_it() -> None:
    assert kind_of(encoded(seven(), "TIFF")) == "not_an_image"
    assert kind_of(encoded(seven(), "ICO")) == "not_an_image"


def test_the_wrong_magic_is_damaged_whatever_follows() -> None:
    assert kind_of(b"\x89PNG\r\n\x1a\n" + encoded(seven(), "JPEG")) == "damaged"
    assert kind_of(b"GIF89a/*" + b"alert(1)*/=1;" * 9) == "damaged"
    assert kind_of(b"BM" + b"\xff" * 60) == "damaged"


def test_a_polyglot_gives_its_pixels_and_nothing_else() -> None:
    parcel = io.BytesIO()
    with zipfile.ZipFile(parcel, "w") as archive:
        archive.writestr("../../evil.sh", "echo")
    both = encoded(seven(), "PNG") + parcel.getvalue()
    np.testing.assert_array_equal(read_image(both), read_image(encoded(seven(), "PNG")))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WebP", "BMP"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_damaged(form: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), form)
    assert kind_of(data[: int(len(data) * share)]) == "damaged"


def test_too_many_bytes_are_refused_from_memory_and_from_a_file(tmp_path: Path) -> None:
    data = encoded(seven(), "PNG") + b"\0" * images.LARGEST_IMAGE
    (tmp_path / "huge.png").write_bytes(data)
    assert kind_of(data) == kind_of(tmp_path / "huge.png") == "too_many_bytes"


@pytest.mark.parametrize("side", [4_001, 10_000, 60_000])
def test_a_bomb_is_refused_by_its_header_alone(side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_decode", lambda image: pytest.fail("it was decoded"))
    bomb = png(side, side, zlib.compress(b"\0" * 10_000_000, 9))
    assert len(bomb) < 20_000 and kind_of(bomb) == "too_many_pixels"


_READ_BY_FOUR = """
import io, resource, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from PIL import Image
from mnist_core.files.images import read_image

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

small, data = io.BytesIO(), Path(sys.argv[1]).read_bytes()
Image.new("RGB", (40, 40)).save(small, "PNG")
read_image(small.getvalue())
before = peak()
with ThreadPoolExecutor(4) as visitors:
    shapes = {image.shape for image in visitors.map(read_image, [data] * 8)}
print(peak() - before, shapes)
"""


@pytest.mark.parametrize(
    ("form", "mode", "options"),
    [
        ("PNG", "RGB", {}),
        ("PNG", "P", {}),
        ("PNG", "I;16", {}),
        ("WebP", "RGB", {}),
        ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
    ],
)
def test_what_many_read_at_once_takes_no_more_memory_than_one(
    form: str, mode: str, options: dict[str, object], tmp_path: Path
) -> None:
    """Each of the largest images allowed; read by four at once, it took over a gigabyte."""
    side = int(images.MAX_PIXELS[form.upper()] ** 0.5)
    file = tmp_path / "large"
    file.write_bytes(encoded(Image.new(mode, (side, side), 1), form, **options))
    command = [sys.executable, "-c", _READ_BY_FOUR, str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    grown, shapes = done.stdout.split(maxsplit=1)
    assert shapes.strip() == "{(1024, 1024, 4)}"
    assert int(grown) < 200, f"{grown} MiB"


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(2050, 1400), (3333, 2500), (1025, 4100)])
def test_an_image_shrunk_in_strips_is_the_image_shrunk_at_once(mode: str, size: tuple[int, int]) -> None:
    whole = seven(mode, size).convert("RGBA")
    whole.thumbnail((images.MAX_SIDE, images.MAX_SIDE), reducing_gap=None)
    read = read_image(encoded(seven(mode, size), "PNG"))
    assert read.shape[:2] == whole.size[::-1]
    assert np.abs(read.astype(int) - np.asarray(whole)).mean() < 0.5


def test_a_bomb_in_a_text_chunk_is_not_unpacked() -> None:
    text = zlib.compress(b"\0" * 200_000_000, 9)
    whole = png(40, 40, zlib.compress(b"\0" * 41 * 40))
    body = b"zTXt" + b"key\0\0" + text
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    assert kind_of(whole[:33] + chunk + whole[33:]) == "damaged"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_file_with_flipped_bytes_is_an_array_or_the_named_error(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(images.FORMATS))
    file = bytearray(encoded(seven(size=(40, 30)), form))
    for _ in range(data.draw(st.integers(1, 8))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    try:
        rgba = read_image(bytes(file))
    except UnreadableImage as error:
        assert error.kind in {"not_an_image", "too_many_pixels", "damaged"}
    else:
        assert rgba.dtype == np.uint8 and rgba.shape[2] == 4
        assert min(rgba.shape[:2]) >= 28 and max(rgba.shape[:2]) <= 1024


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM"]))
def test_any_bytes_are_the_named_error(tail: bytes, magic: bytes) -> None:
    assert kind_of(magic + tail) in {"not_an_image", "too_many_pixels", "damaged"}


def test_scripts_outside_find_it_under_its_older_name() -> None:
    from mnist_core.images import read_image as known_as

    assert known_as is read_image
