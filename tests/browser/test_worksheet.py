"""The worksheet in a real browser: taken away, brought back as a photograph, looked at, taught."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import FilePayload, Page, expect

from harness.camera import fill_in, photographed, printed
from harness.hand import DIGIT_STROKES, give, holds, open_app, press, settle, sheet
from harness.paper import as_png
from harness.processes import AppServer
from mnist_core.files.worksheet import worksheet_pdf

ROWS = {0: 6, 2: 3, 3: 6, 7: 2}


def filled_in() -> FilePayload:
    rng = np.random.default_rng(0)
    page = printed()
    pens = {
        (d, p): [np.array(stroke) for stroke in DIGIT_STROKES[d]] for d, count in ROWS.items() for p in range(count)
    }
    fill_in(page, "a4", pens, rng)
    return {
        "name": "page.png",
        "mimeType": "image/png",
        "buffer": as_png(photographed(page, rng, turn=3, tilt=15)),
    }


def test_the_page_to_print_is_handed_over(page: Page, server: AppServer) -> None:
    open_app(page, server)
    press(page, "options")
    with page.expect_download() as download:
        press(page, "worksheet_letter")
    assert download.value.suggested_filename == "worksheet-letter.pdf"
    assert download.value.path().read_bytes() == worksheet_pdf("letter", "en")


def test_a_photographed_worksheet_is_looked_at_and_taught_by_a_finger(phone: Page, server: AppServer) -> None:
    open_app(phone, server)
    press(phone, "options")
    give(phone, "file", filled_in())
    boxes = phone.get_by_test_id("grid").get_by_role("button")
    expect(boxes).to_have_count(sum(ROWS.values()))
    expect(phone.locator(".st-key-file")).to_have_count(0)
    settle(phone)
    out = phone.get_by_role("button", name="Número 2, casilla 3")
    out.tap()
    expect(out).to_have_attribute("aria-pressed", "false")
    phone.get_by_role("button", name="Poner 16 en la bandeja").tap()
    holds(phone, 16)
    expect(sheet(phone)).to_be_visible()
    press(phone, "train")
    expect(phone.locator(".st-key-proof")).to_be_visible()
    holds(phone, 0)
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
