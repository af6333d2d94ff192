"""The answer beside the sheet: the digit, in words, as ten bars, and what the network sees."""

from typing import Any

import numpy as np

from ui.language import percent, t
from ui.palette import DIGIT_COLOURS
from ui.session import Reading, Visit
from ui.sheet.reading import Words, text_of, words
from ui.widgets.component import component
from ui.widgets.pictures import data_url

_answer = component("answer", "tool")


def show_answer(me: Visit, *, place: int, waiting: Words) -> None:
    """Show what was read in the visitor's drawing, or what to do first when nothing was.

    place: which of several digits the bars and the picture are of, from 0 on. The browser is told, too, how much of
    the sheet the page has heard of: an early answer may be to more.
    """
    answer = answer_of(me.shown, place=place, at=me.drawing.at if me.drawing else 0, waiting=waiting)
    _answer(key="answer", data={**answer, "page": me.id, "heard": me.heard})


def answer_of(readings: tuple[Reading, ...], *, place: int, at: float, waiting: Words | None = None) -> dict[str, Any]:
    """The answer as `answer.js` paints it. at: the drawing's number. waiting: what is said where nothing was read."""
    said = words(readings) if readings else waiting or Words("")
    text = text_of(readings)
    one = readings[place] if readings else None
    shares = one.prediction.scores.tolist() if one else [0.0] * 10
    heard = filter(None, (text.replace("\n", ", "), said.verdict, said.detail)) if readings else ()
    return {
        "at": at,
        "state": "read" if readings else "empty",
        "answer": text or "?",
        "colour": DIGIT_COLOURS[one.prediction.digit] if one and len(readings) == 1 else "var(--st-border-color)",
        "best": one.prediction.digit if one else None,
        "verdict": said.verdict,
        "detail": said.detail,
        "announcement": ". ".join(heard),
        "seen": data_url(one.image) if one else None,
        "top": _top(one.prediction.scores) if one and not said.detail else "",
        "scores": [
            {"share": round(share, 4), "text": percent(share, 1) if one else "", "colour": colour}
            for share, colour in zip(shares, DIGIT_COLOURS, strict=True)
        ],
        "labels": {"seen": t("answer.seen"), "bars": t("answer.bars")},
    }


def _top(scores: np.ndarray) -> str:
    """The best digit and the runner-up with their shares, where neither the bars nor a sentence say them."""
    return " · ".join(f"{digit}: {percent(scores[digit], 1)}" for digit in np.argsort(scores)[:-3:-1])
