"""Who is the owner, and what only the owner may do."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from mnist_core.serving.commit import Click
from mnist_core.serving.importing import Import
from mnist_core.serving.ownership import KnownBrowser, NotOwner, Proof, Secret, SignedIn
from mnist_core.serving.room_owner import RoomOwner
from mnist_core.serving.settings import Settings
from mnist_core.serving.shared_model import SharedModel, new_token
from mnist_core.storage import visitors
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.limits import LimitReached
from mnist_core.storage.room_store import RoomStore
from mnist_core.storage.store import Store
from mnist_core.teaching.classifier import Classifier
from tests.fakes import VANDALISM, FakeClassifier, as_owner, drawings

IMAGES = drawings(1)
ME, OTHER = new_browser_id(), new_browser_id()


def running(tmp_path: Path, **settings: object) -> SharedModel:
    chosen = Settings(**({"data_dir": tmp_path} | settings))  # type: ignore[arg-type]
    return SharedModel(chosen, load=lambda: cast(Classifier, FakeClassifier()), poll_s=0.05)


@pytest.fixture
def model(tmp_path: Path) -> Iterator[SharedModel]:
    started = running(tmp_path, owner_emails=frozenset({"ana@example.org"}))
    yield started
    started.close()


def known(model: SharedModel) -> list[int]:
    return cast(FakeClassifier, model.everyone.classifier).known


def is_owner(model: SharedModel, proof: Proof) -> bool:
    try:
        return isinstance(model.everyone.owner(proof), RoomOwner)
    except NotOwner:
        return False


CLAIMS = {"is_logged_in": True, "email": "Ana@example.org", "email_verified": True}


def test_an_owner_signs_in_with_an_address_that_was_checked(model: SharedModel) -> None:
    assert is_owner(model, SignedIn(CLAIMS))


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": "ana@example.org", "email_verified": True},
        {"is_logged_in": True, "email": "ana@example.org"},
        CLAIMS | {"email_verified": False},
        CLAIMS | {"email_verified": None},
        CLAIMS | {"email_verified": "false"},
        CLAIMS | {"is_logged_in": False},
        CLAIMS | {"email": "eve@example.org"},
        CLAIMS | {"email": ""},
        CLAIMS | {"email": None},
    ],
)
def test_anybody_else_who_signs_in_is_not_the_owner(model: SharedModel, claims: dict[str, object]) -> None:
    assert not is_owner(model, SignedIn(claims))


@pytest.mark.parametrize(
    ("given", "password", "right"),
    [
        ("s3cret", "s3cret", True),
        ("s3cret ", "s3cret", False),
        ("", None, False),
        ("ñ", "ñ", True),
        ("\ud800", "?", False),
    ],
)
def test_the_owner_is_who_knows_the_password(tmp_path: Path, given: str, password: str | None, right: bool) -> None:
    model = running(tmp_path, owner_password=password)
    assert is_owner(model, Secret(given, ME)) is right
    assert is_owner(model, KnownBrowser(ME)) is right and not is_owner(model, KnownBrowser(OTHER))
    model.ownership.sign_out(ME)
    assert not is_owner(model, KnownBrowser(ME))
    model.close()


def test_the_password_may_be_tried_a_few_times(tmp_path: Path) -> None:
    model = running(tmp_path, owner_password="s3cret", password_tries=3)
    assert [is_owner(model, Secret(text, ME)) for text in ("guess", "s3cret", "")] == [False, True, False]
    with pytest.raises(LimitReached, match="password"):
        model.everyone.owner(Secret("s3cret", ME))
    assert is_owner(model, Secret("s3cret", OTHER))
    model.close()


def crowd_guesses(model: SharedModel) -> None:
    """Wrong passwords by one new browser after the other, until all together have tried too many."""
    for _ in range(100):
        try:
            assert not is_owner(model, Secret("guess", new_browser_id()))
        except LimitReached:
            return
    pytest.fail("nobody was refused")


def test_wrong_passwords_of_others_keep_nobody_out_who_has_given_it_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    monkeypatch.setattr(visitors, "datetime", SimpleNamespace(now=lambda zone: now))  # a busy machine's minutes pass
    first = running(tmp_path, owner_password="s3cret", password_tries=2)
    assert is_owner(first, Secret("s3cret", ME))
    first.ownership.sign_out(ME)
    crowd_guesses(first)
    assert is_owner(first, Secret("s3cret", ME))
    first.close()
    later = running(tmp_path, owner_password="s3cret", password_tries=2)
    assert not is_owner(later, KnownBrowser(ME)), "to have been the host is no proof"
    with pytest.raises(LimitReached):  # or who guesses would guess on
        later.everyone.owner(Secret("s3cret", OTHER))
    with pytest.raises(LimitReached):  # its own tries are counted: it has given the password twice
        later.everyone.owner(Secret("s3cret", ME))
    later.forget(ME)
    crowd_guesses(later)
    with pytest.raises(LimitReached):  # it is a browser like others
        later.everyone.owner(Secret("s3cret", ME))
    later.close()


def test_wrong_keys_of_others_keep_nobody_out_who_has_the_link(tmp_path: Path) -> None:
    model, shown = running(tmp_path, password_tries=2), list[str]()
    model.ownership.offer_key(shown.append)
    for _ in range(20):
        assert not is_owner(model, Secret("guess", new_browser_id()))
    assert is_owner(model, Secret(shown[0], ME))
    model.close()


def test_a_key_is_good_once_and_the_next_one_is_shown(model: SharedModel) -> None:
    shown: list[str] = []
    model.ownership.offer_key(shown.append)
    assert len(shown[0]) >= 24
    assert not is_owner(model, Secret("guess", ME)) and len(shown) == 1
    assert is_owner(model, Secret(shown[0], ME)) and is_owner(model, KnownBrowser(ME))
    assert not is_owner(model, Secret(shown[0], OTHER)), "it was used"
    assert len(shown) == 2 and is_owner(model, Secret(shown[1], OTHER))


def test_a_key_is_tried_as_seldom_as_a_password_and_never_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    model, shown = running(tmp_path, password_tries=2), list[str]()
    model.ownership.offer_key(shown.append)
    assert not is_owner(model, Secret("guess", ME)) and is_owner(model, Secret(shown[0], ME))
    with pytest.raises(LimitReached):
        model.everyone.owner(Secret(shown[1], ME))
    model.close()
    logged = " ".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "owner_secret" in logged and not any(key in logged for key in shown)
    assert shown[0] not in repr(Secret(shown[0], ME))


def test_who_is_forgotten_is_not_the_owner_any_more(model: SharedModel) -> None:
    as_owner(model, ME)
    model.forget(ME)
    assert not is_owner(model, KnownBrowser(ME))


def test_a_visitor_has_no_way_to_change_what_others_taught(model: SharedModel) -> None:
    """What the pages hold without a proof teaches, undoes by the click's own token, and no more."""
    rights = {name for name in dir(RoomOwner) if not name.startswith("_")}
    assert {"withdraw", "activate", "empty", "import_lesson", "start_import", "hide", "delete", "approve"} <= rights
    read = {"history", "lessons"}  # by visitors, too, without the drawings that are hidden or wait
    assert not (rights - read - {"close"}) & {*dir(model), *dir(model.everyone), *dir(model.directory)}
    assert "close" not in {*dir(model.everyone), *dir(model.directory)}, "the model's own ends the server"
    with pytest.raises(TypeError):
        model.everyone.teach(IMAGES, [3], teacher="owner", token="a", kind="import")  # type: ignore[call-arg]


def test_an_import_cannot_be_undone_as_if_it_were_ones_own_lesson(model: SharedModel, tmp_path: Path) -> None:
    """The token of an imported lesson follows from its drawings, which others may know."""
    as_owner(model).import_lesson(IMAGES, np.array([4]), 0)
    store = Store(folder=tmp_path)
    (lesson,) = store.everyone.lessons()
    with pytest.raises(LookupError):
        model.everyone.undo(lesson.token, by="1")
    assert known(model) == [4]
    store.close()


FILE = [(IMAGES, np.array([label])) for label in (1, 2, 3)]


def test_an_import_says_how_far_it_is_and_what_was_refused(model: SharedModel) -> None:
    owner = as_owner(model)
    job = owner.start_import([*FILE, (IMAGES, np.array([VANDALISM]))])
    job.wait(10)
    assert (job.sent, job.accepted, job.count, job.share, job.error) == (4, 3, 4, 1.0, None)
    assert known(model) == [1, 2, 3] and owner.importing is None
    assert {version.by for version in model.everyone.history().versions} == {"owner"}


def test_an_import_that_was_broken_off_goes_on_and_teaches_nothing_twice(
    model: SharedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, add, calls = as_owner(model), RoomStore.add_lesson, []

    def away_once(store: RoomStore, *args: object, **more: object) -> object:
        calls.append(args)
        if len(calls) == 2:
            raise StoreUnavailable("full")
        return add(store, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(RoomStore, "add_lesson", away_once)
    job = owner.start_import(FILE)
    job.wait(10)
    assert isinstance(job.error, StoreUnavailable) and (job.sent, job.accepted) == (1, 1)
    job = owner.start_import(FILE)
    job.wait(10)
    assert (job.sent, job.accepted, job.error) == (3, 3, None)
    assert known(model) == [1, 2, 3]


def test_the_same_lesson_twice_in_a_file_is_taught_twice_and_a_withdrawn_one_again(model: SharedModel) -> None:
    owner = as_owner(model)
    owner.start_import([FILE[0], FILE[0]]).wait(10)
    assert known(model) == [1, 1]
    for _ in range(2):
        owner.withdraw(model.everyone.version.lesson_ids[0])
        job = owner.start_import([FILE[0], FILE[0]])
        job.wait(10)
        assert job.accepted == 2 and known(model) == [1, 1]
    owner.empty()
    owner.start_import(FILE).wait(10)
    assert known(model) == [1, 2, 3]


def test_a_file_that_does_not_fit_beside_others_is_refused_and_one_is_taken_at_any_time(tmp_path: Path) -> None:
    fake = FakeClassifier()
    fake.may_end.clear()
    chosen = Settings(data_dir=tmp_path, import_drawings=1)
    model = SharedModel(chosen, load=lambda: cast(Classifier, fake), poll_s=0.05)
    rooms = [model.directory.open_ours(name, ME, [])[0] for name in ("4A", "4B")]
    first, second = (model.room(room).owner(KnownBrowser(ME)) for room in rooms)
    job = first.start_import(FILE)
    with pytest.raises(LimitReached) as refused:
        second.start_import(FILE)
    assert refused.value.kind == "imports" and second.importing is None
    assert first.start_import(FILE) is job, "the same room's is the one under way"
    fake.may_end.set()
    job.wait(10)
    second.start_import(FILE).wait(10)
    assert cast(FakeClassifier, model.room(rooms[1]).classifier).known == [1, 2, 3]
    model.close()


@pytest.mark.parametrize("broken_off", [False, True])
def test_an_import_lets_go_of_its_drawings_as_they_are_taught(broken_off: bool) -> None:
    """Pages that follow it hold it for as long as they are open."""
    lessons = [(drawings(2), np.array([label, label])) for label in (1, 2, 3)]
    held = [weakref.ref(images) for images, _ in lessons]
    counts: list[int] = []
    alive: list[int] = []

    def teach(images: np.ndarray, *_: object) -> bool:
        counts.append(job.drawings)
        gc.collect()
        alive.append(sum(ref() is not None for ref in held))
        if broken_off and len(counts) == 2:
            raise StoreUnavailable("full")
        return True

    may_begin = threading.Event()
    job = Import(lambda *args: may_begin.wait(10) and teach(*args), lessons)
    lessons.clear()
    may_begin.set()
    job.wait(10)
    assert (counts, alive) == (([6, 4], [3, 2]) if broken_off else ([6, 4, 2], [3, 2, 1]))
    gc.collect()
    assert job.drawings == 0
    assert sum(ref() is not None for ref in held) <= broken_off, "an error has the lesson that it broke off"


def test_two_imports_at_once_are_one(tmp_path: Path) -> None:
    slow = FakeClassifier(pause_s=0.2)
    model = SharedModel(Settings(data_dir=tmp_path), load=lambda: cast(Classifier, slow), poll_s=0.05)
    owner, other = as_owner(model), as_owner(model)
    job = owner.start_import(FILE)
    assert other.importing is job and other.start_import(FILE) is job
    assert model.everyone.teach(IMAGES, [5], Click("1", new_token())).accepted, "visitors have their turns in between"
    job.wait(10)
    assert sorted(known(model)) == [1, 2, 3, 5]
    model.close()
