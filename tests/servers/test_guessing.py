"""Codes of rooms guessed by the thousand on a real server, in every way that a code is given."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event

import sqlalchemy as sa
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from harness.processes import AppServer, wait_until
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.codes import new_code, spaced
from mnist_core.storage.schema import attempts
from mnist_core.storage.store import Store
from tests.api.conftest import STROKE
from tests.conftest import StartServer
from tests.servers.guests import SHAPE_DIGIT, Guest, shape
from tests.storage.made import by_hand
from ui.texts import TEXTS

EACH, TOGETHER = 10, 300  # wrong codes a minute by one, and by all of them, as `PASSWORD_TRIES` has them
BY_FORM, BY_LINK, BY_PROGRAM = 500, 20, 1500
BROWSERS, PROGRAMS = 5, 50
MOST_MIB = 20  # that so many guesses may leave in the server's memory
PRESSED = {"trigger_value": True}
UNKNOWN, LIMITED = TEXTS["room.unknown"]["en"], TEXTS["limit.code"]["en"].partition("{")[0]


class Newcomer(Guest):
    """A guest who types codes."""

    looked_up = 0  # of the codes guessed, those that the store was asked for

    async def type(self, code: str) -> None:
        """Open the control that says whose model this is, type the code and send it."""
        opened = next(key for key in reversed(self.widgets) if key.startswith("rooms"))
        if "room_code" not in self.widgets:
            await self.change(opened, bool_value=True)
        button = next(key for key in self.widgets if key.startswith("FormSubmitter:join"))
        message = BackMsg()
        for key, value in ((opened, {"bool_value": True}), ("room_code", {"string_value": code}), (button, PRESSED)):
            message.rerun_script.widget_states.widgets.append(WidgetState(id=self.widgets[key].id, **value))
        self.messages = []
        await self._timed(message, self.widgets[button].fragment, lambda _: False)

    async def guess(self) -> None:
        await self.type(new_code())
        (said,) = self.messages
        assert said == UNKNOWN or said.startswith(LIMITED)
        self.looked_up += said == UNKNOWN


class Program:
    """A program with a network address of its own."""

    def __init__(self, server: AppServer, number: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, 60, (f"127.0.1.{1 + number}", 0))

    def read_with(self, code: str) -> int:
        """Ask for an answer by the model of this room; the status."""
        body = json.dumps({"image": STROKE})
        self._connection.request("POST", f"/api/predict?room={code}", body, {"Content-Type": "application/json"})
        with self._connection.getresponse() as answer:
            answer.read()
            return answer.status

    def close(self) -> None:
        self._connection.close()


def guess_by_programs(server: AppServer, enough: Event) -> int:
    """Guess from many addresses in turn, BY_PROGRAM times and until `enough`; how many codes were looked up."""
    programs = [Program(server, number) for number in range(PROGRAMS)]
    statuses: Counter[int] = Counter()
    while statuses.total() < BY_PROGRAM or not enough.is_set():
        statuses[programs[statuses.total() % PROGRAMS].read_with(new_code())] += 1
    for program in programs:
        program.close()
    assert set(statuses) == {404, 429}
    return statuses[404]


async def guess_by_links(server: AppServer) -> int:
    """Guess as a new browser each time; how many codes were looked up."""
    said: list[str] = []
    for _ in range(BY_LINK):
        async with Guest(server.url, room=new_code()) as guesser:
            said += set(guesser.messages)
    assert all(words == UNKNOWN or words.startswith(LIMITED) for words in said) and len(said) == BY_LINK
    return said.count(UNKNOWN)


def counted(url: str) -> int:
    """How many wrong codes the store knows of."""
    with by_hand(url) as connection:
        return connection.scalar(sa.select(sa.func.count()).where(attempts.c.kind == "code")) or 0


@asynccontextmanager
async def flooded(server: AppServer, url: str) -> AsyncIterator[asyncio.Task[int]]:
    """Programs guess without end, and by all together no wrong code may be tried any more."""
    enough = Event()
    flood = asyncio.create_task(asyncio.to_thread(guess_by_programs, server, enough))
    try:
        await asyncio.to_thread(wait_until, lambda: counted(url) >= TOGETHER, 60, "the limit of all is reached")
        yield flood
    finally:
        enough.set()
        await flood


async def comes_in(guest: Guest) -> None:
    """The room's model reads for this guest, and no other: it alone knows the shape."""
    assert await guest.read(shape(99)) == str(SHAPE_DIGIT)


def test_codes_by_the_thousand_find_nothing_and_keep_nobody_out(start_server: StartServer, url: str) -> None:
    server = start_server(env={"DATABASE_URL": url}, ready=True)
    store = Store(url)
    room, _ = store.rooms.open_ours("Year 4", new_browser_id(), each=1, together=1)

    async def go_through_it() -> None:
        async with Guest(server.url, room=room.code) as teacher, Newcomer(server.url) as pupil:
            await teacher.add(*(shape(seed) for seed in range(5)))
            assert await teacher.train(SHAPE_DIGIT), teacher.messages
            assert await pupil.read(shape(99)) != str(SHAPE_DIGIT)
            before, began = server.memory_mib(), time.monotonic()

            guessers = [Newcomer(server.url) for _ in range(BROWSERS)]
            for guesser in guessers:
                async with guesser:
                    for _ in range(BY_FORM // BROWSERS):
                        await guesser.guess()
            minutes = 1 + (time.monotonic() - began) // 60
            assert all(EACH <= guesser.looked_up <= EACH * minutes for guesser in guessers)

            looked_up = sum(guesser.looked_up for guesser in guessers)
            looked_up += await guess_by_links(server)
            async with flooded(server, url) as flood:
                await pupil.type("WRONG")  # somebody who mistypes it first
                assert pupil.messages
                await pupil.type(spaced(room.code).lower())
                await comes_in(pupil)
                async with Guest(server.url, room=room.code) as late, Guest(server.url) as stranger:
                    await comes_in(late)
                    assert await stranger.read(shape(99)) != str(SHAPE_DIGIT)
                honest = Program(server, PROGRAMS)
                assert await asyncio.to_thread(honest.read_with, room.code) == 200
                honest.close()
            looked_up += flood.result()
            await comes_in(teacher)
            minutes = 1 + (time.monotonic() - began) // 60
            assert looked_up <= TOGETHER * minutes
            assert server.memory_mib() - before < MOST_MIB

    asyncio.run(go_through_it())
    store.close()
    assert counted(url) <= TOGETHER, "what is counted is not kept for long"
