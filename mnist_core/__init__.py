"""Draw a digit, be understood, teach the machine your hand: everything that is not user interface."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mnist_core.recognition.base import ModelUnavailable
    from mnist_core.recognition.lines import Digit, read_lines
    from mnist_core.recognition.memory import Memory
    from mnist_core.recognition.preprocessing import EmptyDrawing, Steps, preparation_steps, prepare
    from mnist_core.recognition.taught_model import Prediction
    from mnist_core.teaching.classifier import Classifier
    from mnist_core.teaching.lesson import Lesson, Refusal, Report

__all__ = [
    "Classifier",
    "Digit",
    "EmptyDrawing",
    "Lesson",
    "Memory",
    "ModelUnavailable",
    "Prediction",
    "Refusal",
    "Report",
    "Steps",
    "preparation_steps",
    "prepare",
    "read_lines",
]

_HOMES = {"ModelUnavailable": "recognition.base", "Memory": "recognition.memory"}
_HOMES |= {"Classifier": "teaching.classifier", "Prediction": "recognition.taught_model"}
_HOMES |= dict.fromkeys(("EmptyDrawing", "Steps", "preparation_steps", "prepare"), "recognition.preprocessing")
_HOMES |= dict.fromkeys(("Digit", "read_lines"), "recognition.lines")
_HOMES |= dict.fromkeys(("Lesson", "Refusal", "Report"), "teaching.lesson")


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: a server that starts must not wait for SciPy to serve a page."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
