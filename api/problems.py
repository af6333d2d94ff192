"""What goes wrong, as `application/problem+json` (RFC 9457) with a sentence for whoever reads it."""

from __future__ import annotations

import math
from http import HTTPStatus

from starlette.responses import JSONResponse

from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.limits import LimitReached


class Problem(Exception):
    """Ends a request with this status. kind: a word for programs; sentence: one for people."""

    def __init__(self, status: int, kind: str, sentence: str, retry_after_s: float | None = None) -> None:
        super().__init__(sentence)
        self.status, self.kind, self.sentence, self.retry_after_s = status, kind, sentence, retry_after_s

    @classmethod
    def of_limit(cls, limit: LimitReached) -> Problem:
        """A limit that said no: too many requests, or a server that is full or about to stop."""
        busy = limit.kind in ("line", "closed")
        status = HTTPStatus.SERVICE_UNAVAILABLE if busy else HTTPStatus.TOO_MANY_REQUESTS
        return cls(status, f"limit_{limit.kind}", str(limit), limit.retry_after_s)

    @classmethod
    def of_store(cls, error: StoreUnavailable) -> Problem:
        """The store cannot do it now. What its driver said, with names and paths in it, stays here."""
        return cls(HTTPStatus.SERVICE_UNAVAILABLE, f"store_{error.kind}", error.sentence, 5)

    def response(self) -> JSONResponse:
        """The answer to send."""
        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "kind": self.kind,
            "detail": self.sentence,
        }
        headers = {} if self.retry_after_s is None else {"Retry-After": str(max(1, math.ceil(self.retry_after_s)))}
        return JSONResponse(body, self.status, headers, media_type="application/problem+json")
