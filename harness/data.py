"""Data that is not committed: strokes, photographs and MNIST in a folder beside this project, where it has one."""

import os
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def use_mnist_nearby() -> None:
    """Let MNIST_PATH name the copy there, unless it names another; without either, Keras downloads MNIST."""
    if (file := DATA / "mnist.npz").is_file():
        os.environ.setdefault("MNIST_PATH", str(file))
