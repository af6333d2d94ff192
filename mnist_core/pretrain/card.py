"""The model card: what `models/README.md` says, from the figures in `models/metadata.json`.

The text is in `card*.md` beside this file; a `$name` there stands for a value that `write_card` fills in.
"""

from __future__ import annotations

import json
from pathlib import Path
from string import Template
from typing import Any

_DATA_SETS = {
    "test": "MNIST's {test:,} test images",
    "validation, plain": "MNIST's {held_out:,} held-out training images",
    "validation, varied": "the same, changed as pens would",
    "validation, digits": "made-up digits, not trained on",
}


def write_card(folder: Path) -> None:
    """Write the README.md of a model's folder from its metadata.json."""
    metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    recipe, spent, figures, counts = (metadata[part] for part in ("recipe", "spent", "figures", "counts"))
    stages = _stages(recipe)
    text = _fill(
        "card.md",
        options=f" --seed {recipe['seed']}" if recipe["seed"] else "",
        minutes=round((spent["image_seconds"] + spent["training_seconds"]) / 60),
        image_minutes=round(spent["image_seconds"] / 60),
        processors=spent["processors"],
        machine=spent["machine"],
        precision=spent["precision"],
        seed=recipe["seed"],
        keras=metadata["versions"]["keras"],
        trained=f"{counts['trained']:,}",
        held_out=f"{counts['held_out']:,}",
        test=f"{counts['test']:,}",
        temperature=f"{metadata['temperature']:.3f}",
        stage_rows="\n".join(_stage_row(name, stage, counts["trained"]) for name, stage in stages.items()),
        teachers=_fill("card_teachers.md") if recipe["distilled"] and recipe["teachers"] else "",
        distillation=_fill("card_distillation.md") if recipe["distilled"] else "",
        accuracy_rows="\n".join(f"| {of.format(**counts)} | {figures[key]:.2%} |" for key, of in _DATA_SETS.items()),
        strokes=_strokes(metadata["strokes"]) if "strokes" in metadata else "",
        paper=_paper(metadata["paper"]) if "paper" in metadata else "",
        worksheet=_worksheet(metadata["worksheet"]) if "worksheet" in metadata else "",
    )
    (folder / "README.md").write_text(text, encoding="utf-8")


def _fill(file: str, **values: Any) -> str:
    text = Path(__file__).with_name(file).read_text(encoding="utf-8")
    return Template(text).substitute(values)


def _stages(recipe: dict[str, Any]) -> dict[str, dict[str, float]]:
    """The stages that were trained, by the names that the card gives them, in their order."""
    if not recipe["distilled"]:
        return {"first": recipe["first"]}
    teachers = {f"teacher {number}": stage for number, stage in enumerate(recipe["teachers"], 1)}
    return {"first": recipe["first"], **teachers, "distilled": recipe["distilled"]}


def _stage_row(name: str, stage: dict[str, float], trained: int) -> str:
    """A row of the card's table of stages; `trained` images of MNIST are in each epoch."""
    plain, bent = stage["plain_share"], stage["bent_share"]
    cells = (
        name,
        stage["epochs"],
        stage["learning_rate"],
        stage["label_smoothing"],
        f"{plain:.0%}",
        f"{bent:.0%}",
        f"{1 - plain - bent:.0%}",
        f"{round(trained * stage['digits_share']):,}",
        f"{round(trained * stage['non_digits_share']):,}",
        stage["max_shift"],
        f"{stage['soft_target_weight']:.0%}",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def _strokes(measured: dict[str, float]) -> str:
    """What `python -m benchmarks.recognition --record` measured on real strokes."""
    return _fill(
        "card_strokes.md",
        digits=f"{measured['digits']:,}",
        non_digits=f"{measured['non_digits']:,}",
        accuracy=f"{measured['accuracy']:.2%}",
        calibration_error=f"{measured['calibration_error']:.2%}",
        auroc=f"{measured['auroc']:.3f}",
        accepted=f"{measured['accepted']:.1%}",
    )


def _paper(measured: dict[str, Any]) -> str:
    """What `python -m benchmarks.paper --record` measured on photographs of paper."""
    named = {
        **measured["conditions"],
        "one digit, mean": measured["singles"],
        "numbers, mean": measured["pages"],
        "wrong answers to one digit that are doubted": measured["doubted_of_wrong"],
    }
    rows = [f"| {name} | " + " | ".join(f"{share:.1%}" for share in shares) + " |" for name, shares in named.items()]
    kinds = {"one": "one digit", "several": "numbers"}
    return _fill(
        "card_paper.md",
        seeds=" | ".join(f"seed {seed}" for seed in measured["seeds"]),
        rules="---|" * (len(measured["seeds"]) - 1) + "---",
        rows="\n".join(rows),
        real=", ".join(f"{kinds[mode]}: {right} of {count} right" for mode, (right, count) in measured["real"].items()),
        times=", ".join(
            f"{condition} {pixels} ms, from a JPEG file {from_file} ms"
            for condition, (pixels, from_file) in measured["milliseconds"].items()
        ),
    )


def _worksheet(measured: dict[str, int]) -> str:
    """What `python -m benchmarks.worksheet --record` measured on photographs of the worksheet."""
    return _fill(
        "card_worksheet.md",
        boxes=f"{measured['boxes']:,}",
        sheets=measured["sheets"],
        placed=f"{measured['at their place'] / measured['boxes']:.2%}",
        wrong=measured["wrong"],
        missed=measured["missed"],
        unread=measured["sheets not read"],
    )
