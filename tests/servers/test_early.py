"""A stroke is answered before its page runs: the same answer, by a real server, and nothing else by that way."""

import asyncio
import json
from typing import Any

import httpx2
import numpy as np
import pytest
from streamlit.proto.Element_pb2 import Element

from harness.processes import AppServer
from tests.servers.guests import SHAPE_DIGIT, Guest, shape
from ui.widgets.canvas import ONE
from ui.widgets.pictures import data_url


class Painted(Guest):
    """A guest who remembers all that the page says about a stroke."""

    said: dict[str, Any]

    def _remember(self, element: Element) -> None:
        super()._remember(element)
        if element.bidi_component.id.endswith("-answer"):
            self.said = json.loads(element.bidi_component.json)


def stroke(seed: int, at: int) -> dict[str, object]:
    return {"at": at, "image": data_url(shape(seed))}


def post(server: AppServer, page: str, **body: Any) -> httpx2.Response:
    return httpx2.post(f"{server.url}/strokes/{page}", timeout=30, **body)


def test_the_early_answer_is_that_of_the_page(server: AppServer) -> None:
    async def visit() -> None:
        async with Painted(server.url) as guest:
            for seed in range(5):
                await guest.read(shape(seed))
                early = await guest.read_early({"at": guest.said["at"] + 1, "image": data_url(shape(seed))})
                assert early
                assert early | {"at": guest.said["at"]} == {name: guest.said[name] for name in early}
                assert guest.said["heard"] == guest.said["at"]

    asyncio.run(visit())


def test_what_was_taught_is_in_the_next_early_answer(server: AppServer) -> None:
    async def visit() -> None:
        async with Guest(server.url, room="mine") as guest:
            await guest.add(*map(shape, range(5)))
            assert await guest.train(SHAPE_DIGIT)
            early = await guest.read_early(stroke(7, 10**14))
            assert early and early["answer"] == str(SHAPE_DIGIT)
        async with Guest(server.url) as other:
            early = await other.read_early(stroke(7, 10**14))
            assert early and early["answer"] != str(SHAPE_DIGIT), "another room's model"

    asyncio.run(visit())


def test_a_sheet_without_ink_has_no_early_answer(server: AppServer) -> None:
    async def visit() -> None:
        async with Guest(server.url) as guest:
            empty = data_url(np.zeros((ONE[1], ONE[0], 4), np.uint8))
            assert post(server, guest.early, json={"at": 1, "image": empty}).status_code == 204

    asyncio.run(visit())


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"at": 1},
        {"at": "1", "image": None},
        {"at": 1, "image": "data:image/png;base64,AAAA"},
        {"at": 1, "image": data_url(shape(0)[:100])},
        {"at": "1", "image": data_url(shape(0))},
        {"at": -1, "image": data_url(shape(0))},
        {"at": 10**400, "image": data_url(shape(0))},
        {"at": [1], "image": [data_url(shape(0))]},
    ],
)
def test_anything_but_a_stroke_is_refused(server: AppServer, body: dict[str, object]) -> None:
    async def visit() -> None:
        async with Guest(server.url) as guest:
            assert post(server, guest.early, json=body).status_code == 422
            assert await guest.read(shape(0)), "the page goes on"

    asyncio.run(visit())


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), (b"[1]", 422), (b"[" * 100_000, 422), (b'{"at": NaN}', 422), (b" " * 2**19, 413)],
)
def test_a_body_that_is_no_object_or_too_long_is_refused(server: AppServer, content: bytes, status: int) -> None:
    async def visit() -> None:
        async with Guest(server.url) as guest:
            assert post(server, guest.early, content=content).status_code == status

    asyncio.run(visit())


def test_a_page_that_is_not_open_here_has_no_answers(server: AppServer) -> None:
    assert post(server, "0" * 16, json=stroke(0, 1)).status_code == 404


def test_strokes_that_are_posted_all_at_once_are_answered_or_left_to_the_page(server: AppServer) -> None:
    async def visit() -> None:
        async with Guest(server.url) as guest, httpx2.AsyncClient(base_url=server.url, timeout=60) as client:
            address = f"strokes/{guest.early}"
            many = asyncio.gather(*(client.post(address, json=stroke(seed, 10**14 + seed)) for seed in range(40)))
            answer = await guest.read(shape(3))
            posted = {answered.status_code for answered in await many}
            assert posted <= {200, 204} and 200 in posted
            assert answer == await guest.read(shape(3))

    asyncio.run(visit())
