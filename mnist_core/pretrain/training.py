"""Training the base model: its stages one after the other, each from its checkpoint where there is one."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_core.bitmaps import OUTPUTS
from mnist_core.pretrain.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from mnist_core.pretrain.distillation import distillation_targets
from mnist_core.pretrain.epochs import TrainingImages, batches, gather
from mnist_core.pretrain.network import build_backbone, build_head, build_teacher, fold
from mnist_core.pretrain.recipe import Recipe, Stage
from mnist_core.pretrain.shards import Shard, ShardSpec

if TYPE_CHECKING:
    import keras


class TrainedModel(NamedTuple):
    """What is served, and how long it took to train it."""

    backbone: keras.Model
    head: keras.Model
    seconds: float


def train(shards: dict[ShardSpec, Shard], recipe: Recipe, cache: Path | None = None) -> TrainedModel:
    """Train on the split "train": the network, then its teachers, then the network on the soft targets of them all.

    Networks of different kinds err in different places, so together they know more than any of them; the network is
    one of its own teachers, as it was after the first stage. Each stage's checkpoint is kept in the folder `cache`.
    """
    images = gather(shards)
    labels = np.eye(OUTPUTS, dtype=np.float16)[images.all.labels]
    run = _StageRunner(images, recipe, cache)
    student = _build_student(recipe.seed)
    seconds = run("first", student.model, lambda: labels, (recipe.first,))
    if recipe.distilled:
        teachers = [_build_teacher(recipe.seed) for _ in recipe.teachers]
        for number, (teacher, stage) in enumerate(zip(teachers, recipe.teachers, strict=True), 1):
            seconds += run(f"teacher-{number}", teacher, lambda: labels, (stage,))
        held_out, weight = shards[ShardSpec("plain", "validation", 0)], recipe.distilled.soft_target_weight
        seconds += run(
            "distilled",
            student.model,
            lambda: distillation_targets([*teachers, student.model], images.all, held_out, weight),
            (recipe.first, *recipe.teachers, recipe.distilled),
        )
    return TrainedModel(fold(student.backbone), student.head, seconds)


class _Student(NamedTuple):
    """The network that will be served, not yet folded, and its two parts."""

    model: keras.Model
    backbone: keras.Model
    head: keras.Model


def _build_student(seed: int) -> _Student:
    import keras

    keras.utils.set_random_seed(seed)
    backbone, head = build_backbone(folded=False, dtype=precision()), build_head()
    image = keras.Input((28, 28, 1))
    features = keras.layers.Activation("linear", dtype="float32")(backbone(image))
    return _Student(keras.Model(image, head(keras.layers.Dropout(0.2)(features))), backbone, head)


def _build_teacher(seed: int) -> keras.Model:
    import keras

    keras.utils.set_random_seed(seed)
    return build_teacher(dtype=precision())


@dataclass(frozen=True)
class _StageRunner:
    """Trains networks on the same images; see `__call__`."""

    images: TrainingImages
    recipe: Recipe
    cache: Path | None

    def __call__(
        self, name: str, network: keras.Model, targets: Callable[[], np.ndarray], stages: tuple[Stage, ...]
    ) -> float:
        """Train through the last of `stages`, or load its checkpoint; return how many seconds the training took.

        targets: makes what is learned of each image, as `batches` takes it; not called where there is a checkpoint.
        stages: all that the network's weights and the targets come from, so that the checkpoint is known by them.
        """
        file = self.cache / f"{name}-{self._fingerprint(stages)}.npz" if self.cache else None
        checkpoint = read_checkpoint(file, [weight.shape for weight in network.get_weights()]) if file else None
        if checkpoint is not None:
            _report(f"{name}  was trained before")
            network.set_weights(checkpoint.weights)
            return checkpoint.seconds
        began = time.monotonic()
        seed = self.recipe.seed + len(stages) - 1
        fit_stage(name, network, self.images, targets(), stages[-1], self.recipe, seed)
        seconds = time.monotonic() - began
        if file:
            write_checkpoint(file, Checkpoint(network.get_weights(), seconds))
        return seconds

    def _fingerprint(self, stages: tuple[Stage, ...]) -> str:
        """Another one where the images, a setting or one of the stages is another."""
        recipe = self.recipe
        digest = hashlib.sha256(
            repr((recipe.seed, recipe.batch_size, recipe.weight_decay, recipe.ema_decay, stages)).encode()
        )
        digest.update(self.images.all.packed.tobytes())
        digest.update(self.images.all.labels.tobytes())
        return digest.hexdigest()[:12]


def fit_stage(
    name: str,
    network: keras.Model,
    images: TrainingImages,
    targets: np.ndarray,
    stage: Stage,
    recipe: Recipe,
    seed: int,
) -> None:
    """Train the network for one stage; its weights are their running mean in the end. targets: as for `batches`."""
    import keras

    from mnist_core.pretrain.averaging import WeightAverage

    keras.utils.set_random_seed(seed)
    data = batches(images, targets, stage, recipe.batch_size, seed)
    steps = len(data) * stage.epochs
    warmup_steps = min(int(len(data) * stage.warmup_epochs), steps // 4 + 1)
    learning_rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warmup_steps, warmup_target=stage.learning_rate, warmup_steps=warmup_steps
    )
    network.compile(
        keras.optimizers.AdamW(learning_rate, weight_decay=recipe.weight_decay),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=stage.label_smoothing),
        metrics=[keras.metrics.CategoricalAccuracy("accuracy")],
    )
    # While the first step is traced it is too late: a function that makes variables is traced a second time.
    network.optimizer.build(network.trainable_variables)

    def progress(epoch: int, logs: dict[str, float]) -> None:
        numbers = f"loss {logs['loss']:.4f}  accuracy {logs['accuracy']:.4f}"
        _report(f"{name}  epoch {epoch + 1:2d}/{stage.epochs}  {numbers}")

    average = WeightAverage(recipe.ema_decay, steps)
    report = keras.callbacks.LambdaCallback(on_epoch_end=progress)
    network.fit(data, epochs=stage.epochs, verbose=0, shuffle=False, callbacks=[average, report])
    network.set_weights(average.weights)


def precision() -> str:
    """Return the Keras policy to train with: bfloat16 where the processor multiplies it, in nearly half the time."""
    try:
        fast = "avx512_bf16" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:  # no Linux
        fast = False
    return "mixed_bfloat16" if fast else "float32"


def _report(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, flush=True)
