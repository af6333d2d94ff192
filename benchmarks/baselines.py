"""Other ways to teach, that `benchmarks.teaching` puts beside ours. Each turns drawings into a function

    features float32 (n, d), base logits float32 (n, 11) -> taught logits float32 (n, 11)

but for `naive`, which changes every layer and so reads images.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mnist_core.bitmaps import OUTPUTS
from mnist_core.recognition.base import pixels
from mnist_core.recognition.memory import unit_length
from mnist_core.teaching.classifier import Classifier

Taught = Callable[[np.ndarray, np.ndarray], np.ndarray]
EPOCHS = 5


def naive(clf: Classifier, images: np.ndarray, labels: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """`fit` on the lesson alone, all layers, Adam's defaults: what the reference app does. images -> logits."""
    import keras

    base = clf.base_model
    inputs = keras.Input(base.backbone.input_shape[1:])
    model = keras.Model(inputs, base.head(base.backbone(inputs)))
    copy = keras.models.clone_model(model, clone_function=lambda layer: layer.__class__.from_config(layer.get_config()))
    copy.set_weights(model.get_weights())
    for layer in copy._flatten_layers():
        layer.trainable = True
    copy.compile(keras.optimizers.Adam(), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    copy.fit(pixels(images), labels, epochs=EPOCHS, verbose=0)
    return lambda others: copy.predict(pixels(others), batch_size=256, verbose=0)


def rehearsed_head(clf: Classifier, images: np.ndarray, labels: np.ndarray, steps: int = 200) -> Taught:
    """Adam on the last layer, the lesson's features and rehearsed ones in each batch (latent replay)."""
    import keras

    base, rng = clf.base_model, np.random.default_rng(0)
    features = clf.embed(images)
    rehearsed = base.splits["rehearsal"]
    head = keras.layers.Dense(OUTPUTS)
    head.build(features.shape)
    head.set_weights(base.head.get_weights())
    model = keras.Sequential([keras.Input(features.shape[1:]), head])
    model.compile(keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    for _ in range(steps):
        some = rng.choice(len(rehearsed.labels), 48, replace=False)
        own = rng.choice(len(labels), 16)
        model.train_on_batch(
            np.concatenate([features[own], rehearsed.features[some]]),
            np.concatenate([labels[own], rehearsed.labels[some]]),
        )
    weights, bias = head.get_weights()
    return lambda others, logits: others @ weights + bias


def nearest_drawing(clf: Classifier, images: np.ndarray, labels: np.ndarray, reach: float = 0.9) -> Taught:
    """A vote of the drawing most alike by cosine, beside the head, where it is alike enough (nearest exemplar)."""
    exemplars = unit_length(clf.embed(images))

    def taught(features: np.ndarray, logits: np.ndarray) -> np.ndarray:
        alike = unit_length(features) @ exemplars.T
        nearest, out = alike.argmax(1), logits.copy()
        near = alike.max(1) > reach
        out[near, labels[nearest[near]]] = logits[near].max(1) + 1
        return out

    return taught
