"""The classifier and the store from the shell.

python -m mnist_core evaluate [FILE ...] [--non-digits FILE] [--json]
python -m mnist_core predict IMAGE... [--lines] [--json]
python -m mnist_core worksheet [--paper a4|letter] [--language en|es] FILE.pdf
python -m mnist_core backup FILE
python -m mnist_core restore FILE
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mnist_core.evaluation.measuring import (
    Evaluation,
    evaluate,
    mnist_test,
    read_dataset,
    read_non_digits,
    read_prepared,
)
from mnist_core.files.images import read_image
from mnist_core.files.worksheet import PAGE_LANGUAGES, PAPERS, worksheet_pdf
from mnist_core.recognition.base import MODELS, ModelUnavailable
from mnist_core.recognition.lines import read_lines, split_at_gaps
from mnist_core.teaching.classifier import Classifier


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0, or 1 when something could not be read or written, 130 after Ctrl-C.

    Exits with 2 at wrong use.
    """
    options = _parser().parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow greets at greater length otherwise
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name may be no text
    try:
        code = int(options.run(options))
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # of `| head`; what Python flushes at its end goes nowhere then
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    except (ValueError, OSError, ModelUnavailable) as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mnist_core", description="Reads handwritten digits.")
    commands = parser.add_subparsers(required=True)
    measure = commands.add_parser("evaluate", help="measure the model on labelled digits")
    measure.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="an .npz of MNIST's layout, a strokes file, or a folder of images 0/ to 9/; MNIST's test set when absent",
    )
    measure.add_argument("--non-digits", metavar="FILE", help="a strokes file or a folder of images of no digits")
    measure.set_defaults(run=_evaluate)
    read = commands.add_parser("predict", help="read image files")
    read.add_argument("images", nargs="+", metavar="IMAGE")
    read.add_argument("--lines", action="store_true", help="read numbers, line by line, and not one digit")
    read.set_defaults(run=_predict)
    for command in (measure, read):
        command.add_argument(
            "--model", default=MODELS, type=Path, metavar="FOLDER", help="where the model is (%(default)s)"
        )
        command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    page = commands.add_parser("worksheet", help="write the page to print, fill in and photograph, as a PDF file")
    page.add_argument("file", metavar="FILE.pdf", type=Path)
    page.add_argument("--paper", choices=list(PAPERS), default="a4")
    page.add_argument("--language", choices=PAGE_LANGUAGES, default="en")
    page.set_defaults(run=_worksheet)
    where = "the store that DATABASE_URL or MNIST_DATA_DIR names"
    for name, run, does in (
        ("backup", _backup, f"copy {where} to a new file, also while the app runs"),
        ("restore", _restore, f"put a backup into {where}, in which nothing has been taught yet"),
    ):
        command = commands.add_parser(name, help=does)
        command.add_argument("file", metavar="FILE", type=Path)
        command.set_defaults(run=run)
    return parser


def _evaluate(options: argparse.Namespace) -> int:
    datasets = [read_dataset(file) for file in options.files] or [mnist_test()]
    non_digits = None if options.non_digits is None else read_non_digits(options.non_digits)
    clf = _load(options.model)
    evaluations = [evaluate(clf, dataset, non_digits) for dataset in datasets]
    if options.json:
        print(json.dumps([evaluation.as_dict() for evaluation in evaluations], indent=1))
    else:
        print("\n\n".join(table(evaluation) for evaluation in evaluations))
    return 0


def _predict(options: argparse.Namespace) -> int:
    clf = _load(options.model)
    read = _read_lines if options.lines else _read_digit
    results: list[dict[str, Any]] = []
    for file in options.images:
        try:
            results.append({"file": file} | read(clf, file))
        except ValueError as error:
            results.append({"file": file, "error": str(error)})
    if options.json:
        print(json.dumps(results, indent=1))
    for result in results:
        if "error" in result:
            print(result["error"], file=sys.stderr)
        elif not options.json:
            print("\n".join(f"{result['file']}: {line}" for line in _sentences(result)))
    return int(any("error" in result for result in results))


def _read_digit(clf: Classifier, file: str) -> dict[str, Any]:
    prediction = clf.predict(read_prepared(file))
    scores = [round(float(score), 6) for score in prediction.scores]
    return {"digit": prediction.digit, "scores": scores, "digit_likeness": round(prediction.digit_likeness, 6)}


def _read_lines(clf: Classifier, file: str) -> dict[str, Any]:
    try:
        lines = read_lines(clf, read_image(file))
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error
    digits = [
        [
            {
                "digit": d.prediction.digit,
                "score": round(float(d.prediction.scores.max()), 6),
                "digit_likeness": round(d.prediction.digit_likeness, 6),
                "box": list(d.box),
            }
            for d in line
        ]
        for line in lines
    ]
    words = [
        " ".join("".join(str(d.prediction.digit) for d in group) for group in split_at_gaps(line)) for line in lines
    ]
    return {"lines": words, "digits": digits}


def _sentences(result: dict[str, Any]) -> list[str]:
    if "digit" in result:
        score, likeness = max(result["scores"]), result["digit_likeness"]
        return [f"{result['digit']} (score {score:.1%}, looks like a digit {likeness:.1%})"]
    weakest = [min(line, key=lambda digit: min(digit["score"], digit["digit_likeness"])) for line in result["digits"]]
    return [
        f"{line} (least sure: {digit['digit']}, score {digit['score']:.1%}, "
        f"looks like a digit {digit['digit_likeness']:.1%})"
        for line, digit in zip(result["lines"], weakest, strict=True)
    ]


def _worksheet(options: argparse.Namespace) -> int:
    options.file.write_bytes(worksheet_pdf(options.paper, options.language))
    return 0


def _load(folder: Path) -> Classifier:
    """The classifier, without the four lines that TensorFlow writes before its log level counts."""
    if sys.stderr is None:  # closed by who called
        return Classifier.load(folder)
    stderr = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        import tensorflow  # noqa: F401
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
    return Classifier.load(folder)


def _backup(options: argparse.Namespace) -> int:
    from mnist_core.storage.backup import backup

    return _copy_store(backup, options.file, "Copied {store} to {file}. Lessons: {count}.")


def _restore(options: argparse.Namespace) -> int:
    from mnist_core.storage.backup import restore

    return _copy_store(restore, options.file, "Restored {file} into {store}. Lessons: {count}.")


def _copy_store(copy: Callable[[Path, str | None, Path], int], file: Path, done: str) -> int:
    from mnist_core.serving.settings import Settings
    from mnist_core.storage.database import store_name
    from mnist_core.storage.faults import StoreUnavailable

    settings = Settings.read()
    store = store_name(settings.database_url, settings.data_dir)
    try:
        count = copy(file, settings.database_url, settings.data_dir)
    except (StoreUnavailable, OSError) as error:
        print(f"{store}: {error}", file=sys.stderr)
        return 1
    print(done.format(count=count, file=file, store=store))
    return 0


def table(evaluation: Evaluation) -> str:
    """An evaluation as a table for people."""
    lines = [
        f"{evaluation.name}: {evaluation.count} drawings",
        f"  accuracy            {evaluation.accuracy:8.2%}",
        f"  calibration error   {evaluation.calibration_error:8.2%}   (expected, 15 bins)",
    ]
    if evaluation.auroc is not None:
        lines += [
            f"  AUROC, digit or not {evaluation.auroc:8.4f}",
            f"  non-digits accepted {evaluation.accepted:8.2%}   (when 95 % of the digits are)",
        ]
    lines += ["", "  digit   accuracy   read as" + "".join(f"{digit:>6}" for digit in range(10))]
    for digit, share in evaluation.per_digit.items():
        counts = "".join(f"{n or '.':>6}" for n in evaluation.confusion[digit].tolist())
        lines.append(f"  {digit:5}   {share:8.2%}          {counts}")
    if evaluation.per_source:
        lines += ["", "  source   drawings   accuracy"]
        lines += [f"  {source:6}   {n:8}   {share:8.2%}" for source, (n, share) in evaluation.per_source.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
