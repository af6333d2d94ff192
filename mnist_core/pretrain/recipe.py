"""Every number that is decided before training. What else was tried, and why these: benchmarks/recipe.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One descent of the learning rate, over epochs of a given mixture of images.

    An epoch has each of MNIST's n training images once: as it is, bent, or else changed as pens would; and made-up
    digits and non-digits beside them.
    """

    epochs: int
    learning_rate: float  # at its peak; from there it falls along a cosine to zero
    warmup_epochs: float  # before the peak, from zero
    label_smoothing: float
    plain_share: float  # of MNIST's images, those that are left as they are
    bent_share: float  # of MNIST's images, those that are bent only
    digits_share: float  # made-up digits, as a share of n
    non_digits_share: float  # as a share of n
    max_shift: int = 0  # pixels that an image is moved at most, each way
    soft_target_weight: float = 0.0  # 0-1, of the teachers' soft targets; the label has the rest


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The stages in their order, and what they share."""

    seed: int = 0
    first: Stage = Stage(
        epochs=30,
        learning_rate=3e-3,
        warmup_epochs=1.0,
        label_smoothing=0.05,
        plain_share=0.15,
        bent_share=0.25,
        digits_share=0.25,
        non_digits_share=0.25,
    )
    teachers: tuple[Stage, ...] = (
        Stage(
            epochs=20,
            learning_rate=3e-3,
            warmup_epochs=1.0,
            label_smoothing=0.0,
            plain_share=0.15,
            bent_share=0.35,
            digits_share=0.25,
            non_digits_share=0.25,
            max_shift=2,
        ),
        Stage(
            epochs=20,
            learning_rate=3e-3,
            warmup_epochs=1.0,
            label_smoothing=0.05,
            plain_share=0.15,
            bent_share=0.85,
            digits_share=0.03,
            non_digits_share=0.12,
            max_shift=2,
        ),
    )
    distilled: Stage | None = Stage(  # None: there are no teachers, the first stage is all
        epochs=40,
        learning_rate=2e-3,
        warmup_epochs=0.5,
        label_smoothing=0.0,
        plain_share=0.15,
        bent_share=0.45,
        digits_share=0.2,
        non_digits_share=0.2,
        soft_target_weight=0.8,
    )
    batch_size: int = 128
    weight_decay: float = 0.05
    ema_decay: float = 0.98  # of the running mean of the weights, every 16 steps: over about the last 800
    variants: int = 12  # of each of MNIST's images, changed as pens would; and as many that are bent only
    made_up_shards: int = 6  # of made-up digits; and as many of non-digits
    made_up_shard_size: int = 24_000
    held_out: int = 5000  # of MNIST's training images, the last ones
    made_up_validation_size: int = 4000  # digits; and as many non-digits
