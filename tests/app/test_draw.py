"""The drawing page: behaviours 1 to 6 of the product, in both languages."""

from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core import ModelUnavailable
from mnist_core.serving.shared_model import SharedModel
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.records import Tray
from tests.app.conftest import StartShared, add, click, draw, messages, open_app, switch, tap_digit, train, visit_of
from tests.fakes import UNTAUGHT, as_owner
from ui import parts
from ui.session import Drawing
from ui.widgets.pictures import data_url


def test_the_page_speaks_the_browsers_language_until_another_is_chosen(shared: SharedModel) -> None:
    at = open_app("es-MX")
    assert at.button(key="predict").label == "Predecir"
    at.button_group(key="language").set_value("en").run()
    assert at.button(key="predict").label == "Predict"
    assert open_app("de-DE").title[0].value == "Draw a digit"


def test_the_address_may_name_a_language_and_a_wrong_one_is_none(shared: SharedModel) -> None:
    at = open_app(language="Español")
    assert at.button(key="predict").label == "Predecir"
    assert at.title[0].value == "Dibuja un número", "what stands above the choice of language"
    assert open_app(language="../../etc").button(key="predict").label == "Predict"


def test_a_language_of_the_address_is_no_second_default(shared: SharedModel, caplog: pytest.LogCaptureFixture) -> None:
    browser = new_browser_id()
    add(open_app(browser=browser))
    assert open_app(browser=browser, language="Español").button(key="add").label == "Añadir"  # reloaded
    assert "default value" not in caplog.text


def test_an_empty_sheet_is_named_and_nothing_changes(app: AppTest) -> None:
    for key in ("predict", "add", "delete_last"):
        assert "Empty" in messages(click(app, key))
    assert visit_of(app).tray == []
    assert visit_of(app).answer == ()


def test_the_same_messages_in_spanish(shared: SharedModel) -> None:
    at = open_app("es-ES")
    for key in ("predict", "add", "delete_last", "train"):
        assert "Vacío" in messages(click(at, key))
    add(at)
    assert "Indicar el número a entrenar" in messages(click(at, "train"))


def test_a_drawing_is_read_as_it_is_drawn(app: AppTest) -> None:
    draw(app)
    (reading,) = visit_of(app).answer
    assert reading.prediction.digit == UNTAUGHT
    assert reading.image.shape == (28, 28)


def test_without_live_a_drawing_is_read_when_asked(app: AppTest) -> None:
    switch(app, "live", False)
    assert visit_of(draw(app)).answer == ()
    assert len(visit_of(click(app, "predict")).answer) == 1


def test_live_turned_on_reads_what_is_there(app: AppTest) -> None:
    switch(app, "live", False)
    draw(app)
    switch(app, "live", True)
    assert len(visit_of(app).answer) == 1


def test_add_keeps_the_prepared_drawing_and_empties_the_sheet(app: AppTest) -> None:
    draw(app)
    at = visit_of(app).drawing.at  # type: ignore[union-attr]
    click(app, "add")
    me = visit_of(app)
    assert [(s.image.shape, s.label) for s in me.tray] == [((28, 28), None)]
    assert (me.drawing, me.answer, me.consumed) == (None, (), at)


def test_a_stroke_that_arrives_with_the_click_on_add_belongs_to_the_drawing(app: AppTest) -> None:
    draw(app)
    ink = np.zeros((280, 280, 4), np.uint8)
    ink[40:240, 100:180, 3] = 255
    app.session_state["canvas"] = {"drawn": {"at": 99, "image": data_url(ink)}}
    click(app, "add")
    assert visit_of(app).consumed == 99
    assert len(visit_of(app).tray) == 1
    assert visit_of(app).drawing is None


def test_delete_last_removes_the_newest(app: AppTest) -> None:
    add(app, 3)
    click(app, "delete_last")
    assert [sample.id for sample in visit_of(app).tray] == [1, 2]


def test_one_tap_on_the_right_digit_adds_the_drawing_under_it(app: AppTest) -> None:
    draw(app)
    tap_digit(app, 3)
    assert [sample.label for sample in visit_of(app).tray] == [3]
    assert visit_of(app).drawing is None


def test_a_correction_that_the_browser_sends_once_more_is_none_of_the_next_drawing(app: AppTest) -> None:
    draw(app)
    row = visit_of(app).row
    tap_digit(app, 3)
    tap_digit(draw(app), 3, row)
    assert len(visit_of(app).tray) == 1
    assert visit_of(app).drawing


def test_a_picked_drawing_can_be_relabelled_and_removed(app: AppTest) -> None:
    add(app, 2)
    visit_of(app).picked = 1
    app.run()
    tap_digit(app, 5)
    assert [sample.label for sample in visit_of(app).tray] == [5, None]
    click(app, "remove")
    assert [sample.id for sample in visit_of(app).tray] == [2]


def test_a_full_tray_says_so_and_keeps_the_drawing(start_shared: StartShared) -> None:
    start_shared(tray_size=2)
    at = add(open_app(), 2)
    click(draw(at), "add")
    assert "full: 2" in messages(at)
    assert len(visit_of(at).tray) == 2
    assert visit_of(at).drawing is not None


def test_the_tray_is_kept_for_the_browser(app: AppTest, shared: SharedModel) -> None:
    visit_of(app).kept = True
    add(app, 2)
    kept = shared.load_tray(visit_of(app).browser)
    assert (kept.images.shape, kept.labels) == ((2, 28, 28), (None, None))


def test_the_kept_tray_comes_back_before_what_was_drawn_meanwhile(app: AppTest, shared: SharedModel) -> None:
    add(app)
    me = visit_of(app)
    images = np.full((2, 28, 28), 255, np.uint8)
    shared.save_tray(me.browser, Tray(images, (5, None)))
    me.kept = True
    app.run()
    assert [sample.label for sample in me.tray] == [5, None, None]
    app.run()
    assert len(me.tray) == 3


def test_a_kept_tray_that_could_not_be_fetched_is_not_erased_by_the_next_drawing(
    shared: SharedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_app()
    me = visit_of(at)
    shared.save_tray(me.browser, Tray(np.full((2, 28, 28), 255, np.uint8), (5, None)))
    me.kept = True

    def away(_: SharedModel, browser: str) -> Tray:
        raise StoreUnavailable("unreachable", "away")

    with monkeypatch.context() as patch:
        patch.setattr(SharedModel, "load_tray", away)
        add(at)
        assert "would not survive a reload" in messages(at)
        assert [s.label for s in me.tray] == [None]
    assert shared.load_tray(me.browser).labels == (5, None)
    add(at)
    assert shared.load_tray(me.browser).labels == (5, None, None, None)


def test_two_pages_of_one_browser_keep_each_others_drawings(shared: SharedModel) -> None:
    assert shared.ready.wait(10)  # or the second page would be given the first one's drawing when the store is opened
    browser = new_browser_id()
    one, two = open_app(browser=browser), open_app(browser=browser)
    add(one)
    click(draw(two, width=40), "add")
    add(one)

    def kept() -> list[bytes]:
        return [image.tobytes() for image in shared.load_tray(browser).images]

    mine, theirs = ([sample.image.tobytes() for sample in visit_of(at).tray] for at in (one, two))
    assert (len(mine), len(theirs)) == (2, 1) and theirs[0] not in mine
    assert sorted(kept()) == sorted(mine + theirs)
    click(two, "delete_last")
    assert kept() == mine


def test_a_drawing_in_the_tray_leaves_the_sheet_of_a_page_loaded_before_it_heard_so(shared: SharedModel) -> None:
    browser = new_browser_id()
    ink = np.zeros((280, 280, 4), np.uint8)
    ink[40:240, 100:180, 3] = 255
    drawn = {"drawn": {"at": 99, "image": data_url(ink)}}
    at = open_app(browser=browser)
    at.session_state["canvas"] = drawn
    click(at, "add")
    again = open_app(browser=browser)
    again.session_state["canvas"] = drawn
    click(again, "predict")
    assert visit_of(again).consumed == 99
    assert visit_of(again).drawing is None
    assert len(visit_of(again).tray) == 1


def test_an_open_page_keeps_its_tray_when_the_store_is_emptied(shared: SharedModel) -> None:
    at = add(open_app(browser=new_browser_id()), 2)
    as_owner(shared).empty()
    add(at)
    assert len(shared.load_tray(visit_of(at).browser).images) == len(visit_of(at).tray) == 3


def two_bars(at: AppTest, *, number: float) -> AppTest:
    """Two upright strokes, apart, on the sheet for several digits."""
    canvas = np.zeros((420, 840, 4), np.uint8)
    canvas[100:320, 200:230, 3] = canvas[100:320, 600:630, 3] = 255
    visit_of(at).drawing = Drawing(number, canvas)
    return at.run()


def test_several_digits_not_read_yet_are_added_one_by_one(app: AppTest) -> None:
    switch(app, "live", False)
    switch(app, "several", True)
    click(two_bars(app, number=1), "add")
    assert len(visit_of(app).tray) == 2


def test_one_of_several_that_was_corrected_and_taught_is_not_added_again(app: AppTest, shared: SharedModel) -> None:
    switch(app, "several", True)
    visit_of(app).asked = True
    two_bars(app, number=1)
    assert len(visit_of(app).answer) == 2
    tap_digit(app, 4)
    train(app, None)
    assert [list(lesson.labels) for lesson in shared.everyone.lessons()] == [[4]]
    click(app, "add")
    assert [sample.label for sample in visit_of(app).tray] == [None]


def test_one_of_several_that_came_back_by_undo_is_corrected_where_it_is(app: AppTest, shared: SharedModel) -> None:
    switch(app, "several", True)
    visit_of(app).asked = True
    two_bars(app, number=1)
    tap_digit(app, 4)
    click(train(app, None), "undo")
    tap_digit(app, 5)
    assert [sample.label for sample in visit_of(app).tray] == [5]


def test_a_drawing_that_is_none_is_said(shared: SharedModel) -> None:
    def page() -> None:
        from ui.notices import show_notice
        from ui.session import visit
        from ui.sheet.actions import take_drawing

        take_drawing({"at": 1.0, "image": "data:image/png;base64,AAAA"})
        show_notice(visit().notice)

    at = AppTest.from_function(page, default_timeout=60).run()
    assert not at.exception
    assert "could not be read" in messages(at)


def test_no_visitor_sees_anothers_tray(app: AppTest, shared: SharedModel) -> None:
    add(app)
    other = open_app()
    assert visit_of(other).tray == []
    assert visit_of(other).browser != visit_of(app).browser


def test_a_missing_model_is_said_on_the_page(start_shared: StartShared, monkeypatch: pytest.MonkeyPatch) -> None:
    model = start_shared()
    model.ready.wait(10)

    def gone(_: SharedModel) -> None:
        raise ModelUnavailable("gone")

    monkeypatch.setattr(SharedModel, "untaught", property(gone))
    assert "python -m mnist_core.pretrain`" in messages(draw(open_app()))


@pytest.mark.parametrize(
    ("waiting", "with_stroke", "named"),
    [
        (None, False, []),
        (["a"], False, [("teaching",)]),
        (["a"], True, [("teaching", "desk")]),
        (["a", "b"], False, [parts.PARTS]),
    ],
)
def test_a_callback_names_its_part_or_all_that_several_taps_may_have_changed(
    monkeypatch: pytest.MonkeyPatch, waiting: list[str] | None, with_stroke: bool, named: list[tuple[str, ...]]
) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(parts, "get_script_run_ctx", lambda: SimpleNamespace(fragment_ids_this_run=waiting))
    monkeypatch.setattr(parts, "stroke_came_along", lambda: with_stroke)
    monkeypatch.setattr(parts.st, "rerun", asked.append)
    parts.rerun("teaching")
    assert asked == named
