"""Where something is in a picture."""

from typing import NamedTuple


class Box(NamedTuple):
    """Pixels, right and bottom excluded."""

    left: int
    top: int
    right: int
    bottom: int
