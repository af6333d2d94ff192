"""An example of a lesson on the page: laid out, taught in any room, and gone again without a trace."""

from typing import get_args

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.serving.shared_model import SharedModel
from mnist_core.storage.browsers import new_browser_id
from mnist_core.teaching.examples import ExampleName, example
from tests.app.conftest import (
    StartShared,
    add,
    choose_whose,
    click,
    draw,
    messages,
    open_app,
    tap_digit,
    train,
    visit_of,
)
from tests.app.test_rooms import open_room
from tests.fakes import UNTAUGHT
from ui.texts import LANGUAGES, TEXTS


def lay_out(at: AppTest, name: ExampleName) -> AppTest:
    """Choose this example in the menu."""
    at.menu_button(key="example").click(name).run()
    assert not at.exception
    return at


def offers(at: AppTest) -> bool:
    return any(menu.key == "example" for menu in at.menu_button)


def in_room(whose: str) -> AppTest:
    at = open_room("Class 4b", new_browser_id()) if whose == "ours" else open_app(browser=new_browser_id())
    return choose_whose(at, whose) if whose == "mine" else at


@pytest.mark.parametrize("name", get_args(ExampleName))
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_fills_the_tray_with_its_drawings_and_says_what_to_try(
    shared: SharedModel, name: ExampleName, language: str
) -> None:
    at = lay_out(open_app(language), name)
    tray = visit_of(at).tray
    assert [sample.label for sample in tray] == list(example(name).labels)
    assert (np.stack([sample.image for sample in tray]) == example(name).images).all()
    assert TEXTS[f"example.{name}.how"][language] in [caption.value for caption in at.caption]
    assert not offers(at)


@pytest.mark.parametrize("whose", ["everyone", "mine", "ours"])
def test_an_example_is_taught_and_undone_in_every_room(shared: SharedModel, whose: str) -> None:
    at = train(lay_out(in_room(whose), "good"), None)
    assert "Learned in" in messages(at)
    assert visit_of(draw(at)).answer[0].prediction.digit == 0
    click(at, "undo")
    assert "the example is gone" in messages(at)
    assert visit_of(at).tray == [] and offers(at)
    assert visit_of(draw(at)).answer[0].prediction.digit == UNTAUGHT


def test_undo_returns_only_the_visitors_own_drawings(app: AppTest, shared: SharedModel) -> None:
    draw(lay_out(app, "good"))
    tap_digit(app, 4)
    own = visit_of(app).tray[-1]
    click(train(app, None), "undo")
    assert "back in the tray" in messages(app)
    (back,) = visit_of(app).tray
    assert back.label == 4 and (back.image == own.image).all()
    assert shared.everyone.lessons() == []


def test_an_example_is_put_away_and_what_is_the_visitors_own_stays(app: AppTest, shared: SharedModel) -> None:
    add(lay_out(app, "own"), 2)
    own = visit_of(app).tray[-2:]
    click(app, "example_away")
    assert visit_of(app).tray == own
    assert not offers(app), "the tray is not empty"


def test_what_was_said_about_an_example_goes_with_it(app: AppTest, shared: SharedModel) -> None:
    lay_out(app, "harmful")
    for place in range(5):  # the fake refuses no 1
        visit_of(app).relabel(visit_of(app).tray[place].id, 9)
    assert "Not kept" in messages(train(app, None))
    click(app, "example_away")
    assert "Not kept" not in messages(app)
    assert visit_of(app).tray == [] and offers(app)


def test_after_a_reload_an_example_is_still_known_as_one(shared: SharedModel) -> None:
    browser = new_browser_id()
    lay_out(open_app(browser=browser), "own")
    again = open_app(browser=browser)
    assert len(visit_of(again).tray) == 10
    assert visit_of(click(again, "example_away")).tray == []
    assert visit_of(open_app(browser=browser)).tray == []


def test_what_is_on_the_sheet_stays_there(app: AppTest) -> None:
    before = visit_of(draw(app)).drawing
    assert visit_of(lay_out(app, "good")).drawing is before is not None


def test_no_example_is_offered_where_it_is_of_no_use(start_shared: StartShared) -> None:
    start_shared(teaching="off")
    assert not offers(open_app())


def test_an_example_larger_than_the_tray_is_not_laid_out_in_part(start_shared: StartShared) -> None:
    start_shared(tray_size=9)
    at = lay_out(open_app(), "own")
    assert visit_of(at).tray == [] and "The tray is full: 9" in messages(at)
