"""The answer beside the sheet: the digit, in words, as ten bars, and what the network sees."""

from pathlib import Path

import streamlit as st

from ui.language import percent, t
from ui.palette import DIGIT_COLOURS
from ui.pictures import data_url
from ui.reading import Words, words
from ui.session import Reading

_FRONTEND = Path(__file__).parent / "frontend"
_answer = st.components.v2.component(
    "digit_answer",
    html=(_FRONTEND / "answer.html").read_text(),
    css=(_FRONTEND / "answer.css").read_text(),
    js=(_FRONTEND / "answer.js").read_text(),
)


def show_answer(readings: tuple[Reading, ...], *, at: float, waiting: Words) -> None:
    """Show what was read from drawing number `at`, or what to do first when nothing was."""
    said = words(readings) if readings else waiting
    text = "".join(str(reading.prediction.digit) for reading in readings)
    alone = readings[0] if len(readings) == 1 else None
    shares = alone.prediction.scores.tolist() if alone else [0.0] * 10
    _answer(
        key="answer",
        data={
            "at": at,
            "state": "read" if readings else "empty",
            "answer": text or "?",
            "colour": DIGIT_COLOURS[alone.prediction.digit] if alone else "var(--st-border-color)",
            "verdict": said.verdict,
            "detail": said.detail,
            "announcement": ". ".join(filter(None, (text, said.verdict, said.detail))) if readings else "",
            "seen": data_url(alone.image) if alone else None,
            "scores": None
            if len(readings) > 1
            else [
                {"share": round(share, 4), "text": percent(share, 1) if alone else "", "colour": colour}
                for share, colour in zip(shares, DIGIT_COLOURS, strict=True)
            ],
            "labels": {"seen": t("answer.seen"), "bars": t("answer.bars")},
        },
    )
