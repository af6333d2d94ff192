"""Training the base model: which stages there are, how the weights are fitted and averaged."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mnist_core.bitmaps import OUTPUTS, SIDE
from mnist_core.files.mnist import Mnist
from mnist_core.pretrain.distillation import targets
from mnist_core.pretrain.epochs import Images, batches, gathered
from mnist_core.pretrain.network import backbone, fold, head, teacher
from mnist_core.pretrain.pool import Job, Slice, make_slices
from mnist_core.pretrain.stages import End, Stage, read_end, write_end

if TYPE_CHECKING:
    import keras

_FIRST = Stage(30, 3e-3, 1.0, 0.05, plain_share=0.15, bent_share=0.25, digits_share=0.25, others_share=0.25)
_TEACHERS = (
    Stage(20, 3e-3, 1.0, 0.0, plain_share=0.15, bent_share=0.35, digits_share=0.25, others_share=0.25, shift=2),
    Stage(20, 3e-3, 1.0, 0.05, plain_share=0.15, bent_share=0.85, digits_share=0.03, others_share=0.12, shift=2),
)
_DISTILLED = Stage(
    40, 2e-3, 0.5, 0.0, plain_share=0.15, bent_share=0.45, digits_share=0.2, others_share=0.2, taught=0.8
)


@dataclass(frozen=True)
class Settings:
    """What is decided before training; benchmarks/recipe.md says why."""

    seed: int = 0
    first: Stage = _FIRST
    teachers: tuple[Stage, ...] = _TEACHERS
    distilled: Stage | None = _DISTILLED  # None: the first stage is all
    batch: int = 128
    decay: float = 0.05
    average: float = 0.98  # of the weights, each 16 steps: over about the last 800 steps
    varied_slices: int = 12  # variants made of each of MNIST's images; and so many that are bent only
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
    """Train on the slices of the part "train": the network, then its teachers, then the network on what all say.

    What each ends with is kept in the folder `cache`, so that an interrupted training goes on with what it was in.
    """
    images = gathered(slices)
    labels = np.eye(OUTPUTS, dtype=np.float16)[images.every.labels]
    body, top, model = _student(settings)

    def reach(network: keras.Model, name: str, learned: Callable[[], np.ndarray], *led: Stage) -> float:
        """Bring the network to the end of the last of the stages that `led` to it; return how long that took."""
        file = cache / f"{name}-{_fingerprint(images, settings, led)}.npz" if cache else None
        end = read_end(file, [weight.shape for weight in network.get_weights()]) if file else None
        if end is None:
            began = time.monotonic()
            _descend(network, name, images, learned(), settings, led)
            end = End(network.get_weights(), time.monotonic() - began)
            if file:
                write_end(file, end)
        else:
            _say(f"{name}  was trained before")
            network.set_weights(end.weights)
        return end.seconds

    seconds = reach(model, "first", lambda: labels, settings.first)
    if settings.distilled:
        larger = [_teacher(settings) for _ in settings.teachers]
        for number, (network, stage) in enumerate(zip(larger, settings.teachers, strict=True), 1):
            seconds += reach(network, f"teacher-{number}", lambda: labels, stage)
        # They are of different kinds: what all say together is better than what any says.
        share, held_out = settings.distilled.taught, slices[Job("plain", "validation", 0)]
        told = partial(targets, [*larger, model], images.every, held_out, share)
        seconds += reach(model, "distilled", told, settings.first, *settings.teachers, settings.distilled)
    return Trained(fold(body), top, seconds)


def _student(settings: Settings) -> tuple[keras.Model, keras.Model, keras.Model]:
    """The untrained backbone, the head, and both in one."""
    import keras

    keras.utils.set_random_seed(settings.seed)
    body, top = backbone(folded=False, dtype=precision()), head()
    image = keras.Input((SIDE, SIDE, 1))
    features = keras.layers.Activation("linear", dtype="float32")(body(image))
    return body, top, keras.Model(image, top(keras.layers.Dropout(0.2)(features)))


def _teacher(settings: Settings) -> keras.Model:
    import keras

    keras.utils.set_random_seed(settings.seed)
    return teacher(dtype=precision())


def _fingerprint(images: Images, settings: Settings, led: tuple[Stage, ...]) -> str:
    """Another one where the images, a setting, or a stage that led to that end, are others."""
    settled = (settings.seed, settings.batch, settings.decay, settings.average, led)
    digest = hashlib.sha256(repr(settled).encode())
    digest.update(images.every.packed.tobytes())
    digest.update(images.every.labels.tobytes())
    return digest.hexdigest()[:12]


def _descend(
    model: keras.Model, name: str, images: Images, learned: np.ndarray, settings: Settings, led: tuple[Stage, ...]
) -> None:
    """Train through the last of the stages that `led` here; in the end the weights are their running mean."""
    import keras

    stage, seed = led[-1], settings.seed + len(led) - 1
    keras.utils.set_random_seed(seed)
    data = batches(images, learned, stage, settings.batch, seed)
    steps = len(data) * stage.epochs
    warm = min(int(len(data) * stage.warm_up), steps // 4 + 1)
    rate = keras.optimizers.schedules.CosineDecay(0.0, steps - warm, warmup_target=stage.rate, warmup_steps=warm)
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=settings.decay),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=stage.smoothing),
        metrics=["accuracy"],
    )

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
