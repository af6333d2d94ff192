"""Codes that open a room: short, to be read aloud and typed, and too many to be guessed."""

import secrets
import unicodedata

ALPHABET = "ACEFHJKMPRTXY3479"
"""Without what looks like another (0 O Q D, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V W) or sounds like it (M N)."""

LENGTH = 10
"""17 ** 10 is two million million codes. It is that which protects a room, as no count of tries stops who changes
cookies and addresses: a hundred guesses a second find the first of 1,000 rooms after eight months, of 10,000 after 23
days. What is found is a room to read in and to teach, not to own: its key has 96 bits."""


def new_code() -> str:
    """Ten letters and digits, at random."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normal_code(text: str) -> str:
    """The code that somebody meant: in plain capitals, without spaces and hyphens."""
    plain = unicodedata.normalize("NFKC", text[: 10 * LENGTH]).upper()
    return "".join(letter for letter in plain if letter.isalnum())[: 2 * LENGTH]


def spaced(code: str) -> str:
    """A code as people read it: ACEF3-479TX."""
    return "-".join(code[start : start + 5] for start in range(0, len(code), 5))
