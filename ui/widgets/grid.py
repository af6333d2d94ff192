"""Labelled drawings in ten rows of a digit, each a button that leaves it out or takes it in again."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ui.palette import DIGIT_COLOURS
from ui.widgets.component import component
from ui.widgets.pictures import data_url

_grid = component("grid", "prepared")


class Cell(NamedTuple):
    """One drawing."""

    row: int  # 0-9, its digit
    column: int  # from 0 on
    place: int  # what is told when it is tapped
    image: np.ndarray  # uint8 (28, 28)
    name: str  # for a screen reader
    kept: bool
    marked: bool  # whether to look at it


def grid(label: str, hint: str, cells: Sequence[Cell], *, on_toggled: Callable[[], None]) -> None:
    """Mount the grid under the key "grid"; `st.session_state.grid.toggled` is the place of the drawing just tapped."""
    drawings = [cell._asdict() | {"image": data_url(cell.image)} for cell in cells]
    _grid(
        key="grid",
        data={"label": label, "hint": hint, "colours": DIGIT_COLOURS, "drawings": drawings},
        on_toggled_change=on_toggled,
    )
