"""A store of the release before rooms, with lessons in it, becomes one with rooms and loses nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from mnist_core import Classifier, prepare
from mnist_core.bitmaps import pack_images, pack_labels
from mnist_core.pretrain.penmanship import digit_image
from mnist_core.serving.settings import Settings
from mnist_core.serving.shared_model import SharedModel
from mnist_core.storage import database
from mnist_core.storage.backup import backup, restore
from mnist_core.storage.browsers import new_browser_id, tray_key
from mnist_core.storage.records import EVERYONE, Tray
from mnist_core.storage.store import Store
from tests.fakes import as_owner
from tests.recognition.test_memory import as_before
from tests.servers.guests import shape
from tests.storage.made import by_hand, drawings, lesson

FIGURES = {"test_accuracy": 0.991, "taught": 0.5, "test_per_digit": [0.99] * 10}
BROWSER = new_browser_id()
IMAGES = {number: drawings(3) for number in (1, 2, 3)}
MEMORIES = {number: f"memory {number}".encode() for number in IMAGES}


def release_before_rooms(
    url: str, images: Mapping[int, np.ndarray] = IMAGES, kept: Mapping[int, bytes] = MEMORIES, base_id: str = "base"
) -> None:
    """What the code of that release left: three lessons, one of them withdrawn and back again, and a tray.

    The lesson of each number teaches these images as that digit, and left that memory.
    """
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = database.open_engine(sa.make_url(url))
    with engine.execution_options(writes=True).begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(database.MIGRATIONS))
        command.upgrade(config, "r0001")
        tables = sa.MetaData()
        tables.reflect(connection)
        at = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)
        for number, taught in images.items():
            labels = pack_labels(np.full(len(taught), number), len(taught))
            row = {"token": f"click {number}", "teacher": "17", "created": at, "images": pack_images(taught)}
            row |= {"labels": labels, "before": FIGURES, "after": FIGURES}
            connection.execute(sa.insert(tables.tables["lessons"]), row)
            memory = {"lesson_id": number, "base_id": base_id, "content": kept[number]}
            connection.execute(sa.insert(tables.tables["memories"]), memory)
        for kind, subject, ids in (
            ("teach", 1, "1"),
            ("teach", 2, "1-2"),
            ("import", 3, "1-3"),
            ("withdraw", 2, "1,3"),
            ("activate", 3, "1-3"),
        ):
            row = {"created": at, "kind": kind, "by": "17", "subject": subject, "lesson_ids": ids, "base_id": base_id}
            connection.execute(sa.insert(tables.tables["versions"]), row)
        connection.execute(sa.update(tables.tables["active"]).values(version_id=5))
        tray = {"browser": tray_key(BROWSER), "updated": datetime.now(UTC), "labels": bytes([7, 255, 255])}
        connection.execute(sa.insert(tables.tables["trays"]), tray | {"images": pack_images(IMAGES[1])})
    engine.dispose()


def check(store: Store) -> None:
    everyone = store.everyone
    assert [(v.number, v.kind, v.lesson_ids) for v in reversed(everyone.versions())] == [
        (1, "teach", (1,)),
        (2, "teach", (1, 2)),
        (3, "import", (1, 2, 3)),
        (4, "withdraw", (1, 3)),
        (5, "activate", (1, 2, 3)),
    ]
    assert everyone.active().number == 5 and everyone.active().created == datetime(2026, 11, 26, 8, 30, tzinfo=UTC)
    assert everyone.memories([1, 2, 3], "base") == MEMORIES
    for record, (number, images) in zip(everyone.lessons(), IMAGES.items(), strict=True):
        np.testing.assert_array_equal(record.images, images)
        assert list(record.labels) == [number] * 3 and (record.state, record.hidden) == ("kept", False)
        assert json.loads(json.dumps(record.after)) == FIGURES and record.token == f"click {number}"
    assert store.visitors.load_tray(BROWSER).labels == (7, None, None)
    np.testing.assert_array_equal(store.visitors.load_tray(BROWSER).images, IMAGES[1])
    (kept, version) = everyone.taught_as("click 2") or pytest.fail("not found")
    assert version is not None and (kept.id, version.number) == (2, 2)


def test_everything_is_everyones(url: str) -> None:
    release_before_rooms(url)
    store = Store(url)
    check(store)
    room = store.rooms.get(EVERYONE)
    assert room is not None and (room.kind, room.owner, room.approval) == ("everyone", "", False)
    store.close()
    reopened = Store(url)
    check(reopened)
    reopened.close()


def test_it_goes_on_from_there(url: str) -> None:
    release_before_rooms(url)
    store = Store(url)
    version = store.everyone.add_lesson(lesson("next"), store.everyone.active().id)
    assert (version.number, version.id, version.lesson_ids) == (6, 6, (1, 2, 3, 4))
    assert store.everyone.activate(4, base_id="base", by="owner").lesson_ids == (1, 3)
    ours, _ = store.rooms.open_ours("Year 4", BROWSER, each=1, together=1)
    assert store.room(ours.id).add_lesson(lesson("first there"), 0).number == 1
    store.everyone.delete([1], expected=store.everyone.active().id, by="owner")
    store.visitors.save_tray(BROWSER, Tray(IMAGES[2], (None,) * 3))
    assert store.everyone.lessons([1])[0].state == "deleted"
    store.close()


def test_a_lesson_of_that_release_is_known_by_everyones_model_and_no_other_and_can_be_withdrawn(
    url: str, clf: Classifier, tmp_path: Path
) -> None:
    """Taught by the model itself, and its memory written as that release did: who used the app before goes on."""
    rng = np.random.default_rng(5)
    images = {number: np.stack([digit_image(number, rng) for _ in range(5)]) for number in IMAGES}
    images[2] = np.stack([prepare(shape(seed)) for seed in range(5)])  # no digit: nobody reads it so by chance
    model, unseen = clf, prepare(shape(99))
    for number, taught in images.items():
        model = model.teach(taught, [number] * len(taught)).classifier
    kept = {number: as_before(memory) for number, memory in zip(images, model.memories, strict=True)}
    release_before_rooms(url, images, kept, clf.base_id)

    server = SharedModel(Settings(database_url=url, data_dir=tmp_path), load=lambda: clf)
    ours, _ = server.directory.open_ours("Year 4", BROWSER, [])
    mine = server.directory.open_mine(BROWSER)
    assert (server.everyone.version.number, server.everyone.version.lesson_ids) == (5, (1, 2, 3))
    untaught = clf.predict(unseen).digit
    assert server.everyone.classifier.predict(unseen).digit == 2 != untaught
    assert all(server.room(room).classifier.predict(unseen).digit == untaught for room in (ours, mine))
    np.testing.assert_array_equal(server.everyone.classifier.scores(unseen[None]), model.scores(unseen[None]))
    as_owner(server).withdraw(2)
    assert server.everyone.version.lesson_ids == (1, 3)
    assert server.everyone.classifier.predict(unseen).digit == untaught
    server.close()


def test_a_store_in_which_nothing_was_taught(url: str) -> None:
    release_before_rooms(url)
    with by_hand(url) as connection:
        for table in ("active", "memories", "lessons", "versions"):
            connection.exec_driver_sql(
                f"DELETE FROM {table}" if table != "active" else "UPDATE active SET version_id = NULL"
            )
    store = Store(url)
    assert store.everyone.active().lesson_ids == () and store.everyone.versions() == []
    assert store.everyone.add_lesson(lesson("a"), 0).number == 1
    store.close()


def test_a_backup_of_that_release_is_restored(url: str, tmp_path: Path) -> None:
    """Its file is a store of that release."""
    release_before_rooms(f"sqlite:///{tmp_path / 'old' / 'lessons.db'}")
    file = tmp_path / "copy"
    shutil.copyfile(tmp_path / "old" / "lessons.db", file)
    content = file.read_bytes()
    assert restore(file, url) == 3
    store = Store(url)
    check(store)
    assert store.everyone.add_lesson(lesson("next"), store.everyone.active().id).lesson_ids[-1] == 4
    store.close()
    assert file.read_bytes() == content, "the backup stays as it was"


def test_a_backup_holds_the_rooms(url: str, tmp_path: Path) -> None:
    release_before_rooms(url)
    store = Store(url)
    ours, key = store.rooms.open_ours("Year 4", BROWSER, each=1, together=9)
    mine = store.rooms.open_mine(BROWSER, together=9)
    store.room(ours.id).add_lesson(lesson("a"), 0)
    store.room(mine.id).add_waiting(lesson("b"))
    backup(tmp_path / "copy", url)
    with pytest.raises(FileExistsError, match="rooms"):
        restore(tmp_path / "copy", url)
    store.close()
    assert restore(tmp_path / "copy", folder=tmp_path / "new") == 5
    restored = Store(folder=tmp_path / "new")
    check(restored)
    assert restored.rooms.owned(BROWSER) == [ours] and restored.rooms.mine(BROWSER) == mine
    assert restored.room(ours.id).active().number == 1 and len(restored.room(mine.id).history(1, 8).waiting) == 1
    assert restored.rooms.claim(ours.id, key, new_browser_id()).id == ours.id
    restored.close()


def test_rooms_without_lessons_are_not_restored_over(url: str, tmp_path: Path) -> None:
    Store(folder=tmp_path / "kept").close()
    backup(tmp_path / "copy", folder=tmp_path / "kept")
    store = Store(url)
    ours, _ = store.rooms.open_ours("Year 4", BROWSER, each=1, together=9)
    with pytest.raises(FileExistsError, match="rooms"):
        restore(tmp_path / "copy", url)
    assert store.rooms.get(ours.id) == ours
    store.close()
