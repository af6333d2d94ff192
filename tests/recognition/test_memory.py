"""A lesson's memory as bytes: read back as written, or refused, whatever byte is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from mnist_core import Memory
from mnist_core.recognition.memory import CombinedMemories


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


def spoilt(**arrays: object) -> bytes:
    """The small memory as bytes, with these arrays instead of its own."""
    return replace(small(), **arrays).to_bytes()  # type: ignore[arg-type]


FLOATS = ("directions", "thresholds", "gains", "features", "logits")
UNITS = ("directions", "thresholds", "starts", "gains", "digits")
FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "longer": lambda array: array.repeat(2, axis=0),
    "deeper": lambda array: array[..., None],
    "of another type": lambda array: array.astype(np.int64),
}


@pytest.mark.parametrize("field", [*FLOATS, "starts", "digits", "labels"])
@pytest.mark.parametrize("form", FORMS)
def test_an_array_of_another_form_is_refused(field: str, form: str) -> None:
    with pytest.raises(ValueError, match="not a lesson's memory: damaged"):
        Memory.from_bytes(spoilt(**{field: FORMS[form](getattr(small(), field))}))


@pytest.mark.parametrize("field", ["features", "logits", "directions"])
def test_rows_of_another_length_are_refused(field: str) -> None:
    with pytest.raises(ValueError, match="not a lesson's memory: damaged"):
        Memory.from_bytes(spoilt(**{field: getattr(small(), field)[:, :-1]}))


@pytest.mark.parametrize("field", FLOATS)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_refused(field: str, value: float) -> None:
    array = getattr(small(), field).copy()
    array.flat[-1] = value
    with pytest.raises(ValueError, match="damaged values"):
        Memory.from_bytes(spoilt(**{field: array}))


@pytest.mark.parametrize("starts", [[1, 2], [0, 0], [2, 0], [0, 3], [-1, 2], [-1, 0]])
def test_detectors_that_do_not_follow_each_other_are_refused(starts: list[int]) -> None:
    with pytest.raises(ValueError, match="damaged values"):
        Memory.from_bytes(spoilt(starts=np.array(starts, np.int32)))


@pytest.mark.parametrize("field", ["digits", "labels"])
def test_what_is_no_digit_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="damaged values"):
        Memory.from_bytes(spoilt(**{field: np.array([9, 10], np.uint8)}))


def test_a_lesson_that_added_nothing_has_a_memory_that_adds_nothing() -> None:
    nothing = {
        field: getattr(small(), field)[:0] for field in ("directions", "thresholds", "starts", "gains", "digits")
    }
    memory = Memory.from_bytes(spoilt(**nothing))
    assert memory.labels.tolist() == [4, 9]
    assert not CombinedMemories([memory]).added(memory.features).any()
    assert not CombinedMemories([]).added(memory.features).any()


def test_the_first_memories_alone_count_where_that_is_asked() -> None:
    """The second fires on everything, and more than the first, which shares a digit with it."""
    first, second = (replace(small(), digits=np.array(digits, np.uint8)) for digits in ((1, 2), (2, 3)))
    first = replace(first, gains=np.ones(2, np.float32))
    second = replace(second, gains=np.full(2, 5, np.float32), thresholds=np.full(3, -2, np.float32))
    one, both = CombinedMemories([first]), CombinedMemories([first, second])
    features = np.repeat(small().features[:1], 2, axis=0)
    added = both.added(features, np.array([1, 2]))
    assert added[0] == pytest.approx(one.added(features)[0])
    assert added[1] == pytest.approx(both.added(features)[1])
    assert added[0, 3] == 0 and added[1, 3] == 5
