"""What only the owner of the app may do to everybody's model, and what proves that one is the owner."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mnist_core.logs import event
from mnist_core.serving.active_model import ActiveModel
from mnist_core.serving.commit import Click, teach_and_keep
from mnist_core.serving.importing import Import
from mnist_core.serving.settings import Settings
from mnist_core.serving.turns import Turns
from mnist_core.storage.records import Version

OWNER = "owner"  # who did it, in the history


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


class Owner:
    """May change what everybody taught. Given out by `SharedModel.owner`, against a proof.

    Every method raises `StoreUnavailable` while the store is away.
    """

    def __init__(self, active: ActiveModel, turns: Turns) -> None:
        self._active, self._turns = active, turns
        self._import: Import | None = None
        self._starting = threading.Lock()

    def withdraw(self, lesson_id: int) -> Version:
        """Make the model without this lesson the active one. Raises LookupError when it is not taught now."""
        return self._active.change(
            "lesson_withdrawn", lambda store, version: store.withdraw(lesson_id, expected=version.id, by=OWNER)
        )

    def activate(self, version_id: int) -> Version:
        """Go back to an earlier version; 0 is: nothing taught. Raises LookupError when there is none such."""
        base_id = self._active.wait().classifier.base_id
        return self._active.change(
            "version_activated", lambda store, _: store.activate(version_id, base_id=base_id, by=OWNER)
        )

    def empty(self) -> Version:
        """Remove everything that was taught, the history and all trays."""
        return self._active.change("store_emptied", lambda store, _: store.empty(by=OWNER))

    @property
    def importing(self) -> Import | None:
        """The import under way in this process."""
        return self._import if self._import and not self._import.done else None

    def start_import(self, lessons: Sequence[tuple[NDArray[np.uint8], NDArray[np.int64]]]) -> Import:
        """Begin to teach the lessons of a file, as `import_lesson` does. While another import runs, that one."""
        with self._starting:
            running = self.importing
            if running is None:
                running = self._import = Import(self.import_lesson, lessons)
            return running

    def import_lesson(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        place: int,
        progress: Callable[[float], None] | None = None,
    ) -> bool:
        """Teach everybody's model one lesson of a file; whether it is in the model then.

        One that the model has from this place of such a file is not taught twice: an import that was broken off can
        simply be begun again.

        Args:
            images: uint8 (n, 28, 28), 0 and 255.
            labels: (n,), 0-9.
            place: of the lesson in its file.
            progress: as for `Classifier.teach`.

        Raises:
            LimitReached: too long a line, or the server stops.
            ValueError: see `Classifier.teach`.
        """
        self._active.wait()
        store = self._active.store()
        for time in itertools.count():  # one that was withdrawn since is taught again, under another token
            token = _import_token(images, labels, place, time)
            kept = store.taught_as(token)
            if kept is None:
                break
            if kept[0].id in self._active.refresh().version.lesson_ids:
                return True
        with self._turns.turn():
            click = Click(OWNER, token, None, "import")
            return teach_and_keep(self._active, images, labels.tolist(), progress, click).accepted


def _import_token(images: NDArray[np.uint8], labels: NDArray[np.int64], place: int, time: int) -> str:
    digest = hashlib.sha256(f"{OWNER}:{place}:{time}:{len(images)}:".encode())
    digest.update(images.tobytes())
    digest.update(labels.astype(np.uint8).tobytes())
    return digest.hexdigest()
