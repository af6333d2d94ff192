import gc
import json
import subprocess
import sys
import time
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_core import Classifier, Lesson, Memory, ModelUnavailable, Report
from mnist_core.files.mnist import Mnist
from mnist_core.pretrain.augmentation import prepare_plain
from mnist_core.pretrain.penmanship import ink
from mnist_core.recognition.base import MODELS
from mnist_core.recognition.memory import CombinedMemories
from mnist_core.recognition.preprocessing import PREPARATION, prepare
from mnist_core.teaching.fitting import fit
from mnist_core.teaching.lesson import teach


def peak(seed: int) -> np.ndarray:
    """A shape that no digit has, a hand's wobble in it: a capital A without its own opinion about what digit it is."""
    rng = np.random.default_rng(seed)
    left, right, top = rng.normal([20, 100, 60], 5)
    bar = rng.normal(70, 4)
    strokes = [[(left, 110), (top, 10), (right, 110)], [(left + 18, bar), (right - 18, bar + rng.normal(0, 3))]]
    return prepare(ink([np.array(stroke, np.float32) for stroke in strokes], rng))


@pytest.fixture(scope="module")
def peaks() -> np.ndarray:
    return np.stack([peak(seed) for seed in range(45)])


@pytest.fixture(scope="module")
def lesson(clf: Classifier, peaks: np.ndarray) -> Lesson:
    return clf.teach(peaks[:5], [4] * 5)


@pytest.fixture(scope="module")
def memory(lesson: Lesson) -> Memory:
    assert lesson.memory is not None
    return lesson.memory


def test_five_drawings_teach_the_others_of_their_shape(clf: Classifier, peaks: np.ndarray, lesson: Lesson) -> None:
    known = (lesson.classifier.scores(peaks[5:]).argmax(1) == 4).mean()
    assert lesson.accepted and lesson.reason == "" and lesson.refusal is None
    assert known > 0.9 and known >= (clf.scores(peaks[5:]).argmax(1) == 4).mean()
    assert lesson.after.taught == 1.0 and lesson.seconds > 0


def test_everyones_lesson_is_fitted_for_everyone(clf: Classifier, peaks: np.ndarray, memory: Memory) -> None:
    assert memory.to_bytes() == fit(clf.base_model, peaks[:5], np.full(5, 4, np.uint8)).to_bytes()
    by_default = teach(clf, peaks[:5], [4] * 5)
    assert by_default.cost is None and by_default.memory is not None
    assert by_default.memory.to_bytes() == memory.to_bytes()


def test_a_lesson_counts_what_it_is_for(lesson: Lesson) -> None:
    before, after = (
        Report(0.99, np.full(10, 0.99), np.array(read, bool)) for read in ([1, 1, 0, 0, 0], [1, 0, 1, 1, 0])
    )
    counted = replace(lesson, before=before, after=after)
    assert (counted.known, counted.misread, counted.learned) == (2, 3, 2)
    assert (before.taught, after.taught) == (0.4, 0.6)
    assert not counted.waiting


def test_a_lesson_says_how_long_it_took(clf: Classifier, peaks: np.ndarray) -> None:
    began = time.perf_counter()
    taken = clf.teach(peaks[:1], [4]).seconds
    assert 0 < taken <= time.perf_counter() - began


def test_what_is_reported_is_what_the_whole_test_set_says(clf: Classifier, lesson: Lesson, mnist: Mnist) -> None:
    images = np.stack([prepare_plain(image) for image in mnist.x_test[:1500]])
    for classifier in (clf, lesson.classifier):
        truth = classifier.scores(images).argmax(1)
        stored = classifier.split_logits("test")[:1500, :10].argmax(1)
        assert (truth == stored).mean() > 0.999  # float16 features may tip a draw
    assert lesson.after.test_accuracy == pytest.approx(lesson.classifier.confusion.trace() / 10_000)
    assert lesson.before.test_accuracy - lesson.after.test_accuracy < 0.001


def test_the_untaught_classifier_stays_as_it_was(clf: Classifier, peaks: np.ndarray, lesson: Lesson) -> None:
    before = clf.scores(peaks)
    clf.teach(peaks[5:10], [9] * 5)
    assert clf.memories == () and (clf.scores(peaks) == before).all()
    assert lesson.classifier.untaught is clf.untaught and len(lesson.classifier.memories) == 1


def test_a_memory_depends_on_its_drawings_alone(
    clf: Classifier, peaks: np.ndarray, memory: Memory, mnist: Mnist
) -> None:
    other = clf.teach(np.stack([prepare_plain(i) for i in mnist.x_train[mnist.y_train == 7][:3]]), [7] * 3)
    again = other.classifier.teach(peaks[:5], [4] * 5)
    assert again.memory is not None and again.memory.to_bytes() == memory.to_bytes()


def test_withdrawing_from_the_middle_is_as_if_it_had_never_been_taught(
    clf: Classifier, peaks: np.ndarray, lesson: Lesson, mnist: Mnist
) -> None:
    sevens, twos = (np.stack([prepare_plain(i) for i in mnist.x_train[mnist.y_train == d][:4]]) for d in (7, 2))
    first = lesson.classifier
    with_all = first.teach(sevens, [7] * 4).classifier.teach(twos, [2] * 4).classifier
    never = first.teach(twos, [2] * 4).classifier
    without = with_all.with_memories([with_all.memories[0], with_all.memories[2]])
    assert (without.logits(peaks) == never.logits(peaks)).all()


def test_scores_in_one_go_and_one_by_one_agree(clf: Classifier, peaks: np.ndarray, lesson: Lesson) -> None:
    grown = lesson.classifier.teach(peaks[5:8], [4] * 3).classifier
    whole = clf.with_memories(grown.memories)
    assert (grown.confusion == whole.confusion).all()
    assert (grown.lessons_known == whole.lessons_known).all() and len(whole.lessons_known) == 8
    assert (grown.lessons_learned == whole.lessons_learned).all() and len(whole.lessons_learned) == 8


def test_what_is_scored_ahead_is_what_a_lesson_scores(clf: Classifier, peaks: np.ndarray, lesson: Lesson) -> None:
    taught_at_once, ahead = (clf.with_memories(lesson.classifier.memories) for _ in range(2))
    read_only = ahead.nbytes
    ahead.score_ahead()
    scored = ahead.nbytes
    for model in (taught_at_once, ahead):
        model.teach(peaks[5:8], [4] * 3)
    assert read_only < scored == ahead.nbytes == taught_at_once.nbytes


def test_scores_are_what_a_loop_over_units_computes(clf: Classifier, peaks: np.ndarray, lesson: Lesson) -> None:
    memories = lesson.classifier.teach(peaks[5:8], [4] * 3).classifier.memories
    features = clf.embed(peaks[:7])
    expected = np.zeros((7, 11))
    for memory in memories:
        bounds = [*memory.starts.tolist(), len(memory.thresholds)]
        for row, feature in enumerate(features):
            for detector, digit in enumerate(memory.digits):
                for u in range(bounds[detector], bounds[detector + 1]):
                    alike = float(memory.directions[u] @ feature) / np.linalg.norm(feature) - memory.thresholds[u]
                    adds = float(np.clip(alike, 0, 1) * memory.gains[detector])
                    expected[row, digit] = max(expected[row, digit], adds)
    assert expected.max() > 1
    assert np.allclose(CombinedMemories(memories).added(features), expected, atol=1e-2)


def test_the_order_of_lessons_makes_no_difference(clf: Classifier, peaks: np.ndarray, lesson: Lesson) -> None:
    memories = lesson.classifier.teach(peaks[5:8], [4] * 3).classifier.memories
    assert (clf.with_memories(memories).logits(peaks) == clf.with_memories(memories[::-1]).logits(peaks)).all()


def test_a_mixed_lesson_teaches_each_drawing_its_own_label(clf: Classifier, peaks: np.ndarray, mnist: Mnist) -> None:
    threes = np.stack([prepare_plain(i) for i in mnist.x_train[mnist.y_train == 3][:3]])
    mixed = clf.teach(np.concatenate([peaks[:4], threes]), [4, 4, 4, 4, 3, 3, 3])
    assert mixed.accepted and mixed.after.taught == 1.0


def test_sevens_labelled_1_are_refused_and_the_reason_says_what_would_be_lost(clf: Classifier, mnist: Mnist) -> None:
    sevens = np.stack([prepare_plain(i) for i in mnist.x_train[mnist.y_train == 7][:8]])
    lesson = clf.teach(sevens, [1] * 8)
    assert not lesson.accepted and lesson.classifier is clf and lesson.memory is None
    assert lesson.refusal is not None and lesson.refusal.misread > 0
    assert str(lesson.refusal.misread) in lesson.reason and lesson.reason.endswith(".")


def test_one_wrong_label_among_nine_right_ones_is_found(clf: Classifier, mnist: Mnist) -> None:
    """The patient kind of harm, and the slip of an honest hand: no held-out digit would show it."""
    threes, seven = mnist.x_train[mnist.y_train == 3][:9], mnist.x_train[mnist.y_train == 7][:1]
    images = np.stack([prepare_plain(image) for image in [*threes, *seven]])
    slip = clf.teach(images, [3] * 9 + [7])
    assert slip.accepted
    slip = clf.teach(images, [3] * 8 + [7, 7])
    assert not slip.accepted and slip.refusal is not None
    assert (slip.refusal.kind, slip.refusal.digit, slip.refusal.misread, slip.refusal.of) == ("clear", 3, 1, 10)
    assert "1 of these 10 drawings" in slip.reason and slip.classifier is clf


def test_unteaching_an_earlier_lesson_is_refused(peaks: np.ndarray, lesson: Lesson) -> None:
    again = lesson.classifier.teach(peaks[:5], [8] * 5)
    assert not again.accepted
    assert lesson.classifier.lessons_known.all()


def test_progress_rises_to_1_and_may_stop_the_lesson(clf: Classifier, peaks: np.ndarray) -> None:
    seen: list[float] = []
    clf.teach(peaks[:2], [4, 4], seen.append)
    assert seen == sorted(seen) and seen[0] >= 0 and seen[-1] == 1.0 and len(seen) > 3

    class Stop(Exception):
        pass

    def stop(done: float) -> None:
        raise Stop

    with pytest.raises(Stop):
        clf.teach(peaks[:2], [4, 4], stop)
    assert clf.memories == ()


@pytest.mark.parametrize(
    ("images", "labels", "named"),
    [
        (np.zeros((0, 28, 28), np.uint8), [], "at least one"),
        (np.zeros((2, 28, 27), np.uint8), [1, 2], r"\(2, 28, 27\)"),
        (np.zeros((2, 28, 28), np.float32), [1, 2], "float32"),
        (np.full((2, 28, 28), 7, np.uint8), [1, 2], "0 and 255"),
        (np.zeros((2, 28, 28), np.uint8), [1], r"\(1,\)"),
        (np.zeros((2, 28, 28), np.uint8), [1, 10], "0-9"),
        (np.zeros((2, 28, 28), np.uint8), [-1, 3], "0-9"),
        (np.zeros((2, 28, 28), np.uint8), [1.0, 3.0], "0-9"),
        (np.stack([np.zeros((28, 28), np.uint8), np.eye(28, dtype=np.uint8) * 255]), [1, 3], "1 of 2 are blank"),
    ],
)
def test_bad_lessons_are_told_what_was_wrong(
    clf: Classifier, images: np.ndarray, labels: list[int], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        clf.teach(images, labels)


def test_a_memory_read_back_is_the_memory_written(memory: Memory) -> None:
    data = memory.to_bytes()
    assert len(data) < 60_000
    assert Memory.from_bytes(data).to_bytes() == data
    for name in ("directions", "thresholds", "gains", "features", "logits", "labels", "starts", "digits"):
        assert (getattr(Memory.from_bytes(data), name) == getattr(memory, name)).all()


def _spoilt(memory: Memory) -> dict[str, bytes]:
    good = memory.to_bytes()
    return {
        "empty": b"",
        "text": b"not a memory",
        "cut": good[: len(good) // 2],
    }


@pytest.mark.parametrize("fault", ["empty", "text", "cut"])
def test_a_damaged_memory_is_a_value_error(memory: Memory, fault: str) -> None:
    with pytest.raises(ValueError, match="memory"):
        Memory.from_bytes(_spoilt(memory)[fault])


def test_a_memory_of_another_base_is_refused(clf: Classifier, memory: Memory) -> None:
    with pytest.raises(ValueError, match="another base"):
        clf.with_memories([replace(memory, base_id="0" * 16)])


def test_the_keras_file_opens_in_plain_keras_in_another_process(
    clf: Classifier, peaks: np.ndarray, lesson: Lesson, tmp_path: Path
) -> None:
    grown = lesson.classifier.teach(peaks[5:30], [4] * 25).classifier
    grown.to_keras().save(tmp_path / "taught.keras")
    np.save(tmp_path / "images.npy", peaks[..., None].astype(np.float32) / 255)
    code = (
        "import sys, keras, numpy as np; model = keras.models.load_model(sys.argv[1]);"
        "np.save(sys.argv[3], model(np.load(sys.argv[2])).numpy())"
    )
    files = [str(tmp_path / name) for name in ("taught.keras", "images.npy", "scores.npy")]
    subprocess.run([sys.executable, "-c", code, *files], check=True, cwd=tmp_path)
    assert np.allclose(np.load(files[2]), grown.scores(peaks), atol=1e-4)


def test_a_base_model_is_let_go_when_nobody_uses_it(peaks: np.ndarray) -> None:
    clf = Classifier.load(MODELS)
    assert clf.teach(peaks[:1], [4]).accepted
    base = weakref.ref(clf.base_model)
    del clf
    gc.collect()
    assert base() is None


def test_a_missing_model_names_the_command_that_builds_it(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"python -m mnist_core\.pretrain"):
        Classifier.load(tmp_path)


@pytest.mark.parametrize("part", ["backbone.keras", "head.keras", "features.npz", "metadata.json"])
def test_a_damaged_model_names_the_command_that_builds_it(tmp_path: Path, part: str) -> None:
    for file in MODELS.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / part).write_bytes((tmp_path / part).read_bytes()[:100])
    with pytest.raises(ModelUnavailable, match=r"python -m mnist_core\.pretrain"):
        Classifier.load(tmp_path)


@pytest.mark.parametrize("made_with", ["of-before", None])
def test_a_model_of_another_preparation_is_refused_in_a_sentence(tmp_path: Path, made_with: str | None) -> None:
    for file in MODELS.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    metadata = json.loads((tmp_path / "metadata.json").read_text())
    del metadata["preparation"]
    (tmp_path / "metadata.json").write_text(json.dumps(metadata | ({"preparation": made_with} if made_with else {})))
    expected = rf"made with preparation {made_with or 'unknown'}, .*{PREPARATION}.*`python -m mnist_core\.pretrain`"
    with pytest.raises(ModelUnavailable, match=expected):
        Classifier.load(tmp_path)
