"""The taught model as ONNX: in a runtime that knows neither Keras nor TensorFlow it says what ours says."""

from __future__ import annotations

import keras
import numpy as np
import onnx
import onnxruntime
import pytest

from mnist_core import Classifier
from mnist_core.bitmaps import unpack_bits
from mnist_core.recognition.onnx_graph import OnnxGraph
from mnist_core.teaching.fitting import BOLD, fit


@pytest.fixture(scope="module")
def images(clf: Classifier) -> np.ndarray:
    """Digits of MNIST, scribbles, and a blank."""
    noise = np.random.default_rng(0).random((20, 28, 28)) < 0.2
    scribbles = np.where(noise, np.uint8(255), np.uint8(0))
    return np.concatenate([unpack_bits(clf.arrays["test_images"][:300]), scribbles, np.zeros((1, 28, 28), np.uint8)])


@pytest.fixture(scope="module")
def taught(clf: Classifier, images: np.ndarray) -> Classifier:
    """Two lessons, of two digits, that no gate was asked about."""
    lessons = (images[300:304], 4), (images[304:308], 8)
    return clf.with_memories(
        [fit(clf.base_model, shape, np.full(4, digit, np.uint8), BOLD) for shape, digit in lessons]
    )


@pytest.mark.parametrize("which", ["clf", "taught"])
def test_scores_and_likeness_are_ours(which: str, images: np.ndarray, request: pytest.FixtureRequest) -> None:
    model: Classifier = request.getfixturevalue(which)
    file = model.to_onnx()
    onnx.checker.check_model(onnx.load_model_from_string(file), full_check=True)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    scores, likeness = session.run(["scores", "digit_likeness"], {"images": images})
    assert scores.dtype == likeness.dtype == np.float32
    assert np.allclose(scores, model.scores(images), atol=1e-4)
    assert np.allclose(likeness, [p.digit_likeness for p in model.predict_many(images)], atol=1e-4)
    (one, _) = session.run(None, {"images": images[:1]})
    assert np.allclose(one, scores[:1], atol=1e-4)


def test_lessons_are_in_it(clf: Classifier, taught: Classifier, images: np.ndarray) -> None:
    shapes = images[300:308]
    before, after = (
        onnxruntime.InferenceSession(model.to_onnx()).run(["scores"], {"images": shapes})[0] for model in (clf, taught)
    )
    assert np.allclose(after, taught.scores(shapes), atol=1e-4) and np.abs(after - before).max() > 0.01


def test_it_says_what_it_is(taught: Classifier) -> None:
    said = onnxruntime.InferenceSession(taught.to_onnx()).get_modelmeta().custom_metadata_map
    assert said == {"base": taught.base_id, "preparation": taught.metadata["preparation"], "lessons": "2"}


@pytest.mark.parametrize("side", [7, 8, 28])
@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (3, 2), (5, 2)])
def test_convolutions_are_padded_as_keras_pads(side: int, kernel: int, stride: int) -> None:
    image = keras.Input((side, side, 2))
    made = keras.layers.Conv2D(3, kernel, stride, padding="same", bias_initializer="normal")(image)
    model = keras.Model(image, keras.layers.Flatten()(made))
    graph = OnnxGraph("part")
    value = graph.add_keras(model, graph.input("images", np.float32, "n", 2, side, side))
    graph.output("features", value, np.float32, "n", model.output_shape[1])
    given = np.random.default_rng(0).random((2, side, side, 2), np.float32)
    (features,) = onnxruntime.InferenceSession(graph.to_bytes()).run(None, {"images": given.transpose(0, 3, 1, 2)})
    assert np.allclose(features, model(given), atol=1e-5)


@pytest.mark.parametrize("layer", [keras.layers.MaxPooling2D(), keras.layers.Conv2D(2, 3, padding="valid")])
def test_a_layer_that_it_does_not_know_is_said(layer: keras.layers.Layer) -> None:
    image = keras.Input((8, 8, 1))
    graph = OnnxGraph("part")
    with pytest.raises(NotImplementedError, match=layer.name):
        graph.add_keras(keras.Model(image, layer(image)), graph.input("images", np.float32, "n", 1, 8, 8))
