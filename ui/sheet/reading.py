"""From a drawing to what the page says about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mnist_core import Classifier, EmptyDrawing, ModelUnavailable, Prediction, prepare
from mnist_core.recognition.lines import read_lines, split_at_gaps
from mnist_core.storage.faults import RoomClosed, StoreUnavailable
from ui.language import percent, t
from ui.model import classifier
from ui.packing import packed
from ui.session import Drawing, Notice, Reading, Visit, option

LEAST_LIKENESS = 0.5  # digit_likeness under this: the page says so
CLOSE = 0.25  # a runner-up with at least this share is named
CERTAIN, LIKELY = 0.97, 0.8


@dataclass(frozen=True)
class Words:
    """What is said about an answer: a sentence, and a second, smaller one that may be empty."""

    verdict: str
    detail: str = ""


def read(model: Classifier, drawing: Drawing, *, several: bool) -> tuple[Reading, ...]:
    """Read one digit, or several from left to right, line by line. Raises EmptyDrawing, and ValueError for no canvas.

    In a photograph the one digit is the first; others that could have been meant follow.
    """
    if several:
        lines = enumerate(read_lines(model, drawing.canvas))
        placed = [
            (d, line, group) for line, digits in lines for group, some in enumerate(split_at_gaps(digits)) for d in some
        ]
        is_large = isinstance(drawing.drawn, bytes)
        return tuple(
            Reading(packed(d.canvas[..., 3]) if is_large else d.canvas, d.image, d.prediction, d.box, line, group)
            for d, line, group in placed
        )
    if drawing.photo:
        from ui.sheet.photo import read_choices  # with OpenCV, which no drawing needs

        return read_choices(model, drawing.photo)
    image = prepare(drawing.canvas)
    return (Reading(drawing.drawn, image, model.predict(image)),)


def read_early(me: Visit, model: Classifier, *, several: bool) -> tuple[Reading, ...]:
    """What this model has read in the drawing before the page was run; () where it has not."""
    drawing, early = me.drawing, me.early
    if early is None or drawing is None or not isinstance(drawing.drawn, np.ndarray) or several != early.several:
        return ()
    with early.reading:
        read_so_far = early.read
    if read_so_far is None:
        return ()
    by, answered, readings = read_so_far
    return readings if by is model and np.array_equal(answered.drawn, drawing.drawn) else ()


def read_sheet(me: Visit) -> Notice | None:
    """Read the visitor's drawing, if there is one; what to say when that cannot be done."""
    if me.drawing is None:
        return None
    several = option("several")
    try:
        model = classifier(me)
        me.answer = read_early(me, model, several=several) or read(model, me.drawing, several=several)
    except EmptyDrawing:
        return Notice("photo.empty" if me.drawing.photo else "empty.predict")
    except ModelUnavailable:
        return Notice("model.missing", kind="error")
    except TimeoutError:
        return Notice("model.slow")
    except StoreUnavailable as error:
        return Notice("room.away", {"why": f"store.{error.kind}"}, "error")
    except RoomClosed:
        return Notice("room.closed")
    me.chosen = me.chosen or (() if several else (0,))
    return None


def text_of(readings: Sequence[Reading]) -> str:
    """The digits as they stand on the sheet: a blank between groups, a line break between lines."""
    text = "".join(str(reading.prediction.digit) for reading in readings[:1])
    for before, reading in pairwise(readings):
        text += "\n" if reading.line != before.line else " " if reading.group != before.group else ""
        text += str(reading.prediction.digit)
    return text


def is_doubted(prediction: Prediction) -> bool:
    """Whether what was read is no digit, or may well be another one."""
    second, first = np.sort(prediction.scores)[-2:]
    return bool(prediction.digit_likeness < LEAST_LIKENESS or second >= CLOSE or first < LIKELY)


def words(readings: tuple[Reading, ...]) -> Words:
    """Say in words how sure the model is."""
    if len(readings) > 1:
        strange = [place for place, r in enumerate(readings, 1) if r.prediction.digit_likeness < LEAST_LIKENESS]
        if strange:  # a number is doubted when a digit of it is
            places = ", ".join(map(str, strange))
            return Words(t("verdict.doubted"), t("verdict.strange", places=places, count=len(readings)))
        least = min(readings, key=lambda r: r.prediction.scores.max()).prediction
        verdict = "verdict.unsure_several" if any(is_doubted(r.prediction) for r in readings) else "verdict.several"
        return Words(t(verdict), t("verdict.weakest", digit=least.digit, share=percent(least.scores.max())))
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
