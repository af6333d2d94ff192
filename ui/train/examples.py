"""A lesson to try on an empty tray: its drawings are laid out, and leave without a trace of them among one's own."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from mnist_core.teaching.examples import ExampleName, example, example_of
from ui.language import t
from ui.model import shared_model
from ui.parts import rerun_parts
from ui.session import Visit, visit
from ui.sheet.actions import fits
from ui.tray import persistence


def example_in_tray(me: Visit) -> ExampleName | None:
    """The example that is laid out, if one is."""
    return next((name for sample in me.tray if (name := example_of(sample.image))), None)


def offer_examples(me: Visit) -> None:
    """Offer the examples while the tray is empty; while one is in it, the way back."""
    if example_in_tray(me):
        st.button(t("example.away"), icon=":material/close:", key="example_away", on_click=_put_away)
    elif not me.tray and not me.job and shared_model().settings.teaching != "off":
        names = {name: t(f"example.{name}") for name in get_args(ExampleName)}
        st.menu_button(
            t("example.try"),
            names,
            format_func=names.__getitem__,
            icon=":material/lightbulb:",
            key="example",
            on_click=_lay_out,
        )


def _lay_out() -> None:
    me, chosen = visit(), example(st.session_state.example)
    if fits(me, len(chosen.images)):
        for image, label in zip(chosen.images, chosen.labels, strict=True):
            me.add(image, label)
        me.notice = me.lesson_notice = me.outcome = None
        persistence.keep_tray(me)
    rerun_parts()


def _put_away() -> None:
    me = visit()
    me.tray = [sample for sample in me.tray if not example_of(sample.image)]
    me.picked = me.notice = me.lesson_notice = me.outcome = None
    persistence.keep_tray(me)
    rerun_parts()
