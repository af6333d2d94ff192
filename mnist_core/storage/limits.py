"""The refusal of too much: what one visitor, and all of them together, may ask for."""

from typing import Literal

LimitKind = Literal[
    "visitor",
    "server",
    "password",
    "key",
    "code",
    "line",
    "sessions",
    "opening",
    "rooms",
    "own_rooms",
    "closed",
    "imports",
]

_SENTENCES: dict[LimitKind, str] = {
    "visitor": "You have taught as many lessons as a minute allows.",
    "server": "Many people are teaching just now.",
    "password": "Too many wrong passwords.",
    "key": "Too many wrong keys.",
    "code": "Too many wrong codes.",
    "opening": "As many rooms as a minute allows have been opened.",
    "line": "The line of people waiting to teach is full.",
    "closed": "This server is about to stop.",
    "imports": "This server is teaching as many lessons of files as it can hold.",
    "sessions": "This server has as many visitors as it can serve.",
    "rooms": "There are as many rooms as this server keeps.",
    "own_rooms": "This browser owns as many rooms as it may.",
}


class LimitReached(RuntimeError):
    """A limit said no. Nothing was changed; trying again after `retry_after_s` seconds may work, where there is one."""

    def __init__(self, kind: LimitKind, retry_after_s: float = 0) -> None:
        again = f" Try again in {retry_after_s:.0f} seconds." if retry_after_s else ""
        super().__init__(_SENTENCES[kind] + again)
        self.kind: LimitKind = kind
        self.retry_after_s = retry_after_s
