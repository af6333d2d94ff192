"""The code is formatted, free of what ruff finds, its types fit, and imports run one way."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from harness.processes import ROOT

TOOLS = {"ruff": ["-m", "ruff", "check"], "format": ["-m", "ruff", "format", "--check"], "mypy": ["-m", "mypy"]}
TOOLS["import-linter"] = ["-c", "from importlinter.cli import lint_imports; exit(lint_imports())"]


@pytest.mark.parametrize("tool", TOOLS)
def test_tool_finds_nothing(tool: str) -> None:
    done = subprocess.run([sys.executable, *TOOLS[tool]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("folder", "never"),
    [
        *[(folder, r"app|app_pages|server|harness|tests|benchmarks") for folder in ("api", "mnist_core", "ui")],
        ("app_pages", r"api|app|server|harness|tests|benchmarks"),
        ("harness", r"tests|benchmarks"),
        ("benchmarks", "tests"),
        ("docs", r"tests|benchmarks"),
        ("tests", "benchmarks"),
    ],
)
def test_arrows_run_one_way(folder: str, never: str) -> None:
    """What import-linter cannot see, being no package: who may import the app's top, its tests and its benchmarks."""
    imports = re.compile(rf"^ *(?:from|import) (?:{never})\b", re.MULTILINE)
    assert not [str(file) for file in (ROOT / folder).rglob("*.py") if imports.search(file.read_text())]


def test_no_test_sleeps_but_to_come_at_a_moment() -> None:
    """A sleep is either too short for a busy machine or too long for everybody: tests wait for what they need."""
    waiting = re.compile(r"\b(?:sleep|wait_for_timeout)\((?!.*# the moment is what is tested$)")
    assert not [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in (ROOT / "tests").rglob("test_*.py")
        for line in file.read_text().splitlines()
        if waiting.search(line)
    ]
