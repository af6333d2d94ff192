"""Arrays as `.npz` archives: written whole or not at all, read without unpickling, refused when damaged."""

from __future__ import annotations

import lzma
import os
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    LookupError,  # an entry that is missing, or called otherwise
    ValueError,
    ArithmeticError,
    RuntimeError,  # an entry said to be encrypted, or packed as no zip is (NotImplementedError)
    MemoryError,  # an array that claims more than there is
    SyntaxError,  # the header of an array is a Python literal
    tokenize.TokenError,
)
"""All that `zipfile`, and NumPy reading an `.npz`, raise when bytes of an archive are wrong."""


def read_arrays(file: str | Path, names: tuple[str, ...] | None = None) -> dict[str, np.ndarray]:
    """Read the arrays called `names` from an `.npz` file; None: all there are. Raises ValueError, in a sentence."""
    try:
        with Path(file).open("rb") as stream:
            return unpack_arrays(stream, names)
    except FileNotFoundError as error:
        raise ValueError(f"{file}: there is no such file.") from error
    except (OSError, ValueError) as error:
        raise ValueError(f"{file}: not an .npz file that can be used: {error}.") from error


def unpack_arrays(stream: BinaryIO, names: tuple[str, ...] | None = None) -> dict[str, np.ndarray]:
    """The arrays called `names` in the `.npz` archive that a stream holds; None: all there are. Raises ValueError."""
    try:
        with np.lib.npyio.NpzFile(stream, allow_pickle=False) as archive:
            missing = [name for name in names or () if name not in archive.files]
            if missing:
                raise ValueError(f"the array {missing[0]} is missing; there are {', '.join(archive.files) or 'none'}")
            arrays = {name: archive[name] for name in (archive.files if names is None else names)}
    except DAMAGE as error:
        raise ValueError(str(error) or type(error).__name__) from error
    if strange := [name for name, array in arrays.items() if not isinstance(array, np.ndarray)]:
        raise ValueError(f"{strange[0]} is not an array")
    return arrays


def write_arrays(file: Path, **arrays: np.ndarray | float) -> None:
    """Write `arrays` to an `.npz` file that is there whole or not at all."""
    unfinished = file.with_suffix(f".{os.getpid()}.npz")
    np.savez(unfinished, allow_pickle=False, **arrays)
    unfinished.replace(file)


def names_in(file: str | Path) -> list[str]:
    """The names of the arrays in an `.npz` file. Raises ValueError, in a sentence."""
    try:
        with zipfile.ZipFile(file) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist()]
    except FileNotFoundError as error:
        raise ValueError(f"{file}: there is no such file or folder.") from error
    except DAMAGE as error:
        raise ValueError(f"{file}: not an .npz file or a folder that can be read ({error}).") from error


def check_archive(file: Path) -> None:
    """Raise ValueError unless every entry of a zip file is the one that was written, by its checksum."""
    try:
        with zipfile.ZipFile(file) as archive:
            damaged = archive.testzip()
    except DAMAGE as error:
        raise ValueError(f"{file.name} is no whole archive: {str(error) or type(error).__name__}") from error
    if damaged is not None:
        raise ValueError(f"{damaged} in {file.name} is damaged")
