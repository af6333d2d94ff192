"""A taught model as a file to take elsewhere."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from mnist_core.recognition.taught_model import TaughtModel


def keras_file(model: TaughtModel) -> bytes:
    """One `.keras` file of `TaughtModel.to_keras`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.to_keras().save(path)
        return path.read_bytes()


def onnx_file(model: TaughtModel) -> bytes:
    """One `.onnx` file: see `TaughtModel.to_onnx`."""
    return model.to_onnx()


MODEL_FORMS: Mapping[str, Callable[[TaughtModel], bytes]] = {"keras": keras_file, "onnx": onnx_file}
