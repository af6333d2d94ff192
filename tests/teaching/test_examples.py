"""The examples come out as the page promises: with the committed model, its gate, and that of a model of one's own."""

from typing import get_args

import numpy as np
import pytest

from mnist_core import Classifier
from mnist_core.teaching.examples import ExampleName, example, example_of


@pytest.mark.parametrize("own", [False, True])
def test_the_good_one_is_misread_before_and_learned_by_every_model(clf: Classifier, own: bool) -> None:
    zeros = example("good")
    assert (clf.scores(zeros.images).argmax(1) == 8).all() and set(zeros.labels) == {0}
    lesson = clf.teach(zeros.images, zeros.labels, own=own)
    assert lesson.accepted and lesson.misread == lesson.learned == len(zeros.labels)


def test_the_harmful_one_is_refused_as_clear_sevens_and_learned_at_a_price_by_ones_own(clf: Classifier) -> None:
    sevens = example("harmful")
    lesson = clf.teach(sevens.images, sevens.labels)
    assert lesson.refusal is not None and (lesson.refusal.kind, lesson.refusal.digit) == ("clear", 7)
    own = clf.teach(sevens.images, sevens.labels, own=True)
    assert own.accepted and own.cost is not None and own.cost.lost[7, 1] > 0.01


def test_the_one_hand_is_refused_by_everyones_gate_and_learned_whole_by_ones_own(clf: Classifier) -> None:
    hand = example("own")
    assert (clf.scores(hand.images).argmax(1) == 7).all() and set(hand.labels) == {1, 7}
    lesson = clf.teach(hand.images, hand.labels)
    assert lesson.refusal is not None and lesson.refusal.kind == "unlearned"
    own = clf.teach(hand.images, hand.labels, own=True)
    assert own.accepted and own.after.taught == 1.0


def test_after_the_good_one_the_others_come_out_the_same(clf: Classifier) -> None:
    """A class sees them one after another."""
    taught = clf.teach(example("good").images, example("good").labels).classifier
    for name in ("harmful", "own"):
        assert not taught.teach(example(name).images, example(name).labels).accepted


def test_a_drawing_of_an_example_is_known_by_its_image_and_no_other_is() -> None:
    for name in get_args(ExampleName):
        assert all(example_of(image.copy()) == name for image in example(name).images)
    other = example("good").images[0].copy()
    other[0, 0] = 255 - other[0, 0]
    assert example_of(other) is None and example_of(np.zeros((28, 28), np.uint8)) is None
