"""The app with a model that knows nothing but what it is taught, and a store of its own."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from harness.processes import ROOT
from mnist_core import Classifier, ModelUnavailable, Prediction
from mnist_core.recognition.memory import Memory
from mnist_core.serving import shared_model as service
from mnist_core.serving.settings import Settings
from mnist_core.serving.shared_model import SharedModel
from tests.fakes import FakeClassifier
from ui.model import shared_model
from ui.session import Drawing, Visit

BROAD = 400  # white pixels from which on the fake sees no digit

StartShared = Callable[..., SharedModel]


class Reader(FakeClassifier):
    """A fake that reads too."""

    test_accuracy = 0.99
    confusion = np.diag(np.full(10, 990))

    def with_memories(self, memories: tuple[Memory, ...]) -> Reader:  # type: ignore[override]
        taught = Reader(self.base_id, memories, self.pause_s)
        taught.fitting, taught.may_end = self.fitting, self.may_end
        return taught

    def predict(self, image: np.ndarray) -> Prediction:
        return self.predict_many(image[None])[0]

    def predict_many(self, images: np.ndarray) -> list[Prediction]:
        scores = np.full(10, 0.002, np.float32)
        scores[self.reads] = 0.982
        return [Prediction(self.reads, scores, 0.1 if (image > 0).sum() > BROAD else 0.99) for image in images]


@pytest.fixture(scope="session", autouse=True)
def packages_looked_through_once() -> Iterator[None]:
    """AppTest looks for components in every installed package, for a second, each time a test opens the app."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def start_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartShared]:
    """Begin a process: `start_shared(teaching="off")` takes what `Settings` does."""
    started: list[SharedModel] = []

    def start(**settings: object) -> SharedModel:
        chosen = Settings(**({"data_dir": tmp_path / "data"} | settings))  # type: ignore[arg-type]
        model = SharedModel(chosen, load=lambda: cast(Classifier, Reader()), poll_s=0.05)
        monkeypatch.setattr(service, "_shared", [model])
        shared_model.clear()
        started.append(model)
        return model

    yield start
    shared_model.clear()
    for model in started:
        with suppress(ModelUnavailable):
            may_end(model).set()
        model.close()


def may_end(model: SharedModel) -> threading.Event:
    """Cleared by a test that wants to stay in the middle of a lesson, and set again by it."""
    return cast(Reader, model.everyone.classifier).may_end


def fitting(model: SharedModel) -> threading.Event:
    """Set while a lesson is being fitted."""
    return cast(Reader, model.everyone.classifier).fitting


@pytest.fixture
def shared(start_shared: StartShared) -> SharedModel:
    """A process with the usual settings."""
    return start_shared()


@pytest.fixture
def app(shared: SharedModel) -> AppTest:
    """A visitor who has just opened the app, in English."""
    return open_app()


def open_app(
    locale: str = "en-GB",
    browser: str | None = None,
    **address: str,
) -> AppTest:
    """Open the app as another visitor; address: the language, the owner's key, the room; browser: which this one is."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.context = {"locale": locale}
    if browser:
        at.session_state["visit"] = Visit(browser, kept=True)  # AppTest has no cookies
    for name, value in address.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def visit_of(at: AppTest) -> Visit:
    """What the visitor is doing."""
    return cast(Visit, at.session_state["visit"])


def draw(at: AppTest, *, width: int = 16) -> AppTest:
    """Put an upright stroke on the sheet, as the canvas does."""
    canvas = np.zeros((280, 280, 4), np.uint8)
    canvas[60:220, 140 - width // 2 : 140 + width // 2, 3] = 255
    me = visit_of(at)
    at_number = (me.drawing.at if me.drawing else me.consumed) + 1
    live = "live" not in at.session_state or at.session_state["live"]
    me.drawing, me.answer, me.asked = Drawing(at_number, canvas), (), bool(live)
    at.run()
    assert not at.exception
    return at


def switch(at: AppTest, name: str, on: bool) -> AppTest:
    """Open the options and turn "live" or "several" on or off."""
    at.session_state[f"options{visit_of(at).options_closed}"] = True
    at.run()
    at.toggle(key=name).set_value(on).run()
    assert not at.exception
    return at


def click(at: AppTest, key: str) -> AppTest:
    """Click the button with this key."""
    at.button(key=key).click().run()
    at.run()  # after a callback that renews a part of the page AppTest holds that part alone
    assert not at.exception
    return at


def add(at: AppTest, count: int = 1) -> AppTest:
    """Draw and add this many times."""
    for _ in range(count):
        click(draw(at), "add")
    return at


def tap_digit(at: AppTest, digit: int, row: str = "") -> AppTest:
    """Tap a digit in the row that is shown, or in one that was."""
    return tell(at, "digits", "chosen", {"row": row or visit_of(at).row, "digit": digit})


def tell(at: AppTest, key: str, event: str, value: object) -> AppTest:
    """Have one of our components tell the app something, which AppTest cannot: in the words of Streamlit's protocol."""
    name = next(part.proto.id for part in at.get("bidi_component") if part.proto.id.endswith(f"-{key}"))
    states = at._tree.get_widget_states()
    told = json.dumps([{"event": event, "value": value}])
    states.widgets.add(id=f"$$STREAMLIT_INTERNAL_KEY_{name}__events", json_trigger_value=told)
    at._run(states)
    at.run()
    assert not at.exception
    return at


def train(at: AppTest, truth: int | None) -> AppTest:
    """Choose the ground truth, press Train, and wait for the end of the lesson."""
    if truth is not None:
        tap_digit(at, truth)
    return wait_for_lesson(click(at, "train"))


def wait_for_lesson(at: AppTest) -> AppTest:
    """Wait until the lesson under way, if there is one, is done and shown."""
    job = visit_of(at).job
    if job:
        job.wait(30)
        at.run()
    assert not at.exception
    return at


def choose_whose(at: AppTest, whose: str) -> AppTest:
    """Open the control that says whose model this is, and choose "everyone", "mine" or "ours"."""
    move = visit_of(at).moves
    at.session_state[f"rooms{move}"] = True
    at.run()
    at.button_group(key=f"whose{move}").set_value(whose).run()
    assert not at.exception
    return at


def messages(at: AppTest) -> str:
    """All alerts on the page."""
    return "\n".join(alert.value for kind in (at.warning, at.error, at.info, at.success) for alert in kind)


def offered(at: AppTest) -> dict[str, bytes | None]:
    """The files that buttons on the page hand over, by name: what is in them, once asked for."""
    components = [json.loads(element.proto.json) for element in at.get("bidi_component")]
    files = {data["name"]: data["file"] for data in components if "file" in data}
    return {name: None if file is None else base64.b64decode(file) for name, file in files.items()}
