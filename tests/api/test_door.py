"""Who may ask at the door, and what it says about itself."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.problems import Problem
from harness.processes import ROOT
from mnist_core.recognition.model_files import MODEL_FORMS
from mnist_core.serving.settings import Settings
from mnist_core.storage.faults import StoreUnavailable
from tests.api.conftest import OWNER, STROKE, Open, Program
from tests.api.test_predict import problem

OURS, FRIEND, FOREIGN = "http://digits.example", "https://friend.example", "https://foreign.example"


def test_the_description_is_openapi_and_names_what_there_is(open_door: Open) -> None:
    for api, paths in (
        ("read", {"predict", "model", "openapi.json"}),
        ("teach", {"predict", "model", "openapi.json", "lessons"}),
    ):
        described = open_door(api=api).get("/api/openapi.json").json()
        OpenAPIV31SpecValidator(described).validate()
        assert set(described["paths"]) == {f"/api/{path}" for path in paths}
        (form,) = [p for p in described["paths"]["/api/model"]["get"]["parameters"] if p["name"] == "form"]
        assert form["schema"]["enum"] == list(MODEL_FORMS)


def test_the_model_says_what_it_is(program: Program) -> None:
    code = program.open_room().code
    assert program.get("/api/model").json() == {
        "base": "base",
        "version": 0,
        "lessons": 0,
        "test_accuracy": 0.99,
        "untaught_test_accuracy": 0.99,
    }
    program.teach(code, 4)
    about = program.get(f"/api/model?room={code}").json()
    assert (about["version"], about["lessons"]) == (1, 1)


@pytest.mark.parametrize("form", ["", "h5", "../keras"])
def test_a_form_that_there_is_not(program: Program, form: str) -> None:
    answer = program.get(f"/api/model?form={form}")
    assert problem(answer) == (422, "no_form") and "onnx" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["", "predict/", "Predict", "lesson", "model/keras", "../readyz", "x" * 3000])
def test_an_address_that_there_is_not(program: Program, path: str) -> None:
    assert problem(program.get(f"/api/{path}".replace("..", "%2e%2e"))) == (404, "no_address")


@pytest.mark.parametrize("method", ["GET", "POST", "PROPFIND"])
def test_the_address_of_the_door_itself(program: Program, method: str) -> None:
    assert problem(program.checked(program.http.request(method, "/api", follow_redirects=False))) == (404, "no_address")


@pytest.mark.parametrize("path", ["openapi.json", "model", "predict", "lessons"])
def test_a_door_that_is_off(open_door: Open, path: str) -> None:
    program = open_door(api="off")
    assert problem(program.get(f"/api/{path}")) == (404, "no_address")
    assert problem(program.post(f"/api/{path}", {"image": STROKE})) == (404, "no_address")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "predict", "POST, OPTIONS"),
        ("GET", "lessons", "POST, OPTIONS"),
        ("PUT", "lessons", "POST, OPTIONS"),
        ("DELETE", "lessons", "POST, OPTIONS"),
        ("PATCH", "predict", "POST, OPTIONS"),
        ("POST", "model", "GET, HEAD, OPTIONS"),
        ("POST", "openapi.json", "GET, HEAD, OPTIONS"),
        ("TRACE", "model", "GET, HEAD, OPTIONS"),
        ("PROPFIND", "predict", "POST, OPTIONS"),
    ],
)
def test_a_method_that_there_is_not(program: Program, method: str, path: str, allowed: str) -> None:
    answer = program.checked(program.http.request(method, f"/api/{path}"))
    assert problem(answer) == (405, "method") and answer.headers["Allow"] == allowed


def test_head_and_options(program: Program) -> None:
    assert program.http.head("/api/model").status_code == 200
    answer = program.http.options("/api/predict")
    assert (answer.status_code, answer.headers["Allow"]) == (204, "POST, OPTIONS")


def test_a_foreign_page_may_not_ask(program: Program) -> None:
    code = program.open_room().code
    for origin in (
        FOREIGN,
        "null",
        "https://digits.example.foreign.example",
        "http://[::1",
        "http://digits.example:81",
    ):
        headers = {"Origin": origin}
        body = {"room": code, "drawings": [{"image": STROKE, "label": 4}]}
        assert problem(program.post("/api/lessons", body, headers=headers)) == (403, "origin")
        assert problem(program.post("/api/predict", {"image": STROKE}, headers=headers)) == (403, "origin")
        answer = program.get("/api/model", headers=headers)
        assert problem(answer) == (403, "origin") and "access-control-allow-origin" not in answer.headers
    assert program.get(f"/api/model?room={code}").json()["lessons"] == 0


@pytest.mark.parametrize("origin", [OURS, OURS.replace("http", "https")])
def test_the_servers_own_pages_may(program: Program, origin: str) -> None:
    """https too: a proxy may have taken it off."""
    assert program.get("/api/model", headers={"Origin": origin}).status_code == 200


def test_a_page_that_the_host_lets_may(open_door: Open) -> None:
    program = open_door(api_origins=frozenset({FRIEND}))
    asked = {
        "Origin": FRIEND,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    preflight = program.http.options("/api/predict", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == FRIEND
    assert preflight.headers["Access-Control-Allow-Methods"] == "POST"
    assert preflight.headers["Access-Control-Allow-Headers"] == "content-type"
    answers: list[Any] = [
        program.post("/api/predict", {"image": STROKE}, headers={"Origin": FRIEND}),
        program.post("/api/predict", {"image": []}, headers={"Origin": FRIEND}),
    ]
    for answer, status in zip(answers, (200, 422), strict=True):
        assert answer.status_code == status and answer.headers["Access-Control-Allow-Origin"] == FRIEND
        assert answer.headers["Vary"] == "Origin"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    refused = program.http.options("/api/predict", headers={**asked, "Origin": FOREIGN})
    assert refused.status_code == 403 and not [name for name in refused.headers if name.startswith("access-control")]


def test_addresses_of_pages_are_read_from_the_settings() -> None:
    read = Settings.read({"API_ORIGINS": "https://Friend.example/, http://localhost:3000"})
    assert read.api_origins == {"https://friend.example", "http://localhost:3000"}
    for wrong in ("*", "friend.example", "https://*.example", "https://friend.example/page", "null"):
        with pytest.raises(ValueError, match="API_ORIGINS"):
            Settings.read({"API_ORIGINS": wrong})


def test_cookies_are_neither_read_nor_given(program: Program) -> None:
    room = program.open_room(approval=True)
    program.http.cookies.set("mnist_browser", OWNER)
    answer = program.teach(room.code, 4)
    assert answer.json()["waiting"], "not as the owner's, whose lessons do not wait"
    assert "set-cookie" not in answer.headers


def test_what_a_driver_says_stays_here() -> None:
    away = StoreUnavailable("unreachable", 'connection to "10.0.0.5" failed for user "digits"')
    body = bytes(Problem.of_store(away).response().body).decode()
    assert "cannot be reached" in body and "10.0.0.5" not in body and "digits" not in body


def test_nothing_of_it_is_imported_before_the_first_request() -> None:
    code = (
        "import sys, server, mnist_core.serving.shared_model;"
        "print([m for m in sys.modules if m.split('.')[0] in ('api', 'onnx', 'jsonschema_path')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_every_kind_of_problem_is_documented() -> None:
    sources = "".join(file.read_text() for file in (ROOT / "api").glob("*.py"))
    kinds = set(re.findall(r'Problem\(\s*\d+,\s*"(\w+)"', sources))
    table = (ROOT / "docs" / "api.md").read_text().partition("## When it does not work")[2]
    assert len(kinds) > 20 and not [kind for kind in sorted(kinds) if f"`{kind}`" not in table]
