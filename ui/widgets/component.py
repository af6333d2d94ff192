"""A component of our own, from its files in `frontend/`."""

from pathlib import Path
from typing import Any

import streamlit as st

_FRONTEND = Path(__file__).parent / "frontend"


def component(name: str, *shared_styles: str) -> Any:
    """The component `name`.html, .css and .js; shared_styles: names of style sheets that go before its own."""
    html, js = ((_FRONTEND / f"{name}.{kind}").read_text() for kind in ("html", "js"))
    css = "".join((_FRONTEND / f"{style}.css").read_text() for style in (*shared_styles, name))
    return st.components.v2.component(f"digit_{name}", html=html, css=css, js=js)
