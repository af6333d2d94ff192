"""A photograph with what was found in it: a component of our own.

A tap picks; a drag, or a frame that keys move, cuts out a part.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ui.language import t
from ui.widgets.component import component

_photo = component("photo", "tool")


@dataclass(frozen=True)
class Spot:
    """A digit or a line in the photograph, in percent of its sides."""

    kind: Literal["digit", "line"]
    place: int  # of the digit in the answer, or of the line, from 0 on
    left: float
    top: float
    width: float
    height: float
    text: str  # shown at it
    name: str  # for a screen reader
    colour: str
    pressed: bool
    low: bool  # whether the text stands under it
    doubted: bool = False
    done: bool = False  # in the tray already


def photo(
    *,
    at: float,
    size: tuple[int, int],
    picture: str,
    left_out: str | None,
    spots: Sequence[Spot],
    cut: bool,
    on_change: Callable[[], None],
) -> None:
    """Mount the photograph under the key "found".

    at: its number. size: (width, height) in any unit. picture, left_out: data URLs; the second lies over the first.
    spots: what can be picked. cut: whether it is a part, from which there is a way back. on_change: called when
    `st.session_state.found` holds one of `picked` {at, kind, place}, `cropped` {at, left, top, right, bottom}, which
    are shares of the sides, `whole` {at} and `cleared` {at}.
    """
    width, height = size
    data: dict[str, Any] = {"at": at, "aspect": width / height, "picture": picture, "left_out": left_out, "cut": cut}
    data["spots"] = [asdict(spot) for spot in spots]
    data["labels"] = {name: t(f"photo.{name}") for name in ("photo", "hint", "keys", "cut", "whole", "clear")}
    _photo(
        key="found",
        data=data,
        on_picked_change=on_change,
        on_cropped_change=on_change,
        on_whole_change=on_change,
        on_cleared_change=on_change,
    )
