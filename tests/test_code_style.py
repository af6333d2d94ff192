"""The code is formatted, free of what ruff finds, its types fit, and imports run one way."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.harness import ROOT

TOOLS = {"ruff": ["-m", "ruff", "check"], "format": ["-m", "ruff", "format", "--check"], "mypy": ["-m", "mypy"]}
TOOLS["import-linter"] = ["-c", "from importlinter.cli import lint_imports; exit(lint_imports())"]


@pytest.mark.parametrize("tool", TOOLS)
def test_tool_finds_nothing(tool: str) -> None:
    done = subprocess.run([sys.executable, *TOOLS[tool]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
