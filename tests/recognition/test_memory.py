"""A lesson's memory as bytes: read back as written, or refused, whatever byte is wrong."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from mnist_core import Memory


def small() -> Memory:
    rng = np.random.default_rng(0)

    def half(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float16).astype(np.float32)

    return Memory(
        "base",
        half(3, 4),
        half(3),
        np.array([0, 2], np.int32),
        half(2),
        np.array([4, 9], np.uint8),
        half(2, 4),
        half(2, 11),
        np.array([4, 9], np.uint8),
    )


def test_one_wrong_byte_gives_the_memory_or_a_value_error() -> None:
    memory, refused = small(), 0
    data = memory.to_bytes()
    for at in range(len(data)):
        for value in (14, 255):
            try:
                read = Memory.from_bytes(data[:at] + bytes([value]) + data[at + 1 :])
            except ValueError as error:
                assert "not a lesson's memory" in str(error)
                refused += 1
            else:
                assert all(np.array_equal(getattr(read, f.name), getattr(memory, f.name)) for f in fields(Memory))
    assert refused > 0.5 * 2 * len(data)
