"""Every text is there in every language, and every text that the pages ask for is there."""

import re
import string
from pathlib import Path
from typing import get_args

import pytest

from mnist_core.pretrain.network import FEATURES
from mnist_core.pretrain.recipe import Recipe
from mnist_core.storage.faults import Fault
from mnist_core.storage.limits import LimitKind
from ui.texts import LANGUAGES, TEXTS

MNIST_TRAINING = 60_000
ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / "app.py", *sorted((ROOT / "app_pages").glob("*.py")), *sorted((ROOT / "ui").rglob("*.py"))]


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


def test_no_text_is_left_that_nothing_asks_for() -> None:
    sources = "\n".join(file.read_text() for file in SOURCES if file.name != "texts.py")
    families = tuple(re.findall(r"f\"([a-z_.]+\.)\{", sources))
    endings = tuple(re.findall(r"f\"\{[^{}]+\}(\.[a-z_.]+)\"", sources))
    asked = set(re.findall(r"[\"']([a-z_.]+)[\"']", sources))
    left = {key for key in TEXTS if key not in asked and not key.startswith(families) and not key.endswith(endings)}
    assert left == set()


@pytest.mark.parametrize(
    ("kinds", "prefix"),
    [
        (get_args(LimitKind), "limit"),
        (get_args(Fault), "store"),
        (("clear", "digit", "lessons", "unlearned", "overall"), "refusal"),
        (("too_many_bytes", "not_an_archive", "too_many_drawings", "empty", "missing", "names"), "lessons"),
        (("images", "blank", "labels", "lessons"), "lessons"),
        (("missing", "too_many_bytes", "not_an_image", "too_many_pixels", "damaged"), "image"),
    ],
)
def test_every_kind_of_refusal_has_its_sentence(kinds: tuple[str, ...], prefix: str) -> None:
    assert {f"{prefix}.{kind}" for kind in kinds} <= set(TEXTS)


def test_spanish_uses_the_words_of_the_reference_app() -> None:
    words = {TEXTS[key]["es"] for key in ("draw.predict", "draw.add", "draw.delete", "train.train", "train.truth")}
    assert words == {"Predecir", "Añadir", "Borrar último", "Entrenar", "Número"}
    assert TEXTS["empty.predict"]["es"].startswith("Vacío")
    assert TEXTS["train.no_truth"]["es"].startswith("Indicar el número a entrenar")


def test_about_says_how_many_digits_were_learned_from() -> None:
    learned = MNIST_TRAINING - Recipe().held_out
    assert f"{learned:,} digits" in TEXTS["about.read.text"]["en"]
    assert f"{learned:,} números".replace(",", ".") in TEXTS["about.read.text"]["es"]
    assert all(f" {FEATURES} " in text for text in TEXTS["about.read.text"].values())
