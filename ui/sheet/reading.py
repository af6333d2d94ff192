"""From a drawing to what the page says about it."""

from dataclasses import dataclass

import numpy as np

from mnist_core import Classifier, EmptyDrawing, ModelUnavailable, prepare
from mnist_core.recognition.lines import read_number
from mnist_core.storage.faults import StoreUnavailable
from ui.language import percent, t
from ui.model import classifier
from ui.session import Notice, Reading, Visit, option

LEAST_LIKENESS = 0.5  # digit_likeness under this: the page says so
CLOSE = 0.25  # a runner-up with at least this share is named
CERTAIN, LIKELY = 0.97, 0.8


@dataclass(frozen=True)
class Words:
    """What is said about an answer: a sentence, and a second, smaller one that may be empty."""

    verdict: str
    detail: str = ""


def read(model: Classifier, canvas: np.ndarray, *, several: bool) -> tuple[Reading, ...]:
    """Read one digit, or several from left to right. Raises EmptyDrawing, and ValueError for no canvas at all."""
    if not several:
        image = prepare(canvas)
        return (Reading(canvas, image, model.predict(image)),)
    return tuple(Reading(d.canvas, d.image, d.prediction, d.box) for d in read_number(model, canvas))


def read_sheet(me: Visit) -> Notice | None:
    """Read the visitor's drawing, if there is one; what to say when that cannot be done."""
    if me.drawing is None:
        return None
    try:
        me.answer = read(classifier(me), me.drawing.canvas, several=option("several"))
    except EmptyDrawing:
        return Notice("empty.predict")
    except ModelUnavailable:
        return Notice("model.missing", kind="error")
    except TimeoutError:
        return Notice("model.slow")
    except StoreUnavailable as error:
        return Notice("room.away", {"why": f"store.{error.kind}"}, "error")
    except LookupError:
        return Notice("room.closed")
    return None


def words(readings: tuple[Reading, ...]) -> Words:
    """Say in words how sure the model is."""
    if len(readings) > 1:
        strange = [place for place, r in enumerate(readings, 1) if r.prediction.digit_likeness < LEAST_LIKENESS]
        if strange:  # a number is doubted when a digit of it is
            places = ", ".join(map(str, strange))
            return Words(t("verdict.doubted"), t("verdict.strange", places=places, count=len(readings)))
        least = min(readings, key=lambda r: r.prediction.scores.max()).prediction
        return Words(t("verdict.several"), t("verdict.weakest", digit=least.digit, share=percent(least.scores.max())))
    prediction = readings[0].prediction
    second, first = (int(n) for n in np.argsort(prediction.scores)[-2:])
    share, runner_up = percent(prediction.scores[first]), prediction.scores[second]
    if prediction.digit_likeness < LEAST_LIKENESS:
        return Words(t("verdict.no_digit"), t("verdict.best_guess", digit=first, share=share))
    if runner_up >= CLOSE:
        return Words(t("verdict.close", first=first, second=second), t("verdict.close_detail"))
    if prediction.scores[first] >= CERTAIN:
        return Words(t("verdict.certain", digit=first))
    if prediction.scores[first] >= LIKELY:
        return Words(t("verdict.likely", digit=first), t("verdict.or_else", digit=second, share=percent(runner_up)))
    return Words(t("verdict.unsure", digit=first), t("verdict.or_else", digit=second, share=percent(runner_up)))
