"""Every text is there in every language, and every text that the pages ask for is there."""

import ast
import re
import string
from pathlib import Path
from typing import get_args

import pytest

from mnist_core.files.drawings import LessonFileFault
from mnist_core.files.images import ImageFault
from mnist_core.files.worksheet import PAPERS
from mnist_core.pretrain.network import FEATURES
from mnist_core.pretrain.recipe import Recipe
from mnist_core.recognition.filled_worksheet import WorksheetFault
from mnist_core.storage.faults import Fault
from mnist_core.storage.limits import LimitKind
from mnist_core.teaching.examples import ExampleName
from mnist_core.teaching.lesson import RefusalKind
from ui.session import Whose
from ui.texts import LANGUAGES, TEXTS

MNIST_TRAINING = 60_000
ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / "app.py", *sorted((ROOT / "app_pages").glob("*.py")), *sorted((ROOT / "ui").rglob("*.py"))]
PAGES = [file.stem for file in (ROOT / "app_pages").glob("*.py") if file.stem != "board"]  # its title is a room's
LEFT_OUT = ("table", "rules", "frame", "edge", "rest")
STEPS = ("draw", "read", "teach", "gate")
PUT_TOGETHER = {  # what fills the place in keys that the sources put together
    "page.{}": PAGES,
    "{}.title": PAGES,
    "about.{}.title": STEPS,
    "about.{}.text": STEPS,
    "about.{}.alt": STEPS,
    "canvas.{}": ("canvas", "hint", "undo", "redo", "clear"),
    "photo.{}": ("photo", "hint", "keys", "cut", "whole", "clear"),
    "photo.left_out.{}": LEFT_OUT,
    "worksheet.{}": [*PAPERS, *get_args(WorksheetFault)],
    "inside.{}": ("ink", "scaled", "binary", "centred"),
    "learned.lead.{}": get_args(Whose),
    "learned.tab.{}": ("reading", "taught", "files", "owner"),
    "learned.{}.done": ("withdraw", "delete"),
    "learned.{}.drawings": ("erased", "deleted"),
    "moderate.{}": ("hide", "show"),
    "moderate.{}_all": ("hide", "show"),
    "moderate.{}_everywhere": ("hide", "show"),
    "moderate.delete_{}": ("all", "everywhere"),
    "room.{}": ("everyone", "mine"),
    "room.{}.note": get_args(Whose),
    "limit.{}": get_args(LimitKind),
    "store.{}": get_args(Fault),
    "image.{}": get_args(ImageFault),
    "lessons.{}": [kind for kinds in get_args(LessonFileFault) for kind in get_args(kinds)],
    "refusal.{}": get_args(RefusalKind),
    "example.{}": get_args(ExampleName),
    "example.{}.how": get_args(ExampleName),
}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_a_text_is_in_every_language_with_the_same_places(key: str) -> None:
    texts = TEXTS[key]
    assert set(texts) == set(LANGUAGES)
    assert all(text.strip() for text in texts.values())
    assert len({frozenset(places(text)) for text in texts.values()}) == 1


def test_the_pages_ask_for_no_text_that_is_missing() -> None:
    asked = {key for file in SOURCES for key in re.findall(r"\b(?:t|Notice)\(\"([\w.]+)\"", file.read_text())}
    assert len(asked) > 50
    assert asked <= set(TEXTS)


def texts_asked_for() -> tuple[set[str], set[str]]:
    """Keys that the sources hold whole, and the patterns, as "limit.{}", of those that they put together."""
    whole, patterns = set(), set()
    for file in SOURCES:
        if file.name == "texts.py":
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and "." in str(node.value):  # every key has one, and no other word
                whole.add(str(node.value))
            if isinstance(node, ast.JoinedStr):
                patterns.add(
                    "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
                )
    return whole, patterns


def test_every_text_is_asked_for_and_every_text_asked_for_is_there() -> None:
    whole, patterns = texts_asked_for()
    assert set(PUT_TOGETHER) <= patterns
    put_together = {pattern.format(part) for pattern, parts in PUT_TOGETHER.items() for part in parts}
    assert put_together - set(TEXTS) == set(), "missing"
    assert set(TEXTS) - put_together - whole == set(), "left over"


def test_spanish_uses_the_words_of_the_reference_app() -> None:
    words = {TEXTS[key]["es"] for key in ("draw.predict", "draw.add", "draw.delete", "train.train")}
    assert words == {"Predecir", "Añadir", "Borrar último", "Entrenar"}
    assert TEXTS["train.truth"]["es"].startswith("Número")
    assert TEXTS["empty.predict"]["es"].startswith("Vacío")
    assert TEXTS["train.no_truth"]["es"].startswith("Indicar el número a entrenar")


def test_about_says_how_many_digits_were_learned_from() -> None:
    learned = MNIST_TRAINING - Recipe().held_out
    assert f"{learned:,} digits" in TEXTS["about.read.text"]["en"]
    assert f"{learned:,} números".replace(",", ".") in TEXTS["about.read.text"]["es"]
    assert all(f" {FEATURES} " in text for text in TEXTS["about.read.text"].values())
