"""Which drawings of a browser are in its tray already, for a page that is loaded again before it has heard so."""

import threading
from collections import OrderedDict, deque

BROWSERS, EACH = 1000, 8  # how many are remembered: the newest


class UsedDrawings:
    """The numbers that a browser gives its drawings, of the last few that each browser has put into its tray."""

    def __init__(self) -> None:
        self._numbers: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, browser: str, number: float) -> None:
        """This drawing is in the tray that is kept for the browser."""
        with self._lock:
            self._numbers.setdefault(browser, deque(maxlen=EACH)).append(number)
            self._numbers.move_to_end(browser)
            if len(self._numbers) > BROWSERS:
                self._numbers.popitem(last=False)

    def forget(self, browser: str) -> None:
        """Keep nothing of this browser."""
        with self._lock:
            self._numbers.pop(browser, None)

    def has(self, browser: str, number: float) -> bool:
        """Whether this drawing was noted, and not too long ago."""
        with self._lock:
            return number in self._numbers.get(browser, ())
