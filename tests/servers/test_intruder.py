"""Requests that no page would send: what only the owner may do stays undone, whatever a visitor's messages claim."""

import asyncio
import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from streamlit.proto.WidgetStates_pb2 import WidgetState

from harness.processes import wait_until
from mnist_core.bitmaps import SIDE
from mnist_core.files.lessons import pack_npz
from mnist_core.storage.browsers import COOKIE, new_browser_id
from mnist_core.storage.records import Room
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


Message = tuple[str, Mapping[str, Mapping[str, Any]]]
"""The part of the page that is open, and what is sent of its widgets."""


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

    async def look_at_all(self) -> None:
        """Open each part of the page."""
        for part in (TAUGHT, FILES, OWNER):
            await self.send({"part": {"string_value": part}})

    async def send_message(self, message: Message) -> None:
        """Send an owner's message and, where the page asks whether that is meant, that it is."""
        part, values = message
        await self.send({"part": {"string_value": part}, **values})
        if "delete_for_good" in self.widgets:
            await self.send({"part": {"string_value": part}, "delete_for_good": {"trigger_value": True}})

    async def give_file(self) -> None:
        """Send a file of one lesson, a plain 1, as the button that asks for one does."""
        image = np.zeros((1, SIDE, SIDE), np.uint8)
        image[:, 4:24, 12:16] = 255
        file = base64.b64encode(pack_npz(image, [1], [0])).decode()
        await self.send({"part": {"string_value": FILES}})
        message, _ = self._event("import", "given", f"data:application/octet-stream;base64,{file}")
        part = WidgetState(id=self.widgets["part"].id, string_value=FILES)
        message.rerun_script.widget_states.widgets.append(part)
        await self._timed(message, "", lambda _: False)

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


def messages_of_an_owner(page: Reader, room: Room, kept: int, waiting: int) -> dict[str, Message]:
    """All that the owner of this room could send, whose page has had all its parts open."""
    pressed: dict[str, Any] = {"trigger_value": True}
    messages: dict[str, Message] = {
        way: (TAUGHT, {f"{way}{kept}": pressed}) for way in ("withdraw", "hide", "hide_all", "delete", "delete_all")
    }
    if waiting:
        messages |= {way: (TAUGHT, {f"{way}{waiting}": pressed}) for way in ("approve", "decline")}
        rename = next(key for key in page.widgets if key.startswith("FormSubmitter:rename"))
        name: dict[str, dict[str, Any]] = {f"room_name{room.id}": {"string_value": "Eve's"}, rename: pressed}
        messages |= {"rename": (OWNER, name), "approval": (OWNER, {f"approval{room.id}": {"bool_value": False}})}
    else:  # one's own, which has none of these, nor anybody to hide from
        for way in ("hide", "hide_all", "delete_all"):
            del messages[way]
    messages |= {"empty": (FILES, {"empty": pressed}), "close": (OWNER, {"close_room": pressed})}
    missing = {key for _, values in messages.values() for key in values} - set(page.widgets)
    assert not missing
    return messages


def as_stored(store: Store, rooms: list[Room]) -> object:
    """All that an owner could have changed in these rooms."""
    return [
        (
            store.rooms.get(room.id),
            store.room(room.id).versions(),
            [(lesson.id, lesson.state, lesson.hidden, len(lesson.images)) for lesson in store.room(room.id).lessons()],
        )
        for room in rooms
    ]


def test_who_owns_no_room_changes_none_by_crafted_messages(start_server: StartServer, url: str) -> None:
    """Neither a room of ours that another browser opened, nor that browser's own model."""
    server = start_server(env={"DATABASE_URL": url, **ROOMY}, ready=True)
    store, owner = Store(url), new_browser_id()
    ours, _ = store.rooms.open_ours("4B", owner, each=1, together=10)
    cookie = f"{COOKIE}={owner}"

    async def intrude() -> None:
        async with Guest(server.url, room=ours.code) as pupil:
            for seed in (1, 2):
                await pupil.add(shape(seed))
                assert await pupil.train(SHAPE_DIGIT)
                store.rooms.set_approval(ours.id, True)
        async with Guest(server.url, cookie, room="mine") as teacher:
            await teacher.add(shape(3))
            assert await teacher.train(SHAPE_DIGIT)
        mine = store.rooms.mine(owner)
        assert mine is not None
        (kept, waiting), (own,) = ([lesson.id for lesson in store.room(room.id).lessons()] for room in (ours, mine))
        before = as_stored(store, [ours, mine])

        for room, place, lessons in ((ours, ours.code, (kept, waiting)), (mine, "mine", (own, 0))):
            async with Reader(server.url, cookie, room=place) as page, Reader(server.url, room=place) as stranger:
                await page.look_at_all()
                await stranger.look_at_all()
                assert not stranger.ways() and "close_room" not in stranger.widgets
                messages = messages_of_an_owner(page, room, *lessons)
                await page.send({"part": {"string_value": TAUGHT}, f"delete{lessons[0]}": {"trigger_value": True}})
                stranger.widgets = page.widgets | stranger.widgets  # what a stranger could learn from the owner's page
                for message in messages.values():
                    await stranger.send_message(message)
                if room.kind == "ours":  # into a model of their own a stranger may bring lessons
                    await stranger.give_file()
                assert as_stored(store, [ours, mine]) == before, room.kind
                await page.send({"part": {"string_value": TAUGHT}, "keep": {"trigger_value": True}})

        async with Reader(server.url, cookie, room=ours.code) as page:
            await page.look_at_all()
            messages = messages_of_an_owner(page, ours, kept, waiting)
            for way in ("hide", "rename", "approval", "approve", "withdraw"):
                now = as_stored(store, [ours])
                await page.send_message(messages[way])
                assert as_stored(store, [ours]) != now, f"{way}: the same message, from the owner"
            count = len(store.room(ours.id).lessons())
            await page.give_file()
            wait_until(lambda: len(store.room(ours.id).lessons()) > count, 30, "the lesson is kept")
            await page.send_message(messages["delete"])
            assert store.room(ours.id).lessons([kept])[0].state == "deleted"
            await page.send_message(messages["close"])
            assert store.rooms.get(ours.id) is None

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
