"""The door without a network and without TensorFlow; each answer is held against the door's own description."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from httpx2 import Response
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from api.openapi import document
from api.routes import Door
from mnist_core.recognition.memory import Memory
from mnist_core.recognition.taught_model import Prediction
from mnist_core.serving.settings import Settings
from mnist_core.serving.shared_model import SharedModel
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.records import Room
from mnist_core.teaching.classifier import Classifier
from server import Programs, routes
from tests.fakes import FakeClassifier

ROOMY: dict[str, Any] = {"lessons_per_visitor": 1000, "lessons_per_minute": 1000, "password_tries": 1000}
OWNER = new_browser_id()
SCHEMAS = {"/api/predict": ("Prediction", "Lines"), "/api/model": ("Model",), "/api/lessons": ("Taught",)}


class ReadingClassifier(FakeClassifier):
    """Reads every image as what it was taught last, and has the other figures that programs are told."""

    test_accuracy = 0.99

    def with_memories(self, memories: Sequence[Memory]) -> ReadingClassifier:
        other = ReadingClassifier(self.base_id, memories, self.pause_s)
        other.fitting, other.may_end = self.fitting, self.may_end
        return other

    def predict_many(self, images: np.ndarray) -> list[Prediction]:
        return [Prediction(self.reads, np.eye(10, dtype=np.float32)[self.reads], 0.25) for _ in images]

    def predict(self, image: np.ndarray) -> Prediction:
        assert image.shape == (28, 28) and image.dtype == np.uint8 and image.any()
        return self.predict_many(image[None])[0]


class Program:
    """A program that asks the door, of a server with these models."""

    def __init__(self, shared: SharedModel, fake: ReadingClassifier, address: str = "203.0.113.7") -> None:
        self.shared, self.fake = shared, fake
        door = Door(shared)
        ours = [route.path for route in routes if route.path.startswith("/api")]  # as the server has them
        self.app = Starlette(routes=[Route(path, Programs(lambda: door)) for path in ours])
        self.http = TestClient(self.app, base_url="http://digits.example", client=(address, 50000))

    def at(self, address: str) -> TestClient:
        """The same door, asked from another network address."""
        return TestClient(self.app, base_url="http://digits.example", client=(address, 50000))

    def post(self, path: str, body: Any, kind: str = "application/json", **options: Any) -> Response:
        """Send a body: bytes as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body)
        headers = {"Content-Type": kind, **options.pop("headers", {})}
        return self.checked(self.http.post(path, content=content, headers=headers, **options))

    def get(self, path: str, **options: Any) -> Response:
        return self.checked(self.http.get(path, **options))

    def teach(self, code: str, *labels: int, **more: Any) -> Response:
        """A lesson of one drawing for each label."""
        drawings = [{"image": STROKE, "label": label} for label in labels]
        return self.post("/api/lessons", {"room": code, "drawings": drawings, **more})

    def open_room(self, *, approval: bool = False) -> Room:
        """A new room of OWNER's."""
        room, _ = self.shared.directory.open_ours("Class", OWNER, [])
        return self.shared.room(room).owner(known(OWNER)).set_approval(approval)

    def checked(self, response: Response) -> Response:
        """The response, which is as the door's description says."""
        kind = response.headers.get("content-type")
        if response.status_code != 200:
            assert kind == "application/problem+json" and response.json()["status"] == response.status_code
            assert response.json()["detail"].endswith(".")
            fits(response, "Problem")
        elif kind == "application/json" and not response.url.path.endswith("openapi.json"):
            fits(response, *SCHEMAS[response.url.path])
        return response


def known(browser: str) -> Any:
    from mnist_core.serving.ownership import KnownBrowser

    return KnownBrowser(browser)


def fits(response: Response, *names: str) -> None:
    """Whether the answer is what exactly one of these schemas describes."""
    whole = document(Settings(api="teach"))
    one_of = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    Draft202012Validator({**whole, "oneOf": one_of}).validate(response.json())


STROKE: list[list[int]] = [[255 if 4 <= y < 24 and 12 <= x < 16 else 0 for x in range(28)] for y in range(28)]

Open = Callable[..., Program]


@pytest.fixture
def open_door(tmp_path: Path) -> Iterator[Open]:
    """Open a door: `open_door(api="teach", ...)`, with settings; `load` gives another model."""
    opened: list[Program] = []

    def begin(*, load: Callable[[], Classifier] | None = None, pause_s: float = 0, **settings: Any) -> Program:
        fake = ReadingClassifier(pause_s=pause_s)
        values = {"data_dir": tmp_path / "kept", "api": "teach", **ROOMY, **settings}
        shared = SharedModel(Settings(**values), load=load or (lambda: cast(Classifier, fake)), poll_s=0.05)
        assert shared.ready.wait(30)
        opened.append(Program(shared, fake))
        opened[-1].http.__enter__()  # all requests on one event loop, as in a server
        return opened[-1]

    yield begin
    for program in opened:
        program.http.__exit__()
        program.shared.close()


@pytest.fixture
def program(open_door: Open) -> Program:
    return open_door()
