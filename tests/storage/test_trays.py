"""Trays that two change at once, on PostgreSQL; SQLite lets one write at a time."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import psycopg
import sqlalchemy as sa

from harness.processes import wait_until
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.records import NewLesson, Tray
from mnist_core.storage.store import Store
from tests.fakes import drawings


def somebody_waits(url: str) -> bool:
    """Whether one of the database's connections waits for what another has locked."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(url.replace("+psycopg", "")) as asking:
        row = asking.execute(query).fetchone()
    return row is not None and row[0] > 0


def test_what_another_page_adds_while_a_lesson_takes_its_drawings_out_stays(postgres_url: str) -> None:
    store, browser, images = Store(postgres_url), new_browser_id(), drawings(2)
    before = Tray(images[:1], (3,))
    store.visitors.save_tray(browser, before)
    saved: list[Future[None]] = []

    def meanwhile(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        """Between reading the tray and writing it."""
        if statement.startswith("UPDATE trays") and threading.current_thread() is threading.main_thread():
            saved.append(page.submit(store.visitors.save_tray, browser, Tray(images, (3, None)), before))
            wait_until(lambda: saved[0].done() or somebody_waits(postgres_url), 30, "the other page has its turn")

    lesson = NewLesson("a", "17", "base", images[:1], np.array([3]), b"", {}, {}, browser=browser)
    with ThreadPoolExecutor(1) as page:
        sa.event.listen(sa.Engine, "before_cursor_execute", meanwhile)
        try:
            store.everyone.add_lesson(lesson, expected=0)
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", meanwhile)
    saved[0].result()
    assert store.visitors.load_tray(browser).labels == (None,)
    store.close()
