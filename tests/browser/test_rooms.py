"""Rooms in real browsers: one opens a room, others come by its link and its code; one's own model is found again."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from harness.hand import HOUSE, PATIENCE_MS, add, draw, open_app, press, reads, sheet, train
from harness.processes import AppServer
from tests.browser.test_pages import open_rooms, whole_and_accessible
from tests.conftest import DESKTOP, StartServer


def open_room(page: Page, name: str) -> tuple[str, str]:
    """Open a room of ours; its link and its code, as the page shows them."""
    open_rooms(page)
    page.get_by_label("Name of a new room").fill(name)
    page.get_by_role("button", name="Open", exact=True).click()
    link = page.get_by_test_id("stCode").get_by_text(re.compile(r"\?room="))
    code = page.get_by_text("Others come in by this code").locator("strong")
    return link.inner_text(timeout=PATIENCE_MS).strip(), code.inner_text()


def teach_the_house(page: Page, *, finger: bool = False) -> None:
    add(page, HOUSE, finger=finger)
    train(page, 4)
    expect(page.locator(".st-key-proof")).to_be_visible()


def reads_no_four(page: Page) -> None:
    expect(page.get_by_test_id("digit")).to_have_text(re.compile("[0-35-9]"))


def test_a_room_is_joined_by_its_link_and_its_code_and_its_owner_looks_after_it(
    page: Page, phone: Page, browser: Browser, server: AppServer
) -> None:
    open_app(page, server)
    link, code = open_room(page, "Class 4B")
    assert re.fullmatch(r"\w{5}-\w{5}", code)
    whole_and_accessible(page)
    page.keyboard.press("Escape")

    phone.set_default_timeout(PATIENCE_MS)
    phone.goto(link)
    sheet(phone).wait_for()
    teach_the_house(phone, finger=True)
    with browser.new_context(viewport=DESKTOP, locale="en-GB") as third:
        by_code = third.new_page()
        open_app(by_code, server)
        open_rooms(by_code)
        by_code.get_by_label("Code of a room").fill(code.lower())
        by_code.get_by_role("button", name="Go in").click()
        expect(by_code.get_by_role("button", name="Class 4B")).to_be_visible()
        draw(by_code, HOUSE)
        reads(by_code, "4")

    page.get_by_role("link", name="Learned").click()
    expect(page.get_by_text("the model of the room Class 4B")).to_be_visible()
    page.get_by_role("tab", name="What it was taught").click()
    expect(page.get_by_text("taught 1 × “4”")).to_be_visible()
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_role("button", name="Hide all drawings by ")).to_be_visible()
    whole_and_accessible(page)
    page.get_by_role("button", name="Withdraw this lesson").click()
    expect(page.get_by_text("withdrawn: the lesson of version 1")).to_be_visible()

    phone.goto(link.replace("/?", "/learned?"))
    phone.get_by_role("tab", name="Qué se le ha enseñado").click()
    expect(phone.get_by_text("retirada: la lección de la versión 1")).to_be_visible()
    expect(phone.get_by_role("button", name="Cambiar")).to_have_count(0)
    whole_and_accessible(phone)


def test_drawings_that_the_owner_deletes_are_gone_from_the_others_pages(
    page: Page, phone: Page, server: AppServer
) -> None:
    open_app(page, server)
    link, _ = open_room(page, "Class 5A")
    page.keyboard.press("Escape")
    phone.set_default_timeout(PATIENCE_MS)
    phone.goto(link)
    sheet(phone).wait_for()
    teach_the_house(phone, finger=True)
    phone.goto(link.replace("/?", "/learned?"))
    phone.get_by_role("tab", name="Qué se le ha enseñado").click()
    expect(phone.get_by_text("de: tú")).to_be_visible()

    page.get_by_role("link", name="Learned").click()
    page.get_by_role("tab", name="What it was taught").click()
    page.get_by_role("button", name="Change").click()
    page.get_by_role("button", name="Delete everything by ").click()
    expect(page.get_by_text("nobody can bring them back")).to_be_visible()
    whole_and_accessible(page)
    press(page, "delete_for_good")
    expect(page.get_by_text("deleted for good: the lesson of version 1")).to_be_visible()
    phone.get_by_role("tab", name="Cómo lee").click()
    phone.get_by_role("tab", name="Qué se le ha enseñado").click()
    expect(phone.get_by_text("Sus dibujos se han borrado para siempre")).to_be_visible()
    whole_and_accessible(phone)


def test_ones_own_model_is_there_after_a_reload_and_a_restart(page: Page, start_server: StartServer) -> None:
    server = start_server(ready=True)
    open_app(page, server)
    open_rooms(page)
    page.get_by_text("Mine", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?room=mine"))
    page.keyboard.press("Escape")
    teach_the_house(page)
    page.reload()
    sheet(page).wait_for()
    draw(page, HOUSE)
    reads(page, "4")
    server.stop()
    server.start(ready=True)
    open_app(page, server, "learned?room=mine")
    expect(page.get_by_text("your own model")).to_be_visible()
    page.get_by_role("link", name="Draw").click()
    draw(page, HOUSE)
    reads(page, "4")
    open_app(page, server)
    draw(page, HOUSE)
    reads_no_four(page)
