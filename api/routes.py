"""The addresses of the door, and who may ask there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.bodies import JSON_BYTES, PICTURES, Sent, content_type, drawing_of, lesson_of, parse_object, read_body
from api.problems import Problem
from mnist_core.serving.settings import Settings
from mnist_core.serving.shared_model import SharedModel

Result = TypeVar("Result")
Endpoint = Callable[[Request], Awaitable[Response]]
AT_A_TIME = 4  # requests at work; a stroke on a page must find a thread too
_FILES = {"keras": "application/octet-stream"}


class Door:
    """Answers requests under /api/. shared: gives the process's models."""

    def __init__(self, shared: Callable[[], SharedModel]) -> None:
        self._shared = shared
        self._threads: anyio.CapacityLimiter | None = None
        self._endpoints: dict[str, tuple[str, Endpoint]] = {
            "/api/openapi.json": ("GET", self.openapi),
            "/api/model": ("GET", self.model),
            "/api/predict": ("POST", self.predict),
            "/api/lessons": ("POST", self.lessons),
        }

    async def answer(self, request: Request) -> Response:
        """The answer to a request, whatever it is."""
        settings = self._settings
        origin = request.headers.get("origin", "")
        allowed = origin in settings.api_origins
        try:
            method, endpoint = self._endpoint(request.url.path)
            if origin and not allowed and urlsplit(origin).netloc != request.headers.get("host"):
                raise Problem(403, "origin", "Pages of this address may not ask here; see API_ORIGINS.")
            if request.method == "OPTIONS":
                response = Response(status_code=204)
            elif request.method != method:
                raise Problem(405, "method", f"This address takes {method}.")
            else:
                response = await endpoint(request)
        except Problem as problem:
            response = problem.response()
        if origin and allowed:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Allow-Headers"] = "content-type"
        response.headers["Vary"] = "Origin"
        return response

    @property
    def _settings(self) -> Settings:
        return self._shared().settings

    def _endpoint(self, path: str) -> tuple[str, Endpoint]:
        """What answers at this address, if the host lets it. Raises `Problem`."""
        api = self._settings.api
        if api == "off" or path not in self._endpoints:
            raise Problem(404, "no_address", "There is nothing at this address.")
        if path == "/api/lessons" and api != "teach":
            raise Problem(403, "not_allowed", "The host of this server lets programs read only.")
        return self._endpoints[path]

    async def openapi(self, request: Request) -> Response:
        """The description of the door, as OpenAPI 3.1."""
        from api.openapi import document

        return JSONResponse(document(self._settings, str(request.base_url).rstrip("/")))

    async def model(self, request: Request) -> Response:
        """What the model is; with `form=keras`, the model itself."""
        from api import actions

        form = request.query_params.get("form")
        if form is not None and form not in _FILES:
            raise Problem(404, "no_form", f"The model is had as {', '.join(_FILES)}.")
        room = await self._room(request)
        classifier = await self._worked(actions.classifier_of, room)
        if form is None:
            return JSONResponse(await self._worked(actions.about, classifier, room))
        name = {"Content-Disposition": f'attachment; filename="taught_digits.{form}"'}
        return Response(await self._worked(actions.keras_file, classifier), media_type=_FILES[form], headers=name)

    async def predict(self, request: Request) -> Response:
        """One digit, or with `lines=true` all of them."""
        from api import actions

        sent = await self._drawing(request)
        classifier = await self._worked(actions.classifier_of, await self._room(request))
        lines = request.query_params.get("lines", "").lower() in ("1", "true", "yes")
        return JSONResponse(await self._worked(actions.predict_lines if lines else actions.predict, classifier, sent))

    async def lessons(self, request: Request) -> Response:
        """Teach the room whose code is given."""
        from api import actions

        if content_type(request) != "application/json":
            raise Problem(415, "not_json", "The body must be application/json.")
        given = parse_object(await read_body(request, JSON_BYTES))
        sent, labels = lesson_of(given)
        code, token = given.get("room"), given.get("token")
        if not isinstance(code, str) or not code:
            raise Problem(422, "no_room", '"room" must be the code of a room.')
        if token is not None and not (isinstance(token, str) and 16 <= len(token) <= 64):
            raise Problem(422, "no_token", '"token" must be text of 16 to 64 characters, another for each lesson.')
        who = self._caller(request)
        room = await self._worked(actions.room_of, self._shared(), code, who)
        return JSONResponse(await self._worked(actions.teach, room, sent, labels, who, token))

    async def _drawing(self, request: Request) -> Sent:
        kind = content_type(request)
        if kind == "application/json":
            return await self._worked(drawing_of, parse_object(await read_body(request, JSON_BYTES)))
        if kind not in PICTURES:
            raise Problem(415, "not_a_picture", f"The body must be application/json or one of {', '.join(PICTURES)}.")
        from mnist_core.files.images import MAX_BYTES, UnreadableImage, read_image

        body = await read_body(request, min(MAX_BYTES, self._settings.upload_bytes))
        try:
            return Sent(canvas=await self._worked(read_image, body))
        except UnreadableImage as error:
            raise Problem(422, error.kind, str(error)) from None

    async def _room(self, request: Request) -> Any:
        from api import actions

        return await self._worked(
            actions.room_of, self._shared(), request.query_params.get("room"), self._caller(request)
        )

    def _caller(self, request: Request) -> str:
        from api import actions

        return actions.caller(request.client.host if request.client else "")

    async def _worked(self, work: Callable[..., Result], *arguments: object) -> Result:
        self._threads = self._threads or anyio.CapacityLimiter(AT_A_TIME)
        return await anyio.to_thread.run_sync(partial(work, *arguments), limiter=self._threads)
