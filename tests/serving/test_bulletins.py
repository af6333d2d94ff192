"""The news for boards: asked for once, at once for each room, and never older than what was dropped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from mnist_core.serving.bulletins import FRESH_S, Bulletins
from mnist_core.storage.records import News

OLD, NEW = News(1, 1, []), News(2, 1, [])


def test_news_are_asked_for_when_they_are_too_old() -> None:
    now = [0.0]
    bulletins = Bulletins(lambda: now[0])
    assert bulletins.get(1, lambda: OLD) is OLD and bulletins.get(1, lambda: NEW) is OLD
    now[0] = FRESH_S
    assert bulletins.get(1, lambda: NEW) is NEW


def test_a_slow_room_holds_up_no_other_board_and_is_asked_once() -> None:
    bulletins, asked, answers = Bulletins(), Event(), Event()

    def slow() -> News:
        assert not asked.is_set(), "once"
        asked.set()
        answers.wait(60)
        return OLD

    with ThreadPoolExecutor(3) as pool:
        try:
            boards = [pool.submit(bulletins.get, 1, slow) for _ in range(2)]
            assert asked.wait(30)
            assert pool.submit(bulletins.get, 2, lambda: NEW).result(30) is NEW
        finally:
            answers.set()
        assert [board.result(30) for board in boards] == [OLD, OLD]


def test_what_was_asked_for_before_news_were_dropped_is_not_kept() -> None:
    bulletins, asked, answers = Bulletins(), Event(), Event()

    def slow() -> News:
        asked.set()
        answers.wait(60)
        return OLD

    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(bulletins.get, 1, slow)
        try:
            assert asked.wait(30)
            bulletins.drop(1)
        finally:
            answers.set()
        assert before.result(30) is OLD
    assert bulletins.get(1, lambda: NEW) is NEW
