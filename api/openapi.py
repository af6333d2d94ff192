"""The door's description for programs: OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from api.bodies import MOST_DRAWINGS, MOST_POINTS, MOST_STROKES, PICTURES
from mnist_core.serving.settings import Settings

VERSION = "1"


def document(settings: Settings, server: str) -> dict[str, Any]:
    """The description of what these settings offer at the address `server`."""
    paths: dict[str, Any] = {
        "/api/predict": {"post": _predict()},
        "/api/model": {"get": _model()},
        "/api/openapi.json": {
            "get": {"summary": "This description", "responses": {"200": {"description": "OpenAPI 3.1"}}}
        },
    }
    if settings.api == "teach":
        paths["/api/lessons"] = {"post": _lessons()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Draw a digit", "version": VERSION},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": _schemas()},
    }


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _responses(schema: str, what: str, *problems: int) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    wrong = {str(status): {"description": "A problem, in a sentence", "content": problem} for status in problems}
    return {"200": {"description": what, "content": _json(schema)}, **wrong}


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


_ROOM = _query("room", "Code of a room whose model is asked; everyone's without it", {"type": "string"})


def _predict() -> dict[str, Any]:
    pictures = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in PICTURES}
    responses = _responses("Prediction", "What was read", 400, 403, 404, 413, 415, 422, 429, 503)
    both = {"oneOf": [{"$ref": "#/components/schemas/Prediction"}, {"$ref": "#/components/schemas/Lines"}]}
    responses["200"]["content"]["application/json"]["schema"] = both
    return {
        "summary": "Read one digit, or several line by line",
        "parameters": [_ROOM, _query("lines", "Read all digits, line by line", {"type": "boolean", "default": False})],
        "requestBody": {"required": True, "content": {**pictures, **_json("Drawing")}},
        "responses": responses,
    }


def _model() -> dict[str, Any]:
    responses = _responses("Model", "About the model, or the model itself", 403, 404, 429, 503)
    responses["200"]["content"]["application/octet-stream"] = {"schema": {"type": "string", "format": "binary"}}
    form = _query("form", "The model itself, in this form", {"type": "string", "enum": ["keras"]})
    return {"summary": "What the model is", "parameters": [_ROOM, form], "responses": responses}


def _lessons() -> dict[str, Any]:
    return {
        "summary": "Teach the model of a room",
        "requestBody": {"required": True, "content": _json("Lesson")},
        "responses": _responses("Taught", "What came of it", 400, 403, 404, 413, 415, 422, 429, 503),
    }


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def _schemas() -> dict[str, Any]:
    digit = {"type": "integer", "minimum": 0, "maximum": 9}
    share = {"type": "number", "minimum": 0, "maximum": 1}
    count = {"type": "integer", "minimum": 0}
    truth, text = {"type": "boolean"}, {"type": "string"}
    point = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    row = {"type": "array", "items": {"enum": [0, 255]}, "minItems": 28, "maxItems": 28}
    drawing = {
        "strokes": {
            "description": f"x to the right, y down, any unit; up to {MOST_POINTS:,} points in all",
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_STROKES,
            "items": {"type": "array", "minItems": 1, "items": point},
        },
        "image": {
            "description": "Prepared already: 28 rows of 28, white on black, its centroid in the middle",
            "type": "array",
            "items": row,
            "minItems": 28,
            "maxItems": 28,
        },
    }
    prediction = {
        "digit": digit,
        "scores": {"type": "array", "items": share, "minItems": 10, "maxItems": 10},
        "digit_likeness": share,
        "doubted": {**truth, "description": "Whether it looks like no digit"},
    }
    box = {"type": "array", "items": count, "minItems": 4, "maxItems": 4, "description": "left, top, right, bottom"}
    placed = _object([*prediction, "box"], **prediction, box=box)
    labelled = _object(["label"], **drawing, label=digit)
    refusal = _object(
        ["kind", "misread", "of", "sentence"],
        kind=text,
        digit={"type": ["integer", "null"]},
        misread=count,
        of=count,
        sentence=text,
    )
    lesson = _object(
        ["room", "drawings"],
        room={**text, "description": "The room's code"},
        token={
            **text,
            "minLength": 16,
            "maxLength": 64,
            "description": "Names this lesson: sent again, it is the same",
        },
        drawings={"type": "array", "minItems": 1, "maxItems": MOST_DRAWINGS, "items": labelled},
    )
    taught = _object(
        ["accepted", "waiting", "token", "misread_before", "learned", "test_accuracy", "refusal"],
        accepted=truth,
        waiting={**truth, "description": "Whether the room's owner approves it first"},
        token=text,
        misread_before=count,
        learned=count,
        test_accuracy=_object(["before", "after"], before=share, after=share),
        refusal={"oneOf": [refusal, {"type": "null"}]},
    )
    model = _object(
        ["base", "lessons", "version", "test_accuracy", "untaught_test_accuracy"],
        base=text,
        lessons=count,
        version=count,
        test_accuracy=share,
        untaught_test_accuracy=share,
        digits=count,
        image={"type": "object"},
    )
    lines = {"type": "array", "items": {"type": "array", "items": placed}}
    return {
        "Drawing": _object([], **drawing),
        "Prediction": _object(list(prediction), **prediction),
        "Lines": _object(["text", "doubted", "lines"], text=text, doubted=truth, lines=lines),
        "Lesson": lesson,
        "Taught": taught,
        "Model": model,
        "Problem": _object(
            ["title", "status", "kind", "detail"], type=text, title=text, status=count, kind=text, detail=text
        ),
    }
