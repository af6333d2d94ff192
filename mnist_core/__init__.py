"""Draw a digit, be understood, teach the machine your hand: everything that is not user interface."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mnist_core.base import ModelUnavailable
    from mnist_core.classifier import Classifier, Prediction
    from mnist_core.memory import Memory
    from mnist_core.preprocessing import EmptyDrawing, Steps, preparation_steps, prepare
    from mnist_core.teaching import Lesson, Refusal, Report

__all__ = [
    "Classifier",
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
]

_HOMES = {"ModelUnavailable": "base", "Memory": "memory"} | dict.fromkeys(("Classifier", "Prediction"), "classifier")
_HOMES |= dict.fromkeys(("EmptyDrawing", "Steps", "preparation_steps", "prepare"), "preprocessing")
_HOMES |= dict.fromkeys(("Lesson", "Refusal", "Report"), "teaching")


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: a server that starts must not wait for SciPy to serve a page."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
