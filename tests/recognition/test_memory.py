"""A lesson's memory as bytes: read back as written, or refused, whatever byte is wrong."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def as_before(memory: Memory) -> bytes:
    """The memory as releases before 1.2.0 kept it."""
    arrays = {field.name: np.asarray(getattr(memory, field.name)) for field in fields(Memory)}
    half = {name: a.astype(np.float16) if a.dtype == np.float32 else a for name, a in arrays.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **half)
    return buffer.getvalue()


def same(read: Memory, written: Memory) -> bool:
    return all(
        np.array_equal(getattr(read, field.name), getattr(written, field.name))
        and np.asarray(getattr(read, field.name)).dtype == np.asarray(getattr(written, field.name)).dtype
        for field in fields(Memory)
    )


@pytest.mark.parametrize("write", [Memory.to_bytes, as_before])
def test_a_memory_of_this_release_and_of_one_before_is_read(write: Callable[[Memory], bytes]) -> None:
    assert same(Memory.from_bytes(write(small())), small())


@pytest.mark.parametrize("write", [Memory.to_bytes, as_before])
def test_one_wrong_byte_gives_the_memory_or_a_value_error(write: Callable[[Memory], bytes]) -> None:
    memory, refused = small(), 0
    data = write(memory)
    for at in range(len(data)):
        for value in (14, 255):
            try:
                read = Memory.from_bytes(data[:at] + bytes([value]) + data[at + 1 :])
            except ValueError as error:
                assert "not a lesson's memory" in str(error)
                refused += 1
            else:
                assert same(read, memory)
    assert refused > 0.5 * 2 * len(data)


def test_a_memory_cut_off_anywhere_is_refused() -> None:
    data = small().to_bytes()
    for length in range(len(data)):
        with pytest.raises(ValueError, match="not a lesson's memory"):
            Memory.from_bytes(data[:length])


def spoilt(**arrays: object) -> bytes:
    """The small memory as bytes, with these arrays instead of its own."""
    return as_before(replace(small(), **arrays))  # type: ignore[arg-type]


def test_no_damaged_memory_is_written() -> None:
    for wrong in ({"labels": small().labels[:-1]}, {"gains": small().gains * np.nan}, {"starts": small().starts + 9}):
        with pytest.raises(ValueError, match="damaged"):
            replace(small(), **wrong).to_bytes()


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
    memory = Memory.from_bytes(replace(small(), **nothing).to_bytes())
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
    by_first = both.added_that_counts(features, np.zeros((2, 11), np.float32), np.array([1, 2]))
    assert by_first[0] == pytest.approx(one.added(features)[0])
    assert by_first[1] == pytest.approx(both.added(features)[1])
    assert by_first[0, 3] == 0 and by_first[1, 3] == 5


@given(st.integers(0, 10**6))
def test_what_is_read_is_the_same_without_what_cannot_win(seed: int) -> None:
    """However much later memories add: here one that makes other digits win which nothing was added to."""
    rng = np.random.default_rng(seed)
    first, later = (
        replace(
            small(),
            directions=rng.normal(size=(3, 4)).astype(np.float32) * 3,
            gains=rng.uniform(0, 12, size=2).astype(np.float32),
            digits=rng.choice(10, 2, replace=False).astype(np.uint8),
        )
        for _ in range(2)
    )
    features, logits = rng.normal(size=(600, 4)).astype(np.float32), rng.normal(size=(600, 11)).astype(np.float32) * 4
    for memories in ([first], [first, later]):
        whole = logits + CombinedMemories(memories).added(features)
        each = [CombinedMemories([memory]).added_that_counts(features, logits) for memory in memories]
        for counted in (CombinedMemories(memories).added_that_counts(features, logits), np.maximum.reduce(each)):
            assert (counted == 0).any() and ((logits + counted)[:, :10].argmax(1) == whole[:, :10].argmax(1)).all()
