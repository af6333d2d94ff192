"""Backups, on both engines and from one to the other."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import mnist_core.__main__ as shell
from mnist_core.storage.backup import backup, restore
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.records import NewLesson, Tray, Version
from mnist_core.storage.store import Store

IMAGES = np.eye(28, dtype=np.uint8)[None] * np.uint8(255)


def teach(store: Store, token: str) -> Version:
    new = NewLesson(token, "1", "base", IMAGES, np.array([7]), token.encode() * 1000, {"a": 1.5}, {"b": [1, 2]})
    return store.everyone.add_lesson(new, store.everyone.active().id)


@pytest.mark.parametrize(
    ("source", "target"), [("sqlite", "sqlite"), ("sqlite", "postgresql"), ("postgresql", "sqlite")]
)
def test_everything_is_restored_and_teaching_goes_on(
    source: str, target: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    urls = {"sqlite": f"sqlite:///{tmp_path / source / target / 'lessons.db'}"}
    if "postgresql" in (source, target):
        urls["postgresql"] = request.getfixturevalue("postgres_url")
    browser = new_browser_id()
    store = Store(urls[source])
    for number in range(120):
        teach(store, f"lesson {number}")
    store.everyone.withdraw(store.everyone.active().lesson_ids[4], expected=store.everyone.active().id, by="owner")
    store.visitors.save_tray(browser, Tray(IMAGES, (None,)))
    assert backup(tmp_path / "copy", urls[source]) == 120
    expected = (
        store.everyone.active(),
        store.everyone.versions(),
        store.everyone.memories(store.everyone.active().lesson_ids, "base"),
    )
    store.close()

    other = urls[target] if target != source else f"sqlite:///{tmp_path / 'elsewhere.db'}"
    assert restore(tmp_path / "copy", other) == 120
    restored = Store(other)
    assert (
        restored.everyone.active(),
        restored.everyone.versions(),
        restored.everyone.memories(restored.everyone.active().lesson_ids, "base"),
    ) == expected
    assert restored.visitors.load_tray(browser).labels == (None,)
    assert teach(restored, "next").lesson_ids[-1] == expected[0].lesson_ids[-1] + 1
    restored.close()


def test_a_backup_replaces_no_file_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    Store(folder=tmp_path / "kept").close()
    assert backup(tmp_path / "copy", folder=tmp_path / "kept") == 0
    content = (tmp_path / "copy").read_bytes()
    with pytest.raises(FileExistsError, match="copy"):
        backup(tmp_path / "copy", folder=tmp_path / "kept")
    assert (tmp_path / "copy").read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "kept"]


def test_a_store_with_lessons_is_not_restored_over(tmp_path: Path) -> None:
    store = Store(folder=tmp_path / "kept")
    teach(store, "mine")
    backup(tmp_path / "copy", folder=tmp_path / "kept")
    with pytest.raises(FileExistsError, match="empty"):
        restore(tmp_path / "copy", folder=tmp_path / "kept")
    assert [lesson.token for lesson in store.everyone.lessons()] == ["mine"]
    store.close()


def test_a_damaged_backup_restores_nothing(tmp_path: Path) -> None:
    store = Store(folder=tmp_path / "kept")
    for number in range(30):
        teach(store, f"lesson {number}")
    store.close()
    backup(tmp_path / "copy", folder=tmp_path / "kept")
    content = (tmp_path / "copy").read_bytes()
    (tmp_path / "copy").write_bytes(content[: len(content) // 2])
    with pytest.raises(StoreUnavailable, match="This backup cannot be copied"):
        restore(tmp_path / "copy", folder=tmp_path / "new")
    with pytest.raises(FileNotFoundError):
        restore(tmp_path / "missing", folder=tmp_path / "new")
    assert (tmp_path / "copy").read_bytes() == content[: len(content) // 2]


def test_the_shell_copies_and_restores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("MNIST_DATA_DIR", str(tmp_path / "kept"))
    store = Store(folder=tmp_path / "kept")
    teach(store, "mine")
    store.close()
    file = str(tmp_path / "copy")
    assert shell.main(["backup", file]) == 0
    assert "Lessons: 1." in capsys.readouterr().out
    assert shell.main(["backup", file]) == 1
    assert "is not replaced" in capsys.readouterr().err
    assert shell.main(["restore", file]) == 1
    assert "empty" in capsys.readouterr().err
    monkeypatch.setenv("MNIST_DATA_DIR", str(tmp_path / "new"))
    assert shell.main(["restore", str(tmp_path / "missing")]) == 1
    assert "missing" in capsys.readouterr().err
    assert shell.main(["restore", file]) == 0
    restored = Store(folder=tmp_path / "new")
    assert [lesson.token for lesson in restored.everyone.lessons()] == ["mine"]
    restored.close()


def test_no_store_and_a_damaged_one_are_no_backup(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"lessons\.db: no such store"):
        backup(tmp_path / "copy", folder=tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "lessons.db").write_bytes(b"SQLite format 3\0" + b"broken" * 1000)
    with pytest.raises(StoreUnavailable, match="The store cannot be copied"):
        backup(tmp_path / "copy", folder=kept)
    assert not (tmp_path / "copy").exists()


def test_what_a_store_without_lessons_holds_does_not_stand_in_the_way(tmp_path: Path) -> None:
    """After Empty there is a version, and whoever came meanwhile has a tray: theirs stays."""
    browser = new_browser_id()
    store = Store(folder=tmp_path / "kept")
    teach(store, "mine")
    store.visitors.save_tray(browser, Tray(IMAGES, (3,)))
    backup(tmp_path / "copy", folder=tmp_path / "kept")
    expected = store.everyone.active(), store.everyone.versions()
    store.everyone.empty(by="owner")
    store.visitors.save_tray(browser, Tray(IMAGES, (8,)))
    assert restore(tmp_path / "copy", folder=tmp_path / "kept") == 1
    assert (store.everyone.active(), store.everyone.versions()) == expected
    assert store.visitors.load_tray(browser).labels == (8,)
    store.close()


@pytest.mark.parametrize("content", [b"", b"hello", "a table"])
def test_a_file_that_is_no_backup_restores_nothing(tmp_path: Path, content: bytes | str) -> None:
    file = tmp_path / "copy"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE recipes (name)")
    with pytest.raises(ValueError, match="copy is not a backup"):
        restore(file, folder=tmp_path / "new")
    assert not (tmp_path / "new").exists()
