"""Explanations of the real base model: of the right shape, and pointing at the ink that decides."""

import numpy as np
import pytest

from mnist_core import Classifier
from mnist_core.recognition.explanation import feature_maps, mnist_images, occlusion, on_map, place_features


@pytest.fixture(scope="module")
def four(clf: Classifier) -> np.ndarray:
    """A 4 that is a 1 without its left arm."""
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 16:18] = 255
    image[4:16, 8:10] = 255
    image[14:16, 8:21] = 255
    assert clf.predict(image).digit == 4
    return image


def test_maps_get_coarser(clf: Classifier, four: np.ndarray) -> None:
    maps = feature_maps(clf, four)
    heights = [each.shape[0] for each in maps]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > heights[-1]
    assert all(np.isfinite(each).all() and each.ndim == 3 for each in maps)


def test_the_arm_speaks_for_a_four_rather_than_a_one(clf: Classifier, four: np.ndarray) -> None:
    speaks, against = occlusion(clf, four, 4, 1)
    assert speaks.shape == against.shape == (28, 28)
    assert against[4:13, 8:10].mean() > 0
    assert not speaks[four == 0].any()
    assert not against[four == 0].any()


def test_an_image_lies_where_its_features_do(clf: Classifier) -> None:
    images = mnist_images(clf, range(5))
    assert images.shape == (5, 28, 28)
    assert set(np.unique(images)) == {0, 255}
    stored = place_features(clf, clf.arrays["test_features"][:5])
    assert np.allclose(on_map(clf, images), stored, atol=0.05)


def test_a_wrong_shape_is_refused(clf: Classifier) -> None:
    with pytest.raises(ValueError, match="28, 28"):
        occlusion(clf, np.zeros((10, 10), np.uint8), 4, 1)
