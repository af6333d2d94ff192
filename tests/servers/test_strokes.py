"""What the server sends for a stroke, no more than it may change, and what else may come in one message with one."""

import asyncio

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from harness.processes import AppServer
from tests.servers.guests import SHAPE_DIGIT, Guest, shape
from ui.widgets.pictures import data_url


def test_a_stroke_brings_its_answer_and_what_is_asked_about_it_and_nothing_else(server: AppServer) -> None:
    async def sent_for_a_stroke(guest: Guest, seed: int) -> set[str]:
        """The keys of the widgets that the server sends."""
        known, guest.widgets = guest.widgets, {"canvas": guest.widgets["canvas"]}
        await guest.read(shape(seed))
        sent, guest.widgets = set(guest.widgets), known | guest.widgets
        return sent

    async def visit() -> None:
        async with Guest(server.url) as guest:
            assert {"tray", "add", "train"} <= set(guest.widgets)
            for seed in range(4):
                assert await sent_for_a_stroke(guest, seed) == {"canvas", "answer", "digits"}
                if seed == 1:
                    await guest.change("add", trigger_value=True)

    asyncio.run(visit())


def events(guest: Guest, at: int) -> dict[str, tuple[BackMsg, str]]:
    """What a browser sends for a stroke, a digit, a click, and a look at the lesson, each with the part it is in."""

    def click(key: str) -> tuple[BackMsg, str]:
        message = BackMsg()
        message.rerun_script.widget_states.widgets.append(WidgetState(id=guest.widgets[key].id, trigger_value=True))
        return message, guest.widgets[key].fragment

    return {
        "stroke": guest._event("canvas", "drawn", {"at": at, "image": data_url(shape(at))}),
        "digit": guest._event("digits", "chosen", {"row": guest.row, "digit": SHAPE_DIGIT, "pressed": at}),
        "add": click("add"),
        "train": click("train"),
        "look": guest._event("lesson_timer", "time", 0) if "lesson_timer" in guest.widgets else (BackMsg(), ""),
    }


async def send_together(guest: Guest, at: int, *names: str) -> None:
    """Send these in one message; the browser names the part of the first."""
    sent = events(guest, at)
    message, fragment = sent[names[0]]
    for name in names[1:]:
        message.rerun_script.widget_states.MergeFrom(sent[name][0].rerun_script.widget_states)
    await guest._timed(message, fragment, lambda _: False)


@pytest.mark.parametrize("names", [("stroke", "add"), ("add", "stroke")])
def test_a_stroke_and_a_click_in_one_message_are_both_done(server: AppServer, names: tuple[str, str]) -> None:
    async def visit() -> None:
        async with Guest(server.url) as guest:
            await guest.read(shape(1))
            for at in (1, 2):
                await send_together(guest, 10**13 + at, *names)
                assert (guest.tray, guest.answer) == (at, "?")

    asyncio.run(visit())


@pytest.mark.parametrize("names", [("digit", "train"), ("train", "digit")])
def test_a_digit_and_train_in_one_message_are_a_lesson(server: AppServer, names: tuple[str, str]) -> None:
    async def visit() -> None:
        async with Guest(server.url, room="mine") as guest:
            await guest.add(shape(1))
            await send_together(guest, 10**13, *names)
            while guest.busy:
                await guest.look_again(lambda _: False)
            assert guest.proof and guest.tray == 0

    asyncio.run(visit())


@pytest.mark.parametrize(
    "names", [("look", "stroke"), ("stroke", "look"), ("look", "add"), ("look", "stroke", "add"), ("add", "look")]
)
def test_a_look_at_the_lesson_is_not_lost_in_a_message_with_something_else(
    server: AppServer, names: tuple[str, ...]
) -> None:
    async def visit() -> None:
        async with Guest(server.url, room="mine") as guest:
            await guest.add(shape(1))
            await guest.begin_lesson(SHAPE_DIGIT)
            assert guest.timers.pop("lesson_timer")
            await send_together(guest, 10**13, *names)
            assert "lesson_timer" in guest.timers or not guest.busy, "the page looks again, or the lesson is over"
            while guest.busy:
                await guest.look_again(lambda _: False)
            assert guest.proof

    asyncio.run(visit())
