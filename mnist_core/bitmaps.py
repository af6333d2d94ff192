"""The 28 x 28 image and its label, each said once; and how the store keeps them: small, the same on every database."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIDE = 28  # of the image that the classifier reads
DIGITS = 10
OUTPUTS = 11  # of the network: the ten digits, and "not a digit"
NOT_A_DIGIT = 10  # the label of everything that is not 0-9
UNLABELLED = -1  # in an array of labels and in files: nobody has said yet what this drawing is. Elsewhere that is None


def check_images(images: ArrayLike, what: str = "images") -> NDArray[np.uint8]:
    """Return `images` when they are uint8 (n, 28, 28); raise ValueError otherwise, in which they are called `what`."""
    array = np.asarray(images)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[1:] != (SIDE, SIDE):
        raise ValueError(f"{what} must be uint8 (n, {SIDE}, {SIDE}), not {array.dtype} {array.shape}")
    return array


def check_drawings(images: ArrayLike) -> NDArray[np.uint8]:
    """Return `images` when they are uint8 (n, 28, 28) of 0 and 255, as `prepare` makes them; else raise ValueError."""
    array = check_images(images, "drawings")
    if not np.isin(array, (0, 255)).all():
        raise ValueError("drawings must be black and white: 0 and 255 only")
    return array


def blank(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """bool (n,): which of the images have no ink, and so nothing to read or to learn."""
    return np.asarray(~images.any((1, 2)))


def pack_bits(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 (n, 28, 28) of 0 and 255 -> uint8 (n, 98), eight pixels a byte."""
    return np.packbits(images.reshape(len(images), SIDE * SIDE) > 0, axis=1)


def unpack_bits(packed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What `pack_bits` made -> uint8 (n, 28, 28) of 0 and 255."""
    return np.unpackbits(packed, axis=1).reshape(-1, SIDE, SIDE) * np.uint8(255)


def pack_images(images: NDArray[np.uint8]) -> bytes:
    """uint8 (n, 28, 28) of 0 and 255 -> 98 bytes a drawing.

    Raises:
        ValueError: another shape or dtype, or other values: grey would be lost, so it is refused.
    """
    return pack_bits(check_drawings(images)).tobytes()


def unpack_images(content: bytes) -> NDArray[np.uint8]:
    """What `pack_images` made -> uint8 (n, 28, 28) of 0 and 255."""
    return unpack_bits(np.frombuffer(content, dtype=np.uint8).reshape(-1, SIDE * SIDE // 8))


def split_images(content: bytes) -> list[bytes]:
    """What `pack_images` made, drawing by drawing."""
    size = SIDE * SIDE // 8
    return [content[start : start + size] for start in range(0, len(content), size)]


def labels_as_array(labels: Sequence[int | None]) -> NDArray[np.int8]:
    """int8 (n,): 0-9, and UNLABELLED where there is None."""
    return np.array([UNLABELLED if label is None else label for label in labels], np.int8)


def labels_from_array(labels: ArrayLike) -> tuple[int | None, ...]:
    """The opposite of `labels_as_array`, of whole numbers of any dtype."""
    return tuple(None if label == UNLABELLED else label for label in np.asarray(labels).tolist())


def pack_labels(labels: ArrayLike, count: int) -> bytes:
    """`count` whole numbers 0-9 -> one byte each. Raises ValueError for anything else."""
    array = np.asarray(labels)
    if array.shape != (count,) or not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"labels must be {count} whole numbers, not {array.dtype} {array.shape}")
    if not ((array >= 0) & (array < DIGITS)).all():
        raise ValueError("labels must be from 0 to 9")
    return array.astype(np.uint8).tobytes()


def pack_runs(ids: Sequence[int]) -> str:
    """(1, 2, 3, 7) -> "1-3,7": every version lists its lessons, so a list must not grow with each of them."""
    runs: list[list[int]] = []
    for number in ids:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def unpack_runs(text: str) -> tuple[int, ...]:
    """What `pack_runs` wrote, in the same order."""
    ids: list[int] = []
    for run in text.split(",") if text else ():
        first, _, last = run.partition("-")
        ids.extend(range(int(first), int(last or first) + 1))
    return tuple(ids)
