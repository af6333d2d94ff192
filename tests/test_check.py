"""The test command: what it needs is named where it may not be installed; and the tests that need none of it."""

import ast
import os
import re

import pytest

import check
from harness.processes import ROOT, program

START_PROGRAMS = {  # fixtures of tests/conftest.py
    *("server", "start_server", "start_nginx", "postgres_cluster", "postgres", "postgres_url", "url"),
    *("browser", "desk", "page", "mobile", "phone"),
}


def test_programs_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "find_program", lambda name: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    everything = "chromium, firefox-esr, webkit2gtk-driver, xvfb, postgresql, nginx, iproute2"
    with pytest.raises(SystemExit, match=f"The tests also need: {everything}"):
        check.install_programs()


def test_a_test_without_its_browser_fails_and_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CHROMIUM", raising=False)
    for name in ("chromium", "firefox-esr", "WebKitWebDriver", "Xvfb"):
        with pytest.raises(FileNotFoundError, match=rf"{name} is not installed; `python3 check\.py` installs it"):
            program(name)


def test_the_core_jobs_run_where_no_program_can_be_installed() -> None:
    """On GitHub's machines nobody is root: there pytest gets the folders that start neither servers nor browsers."""
    jobs = (ROOT / ".github/workflows/ci.yml").read_text()
    core = jobs[jobs.index("  core:") : jobs.index("  everything:")]
    folders = " ".join(re.findall(r"run: python -m pytest (.+)", core)).split()
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    assert "check.py" not in core and all(list((ROOT / folder).glob("test_*.py")) for folder in folders) and files
    asked_for = {
        f"{file.relative_to(ROOT)}: {argument.arg}"
        for file in files
        for function in ast.walk(ast.parse(file.read_text()))
        if isinstance(function, ast.FunctionDef) and (function.name.startswith("test_") or function.decorator_list)
        for argument in function.args.args
        if argument.arg in START_PROGRAMS
    }
    assert asked_for == set()
