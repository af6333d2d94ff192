"""The shared model, with a classifier that needs no TensorFlow. Two of them on one store are two servers."""

import inspect
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from harness.processes import Postgres, wait_until
from mnist_core.recognition.base import ModelUnavailable
from mnist_core.serving.commit import Click
from mnist_core.serving.room_model import NotAllowed
from mnist_core.serving.settings import Settings
from mnist_core.serving.shared_model import SharedModel, new_token
from mnist_core.storage import visitors
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.limits import LimitReached
from mnist_core.storage.records import NewLesson, Tray
from mnist_core.storage.store import Store
from mnist_core.teaching.classifier import Classifier
from tests.fakes import VANDALISM, FakeClassifier, as_owner, drawings

Start = Callable[..., SharedModel]
POLL_S = 0.05
ME = new_browser_id()
ROOMY: dict[str, Any] = {"lessons_per_visitor": 1000, "lessons_per_minute": 1000}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a server's model: `start(base_id=..., pause_s=..., lessons_per_visitor=...)`, all on one SQLite file."""
    started: list[SharedModel] = []

    def begin(base_id: str = "base", pause_s: float = 0.0, **settings: Any) -> SharedModel:
        values = {"data_dir": tmp_path / "kept", **ROOMY, **settings}
        fake = cast(Classifier, FakeClassifier(base_id, pause_s=pause_s))
        started.append(SharedModel(Settings(**values), load=lambda: fake, poll_s=POLL_S))
        assert started[-1].ready.wait(10)
        return started[-1]

    yield begin
    for model in started:
        model.close()


def test_a_wrong_address_of_the_store_is_a_store_that_is_away(start: Start) -> None:
    model = start(database_url="mysql://user@host/name")
    wait_until(lambda: notice(model) == "unreachable", 10, "the store is away")
    assert model.readiness() == {"model": True, "store": False}
    assert "DATABASE_URL must start with" in str(model.notice)
    assert known(model) == []


def test_what_loading_raised_does_not_grow_each_time_it_is_raised_again(tmp_path: Path) -> None:
    def gone() -> Classifier:
        raise ModelUnavailable("gone")

    model = SharedModel(Settings(data_dir=tmp_path), load=gone, poll_s=POLL_S)
    depths = []
    for _ in range(3):
        with pytest.raises(ModelUnavailable) as caught:
            _ = model.everyone.classifier
        depths.append(len(caught.traceback))
    model.close()
    assert depths[0] >= depths[1] == depths[2]


def teach(model: SharedModel, *labels: int, teacher: str = "1", token: str = "", **options: Any) -> bool:
    click = Click(teacher, token or new_token())
    return model.everyone.teach(drawings(len(labels)), labels, click, **options).accepted


def teach_own(model: SharedModel, *labels: int) -> bool:
    mine = model.room(model.directory.open_mine(ME))
    return mine.teach(drawings(len(labels)), labels, Click("1", new_token(), ME)).accepted


def known(model: SharedModel) -> list[int]:
    return cast(FakeClassifier, model.everyone.classifier).known


def notice(model: SharedModel) -> str | None:
    return model.notice.kind if model.notice else None


def test_an_accepted_lesson_is_the_active_model_and_survives_a_restart(start: Start) -> None:
    model = start()
    assert known(model) == [] and notice(model) is None
    assert teach(model, 3, 4) and teach(model, 5)
    assert known(model) == [3, 5]
    model.close()
    assert known(start()) == [3, 5]


def test_a_refused_lesson_changes_nothing(start: Start) -> None:
    model = start()
    teach(model, 3)
    version = model.everyone.version
    assert not teach(model, VANDALISM)
    assert known(model) == [3] and model.everyone.version == version and len(model.everyone.history().versions) == 1


def test_another_server_picks_a_lesson_up_by_itself(start: Start) -> None:
    a, b = start(), start()
    teach(a, 7)
    wait_until(lambda: known(b) == [7], 2, "B knows what A was taught")
    assert b.everyone.version == a.everyone.version


def test_servers_look_for_others_lessons_once_a_second() -> None:
    """As docs/hosting.md says: what is taught on one is known on the others within two seconds."""
    assert inspect.signature(SharedModel).parameters["poll_s"].default == 1


def test_lessons_taught_on_two_servers_at_once_are_all_in_the_model_once(start: Start) -> None:
    servers = [start(pause_s=0.01), start(pause_s=0.01)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda number: teach(servers[number % 2], number % 9), range(20)))
    wait_until(lambda: servers[0].everyone.version == servers[1].everyone.version, 2, "both agree")
    assert known(servers[0]) == known(servers[1])
    assert sorted(known(servers[0])) == sorted(number % 9 for number in range(20))
    assert servers[0].everyone.history().count == 20


def test_the_same_click_sent_again_is_the_same_lesson(start: Start) -> None:
    model, token = start(), new_token()
    images = drawings(1)
    first = model.everyone.teach(images, [3], Click("1", token))
    again = model.everyone.teach(images, [3], Click("1", token))
    assert again.accepted and again.after.test_accuracy == first.after.test_accuracy
    np.testing.assert_array_equal(again.before.test_per_digit, first.before.test_per_digit)
    assert known(model) == [3]


def test_people_who_wait_see_their_place_while_others_predict(start: Start) -> None:
    model = start()
    fake, places = cast(FakeClassifier, model.everyone.classifier), list[int]()
    fake.may_end.clear()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(teach, model, 1)
        wait_until(fake.fitting.is_set, 5, "the first lesson is being fitted")
        second = pool.submit(teach, model, 2, on_place=places.append)
        wait_until(lambda: places, 5, "a place in the line")
        assert known(model) == []
        fake.may_end.set()
        assert first.result() and second.result()
    assert places == [1, 0] and known(model) == [1, 2]


def test_giving_up_in_the_middle_changes_nothing_and_frees_the_turn(start: Start) -> None:
    model = start()

    def leave(_: float) -> None:
        raise ConnectionError("the browser is gone")

    with pytest.raises(ConnectionError):
        teach(model, 1, progress=leave)
    assert known(model) == [] and model.everyone.history().versions == []
    assert teach(model, 2)


def test_limits_a_minute_hold_over_two_servers(start: Start) -> None:
    a, b = (start(lessons_per_visitor=2, lessons_per_minute=3) for _ in range(2))
    teach(a, 1), teach(b, 2)
    with pytest.raises(LimitReached, match="minute") as mine:
        teach(a, 3)
    teach(b, 4, teacher="2")
    with pytest.raises(LimitReached) as everybodys:
        teach(a, 5, teacher="3")
    assert (mine.value.kind, everybodys.value.kind) == ("visitor", "server")
    wait_until(lambda: known(a) == [1, 2, 4], 2, "nothing lost, nothing added")


def test_the_host_decides_who_may_be_taught(start: Start) -> None:
    personal, off = start(teaching="personal"), start(teaching="off")
    images = drawings(1)
    with pytest.raises(NotAllowed):
        teach(personal, 1)
    assert teach_own(personal, 1) and known(personal) == []
    with pytest.raises(NotAllowed):
        teach_own(off, 1)
    assert as_owner(off).import_lesson(images, np.array([2]), 0), "the owner's imports are not visitors' lessons"


def test_own_lessons_are_limited_too(start: Start) -> None:
    model = start(lessons_per_visitor=1)
    teach_own(model, 1)
    with pytest.raises(LimitReached):
        teach_own(model, 1)


def test_undo_takes_back_the_lesson_of_that_click_and_no_other(start: Start) -> None:
    model = start()
    for label in (1, 2, 3):
        teach(model, label, token=f"click {label}")
    model.everyone.undo("click 2", by="me")
    assert known(model) == [1, 3]
    for token in ("click 2", "never clicked"):
        with pytest.raises(LookupError):
            model.everyone.undo(token, by="me")
    assert known(model) == [1, 3]


def test_withdrawing_going_back_and_emptying(start: Start) -> None:
    a, b = start(), start()
    for label in (1, 2, 3):
        teach(a, label)
    full = a.everyone.version
    as_owner(b).withdraw(full.lesson_ids[1])
    assert known(b) == [1, 3]
    with pytest.raises(LookupError):
        as_owner(a).withdraw(full.lesson_ids[1])
    assert as_owner(a).activate(full.number).kind == "activate" and known(a) == [1, 2, 3]
    as_owner(a).activate(0)
    assert known(a) == []
    history = a.everyone.history()
    assert [version.kind for version in history.versions] == ["activate", "activate", "withdraw", *["teach"] * 3]
    assert sorted(history.lessons) == list(full.lesson_ids) and history.active == a.everyone.version
    as_owner(a).activate(full.number)
    assert [list(lesson.labels) for lesson in a.everyone.lessons()] == [[1], [2], [3]]
    as_owner(b).empty()
    wait_until(lambda: known(a) == [], 2, "A is empty too")
    assert a.everyone.lessons() == []


def test_a_tray_follows_its_browser_to_another_server_until_it_is_forgotten(start: Start) -> None:
    a, b, browser = start(), start(), new_browser_id()
    a.save_tray(browser, Tray(np.full((2, 28, 28), 255, np.uint8), (None, 4)))
    assert b.load_tray(browser).labels == (None, 4)
    b.forget(browser)
    assert a.load_tray(browser).labels == ()


def test_a_tray_that_nobody_came_back_for_is_deleted_when_a_server_starts(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, store = new_browser_id(), Store(folder=tmp_path / "kept")
    store.visitors.save_tray(browser, Tray(drawings(1), (None,)))
    store.close()
    assert len(start().load_tray(browser).images) == 1
    monkeypatch.setattr(visitors, "TRAY_DAYS", -1)
    assert len(start().load_tray(browser).images) == 0


def test_the_log_says_when_the_store_goes_and_when_it_is_back(
    start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="mnist_core")
    folder = tmp_path / "kept"
    folder.write_text("not a folder")
    model = start()
    assert notice(model) == "read_only"
    folder.unlink()
    wait_until(lambda: "store_back" in caplog.messages, 5, "the folder can be made")
    assert notice(model) is None
    away = next(record for record in caplog.records if record.message == "store_away")
    assert vars(away)["fields"]["fault"] == "read_only" and away.levelname == "WARNING"


def test_a_missing_base_model_is_told_to_whoever_waits(tmp_path: Path) -> None:
    model = SharedModel(Settings(data_dir=tmp_path, models_dir=tmp_path / "nothing"), poll_s=POLL_S)
    with pytest.raises(ModelUnavailable, match="pretrain"):
        _ = model.everyone.classifier
    assert model.readiness() == {"model": False, "store": True}
    model.close()


def test_lessons_of_an_older_base_model_are_taught_again_and_the_old_memories_kept(
    start: Start, tmp_path: Path
) -> None:
    old = start("old base")
    for label in (1, 2, 3):
        teach(old, label)
    as_owner(old).withdraw(old.everyone.version.lesson_ids[1])
    version = old.everyone.version
    new = start("new base")
    wait_until(lambda: known(new) == [1, 3], 5, "the lessons, taught again")
    assert new.everyone.version.kind == "rebase" and notice(new) is None
    store = Store(folder=tmp_path / "kept")
    assert sorted(store.everyone.memories(version.lesson_ids, "old base")) == list(version.lesson_ids)
    store.close()

    wait_until(lambda: notice(old) == "other_base", 5, "the old server says so")
    assert known(old) == [1, 3], "it predicts as before"
    with pytest.raises(StoreUnavailable) as refused:
        teach(old, 4)
    assert refused.value.kind == "other_base"
    assert new.everyone.version.base_id == "new base" and teach(new, 5)


def test_blank_drawings_that_could_once_be_taught_are_left_out_when_lessons_are_taught_again(
    start: Start, tmp_path: Path
) -> None:
    old = start("old base")
    teach(old, 1)
    blank, store = np.zeros((1, 28, 28), np.uint8), Store(folder=tmp_path / "kept")
    memory, figures = FakeClassifier("old base").teach(drawings(1), [2]).memory, {"test_accuracy": 0.99}
    assert memory is not None
    new = NewLesson("blank", "1", "old base", blank, np.array([2]), memory.to_bytes(), figures, figures)
    store.everyone.add_lesson(new, expected=store.everyone.active().id)
    store.close()
    wait_until(lambda: known(old) == [1, 2], 5, "it comes back as it was taught")
    teach(old, 3)
    newer = start("new base")
    wait_until(lambda: known(newer) == [1, 3], 5, "the lessons with ink, taught again")
    assert newer.everyone.version.kind == "rebase" and notice(newer) is None


def test_a_database_that_stops_and_comes_back(tmp_path: Path, postgres: Postgres, postgres_url: str) -> None:
    settings = Settings(database_url=postgres_url, data_dir=tmp_path, **ROOMY)
    model = SharedModel(settings, load=lambda: cast(Classifier, FakeClassifier()), poll_s=POLL_S)
    assert teach(model, 1) and model.readiness() == {"model": True, "store": True}
    assert teach_own(model, 4)
    mine = model.room(model.directory.open_mine(ME))
    postgres.stop("immediate")
    try:
        with pytest.raises(StoreUnavailable) as refused:
            teach(model, 2)
        assert refused.value.kind == "unreachable"
        wait_until(lambda: not model.readiness()["store"], 10, "not ready")
        assert notice(model) == "unreachable"
        assert known(model) == [1]
        assert cast(FakeClassifier, mine.classifier).known == [4], "a model of one's own, too"
    finally:
        postgres.start()
    wait_until(lambda: model.readiness()["store"], 10, "ready again, by itself")
    assert teach(model, 2) and known(model) == [1, 2] and notice(model) is None
    model.close()


def test_a_database_that_comes_after_the_server(tmp_path: Path, postgres: Postgres, postgres_url: str) -> None:
    postgres.stop()
    settings = Settings(database_url=postgres_url, data_dir=tmp_path, **ROOMY)
    model = SharedModel(settings, load=lambda: cast(Classifier, FakeClassifier()), poll_s=POLL_S)
    assert known(model) == [] and model.readiness() == {"model": True, "store": False}
    postgres.start()
    wait_until(lambda: model.readiness()["store"], 10, "the store is there")
    assert teach(model, 1)
    model.close()


def test_a_damaged_file_is_announced_and_every_server_moves_to_the_new_one(start: Start, tmp_path: Path) -> None:
    a = start()
    teach(a, 1)
    path, content = tmp_path / "kept" / "lessons.db", b"scribbled over" * 1000
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # or the journal would make up for the damage
    path.write_bytes(content)
    b = start()
    assert notice(b) == "put_aside" and known(b) == []
    assert b.notice is not None and Path(b.notice.detail).read_bytes() == content
    wait_until(lambda: known(a) == [], 5, "A reads the new file")
    assert teach(a, 2) and teach(b, 3)
    wait_until(lambda: known(a) == known(b) == [2, 3], 5, "both agree")


def test_a_file_that_was_deleted_is_made_again(start: Start, tmp_path: Path) -> None:
    model = start()
    teach(model, 1)
    for file in (tmp_path / "kept").glob("lessons.db*"):
        file.unlink()
    wait_until(lambda: known(model) == [], 5, "an empty store")
    wait_until(lambda: teach_if_possible(model, 2), 5, "teaching works")
    assert known(model) == [2]


def teach_if_possible(model: SharedModel, label: int) -> bool:
    try:
        return teach(model, label)
    except StoreUnavailable:
        return False


def test_closing_in_the_middle_of_a_lesson_keeps_it_and_sends_the_line_away(start: Start) -> None:
    model = start()
    fake = cast(FakeClassifier, model.everyone.classifier)
    fake.may_end.clear()
    with ThreadPoolExecutor(3) as pool:
        begun = pool.submit(teach, model, 1)
        wait_until(fake.fitting.is_set, 5, "a lesson is being fitted")
        in_line = threading.Event()
        waiting = pool.submit(teach, model, 2, on_place=lambda _: in_line.set())
        assert in_line.wait(5)
        closing = pool.submit(model.close)
        with pytest.raises(LimitReached) as refused:
            waiting.result()
        fake.may_end.set()
        closing.result()
        assert begun.result()
    assert refused.value.kind == "closed"
    assert known(start()) == [1]
