"""Portable lessons: drawings with their labels as one file, to download here and upload there.

Two forms hold the same: an `.npz` for programs (arrays `images`, `labels`, `lessons`) and a ZIP for people (one PNG a
drawing and `labels.csv` with the columns file, label, lesson). Reading trusts nothing: every size is bounded before
anything is unpacked, no name becomes a path, nothing is unpickled, and a file counts as a whole or not at all.
"""

from __future__ import annotations

import csv
import io
import math
import re
import struct
import zipfile

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from mnist_core.bitmaps import SIDE, UNLABELLED, blank
from mnist_core.files.archives import DAMAGE
from mnist_core.files.drawings import ArrayName, BadLessonFile, Drawings, checked

__all__ = ["BadLessonFile", "Drawings", "pack_npz", "pack_zip", "unpack"]

LARGEST_LESSON_FILE = 20 * 2**20
MAX_DRAWINGS = 20_000
MAX_PNG = 4096  # bytes; ours take about 150
CSV_NAME = "labels.csv"
CSV_COLUMNS = ["file", "label", "lesson"]
PNG_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\.png")
NPY_HEADER = re.compile(  # not numpy's own reader: that evaluates the header, and allocates what it claims
    rb"\x93NUMPY\x01\0..\{'descr': '([|<>][iu][1248])', 'fortran_order': False, 'shape': \(([0-9, ]{0,40})\), \} *\n",
    re.DOTALL,
)
NUMBER = re.compile(r"[0-9]{1,9}")
PNG_START = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", SIDE, SIDE)
UNPACKING_CHUNKS = (b"zTXt", b"iTXt", b"iCCP")  # parts of a PNG that Pillow would unpack though they are no pixels


def pack_npz(images: np.ndarray, labels: ArrayLike, lessons: ArrayLike | None = None) -> bytes:
    """Drawings (see `Drawings`; one lesson when `lessons` is None) -> the bytes of an `.npz`. Raises BadLessonFile."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **checked(images, labels, lessons)._asdict())
    return buffer.getvalue()


def pack_zip(images: np.ndarray, labels: ArrayLike, lessons: ArrayLike | None = None) -> bytes:
    """Drawings as for `pack_npz` -> the bytes of a ZIP of PNGs and `labels.csv`. Raises BadLessonFile."""
    drawings = checked(images, labels, lessons)
    table, buffer = io.StringIO(newline=""), io.BytesIO()
    writer = csv.writer(table)
    writer.writerow(CSV_COLUMNS)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, (image, label, lesson) in enumerate(zip(*drawings, strict=True), start=1):
            png, name = io.BytesIO(), f"{n:05d}.png"
            Image.fromarray(image).convert("1").save(png, "PNG")
            archive.writestr(zipfile.ZipInfo(name), png.getvalue())  # a bare ZipInfo: same drawings, same bytes
            writer.writerow([name, "" if label == UNLABELLED else label, lesson])
        archive.writestr(zipfile.ZipInfo(CSV_NAME), table.getvalue(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpack(data: bytes, max_drawings: int = MAX_DRAWINGS) -> Drawings:
    """Read the bytes of either form, whichever it is. Raises BadLessonFile; never returns part of a file."""
    if len(data) > LARGEST_LESSON_FILE:
        raise BadLessonFile("too_many_bytes", f"The file is over {LARGEST_LESSON_FILE // 2**20} MiB.")
    # Each entry of a ZIP begins with this mark; counted before zipfile makes an object of every one of a million.
    if data.count(b"PK\x01\x02") > max_drawings + 3:
        raise _too_many(max_drawings)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if len(set(names)) < len(names):
                raise BadLessonFile("names", "Two entries of the archive have the same name.")
            drawings = _from_zip(archive) if CSV_NAME in names else _from_npz(archive, max_drawings)
    except DAMAGE as error:
        if isinstance(error, BadLessonFile):
            raise
        raise BadLessonFile("not_an_archive", "This is not a whole .npz or ZIP file of lessons.") from error
    if len(drawings.images) > max_drawings:
        raise _too_many(max_drawings)
    if blanks := int(blank(drawings.images).sum()):
        raise BadLessonFile("blank", f"{blanks} of the drawings are blank.")
    return drawings


def _too_many(most: int) -> BadLessonFile:
    return BadLessonFile("too_many_drawings", f"The file holds more than {most} drawings.")


def _entry(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """The bytes of one entry, at most `limit` of them."""
    if name not in archive.NameToInfo:
        raise BadLessonFile("missing", f"{name} is missing in the archive.")
    info = archive.getinfo(name)
    plain = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) and not info.flag_bits & 1
    if not plain or info.file_size > limit:
        raise BadLessonFile("not_an_archive", f"{name} in the archive is too large, or packed in an unusual way.")
    with archive.open(info) as stream:
        return stream.read(info.file_size)  # read() would unpack 2 GiB first and cut them to file_size then


def _from_npz(archive: zipfile.ZipFile, max_drawings: int) -> Drawings:
    images = _array(archive, "images", SIDE * SIDE * max_drawings)
    labels = _array(archive, "labels", 8 * max_drawings)
    lessons = _array(archive, "lessons", 8 * max_drawings) if "lessons.npy" in archive.NameToInfo else None
    return checked(images, labels, lessons)


def _array(archive: zipfile.ZipFile, name: ArrayName, limit: int) -> np.ndarray:
    """One array of an `.npz`; its header must be what numpy writes for integers, and as long as it says."""
    raw = _entry(archive, f"{name}.npy", limit + 1024)
    header = NPY_HEADER.match(raw)
    if header is None:
        raise BadLessonFile(name, f"The array {name} is not a plain array of integers.")
    dtype, shape = np.dtype(header[1].decode()), tuple(int(axis) for axis in header[2].replace(b",", b" ").split())
    if dtype.itemsize * math.prod(shape) != len(raw) - header.end():
        raise BadLessonFile(name, f"The array {name} says it is {dtype} {shape}, and is not.")
    return np.frombuffer(raw, dtype, offset=header.end()).reshape(shape)


def _from_zip(archive: zipfile.ZipFile) -> Drawings:
    pictures = [name for name in archive.namelist() if name != CSV_NAME]
    strange = next((name for name in pictures if not PNG_NAME.fullmatch(name)), None)
    if strange is not None:
        raise BadLessonFile("names", f"{strange[:80]!r} is not the plain name of a PNG.")
    rows = _rows(_entry(archive, CSV_NAME, 100 * (len(pictures) + 2)))
    if sorted(name for name, _, _ in rows) != sorted(pictures):
        raise BadLessonFile("labels", f"{CSV_NAME} must name every PNG in the archive once, and nothing else.")
    images = [_picture(_entry(archive, name, MAX_PNG), name) for name, _, _ in rows]
    return checked(np.array(images, np.uint8), [label for _, label, _ in rows], [lesson for *_, lesson in rows])


def _rows(table: bytes) -> list[tuple[str, int, int]]:
    """The lines of labels.csv as (file, label, lesson)."""
    try:
        head, *lines = list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline=""), strict=True)) or [[]]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadLessonFile("labels", f"{CSV_NAME} is not a table of comma-separated values.") from error
    if head != CSV_COLUMNS:
        raise BadLessonFile("labels", f"{CSV_NAME} must begin with the line {','.join(CSV_COLUMNS)}.")
    rows = []
    for number, line in enumerate(lines, start=2):
        if len(line) != 3 or not NUMBER.fullmatch(line[2]) or not (line[1] == "" or NUMBER.fullmatch(line[1])):
            raise BadLessonFile("labels", f"Line {number} of {CSV_NAME} is not file, label 0-9, number of the lesson.")
        rows.append((line[0], int(line[1]) if line[1] else UNLABELLED, int(line[2])))
    return rows


def _picture(png: bytes, name: str) -> np.ndarray:
    try:
        if not png.startswith(PNG_START) or any(chunk in png for chunk in UNPACKING_CHUNKS):
            raise ValueError("not a plain PNG of 28 x 28")
        return np.asarray(Image.open(io.BytesIO(png), formats=["PNG"]).convert("L"))
    except Exception as error:  # Pillow's decoders raise nearly anything on hostile bytes
        raise BadLessonFile("images", f"{name} is not a whole PNG of 28 x 28 pixels.") from error
