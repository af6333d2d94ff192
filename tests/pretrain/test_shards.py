"""The shards of training images and their cache: exact, the same however made, whole after an interruption."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from mnist_core.bitmaps import NOT_A_DIGIT, pack_bits, unpack_bits
from mnist_core.pretrain import image_cache
from mnist_core.pretrain.image_cache import read_or_make
from mnist_core.pretrain.penmanship import digit_image
from mnist_core.pretrain.shards import MAKING, Shard, ShardSpec, make_shard

SPECS = [
    ShardSpec("plain", "train", 0),
    ShardSpec("varied", "train", 0),
    ShardSpec("bent", "train", 0),
    ShardSpec("digits", "train", 0, 12),
    ShardSpec("non_digits", "train", 0, 15),
]


@pytest.fixture(scope="module")
def mnist() -> tuple[np.ndarray, np.ndarray]:
    """Twenty drawn digits in MNIST's layout."""
    labels = np.arange(20, dtype=np.uint8) % 10
    return np.stack([digit_image(int(d), np.random.default_rng(n)) for n, d in enumerate(labels)]), labels


def test_packing_loses_nothing() -> None:
    images = np.random.default_rng(0).choice(np.array([0, 255], np.uint8), (7, 28, 28))
    assert pack_bits(images).shape == (7, 98)
    assert np.array_equal(unpack_bits(pack_bits(images)), images)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_shards_hold_what_their_specification_says(spec: ShardSpec, mnist: tuple[np.ndarray, np.ndarray]) -> None:
    made = make_shard(spec, *mnist, seed=0)
    assert len(made.labels) == len(made.packed) == (spec.size or 20)
    if spec.kind == "non_digits":
        assert set(made.labels) == {NOT_A_DIGIT}
    elif spec.kind == "digits":
        assert set(made.labels) <= set(range(10))
    else:
        assert np.array_equal(made.labels, mnist[1])
    assert unpack_bits(made.packed).any((1, 2)).all()


def test_another_making_has_another_name(mnist: tuple[np.ndarray, np.ndarray]) -> None:
    made = b"".join(make_shard(spec, *mnist, seed=0).packed.tobytes() for spec in SPECS)
    assert sha256(made).hexdigest()[:12] == MAKING, "other images are made: MAKING has to say so"


@pytest.mark.parametrize("name", ["PREPARATION", "MAKING"])
def test_shards_of_another_preparation_or_making_are_not_taken_for_new(
    name: str, mnist: tuple[np.ndarray, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(read_or_make(SPECS[:1], {"train": mnist}, 0, tmp_path))
    monkeypatch.setattr(image_cache, name, "another")
    list(read_or_make(SPECS[:1], {"train": mnist}, 0, tmp_path))
    assert len(list(tmp_path.iterdir())) == 2


def test_seed_number_and_split_each_give_other_images(mnist: tuple[np.ndarray, np.ndarray]) -> None:
    cases = (("train", 0, 0), ("train", 1, 0), ("train", 0, 1), ("validation", 0, 0))
    shards = [make_shard(ShardSpec("varied", split, number), *mnist, seed) for split, number, seed in cases]
    assert len({shard.packed.tobytes() for shard in shards}) == 4


def test_images_made_of_others_are_not_taken_for_those_of_these(
    mnist: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    spec = SPECS[0]
    (_, first), (_, mirrored) = (
        next(read_or_make([spec], {"train": (images, mnist[1])}, 0, tmp_path))
        for images in (mnist[0], mnist[0][..., ::-1])
    )
    assert not np.array_equal(first.packed, mirrored.packed)
    assert np.array_equal(mirrored.packed, make_shard(spec, mnist[0][..., ::-1], mnist[1], 0).packed)


def test_shards_are_made_once_and_a_damaged_file_again(mnist: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    def shards() -> dict[ShardSpec, Shard]:
        return dict(read_or_make(SPECS, {"train": mnist}, 0, tmp_path))

    first = shards()
    assert set(first) == set(SPECS)
    files = sorted(tmp_path.iterdir())
    written = {file: file.stat().st_mtime_ns for file in files}
    files[0].write_bytes(files[0].read_bytes()[:100])
    again = shards()
    for spec in SPECS:
        alone = make_shard(spec, *mnist, seed=0)
        for made in (first[spec], again[spec]):
            assert np.array_equal(made.packed, alone.packed) and np.array_equal(made.labels, alone.labels)
    assert sorted(tmp_path.iterdir()) == files
    assert [file for file in files if file.stat().st_mtime_ns != written[file]] == [files[0]]
