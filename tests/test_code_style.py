"""The code is formatted, free of what ruff finds, its types fit, and imports run one way."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from harness.processes import ROOT

TOOLS = {"ruff": ["-m", "ruff", "check"], "format": ["-m", "ruff", "format", "--check"], "mypy": ["-m", "mypy"]}
TOOLS["import-linter"] = ["-c", "from importlinter.cli import lint_imports; exit(lint_imports())"]

SHIPPED = ("app_pages", "ui", "api", "mnist_core")


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


def shipped() -> dict[str, str]:
    """The sources that people run, by path."""
    files = [*ROOT.glob("*.py"), *(file for folder in SHIPPED for file in (ROOT / folder).rglob("*.py"))]
    return {str(file.relative_to(ROOT)): file.read_text() for file in files}


def test_what_is_shipped_looks_for_nothing_beside_itself() -> None:
    """Only the harness looks for data in a folder beside the checkout, which who runs the app does not have."""
    beside = re.compile(r"""\.\./shared|['"]shared/|/ *['"]shared""")
    assert not [file for file, text in shipped().items() if beside.search(text)]


def test_one_module_reads_the_environment() -> None:
    """What a host decides is a field of `Settings`; where a shell's user keeps MNIST is none of it."""
    readers = {file for file, text in shipped().items() if re.search(r"\benviron\b|\bgetenv\b", text)}
    assert readers == {
        "mnist_core/serving/settings.py",
        "mnist_core/files/mnist.py",  # MNIST_PATH
        "mnist_core/__main__.py",  # has TensorFlow say less
        "check.py",  # the PATH
    }


def test_no_test_sleeps_but_to_come_at_a_moment() -> None:
    """A sleep is either too short for a busy machine or too long for everybody: tests wait for what they need."""
    waiting = re.compile(r"\b(?:sleep|wait_for_timeout)\((?!.*# the moment is what is tested$)")
    assert not [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in (ROOT / "tests").rglob("test_*.py")
        for line in file.read_text().splitlines()
        if waiting.search(line)
    ]
