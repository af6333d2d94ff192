"""Small arrays as pictures that a page can show."""

import base64
import io

import numpy as np
from PIL import Image

FOR, AGAINST = (74, 144, 226), (226, 106, 44)  # blue and orange: told apart by everybody


def data_url(image: np.ndarray) -> str:
    """uint8 (H, W) grey, (H, W, 3) or (H, W, 4) -> a PNG data URL."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def jpeg_data_url(image: np.ndarray, side: int) -> str:
    """uint8 (H, W, 3) -> a JPEG data URL, its longer side at most `side`: a photograph in a tenth of a PNG."""
    small, buffer = Image.fromarray(image), io.BytesIO()
    small.thumbnail((side, side))
    small.save(buffer, format="JPEG", quality=75)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def reduced(image: np.ndarray, side: int) -> np.ndarray:
    """uint8 (H, W), (H, W, 3) or (H, W, 4), or bool (H, W), as uint8 with its longer side at most `side`."""
    small = Image.fromarray(image.astype(np.uint8) * 255 if image.dtype == bool else image)
    small.thumbnail((side, side))
    return np.array(small)


def enlarged(image: np.ndarray, side: int) -> np.ndarray:
    """Repeat the pixels of uint8 (h, w) or (h, w, 3) so that the longer side is about `side`, edges kept hard."""
    times = max(1, round(side / max(image.shape[:2])))
    return image.repeat(times, axis=0).repeat(times, axis=1)


def square(image: np.ndarray) -> np.ndarray:
    """Black margins around uint8 (h, w), so that it is as wide as high."""
    side = max(image.shape)
    top, left = ((side - length) // 2 for length in image.shape)
    padded = np.zeros((side, side), np.uint8)
    padded[top : top + image.shape[0], left : left + image.shape[1]] = image
    return padded


def heat(image: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """Ink, uint8 (28, 28), tinted by what speaks for (blue) and against (orange): uint8 (28, 28, 3).

    The strongest pixel has the full colour; ink that says nothing stays grey.
    """
    strength = importance / max(float(np.abs(importance).max()), 1e-9)
    ink = (image > 0)[..., None]
    colour = np.where(strength[..., None] >= 0, FOR, AGAINST)
    share = np.sqrt(np.abs(strength))[..., None]
    return np.where(ink, 90 * (1 - share) + colour * share, 0).astype(np.uint8)


def sheet_of(maps: np.ndarray, columns: int, gap: int = 1) -> np.ndarray:
    """Feature maps, float32 (h, w, c) -> one picture with a grid of them, uint8; each from black to its brightest."""
    height, width, count = maps.shape
    rows = -(-count // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), 128, np.uint8)
    brightest = np.maximum(maps.max(axis=(0, 1)), 1e-9)
    for n in range(count):
        top, left = n // columns * (height + gap), n % columns * (width + gap)
        sheet[top : top + height, left : left + width] = np.clip(maps[..., n] / brightest[n], 0, 1) * 255
    return sheet
