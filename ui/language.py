"""Which language the page speaks: the browser's, until the visitor chooses the other one."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

from ui.texts import LANGUAGES, TEXTS

_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)
_CODES = {name: code for code, name in LANGUAGES.items()}  # as the address names them


def browser_language() -> str:
    """Spanish for a browser that asks for any Spanish, English for every other."""
    return "es" if (st.context.locale or "").lower().startswith("es") else "en"


def language() -> str:
    """The page's language, "en" or "es"."""
    if spoken := _spoken.get():
        return spoken
    chosen = st.session_state.get("language") or _CODES.get(st.query_params.get("language", ""))
    return chosen if chosen in LANGUAGES else browser_language()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak "en" or "es" where no page is being run."""
    before = _spoken.set(code)
    try:
        yield
    finally:
        _spoken.reset(before)


def t(key: str, **values: object) -> str:
    """The text of `key` in the page's language, with its {places} filled in."""
    return TEXTS[key][language()].format(**values)


def plain(text: str) -> str:
    """What a visitor wrote, so that the page shows it as it is: no Markdown, no links, no icons."""
    return re.sub(r"([!-/:-@[-`{-~])", r"\\\1", text)  # ASCII only: a backslash before any other is shown


def number(value: float, places: int = 0) -> str:
    """A number as the page's language writes it: 1,234.5 or 1.234,5."""
    text = f"{value:,.{places}f}"
    return text.translate(str.maketrans(",.", ".,")) if language() == "es" else text


def percent(share: float, places: int = 0) -> str:
    """A share of 0-1 as a percentage, e.g. "99.5 %", which no line break parts."""
    return f"{number(share * 100, places)}\N{NO-BREAK SPACE}%"
