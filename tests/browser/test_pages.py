"""Every page, in both languages, light and dark, large and small: whole, and usable by everybody."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.hand import DIGITS, PATIENCE_MS, draw, open_app, reads, settle
from tests.conftest import StartServer
from tests.harness import AppServer

PAGES = {"": "canvas", "inside": "img", "learned": "canvas, svg", "about": "h2"}
Scheme = Literal["light", "dark"]
LOOKS: dict[str, tuple[str, Scheme, ViewportSize]] = {
    "desk, light, English": ("en-GB", "light", {"width": 1280, "height": 800}),
    "phone, dark, Spanish": ("es-ES", "dark", {"width": 360, "height": 780}),
}
SERIOUS = ("serious", "critical")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("look", LOOKS)
def test_a_page_is_whole_and_accessible(browser: Browser, server: AppServer, path: str, look: str) -> None:
    locale, scheme, size = LOOKS[look]
    context = browser.new_context(locale=locale, color_scheme=scheme, viewport=size)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    open_app(page, server, path)
    if not path:
        draw(page, DIGITS[3])
        reads(page, "3")
    page.locator(PAGES[path]).first.wait_for(timeout=PATIENCE_MS)
    settle(page)
    page.wait_for_timeout(1000)  # what is being replaced fades, and has less contrast meanwhile
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page).response["violations"]
    serious = [f"{v['id']}: {v['nodes'][0]['target']} {v['help']}" for v in found if v["impact"] in SERIOUS]
    assert serious == []
    assert broken == []
    context.close()


def test_the_first_visitor_of_a_server_may_begin_on_any_page(page: Page, start_server: StartServer) -> None:
    open_app(page, start_server(), "about")
    expect(page.get_by_role("heading", name="About this app")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("link", name="Draw").click()
    expect(page.get_by_test_id("canvas")).to_be_visible(timeout=PATIENCE_MS)
