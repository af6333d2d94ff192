"""A visitor has no name but two friendly words, made from the anonymous number."""

import re

from mnist_core.storage.browsers import new_browser_id, teacher_number
from ui.names import CREATURES, QUALITIES, friendly_name

WORD = re.compile(r"[a-záéíóúñüö]{2,12}")
NUMBERS = [teacher_number(new_browser_id()) for _ in range(500)]


def test_no_word_is_there_twice_in_a_language() -> None:
    for words in (
        [english for english, _, _ in QUALITIES],
        [masculine for _, masculine, _ in QUALITIES],
        [feminine for _, _, feminine in QUALITIES],
        [english for english, _, _ in CREATURES],
        [spanish for _, spanish, _ in CREATURES],
    ):
        assert len(words) == len(set(words)) == 64
        assert all(WORD.fullmatch(word) for word in words)
    assert {gender for _, _, gender in CREATURES} == {"m", "f"}


def test_a_number_has_the_same_name_for_ever_in_each_language() -> None:
    assert friendly_name("000000000001", "en") == "Jolly Salmon"
    assert friendly_name("000000000001", "es") == "Salmón jovial"
    for number in ["", "owner", "1", "ñ", *NUMBERS]:
        assert re.fullmatch(r"[A-Z]\w+ [A-Z]\w+", friendly_name(number, "en"))
        assert re.fullmatch(r"[A-ZÁ]\w+ \w+", friendly_name(number, "es"))


def test_both_languages_name_the_same_and_a_quality_agrees_with_its_creature() -> None:
    qualities = {english: (masculine, feminine) for english, masculine, feminine in QUALITIES}
    creatures = {english: (spanish, gender) for english, spanish, gender in CREATURES}
    for number in NUMBERS:
        quality, creature = friendly_name(number, "en").lower().split()
        spanish, gender = creatures[creature]
        assert friendly_name(number, "es").lower() == f"{spanish} {qualities[quality][gender == 'f']}"


def test_most_visitors_have_a_name_of_their_own() -> None:
    assert len({friendly_name(number, "en") for number in NUMBERS}) > 400
