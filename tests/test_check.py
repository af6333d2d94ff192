"""The test command: what it needs is named where it may not be installed."""

import os

import pytest

import check
from harness.processes import program


def test_programs_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "find_program", lambda name: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    everything = "chromium, firefox-esr, webkit2gtk-driver, xvfb, postgresql, nginx"
    with pytest.raises(SystemExit, match=f"The tests also need: {everything}"):
        check.install_programs()


def test_a_test_without_its_browser_fails_and_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CHROMIUM", raising=False)
    for name in ("chromium", "firefox-esr", "WebKitWebDriver", "Xvfb"):
        with pytest.raises(FileNotFoundError, match=rf"{name} is not installed; `python3 check\.py` installs it"):
            program(name)
