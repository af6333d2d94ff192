"""Which language the page speaks: the browser's, until the visitor chooses the other one."""

import re

import streamlit as st

from ui.texts import LANGUAGES, TEXTS

_CODES = {name: code for code, name in LANGUAGES.items()}  # as the address names them


def browser_language() -> str:
    """Spanish for a browser that asks for any Spanish, English for every other."""
    return "es" if (st.context.locale or "").lower().startswith("es") else "en"


def language() -> str:
    """The page's language, "en" or "es"."""
    chosen = st.session_state.get("language") or _CODES.get(st.query_params.get("language", ""))
    return chosen if chosen in LANGUAGES else browser_language()


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
