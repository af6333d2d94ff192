"""The other pages, with the real base model: they show something before and after drawing and teaching."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core import Classifier
from mnist_core.files.lessons import unpack
from mnist_core.serving import shared_model as service
from mnist_core.serving.commit import Click
from mnist_core.serving.room_model import RoomModel
from mnist_core.serving.settings import Settings
from mnist_core.serving.shared_model import SharedModel, new_token
from mnist_core.storage.browsers import new_browser_id, teacher_number
from mnist_core.storage.faults import StoreUnavailable
from tests.app.conftest import click, draw, messages, offered, open_app, visit_of
from tests.fakes import as_owner
from ui.model import shared_model
from ui.session import Notice


@pytest.fixture(scope="module")
def base() -> Classifier:
    return Classifier.load(Settings().models_dir)


@pytest.fixture
def taught(base: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedModel]:
    """A process whose model has been taught one lesson: a thick bar is a 1."""
    model = SharedModel(Settings(data_dir=tmp_path, owner_password="open sesame"), load=lambda: base)
    monkeypatch.setattr(service, "_shared", [model])
    shared_model.clear()
    bars = np.zeros((3, 28, 28), np.uint8)
    bars[:, 4:24, 12:16] = 255
    assert model.everyone.teach(bars, [1, 1, 1], Click(teacher_number(new_browser_id()), new_token())).accepted
    yield model
    shared_model.clear()
    model.close()


def page(name: str) -> AppTest:
    at = open_app("es-ES")
    at.switch_page(f"app_pages/{name}.py").run()
    assert not at.exception
    return at


def test_inside_shows_an_example_before_anything_is_drawn(taught: SharedModel) -> None:
    at = page("inside")
    assert "ejemplo de MNIST" in messages(at)
    assert len(at.get("image")) >= 9
    assert len(at.get("vega_lite_chart")) == 1


def test_inside_shows_the_last_drawing(taught: SharedModel) -> None:
    at = draw(open_app())
    at.switch_page("app_pages/inside.py").run()
    assert not at.exception
    assert not at.info


def learned(part: str) -> AppTest:
    """The page of what was learned, in Spanish, with this part open."""
    at = open_app("es-ES")
    at.session_state["part"] = part
    at.switch_page("app_pages/learned.py").run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("part", "widget", "count"),
    [("Cómo lee", "selectbox", 2), ("Qué se le ha enseñado", "vega_lite_chart", 1), ("Archivos", "bidi_component", 4)],
)
def test_learned_shows_each_part(taught: SharedModel, part: str, widget: str, count: int) -> None:
    at = learned(part)
    assert [metric.value for metric in at.metric[1:]] == ["1", "3"]
    assert len(at.get(widget)) == count


def test_the_open_part_of_learned_stays_open_in_the_other_language(taught: SharedModel) -> None:
    at = learned("Archivos")
    at.session_state["language"] = "en"
    at.run()
    assert at.session_state["part"] == "Files"
    assert list(offered(at)) == ["taught_digits.keras", "taught_digits.onnx", "lessons.npz", "lessons.zip"]


def test_a_file_is_made_when_asked_for(taught: SharedModel) -> None:
    at = learned("Archivos")
    assert set(offered(at).values()) == {None}
    at.session_state["save_lessons_zip"] = {"asked": "1"}
    at.run()
    files = offered(at)
    drawings = unpack(files["lessons.zip"] or b"")
    assert np.array_equal(drawings.images, taught.everyone.lessons()[0].images)
    assert drawings.labels.tolist() == [1, 1, 1]
    assert files["lessons.npz"] is None


@pytest.mark.parametrize("form", ["npz", "zip"])
def test_a_file_of_lessons_that_somebody_withdrew_meanwhile(
    taught: SharedModel, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    at = learned("Archivos")
    monkeypatch.setattr(RoomModel, "lessons", lambda self, *, hidden=False: [])
    at.session_state[f"save_lessons_{form}"] = {"asked": "1"}
    at.run()
    assert not at.exception
    assert "no tiene dibujos" in messages(at)
    assert offered(at)[f"lessons.{form}"] is None


def test_a_file_that_the_store_does_not_give(taught: SharedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: RoomModel, *, hidden: bool = False) -> None:
        raise StoreUnavailable("unreachable")

    at = learned("Archivos")
    monkeypatch.setattr(RoomModel, "lessons", away)
    at.session_state["save_lessons_npz"] = {"asked": "1"}
    at.run()
    assert not at.exception
    assert "no se puede llegar a él" in messages(at)
    assert offered(at)["lessons.npz"] is None


def test_what_went_wrong_is_said_in_the_language_of_the_page(taught: SharedModel) -> None:
    at = open_app("es-ES")
    visit_of(at).lesson_notice = Notice("train.store", {"why": "store.unreachable"}, "error")
    assert "(no se puede llegar a él)" in messages(at.run())
    at.session_state["language"] = "en"
    assert "(it cannot be reached)" in messages(at.run())


def test_only_the_owner_withdraws(taught: SharedModel) -> None:
    at = open_app()
    at.session_state["part"] = "What it was taught"
    at.switch_page("app_pages/learned.py").run()
    assert not [button for button in at.button if button.key and button.key.startswith("withdraw")]
    at.session_state["part"] = "Owner"
    at.run()
    at.text_input(key="password").set_value("wrong")
    at.form_submit_button[0].click().run()
    assert "not the owner's password" in messages(at)
    at.text_input(key="password").set_value("open sesame")
    at.form_submit_button[0].click().run()
    at.session_state["part"] = "What it was taught"
    click(at.run(), "withdraw1")
    assert taught.everyone.lessons() == []
    click(at, "back1")
    assert [lesson.id for lesson in taught.everyone.lessons()] == [1]


def test_the_timeline_has_pages(taught: SharedModel) -> None:
    owner = as_owner(taught)
    for _ in range(9):
        owner.activate(1)
    at = learned("Qué se le ha enseñado")
    assert "**10. " in shown(at) and "**1. " not in shown(at)
    at.session_state["versions"] = 2
    assert "**1. " in shown(at.run()) and "**10. " not in shown(at)
    owner.empty()
    assert "**11. " in shown(at.run()), "the page that was open is not there any more"


def shown(at: AppTest) -> str:
    return "\n".join(markdown.value for markdown in at.markdown)


def test_owner_actions_check_who_asks(taught: SharedModel) -> None:
    at = open_app()
    at.session_state["part"] = "What it was taught"
    at.switch_page("app_pages/learned.py").run()
    as_owner(taught, visit_of(at).browser)
    at.run()
    taught.ownership.sign_out(visit_of(at).browser)  # the button is still there
    click(at, "withdraw1")
    assert "Only the owner" in messages(at)
    assert len(taught.everyone.lessons()) == 1


def test_forget_me_deletes_what_is_kept(taught: SharedModel) -> None:
    at = open_app()
    visit_of(at).kept = True
    click(draw(at), "add")
    browser = visit_of(at).browser
    assert len(taught.load_tray(browser).images) == 1
    at.switch_page("app_pages/about.py").run()
    click(at, "forget")
    assert len(taught.load_tray(browser).images) == 0
    assert visit_of(at).tray == []
    assert "nothing here leads to you" in messages(at)


def test_about_shows_the_model_card(taught: SharedModel) -> None:
    assert "How it was made" in "".join(text.value for text in page("about").markdown)
