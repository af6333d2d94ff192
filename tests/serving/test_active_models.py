"""The thread that follows the store: what it does when the store does only half of what it should."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import sqlalchemy as sa

from harness.processes import as_root, wait_until
from mnist_core.serving.commit import Click
from mnist_core.serving.settings import Settings
from mnist_core.serving.shared_model import SharedModel
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.database import normal_url
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.records import NewLesson, Tray
from mnist_core.storage.rooms import Rooms
from mnist_core.storage.store import Store
from mnist_core.teaching.classifier import Classifier
from tests.fakes import FakeClassifier, drawings

IMAGES = drawings(1)


def fake_model(settings: Settings) -> SharedModel:
    """A server's model that has looked at its store."""
    model = SharedModel(settings, load=lambda: cast(Classifier, FakeClassifier()), poll_s=0.05)
    assert model.ready.wait(10)
    return model


def known(model: SharedModel) -> list[int]:
    return cast(FakeClassifier, model.everyone.classifier).known


def teach_a_four(store: Store) -> None:
    memory = FakeClassifier()._fit([4]).to_bytes()
    figures = {"test_accuracy": 0.99, "taught": 1.0, "test_per_digit": [0.99] * 10}
    store.everyone.add_lesson(NewLesson("a", "1", "base", IMAGES, np.array([4]), memory, figures, figures), 0)


def test_a_database_that_takes_no_changes_is_read(tmp_path: Path, postgres_url: str) -> None:
    store = Store(postgres_url)
    teach_a_four(store)
    store.close()
    allow_changes(postgres_url, False)
    model = fake_model(Settings(database_url=postgres_url, data_dir=tmp_path))
    assert known(model) == [4]
    assert model.notice is not None and model.notice.kind == "read_only"
    assert model.readiness() == {"model": True, "store": False}
    assert model.everyone.history().active.lesson_ids == (1,)
    with pytest.raises(StoreUnavailable) as refused:
        model.everyone.teach(IMAGES, [3], Click("1", "b"))
    assert refused.value.kind == "read_only"
    model.close()


def allow_changes(url: str, allowed: bool) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        name = sa.make_url(url).database
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {not allowed}')
    engine.dispose()


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with a store in which a four is taught, as after a failure of its disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    as_root("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder)
    store = Store(folder=folder)
    teach_a_four(store)
    store.visitors.save_tray(BROWSER, Tray(IMAGES, (None,)))
    store.close()
    as_root("mount", "-o", "remount,ro", folder)
    yield folder
    as_root("umount", "--lazy", folder)


BROWSER = new_browser_id()


def test_a_file_that_cannot_be_written_is_read_and_written_again_as_soon_as_it_can(read_only_folder: Path) -> None:
    model = fake_model(Settings(data_dir=read_only_folder))
    assert known(model) == [4]
    assert model.notice is not None and model.notice.kind == "read_only"
    assert len(model.load_tray(BROWSER).images) == 1
    with pytest.raises(StoreUnavailable):
        model.save_tray(BROWSER, Tray(IMAGES, (3,)))
    as_root("mount", "-o", "remount,rw", read_only_folder)
    wait_until(lambda: model.notice is None, 10, "the file can be written to")
    assert model.everyone.teach(IMAGES, [3], Click("1", "b")).accepted and known(model) == [4, 3]
    model.close()


def test_a_bug_in_the_thread_leaves_its_traceback_in_the_log_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks = list[Rooms]()

    def broken(rooms: Rooms, room_ids: object) -> None:
        looks.append(rooms)
        raise TypeError("a bug")

    monkeypatch.setattr(Rooms, "active_versions", broken)
    model = fake_model(Settings(data_dir=tmp_path))
    wait_until(lambda: len(looks) > 5, 10, "several looks at the store")
    model.close()
    logged = [record for record in caplog.records if record.exc_info and record.levelno == logging.ERROR]
    assert [str(record.exc_info[1]) for record in logged if record.exc_info] == ["a bug"]
    assert model.notice is not None and model.notice.kind == "unreachable"


def test_a_store_that_was_not_asked_yet_is_not_called_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, may_answer = threading.Event(), threading.Event()
    open_store = Store.__init__

    def slow(store: Store, *args: object, **options: object) -> None:
        asked.set()
        assert may_answer.wait(10)
        open_store(store, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "__init__", slow)
    model = SharedModel(Settings(data_dir=tmp_path), load=lambda: cast(Classifier, FakeClassifier()), poll_s=0.05)
    assert asked.wait(10)
    assert not model.readiness()["store"]
    may_answer.set()
    wait_until(lambda: all(model.readiness().values()), 10, "ready")
    model.close()


def test_relative_paths_begin_at_the_project_wherever_the_program_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"MNIST_DATA_DIR": "elsewhere", "MNIST_MODELS_DIR": "other"}
    urls = [None, "sqlite:///lessons.db"]
    here = Settings.read(environ), Settings.read({}), [normal_url(url, Path("data")) for url in urls]
    monkeypatch.chdir(tmp_path)
    there = Settings.read(environ), Settings.read({}), [normal_url(url, Path("data")) for url in urls]
    assert here == there
    assert all(Path(url.database or "").is_absolute() for url in here[2])
    assert here[0].data_dir.is_absolute() and here[0].models_dir.is_absolute()
    assert Settings.read({"MNIST_DATA_DIR": str(tmp_path)}).data_dir == tmp_path
