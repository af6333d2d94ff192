"""Teaching on the page: proof, refusal, undo, one's own model, and what goes wrong."""

import base64

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.files.lessons import pack_npz
from mnist_core.serving.jobs import Job
from mnist_core.serving.shared_model import SharedModel
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.records import Version
from mnist_core.storage.room_store import RoomStore
from tests.app.conftest import (
    StartShared,
    add,
    choose_whose,
    click,
    draw,
    may_end,
    messages,
    open_app,
    tap_digit,
    train,
    visit_of,
    wait_for_lesson,
)
from tests.fakes import UNTAUGHT, VANDALISM, as_owner
from ui.session import Outcome, Visit


def test_train_without_drawings_changes_nothing(app: AppTest, shared: SharedModel) -> None:
    assert "add at least one drawing" in messages(click(app, "train"))
    assert shared.everyone.version.id == 0


def test_train_without_a_ground_truth_changes_nothing(app: AppTest, shared: SharedModel) -> None:
    add(app)
    assert "Choose the digit" in messages(click(app, "train"))
    assert shared.everyone.version.id == 0
    assert len(visit_of(app).tray) == 1


def test_train_teaches_everyone_shows_the_proof_and_empties_the_tray(app: AppTest, shared: SharedModel) -> None:
    train(add(app, 3), 4)
    assert visit_of(app).tray == []
    assert [metric.value for metric in app.metric] == ["100\N{NO-BREAK SPACE}%", "99.00\N{NO-BREAK SPACE}%"]
    assert f"take this shape for **{UNTAUGHT}**" in "".join(text.value for text in app.markdown)
    assert [list(lesson.labels) for lesson in shared.everyone.lessons()] == [[4, 4, 4]]
    assert visit_of(draw(open_app())).answer[0].prediction.digit == 4


def test_the_proof_tells_what_was_misread_from_what_was_known(app: AppTest, shared: SharedModel) -> None:
    draw(app)
    tap_digit(app, 4)
    train(add(app, 2), UNTAUGHT)
    assert "Learned in" in messages(app)
    assert "Misread before: 1 of 3. Of these, read right now: 1." in [text.value for text in app.markdown]


@pytest.mark.parametrize(("locale", "sentence"), [("en-GB", "right before"), ("es-ES", "Ya los leía todos bien")])
def test_a_lesson_of_known_drawings_is_kept_and_not_called_learned(
    shared: SharedModel, locale: str, sentence: str
) -> None:
    at = train(add(open_app(locale), 2), UNTAUGHT)
    assert sentence in messages(at)
    assert not at.success
    assert [list(lesson.labels) for lesson in shared.everyone.lessons()] == [[UNTAUGHT] * 2]


def test_each_lesson_asks_for_its_own_ground_truth(app: AppTest, shared: SharedModel) -> None:
    row = visit_of(add(app)).row
    train(app, 4)
    tap_digit(app, 4, row)  # a tap that the browser sends once more
    assert visit_of(app).truth is None
    assert "Choose the digit" in messages(click(add(app), "train"))
    assert len(shared.everyone.lessons()) == 1
    train(app, 5)
    assert [list(lesson.labels) for lesson in shared.everyone.lessons()] == [[4], [5]]


@pytest.mark.parametrize("whose", ["everyone", "mine"])
def test_a_session_does_not_hold_the_model_of_its_last_lesson(app: AppTest, shared: SharedModel, whose: str) -> None:
    train(add(choose_whose(app, whose)), 4)
    outcome = visit_of(app).outcome
    assert outcome is not None and outcome.lesson is not None and outcome.lesson.accepted
    assert outcome.lesson.classifier.memories == () and outcome.lesson.memory is None


def test_undo_takes_the_lesson_back_and_returns_the_drawings(app: AppTest, shared: SharedModel) -> None:
    click(train(add(app, 2), 4), "undo")
    assert shared.everyone.lessons() == []
    assert [sample.label for sample in visit_of(app).tray] == [4, 4]
    assert "Undone" in messages(app)
    assert visit_of(draw(app)).answer[0].prediction.digit == UNTAUGHT


def test_the_ground_truth_fills_in_only_those_without_a_digit(app: AppTest, shared: SharedModel) -> None:
    draw(app)
    tap_digit(app, 3)
    train(add(app), 5)
    assert list(shared.everyone.lessons()[0].labels) == [3, 5]


def test_drawings_that_all_have_digits_need_no_ground_truth(app: AppTest, shared: SharedModel) -> None:
    draw(app)
    tap_digit(app, 3)
    train(app, None)
    assert list(shared.everyone.lessons()[0].labels) == [3]


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en-GB", "misread 31 of 1,000 drawings of the digit 9"),
        ("es-ES", "leería mal 31 de 1.000 dibujos del número 9"),
    ],
)
def test_a_harmful_lesson_is_refused_with_its_reason(shared: SharedModel, locale: str, sentence: str) -> None:
    at = train(add(open_app(locale), 2), VANDALISM)
    assert sentence in messages(at)
    assert len(visit_of(at).tray) == 2
    assert shared.everyone.version.id == 0


def test_a_visitors_own_model_is_nobody_elses(app: AppTest, shared: SharedModel) -> None:
    choose_whose(app, "mine")
    train(add(app), 4)
    assert shared.everyone.version.id == 0
    assert visit_of(draw(app)).answer[0].prediction.digit == 4
    assert visit_of(draw(open_app())).answer[0].prediction.digit == UNTAUGHT
    click(app, "undo")
    assert visit_of(draw(app)).answer[0].prediction.digit == UNTAUGHT


def test_a_refusal_shows_what_is_misread_and_one_tap_teaches_only_ones_own(shared: SharedModel) -> None:
    at = train(add(open_app(), 2), VANDALISM)
    text = [markdown.value for markdown in at.markdown]
    assert "Still misread: 2" in text
    pictures = at.get_by_key("misread").proto.json
    assert pictures.count(f'"text": "{VANDALISM}, read as {UNTAUGHT}"') == 2
    wait_for_lesson(click(at, "teach_own"))
    assert visit_of(at).whose == "mine"
    assert visit_of(at).tray == [] and shared.everyone.version.id == 0
    price = "others' 7s may now be read as your 9 (2.0\N{NO-BREAK SPACE}% of them)"
    assert price in "".join(text.value for text in at.markdown)
    assert visit_of(draw(at)).answer[0].prediction.digit == VANDALISM
    assert visit_of(draw(open_app())).answer[0].prediction.digit == UNTAUGHT
    click(at, "undo")
    assert [sample.label for sample in visit_of(at).tray] == [VANDALISM, VANDALISM]
    assert visit_of(at).whose == "everyone", "where the tap was"
    assert visit_of(draw(at)).answer[0].prediction.digit == UNTAUGHT


def test_what_an_accepted_lesson_leaves_misread_may_be_taught_to_ones_own(app: AppTest, shared: SharedModel) -> None:
    draw(app)
    tap_digit(app, 4)
    train(add(app), UNTAUGHT)
    assert "Still misread: 1" in [text.value for text in app.markdown]
    wait_for_lesson(click(app, "teach_own"))
    assert len(shared.everyone.lessons()) == 1
    mine = visit_of(app).mine
    assert mine is not None and len(shared.room(mine).lessons()) == 1


def test_what_was_to_be_taught_to_ones_own_is_still_offered_after_an_error(start_shared: StartShared) -> None:
    shared = start_shared(lessons_per_visitor=1)
    at = open_app()
    draw(at)
    tap_digit(at, 4)
    train(add(at), UNTAUGHT)
    wait_for_lesson(click(at, "teach_own"))
    assert "a lot of lessons for one minute" in messages(at)
    assert at.button(key="teach_own") and visit_of(at).outcome is not None
    click(at, "undo")
    assert len(visit_of(at).tray) == 2 and shared.everyone.lessons() == []


def test_a_refusal_taken_up_by_another_page_is_taught_to_ones_own_without_touching_other_drawings(
    shared: SharedModel,
) -> None:
    at = add(open_app(browser=new_browser_id()), 2)
    job = begin_lesson(at, shared, truth=VANDALISM)
    again = load_again(at, shared)
    job.wait(30)
    click(add(again.run(), 1), "teach_own")
    wait_for_lesson(again)
    assert [sample.label for sample in visit_of(again).tray] == [None]


@pytest.mark.parametrize(
    ("locale", "newest"), [("en-GB", "The newer name wins"), ("es-ES", "Gana el nombre más reciente")]
)
def test_ones_own_model_says_which_drawings_have_another_name_now(
    start_shared: StartShared, locale: str, newest: str
) -> None:
    start_shared(teaching="personal")
    at = train(add(open_app(locale), 3), 4)
    assert newest not in "".join(text.value for text in at.markdown)
    train(add(at), 5)
    said = [text.value for text in at.markdown if newest in text.value]
    assert len(said) == 1 and "4" in said[0] and "3" in said[0]
    assert "teach_own" not in [button.key for button in at.button]


def test_a_visitor_with_an_own_model_may_turn_to_everyones(app: AppTest, shared: SharedModel) -> None:
    choose_whose(app, "mine")
    train(add(app), 4)
    choose_whose(app, "everyone")
    assert visit_of(draw(app)).answer[0].prediction.digit == UNTAUGHT


def test_the_host_may_turn_teaching_off(start_shared: StartShared) -> None:
    start_shared(teaching="off")
    at = open_app()
    assert "turned teaching off" in messages(at)
    with pytest.raises(KeyError):
        at.button(key="train")


def test_the_host_may_leave_visitors_their_own_model_only(start_shared: StartShared) -> None:
    shared = start_shared(teaching="personal")
    at = open_app()
    with pytest.raises(KeyError):
        at.get_by_key("rooms0")
    train(add(at), 4)
    assert shared.everyone.version.id == 0
    assert visit_of(draw(at)).answer[0].prediction.digit == 4


def test_a_visitor_past_the_limit_keeps_the_drawings(start_shared: StartShared) -> None:
    start_shared(lessons_per_visitor=1)
    at = train(add(open_app()), 4)
    train(add(at), 4)
    assert "a lot of lessons for one minute" in messages(at)
    assert len(visit_of(at).tray) == 1


def test_a_store_that_is_away_stops_teaching_and_nothing_else(start_shared: StartShared) -> None:
    start_shared(database_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    at = open_app()
    visit_of(at).kept = True
    add(at)
    assert "would not survive a reload" in messages(at)
    train(at, 4)
    assert "the lesson was not kept (it cannot be reached)" in messages(at)
    assert len(visit_of(at).tray) == 1
    assert visit_of(draw(at)).answer[0].prediction.digit == UNTAUGHT


def test_predictions_go_on_during_a_lesson(shared: SharedModel) -> None:
    may_end(shared).clear()
    at = add(open_app())
    tap_digit(at, 4)
    click(at, "train")
    assert visit_of(at).job is not None
    assert at.button(key="train").disabled
    draw(at)
    assert visit_of(at).answer[0].prediction.digit == UNTAUGHT
    may_end(shared).set()
    visit_of(at).job.wait(30)  # type: ignore[union-attr]
    at.run()
    assert visit_of(at).outcome is not None


def begin_lesson(at: AppTest, shared: SharedModel, *, truth: int = 4, may_go_on: bool = True) -> Job[Outcome]:
    """Press Train on what the tray holds, with this truth; the lesson ends only after the page has shown it."""
    may_end(shared).clear()
    tap_digit(at, truth)
    click(at, "train")
    job = visit_of(at).job
    assert job is not None
    if may_go_on:
        may_end(shared).set()
    return job


def load_again(at: AppTest, shared: SharedModel) -> AppTest:
    """The same browser leaves the page and opens it again."""
    shared.jobs.leave(visit_of(at).id)  # as the server does when the connection ends
    return open_app(browser=visit_of(at).browser)


def test_a_page_loaded_again_during_a_lesson_follows_it_to_its_proof(shared: SharedModel) -> None:
    browser = new_browser_id()
    at = add(open_app(browser=browser), 2)
    job = begin_lesson(at, shared, may_go_on=False)
    again = load_again(at, shared)
    assert len(visit_of(again).tray) == 2
    assert visit_of(again).job is job
    may_end(shared).set()
    job.wait(30)
    again.run()
    assert visit_of(again).outcome is not None
    assert visit_of(again).tray == []
    add(again)
    assert len(shared.load_tray(browser).labels) == 1


def test_a_lesson_that_ended_while_the_page_was_loading_is_shown(shared: SharedModel) -> None:
    at = add(open_app(browser=new_browser_id()), 2)
    begin_lesson(at, shared).wait(30)
    again = load_again(at, shared)
    assert "Learned" in messages(again)
    assert visit_of(again).tray == []


def test_a_lesson_is_shown_once_and_not_again_by_each_page_loaded_later(shared: SharedModel) -> None:
    at = add(open_app(browser=new_browser_id()), 2)
    begin_lesson(at, shared).wait(30)
    assert "Learned" in messages(at.run())
    assert "Learned" not in messages(load_again(at, shared))
    click(at, "undo")
    again = load_again(at, shared)
    assert "Learned" not in messages(again)
    assert len(visit_of(again).tray) == 2


def test_another_page_of_the_browser_does_not_show_a_lesson_as_its_own(shared: SharedModel) -> None:
    at = add(open_app(browser=new_browser_id()), 2)
    job = begin_lesson(at, shared, may_go_on=False)
    other = open_app(browser=visit_of(at).browser)
    assert visit_of(other).job is None
    may_end(shared).set()
    job.wait(30)
    assert "Learned" not in messages(other.run())
    assert "Learned" in messages(at.run())
    assert shared.everyone.version.id == 1


def test_a_page_whose_place_another_took_during_a_lesson_shows_no_proof(shared: SharedModel) -> None:
    at = add(open_app(browser=new_browser_id()), 2)
    job = begin_lesson(at, shared, may_go_on=False)
    again = load_again(at, shared)
    may_end(shared).set()
    job.wait(30)
    assert "Learned" not in messages(at.run())  # its connection was lost only, and is there again
    assert visit_of(at).tray == []
    assert "Learned" in messages(again.run())


def test_drawings_returned_by_undo_are_all_there_beside_those_added_since(shared: SharedModel) -> None:
    at = add(open_app(browser=new_browser_id()), 3)
    job = begin_lesson(at, shared)
    again = load_again(at, shared)
    job.wait(30)
    again.run()
    add(again, 2)
    click(again, "undo")
    tray = visit_of(again).tray
    assert [sample.label for sample in tray] == [4, 4, 4, None, None]
    assert len({sample.id for sample in tray}) == 5
    assert len(shared.load_tray(visit_of(again).browser).labels) == 5


def test_what_is_added_after_an_undo_is_deleted_alone(shared: SharedModel) -> None:
    at = add(open_app(browser=new_browser_id()))
    job = begin_lesson(at, shared)
    again = load_again(at, shared)
    job.wait(30)
    click(again.run(), "undo")
    click(add(again), "delete_last")
    assert [sample.label for sample in visit_of(again).tray] == [4]


def test_a_lesson_under_way_must_end_before_it_can_be_forgotten(shared: SharedModel) -> None:
    at = add(open_app())
    begin_lesson(at, shared, may_go_on=False)
    at.switch_page("app_pages/about.py").run()
    assert "Forget when it is done" in messages(click(at, "forget"))
    assert len(visit_of(at).tray) == 1


def test_a_lesson_of_another_page_must_end_before_the_browser_can_be_forgotten(shared: SharedModel) -> None:
    at = add(open_app(browser=new_browser_id()))
    begin_lesson(at, shared, may_go_on=False)
    other = open_app(browser=visit_of(at).browser)
    other.switch_page("app_pages/about.py").run()
    assert "Forget when it is done" in messages(click(other, "forget"))


def test_a_drawing_added_during_a_lesson_stays(shared: SharedModel) -> None:
    may_end(shared).clear()
    at = open_app()
    visit_of(at).kept = True
    add(at, 2)
    tap_digit(at, 4)
    click(at, "train")
    click(add(click(at, "delete_last")), "predict")
    job = visit_of(at).job
    assert job is not None
    may_end(shared).set()
    job.wait(30)
    at.run()
    assert [sample.id for sample in visit_of(at).tray] == [3]
    assert len(shared.load_tray(visit_of(at).browser).images) == 1


def test_an_import_is_followed_to_its_end_and_goes_on_after_a_fault(
    shared: SharedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_lesson, calls = RoomStore.add_lesson, []

    def away_once(store: RoomStore, *args: object, **more: object) -> Version:
        calls.append(args)
        if len(calls) == 2:
            raise StoreUnavailable("unreachable")
        return add_lesson(store, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(RoomStore, "add_lesson", away_once)
    browser = new_browser_id()
    owner = as_owner(shared, browser)
    at = AppTest.from_function(page_of_imports, default_timeout=60)
    at.session_state["visit"] = Visit(browser, kept=True)
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 4:24, 12:16] = 255

    def choose(labels: list[int], lessons: list[int]) -> str:
        """Give a file, see the bar, and wait: what is said at the end."""
        file = base64.b64encode(pack_npz(images, labels, lessons)).decode()
        at.session_state["import"] = {"given": f"data:application/octet-stream;base64,{file}"}
        at.session_state["given"] = True
        may_end(shared).clear()
        at.run()
        assert not at.exception and f"of {len(set(lessons))}" in at.get("progress")[0].proto.text
        job = owner.importing
        assert job is not None
        may_end(shared).set()
        job.wait(30)
        at.run()
        assert not at.exception and not at.get("progress")
        return messages(at)

    assert "Broken off after 1 of 3 lessons" in choose([1, 2, 3], [5, 6, 7])
    assert "2 of 2 lessons are in the model" in choose([1, 2, 3], [5, 5, 6]), "the same drawings, grouped otherwise"
    assert "3 of 3 lessons are in the model" in choose([1, 2, 3], [5, 6, 7])
    assert [list(lesson.labels) for lesson in shared.everyone.lessons()] == [[1], [1, 2], [3], [2], [3]]


def page_of_imports() -> None:
    import streamlit as st

    from ui.learned.uploads import import_lessons, import_section
    from ui.rights import owner
    from ui.session import visit

    me = visit()
    if st.session_state.pop("given", False):
        import_lessons()
    if rights := owner(me):
        import_section(rights)


def test_what_was_said_on_one_page_is_not_said_on_another(app: AppTest) -> None:
    click(app, "add")
    click(app, "train")
    app.switch_page("app_pages/about.py").run()
    assert "Empty" not in messages(app)
