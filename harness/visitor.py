"""A visitor without a browser: speaks Streamlit's protocol over a real WebSocket, cheaply enough to have fifty.

It keeps what the page's widgets are called, sends what a browser would send for a stroke or a click, and waits
for what a browser would show.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import numpy as np
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

PATIENCE_S = 60
EARLY_S = 0.15  # how long the browser waits for an early answer before it tells the page: PATIENCE in `canvas.js`


@dataclass(frozen=True)
class Widget:
    """id: Streamlit's name of the widget; fragment: of the part of the page that reruns when it changes, or ""."""

    id: str
    fragment: str


def answered(element: Element, number: int) -> bool:
    """The app shows what it read in drawing `number`."""
    component = element.bidi_component
    return component.id.endswith("-answer") and json.loads(component.json)["at"] == number


class Visitor:
    """One open page. Use `async with Visitor(url) as visitor`; with the `cookies` of another it is the same browser.

    room: the code of a room, or "mine", as the page's address names it; "" is everyone's.
    """

    def __init__(self, url: str, cookies: str = "", room: str = "") -> None:
        self.url, self.cookies, self.room = url, cookies, room
        self.widgets: dict[str, Widget] = {}  # by the key that the page gave them
        self.early = ""  # the name under which the page has a stroke read before it hears of it; "" where it has not
        self.unhurried = False  # whether the page, then, need not hear of it before something else is done
        self.heard = False  # whether it has heard of any since it was run
        self.untold: dict[str, Any] | None = None  # a stroke that it has not heard of
        self.row = ""  # which row of digits the page shows
        self.timers: dict[str, float] = {}  # seconds that those of the page run for, until they have
        self.received = 0  # bytes

    async def __aenter__(self) -> Visitor:
        self._http = httpx2.AsyncClient(base_url=self.url, timeout=PATIENCE_S, verify=False)  # it is http
        self._socket = await self._connect()
        await self._send(BackMsg())
        await self.until(lambda _: False)
        await self.look_again(lambda _: False)  # for a tray that came from the store after the page
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()
        await self._http.aclose()

    async def _connect(self) -> ClientConnection:
        request = urllib.request.Request(self.url, headers={"Accept": "text/html", "Cookie": self.cookies})
        answer = await asyncio.to_thread(urllib.request.urlopen, request, timeout=PATIENCE_S)
        given = [cookie.split(";")[0] for cookie in answer.headers.get_all("Set-Cookie") or ()]
        self.cookies = "; ".join(filter(None, [self.cookies, *given]))
        answer.close()
        return await connect(
            self.url.replace("http", "ws", 1) + "/_stcore/stream",
            additional_headers={"Cookie": self.cookies, "Origin": self.url},
            max_size=None,
            open_timeout=PATIENCE_S,
        )

    async def _send(self, message: BackMsg, *, fragment: str = "") -> None:
        message.rerun_script.fragment_id = fragment
        message.rerun_script.query_string = f"room={self.room}" if self.room else ""
        message.rerun_script.context_info.locale = "en"
        await self._socket.send(message.SerializeToString())

    async def until(self, shown: Callable[[Element], bool]) -> float | None:
        """Read what the server sends until it has run to its end; return the time at which `shown` was first true."""
        seen = None
        while True:
            data = await asyncio.wait_for(self._socket.recv(), PATIENCE_S)
            self.received += len(data)
            message = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
            kind = message.WhichOneof("type")
            if kind == "delta":
                element = message.delta.new_element
                for part in (element, message.delta.add_block):  # blocks, too, may be widgets: tabs
                    if widget := getattr(getattr(part, part.WhichOneof("type") or "", None), "id", None):
                        self.widgets[str(widget).split("-", 2)[-1]] = Widget(str(widget), message.delta.fragment_id)
                if (key := element.bidi_component.id.split("-", 2)[-1]).endswith("timer"):
                    self.timers[key] = json.loads(element.bidi_component.json)["wait"] / 1000
                elif key == "digits":
                    self.row = json.loads(element.bidi_component.json)["row"]
                elif key == "canvas":
                    sheet = json.loads(element.bidi_component.json)
                    self.early, self.unhurried = sheet.get("early", ""), sheet.get("unhurried", False)
                if seen is None and shown(element):
                    seen = time.perf_counter()
            elif kind == "session_event" and message.session_event.HasField("script_compilation_exception"):
                raise RuntimeError(str(message.session_event))
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return seen

    async def change(self, key: str, shown: Callable[[Element], bool] = lambda _: False, **value: object) -> float:
        """Change the widget `key`, `value` being a field of its WidgetState; return the seconds until `shown`."""
        await self.tell()
        widget = self.widgets[key]
        message = BackMsg()
        message.rerun_script.widget_states.widgets.append(WidgetState(**{"id": widget.id, **value}))  # type: ignore[arg-type]
        return await self._timed(message, widget.fragment, shown)

    async def choose(self, digit: int, row: str = "") -> None:
        """Tap a digit in the row of digits, or in one that the page showed before."""
        await self.tell()
        message, fragment = self._event("digits", "chosen", {"row": row or self.row, "digit": digit})
        await self._timed(message, fragment, lambda _: False)

    async def draw(self, canvas: np.ndarray, shown: Callable[[Element, int], bool]) -> float:
        """Finish a stroke: send the RGBA `canvas`, as the sheet does; return the seconds until the answer.

        That is the early one, or else the page's, which comes when `shown(element, number of the drawing)`.
        """
        number = time.time_ns() // 1_000_000
        file = io.BytesIO()
        Image.fromarray(canvas).save(file, "PNG")
        self.untold = {"at": number, "image": "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()}
        began = time.perf_counter()
        early = await self.read_early(self.untold) if self.early else None
        answered_early = time.perf_counter()
        if early and self.unhurried and self.heard and answered_early - began < EARLY_S:
            return answered_early - began
        seen = await self.tell(lambda element: shown(element, number))
        return (answered_early if early else seen) - began

    async def tell(self, shown: Callable[[Element], bool] | None = None) -> float:
        """Tell the page of a stroke that it has not heard of; return when `shown`, or its answer, was there.

        The browser does so before whatever else is done.
        """
        stroke, self.untold = self.untold, None
        if stroke is None:
            return time.perf_counter()
        self.heard = True
        message, fragment = self._event("canvas", "drawn", stroke)
        await self._send(message, fragment=fragment)
        while (seen := await self.until(shown or (lambda element: answered(element, stroke["at"])))) is None:
            pass  # an earlier run has ended; ours comes
        return seen

    async def read_early(self, stroke: dict[str, Any]) -> dict[str, Any] | None:
        """The early answer to a stroke, as the page paints it; None where there is none."""
        response = await self._http.post(f"strokes/{self.early}", json=stroke, headers={"Cookie": self.cookies})
        if response.status_code == 404:
            self.early = ""
        self.received += len(response.content)
        return response.json() if response.status_code == 200 else None

    async def look_again(self, shown: Callable[[Element], bool]) -> bool:
        """Let the timers of the page run out once; return whether `shown` came true."""
        seen, running, self.timers = False, self.timers, {}
        for key, wait_s in running.items():
            await asyncio.sleep(wait_s)
            message, fragment = self._event(key, "time", wait_s)
            await self._send(message, fragment=fragment)
            seen |= await self.until(shown) is not None
        return seen

    def _event(self, key: str, name: str, value: object) -> tuple[BackMsg, str]:
        """What the component `key` sends when `name` happens, and the fragment that it is in."""
        widget, message = self.widgets[key], BackMsg()
        event = json.dumps([{"event": name, "value": value}])
        message.rerun_script.widget_states.widgets.extend(
            [
                WidgetState(id=widget.id, json_value="{}"),
                WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{widget.id}__events", json_trigger_value=event),
            ]
        )
        return message, widget.fragment

    async def _timed(self, message: BackMsg, fragment: str, shown: Callable[[Element], bool]) -> float:
        """Send, and return the seconds until `shown`, or until the page has run without showing it."""
        began = time.perf_counter()
        await self._send(message, fragment=fragment)
        return (await self.until(shown) or time.perf_counter()) - began
