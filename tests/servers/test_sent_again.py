"""What a browser sends once more, before it has heard what came of it, is done once."""

import asyncio

from harness.processes import AppServer
from tests.servers.guests import SHAPE_DIGIT, Guest, shape


def test_the_right_digit_is_of_the_drawing_that_it_was_tapped_for(server: AppServer) -> None:
    async def tap_twice() -> None:
        async with Guest(server.url) as guest:
            await guest.read(shape(1))
            row = guest.row
            await guest.choose(SHAPE_DIGIT, row)
            assert (guest.tray, guest.messages) == (1, [])
            await guest.choose(SHAPE_DIGIT, row)
            assert (guest.tray, guest.messages) == (1, [])  # not: there is no drawing to add
            await guest.read(shape(2))
            await guest.choose(SHAPE_DIGIT, row)
            assert guest.tray == 1  # and the next drawing is not called that

    asyncio.run(tap_twice())
