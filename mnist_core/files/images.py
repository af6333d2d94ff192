"""An image file from a stranger -> the RGBA array that `prepare` takes.

The bytes are hostile until proven otherwise: their number, their kind and the number of pixels are checked before
anything is decoded, only the pixels of the first picture come out, and nothing of the file is kept. A process decodes
one image at a time, in less than 200 MiB, however many it is given at once.
"""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageFilter, ImageOps

LARGEST_IMAGE = 10 * 2**20
MAX_PIXELS = {
    "JPEG": 26_000_000,  # of a 24-megapixel phone camera; decoded at a fraction of its size
    "PNG": 16_000_000,  # the screen of a 5K monitor
    "BMP": 16_000_000,
    "GIF": 16_000_000,
    "WEBP": 8_400_000,  # a 4K screen; its decoder takes five times what a PNG's takes
}
MAX_SIDE = 1024
MIN_SIDE = 28  # the smallest canvas that `prepare` takes
_ENOUGH = 960  # a longer side that will do, so that a phone's 4000 are decoded as 1000, in half the time of 2000
_COARSE, _BROAD = 64, 15  # paper is broader than 15 of 64 parts of the picture, ink is not
_UNLIKE = 48  # levels by which a colour on paper differs from the paper's
ImageFault = Literal["missing", "too_many_bytes", "not_an_image", "too_many_pixels", "damaged"]
FORMATS = ("PNG", "JPEG", "WebP", "BMP", "GIF")

_decoder = ThreadPoolExecutor(1, "decoder")  # not a lock: each thread that decodes keeps some memory for itself


class UnreadableImage(ValueError):
    """What cannot be read as an image, in a sentence; `.kind` is that reason for programs."""

    def __init__(self, kind: ImageFault, sentence: str) -> None:
        super().__init__(sentence)
        self.kind: ImageFault = kind


def read_image(source: bytes | str | Path) -> np.ndarray:
    """Read an image file, given as its bytes or its path, upright as its EXIF orientation says.

    Returns uint8 (H, W, 4) RGBA with sides of 28 to 1024: with alpha where the picture is a drawing on a
    transparent ground, opaque everywhere otherwise. Of an animation, the first frame.

    Raises UnreadableImage.
    """
    data = source if isinstance(source, bytes) else _bytes_of(Path(source))
    if len(data) > LARGEST_IMAGE:
        raise UnreadableImage("too_many_bytes", f"The image is over {LARGEST_IMAGE // 2**20} MiB.")
    form = _format_of(data)
    if form is None:
        raise UnreadableImage("not_an_image", f"This is not an image in one of the formats {', '.join(FORMATS)}.")
    return _decoder.submit(_read, data, form).result()


def _read(data: bytes, form: str) -> np.ndarray:
    try:
        image: Image.Image = Image.open(io.BytesIO(data), formats=[form])
        too_many = image.width * image.height > MAX_PIXELS[form]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        too_many = True
    except Exception as error:  # Pillow's decoders raise nearly anything on hostile bytes
        raise UnreadableImage("damaged", "The image is damaged and cannot be opened.") from error
    if too_many:
        raise UnreadableImage("too_many_pixels", f"The image has over {MAX_PIXELS[form] / 1e6:g} million pixels.")
    try:
        rgba = _decode(image)
    except Exception as error:  # as above
        raise UnreadableImage("damaged", "The image is damaged or incomplete.") from error
    image.close()
    return _padded(_grounded(rgba))


def _bytes_of(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_IMAGE + 1)
    except (OSError, ValueError) as error:
        folder = isinstance(error, IsADirectoryError)
        sentence = "This is a folder." if folder else "There is no such file, or it may not be read."
        raise UnreadableImage("missing", sentence) from error


def _format_of(data: bytes) -> str | None:
    """The format by the file's first bytes; Pillow is then allowed that decoder only, whatever the name says."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    return "BMP" if data.startswith(b"BM") else None


def _decode(image: Image.Image) -> np.ndarray:
    enough = _ENOUGH / max(image.size)
    size = (max(1, int(image.width * enough)), max(1, int(image.height * enough)))
    image.draft("RGB", size)  # a JPEG is decoded at a half, quarter or eighth where that is enough
    image.load()
    small = _shrunk(image)
    small.info = image.info  # where its orientation is
    ImageOps.exif_transpose(small, in_place=True)
    return np.array(small)


def _shrunk(image: Image.Image) -> Image.Image:
    """The image in RGBA, its longer side at most MAX_SIDE; first reduced strip by strip, to spare memory."""
    factor = max(1, max(image.size) // MAX_SIDE)
    bits = int(np.max(image.getextrema())).bit_length() if image.mode.startswith("I") else 8
    rows = factor * max(1, 2**20 // (image.width * factor))
    reduced = Image.new("RGBA", (-(-image.width // factor), -(-image.height // factor)))
    for top in range(0, image.height, rows):
        strip = _in_rgba(image.crop((0, top, image.width, min(top + rows, image.height))), bits)
        reduced.paste(strip.reduce(factor), (0, top // factor))
    scale = min(1.0, MAX_SIDE / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return reduced.resize(size, Image.Resampling.BICUBIC, (0, 0, image.width / factor, image.height / factor))


def _in_rgba(image: Image.Image, bits: int) -> Image.Image:
    """bits: of the brightest grey. Scanners and cameras write 10, 12 or 14 into a file that has room for 16."""
    if image.mode.startswith("I"):  # Pillow would clip such grey rather than scale it
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> max(0, bits - 8)).astype(np.uint8))
    return image.convert("RGBA")


def _grounded(rgba: np.ndarray) -> np.ndarray:
    """Keep the alpha of a drawing on a transparent ground; lay any other picture on its own background colour.

    A screenshot with round corners has alpha too, but what is opaque there is paper, not ink.
    """
    if rgba[..., 3].min() == 255 or not _is_paper(rgba):
        return rgba
    alpha = rgba[..., 3:].astype(np.float32) / 255
    laid = rgba[..., :3] * alpha + _background(rgba) * (1 - alpha)
    return np.dstack([np.rint(laid).astype(np.uint8), np.full(rgba.shape[:2], 255, np.uint8)])


def _is_paper(rgba: np.ndarray) -> bool:
    """Whether what shows, be it faint, is paper with something on it: most of the picture, or broad and not all alike.

    Ink on a transparent ground is narrow, or of one colour.
    """
    shows = _showing(rgba)
    if shows.mean() > 0.5:
        return True
    small = Image.fromarray(shows).resize((_COARSE, _COARSE), Image.Resampling.BOX).convert("L")
    if not np.asarray(small.filter(ImageFilter.MinFilter(_BROAD))).any():
        return False
    colours = rgba[shows][:, :3].astype(np.int16)
    return bool((np.abs(colours - _background(rgba)).max(1) > _UNLIKE).mean() > 0.01)


def _showing(rgba: np.ndarray) -> np.ndarray:
    """The pixels, bool (H, W), that are at least half as opaque as any."""
    return rgba[..., 3] >= max(1, int(rgba[..., 3].max()) / 2)


def _background(rgba: np.ndarray) -> np.ndarray:
    """The colour, uint8 (3,), of most that is opaque: paper covers more than ink does."""
    return np.median(rgba[_showing(rgba)][:, :3], axis=0).astype(np.uint8)


def _padded(rgba: np.ndarray) -> np.ndarray:
    height, width = (max(side, MIN_SIDE) for side in rgba.shape[:2])
    if (height, width) == rgba.shape[:2]:
        return rgba
    canvas = np.zeros((height, width, 4), np.uint8)
    if rgba[..., 3].min() == 255:
        canvas[:] = [*_background(rgba), 255]
    top, left = (height - rgba.shape[0]) // 2, (width - rgba.shape[1]) // 2
    canvas[top : top + rgba.shape[0], left : left + rgba.shape[1]] = rgba
    return canvas
