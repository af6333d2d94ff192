"""Lessons travel as files unchanged; files of strangers give one named error, whole or not at all."""

import csv
import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import ArrayLike
from PIL import Image

from mnist_core.bitmaps import UNLABELLED
from mnist_core.files.lessons import LARGEST_LESSON_FILE, BadLessonFile, pack_npz, pack_zip, unpack

IMAGES = np.where(np.random.default_rng(0).random((6, 28, 28)) < 0.2, 255, 0).astype(np.uint8)
LABELS = [3, 3, 7, 0, 9, UNLABELLED]
LESSONS = [1, 1, 2, 2, 2, 5]
Packer = Callable[..., bytes]
both_forms = pytest.mark.parametrize("pack", [pack_npz, pack_zip])


def npz(**arrays: ArrayLike) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, **arrays)
    return buffer.getvalue()


def parcel(entries: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def picture(size: tuple[int, int] = (28, 28), value: int = 255, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", size, value).save(buffer, "PNG", **options)
    return buffer.getvalue()


def table(*lines: str, head: str = "file,label,lesson") -> bytes:
    return "\n".join([head, *lines]).encode()


def kind_of(data: bytes) -> str:
    with pytest.raises(BadLessonFile) as caught:
        unpack(data)
    assert str(caught.value).endswith(".")
    return caught.value.kind


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from([pack_npz, pack_zip]))
def test_what_is_packed_comes_back(data: st.DataObject, pack: Packer) -> None:
    n = data.draw(st.integers(1, 12))
    images = data.draw(arrays(np.bool_, (n, 28, 28))).astype(np.uint8) * 255
    images[:, 14, 14] = 255  # a blank one would be refused
    labels = data.draw(st.lists(st.integers(-1, 9), min_size=n, max_size=n))
    lessons = data.draw(st.lists(st.integers(0, 10**6), min_size=n, max_size=n))
    drawings = unpack(pack(images, labels, lessons))
    np.testing.assert_array_equal(drawings.images, images)
    assert drawings.images.dtype == np.uint8
    assert drawings.labels.tolist() == labels
    assert drawings.lessons.tolist() == lessons


@both_forms
def test_lessons_keep_their_boundaries_and_order(pack: Packer) -> None:
    lessons = unpack(pack(IMAGES, LABELS, LESSONS)).by_lesson()
    assert [labels.tolist() for _, labels in lessons] == [[3, 3], [7, 0, 9], [UNLABELLED]]
    np.testing.assert_array_equal(np.concatenate([images for images, _ in lessons]), IMAGES)


def test_many_lessons_take_little_more_memory_than_their_drawings() -> None:
    images = np.tile(IMAGES[:1], (4000, 1, 1))
    drawings = unpack(pack_npz(images, [3] * 4000, range(4000)))
    tracemalloc.start()
    lessons = drawings.by_lesson()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(lessons) == 4000 and most < 3 * images.nbytes
    assert all(len(lesson.base if lesson.base is not None else lesson) == 1 for lesson, _ in lessons), "no views of all"


@both_forms
def test_without_lessons_all_drawings_are_one(pack: Packer) -> None:
    assert len(unpack(pack(IMAGES, LABELS)).by_lesson()) == 1


@both_forms
def test_the_same_drawings_give_the_same_bytes(pack: Packer) -> None:
    assert pack(IMAGES, LABELS, LESSONS) == pack(IMAGES.copy(), list(LABELS), np.array(LESSONS))


def test_the_npz_opens_in_plain_numpy() -> None:
    with np.load(io.BytesIO(pack_npz(IMAGES, LABELS, LESSONS)), allow_pickle=False) as file:
        np.testing.assert_array_equal(file["images"], IMAGES)
        assert file["labels"].tolist() == LABELS
        assert file["lessons"].tolist() == LESSONS


def test_the_zip_opens_in_plain_tools() -> None:
    with zipfile.ZipFile(io.BytesIO(pack_zip(IMAGES, LABELS, LESSONS))) as archive:
        rows = list(csv.DictReader(io.TextIOWrapper(archive.open("labels.csv"), "utf-8")))
        assert [row["label"] for row in rows] == ["3", "3", "7", "0", "9", ""]
        assert [row["lesson"] for row in rows] == [str(n) for n in LESSONS]
        for row, image in zip(rows, IMAGES, strict=True):
            np.testing.assert_array_equal(np.asarray(Image.open(archive.open(row["file"])).convert("L")), image)


@both_forms
def test_a_blank_drawing_refuses_the_whole_file(pack: Packer) -> None:
    images = IMAGES.copy()
    images[3] = 0
    assert kind_of(pack(images, LABELS, LESSONS)) == "blank"


def test_arrays_of_other_integer_types_are_taken() -> None:
    drawings = unpack(npz(images=IMAGES, labels=np.array([1] * 6, ">i2"), lessons=np.arange(6, dtype=np.uint8)))
    assert drawings.labels.tolist() == [1] * 6
    assert drawings.labels.dtype == np.int64


def test_a_table_saved_by_a_spreadsheet_is_taken() -> None:
    rows = "\ufefffile,label,lesson\r\nme.png,4,1\r\n".encode()
    assert unpack(parcel([("me.png", picture()), ("labels.csv", rows)])).labels.tolist() == [4]


@both_forms
@pytest.mark.parametrize(
    ("images", "labels", "lessons", "kind"),
    [
        (IMAGES[:0], [], None, "empty"),
        (IMAGES // 2, LABELS, None, "images"),
        (IMAGES.astype(float), LABELS, None, "images"),
        (IMAGES[:, :20], LABELS, None, "images"),
        (IMAGES[0], LABELS, None, "images"),
        (IMAGES, LABELS[:5], None, "labels"),
        (IMAGES, [10] * 6, None, "labels"),
        (IMAGES, [-2] * 6, None, "labels"),
        (IMAGES, [0.5] * 6, None, "labels"),
        (IMAGES, [None] * 6, None, "labels"),
        (IMAGES, LABELS, [-1] * 6, "lessons"),
        (IMAGES, LABELS, [1], "lessons"),
    ],
)
def test_what_is_no_drawing_is_not_packed(
    pack: Packer, images: np.ndarray, labels: list[int], lessons: list[int] | None, kind: str
) -> None:
    with pytest.raises(BadLessonFile) as caught:
        pack(images, labels, lessons)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"images": IMAGES}, "missing"),
        ({"labels": LABELS}, "missing"),
        ({"images": IMAGES[:0], "labels": LABELS[:0]}, "labels"),
        ({"images": IMAGES[:0], "labels": np.zeros(0, int)}, "empty"),
        ({"images": IMAGES, "labels": np.array(LABELS, object)}, "labels"),
        ({"images": np.array([{"a": 1}]), "labels": LABELS}, "images"),
        ({"images": IMAGES, "labels": np.array([np.nan] * 6)}, "labels"),
        ({"images": IMAGES.astype(np.float32) * np.nan, "labels": LABELS}, "images"),
        ({"images": IMAGES.astype("U3"), "labels": LABELS}, "images"),
        ({"images": IMAGES.astype(np.int64), "labels": LABELS}, "images"),
        ({"images": np.asfortranarray(IMAGES), "labels": LABELS}, "images"),
        ({"images": IMAGES[..., None], "labels": LABELS}, "images"),
        ({"images": np.uint8(255), "labels": LABELS}, "images"),
        ({"images": IMAGES // 3, "labels": LABELS}, "images"),
        ({"images": IMAGES, "labels": [7] * 5}, "labels"),
        ({"images": IMAGES, "labels": 7}, "labels"),
        ({"images": IMAGES, "labels": [7] * 5 + [10]}, "labels"),
        ({"images": IMAGES, "labels": np.full(6, 2**64 - 1, np.uint64)}, "labels"),
        ({"images": IMAGES, "labels": LABELS, "lessons": [2**40] * 6}, "lessons"),
        ({"images": IMAGES, "labels": LABELS, "lessons": [1.5] * 6}, "lessons"),
    ],
)
def test_an_npz_of_something_else_is_refused(content: dict[str, ArrayLike], kind: str) -> None:
    assert kind_of(npz(**content)) == kind


def evil_name(name: str) -> bytes:
    return parcel([(name, picture()), ("labels.csv", table(f"{name},1,1"))])


@pytest.mark.parametrize(
    "name",
    ["../up.png", "/etc/passwd", "a/b.png", "..\\up.png", "C:\\x.png", ".png", "x.png ", "x.svg", "dir/", "é.png"],
)
def test_names_that_are_paths_are_refused(name: str) -> None:
    assert kind_of(evil_name(name)) == "names"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_refused() -> None:
    entries = [("a.png", picture()), ("a.png", picture(value=0)), ("labels.csv", table("a.png,1,1"))]
    assert kind_of(parcel(entries)) == "names"


@pytest.mark.parametrize(
    "rows",
    [
        b"",
        b"\xff\xfe\0",
        b"file,label,lesson\na.png,1,1\0",
        b'file,label,lesson\n"a.png,1,1',
        table("a.png,1,1", head="label,file,lesson"),
        table("a.png,10,1"),
        table("a.png,-1,1"),
        table("a.png,1.0,1"),
        table("a.png,NaN,1"),
        table("a.png,٣,1"),
        table("a.png,1,"),
        table("a.png,1"),
        table("a.png,1,1,1"),
        table("a.png,1,1", "a.png,1,1"),
        table("b.png,1,1"),
        table("a.png,1,1", "../../etc/passwd,1,1"),
        table(),
        table("a.png,=HYPERLINK(1),1"),
    ],
)
def test_a_wrong_table_is_refused(rows: bytes) -> None:
    assert kind_of(parcel([("a.png", picture()), ("labels.csv", rows)])) == "labels"


def zipped_text_png() -> bytes:
    body = b"zTXtkey\0\0" + zlib.compress(b"\0" * 900_000, 9)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return picture()[:33] + chunk + picture()[33:]


@pytest.mark.parametrize(
    "png",
    [
        b"",
        b"<svg/>",
        picture()[:45],
        picture((29, 28)),
        picture((30_000, 30_000))[:33],
        picture(value=128),
        zipped_text_png(),
    ],
)
def test_one_bad_picture_refuses_the_whole_file(png: bytes) -> None:
    entries = [("good.png", picture()), ("bad.png", png), ("labels.csv", table("good.png,1,1", "bad.png,1,1"))]
    assert kind_of(parcel(entries)) == "images"


def test_a_zip_without_drawings_is_refused() -> None:
    assert kind_of(parcel([("labels.csv", table())])) == "empty"
    assert kind_of(parcel([("notes.txt", b"hello")])) == "missing"
    assert kind_of(parcel([])) == "missing"


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"PK\x03\x04", b"\x80\x04\x95\x10pickle", picture(), b"PK\x05\x06" + b"\xff" * 18]
)
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    assert kind_of(data) == "not_an_archive"


@both_forms
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused(pack: Packer, share: float) -> None:
    data = pack(IMAGES, LABELS)
    assert kind_of(data[: int(len(data) * share)]) == "not_an_archive"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_refused(method: int) -> None:
    assert kind_of(parcel([("a.png", picture()), ("labels.csv", table("a.png,1,1"))], method)) == "not_an_archive"


def test_an_encrypted_entry_is_refused() -> None:
    data = bytearray(parcel([("labels.csv", table())]))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert kind_of(bytes(data)) == "not_an_archive"


def test_too_many_bytes_are_refused() -> None:
    assert kind_of(pack_npz(IMAGES, LABELS) + b"\0" * LARGEST_LESSON_FILE) == "too_many_bytes"


@both_forms
def test_the_caller_can_allow_fewer_drawings(pack: Packer) -> None:
    data = pack(IMAGES, LABELS)
    assert len(unpack(data, max_drawings=6).images) == 6
    with pytest.raises(BadLessonFile, match="more than 5 drawings") as caught:
        unpack(data, max_drawings=5)
    assert caught.value.kind == "too_many_drawings"


def peak_of_refusing(data: bytes, kind: str) -> int:
    tracemalloc.start()
    try:
        assert kind_of(data) == kind
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_million_entries_are_counted_before_they_are_listed() -> None:
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, *[0] * 4, 0, 0, 0, 1, *[0] * 4, 0, 0) + b"a"
    many = entry * 400_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(many), 0, 0)
    assert peak_of_refusing(many + end, "too_many_drawings") < 2**20


def test_an_honest_bomb_is_refused_by_its_size() -> None:
    bomb = parcel([("labels.csv", b"\0" * 100_000_000)])
    assert peak_of_refusing(bomb, "not_an_archive") < 2**20


def test_a_bomb_that_understates_its_size_is_not_unpacked() -> None:
    bomb = bytearray(parcel([("labels.csv", b"\0" * 100_000_000)]))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = bomb.index(mark) + at
        bomb[place : place + 4] = struct.pack("<I", 90)
    assert peak_of_refusing(bytes(bomb), "not_an_archive") < 2**20


def test_an_array_that_claims_a_terabyte_is_not_allocated() -> None:
    header = b"\x93NUMPY\x01\0v\0{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000, 28, 28), }"
    raw = header + b" " * (127 - len(header)) + b"\n" + b"\0" * 784
    assert peak_of_refusing(parcel([("images.npy", raw), ("labels.npy", raw)]), "images") < 2**20


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([pack_npz, pack_zip]), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6))
def test_flipped_bytes_are_drawings_or_the_named_error(pack: Packer, flips: list[tuple[float, int]]) -> None:
    data = bytearray(pack(IMAGES[:2], [1, 2]))
    for place, value in flips:
        data[int(place * (len(data) - 1))] = value
    try:
        drawings = unpack(bytes(data))
    except BadLessonFile:
        return
    assert drawings.images.shape[1:] == (28, 28)
    assert len(drawings.images) == len(drawings.labels) == len(drawings.lessons)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=60))
def test_any_entries_are_the_named_error(images: bytes, labels: bytes) -> None:
    kind_of(parcel([("images.npy", images), ("labels.npy", labels)]))
    kind_of(parcel([("a.png", images), ("labels.csv", labels)]))
