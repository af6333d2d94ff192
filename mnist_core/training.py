"""Training the base model: which images an epoch holds, how the weights are fitted and averaged."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mnist_core.mnist import Mnist
from mnist_core.network import OUTPUTS, backbone, fold, head
from mnist_core.pool import Job, Slice, joined, make_slices, unpack
from mnist_core.stages import End, Stage, read_end, write_end

if TYPE_CHECKING:
    import keras


_LATE = Stage(7, 1.5e-3, 0.5, smoothing=0.0, plain_share=0.2, bent_share=0.4, digits_share=0.15, others_share=0.2)


@dataclass(frozen=True)
class Settings:
    """What is decided before training; benchmarks/recipe.md says why."""

    seed: int = 0
    stages: tuple[Stage, ...] = (
        Stage(30, 3e-3, 1.0, smoothing=0.05, plain_share=0.15, bent_share=0.25, digits_share=0.25, others_share=0.25),
        _LATE,
        _LATE,
    )
    ends: int = 2  # the model is the mean of what so many last stages end with (Izmailov et al., 2018)
    batch: int = 128
    decay: float = 0.05
    average: float = 0.98  # of the weights, each 16 steps: over about the last 800 steps
    varied_slices: int = 8  # variants made of each of MNIST's images; and so many that are bent only
    made_slices: int = 6  # of made-up digits, and of non-digits
    made_size: int = 24_000
    held_out: int = 5000  # of MNIST's training images, the last ones
    validation_size: int = 4000  # of each kind that is made up


def make_images(mnist: Mnist, settings: Settings, cache: Path) -> dict[Job, Slice]:
    """Make, or read from the folder `cache`, every slice of images that training and calibration need."""
    split = len(mnist.x_train) - settings.held_out
    parts = {
        "train": (mnist.x_train[:split], mnist.y_train[:split]),
        "validation": (mnist.x_train[split:], mnist.y_train[split:]),
    }
    jobs = [Job("plain", "train", 0), Job("plain", "validation", 0), Job("varied", "validation", 0)]
    for kind in ("bent", "varied"):
        jobs += [Job(kind, "train", number) for number in range(settings.varied_slices)]
    for kind in ("digits", "others"):
        jobs.append(Job(kind, "validation", 0, settings.validation_size))
        jobs += [Job(kind, "train", number, settings.made_size) for number in range(settings.made_slices)]
    slices = {}
    for job, made in make_slices(jobs, parts, settings.seed, cache):
        slices[job] = made
        _say(f"images {len(slices):2d}/{len(jobs)}  {job.part} {job.kind} {job.number}: {len(made.labels):,}")
    return slices


class Trained(NamedTuple):
    """The served backbone and head, of averaged weights, and how long it took to train them."""

    body: keras.Model
    top: keras.Model
    seconds: float


def train(slices: dict[Job, Slice], settings: Settings, cache: Path | None = None) -> Trained:
    """Train on the slices of the part "train".

    Each stage's end is kept in the folder `cache`, so that an interrupted training goes on with the stage it was in.
    """
    import keras

    keras.utils.set_random_seed(settings.seed)
    body, top = backbone(folded=False, dtype=precision()), head()
    image = keras.Input((28, 28, 1))
    features = keras.layers.Activation("linear", dtype="float32")(body(image))
    model = keras.Model(image, top(keras.layers.Dropout(0.2)(features)))
    ends, seconds = [], 0.0
    for number in range(len(settings.stages)):
        file = cache / f"stage-{number + 1}-{_fingerprint(slices, settings, number)}.npz" if cache else None
        end = read_end(file, [weight.shape for weight in model.get_weights()]) if file else None
        if end is None:
            began = time.monotonic()
            _descend(model, slices, settings, number)
            end = End(model.get_weights(), time.monotonic() - began)
            if file:
                write_end(file, end)
        else:
            _say(f"stage {number + 1}/{len(settings.stages)}  was trained before")
            model.set_weights(end.weights)
        ends.append(end.weights)
        seconds += end.seconds
    model.set_weights([np.mean(weights, axis=0) for weights in zip(*ends[-settings.ends :], strict=True)])
    return Trained(fold(body), top, seconds)


def _fingerprint(slices: dict[Job, Slice], settings: Settings, number: int) -> str:
    """Another one where the images, or a setting that leads to the end of that stage, are others."""
    settled = (settings.seed, settings.batch, settings.decay, settings.average, settings.stages[: number + 1])
    digest = hashlib.sha256(repr(settled).encode())
    for job in sorted(job for job in slices if job.part == "train"):
        digest.update(slices[job].packed.tobytes())
        digest.update(slices[job].labels.tobytes())
    return digest.hexdigest()[:12]


def _descend(model: keras.Model, slices: dict[Job, Slice], settings: Settings, number: int) -> None:
    """Train through one stage; in the end the weights are their running mean."""
    import keras

    keras.utils.set_random_seed(settings.seed + number)
    stage = settings.stages[number]
    data = _batches(slices, settings, stage, settings.seed + number)
    steps = len(data) * stage.epochs
    warm = min(int(len(data) * stage.warm_up), steps // 4 + 1)
    rate = keras.optimizers.schedules.CosineDecay(0.0, steps - warm, warmup_target=stage.rate, warmup_steps=warm)
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=settings.decay),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=stage.smoothing),
        metrics=["accuracy"],
    )
    name = f"stage {number + 1}/{len(settings.stages)}"

    def progress(epoch: int, logs: dict[str, float]) -> None:
        _say(f"{name}  epoch {epoch + 1:2d}/{stage.epochs}  loss {logs['loss']:.4f}  accuracy {logs['accuracy']:.4f}")

    mean = _averaging(settings.average, steps)
    report = keras.callbacks.LambdaCallback(on_epoch_end=progress)
    model.fit(data, epochs=stage.epochs, verbose=0, shuffle=False, callbacks=[mean, report])
    model.set_weights(mean.weights)


def precision() -> str:
    """Return the Keras policy to train with: bfloat16 where the processor multiplies it, in nearly half the time."""
    try:
        fast = "avx512_bf16" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:  # no Linux
        fast = False
    return "mixed_bfloat16" if fast else "float32"


def _batches(slices: dict[Job, Slice], settings: Settings, stage: Stage, seed: int) -> Any:
    """The training images as Keras takes them: each epoch another mixture."""
    import keras

    of: dict[str, list[Slice]] = {}
    for job in sorted(job for job in slices if job.part == "train"):
        of.setdefault(job.kind, []).append(slices[job])
    plain = of["plain"][0]
    bent, varied = (np.stack([made.packed for made in of[kind]]) for kind in ("bent", "varied"))
    digits, others = (joined(of[kind]) for kind in ("digits", "others"))

    class Batches(keras.utils.PyDataset):
        def __init__(self) -> None:
            super().__init__()
            self.rng = np.random.default_rng(seed)
            self.on_epoch_end()

        def __len__(self) -> int:
            return len(self.mixture.labels) // settings.batch

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            at = slice(index * settings.batch, (index + 1) * settings.batch)
            images = unpack(self.mixture.packed[at])[..., None].astype(np.float32) / 255
            return images, np.eye(OUTPUTS, dtype=np.float32)[self.mixture.labels[at]]

        def on_epoch_end(self) -> None:
            n = len(plain.labels)
            which, fate = self.rng.integers(0, len(varied), n), self.rng.random(n)
            packed = varied[which, np.arange(n)]
            only = fate < stage.plain_share + stage.bent_share
            packed[only] = bent[which[only], np.flatnonzero(only)]
            left = fate < stage.plain_share
            packed[left] = plain.packed[left]
            parts = [Slice(packed, plain.labels)]
            for made, share in ((digits, stage.digits_share), (others, stage.others_share)):
                some = self.rng.choice(len(made.labels), min(int(n * share), len(made.labels)), replace=False)
                parts.append(Slice(made.packed[some], made.labels[some]))
            every = joined(parts)
            order = self.rng.permutation(len(every.labels))
            self.mixture = Slice(every.packed[order], every.labels[order])

    return Batches()


def _averaging(keep: float, steps: int) -> Any:
    """A callback whose `weights` become the running mean of all the model's weights, statistics included."""
    import keras

    class Averaging(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.weights: list[np.ndarray] = []
            self.step = 0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.step += 1
            if self.step % 16 and self.step < steps:
                return
            now = self.model.get_weights()
            share = 1 - min(keep, self.step / (self.step + 320))  # soon forgets the first, bad weights
            old = self.weights or now
            self.weights = [mean + share * (weight - mean) for mean, weight in zip(old, now, strict=True)]

    return Averaging()


def _say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, flush=True)
