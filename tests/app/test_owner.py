"""The owner is who has the link or the key from the terminal, or the password; nobody by where they come from."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.serving.shared_model import SharedModel
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.visitors import Visitors
from tests.app.conftest import StartShared, click, messages, open_app, visit_of
from tests.fakes import as_owner
from ui.texts import TEXTS

OWNER = TEXTS["learned.tab.owner"]


def learned(at: AppTest, language: str = "en") -> AppTest:
    """Turn to what is the owner's."""
    at.session_state["part"] = OWNER[language]
    at.switch_page("app_pages/learned.py").run()
    assert not at.exception
    return at


def by_link(key: str, browser: str | None = None) -> AppTest:
    """Open the owner's link."""
    return open_app(browser=browser, owner=key)


def is_owner(at: AppTest) -> bool:
    return TEXTS["owner.you"]["en"] in [caption.value for caption in learned(at).caption]


@pytest.fixture
def keys(shared: SharedModel) -> list[str]:
    """What the terminal shows, the newest last."""
    shown: list[str] = []
    shared.ownership.offer_key(shown.append)
    return shown


def test_the_link_makes_its_browser_the_owner_and_is_gone_from_the_address(keys: list[str]) -> None:
    browser = new_browser_id()
    at = by_link(keys[0], browser)
    assert "owner" not in at.query_params
    assert "signed in as the owner" in messages(at)
    assert is_owner(at)
    assert is_owner(open_app(browser=browser)), "a reload"
    assert not is_owner(by_link(keys[0])), "a link that was used"
    assert is_owner(by_link(keys[1])), "the next one"


def test_an_old_link_says_nothing_wrong_to_who_is_the_owner(keys: list[str]) -> None:
    browser = new_browser_id()
    by_link(keys[0], browser)
    at = by_link(keys[0], browser)
    assert "owner" not in at.query_params
    assert "not the owner's" not in messages(at) and is_owner(at)


def test_a_link_opened_while_the_store_is_away_is_good_once_it_is_back(
    keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(Visitors, "admit", store_away)
        at = by_link(keys[0], new_browser_id())
        assert at.query_params["owner"] == keys[0]
    at.run()
    assert "owner" not in at.query_params and is_owner(at)


def store_away(*_: object, **__: object) -> None:
    raise StoreUnavailable("unreachable")


def test_the_key_may_be_given_in_its_field(keys: list[str]) -> None:
    at = learned(open_app())
    assert "terminal" in " ".join(caption.value for caption in at.caption)
    for text, message in ((keys[0][:-1], "not the owner's password or key"), (keys[0], "signed in as the owner")):
        at.text_input(key="password").set_value(text)
        at.form_submit_button[0].click().run()
        assert message in messages(at)


def test_keys_are_tried_as_seldom_as_passwords(start_shared: StartShared) -> None:
    model, shown = start_shared(password_tries=1), list[str]()
    model.ownership.offer_key(shown.append)
    browser = new_browser_id()
    by_link("guess", browser)
    at = by_link(shown[0], browser)
    assert "Too many wrong passwords" in messages(at) and not is_owner(at)


def test_who_signs_out_is_not_the_owner_any_more(keys: list[str]) -> None:
    at = learned(by_link(keys[0]))
    next(button for button in at.button if button.label == "Sign out").click().run()
    assert not at.exception and not is_owner(at)


@pytest.mark.usefixtures("shared")
def test_a_browser_on_the_machine_itself_is_not_the_owner_without_a_key() -> None:
    """It may be a proxy; and what a browser says of where it is can be made up."""
    at = learned(open_app())
    assert "off here" in " ".join(caption.value for caption in at.caption)
    assert not at.text_input


def test_the_buttons_of_an_owner_do_nothing_for_anybody_else(shared: SharedModel) -> None:
    me = new_browser_id()
    as_owner(shared, me)
    at = learned(open_app(browser=me))
    at.session_state["part"] = TEXTS["learned.tab.files"]["en"]
    at.run()
    before = shared.everyone.version
    shared.ownership.sign_out(me)  # the button is still there
    click(at, "empty")
    assert "Only the owner" in messages(at)
    assert shared.everyone.version == before and visit_of(at).browser == me
