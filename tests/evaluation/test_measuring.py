"""Metrics against brute force; datasets in every form; wrong files in a sentence."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from mnist_core.evaluation.measuring import Dataset, evaluate, mnist_test, read_dataset, read_non_digits
from mnist_core.evaluation.metrics import accepted_non_digits, auroc, calibration_error
from mnist_core.recognition.taught_model import Prediction, confusion_matrix

SCORES = st.lists(st.integers(0, 20).map(lambda n: n / 20), min_size=1, max_size=40).map(np.array)


class Oracle:
    """A classifier that answers what it was told to, in order."""

    def __init__(self, digits: list[int], confidence: float, likeness: list[float]) -> None:
        self.digits, self.confidence, self.likeness = digits, confidence, likeness

    def predict_many(self, images: np.ndarray) -> list[Prediction]:
        scores = np.full((len(images), 10), (1 - self.confidence) / 9, np.float32)
        scores[np.arange(len(images)), self.digits[: len(images)]] = self.confidence
        answers = zip(self.digits, scores, self.likeness, strict=False)
        return [Prediction(digit, row, like) for digit, row, like in answers][: len(images)]


@given(SCORES, SCORES)
def test_auroc_is_the_share_of_pairs_in_the_right_order(digits: np.ndarray, others: np.ndarray) -> None:
    pairs = [1.0 if d > o else 0.5 if d == o else 0.0 for d in digits for o in others]
    assert auroc(digits, others) == pytest.approx(np.mean(pairs))


@given(SCORES, SCORES)
def test_accepted_non_digits_is_the_best_threshold_by_search(digits: np.ndarray, others: np.ndarray) -> None:
    good = [t for t in np.unique(digits) if np.mean(digits >= t) >= 0.95 - 1e-12]
    assert accepted_non_digits(digits, others) == pytest.approx(np.mean(others >= max(good)))


@given(SCORES, st.randoms(use_true_random=False))
def test_calibration_error_is_the_mean_gap_over_bins(confidence: np.ndarray, random: Any) -> None:
    correct = np.array([random.random() < 0.5 for _ in confidence])
    expected = 0.0
    for k in range(15):
        inside = [i for i, c in enumerate(confidence) if k / 15 <= c < (k + 1) / 15 or (k == 14 and c == 1)]
        if inside:
            gap = np.mean([correct[i] for i in inside]) - np.mean([confidence[i] for i in inside])
            expected += len(inside) / len(confidence) * abs(gap)
    assert calibration_error(confidence, correct) == pytest.approx(expected)


def test_calibration_of_the_honest_and_of_the_boastful() -> None:
    correct = np.arange(100) < 70
    assert calibration_error(np.full(100, 0.7), correct) == pytest.approx(0, abs=1e-12)
    assert calibration_error(np.full(100, 1.0), correct) == pytest.approx(0.3)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=60))
def test_confusion_counts_every_pair(pairs: list[tuple[int, int]]) -> None:
    labels, predicted = np.array([p[0] for p in pairs], int), np.array([p[1] for p in pairs], int)
    table = confusion_matrix(labels, predicted)
    assert all(table[a, b] == pairs.count((a, b)) for a in range(10) for b in range(10))


def test_an_evaluation_says_everything_once() -> None:
    blank = np.zeros((5, 28, 28), np.uint8)
    dataset = Dataset("mine", blank, np.array([1, 1, 7, 7, 7]), np.array([3, 3, 3, 4, 4]))
    others = Dataset("letters", blank[:2], np.zeros(2, int))
    clf: Any = Oracle([1, 7, 7, 7, 1], 0.8, [0.9, 0.2, 0.8, 0.8, 0.8])
    result = evaluate(clf, dataset, others)
    assert (result.name, result.count, result.accuracy) == ("mine", 5, 0.6)
    assert result.per_digit == {1: 0.5, 7: pytest.approx(2 / 3)}
    assert result.per_source == {3: (3, pytest.approx(2 / 3)), 4: (2, 0.5)}
    assert result.confusion[1].tolist() == [0, 1, 0, 0, 0, 0, 0, 1, 0, 0]
    assert result.calibration_error == pytest.approx(0.2)
    assert result.auroc == pytest.approx((0.5 + 4.5) / 10)
    assert result.accepted == 1.0
    read_back = json.loads(json.dumps(result.as_dict()))
    assert read_back["per_source"]["4"] == {"count": 2, "accuracy": 0.5}
    assert read_back["confusion"][7][1] == 1


def test_without_others_nothing_is_said_about_them() -> None:
    clf: Any = Oracle([4], 1.0, [1.0])
    result = evaluate(clf, Dataset("mine", np.zeros((1, 28, 28), np.uint8), np.array([4])))
    assert result.auroc is None and result.accepted is None and result.per_source == {}


def one(path: Path, blank: bool = False) -> None:
    image = Image.new("L", (60, 80), 255)
    if not blank:
        ImageDraw.Draw(image).line([(30, 10), (30, 70)], fill=0, width=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def strokes_file(path: Path, labels: list[int]) -> None:
    n = len(labels)
    np.savez(
        path,
        points=np.array([[0, 0], [1, 9]] * n, np.float32),
        stroke_offsets=np.arange(0, 2 * n + 1, 2),
        drawing_offsets=np.arange(n + 1),
        label=np.array(labels),
        writer=np.zeros(n, int),
        source=np.arange(n),
    )


def test_reads_folders_of_images(tmp_path: Path) -> None:
    one(tmp_path / "1" / "b.png")
    one(tmp_path / "1" / "a.jpg")
    one(tmp_path / "7" / "by hand" / "c.bmp")
    (tmp_path / "1" / ".DS_Store").write_bytes(b"x")
    dataset = read_dataset(tmp_path)
    assert dataset.labels.tolist() == [1, 1, 7]
    assert dataset.images.shape == (3, 28, 28) and set(np.unique(dataset.images)) == {0, 255}
    assert read_non_digits(tmp_path).images.shape == (3, 28, 28)


def test_hidden_folders_are_left_out_and_dangling_links_are_named(tmp_path: Path) -> None:
    for place in ("1/a.png", "1/.hidden/b.png", "1/more/c.png"):
        one(tmp_path / place)
    assert len(read_dataset(tmp_path).labels) == 2
    (tmp_path / "1" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(ValueError, match=r"gone\.png: There is no such file"):
        read_dataset(tmp_path)


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one(tmp_path / "1" / "a.png")
    (tmp_path / "7").mkdir()

    def closed(folder: str, scan: Callable[[str], Any] = os.scandir) -> Any:  # root may read anything
        if Path(folder).name == "7":
            raise PermissionError(13, "Permission denied", folder)
        return scan(folder)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(ValueError, match="7: cannot be read"):
        read_dataset(tmp_path)


def test_reads_mnist_s_layout_by_its_test_part(tmp_path: Path) -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 5:20, 13:15] = 200
    np.savez(tmp_path / "m.npz", x_test=images, y_test=np.array([1, 1, 7]))
    dataset = read_dataset(tmp_path / "m.npz")
    assert dataset.labels.tolist() == [1, 1, 7]
    assert set(np.unique(dataset.images)) == {0, 255}


def test_reads_strokes_files(tmp_path: Path) -> None:
    strokes_file(tmp_path / "s.npz", [1, 1, 4])
    dataset = read_dataset(tmp_path / "s.npz")
    assert dataset.labels.tolist() == [1, 1, 4]
    assert dataset.sources is not None and dataset.sources.tolist() == [0, 1, 2]
    assert dataset.images.shape == (3, 28, 28)


def test_letters_are_no_digits_but_are_others(tmp_path: Path) -> None:
    strokes_file(tmp_path / "s.npz", [65, 66])
    with pytest.raises(ValueError, match="labels must be 0-9, not 65 to 66"):
        read_dataset(tmp_path / "s.npz")
    assert read_non_digits(tmp_path / "s.npz").images.shape == (2, 28, 28)


def test_mnist_s_test_set_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    images = np.zeros((2, 28, 28), np.uint8)
    images[:, 4:24, 14] = 255
    labels = np.array([1, 1])
    np.savez(tmp_path / "m.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    monkeypatch.setenv("MNIST_PATH", str(tmp_path / "m.npz"))
    assert mnist_test().labels.tolist() == [1, 1]


def test_what_is_no_dataset_is_a_sentence(tmp_path: Path) -> None:
    def refused(path: Path, sentence: str) -> None:
        for read in (read_dataset, read_non_digits):
            with pytest.raises(ValueError, match=sentence):
                read(path)

    refused(tmp_path / "absent", "there is no such file")
    (tmp_path / "text.npz").write_text("hello")
    refused(tmp_path / "text.npz", r"text\.npz: not an \.npz")
    np.savez(tmp_path / "other.npz", weights=np.zeros(3))
    refused(tmp_path / "other.npz", "weights")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "there are no images")
    one(tmp_path / "blank" / "3" / "x.png", blank=True)
    refused(tmp_path / "blank", r"x\.png: There is nothing but background")
    (tmp_path / "notes" / "3").mkdir(parents=True)
    (tmp_path / "notes" / "3" / "readme.txt").write_text("hello")
    refused(tmp_path / "notes", r"readme\.txt: This is not an image")


def test_an_empty_drawing_in_a_file_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "m.npz", x_test=np.zeros((3, 28, 28), np.uint8), y_test=np.zeros(3, int))
    with pytest.raises(ValueError, match="drawing 0 is empty"):
        read_dataset(tmp_path / "m.npz")
