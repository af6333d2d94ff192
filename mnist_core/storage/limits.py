"""The refusal of too much: what one visitor, and all of them together, may ask for."""

from typing import Literal

LimitKind = Literal["visitor", "server", "password", "line", "sessions", "closed"]

_SENTENCES: dict[LimitKind, str] = {
    "visitor": "You have taught as many lessons as a minute allows.",
    "server": "Many people are teaching just now.",
    "password": "Too many wrong passwords.",
    "line": "The line of people waiting to teach is full.",
    "closed": "This server is about to stop.",
    "sessions": "This server has as many visitors as it can serve.",
}


class LimitReached(RuntimeError):
    """A limit said no. Nothing was changed; trying again after `retry_after_s` seconds may work."""

    def __init__(self, kind: LimitKind, retry_after_s: float) -> None:
        super().__init__(f"{_SENTENCES[kind]} Try again in {retry_after_s:.0f} seconds.")
        self.kind: LimitKind = kind
        self.retry_after_s = retry_after_s
