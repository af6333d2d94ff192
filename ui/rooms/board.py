"""A room on the wall: how to come in, what was just taught, how well it reads. Nothing here can be pressed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from mnist_core import Classifier
from mnist_core.serving.room_model import RoomModel
from mnist_core.storage.codes import spaced
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.records import LessonRecord
from ui.language import language, number, percent, plain, t
from ui.names import friendly_name
from ui.notices import page_stops_without_model
from ui.rooms.address import link
from ui.rooms.invitation import qr_picture
from ui.widgets.gallery import gallery
from ui.widgets.timer import call_after

TICK = 1.25  # seconds between two looks
CONFUSED = 3  # pairs of digits shown that are confused most
SHOWN = 8  # drawings of a lesson
STYLE = Path(__file__).parents[1] / "widgets" / "frontend" / "board.css"


@st.fragment(key="board")
def show_board(room: RoomModel) -> None:
    """Show the room, and what is new in it every TICK seconds."""
    st.html(STYLE)
    call_after(TICK, _look, key="board_timer")  # first: what is below ends the run where there is no model just now
    invitation, news = st.columns([2, 3], gap="large")
    with invitation, st.container(key="board_invitation"):
        _invite(room)
    with news, st.container(key="board_news"), page_stops_without_model():
        _show_news(room, room.classifier)


def _look() -> None:
    """The fragment runs again, which is all that is needed."""


def _invite(room: RoomModel) -> None:
    code = room.room.code
    address = link(code)
    st.image(qr_picture(address), width="stretch", alt=t("room.qr", name=room.room.name or t("app.name")))
    if code:
        st.title(spaced(code), anchor=False)
    st.markdown(plain(address.removeprefix("https://").removeprefix("http://").removesuffix("/")))


def _show_news(room: RoomModel, classifier: Classifier) -> None:
    with st.container(horizontal=True):
        try:
            news = room.news()
        except StoreUnavailable as error:
            st.warning(t("store.notice", why=t(f"store.{error.kind}")))
            return
        st.metric(t("board.people"), number(news.people), border=True)
        st.metric(t("learned.lessons"), number(news.lessons), border=True)
        st.metric(t("board.reads"), percent(classifier.test_accuracy, 2), border=True)
    st.markdown(t("board.confuses", pairs=_confused(classifier)))
    st.subheader(t("board.newest"), anchor=False)
    if not news.newest:
        st.caption(t("board.nothing"))
    for lesson in news.newest:
        _lesson(lesson)


def _confused(classifier: Classifier) -> str:
    """The digits that are confused most, of MNIST's test images."""
    wrong = classifier.confusion - np.diag(classifier.confusion.diagonal())
    pairs = wrong.ravel().argsort()[::-1][:CONFUSED]
    return ", ".join(f"**{pair // 10}** → **{pair % 10}** ({number(int(wrong.ravel()[pair]))})" for pair in pairs)


def _lesson(lesson: LessonRecord) -> None:
    labels = ", ".join(map(str, sorted(set(lesson.labels.tolist()))))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{labels}** · {friendly_name(lesson.teacher, language())}", width="content")
        gallery(lesson.images[:SHOWN], [], label=t("learned.drawings", count=len(lesson.images)), key=f"n{lesson.id}")
