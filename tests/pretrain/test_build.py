"""`pretrain` from end to end on a handful of drawn digits, and its parts on what is known exactly."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
import pytest

from harness.processes import ROOT
from mnist_core import Classifier
from mnist_core.bitmaps import OUTPUTS, unpack_bits
from mnist_core.pretrain.__main__ import main
from mnist_core.pretrain.calibration import fit_likeness, fit_temperature
from mnist_core.pretrain.card import write_card
from mnist_core.pretrain.network import FEATURES, build_backbone, build_head, fold
from mnist_core.pretrain.penmanship import digit_image
from mnist_core.pretrain.recipe import Recipe
from mnist_core.recognition.preprocessing import PREPARATION


@pytest.fixture(scope="module")
def drawn_mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of MNIST's layout whose digits are made up: 400 to train on, 30 to test."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 430).astype(np.uint8)
    images = np.stack([digit_image(int(digit), rng) for digit in labels])
    file = tmp_path_factory.mktemp("mnist") / "mnist.npz"
    np.savez(file, x_train=images[:400], y_train=labels[:400], x_test=images[400:], y_test=labels[400:])
    return file


@pytest.fixture(scope="module")
def built(drawn_mnist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    assert main(quick(drawn_mnist, folder, "models")) == 0
    return folder / "models"


def quick(data: Path, folder: Path, out: str) -> list[str]:
    return ["--quick", "--data", str(data), "--out", str(folder / out), "--cache", str(folder / "cache")]


def test_the_classifier_opens_what_was_built(built: Path) -> None:
    clf = Classifier.load(built)
    images = np.stack([digit_image(digit, np.random.default_rng(digit)) for digit in range(10)])
    assert clf.scores(images).shape == (10, 10)
    assert clf.scores(images).sum(1) == pytest.approx(1)
    assert clf.embed(images).shape == (10, FEATURES)
    assert 0 <= clf.predict(images[0]).digit_likeness <= 1


def test_kept_features_are_those_of_the_kept_images(built: Path) -> None:
    clf = Classifier.load(built)
    with np.load(built / "features.npz", allow_pickle=False) as kept:
        for part, count in (("test", 30), ("rehearsal", len(kept["rehearsal_labels"]))):
            images = unpack_bits(kept[f"{part}_images"])
            assert images.shape == (count, 28, 28)
            assert kept[f"{part}_features"].astype(np.float32) == pytest.approx(clf.embed(images), rel=2e-3, abs=2e-3)
        assert set(np.unique(kept["rehearsal_labels"])) == set(range(OUTPUTS))
        assert kept["validation_features"].shape == (60, FEATURES)
        assert len(kept["pen_features"]) == len(kept["pen_labels"])
        assert kept["map_axes"].T @ kept["map_axes"] == pytest.approx(np.eye(2), abs=1e-5)


def test_the_card_and_the_metadata_say_how_it_was_made(built: Path) -> None:
    metadata = json.loads((built / "metadata.json").read_text(encoding="utf-8"))
    assert metadata["preparation"] == PREPARATION
    assert metadata["temperature"] > 0
    assert metadata["likeness_temperature"] > 0
    assert metadata["recipe"]["seed"] == 0
    assert 0 <= metadata["figures"]["test"] <= 1
    card = (built / "README.md").read_text(encoding="utf-8")
    assert "python -m mnist_core.pretrain" in card
    assert f"{metadata['figures']['test']:.2%}" in card
    assert (built / "worst.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("teachers", [0, 1, 3])
@pytest.mark.parametrize("distilled", [True, False])
def test_a_card_can_be_written_of_any_stages(tmp_path: Path, teachers: int, distilled: bool) -> None:
    metadata = json.loads((ROOT / "models/metadata.json").read_text(encoding="utf-8"))
    stage = metadata["recipe"]["distilled"]
    metadata["recipe"] |= {"teachers": [stage] * teachers, "distilled": stage if distilled else None}
    (tmp_path / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    write_card(tmp_path)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert card.count("| teacher ") == (teachers if distilled else 0)
    assert ("| distilled |" in card) == distilled


def test_a_card_says_how_paper_is_read_where_that_was_measured(tmp_path: Path) -> None:
    metadata = json.loads((ROOT / "models/metadata.json").read_text(encoding="utf-8"))
    metadata["paper"] = {
        "seeds": [0, 1],
        "conditions": {"grid": [1.0, 0.974], "page: ruled": [1.0, 0.917]},
        "singles": [0.998, 0.997],
        "pages": [0.94, 0.89],
        "doubted_of_wrong": [1.0, 0.5],
        "real": {"one": [85, 89], "several": [14, 18]},
        "milliseconds": {"plain": [61, 150]},
    }
    counts = {"boxes": 2000, "at their place": 1998, "wrong": 0, "missed": 2, "sheets": 50, "sheets not read": 0}
    metadata["worksheet"] = counts
    (tmp_path / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    write_card(tmp_path)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "| grid | 100.0% | 97.4% |" in card
    assert "one digit: 85 of 89 right, numbers: 14 of 18 right" in card
    assert "plain 61 ms, from a JPEG file 150 ms" in card
    assert "of 2,000 drawings on 50 sheets, 99.90% came out at their place, 0\n" in card


def test_the_committed_model_is_what_pretrain_would_make() -> None:
    """Of the same recipe, and of a network of the same shape."""
    metadata = json.loads((ROOT / "models/metadata.json").read_text(encoding="utf-8"))
    assert metadata["recipe"] == json.loads(json.dumps(asdict(Recipe())))
    for file, network in (("backbone", build_backbone(folded=True)), ("head", build_head())):
        committed = keras.models.load_model(ROOT / f"models/{file}.keras", compile=False)
        assert [w.shape for w in committed.get_weights()] == [w.shape for w in network.get_weights()]


def test_the_committed_card_is_that_of_the_committed_metadata(tmp_path: Path) -> None:
    shutil.copy(ROOT / "models/metadata.json", tmp_path)
    write_card(tmp_path)
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == (ROOT / "models/README.md").read_text(
        encoding="utf-8"
    )


def test_an_interrupted_run_goes_on_with_the_stage_it_was_in(
    built: Path, drawn_mnist: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after a power cut: of the last checkpoint only a part was written, the others are there."""
    last = next((built.parent / "cache").glob("distilled-*.npz"))
    whole = last.read_bytes()
    last.write_bytes(whole[:5000])
    assert main(quick(drawn_mnist, built.parent, "again")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines if "was trained before" in line] == ["first", "teacher-1", "teacher-2"]
    assert {line.split()[1] for line in lines if "  epoch " in line} == {"distilled"}
    last.write_bytes(whole)
    assert main(quick(drawn_mnist, built.parent, "kept")) == 0
    images = np.stack([digit_image(digit, np.random.default_rng(digit)) for digit in range(10)])
    first, kept = (Classifier.load(built.parent / out) for out in ("models", "kept"))
    assert np.array_equal(first.logits(images), kept.logits(images))
    assert first.metadata["spent"] == kept.metadata["spent"]


@pytest.mark.parametrize("content", [None, b"", b"not an archive", b"PK\x03\x04 cut short"])
def test_data_that_is_not_mnist_is_refused_in_a_sentence(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mnist.npz"
    if content is not None:
        file.write_bytes(content)
    assert main(["--data", str(file), "--out", str(tmp_path / "models")]) == 1
    message = capsys.readouterr().err
    assert message.startswith("pretrain: ") and "mnist.npz" in message and "Traceback" not in message
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("option", [["--seed", "-1"], ["--seed", "many"], ["--epochs", "3"], ["--quick"]])
def test_options_without_sense_are_refused(option: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([*option, "--cache", str(tmp_path)])


def test_the_help_says_where_mnist_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "MNIST_PATH" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--out", "--cache"])
def test_a_folder_that_cannot_be_written_is_said_before_any_work(
    option: str, drawn_mnist: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    command = [
        "--quick",
        "--data",
        str(drawn_mnist),
        "--out",
        str(tmp_path / "models"),
        "--cache",
        str(tmp_path / "cache"),
    ]
    assert main([*command, option, str(tmp_path / "file")]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("pretrain: ") and "file" in printed.err
    assert printed.out == ""


def test_too_few_images_are_refused(drawn_mnist: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with np.load(drawn_mnist) as arrays:
        np.savez(tmp_path / "few.npz", **{name: arrays[name][:40] for name in arrays.files})
    assert main(quick(tmp_path / "few.npz", tmp_path, "models")) == 1
    assert "40 images to train on are too few" in capsys.readouterr().err


def test_folding_the_normalisation_changes_nothing() -> None:
    """The served backbone gives what the trained one gives, whatever statistics it has learnt."""
    trained = build_backbone(folded=False)
    rng = np.random.default_rng(0)
    for layer in trained.layers:
        if layer.name.endswith("_bn"):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape).astype(np.float32) for w in layer.get_weights()])
    images = rng.random((4, 28, 28, 1)).astype(np.float32)
    assert fold(trained).predict(images, verbose=0) == pytest.approx(
        trained.predict(images, verbose=0), rel=1e-3, abs=1e-3
    )


def test_the_network_is_as_small_as_it_claims() -> None:
    served = build_backbone(folded=True)
    assert served.output_shape == (None, FEATURES)
    assert build_head().output_shape == (None, OUTPUTS)
    assert served.count_params() < 1_000_000


def test_the_temperature_of_overconfident_logits_is_found() -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(size=(20_000, 10)) * 2
    chances = np.exp(honest) / np.exp(honest).sum(1, keepdims=True)
    labels = (chances.cumsum(1) > rng.random((20_000, 1))).argmax(1)
    assert fit_temperature(honest * 3, labels) == pytest.approx(3, rel=0.05)


def test_the_likeness_of_known_odds_is_found() -> None:
    """Odds are made so that half of 2 * odds - 1 is the true log-odds of a digit."""
    rng = np.random.default_rng(0)
    is_digit = np.arange(40_000) < 20_000
    truth = np.where(is_digit, 1, -1) * 2 + rng.normal(size=40_000) * 2  # log-odds of two normals, 4 apart: this itself
    logits = np.full((40_000, 11), -1e3)
    logits[:, 3] = (truth + 1) * 2
    logits[:, 10] = 0
    assert fit_likeness(logits, is_digit) == pytest.approx((2, -1), abs=0.1)
