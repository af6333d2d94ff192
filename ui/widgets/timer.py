"""A part of the page that looks again after a while, for as long as it shows a timer.

Streamlit's own way, `st.fragment(run_every=...)`, can be begun and ended only by a run of the whole page.
"""

import time
from collections.abc import Callable

from ui.widgets.component import component

_timer = component("timer")


def call_after(seconds: float, on_time: Callable[[], None], *, key: str) -> None:
    """Have the browser call `on_time`, a callback like that of a button, in so many seconds from now."""
    _timer(key=key, data={"wait": round(1000 * seconds), "begun": time.monotonic()}, on_time_change=on_time)
