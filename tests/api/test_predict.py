"""POST /api/predict: what a program may send, and what it is told about everything else."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from api.bodies import JSON_BYTES
from tests.api.conftest import STROKE, Open, Program
from tests.fakes import UNTAUGHT

LINE = [[0, 0], [0, 10], [1.5, 20]]
BLANK = [[0] * 28] * 28


def picture(form: str = "PNG", ink: bool = True, size: tuple[int, int] = (200, 200)) -> bytes:
    image = Image.new("RGB", size, "white")
    if ink:
        image.paste("black", (90, 30, 105, 170))
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def problem(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["kind"]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_reads_an_image_file(program: Program, form: str) -> None:
    answer = program.post("/api/predict", picture(form), f"image/{form.lower()}").json()
    assert answer["digit"] == UNTAUGHT and answer["scores"][UNTAUGHT] == 1 and len(answer["scores"]) == 10
    assert answer["digit_likeness"] == 0.25 and answer["doubted"]


@pytest.mark.parametrize("body", [{"strokes": [LINE]}, {"strokes": [[[5, 5]]]}, {"image": STROKE}])
def test_reads_strokes_and_a_prepared_image(program: Program, body: dict[str, Any]) -> None:
    assert program.post("/api/predict", body, "application/json; charset=utf-8").json()["digit"] == UNTAUGHT


@pytest.mark.parametrize("body", [{"strokes": [LINE, [[40, 0], [40, 20]]]}, picture()])
def test_reads_lines(program: Program, body: Any) -> None:
    kind = "image/png" if isinstance(body, bytes) else "application/json"
    answer = program.post("/api/predict?lines=true", body, kind).json()
    (line,) = answer["lines"]
    assert answer["text"].replace(" ", "") == "7" * len(line)
    assert all(0 <= d["box"][0] < d["box"][2] and d["box"][1] < d["box"][3] for d in line)


def test_reads_with_a_rooms_model(program: Program) -> None:
    code = program.open_room().code
    program.teach(code, 4)
    assert program.post(f"/api/predict?room={code}", {"image": STROKE}).json()["digit"] == 4
    assert program.post(f"/api/predict?room={code[:4].lower()}-{code[4:]}", {"image": STROKE}).json()["digit"] == 4
    assert program.post("/api/predict", {"image": STROKE}).json()["digit"] == UNTAUGHT


def test_wrong_codes_are_limited_for_who_tries_them_alone(open_door: Open) -> None:
    program = open_door(password_tries=2)
    code = program.open_room().code
    for _ in range(2):
        assert problem(program.post("/api/predict?room=WRONG", {"image": STROKE})) == (404, "no_room")
    limited = program.post("/api/predict?room=WRONG", {"image": STROKE})
    assert problem(limited) == (429, "limit_code") and 1 <= int(limited.headers["Retry-After"]) <= 60
    assert program.at("198.51.100.1").post(f"/api/predict?room={code}", json={"image": STROKE}).status_code == 200
    assert program.post("/api/predict", {"image": STROKE}).status_code == 200, "everyone's needs no code"


def test_a_network_of_ipv6_is_one_caller(open_door: Open) -> None:
    program = open_door(password_tries=2)
    statuses = [
        program.at(f"2001:db8::{n}").post("/api/predict?room=WRONG", json={"image": STROKE}).status_code
        for n in range(3)
    ]
    assert statuses == [404, 404, 429]


@pytest.mark.parametrize("room", ["", "%00", "%ED%A0%80", "A" * 5000, "..%2F..%2Fetc"])
def test_a_code_may_be_anything(program: Program, room: str) -> None:
    assert problem(program.post(f"/api/predict?room={room}", {"image": STROKE})) == (404, "no_room")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"seven",
        b"[]",
        b'"image"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"strokes": [[[NaN, 1]]]}',
        b'{"strokes": [[[Infinity, 1]]]}',
        b'{"strokes": [[[' + b"9" * 5000 + b", 1]]]}",
    ],
)
def test_what_is_not_json(program: Program, body: bytes) -> None:
    assert problem(program.post("/api/predict", body)) == (400, "not_json")


@pytest.mark.parametrize(
    "strokes",
    [
        None, 7, {}, [], [[]], [7], [LINE, []], [LINE, 7], ["ab"], [[["1", "2"]]], [[[1, None]]], [[[True, 1]]],
        [[[1]]],
        [[[1, 2, 3]]], [[1, 2]], [[[[1, 2]]]], [[[1e9, 0]]], [[[10**400, 0]]], [LINE] * 201, [[[1, 2]] * 20_001],
    ],
)  # fmt: skip
def test_what_are_no_strokes(program: Program, strokes: Any) -> None:
    assert problem(program.post("/api/predict", {"strokes": strokes})) == (422, "no_strokes")


def test_a_number_beyond_all_numbers_is_no_coordinate(program: Program) -> None:
    assert problem(program.post("/api/predict", b'{"strokes": [[[1e999, 1]]]}')) == (422, "no_strokes")


@pytest.mark.parametrize(
    "image",
    [
        None, "seven", [], BLANK, STROKE[:27], [*STROKE, STROKE[0]], [STROKE[0][:27]] * 28, [[1] * 28] * 28,
        [["255"] * 28] * 28, [[True] * 28] * 28, [[None] * 28] * 28, [[10**30] * 28] * 28, [[[255] * 28] * 28] * 28,
        [[-1] * 28] * 28, [[0.5] * 28] * 28,
    ],
)  # fmt: skip
def test_what_is_no_prepared_image(program: Program, image: Any) -> None:
    assert problem(program.post("/api/predict", {"image": image})) == (422, "no_image")


def test_text_among_the_pixels_takes_no_memory(program: Program) -> None:
    """NumPy would give each of the 784 cells room for the longest text: six gigabytes."""
    rows = [["x" * 1_900_000, *[""] * 27], *[[""] * 28] * 27]
    assert problem(program.post("/api/predict", {"image": rows})) == (422, "no_image")


@pytest.mark.parametrize("body", [{}, {"drawing": 1}, {"strokes": [LINE], "image": STROKE}])
def test_one_drawing_is_sent(program: Program, body: Any) -> None:
    assert problem(program.post("/api/predict", body)) == (422, "no_drawing")


def test_lines_are_not_read_in_a_prepared_image(program: Program) -> None:
    assert problem(program.post("/api/predict?lines=true", {"image": STROKE})) == (422, "no_picture")
    assert problem(program.post("/api/predict?lines=maybe", {"image": STROKE})) == (422, "no_lines")


@pytest.mark.parametrize("lines", ["true", "false"])
def test_an_empty_picture(program: Program, lines: str) -> None:
    answer = program.post(f"/api/predict?lines={lines}", picture(ink=False), "image/png")
    assert problem(answer) == (422, "empty")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"GIF89a", "damaged"),
        (b"", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
        (picture()[:200], "damaged"),
        (picture("PNG", size=(5000, 5000)), "too_many_pixels"),
    ],
)
def test_hostile_images(program: Program, body: bytes, kind: str) -> None:
    assert problem(program.post("/api/predict", body, "image/png")) == (422, kind)


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "image/svg+xml"])
def test_other_media_are_not_taken(program: Program, kind: str) -> None:
    answer = program.post("/api/predict", picture(), kind)
    assert problem(answer) == (415, "no_picture") and "image/png" in answer.json()["detail"]


@pytest.mark.parametrize(("kind", "most"), [("image/png", 1000), ("application/json", JSON_BYTES)])
def test_a_body_that_says_it_is_too_large_is_not_read(open_door: Open, kind: str, most: int) -> None:
    program = open_door(upload_bytes=1000)

    def body() -> Any:
        yield b"x"
        pytest.fail("the rest of the body was asked for")

    for told in (str(most + 1), "9" * 5000, "-1"):
        answer = program.http.post(
            "/api/predict", content=body(), headers={"Content-Type": kind, "Content-Length": told}
        )
        assert problem(program.checked(answer)) == (413, "too_many_bytes")


def test_a_model_that_is_missing(open_door: Open) -> None:
    from mnist_core import ModelUnavailable

    def gone() -> Any:
        raise ModelUnavailable("/srv/secret/models does not hold a whole base model")

    program = open_door(load=gone)
    answer = program.post("/api/predict", {"image": STROKE})
    assert problem(answer) == (503, "no_model") and "secret" not in answer.text
    assert int(answer.headers["Retry-After"]) > 0


def test_what_nobody_thought_of_is_a_problem_too(open_door: Open, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Any:
        raise ImportError("libsecret.so: no such file")

    program = open_door(load=broken)
    answer = program.post("/api/predict", {"image": STROKE})
    assert problem(answer) == (500, "failed") and "secret" not in answer.text
    assert "api_failed" in [record.getMessage() for record in caplog.records]


def test_the_store_is_away(open_door: Open) -> None:
    program = open_door(database_url="mysql://user@host/name")
    answer = program.post("/api/predict?room=ACEF3479", {"image": STROKE})
    assert problem(answer) == (503, "store_unreachable") and int(answer.headers["Retry-After"]) > 0
    assert "DATABASE_URL" not in answer.text, "what a driver says has names and paths in it"
    assert program.post("/api/predict", {"image": STROKE}).status_code == 200, "everyone's model is in memory"


def test_json_is_parsed_as_it_is_sent(program: Program) -> None:
    body = json.dumps({"image": np.array(STROKE).astype(float).tolist()}).encode()
    assert program.post("/api/predict", body).status_code == 200
