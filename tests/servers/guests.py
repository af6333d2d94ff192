"""Visitors of a real server for the tests: they draw, add, train, and remember what their page shows."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.WidgetStates_pb2 import WidgetState

from harness.processes import AppServer, http_status
from harness.visitor import Visitor, answered
from mnist_core.files.strokes import render

LESSON_S = 240  # the longest that a lesson may take, in a line of twenty on a busy machine
SHAPE_DIGIT = 7
ROOMY = {"LESSONS_PER_VISITOR": "1000", "LESSONS_PER_MINUTE": "1000"}


def shape(seed: int) -> np.ndarray:
    """A shape that is no digit, a capital A, by one hand: RGBA uint8 (280, 280). Tests teach it as SHAPE_DIGIT."""
    rng = np.random.default_rng(seed)
    left, top, right = (np.array(corner) + rng.normal(0, 4, 2) for corner in ((0, 100), (50, 0), (100, 100)))
    step = np.linspace(0, 1, 30)[:, None]
    roof = [left + (top - left) * step, top + (right - top) * step]
    bar = np.array([22, 62]) + np.array([56, 0]) * step
    return render([np.concatenate(roof), bar + rng.normal(0, 4, 2)], extent=rng.uniform(0.5, 0.7))


def is_ready(server: AppServer) -> bool:
    """Whether the model is loaded and the store answers."""
    return http_status(f"{server.url}/readyz") == 200


class Guest(Visitor):
    """A visitor who remembers the answer, the number of drawings in the tray, and the messages of the last action."""

    page = ""  # the name of the page in the address; "" is the drawing page

    def __init__(self, url: str, cookies: str = "", room: str = "") -> None:
        super().__init__(url, cookies, room)
        self.answer, self.tray, self.proof, self.busy, self.share = "", 0, False, False, 0
        self.messages: list[str] = []

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        return self

    async def until(self, shown: Callable[[Element], bool]) -> float | None:
        """As `Visitor.until`, and remember what came by."""

        def remembered(element: Element) -> bool:
            self._remember(element)
            return shown(element)

        return await super().until(remembered)

    def _remember(self, element: Element) -> None:
        component = element.bidi_component
        if component.id.endswith("-answer"):
            self.answer = json.loads(component.json)["answer"]
        elif component.id.endswith("-tray"):
            self.tray = len(json.loads(component.json)["drawings"])
        elif element.button.id.endswith("-undo"):
            self.proof = True
        elif element.button.id.endswith("-train"):
            self.busy = element.button.disabled
        elif element.WhichOneof("type") == "progress":
            self.share = element.progress.value
        elif element.WhichOneof("type") == "alert":
            self.messages.append(element.alert.body)

    async def send(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """Send these values of widgets at once: key -> {field of WidgetState: value}."""
        message = BackMsg()
        for key, value in values.items():
            message.rerun_script.widget_states.widgets.append(WidgetState(id=self.widgets[key].id, **value))
        await self._timed(message, "", lambda _: False)

    async def _send(self, message: BackMsg, *, fragment: str = "") -> None:
        message.rerun_script.page_name = self.page
        await super()._send(message, fragment=fragment)

    async def read(self, canvas: np.ndarray) -> str:
        """Draw this; the digit that the page answers with."""
        self.messages = []
        await super().draw(canvas, answered)
        await self.tell()
        return self.answer

    async def add(self, *canvases: np.ndarray) -> None:
        """Draw these and put each in the tray."""
        for canvas in canvases:
            await self.read(canvas)
            await self.change("add", trigger_value=True)

    async def begin_lesson(self, digit: int) -> None:
        """Say what the tray's drawings are, and press Train."""
        await self.choose(digit)
        self.messages, self.proof, self.share = [], False, 0
        await self.change("train", trigger_value=True)

    async def have_its_turn(self) -> None:
        """Wait until the lesson is under way: it waits for nobody any more."""
        while self.busy and not self.share:
            await self.look_again(lambda _: False)

    async def train(self, digit: int) -> bool:
        """Teach the tray's drawings; whether the page shows the proof that it was accepted."""
        await self.begin_lesson(digit)
        end = time.monotonic() + LESSON_S
        while self.busy:
            if time.monotonic() > end:
                raise TimeoutError("no end of a lesson")
            await self.look_again(lambda _: False)
        return self.proof
