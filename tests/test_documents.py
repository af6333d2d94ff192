"""The documents cannot lie about what is where."""

from __future__ import annotations

import dataclasses
import re
import tomllib

import pytest

from harness.processes import ROOT
from mnist_core.__main__ import main
from mnist_core.serving.settings import Settings
from ui.texts import TEXTS

DOCUMENTS = (
    "ARCHITECTURE.md",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "models/README.md",
    "benchmarks/recipe.md",
    "benchmarks/own.md",
    *(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md")),
)
FOLDERS = "api app_pages benchmarks deploy docs examples harness mnist_core models tests ui"
ROOMS = tuple(f"{folder}/" for folder in FOLDERS.split())
OF_OTHERS = {"pages/"}  # of older Streamlit apps


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_is_there(document: str) -> None:
    """Each that begins with a folder of ours, and each module and folder: from the root, or from the document."""
    file = ROOT / document
    named = set(re.findall(r"`((?:[\w.-]+/)*[\w.-]+(?:\.\w+|/))`", file.read_text())) - OF_OTHERS
    paths = {path for path in named if path.startswith(ROOMS) or path.endswith((".py", "/"))}
    places = {path: [(start / path).resolve() for start in (ROOT, file.parent)] for path in sorted(paths)}
    assert not [p for p, found in places.items() if not any(x.exists() and x.is_relative_to(ROOT) for x in found)]


def test_the_architecture_names_every_room() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    packages = {
        f"{p.parent.relative_to(ROOT)}/" for top in ("mnist_core", "ui") for p in ROOT.glob(f"{top}/*/__init__.py")
    }
    modules = {str(p.relative_to(ROOT)) for p in [*ROOT.glob("*.py"), *ROOT.glob("mnist_core/[!_]*.py")]}
    ignored = (ROOT / ".gitignore").read_text()
    folders = {f"{p.name}/" for p in ROOT.glob("[!._]*") if p.is_dir() and f"/{p.name}/" not in ignored}
    rooms = packages | modules | folders - {"mnist_core/", "ui/"}
    assert packages and modules and folders and not [room for room in sorted(rooms) if f"`{room}`" not in text]


def test_a_page_has_the_texts_that_the_architecture_names() -> None:
    named = re.findall(r"`([\w.]*NAME[\w.]*)`", (ROOT / "ARCHITECTURE.md").read_text())
    pages = {page.stem for page in (ROOT / "app_pages").glob("*.py")} - {"board"}  # which is titled with a room's name
    assert named and not [key for page in pages for name in named if (key := name.replace("NAME", page)) not in TEXTS]


def test_every_setting_is_documented() -> None:
    table = (ROOT / "docs" / "hosting.md").read_text()
    names = {"data_dir": "MNIST_DATA_DIR", "models_dir": "MNIST_MODELS_DIR"}
    variables = [names.get(field.name, field.name.upper()) for field in dataclasses.fields(Settings)]
    assert not [variable for variable in variables if f"`{variable}`" not in table]


def test_every_documented_setting_is_one() -> None:
    """Given what the table says that it is, the settings are what they are without."""
    table = (ROOT / "docs" / "hosting.md").read_text().partition("## Settings")[2].partition("###")[0]
    rows = [row.split("|")[1:3] for row in table.splitlines() if row.startswith("| `")]
    defaults = {
        name: value.strip().strip("`").replace("8 MiB", str(8 * 2**20)).replace("none", "")
        for names, values in rows
        for name, value in zip(re.findall(r"`(\w+)`", names), values.split(","), strict=True)
        if not name.startswith("STREAMLIT_")
    }
    assert {name for name in defaults if name not in (ROOT / "mnist_core/serving/settings.py").read_text()} == set()
    del defaults["DATABASE_URL"]  # the table says it in words
    assert Settings.read(defaults) == Settings()


def test_every_page_is_documented() -> None:
    text = (ROOT / "README.md").read_text()
    pages = {page.stem for page in (ROOT / "app_pages").glob("*.py")} - {"draw"}
    assert not [page for page in sorted(pages) if f"*{page.capitalize()}*" not in text]


def commands(capsys: pytest.CaptureFixture[str]) -> set[str]:
    """What `python -m mnist_core` can do, as its help says."""
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = re.search(r"{([\w,-]+)}", capsys.readouterr().out)
    return set(listed[1].split(",")) if listed else set()


def benchmarks() -> set[str]:
    """The modules of benchmarks/ that are commands."""
    return {file.stem for file in (ROOT / "benchmarks").glob("*.py") if '__name__ == "__main__"' in file.read_text()}


def test_every_command_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "README.md").read_text()
    assert commands(capsys) > {"evaluate", "backup"}
    assert not [c for c in commands(capsys) if not re.search(rf"mnist_core {c}\b|\b{c} \S+\.db", text)]


def test_every_benchmark_is_documented() -> None:
    listed = re.findall(r"`(?:python -m benchmarks)?\.(\w+)`", (ROOT / "README.md").read_text())
    assert benchmarks() and benchmarks() == set(listed)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_documented_command_is_one(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / document).read_text()
    assert set(re.findall(r"python3? -m mnist_core (\w+)", text)) <= commands(capsys)
    assert set(re.findall(r"python3? -m benchmarks\.(\w+)", text)) <= benchmarks()


def test_the_changelog_has_the_version_and_every_migration() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    newest = re.search(r"^## ([\d.]+)", text, re.MULTILINE)
    assert newest and newest[1] == version
    versions = ROOT / "mnist_core" / "storage" / "migrations" / "versions"
    revisions = [file.name.partition("_")[0] for file in versions.glob("r*.py")]
    assert revisions and not [revision for revision in revisions if f"`{revision}`" not in text]


@pytest.mark.parametrize(("document", "language"), [("docs/class.md", "en"), ("docs/clase.md", "es")])
def test_a_lesson_plan_names_things_as_the_app_does(document: str, language: str) -> None:
    """What is bold is what a teacher looks for on the screen: a whole text there, or the beginning of "X, A4"."""
    shown = [re.sub(r"{\w+}", "60", text[language]) for text in TEXTS.values()]
    bold = re.findall(r"\*\*([^*]+)\*\*", (ROOT / document).read_text())
    named = {name for names in bold for name in names.replace("\n", " ").split(" → ")} - {"bold", "negrita"}
    assert named and not [name for name in named if not any(f"{text}, ".startswith(f"{name}, ") for text in shown)]
