"""Browsers are recognised by a random id, and known to the store by what is computed from it."""

import hashlib
import re
import secrets

COOKIE = "mnist_browser"  # holds the id
_BROWSER_ID = re.compile(r"[0-9a-f]{32,64}")


def new_browser_id() -> str:
    """128 random bits, as 32 hexadecimal digits. Kept by the browser only, never in an address."""
    return secrets.token_hex(16)


def is_browser_id(text: object) -> bool:
    """Whether `text` (from a browser, so anything at all) could be an id that `new_browser_id` made."""
    return isinstance(text, str) and _BROWSER_ID.fullmatch(text) is not None


def tray_key(browser: str) -> str:
    """What the store knows a browser by. Who reads the store cannot open anybody's tray with it.

    Raises:
        ValueError: `browser` is no browser id.
    """
    return _digest("tray", browser)


def room_key(browser: str) -> str:
    """What the store knows the owner of a room by.

    Raises:
        ValueError: `browser` is no browser id.
    """
    return _digest("room", browser)


def host_key(browser: str) -> str:
    """What the store knows a browser by that gave the host's password.

    Raises:
        ValueError: `browser` is no browser id.
    """
    return _digest("host", browser)


def teacher_number(browser: str) -> str:
    """The anonymous number that the history shows for the lessons of this browser, 12 digits.

    Raises:
        ValueError: `browser` is no browser id.
    """
    return f"{int(_digest('teacher', browser)[:10], 16) % 10**12:012d}"


def _digest(purpose: str, browser: str) -> str:
    if not is_browser_id(browser):
        raise ValueError("a browser id is 32 to 64 hexadecimal digits")
    return hashlib.sha256(f"{purpose}:{browser}".encode()).hexdigest()
