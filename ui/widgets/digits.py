"""The ten digits in a row, of which one is tapped.

A component of our own: at each stroke the browser goes through all that Streamlit has on the page, and ten pills were
a third of that.
"""

from collections.abc import Callable

from ui.widgets.component import component

_digits = component("digits")


def digits(
    label: str,
    *,
    row: str,
    chosen: int | None,
    early: tuple[str, str] | None,
    heard: float,
    page: str,
    on_chosen: Callable[[], None],
) -> None:
    """Mount the row under the key "digits".

    label: what is asked. row: names what the question is about, and comes back with the answer. chosen: the digit that
    is marked. early: row and label from an early answer on, until the page has heard of it; heard: the number of the
    last drawing that it has heard of; page: names it. on_chosen: called when `st.session_state.digits.chosen` holds
    {row, digit, pressed}: a tap on the marked digit is the digit None; pressed: when, in milliseconds since 1970.
    """
    _digits(
        key="digits",
        data={"label": label, "row": row, "chosen": chosen, "early": early, "heard": heard, "page": page},
        on_chosen_change=on_chosen,
    )
