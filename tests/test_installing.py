"""What is promised of installing: the lists are pinned, complete, and the same for every Python that is promised."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import run
from harness.processes import ROOT
from run import NEWEST, OLDEST

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
APP = tuple(PYPROJECT["project"]["dependencies"])
DEV = tuple(PYPROJECT["dependency-groups"]["dev"])
SHIPPED = ("app.py", "server.py", "app_pages", "ui", "api", "mnist_core")
FOR_PRETRAIN = {"hershey-fonts"}  # which asks for requirements-dev.txt itself
TOOLS = ("run.py", "check.py", "lock.py", "tests", "harness", "benchmarks", "docs")


def pins(name: str) -> dict[str, Version]:
    """The versions in a list that `lock.py` wrote, by distribution."""
    lines = (ROOT / name).read_text().splitlines()
    pinned = (line.split(" ")[0].split("==") for line in lines if "==" in line and not line.lstrip().startswith("#"))
    return {canonicalize_name(name): Version(version) for name, version in pinned}


def imported(*places: str) -> set[str]:
    """The distributions that the sources there import from."""
    known = packages_distributions()
    files = (
        file for place in places for file in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
    )
    return {canonicalize_name(known[module][0]) for file in files for module in modules(file) if module in known}


def modules(file: Path) -> Iterator[str]:
    """The top-level modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def named(requirements: tuple[str, ...]) -> set[str]:
    return {canonicalize_name(Requirement(requirement).name) for requirement in requirements}


@pytest.mark.parametrize(("list_", "asked"), [("requirements.txt", APP), ("requirements-dev.txt", APP + DEV)])
def test_the_list_pins_what_pyproject_asks_for(list_: str, asked: tuple[str, ...]) -> None:
    """`python3 lock.py` makes it so again."""
    pinned = pins(list_)
    for requirement in map(Requirement, asked):
        assert pinned[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_the_tests_run_with_the_versions_of_the_app() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


@pytest.mark.parametrize("list_", ["requirements.txt", "requirements-dev.txt"])
def test_each_pin_has_hashes_and_names_no_host(list_: str) -> None:
    text = (ROOT / list_).read_text()
    assert "://" not in text and "index" not in text
    entries = text.replace("\\\n", "").splitlines()
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry and not entry.lstrip().startswith("#"))


def test_what_is_imported_is_asked_for_by_name() -> None:
    """Not only had because something else needs it: that may end with any new version."""
    assert imported(*SHIPPED) - FOR_PRETRAIN <= named(APP)
    assert imported(*SHIPPED, *TOOLS) <= named(APP + DEV)


def test_every_promised_python_is_promised_everywhere() -> None:
    promised = SpecifierSet(PYPROJECT["project"]["requires-python"])
    minors = [f"3.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1)]
    assert [f"3.{minor}" for minor in range(30) if f"3.{minor}" in promised] == minors
    assert f"{minors[0]}, {', '.join(minors[1:-1])} or {minors[-1]}" in (ROOT / "README.md").read_text()
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert all(f'"{minor}"' in workflow for minor in minors)
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in minors


def test_the_image_and_the_commands_install_from_the_lists() -> None:
    assert "--require-hashes --requirement requirements.txt" in (ROOT / "Dockerfile").read_text()
    assert 'prepared_python("requirements.txt")' in (ROOT / "run.py").read_text()
    assert 'prepared_python("requirements-dev.txt")' in (ROOT / "check.py").read_text()


def test_what_uv_installs_is_compiled_as_pip_would(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Or every server would compile TensorFlow first, each time where PYTHONDONTWRITEBYTECODE is set."""
    commands: list[list[str]] = []
    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    run.prepared_python("requirements.txt")
    assert "--compile-bytecode" in commands[-1]
