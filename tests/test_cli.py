"""python -m mnist_core: what it prints, for people and for programs, and how it ends."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from PIL import Image, ImageDraw

import mnist_core.__main__ as shell
from mnist_core.files.worksheet import worksheet_pdf
from mnist_core.recognition.taught_model import Prediction

ROOT = Path(__file__).parents[1]


class Stub:
    """Reads a tall drawing as 1 and any other as 7, sure of it by 90 %."""

    likeness: ClassVar = {1: 0.75, 7: 0.75}

    @classmethod
    def load(cls, folder: Path) -> "Stub":
        assert (folder / "metadata.json").is_file()
        return cls()

    def predict(self, image: np.ndarray) -> Prediction:
        return self.predict_many(image[None])[0]

    def predict_many(self, images: np.ndarray) -> list[Prediction]:
        digits = [1 if np.ptp(np.flatnonzero(image.any(0))) < 6 else 7 for image in images]
        rows = [np.where(np.arange(10) == digit, 0.9, 0.1 / 9).astype(np.float32) for digit in digits]
        return [Prediction(digit, row, self.likeness[digit]) for digit, row in zip(digits, rows, strict=True)]


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "Classifier", Stub)


def picture(path: Path, points: list[tuple[int, int]]) -> str:
    image = Image.new("L", (60, 80), 255)
    ImageDraw.Draw(image).line(points, fill=0, width=7)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return str(path)


def one(path: Path) -> str:
    return picture(path, [(30, 10), (30, 70)])


def seven(path: Path) -> str:
    return picture(path, [(10, 12), (50, 12), (28, 70)])


@pytest.mark.usefixtures("stubbed")
def test_predict_says_each_digit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [one(tmp_path / "a.png"), seven(tmp_path / "b.jpg")]
    assert shell.main(["predict", *files]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        f"{files[0]}: 1 (score 90.0%, looks like a digit 75.0%)",
        f"{files[1]}: 7 (score 90.0%, looks like a digit 75.0%)",
    ]
    assert printed.err == ""


@pytest.mark.usefixtures("stubbed")
def test_the_committed_model_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shell.main(["predict", one(tmp_path / "a.png")]) == 0


@pytest.mark.usefixtures("stubbed")
def test_predict_reads_lines_and_keeps_their_groups(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = Image.new("L", (500, 260), 255)
    for x, y in ((40, 30), (75, 30), (300, 30), (40, 160)):
        page.paste(0, (x, y, x + 9, y + 60))
    page.save(tmp_path / "page.png")
    file, blank = str(tmp_path / "page.png"), str(tmp_path / "blank.png")
    Image.new("L", (60, 80), 255).save(blank)
    assert shell.main(["predict", "--lines", file, blank]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        f"{file}: 11 1 (least sure: 1, score 90.0%, looks like a digit 75.0%)",
        f"{file}: 1 (least sure: 1, score 90.0%, looks like a digit 75.0%)",
    ]
    assert printed.err.startswith(f"{blank}: There is nothing")
    assert shell.main(["predict", "--lines", "--json", file]) == 0
    (result,) = json.loads(capsys.readouterr().out)
    assert result["lines"] == ["11 1", "1"]
    assert result["digits"][1][0]["digit"] == 1 and result["digits"][1][0]["box"] == pytest.approx(
        [40, 160, 49, 220], abs=3
    )


@pytest.mark.usefixtures("stubbed")
def test_of_a_line_the_digit_that_looks_least_like_one_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Stub.likeness, 7, 0.125)
    page = Image.new("L", (300, 120), 255)
    for x, y, right, bottom in ((40, 30, 49, 90), (120, 30, 160, 39), (151, 30, 160, 90)):
        page.paste(0, (x, y, right, bottom))
    page.save(tmp_path / "page.png")
    assert shell.main(["predict", "--lines", str(tmp_path / "page.png")]) == 0
    assert capsys.readouterr().out.endswith(": 17 (least sure: 7, score 90.0%, looks like a digit 12.5%)\n")


@pytest.mark.usefixtures("stubbed")
def test_predict_says_what_cannot_be_read_and_reads_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    Image.new("L", (60, 80), 255).save(tmp_path / "blank.png")
    bad = [str(tmp_path / name) for name in ("notes.txt", "absent.png", "blank.png")]
    assert shell.main(["predict", "--json", *bad, one(tmp_path / "a.png")]) == 1
    printed = capsys.readouterr()
    results: list[dict[str, Any]] = json.loads(printed.out)
    assert [result["file"] for result in results[:3]] == bad
    assert "not an image" in results[0]["error"]
    assert results[1]["error"] == f"{bad[1]}: There is no such file, or it may not be read."
    assert "nothing but background" in results[2]["error"]
    assert results[3]["digit"] == 1 and results[3]["digit_likeness"] == 0.75
    assert results[3]["scores"][1] == 0.9 and len(results[3]["scores"]) == 10
    assert len(printed.err.splitlines()) == 3


@pytest.mark.usefixtures("stubbed")
def test_evaluate_prints_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one(tmp_path / "digits" / "1" / "a.png")
    seven(tmp_path / "digits" / "7" / "b.png")
    seven(tmp_path / "digits" / "1" / "c.png")
    one(tmp_path / "letters" / "I.png")
    assert shell.main(["evaluate", str(tmp_path / "digits"), "--non-digits", str(tmp_path / "letters")]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == f"{tmp_path / 'digits'}: 3 drawings"
    assert "accuracy 66.67%" in lines
    assert "AUROC, digit or not 0.5000" in lines
    assert "non-digits accepted 100.00% (when 95 % of the digits are)" in lines
    assert "1 50.00% . 1 . . . . . 1 . ." in lines


@pytest.mark.usefixtures("stubbed")
def test_evaluate_prints_json_for_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one(tmp_path / "digits" / "1" / "a.png")
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 4:24, 13:15] = 255
    np.savez(tmp_path / "mine.npz", x_test=image, y_test=np.array([7]))
    assert shell.main(["evaluate", "--json", str(tmp_path / "digits"), str(tmp_path / "mine.npz")]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["accuracy"], second["accuracy"]) == (1.0, 0.0)
    assert first["auroc"] is None
    assert second["confusion"][7][1] == 1


@pytest.mark.usefixtures("stubbed")
def test_evaluate_without_a_file_takes_mnist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    images, labels = np.zeros((2, 28, 28), np.uint8), np.array([1, 1])
    images[:, 4:24, 13:15] = 255
    np.savez(tmp_path / "m.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    monkeypatch.setenv("MNIST_PATH", str(tmp_path / "m.npz"))
    assert shell.main(["evaluate"]) == 0
    assert capsys.readouterr().out.startswith("MNIST test: 2 drawings")


@pytest.mark.usefixtures("stubbed")
@pytest.mark.parametrize("command", [["evaluate"], ["evaluate", "--non-digits"]])
def test_evaluate_says_which_file_is_wrong(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wrong.npz").write_text("hello")
    one(tmp_path / "digits" / "1" / "a.png")
    files = [str(tmp_path / "wrong.npz"), str(tmp_path / "digits")]
    assert shell.main([*command, *files]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1 and "wrong.npz: not an .npz file" in printed.err


@pytest.mark.usefixtures("stubbed")
def test_a_reader_that_has_gone_away_is_no_error_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after `| head -1`."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        monkeypatch.setattr(sys, "stdout", gone)
        assert shell.main(["predict", one(tmp_path / "a.png")]) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("stubbed")
def test_a_name_that_is_no_text_is_printed_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strict = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict")
    monkeypatch.setattr(sys, "stdout", strict)
    name = os.fsdecode(os.fsencode(str(tmp_path)) + b"/\xff.png")
    assert shell.main(["predict", one(Path(name)), one(tmp_path / "b.png")]) == 0
    lines = strict.buffer.getvalue().decode().splitlines()
    assert "\\udcff.png: 1" in lines[0] and "b.png: 1" in lines[1]


@pytest.mark.usefixtures("stubbed")
def test_an_interruption_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shell, "read_dataset", interrupted)
    assert shell.main(["evaluate", "digits"]) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("stubbed")
def test_an_empty_name_of_non_digits_is_not_ignored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one(tmp_path / "digits" / "1" / "a.png")
    assert shell.main(["evaluate", str(tmp_path / "digits"), "--non-digits", str(tmp_path / "")]) == 0
    assert shell.main(["evaluate", str(tmp_path / "digits"), "--non-digits", ""]) == 1
    assert capsys.readouterr().err != ""


def test_a_missing_model_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.main(["predict", "--model", str(tmp_path), one(tmp_path / "a.png")]) == 1
    assert "python -m mnist_core.pretrain" in capsys.readouterr().err


def test_wrong_use_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        shell.main(["predict"])
    assert caught.value.code == 2
    assert "IMAGE" in capsys.readouterr().err


def test_the_real_command_reads_a_seven_and_refuses_a_text(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    command = [sys.executable, "-m", "mnist_core", "predict", "--json", seven(tmp_path / "b.png")]
    good = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)[0]["digit"] == 7
    bad = subprocess.run([*command, str(tmp_path / "notes.txt")], cwd=ROOT, capture_output=True, text=True, check=False)
    assert bad.returncode == 1
    assert bad.stderr.startswith(str(tmp_path / "notes.txt")) and "This is not an image" in bad.stderr
    closed = subprocess.run(["sh", "-c", '"$@" 2>&-', "sh", *command], cwd=ROOT, capture_output=True, check=False)
    assert (closed.returncode, closed.stdout) == (0, good.stdout.encode())


def test_worksheet_writes_the_page_to_print(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.main(["worksheet", "--paper", "letter", "--language", "es", str(tmp_path / "page.pdf")]) == 0
    assert (tmp_path / "page.pdf").read_bytes() == worksheet_pdf("letter", "es")
    assert shell.main(["worksheet", str(tmp_path / "no" / "page.pdf")]) == 1
    assert "No such file" in capsys.readouterr().err
