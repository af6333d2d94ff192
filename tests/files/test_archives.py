"""Archives of arrays: whatever byte is wrong, what comes out is the arrays that were written, or a ValueError."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mnist_core.evaluation.measuring import read_dataset
from mnist_core.files.archives import check_archive, names_in, read_arrays, unpack_arrays
from mnist_core.files.lessons import BadLessonFile, pack_npz, pack_zip, unpack

ARRAYS = {"labels": np.arange(5, dtype=np.uint8), "name": np.array("ten"), "half": np.ones((3, 4), np.float16)}
VALUES = (0, 14, 255)  # 14 is a way of packing


def archive(save: Callable[..., None]) -> bytes:
    buffer = io.BytesIO()
    save(buffer, **ARRAYS)
    return buffer.getvalue()


def damaged(data: bytes) -> list[bytes]:
    """`data` with one byte wrong, every byte in turn."""
    return [data[:at] + bytes([value]) + data[at + 1 :] for at in range(len(data)) for value in VALUES]


def taken(read: Callable[[bytes], object], data: bytes, refusal: type[ValueError] = ValueError) -> int:
    """How many of the damaged forms of `data` are read all the same; the others must be refused."""
    count = 0
    for form in damaged(data):
        try:
            read(form)
        except refusal as error:
            assert str(error)
        else:
            count += 1
    return count


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_one_wrong_byte_gives_the_arrays_or_a_value_error(save: Callable[..., None]) -> None:
    def read(data: bytes) -> None:
        arrays = unpack_arrays(io.BytesIO(data), tuple(ARRAYS))
        assert all((arrays[name] == ARRAYS[name]).all() for name in ARRAYS)

    assert 0 < taken(read, archive(save)) < len(damaged(archive(save))) / 2


def test_one_wrong_byte_in_a_file_is_named_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "arrays.npz"
    for form in damaged(archive(np.savez_compressed)):
        file.write_bytes(form)
        for read in (lambda: read_arrays(file, tuple(ARRAYS)), lambda: names_in(file), lambda: read_dataset(file)):
            try:
                read()
            except ValueError as error:
                assert str(file) in str(error) and str(error).endswith(".")


@pytest.mark.parametrize("pack", [pack_npz, pack_zip])
def test_one_wrong_byte_in_a_file_of_lessons_is_lessons_or_the_named_error(pack: Callable[..., bytes]) -> None:
    taken(unpack, pack(np.full((2, 28, 28), 255, np.uint8), [1, 2]), BadLessonFile)


@pytest.mark.parametrize("value", [b"(", b"'", b"9", b"-", b"\\", b"\n", b"\xff"])
def test_a_header_that_is_no_header_is_a_value_error(value: bytes) -> None:
    """Here the checksum is right: the file was made so."""
    raw = io.BytesIO()
    np.save(raw, ARRAYS["half"])
    for at in range(128):
        content, file = bytearray(raw.getvalue()), io.BytesIO()
        content[at : at + 1] = value
        with zipfile.ZipFile(file, "w") as made:
            made.writestr("half.npy", bytes(content))
        try:
            unpack_arrays(file, ("half",))
        except ValueError as error:
            assert str(error)


def test_without_names_all_arrays_are_read(tmp_path: Path) -> None:
    (tmp_path / "all.npz").write_bytes(archive(np.savez))
    assert set(read_arrays(tmp_path / "all.npz")) == set(names_in(tmp_path / "all.npz")) == set(ARRAYS)


def test_an_archive_is_whole_when_every_checksum_is_right(tmp_path: Path) -> None:
    file, data = tmp_path / "part.keras", archive(np.savez)
    file.write_bytes(data)
    check_archive(file)
    at = data.index(ARRAYS["labels"].tobytes())
    file.write_bytes(data[:at] + b"\xff" + data[at + 1 :])
    with pytest.raises(ValueError, match=r"labels\.npy in part\.keras is damaged"):
        check_archive(file)
    file.write_bytes(data[:50])
    with pytest.raises(ValueError, match=r"part\.keras is no whole archive"):
        check_archive(file)
