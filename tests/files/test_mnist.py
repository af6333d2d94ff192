"""MNIST is found and read from every form it comes in, and a wrong file is a sentence."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mnist_core.files.mnist import Mnist, load_mnist

IDX_NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


@pytest.fixture
def tiny() -> Mnist:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (30, 28, 28), dtype=np.uint8)
    labels = (np.arange(30) % 10).astype(np.uint8)
    return Mnist(images[:20], labels[:20], images[20:], labels[20:])


def write_idx(folder: Path, mnist: Mnist, zipped: bool) -> None:
    for name, array in zip(IDX_NAMES, mnist, strict=True):
        header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
        data = header + array.tobytes()
        if zipped:
            (folder / f"{name}.gz").write_bytes(gzip.compress(data))
        else:
            (folder / name).write_bytes(data)


def assert_same(read: Mnist, written: Mnist) -> None:
    for ours, theirs in zip(read, written, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_reads_an_npz(tiny: Mnist, tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "m.npz", **tiny._asdict())
    assert_same(load_mnist(tmp_path / "m.npz"), tiny)


@pytest.mark.parametrize("zipped", [True, False])
def test_reads_idx_files_by_folder_or_by_one_of_them(tiny: Mnist, tmp_path: Path, zipped: bool) -> None:
    write_idx(tmp_path, tiny, zipped)
    assert_same(load_mnist(tmp_path), tiny)
    assert_same(load_mnist(next(tmp_path.iterdir())), tiny)


def test_the_environment_names_the_file(tiny: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(tmp_path / "m.npz", **tiny._asdict())
    monkeypatch.setenv("MNIST_PATH", str(tmp_path / "m.npz"))
    assert_same(load_mnist(), tiny)


def test_the_real_one_is_in_the_canonical_order() -> None:
    mnist = load_mnist()
    assert mnist.x_train.shape == (60000, 28, 28) and mnist.x_test.shape == (10000, 28, 28)
    assert mnist.y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.y_test[:5].tolist() == [7, 2, 1, 0, 4]


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no such file"):
        load_mnist(tmp_path / "absent.npz")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_npz_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"m\.npz: not an \.npz"):
        load_mnist(tmp_path / "m.npz")


def test_a_truncated_npz_is_a_sentence(tiny: Mnist, tmp_path: Path) -> None:
    file = tmp_path / "m.npz"
    np.savez(file, **tiny._asdict())
    file.write_bytes(file.read_bytes()[:-300])
    with pytest.raises(ValueError, match=r"m\.npz"):
        load_mnist(file)


@pytest.mark.parametrize(
    "member",
    [
        b"no array",
        b"\x93NUMPY\x01\x00\x08\x00((((((\n ",
        b"\x93NUMPY\x01\x00v\x00"
        + b"{'descr': '|u1', 'fortran_order': False, 'shape': (9999999999999, 99999), }".ljust(118),
    ],
)
def test_an_array_that_is_none_is_a_sentence(tmp_path: Path, member: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "m.npz", "w") as archive:
        for name in Mnist._fields:
            archive.writestr(f"{name}.npy", member)
    with pytest.raises(ValueError, match=r"m\.npz: not an \.npz file that can be used: .+"):
        load_mnist(tmp_path / "m.npz")


def test_a_download_that_fails_is_a_sentence_and_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        print("Downloading")
        raise Exception("URL fetch failure")

    monkeypatch.delenv("MNIST_PATH", raising=False)
    monkeypatch.setattr("keras.datasets.mnist.load_data", fails)
    with pytest.raises(ValueError, match="could not be downloaded: URL fetch failure"):
        load_mnist()
    assert capsys.readouterr().out == ""


def test_pickled_arrays_are_refused(tiny: Mnist, tmp_path: Path) -> None:
    np.savez(tmp_path / "m.npz", **{**tiny._asdict(), "x_test": np.array([{"a": 1}], object)})
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        load_mnist(tmp_path / "m.npz")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("x_train", np.zeros((20, 28, 28), np.float32), "train images must be uint8"),
        ("x_test", np.zeros((10, 8, 8), np.uint8), "test images must be uint8"),
        ("y_train", np.zeros(7, np.uint8), "train labels must be 20 integers"),
        ("y_test", np.full(10, 12, np.uint8), "test labels must be 0-9"),
    ],
)
def test_wrong_arrays_are_named(tiny: Mnist, tmp_path: Path, name: str, value: np.ndarray, sentence: str) -> None:
    np.savez(tmp_path / "m.npz", **{**tiny._asdict(), name: value})
    with pytest.raises(ValueError, match=sentence):
        load_mnist(tmp_path / "m.npz")


def test_a_missing_array_is_named(tiny: Mnist, tmp_path: Path) -> None:
    np.savez(tmp_path / "m.npz", x_train=tiny.x_train)
    with pytest.raises(ValueError, match="y_train is missing"):
        load_mnist(tmp_path / "m.npz")


def test_a_single_array_is_refused(tiny: Mnist, tmp_path: Path) -> None:
    with (tmp_path / "m.npz").open("wb") as file:
        np.save(file, tiny.x_train)
    with pytest.raises(ValueError, match="not a zip file"):
        load_mnist(tmp_path / "m.npz")


def test_a_missing_idx_file_is_named(tiny: Mnist, tmp_path: Path) -> None:
    write_idx(tmp_path, tiny, zipped=False)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(ValueError, match="t10k-labels-idx1-ubyte"):
        load_mnist(tmp_path)


@pytest.mark.parametrize("damage", [lambda d: d[:-5], lambda d: b"\1" + d[1:], lambda d: d[:3]])
def test_a_damaged_idx_file_is_a_sentence(tiny: Mnist, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    write_idx(tmp_path, tiny, zipped=False)
    file = tmp_path / "train-images-idx3-ubyte"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=r"IDX file|truncated"):
        load_mnist(tmp_path)


def test_a_damaged_gzip_is_a_sentence(tiny: Mnist, tmp_path: Path) -> None:
    write_idx(tmp_path, tiny, zipped=True)
    file = tmp_path / "train-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:60])
    with pytest.raises(ValueError, match="cannot be read"):
        load_mnist(tmp_path)
