"""The door's description for programs: OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from api.bodies import FARTHEST, JSON, MOST_DRAWINGS, MOST_POINTS, MOST_STROKES, PICTURE_TYPES
from mnist_core.bitmaps import DIGITS, SIDE
from mnist_core.recognition.model_files import MODEL_FORMS
from mnist_core.serving.settings import Settings

VERSION = "1"  # another one when a program that was written for this one would fail
Schema = dict[str, Any]


def document(settings: Settings) -> Schema:
    """The description of what these settings offer."""
    description = {"200": {"description": "OpenAPI 3.1", "content": {JSON: {"schema": {"type": "object"}}}}}
    paths: Schema = {
        "/api/predict": {"post": _predict()},
        "/api/model": {"get": _model()},
        "/api/openapi.json": {"get": {"summary": "This description", "responses": description | _PROBLEMS}},
    }
    if settings.api == "teach":
        paths["/api/lessons"] = {"post": _lessons()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Draw a digit", "version": VERSION},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": _schemas()},
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_PROBLEMS: Schema = {
    "default": {
        "description": "What was wrong, in a sentence",
        "headers": {"Retry-After": {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}}},
        "content": {"application/problem+json": {"schema": _ref("Problem")}},
    }
}


def _answers(description: str, schema: Schema) -> Schema:
    return {"200": {"description": description, "content": {JSON: {"schema": schema}}}, **_PROBLEMS}


def _query(name: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema}


_ROOM = _query("room", "Code of the room whose model is asked; without it, everyone's", {"type": "string"})


def _predict() -> Schema:
    pictures: Schema = {kind: {} for kind in PICTURE_TYPES}
    lines = _query("lines", "Read all digits, line by line", {"type": "boolean", "default": False})
    return {
        "operationId": "predict",
        "summary": "Read one digit, or all of them line by line",
        "parameters": [_ROOM, lines],
        "requestBody": {"required": True, "content": {**pictures, JSON: {"schema": _ref("Drawing")}}},
        "responses": _answers("What was read", {"oneOf": [_ref("Prediction"), _ref("Lines")]}),
    }


def _model() -> Schema:
    form = _query("form", "The model itself, as this kind of file", {"type": "string", "enum": list(MODEL_FORMS)})
    responses = _answers("About the model, or the file", _ref("Model"))
    responses["200"]["content"]["application/octet-stream"] = {}
    return {
        "operationId": "model",
        "summary": "What the model is",
        "parameters": [_ROOM, form],
        "responses": responses,
    }


def _lessons() -> Schema:
    return {
        "operationId": "teach",
        "summary": "Teach the model of a room",
        "requestBody": {"required": True, "content": {JSON: {"schema": _ref("Lesson")}}},
        "responses": _answers("What came of it", _ref("Taught")),
    }


def _object(required: list[str], **properties: Any) -> Schema:
    return {"type": "object", "required": required, "properties": properties}


def _list(items: Schema, least: int, most: int | None = None, **more: Any) -> Schema:
    return {"type": "array", "items": items, "minItems": least, **({"maxItems": most} if most else {}), **more}


def _schemas() -> Schema:
    digit, count = {"type": "integer", "minimum": 0, "maximum": 9}, {"type": "integer", "minimum": 0}
    share, truth, text = {"type": "number", "minimum": 0, "maximum": 1}, {"type": "boolean"}, {"type": "string"}
    coordinate = {"type": "number", "minimum": -FARTHEST, "maximum": FARTHEST}
    drawing = {
        "strokes": _list(
            _list(_list(coordinate, 2, 2), 1),
            1,
            MOST_STROKES,
            description=f"x to the right, y down, in any unit; {MOST_POINTS:,} points at most in all",
        ),
        "image": _list(
            _list({"enum": [0, 255]}, SIDE, SIDE), SIDE, SIDE, description="Prepared already: white on black"
        ),
    }
    either = {"oneOf": [{"required": ["strokes"]}, {"required": ["image"]}]}
    token = {
        **text,
        "pattern": "^[A-Za-z0-9_-]{16,64}$",
        "description": "Names the lesson: sent again, it is the same",
    }
    prediction = {
        "digit": digit,
        "scores": _list(share, DIGITS, DIGITS),
        "digit_likeness": share,
        "doubted": {**truth, "description": "Whether it looks like no digit at all"},
    }
    box = _list(count, 4, 4, description="left, top, right, bottom")
    placed = _object([*prediction, "box"], **prediction, box=box)
    lesson = {
        "room": {**text, "description": "The room's code"},
        "token": token,
        "drawings": _list({**_object(["label"], **drawing, label=digit), **either}, 1, MOST_DRAWINGS),
    }
    refusal = {
        "kind": {"enum": ["overall", "digit", "lessons", "unlearned", "clear"]},
        "digit": {"oneOf": [digit, {"type": "null"}]},
        "misread": count,
        "of": count,
        "sentence": text,
    }
    taught = {
        "accepted": truth,
        "waiting": {**truth, "description": "Whether the room's owner approves it first"},
        "token": token,
        "misread_before": {**count, "description": "How many of the drawings were misread before the lesson"},
        "learned": {**count, "description": "How many of these are read right now"},
        "test_accuracy": _object(["before", "after"], before=share, after=share),
        "refusal": {"oneOf": [_object(list(refusal), **refusal), {"type": "null"}]},
    }
    model = {
        "base": {**text, "description": "Which base model"},
        "version": {**count, "description": "Of what was taught; 0 is nothing"},
        "lessons": count,
        "test_accuracy": {**share, "description": "On MNIST's 10,000 test images"},
        "untaught_test_accuracy": share,
    }
    problem = {"type": text, "title": text, "status": count, "kind": text, "detail": text}
    return {
        "Drawing": {**_object([], **drawing), **either},
        "Prediction": _object(list(prediction), **prediction),
        "Lines": _object(["text", "lines"], text=text, lines=_list(_list(placed, 1), 1)),
        "Lesson": _object(["room", "drawings"], **lesson),
        "Taught": _object(list(taught), **taught),
        "Model": _object(list(model), **model),
        "Problem": _object(list(problem), **problem),
    }
