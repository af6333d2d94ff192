"""About says what is kept and for how long, and *Forget me* deletes it."""

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.serving.ownership import KnownBrowser, NotOwner
from mnist_core.serving.shared_model import SharedModel
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.faults import RoomClosed
from tests.app.conftest import StartShared, add, choose_whose, click, open_app, train, visit_of

ME = new_browser_id()


def about(at: AppTest) -> str:
    """Turn to the page; all its text."""
    at.switch_page("app_pages/about.py").run()
    assert not at.exception
    return "\n".join(markdown.value for markdown in at.markdown)


def test_about_says_how_long_rooms_and_drawings_are_kept(start_shared: StartShared) -> None:
    start_shared()
    text = about(open_app())
    assert "nobody uses for 180 days" in text and "kept as long as the model" in text
    start_shared(room_days=30, drawing_days=7)
    text = about(open_app("es-ES"))
    assert "nadie usa en 30 días" in text and "se borran a los 7 días" in text


def test_forget_me_deletes_ones_own_model_and_parts_with_ones_rooms(shared: SharedModel) -> None:
    room, _ = shared.directory.open_ours("4B", ME, [])
    at = train(add(choose_whose(open_app(browser=ME), "mine")), 3)
    mine = shared.directory.mine(ME)
    assert mine and shared.room(mine).lessons()
    about(at)
    click(at, "forget")
    assert shared.directory.mine(ME) is None and visit_of(at).mine is None
    assert visit_of(at).whose == "everyone"
    with pytest.raises(NotOwner):
        shared.room(room).owner(KnownBrowser(ME))
    with pytest.raises(RoomClosed):
        shared.room(mine).owner(KnownBrowser(ME))
