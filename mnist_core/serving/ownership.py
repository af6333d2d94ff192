"""Whom a process takes for its host, and what proves it."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mnist_core.logs import event
from mnist_core.serving.settings import Settings


class NotOwner(RuntimeError):
    """What was shown does not prove that this is the owner."""


@dataclass(frozen=True)
class Secret:
    """The owner's password or key, as a browser gave it."""

    text: str = field(repr=False)
    browser: str


@dataclass(frozen=True)
class KnownBrowser:
    """The id of a browser that gave the right secret to this process, and has not signed out."""

    browser: str


@dataclass(frozen=True)
class SignedIn:
    """The claims about who signed in by OpenID Connect, whose signature has been checked."""

    claims: Mapping[str, object]


Proof = Secret | KnownBrowser | SignedIn


class Ownership:
    """Whom this process takes for its owner. What was proven holds as long as the process lives."""

    def __init__(self, settings: Settings) -> None:
        self._password, self._emails = settings.owner_password, settings.owner_emails
        self._browsers: set[str] = set()
        self._lock = threading.Lock()
        self._key: str | None = None
        self._show: Callable[[str], None] | None = None

    @property
    def takes_secrets(self) -> bool:
        """Whether there is a password or a key to be given."""
        return self._password is not None or self._key is not None

    def offer_key(self, show: Callable[[str], None]) -> None:
        """Hand `show` a key that makes the browser which gives it the owner; once, and then the next key.

        So an address with a key in it, in a history or a proxy's log, is of no use to anybody any more.
        """
        with self._lock:
            self._key, self._show = secrets.token_urlsafe(18), show
            show(self._key)

    def proven(self, proof: Proof) -> bool:
        """Whether this is the owner. Tries of a `Secret` must be limited by whoever asks."""
        if isinstance(proof, SignedIn):
            return self._signed_in(proof.claims)
        with self._lock:
            if isinstance(proof, KnownBrowser):
                return proof.browser in self._browsers
            right = _same(proof.text, self._password)
            if self._show and _same(proof.text, self._key):
                right, self._key = True, secrets.token_urlsafe(18)
                self._show(self._key)
            if right:
                self._browsers.add(proof.browser)
        event("owner_secret", right=right)
        return right

    def _signed_in(self, claims: Mapping[str, object]) -> bool:
        """An address that the provider does not say it has checked could be anybody's."""
        verified = bool(claims.get("is_logged_in")) and claims.get("email_verified") is True
        return verified and str(claims.get("email", "")).lower() in self._emails

    def sign_out(self, browser: str) -> None:
        """Take this browser for nobody in particular again."""
        with self._lock:
            self._browsers.discard(browser)


def _same(given: str, secret: str | None) -> bool:
    """Whether they are the same, in a time that tells nothing about the secret. Never when there is none."""
    return bool(secret) and hmac.compare_digest(
        given.encode(errors="surrogatepass"), str(secret).encode(errors="surrogatepass")
    )
