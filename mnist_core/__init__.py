"""Draw a digit, be understood, teach the machine your hand: everything that is not user interface."""

from mnist_core.classifier import Classifier, ModelUnavailable, Prediction
from mnist_core.preprocessing import EmptyDrawing, Steps, preparation_steps, prepare
from mnist_core.teaching import Lesson, Memory, Refusal, Report

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
