"""The base model's network: a backbone, image -> features, and a head, features -> eleven logits; and its teacher.

A small residual network (He et al., 2016), its first strides early, so that a canvas is read in a millisecond. It
learns from a larger one of another kind, which never strides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.bitmaps import OUTPUTS, SIDE

if TYPE_CHECKING:
    import keras

FEATURES = 192


def build_backbone(*, folded: bool, dtype: Any = "float32") -> keras.Model:
    """Return the untrained backbone: float (n, 28, 28, 1), 0-1, -> features (n, 192), not negative.

    folded: without batch normalisation, as it is kept and served; `fold` brings a trained one's weights there.
    """
    import keras
    from keras import layers

    from mnist_core.pretrain.normalization import FusedNormalization

    def convolution(x: Any, channels: int, name: str, *, strides: int = 1, size: int = 3, relu: bool = True) -> Any:
        x = layers.Conv2D(
            channels,
            size,
            strides,
            padding="same",
            use_bias=folded,
            kernel_initializer="he_normal",
            dtype=dtype,
            name=name,
        )(x)
        return normalised(x, name, relu=relu)

    def normalised(x: Any, name: str, *, relu: bool = True) -> Any:
        if not folded:
            norm = FusedNormalization if len(x.shape) == 4 else layers.BatchNormalization
            x = norm(momentum=0.98, epsilon=1e-3, dtype=dtype, name=f"{name}_bn")(x)
        return layers.ReLU(dtype=dtype, name=f"{name}_relu")(x) if relu else x

    def residual(x: Any, channels: int, name: str) -> Any:
        y = convolution(x, channels, f"{name}a")
        y = convolution(y, channels, f"{name}b", relu=False)
        return layers.ReLU(dtype=dtype, name=f"{name}_out")(layers.Add(dtype=dtype, name=f"{name}_add")([x, y]))

    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = convolution(image, 32, "stem")  # 28 x 28
    x = convolution(x, 64, "down1", strides=2)  # 14 x 14
    x = residual(x, 64, "res1")
    x = convolution(x, 128, "down2", strides=2)  # 7 x 7
    x = residual(x, 128, "res2")
    x = convolution(x, 48, "narrow", size=1)
    x = layers.Flatten(dtype=dtype, name="flat")(x)
    if not folded:
        x = layers.Dropout(0.25, dtype=dtype, name="drop")(x)
    x = layers.Dense(FEATURES, use_bias=folded, kernel_initializer="he_normal", dtype=dtype, name="dense")(x)
    return keras.Model(image, normalised(x, "dense"), name="backbone")


def build_head() -> keras.Model:
    """Return the untrained head: features float (n, 192) -> logits float32 (n, 11), index 10 "not a digit"."""
    import keras

    features = keras.Input((FEATURES,), name="features")
    return keras.Model(features, keras.layers.Dense(OUTPUTS, name="logits")(features), name="head")


def build_teacher(*, dtype: Any = "float32") -> keras.Model:
    """Return the untrained teacher: float (n, 28, 28, 1), 0-1, -> logits float32 (n, 11).

    The M5 of An et al. (2020): five convolutions of 5 x 5 without padding, strides or pooling; four times the
    multiplications of the base model, so it is only trained, never served.
    """
    import keras
    from keras import layers

    from mnist_core.pretrain.normalization import FusedNormalization

    x = image = keras.Input((SIDE, SIDE, 1), name="image")
    for channels in (32, 64, 96, 128, 160):
        x = layers.Conv2D(channels, 5, use_bias=False, kernel_initializer="he_normal", dtype=dtype)(x)
        x = FusedNormalization(momentum=0.98, epsilon=1e-3, dtype=dtype)(x)
        x = layers.ReLU(dtype=dtype)(x)
    x = layers.Dense(OUTPUTS, use_bias=False, dtype=dtype)(layers.Flatten(dtype=dtype)(x))
    x = layers.Activation("linear", dtype="float32")(x)
    return keras.Model(image, layers.BatchNormalization(momentum=0.98, dtype="float32")(x), name="teacher")


def fold(trained: keras.Model) -> keras.Model:
    """Return the served backbone of a trained one: each batch normalisation folded into the weights before it."""
    served = build_backbone(folded=True)
    for layer in served.layers:
        if not layer.weights:
            continue
        kernel = trained.get_layer(layer.name).get_weights()[0]
        norm = trained.get_layer(f"{layer.name}_bn")
        gamma, beta, mean, variance = norm.get_weights()
        scale = gamma / np.sqrt(variance + norm.epsilon)
        layer.set_weights([kernel * scale, beta - mean * scale])
    return served
