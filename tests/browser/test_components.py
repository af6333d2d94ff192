"""Our components as Streamlit calls them: each call returns its end, and an earlier end may come after a later call."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from harness.processes import ROOT

FRONTEND = ROOT / "ui" / "widgets" / "frontend"
ANSWER = {"at": 0, "heard": 0, "page": "a", "answer": "?", "state": "empty", "scores": [], "labels": {}}
DIGITS = {"label": "", "row": "tray0", "chosen": None, "early": ["drawing0", ""], "heard": 0, "page": "a"}

CALLED_TWICE = """async ([script, html, data]) => {
    document.body.innerHTML = html
    const { default: call } = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })))
    const sent = []
    const mount = () => call({ parentElement: document.body, data, setTriggerValue: (name) => sent.push(name) })
    const end = mount()
    mount()
    end()
    document.dispatchEvent(new CustomEvent("early-answer", { detail: { ...data, at: 7, answer: "7" } }))
    await new Promise((done) => setTimeout(done, 50))
    return sent.join() || document.querySelector("output")?.textContent || document.querySelector(".digits").dataset.row
}"""


@pytest.mark.parametrize(
    ("name", "data", "then"),
    [("answer", ANSWER, "7"), ("digits", DIGITS, "drawing0"), ("timer", {"wait": 0, "begun": 1}, "time")],
)
def test_an_end_that_comes_late_is_not_that_of_the_component(
    page: Page, name: str, data: dict[str, object], then: str
) -> None:
    files = [(FRONTEND / f"{name}.{kind}").read_text() for kind in ("js", "html")]
    assert page.evaluate(CALLED_TWICE, [*files, data]) == then
