"""The parts of training the base model, each against what is known exactly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax

from mnist_core.bitmaps import OUTPUTS, unpack_bits
from mnist_core.pretrain.distillation import distillation_targets
from mnist_core.pretrain.epochs import batches, gather
from mnist_core.pretrain.network import build_teacher
from mnist_core.pretrain.normalization import FusedNormalization
from mnist_core.pretrain.recipe import Recipe, Stage
from mnist_core.pretrain.shards import Shard, ShardSpec
from mnist_core.pretrain.training import train
from mnist_core.recognition.base import pixels

STAGE = Stage(
    epochs=1,
    learning_rate=3e-3,
    warmup_epochs=0.1,
    label_smoothing=0.0,
    plain_share=1.0,
    bent_share=0.0,
    digits_share=0.0,
    non_digits_share=0.0,
)


def linear(seed: int) -> keras.Model:
    image = keras.Input((28, 28, 1))
    dense = keras.layers.Dense(OUTPUTS, kernel_initializer=keras.initializers.RandomNormal(0, 0.15, seed=seed))
    return keras.Model(image, dense(keras.layers.Flatten()(image)))


def test_fused_normalisation_is_keras_own() -> None:
    """In training and after it: the values, the gradients, and the running statistics."""
    rng = np.random.default_rng(0)
    values = tf.constant(rng.normal(3, 2, (64, 7, 7, 8)).astype(np.float32))
    weighing = tf.constant(rng.normal(size=values.shape).astype(np.float32))
    fused, known = FusedNormalization(momentum=0.5), keras.layers.BatchNormalization(momentum=0.5)
    got = []
    for layer in (fused, known):
        layer.build(values.shape)
        layer.gamma.assign(np.linspace(0.5, 2, 8))
        layer.beta.assign(np.linspace(-1, 1, 8))
        with tf.GradientTape() as tape:
            tape.watch(values)
            out = layer(values, training=True)
            loss = tf.reduce_sum(out * weighing)
        by = tape.gradient(loss, [values, layer.gamma.value, layer.beta.value])
        got.append([out, *by, layer(values, training=False)])
    for ours, theirs in zip(*got, strict=True):
        assert np.asarray(ours) == pytest.approx(np.asarray(theirs), rel=1e-3, abs=1e-3)
    assert fused.moving_mean.numpy() == pytest.approx(known.moving_mean.numpy(), rel=1e-4)
    # The fused operation divides by n - 1, Keras by n.
    n = 64 * 7 * 7
    moved = [(layer.moving_variance.numpy() - 0.5) / 0.5 for layer in (fused, known)]
    assert moved[0] * (n - 1) / n == pytest.approx(moved[1], rel=1e-4)


def shards_of(size: int, made_up: int) -> dict[ShardSpec, Shard]:
    """Two shards of each kind, one of `plain`; every image has a pattern of its own, and labels count up."""
    made = {}
    for kind, count in {"plain": 1, "bent": 2, "varied": 2, "digits": 2, "non_digits": 2}.items():
        for number in range(count):
            length = size if kind in ("plain", "bent", "varied") else made_up
            made[ShardSpec(kind, "train", number)] = Shard(
                np.random.default_rng([number, *kind.encode()]).integers(0, 256, (length, 98), np.uint8),
                np.full(length, 10, np.uint8) if kind == "non_digits" else (np.arange(length) % 10).astype(np.uint8),
            )
    return made


def test_gathering_loses_no_image_and_knows_the_kind_of_each() -> None:
    shards = shards_of(30, 20)
    held_out = Shard(np.zeros((5, 98), np.uint8), np.zeros(5, np.uint8))
    every, rows = gather(shards | {ShardSpec("plain", "validation", 0): held_out})
    assert sorted(np.concatenate([of.ravel() for of in rows.values()])) == list(range(len(every.labels)))
    for spec, made in shards.items():
        assert np.array_equal(every.packed[rows[spec.kind][spec.number]], made.packed)
        assert np.array_equal(every.labels[rows[spec.kind][spec.number]], made.labels)


def test_an_epoch_holds_the_shares_that_its_stage_says() -> None:
    """Each kind has a target of its own, and each of MNIST's images comes once, as one of its variants."""
    shards = shards_of(5000, 3000)
    images = gather(shards)
    kinds = list(images.rows)
    targets = np.zeros((len(images.all.labels), len(kinds)), np.float16)
    for at, kind in enumerate(kinds):
        targets[images.rows[kind], at] = 1
    stage = replace(STAGE, plain_share=0.2, bent_share=0.5, digits_share=0.1, non_digits_share=0.3)
    data = batches(images, targets, stage, 100, 0)
    drawn, got = (np.concatenate(each) for each in zip(*(data[at] for at in range(len(data))), strict=True))
    assert drawn.dtype == got.dtype == np.float32
    assert len(drawn) == 7000
    for at, share in enumerate([0.5, 0.1, 0.3, 0.2, 0.3]):
        assert kinds[at] == ["bent", "digits", "non_digits", "plain", "varied"][at]
        assert got[:, at].sum() / 5000 == pytest.approx(share, abs=0.02)
    row_of = {packed.tobytes(): row for row, packed in enumerate(images.all.packed)}
    rows = [row_of[np.packbits(image.astype(bool)).tobytes()] for image in drawn]
    assert np.array_equal(got, targets[rows])
    assert len(set(rows)) == len(rows)
    image_of = {row: at for kind in ("plain", "bent", "varied") for at, row in _numbered(images.rows[kind])}
    assert sorted(image_of[row] for row in rows if row in image_of) == list(range(5000))
    first = data[0][0]
    data.on_epoch_end()
    assert not np.array_equal(data[0][0], first)


def _numbered(rows: np.ndarray) -> list[tuple[int, int]]:
    return [(at, int(row)) for each in rows for at, row in enumerate(each)]


def test_the_teacher_gives_logits() -> None:
    network = build_teacher()
    assert network.input_shape == (None, 28, 28, 1)
    assert network.output_shape == (None, OUTPUTS)
    assert network(pixels(unpack_bits(shards_of(2, 2)[ShardSpec("plain", "train", 0)].packed))).dtype == tf.float32


def test_soft_targets_are_what_the_teachers_say_together() -> None:
    """Their logits are three times too large for how often they are right on the held-out digits."""
    rng = np.random.default_rng(0)
    packed = rng.integers(0, 256, (2000, 98), np.uint8)
    images = pixels(unpack_bits(packed))
    teachers = [linear(seed) for seed in (1, 2)]
    summed = np.sum([teacher(images) for teacher in teachers], axis=0)
    honest = softmax(summed[:, :10].astype(float) / 3, axis=1)
    labels = np.array([rng.choice(10, p=row) for row in honest], np.uint8)
    soft, one_hot = softmax(summed[:100] / 3, axis=1), np.eye(OUTPUTS)[labels[:100]]
    for weight in (0.0, 0.75, 1.0):
        targets = distillation_targets(teachers, Shard(packed[:100], labels[:100]), Shard(packed, labels), weight)
        assert targets.dtype == np.float16
        assert targets.astype(float) == pytest.approx(weight * soft + (1 - weight) * one_hot, abs=0.03)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first stage of the test below, which is always the same, is trained once."""
    return tmp_path_factory.mktemp("checkpoints")


@pytest.mark.parametrize(("weight", "learns"), [(0.0, True), (1.0, False)])
def test_the_last_stage_learns_labels_or_soft_targets(weight: float, learns: bool, checkpoints: Path) -> None:
    """Noise whose labels say nothing is learned by heart from the labels, and not from teachers who know nothing."""
    shards = shards_of(20, 30) | {ShardSpec("plain", "validation", 0): shards_of(200, 0)[ShardSpec("bent", "train", 1)]}
    last = replace(STAGE, epochs=30, soft_target_weight=weight)
    backbone, head, _ = train(shards, Recipe(first=STAGE, teachers=(), distilled=last, batch_size=10), checkpoints)
    plain = shards[ShardSpec("plain", "train", 0)]
    read = np.asarray(head(backbone(pixels(unpack_bits(plain.packed))))).argmax(1)
    assert ((read == plain.labels).mean() > 0.8) == learns
