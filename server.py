"""The app as a host runs it: `streamlit run server.py`.

`app.py` is the whole app. This adds what a page cannot do: a readiness check at `/readyz`, the door for programs
under `/api`, a cookie that recognises the browser after a reload, logs as JSON lines, and a model that loads before
the first visitor comes.
"""

from __future__ import annotations

import gc
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request, cookie_parser
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.server_util import get_url

from mnist_core import logs
from mnist_core.storage import browsers
from ui.network import address_in_network

if TYPE_CHECKING:
    from api.routes import Door
    from mnist_core.serving.shared_model import SharedModel

YEAR_S = 365 * 24 * 3600


class BrowserCookie:
    """Gives each browser a random name (128 bits or more) that scripts cannot read and no URL shows.

    It is given again each time, for another year: what a browser owns is found by it alone.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._opens_page(headers := Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        https = "https" in (scope["scheme"], headers.get("x-forwarded-proto"))
        name = cookie_parser(headers.get("cookie", "")).get(browsers.COOKIE, "")
        name = name if browsers.is_browser_id(name) else browsers.new_browser_id()
        cookie = f"{browsers.COOKIE}={name}; Path=/; Max-Age={YEAR_S}; HttpOnly; SameSite=Lax"

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", cookie + ("; Secure" if https else ""))
            await send(message)

        await self.app(scope, receive, send_named)

    @staticmethod
    def _opens_page(headers: Headers) -> bool:
        """Its pictures and scripts come at once, and would each bring a name."""
        return "text/html" in headers.get("accept", "")


def shared_model() -> SharedModel:
    """The process's model. Imported late: pages are served before it and the database's library are there."""
    from mnist_core.serving.shared_model import shared

    return shared()


async def readyz(request: Request) -> JSONResponse:
    """200 when the model is loaded and the store answers, else 503; the body says which."""
    state = await anyio.to_thread.run_sync(lambda: shared_model().readiness())
    return JSONResponse(state, 200 if all(state.values()) else 503)


@cache
def early_answers() -> ModuleType:
    """What answers strokes. Imported late, with the pages."""
    from ui.sheet import early

    return early


@cache
def reading_early() -> anyio.CapacityLimiter:
    """How many strokes are read at a time, so that a flood of them leaves other threads alone."""
    return anyio.CapacityLimiter(4)


async def strokes(request: Request) -> Response:
    """An early answer to a stroke, or 204 where only the page can answer: see `ui/sheet/early.py`."""
    from api.bodies import read_body
    from api.problems import Problem

    early, page = await anyio.to_thread.run_sync(early_answers), request.path_params["page"]
    try:
        if not early.is_open(page):
            raise Problem(404, "no_page", "No page of this name is open here.")
        sent = await read_body(request, early.LARGEST)
        answer = await anyio.to_thread.run_sync(early.early_answer, page, sent, limiter=reading_early())
    except Problem as problem:
        return problem.response()
    except ClientDisconnect:
        return Response(status_code=400)  # which nobody hears
    except early.NotAStroke:
        return Problem(422, "no_stroke", "The body is not a stroke.").response()
    return JSONResponse(answer) if answer else Response(status_code=204)


@cache
def door() -> Door:
    """What answers programs. Imported late: when the first one asks."""
    from api.routes import Door

    return Door(shared_model())


class Programs:
    """The door for programs at its addresses, whatever the method is: see the package `api`."""

    def __init__(self, door: Callable[[], Door]) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        opened = await anyio.to_thread.run_sync(self._door)
        response = await opened.answer(Request(scope, receive, send))
        await response(scope, receive, send)


def begin() -> None:
    """Make the model, and show on a terminal how others come, and the owner's link unless there is another way.

    Whoever reads the terminal is the owner. Not so who reads a log, and a log keeps what it is told.
    """
    ownership, settings = shared_model().ownership, shared_model().settings
    if not sys.stdout.isatty():
        return
    address = st.get_option("server.address") or "0.0.0.0"
    everywhere = address in ("0.0.0.0", "::")
    if everywhere and (here := address_in_network()):
        show_invitation(get_url(here))
    if not (settings.owner_password or settings.owner_emails):
        page = get_url("localhost" if everywhere else address) + "/learned"
        ownership.offer_key(lambda key: print(f"  Owner's link, for one browser: {page}?owner={key}\n", flush=True))


def show_invitation(url: str) -> None:
    """Print the address and a QR picture of it, for phones and tablets in the same network."""
    import segno

    print(f"\n  Others in this network: {url}\n", flush=True)
    segno.make(url).terminal(compact=True)


def send_at_once() -> None:
    """Let what is sent in parts go without waiting until the part before was acknowledged, 40 ms on a quiet connection.

    asyncio sees to that (TCP_NODELAY), but not where it is given a socket without its protocol's number, as Streamlit
    gives it one. What is set for a socket that listens holds for the connections that it accepts.
    """
    for number in range(256):
        with suppress(OSError):  # nothing has this number, or no socket
            listening = socket.socket(fileno=number)
            try:
                if listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            finally:
                listening.detach()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    logs.to_stream()
    send_at_once()
    gc.disable()  # it looks through all that is being imported, for a fifth of that time; `load_to_stay` turns it on
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.to_thread.run_sync, begin)
        yield
    await anyio.to_thread.run_sync(shared_model().close)


routes = [
    Route("/strokes/{page}", strokes, methods=["POST"]),
    Route("/readyz", readyz),
    Route("/api", Programs(door)),
    Route("/api/{rest:path}", Programs(door)),
]
app = st.App("app.py", routes=routes, lifespan=lifespan, middleware=[Middleware(BrowserCookie)])
