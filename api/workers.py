"""How much is done at a time for programs, so that the pages go on as before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import anyio
import anyio.to_thread

from api.problems import Problem

Result = TypeVar("Result")


class Workers:
    """Threads for requests of one kind, which hold up no other kind.

    at_work: how many run at a time; most: how many are in hand, with those that wait or whose body is still coming.
    """

    def __init__(self, at_work: int, most: int) -> None:
        self._threads = anyio.CapacityLimiter(at_work)
        self._most, self._in_hand = most, 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Have a request in hand. Raises `Problem` when there are as many as may be: before its body is read."""
        if self._in_hand >= self._most:
            raise Problem(503, "busy", "Many programs are asking just now.", 1)
        self._in_hand += 1
        try:
            yield
        finally:
            self._in_hand -= 1

    async def run(self, work: Callable[..., Result], *arguments: object) -> Result:
        """What `work` returns, in a thread; raises what it raises."""
        return await anyio.to_thread.run_sync(partial(work, *arguments), limiter=self._threads)
