"""Requests that no page would send: what only the owner may do stays undone, whatever a visitor's messages claim."""

import asyncio
from collections.abc import Mapping
from typing import Any

from mnist_core.storage.store import Store
from tests.conftest import StartServer
from tests.servers.guests import ROOMY, SHAPE_DIGIT, Guest, shape
from ui.texts import TEXTS

PASSWORD = "open sesame"
TRIES = 3
FILES = TEXTS["learned.tab.files"]["en"]
TAUGHT = TEXTS["learned.tab.taught"]["en"]
OWNER = TEXTS["learned.tab.owner"]["en"]
WAYS = ("back", "withdraw", "hide", "delete")  # what the keys of an owner's buttons begin with


class Reader(Guest):
    """A guest on the page of what was learned."""

    page = "learned"

    async def send_with_lessons_open(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """As a browser does, which sends what all its widgets hold."""
        await self.send({"part": {"string_value": TAUGHT}, **values})

    async def give_password(self, password: str) -> None:
        """Fill the form in and send it."""
        part = {"part": {"string_value": OWNER}}
        await self.send(part)
        self.messages = []
        button = next(key for key in self.widgets if key.startswith("FormSubmitter:owner"))
        await self.send({**part, "password": {"string_value": password}, button: {"trigger_value": True}})

    def ways(self) -> list[str]:
        """The buttons that change what was taught."""
        return [key for key in self.widgets if key.startswith(WAYS)]


def test_only_who_gave_the_password_withdraws(start_server: StartServer) -> None:
    server = start_server(env={**ROOMY, "OWNER_PASSWORD": PASSWORD, "PASSWORD_TRIES": str(TRIES)}, ready=True)
    store = Store(folder=server.data_dir)

    async def intrude() -> None:
        async with Guest(server.url) as teacher:
            await teacher.add(shape(1), shape(2))
            assert await teacher.train(SHAPE_DIGIT)
        taught = store.everyone.active()

        async with Reader(server.url) as owner, Reader(server.url) as stranger:
            await owner.send_with_lessons_open({})
            await stranger.send_with_lessons_open({})
            await owner.give_password(PASSWORD)
            await owner.send_with_lessons_open({})
            ways = owner.ways()
            assert {"withdraw1", "hide1", "hide_all1", "delete1", "delete_all1"} <= set(ways) and not stranger.ways()

            for button in ways:
                stranger.widgets[button] = owner.widgets[button]  # what a stranger could learn from the owner's page
                await stranger.send_with_lessons_open({button: {"trigger_value": True}})
            await owner.send_with_lessons_open({"delete1": {"trigger_value": True}})
            stranger.widgets["delete_for_good"] = owner.widgets["delete_for_good"]
            await stranger.send_with_lessons_open({"delete_for_good": {"trigger_value": True}})
            (lesson,) = store.everyone.lessons()
            assert store.everyone.active() == taught and (lesson.state, lesson.hidden) == ("kept", False)
            await owner.send_with_lessons_open({"keep": {"trigger_value": True}})

            for guess in ["", "open", "sesame", PASSWORD, PASSWORD]:
                await stranger.give_password(guess)
                assert stranger.messages, "wrong, or too late, and told so"
            await stranger.send_with_lessons_open({"withdraw1": {"trigger_value": True}})
            assert store.everyone.active() == taught

            files = {"part": {"string_value": FILES}}
            await owner.send(files)
            stranger.widgets["empty"] = owner.widgets["empty"]
            await stranger.send({**files, "empty": {"trigger_value": True}})
            assert store.everyone.active() == taught

            await owner.send_with_lessons_open({"withdraw1": {"trigger_value": True}})
            assert store.everyone.active().kind == "withdraw", "the same message, from the owner"

    asyncio.run(intrude())
    store.close()


def test_nobody_is_the_owner_by_where_they_come_from(start_server: StartServer) -> None:
    """A proxy on the server's own machine may add no header, and the others can be made up."""
    server = start_server(env=ROOMY, ready=True)

    async def intrude() -> None:
        async with Guest(server.url) as teacher:
            await teacher.add(shape(1), shape(2))
            assert await teacher.train(SHAPE_DIGIT)
        async with Reader(server.url) as stranger:
            await stranger.send_with_lessons_open({})
            assert not stranger.ways()
            await stranger.send({"part": {"string_value": FILES}})
            assert not {"empty", "import"} & set(stranger.widgets)

    asyncio.run(intrude())
