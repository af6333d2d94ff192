import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from harness.processes import ROOT
from mnist_core import Classifier
from mnist_core.files.mnist import Mnist
from mnist_core.pretrain.augmentation import prepare_plain
from mnist_core.recognition.base import MODELS


@pytest.fixture(scope="module")
def images(mnist: Mnist) -> np.ndarray:
    return np.stack([prepare_plain(image) for image in mnist.x_test[:600]])


def test_scores_are_shares_and_the_prediction_is_the_highest(clf: Classifier, images: np.ndarray) -> None:
    scores = clf.scores(images)
    assert scores.shape == (600, 10) and scores.dtype == np.float32
    assert np.allclose(scores.sum(1), 1, atol=1e-5) and (scores >= 0).all()
    prediction = clf.predict(images[0])
    assert prediction.digit == scores[0].argmax() and np.allclose(prediction.scores, scores[0], atol=1e-4)
    assert isinstance(prediction.digit, int) and 0 <= prediction.digit_likeness <= 1


def test_one_by_one_and_together_agree(clf: Classifier, images: np.ndarray) -> None:
    together = clf.predict_many(images[:40])
    for image, prediction in zip(images, together, strict=False):
        alone = clf.predict(image)
        assert alone.digit == prediction.digit
        assert alone.digit_likeness == pytest.approx(prediction.digit_likeness, abs=1e-3)


def test_digits_look_like_digits_and_a_scribble_does_not(clf: Classifier, images: np.ndarray) -> None:
    scribble = np.where(np.random.default_rng(0).random((28, 28)) < 0.3, 255, 0).astype(np.uint8)
    digits = np.array([p.digit_likeness for p in clf.predict_many(images)])
    assert np.median(digits) > 0.9 > clf.predict(scribble).digit_likeness


def test_no_images_give_no_scores(clf: Classifier) -> None:
    assert clf.scores(np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)


@pytest.mark.parametrize(
    "wrong", [np.zeros((28, 28, 1), np.uint8), np.zeros((28, 28), np.float32), np.zeros((14, 28), np.uint8), 7]
)
def test_a_wrong_image_is_told_what_was_expected(clf: Classifier, wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"uint8 .*\(n, 28, 28\)"):
        clf.predict(wrong)


def test_many_threads_read_what_one_reads(clf: Classifier, images: np.ndarray) -> None:
    alone = [clf.predict(image).digit for image in images[:80]]
    with ThreadPoolExecutor(8) as pool:
        assert [p.digit for p in pool.map(clf.predict, images[:80])] == alone


def test_the_committed_model_reads_mnist(clf: Classifier) -> None:
    assert clf.test_accuracy >= 0.993
    assert clf.confusion.sum() == 10_000 and clf.test_per_digit.shape == (10,)
    assert sum(file.stat().st_size for file in MODELS.iterdir()) < 25 * 2**20


def test_what_the_first_page_imports_holds_nothing_heavy() -> None:
    heavy = ("tensorflow", "keras", "sqlalchemy", "scipy.ndimage", "pandas", "altair", "cv2")
    first = "mnist_core.serving.shared_model, ui.sheet.answer, ui.sheet.options, ui.sheet.overlay, ui.train.section"
    first += ", ui.learned.ownership, ui.notices, ui.tray.thumbnails"
    code = f"import sys, {first}; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == "[]\n"
