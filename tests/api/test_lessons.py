"""POST /api/lessons: a program teaches a room, through the limits and the line that people are in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from httpx2 import Response

from api.bodies import JSON_BYTES
from harness.processes import wait_until
from mnist_core.serving.shared_model import new_token
from mnist_core.storage.store import Store
from tests.api.conftest import OWNER, STROKE, Open, Program, known
from tests.api.test_predict import LINE, problem
from tests.fakes import UNTAUGHT, VANDALISM


def taught(program: Program, code: str) -> int:
    """How many lessons the room's model has."""
    return program.get(f"/api/model?room={code}").json()["lessons"]


def test_teaches_a_room_and_no_other(program: Program) -> None:
    mine, other = program.open_room().code, program.open_room().code
    answer = program.teach(mine, 4, 4).json()
    assert answer["accepted"] and not answer["waiting"] and answer["refusal"] is None
    assert answer["misread_before"] == answer["learned"] == 2
    assert answer["test_accuracy"] == {"before": 0.99, "after": 0.99}
    assert (taught(program, mine), taught(program, other)) == (1, 0)
    assert program.get("/api/model").json()["lessons"] == 0


def test_strokes_teach_too(program: Program) -> None:
    code = program.open_room().code
    body = {"room": code, "drawings": [{"strokes": [LINE], "label": 3}]}
    assert program.post("/api/lessons", body).json()["accepted"]


def test_a_refusal_is_an_answer(program: Program) -> None:
    code = program.open_room().code
    answer = program.teach(code, VANDALISM)
    assert answer.status_code == 200
    refusal = {"kind": "digit", "digit": VANDALISM, "misread": 31, "of": 1000, "sentence": "it would harm"}
    assert answer.json()["refusal"] == refusal and not answer.json()["accepted"] and answer.json()["learned"] == 0
    assert taught(program, code) == 0


def test_a_lesson_that_is_sent_again_is_the_same_lesson(program: Program) -> None:
    code, token = program.open_room().code, new_token()
    first = program.teach(code, 4, 4, token=token).json()
    assert first == program.teach(code, 4, 4, token=token).json()
    assert first["token"] == token and taught(program, code) == 1
    assert program.teach(code, 4, 4).json()["token"] != token
    assert taught(program, code) == 2


def test_a_lesson_that_is_sent_again_at_the_same_time_is_the_same_lesson(program: Program) -> None:
    code, token = program.open_room().code, new_token()
    program.fake.may_end.clear()
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(program.teach, code, 4, token=token) for _ in range(2)]
        assert program.fake.fitting.wait(30)
        program.fake.may_end.set()
        assert all(answer.result().json()["accepted"] for answer in answers)
    assert taught(program, code) == 1


def test_a_token_names_one_lesson_in_all_rooms(program: Program) -> None:
    here, there, token = program.open_room().code, program.open_room().code, new_token()
    assert program.teach(here, 4, token=token).json()["accepted"]
    assert problem(program.teach(there, 4, token=token)) == (409, "token_taken")
    assert (taught(program, here), taught(program, there)) == (1, 0)


def test_a_lesson_that_was_deleted_is_not_said_to_be_kept_when_it_is_sent_again(program: Program) -> None:
    room, token = program.open_room(), new_token()
    assert program.teach(room.code, 4, token=token).json()["accepted"]
    there = program.shared.room(room)
    there.owner(known(OWNER)).delete(there.version.lesson_ids)
    assert problem(program.teach(room.code, 4, token=token)) == (410, "deleted")
    assert taught(program, room.code) == 0


def test_a_lesson_waits_where_the_owner_approves(program: Program) -> None:
    room, token = program.open_room(approval=True), new_token()
    answer = program.teach(room.code, 4, token=token).json()
    assert answer["accepted"] and answer["waiting"] and taught(program, room.code) == 0
    assert program.teach(room.code, 4, token=token).json()["waiting"], "and waits once"
    owner = program.shared.room(room).owner(known(OWNER))
    history = program.shared.room(room).history()
    (waiting,) = history.waiting
    owner.approve(waiting.id)
    assert taught(program, room.code) == 1


def test_too_many_lessons(open_door: Open) -> None:
    program = open_door(lessons_per_visitor=1)
    code = program.open_room().code
    assert program.teach(code, 4).status_code == 200
    answer = program.teach(code, 4)
    assert problem(answer) == (429, "limit_visitor") and 1 <= int(answer.headers["Retry-After"]) <= 60


def test_the_line_is_full(open_door: Open) -> None:
    program = open_door(waiting=1)
    code = program.open_room().code
    program.fake.may_end.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(program.teach, code, 4)
        assert program.fake.fitting.wait(30)
        answer = program.teach(code, 4)
        program.fake.may_end.set()
        assert problem(answer) == (503, "limit_line") and int(answer.headers["Retry-After"]) > 0
        assert first.result().json()["accepted"]


def test_who_waits_to_teach_holds_up_nobody_who_reads(program: Program) -> None:
    code = program.open_room().code
    program.fake.may_end.clear()
    too_long = {"Content-Length": str(JSON_BYTES + 1)}  # answered at once where there is a place

    def knock() -> Response:
        return program.post("/api/lessons", b"", headers=too_long)

    with ThreadPoolExecutor(16) as pool:
        lessons = [pool.submit(program.teach, code, 4) for _ in range(16)]
        wait_until(lambda: knock().status_code == 503, 30, "all places to teach are taken")
        assert problem(knock()) == (503, "busy") and int(knock().headers["Retry-After"]) > 0
        assert program.post("/api/predict", {"image": STROKE}).json()["digit"] == UNTAUGHT
        program.fake.may_end.set()
        assert all(lesson.result().json()["accepted"] for lesson in lessons)
    assert taught(program, code) == 16


def problem_kind(answer: Any) -> str:
    return str(answer.json().get("kind"))


def test_a_server_that_stops_keeps_the_lesson_in_hand(program: Program) -> None:
    code = program.open_room().code
    program.fake.may_end.clear()
    with ThreadPoolExecutor(2) as pool:
        lesson = pool.submit(program.teach, code, 4)
        assert program.fake.fitting.wait(30)
        closing = pool.submit(program.shared.close)
        wait_until(lambda: problem_kind(program.teach(code, 4)) == "limit_closed", 30, "nobody else's turn comes")
        program.fake.may_end.set()
        assert lesson.result().json()["accepted"]
        closing.result()


def test_a_room_that_was_closed(program: Program) -> None:
    room = program.open_room()
    program.teach(room.code, 4)
    program.shared.room(room).owner(known(OWNER)).close()
    assert problem(program.teach(room.code, 4)) == (404, "no_room")
    assert problem(program.get(f"/api/model?room={room.code}")) == (404, "no_room")


@pytest.mark.parametrize(
    ("settings", "answer"),
    [
        ({"api": "off"}, (404, "no_address")),
        ({"api": "read"}, (403, "not_allowed")),
        ({"teaching": "off"}, (403, "not_allowed")),
        ({"teaching": "personal"}, (403, "not_allowed")),
    ],
)
def test_where_the_host_does_not_want_it(open_door: Open, settings: dict[str, Any], answer: tuple[int, str]) -> None:
    program = open_door(**settings)
    code = program.open_room().code
    assert problem(program.teach(code, 4)) == answer
    assert program.shared.directory.find(code, OWNER) and not lessons_kept(program)


def lessons_kept(program: Program) -> int:
    store = Store(folder=program.shared.settings.data_dir)
    rooms = program.shared.directory.owned(OWNER)
    kept = sum(len(store.room(room.id).active().lesson_ids) for room in rooms)
    store.close()
    return kept


@pytest.mark.parametrize("room", [None, "", 7, ["A"], {"code": "A"}])
def test_everyones_model_has_no_code(program: Program, room: Any) -> None:
    body = {"drawings": [{"image": STROKE, "label": 4}], **({} if room is None else {"room": room})}
    assert problem(program.post("/api/lessons", body)) == (422, "no_room")


@pytest.mark.parametrize("token", [7, None, "", "short", "x" * 65, "\ud800" * 20, "\x00" * 20, "x" * 16 + "\n"])
def test_what_is_no_token(program: Program, token: Any) -> None:
    assert problem(program.teach(program.open_room().code, 4, token=token)) == (422, "no_token")


@pytest.mark.parametrize(
    ("drawings", "kind"),
    [
        (None, "no_drawings"),
        ({}, "no_drawings"),
        ([], "no_drawings"),
        ([{"image": STROKE, "label": 4}] * 101, "no_drawings"),
        ([7], "no_drawing"),
        ([{"label": 4}], "no_drawing"),
        ([{"image": STROKE}], "no_label"),
        ([{"image": STROKE, "label": 10}], "no_label"),
        ([{"image": STROKE, "label": -1}], "no_label"),
        ([{"image": STROKE, "label": "4"}], "no_label"),
        ([{"image": STROKE, "label": True}], "no_label"),
        ([{"image": [], "label": 4}], "no_image"),
        ([{"strokes": [], "label": 4}], "no_strokes"),
        ([{"strokes": [[[1, 2]] * 11_000], "label": 4}] * 2, "no_strokes"),
    ],
)
def test_what_is_no_lesson(program: Program, drawings: Any, kind: str) -> None:
    code = program.open_room().code
    assert problem(program.post("/api/lessons", {"room": code, "drawings": drawings})) == (422, kind)
    assert taught(program, code) == 0


def test_a_problem_says_which_drawing_it_is(program: Program) -> None:
    drawings = [{"image": STROKE, "label": 4}, {"image": STROKE, "label": 11}]
    answer = program.post("/api/lessons", {"room": program.open_room().code, "drawings": drawings})
    assert answer.json()["detail"].startswith("Drawing 1: ")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_teaches(program: Program, kind: str) -> None:
    """A page of any address may send the other kinds without asking first."""
    code = program.open_room().code
    body = {"room": code, "drawings": [{"image": STROKE, "label": 4}]}
    assert problem(program.post("/api/lessons", body, kind)) == (415, "not_json")
    assert taught(program, code) == 0


def test_the_store_is_away(open_door: Open) -> None:
    program = open_door(database_url="mysql://user@host/name")
    assert problem(program.teach("ACEF3479", 4)) == (503, "store_unreachable")


def test_a_code_by_guessing(open_door: Open) -> None:
    program = open_door(password_tries=2)
    assert [program.teach("WRONG", 4).status_code for _ in range(3)] == [404, 404, 429]
