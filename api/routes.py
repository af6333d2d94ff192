"""The addresses of the door, and who may ask there."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from api import actions
from api.bodies import JSON, JSON_BYTES, PICTURE_TYPES, content_type, read_body
from api.problems import Problem
from api.workers import Workers
from mnist_core.files.images import LARGEST_IMAGE
from mnist_core.logs import event
from mnist_core.recognition.model_files import MODEL_FORMS
from mnist_core.serving.settings import Settings
from mnist_core.serving.shared_model import SharedModel

Endpoint = Callable[[Request], Awaitable[Response]]


class Door:
    """Answers requests under /api/ about the process's models, each in threads of its own."""

    def __init__(self, shared: SharedModel) -> None:
        self._shared = shared
        self._reading = Workers(at_work=2, most=16)
        self._teaching = Workers(at_work=4, most=16)  # most of the time they wait for their turn
        self._packing = Workers(at_work=1, most=4)
        self._endpoints: dict[str, tuple[str, Endpoint]] = {
            "openapi.json": ("GET", self.openapi),
            "model": ("GET", self.model),
            "predict": ("POST", self.predict),
            "lessons": ("POST", self.lessons),
        }

    async def answer(self, request: Request) -> Response:
        """The answer to a request for /api or /api/{rest}, whatever it is."""
        origin = request.headers.get("origin")
        allowed = origin in self._settings.api_origins
        try:
            response = await self._answer(request, origin, allowed)
        except Problem as problem:
            response = problem.response()
        except ClientDisconnect:
            response = Response(status_code=400)  # which nobody hears
        except Exception as error:  # the edge: a program gets an answer, and the log says what was wrong
            event("api_failed", level=logging.ERROR, traceback_of=error)
            response = Problem(500, "failed", "Something is wrong with this server.").response()
        response.headers["Vary"] = "Origin"
        if origin and allowed:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        return response

    async def openapi(self, request: Request) -> Response:
        """The description of the door, as OpenAPI 3.1."""
        from api.openapi import document

        return JSONResponse(document(self._settings))

    async def model(self, request: Request) -> Response:
        """What the model is; with `form`, the model itself."""
        asked, form = (
            (self._shared, request.query_params.get("room"), _caller(request)),
            request.query_params.get("form"),
        )
        if form is None:
            with self._reading.place():
                return JSONResponse(await self._reading.run(actions.about, *asked))
        if form not in MODEL_FORMS:
            raise Problem(422, "no_form", f'"form" must be one of {", ".join(MODEL_FORMS)}.')
        with self._packing.place():
            file = await self._packing.run(actions.model_file, *asked, form)
        name = {"Content-Disposition": f'attachment; filename="taught_digits.{form}"'}
        return Response(file, media_type="application/octet-stream", headers=name)

    async def predict(self, request: Request) -> Response:
        """One digit, or with `lines=true` all of them."""
        kind, lines = content_type(request), request.query_params.get("lines", "false")
        if kind != JSON and kind not in PICTURE_TYPES:
            raise Problem(415, "no_picture", f"The body must be {JSON} or one of {', '.join(PICTURE_TYPES)}.")
        if lines not in ("true", "false"):
            raise Problem(422, "no_lines", '"lines" must be true or false.')
        most = JSON_BYTES if kind == JSON else min(LARGEST_IMAGE, self._settings.upload_bytes)
        code, who = request.query_params.get("room"), _caller(request)
        with self._reading.place():
            body = await read_body(request, most)
            return JSONResponse(
                await self._reading.run(actions.predict, self._shared, code, who, kind, body, lines == "true")
            )

    async def lessons(self, request: Request) -> Response:
        """Teach the room whose code is given."""
        if content_type(request) != JSON:  # which no page of another address can send without having asked first
            raise Problem(415, "not_json", f"The body must be {JSON}.")
        with self._teaching.place():
            body = await read_body(request, JSON_BYTES)
            return JSONResponse(await self._teaching.run(actions.teach, self._shared, _caller(request), body))

    @property
    def _settings(self) -> Settings:
        return self._shared.settings

    async def _answer(self, request: Request, origin: str | None, allowed: bool) -> Response:
        method, endpoint = self._endpoint(request.path_params.get("rest", ""))
        host = request.headers.get("host", "")
        if origin and not allowed and origin not in (f"http://{host}", f"https://{host}"):
            raise Problem(403, "origin", "Pages of this address may not ask here; see API_ORIGINS.")
        methods = ("GET", "HEAD") if method == "GET" else (method,)
        if request.method == "OPTIONS":
            preflight = {"Access-Control-Allow-Methods": method, "Access-Control-Allow-Headers": "content-type"}
            headers = {"Allow": ", ".join((*methods, "OPTIONS")), **(preflight if origin and allowed else {})}
            return Response(status_code=204, headers=headers)
        if request.method not in methods:
            response = Problem(405, "method", f"This address takes {method}.").response()
            response.headers["Allow"] = ", ".join((*methods, "OPTIONS"))
            return response
        return await endpoint(request)

    def _endpoint(self, rest: str) -> tuple[str, Endpoint]:
        if self._settings.api == "off" or rest not in self._endpoints:
            raise Problem(404, "no_address", "There is nothing at this address.")
        if rest == "lessons" and self._settings.api != "teach":
            raise Problem(403, "not_allowed", "The host of this server lets programs read only.")
        return self._endpoints[rest]


def _caller(request: Request) -> str:
    return actions.caller(request.client.host if request.client else "")
