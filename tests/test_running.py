"""Settings, logs, who may do what, and turns: what a host needs around the model."""

import gc
import io
import itertools
import json
import logging
import threading
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest

from harness.processes import wait_until
from mnist_core import logs
from mnist_core.serving.settings import Settings
from mnist_core.serving.turns import Seats, Turns
from mnist_core.storage.browsers import is_browser_id, new_browser_id, teacher_number, tray_key
from mnist_core.storage.limits import LimitReached


def test_defaults_hold_without_any_variable() -> None:
    assert Settings.read({}) == Settings()


def test_variables_are_read() -> None:
    settings = Settings.read(
        {"TEACHING": " Personal ", "TRAY_SIZE": "7", "MNIST_DATA_DIR": "/x", "OWNER_PASSWORD": "s"}
    )
    assert (settings.teaching, settings.tray_size, str(settings.data_dir)) == ("personal", 7, "/x")
    assert settings.owner_password == "s" and "owner_password" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"), [("TEACHING", "everyone"), ("TRAY_SIZE", "0"), ("SESSIONS", "-1"), ("UPLOAD_BYTES", "8 MB")]
)
def test_a_wrong_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Settings.read({name: value})


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged in a test, and the logger as it was before."""
    logger = logging.getLogger("mnist_core")
    before = (logger.handlers[:], logger.level, logger.propagate)
    stream = io.StringIO()
    logs.to_stream(stream)
    yield stream
    logger.handlers[:], logger.level, logger.propagate = before


def test_logs_are_json_lines_of_plain_values(log: io.StringIO) -> None:
    logs.event("lesson", id=3, seconds=0.5, accepted=True, reason=None)
    line = json.loads(log.getvalue())
    assert line["event"] == "lesson" and line["id"] == 3 and line["level"] == "info" and line["time"].endswith("+00:00")


@pytest.mark.parametrize("drawing", [np.zeros((28, 28)), b"ink", [[0, 255]]])
def test_a_drawing_cannot_be_logged(drawing: object) -> None:
    with pytest.raises(TypeError, match="image"):
        logs.event("lesson", image=drawing)  # type: ignore[arg-type]


def test_browser_ids_are_random_and_what_is_kept_of_them_differs() -> None:
    ids = {new_browser_id() for _ in range(1000)}
    assert len(ids) == 1000 and all(is_browser_id(browser) for browser in ids)
    browser = ids.pop()
    assert len({browser, tray_key(browser), teacher_number(browser)}) == 3
    assert teacher_number(browser).isdecimal() and len(teacher_number(browser)) == 12


@pytest.mark.parametrize("text", [None, 5, "", "x" * 32, "A" * 32, "0" * 31, "0" * 32 + "\n", b"0" * 32])
def test_other_things_are_no_browser_id(text: object) -> None:
    assert not is_browser_id(text)


def test_turns_come_in_order_and_show_the_place() -> None:
    turns, order, places = Turns(longest=9), list[int](), list[list[int]]([] for _ in range(4))
    first_may_end = threading.Event()

    def take(number: int) -> None:
        with turns.turn(1, places[number].append):
            if number == 0:
                first_may_end.wait()
            order.append(number)

    threads = []
    for number in range(4):
        threads.append(threading.Thread(target=take, args=(number,)))
        threads[-1].start()
        wait_until(places[number].__len__, 5, "a place")
    first_may_end.set()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3]
    assert places[0] == [0] and places[3][0] == 3 and places[3][-1] == 0
    assert all(earlier > later for place in places for earlier, later in itertools.pairwise(place))


def test_rooms_take_turns_however_many_of_one_are_in_line() -> None:
    turns, order = Turns(longest=20), list[str]()
    may_go_on = threading.Event()

    def take(name: str) -> None:
        with turns.turn(ord(name[0])):
            may_go_on.wait(10)
            order.append(name)

    threads = []
    for place, name in enumerate(["a1", "a2", "a3", "a4", "b1", "b2", "c1"], 1):
        threads.append(threading.Thread(target=take, args=(name,)))
        threads[-1].start()
        wait_until(partial(has_length, turns, place), 5, "one more in line")
    may_go_on.set()
    for thread in threads:
        thread.join()
    assert order == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


def has_length(turns: Turns, length: int) -> bool:
    return len(turns) == length


def test_a_room_that_comes_late_does_not_wait_for_all_of_a_full_one() -> None:
    turns, order = Turns(longest=20), list[str]()
    may_go_on = {name: threading.Event() for name in ("a1", "a2", "a3", "b1")}

    def take(name: str) -> None:
        with turns.turn(ord(name[0])):
            order.append(name)
            may_go_on[name].wait(10)

    threads = {name: threading.Thread(target=take, args=(name,)) for name in may_go_on}
    for place, name in enumerate(("a1", "a2", "a3"), 1):
        threads[name].start()
        wait_until(partial(has_length, turns, place), 5, "one more in line")
    may_go_on["a1"].set()
    wait_until(lambda: order == ["a1", "a2"], 5, "the second turn of the full room")
    threads["b1"].start()
    wait_until(partial(has_length, turns, 3), 5, "another room in line")
    for event in may_go_on.values():
        event.set()
    for thread in threads.values():
        thread.join()
    assert order == ["a1", "a2", "b1", "a3"]


def test_who_leaves_the_line_holds_nobody_up() -> None:
    turns = Turns(longest=3)

    def give_up(_: int) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError), turns.turn(1, give_up):
        pytest.fail("the turn came")
    with turns.turn(1):
        pass


def test_a_full_line_says_so() -> None:
    turns = Turns(longest=1)
    with turns.turn(1):
        with pytest.raises(LimitReached) as full, turns.turn(1):
            pytest.fail("two at a time")
        assert full.value.kind == "line"
        other = threading.Thread(target=take_a_turn, args=(turns, 2))
        other.start()
        wait_until(partial(has_length, turns, 2), 5, "another room in line")
    other.join()


def take_a_turn(turns: Turns, room_id: int) -> None:
    with turns.turn(room_id):
        pass


def test_a_closed_line_lets_one_finish_and_sends_the_others_away() -> None:
    turns = Turns(longest=9)
    sent_away: list[str] = []

    def wait_in_line() -> None:
        with pytest.raises(LimitReached) as refused, turns.turn(1):
            pytest.fail("the turn came")
        sent_away.append(refused.value.kind)

    with turns.turn(1):
        waiting = threading.Thread(target=wait_in_line)
        waiting.start()
        wait_until(lambda: len(turns) == 2, 5, "someone in line")
        assert not turns.close(0.01)
        waiting.join(5)
    assert turns.close(0) and sent_away == ["closed"]
    wait_in_line()


def test_a_seat_is_free_again_when_its_session_is_gone() -> None:
    seats = Seats(most=2)
    first, second = seats.take(), seats.take()
    with pytest.raises(LimitReached) as full:
        seats.take()
    assert full.value.kind == "sessions"
    del first
    gc.collect()
    third = seats.take()
    assert second is not third
