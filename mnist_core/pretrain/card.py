"""The model card: what `models/README.md` says, from the figures in `models/metadata.json`, and the worst mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy.special import softmax

WORST = 50

_TEXT = """\
# The base model

Written by `python -m mnist_core.pretrain`; the figures on real strokes by
`python -m benchmarks.recognition --record`.

## What it is

A residual network (He et al., 2016) of 0.9 million weights and 37 million multiplications an image reads a 28 x 28
image of 0 and 255, as `mnist_core.prepare` makes it, into 192 features (`backbone.keras`); one dense layer turns
these into eleven logits (`head.keras`): the ten digits, and "not a digit". Teaching adds to the logits and never
changes either file. `features.npz` keeps features of MNIST images, so that a taught model is judged without MNIST.

Meant for one digit drawn by hand or cut out of a picture. Not meant for print, for several digits at once (the app
splits them first), or for decisions about people.

## How it was made

    python -m mnist_core.pretrain{options}

`--data FILE` names MNIST as an .npz or a folder of IDX files; otherwise Keras downloads it. It took
{minutes:.0f} minutes, {images:.0f} of them to make the images, on {processors} processors ({machine}, {precision}),
shared with other work; on two cores it stays under three hours. Seed {seed}, Keras {keras}; epochs of its stages:
{epochs}. Interrupted, it goes on where it stopped: with the images that are missing, or with the stage it was in.

- Trained on MNIST's first {trained:,} training images (LeCun, Cortes and Burges, 1998), what is made of them, and
  made-up pen strokes; nothing else. The last {held_out:,} training images set the temperatures and are what the gate of
  teaching judges by. The {test:,} test images are reported; how many 1s get a flag is the one choice that they had a
  part in (see the recipe).
- In the first stage an epoch is the {trained:,} in a new mixture: {first[varied]:.0%} changed as pens would
  (`augmentation.py`: slant, stretch, elastic bends, the pen's width, gaps, and what MNIST's writers leave out: the
  slash in a 0, flag and foot of a 1, the bar through a 7, the hook of a 9), {first[bent]:.0%} bent only, with the pen
  as it was, and {first[plain]:.0%} as they are; with {first[digits]:,} digits made up of stroke templates
  (`penmanship.py`) and {first[others]:,} drawings of no digit (letters, symbols, shapes, scribbles, MNIST's digits
  mirrored, turned, side by side).
{stages}- AdamW, in each stage a cosine schedule and a running mean of the weights (Izmailov et al., 2018), label
  smoothing {first[smoothing]} in the first; in the end batch normalisation is folded into the weights.
  The scores' temperature (Guo et al., 2017), {temperature:.3f}, is set on held-out digits made pen-like, and so is the
  likeness's (Platt, 1999).
- What was tried and what it did: [benchmarks/recipe.md](../benchmarks/recipe.md).

## How well it reads

| measured on | accuracy |
|---|---|
{rows}

{measured}
## How it is taught

The network's weights never change when somebody teaches it. Think of a sharp-eyed usher at a door: the network turns
every drawing into 192 numbers, and drawings that look alike get numbers that point the same way. A lesson of, say,
five drawings of an odd 4 is bent and redrawn a few dozen times, as the same hand might draw it again, and becomes
six small detectors: one for each drawing and one for all of them. A detector asks a single question, "does this point
the way that drawing did, more than anything in MNIST does?", and when the answer is yes it adds to the score of 4.
Everywhere else it adds exactly nothing.

Where "yes" begins is the heart of it. The detector is tried on thousands of rehearsed digits that the network knows,
many of them those that it knows least surely, and its threshold is moved until it would outvote the network on next to
none of them. Then the gate judges the whole model, this lesson and all before it, on digits held out from training
and on every drawing taught so far. A lesson that costs more than a few in ten thousand is fitted once more, gentler;
if it still harms, it is refused and the person is told what would have been lost. So is a lesson of drawings that
look like clear digits of MNIST under another name. A lesson's detectors depend on its
own drawings alone, so any lesson can be taken out again, exactly as if it had never been taught.

The methods: exemplar classifiers by linear discriminant analysis (Hariharan, Malik and Ramanan, 2012) with one
shared covariance (Deep SLDA: Hayes and Kanan, 2020), thresholds set on rehearsed features (latent replay: Pellegrini
et al., 2020). What they do beside other ways to teach: `python -m benchmarks.teaching`.

## Where it fails

The fifty test images of MNIST that it is most wrong about, "right > read":

![The fifty worst mistakes](worst.png)

Many of them no person reads as labelled. On real strokes nearly half of the mistakes are fragments (a 4 of which only
one stroke was kept); others are 1s whose flag is as long as a 7's bar, 6s with the loop high on the right, 7s with a
foot, and scrawls. A lone line is a 1 to it, whatever it was meant to be; O is a 0, and S and Z may be 5 and 2. It knows
no other script's digits.
"""

_TEACHERS = """\
- Then teachers are trained ({count}), networks of another kind that are four times as large and never served (M5: An et
  al., 2020). Networks of different kinds err in different places, so together they read better than any of them.
"""

_TEACHER = """\
  - {epochs} epochs of {varied:.0%} changed as pens would, {bent:.0%} bent and {plain:.0%} as they are, with {digits:,}
    made-up digits and {others:,} drawings of no digit; each image is moved by up to {shift} pixels, label smoothing
    {smoothing}.
"""

_DISTILLED = """\
- In the last stage the network goes on from the first stage's end and learns from itself, as it was then, and from all
  teachers (distillation: Hinton, Vinyals and Dean, 2015): {taught:.0%} of what it learns of an image is what they make
  of it together, the rest the label. An epoch is {varied:.0%} changed as pens would, {bent:.0%} bent only and
  {plain:.0%} as it is, with {digits:,} made-up digits and {others:,} drawings of no digit.
"""

_NAMES = {
    "test": "MNIST's {test:,} test images",
    "validation, plain": "MNIST's {held_out:,} held-out training images",
    "validation, varied": "the same, changed as pens would",
    "validation, digits": "made-up pen strokes, not trained on",
}

_MEASURED = """\
On real pen strokes, none of them trained on (UNIPEN, {count:,} digits and {others:,} letters and symbols; they were
looked at to learn which hands there are, so other writers may be read a little worse):

| | |
|---|---|
| accuracy | {accuracy:.2%} |
| expected calibration error, 15 bins | {calibration_error:.2%} |
| digits against non-digits, AUROC | {auroc:.3f} |
| non-digits accepted where 95 % of digits are | {accepted:.1%} |

"""


def write_card(folder: Path) -> None:
    """Write the README.md of a model's folder from its metadata.json."""
    metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    settings, spent, figures, counts = (metadata[part] for part in ("settings", "spent", "figures", "counts"))
    later = [*settings["teachers"], settings["distilled"]] if settings["distilled"] else []
    text = _TEXT.format(
        options=f" --seed {settings['seed']}" if settings["seed"] else "",
        minutes=(spent["image_seconds"] + spent["training_seconds"]) / 60,
        images=spent["image_seconds"] / 60,
        rows="\n".join(f"| {name.format(**counts)} | {figures[key]:.2%} |" for key, name in _NAMES.items()),
        measured=_MEASURED.format(**metadata["measured"]) if "measured" in metadata else "",
        keras=metadata["versions"]["keras"],
        temperature=metadata["temperature"],
        seed=settings["seed"],
        first=_mixture(settings["first"], counts["trained"]),
        epochs=", ".join(str(stage["epochs"]) for stage in (settings["first"], *later)),
        stages=_stages([_mixture(stage, counts["trained"]) for stage in later]),
        **counts,
        **{key: spent[key] for key in ("processors", "machine", "precision")},
    )
    (folder / "README.md").write_text(text, encoding="utf-8")


def _stages(later: list[dict[str, float]]) -> str:
    """What came after the first stage: any number of teachers, then distillation; or nothing."""
    if not later:
        return ""
    *teachers, distilled = later
    told = [_TEACHERS.format(count=len(teachers)), *(_TEACHER.format(**stage) for stage in teachers)]
    return "".join(told if teachers else []) + _DISTILLED.format(**distilled)


def _mixture(stage: dict[str, float], trained: int) -> dict[str, float]:
    """A stage, and what an epoch of it holds: shares of MNIST's `trained` images, and how many are made up."""
    plain, bent = stage["plain_share"], stage["bent_share"]
    made = {kind: round(trained * stage[f"{kind}_share"]) for kind in ("digits", "others")}
    return {**stage, "plain": plain, "bent": bent, "varied": 1 - plain - bent, **made}


def worst_picture(images: np.ndarray, labels: np.ndarray, logits: np.ndarray, count: int = WORST) -> Image.Image:
    """Return a picture of the `count` images whose right digit scores least, with "right > read" below each.

    images uint8 (n, 28, 28), white on black; labels ints (n,); logits float (n, 10).
    """
    right = softmax(logits, axis=1)[np.arange(len(labels)), labels]
    columns, width, height = 10, 72, 88
    chosen = np.argsort(right)[:count]
    picture = Image.new("L", (columns * width, -(-len(chosen) // columns) * height), 255)
    draw = ImageDraw.Draw(picture)
    for place, n in enumerate(chosen):
        x, y = place % columns * width, place // columns * height
        picture.paste(Image.fromarray(255 - images[n]).resize((64, 64), Image.Resampling.NEAREST), (x + 4, y + 4))
        draw.text((x + 20, y + 70), f"{labels[n]} > {logits[n].argmax()}", fill=0)
    return picture
