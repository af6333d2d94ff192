"""The part of the drawing page that teaches: ground truth, Train, progress, proof, undo."""

import numpy as np
import streamlit as st

from mnist_core import Lesson, Refusal
from ui.language import number, percent, t
from ui.model import shared_model
from ui.notices import show_notice
from ui.parts import rerun, rerun_parts
from ui.rooms.address import enter_by_address
from ui.session import Outcome, Sample, visit
from ui.sheet.actions import catch_up
from ui.train import lesson_job
from ui.train.examples import example_in_tray
from ui.tray import persistence
from ui.widgets.gallery import gallery
from ui.widgets.timer import call_after

SHOWN = 24  # drawings of a lesson shown again
WORTH_SAYING = 0.01  # of others' drawings of one digit, what a model of one's own misreads
TICK, IN_LINE = 0.2, 0.5  # seconds between two looks at a lesson under way, and at one that waits for others


@st.fragment(key="teaching")
def teach_section() -> None:
    """Show the section; while a lesson is under way, it looks again every now and then."""
    me, model = visit(), shared_model()
    lesson = me.outcome.lesson if me.outcome and not me.job else None
    with st.container(key="teach", horizontal=True, gap="small"):
        if model.settings.teaching == "off":
            st.info(t("train.off"))
            return
        busy = me.job is not None
        st.button(t("train.train"), icon=":material/school:", on_click=_train, key="train", shortcut="t", disabled=busy)
        if me.outcome and lesson:
            _ways_on(me.outcome, lesson)
        with st.container(key="lesson"):  # as high when it says nothing yet
            if me.job:
                text = t("train.line", place=me.job.place) if me.job.place else t("train.running")
                st.progress(me.job.share, text=text)
                call_after(IN_LINE if me.job.place else TICK, _look, key="lesson_timer")
            elif me.lesson_notice:
                show_notice(me.lesson_notice)
            elif me.outcome and lesson:
                _verdict(me.outcome, lesson)
            else:
                example = example_in_tray(me)
                st.caption(t(f"example.{example}.how") if example else t("train.how"))
    if me.outcome and lesson:
        with st.container(key="proof" if lesson.accepted else "refused"):
            _details(me.outcome, lesson)


def _ways_on(outcome: Outcome, lesson: Lesson) -> None:
    if lesson.accepted:
        st.button(t("train.undo"), icon=":material/undo:", on_click=_undo, key="undo")
    if _own_could_learn(outcome, lesson):
        st.button(t("misread.own"), icon=":material/person:", on_click=_teach_own, key="teach_own")


def _own_could_learn(outcome: Outcome, lesson: Lesson) -> bool:
    """Whether a model of one's own may learn what this one has not."""
    return outcome.whose != "mine" and not lesson.waiting and (not lesson.accepted or bool(_misread(outcome)))


def _verdict(outcome: Outcome, lesson: Lesson) -> None:
    """What came of the lesson, in a few words and figures."""
    if not lesson.accepted:
        why = _why(lesson.refusal) if lesson.refusal else lesson.reason
        st.warning(f"**{t('proof.refused')}**\n\n{why}", icon=":material/shield:")
        return
    before, after = lesson.before, lesson.after
    figures = t(
        "proof.figures",
        taught_before=percent(before.taught),
        taught=percent(after.taught),
        test_before=percent(before.test_accuracy, 2),
        test=percent(after.test_accuracy, 2),
    )
    if lesson.waiting:
        st.info(t("proof.waits" if lesson.misread else "proof.known_waits"), icon=":material/hourglass_empty:")
    elif lesson.misread:
        title = t("proof.title", seconds=number(lesson.seconds, 1))
        st.success(f"**{title}**\n\n{figures}", icon=":material/check_circle:")
    else:
        st.info(f"{t('proof.known')}\n\n{figures}", icon=":material/done_all:")


def _why(refusal: Refusal) -> str:
    misread, of = number(refusal.misread), number(refusal.of)
    return t(f"refusal.{refusal.kind}", digit=refusal.digit, misread=misread, of=of)


def _details(outcome: Outcome, lesson: Lesson) -> None:
    """All of it: each drawing, each figure, what it costs, what is still misread."""
    if not lesson.accepted:
        st.markdown(t("proof.kept"))
        if lesson.refusal and lesson.refusal.kind == "unlearned" and lesson.known:
            st.markdown(t("refusal.known", known=number(lesson.known)))
        _still_misread(outcome, lesson)
        return
    if lesson.misread and not lesson.waiting:
        of = number(len(outcome.samples))
        st.markdown(t("proof.learned", misread=number(lesson.misread), of=of, learned=number(lesson.learned)))
    if outcome.taken_for is not None and not lesson.waiting:
        st.markdown(t("proof.taken_for", digit=outcome.taken_for))
    shown = outcome.samples[:SHOWN]
    gallery([s.image for s in shown], [str(s.label) for s in shown], label=t("proof.yours"), key="taught")
    before, after = lesson.before, lesson.after
    yours, test = st.columns(2)
    yours.metric(
        t("proof.yours"),
        percent(after.taught),
        t("proof.was", share=percent(before.taught)),
        delta_color="off",
        delta_arrow="off",
        border=True,
    )
    test.metric(
        t("proof.test"),
        percent(after.test_accuracy, 2),
        t("proof.was", share=percent(before.test_accuracy, 2)),
        delta_color="off",
        delta_arrow="off",
        border=True,
    )
    _price(outcome, lesson)
    if not lesson.waiting:
        _still_misread(outcome, lesson)


def _price(outcome: Outcome, lesson: Lesson) -> None:
    """What a model of one's own no longer reads, where it is worth saying."""
    if lesson.cost is None:
        return
    for digit, taken_for in np.argwhere(lesson.cost.lost >= WORTH_SAYING).tolist():
        share = percent(lesson.cost.lost[digit, taken_for], 1)
        st.markdown(t("proof.price", digit=digit, taken_for=taken_for, share=share))
    for digit, drawings in outcome.renamed.items():
        st.markdown(t("proof.renamed", digit=digit, drawings=number(drawings)))


def _misread(outcome: Outcome) -> list[tuple[Sample, int]]:
    """Each drawing that is misread since, and as what."""
    pairs = zip(outcome.samples, outcome.read_as, strict=True)
    return [(sample, read) for sample, read in pairs if read != sample.label]


def _still_misread(outcome: Outcome, lesson: Lesson) -> None:
    """Which drawings are misread as before, and why a model of one's own may learn them."""
    if misread := _misread(outcome):
        st.markdown(t("misread.title", misread=number(len(misread))))
        captions = [t("misread.as", digit=sample.label, read=read) for sample, read in misread[:SHOWN]]
        images = [sample.image for sample, _ in misread[:SHOWN]]
        gallery(images, captions, label=t("misread.label"), key="misread")
    if _own_could_learn(outcome, lesson):
        st.markdown(t("misread.own.why"))


def _train() -> None:
    catch_up()
    me = visit()
    settled = me.entered
    if not settled:  # another room than the one of the address would be taught: look for that once more
        enter_by_address(me)
        if me.room_notice:
            me.lesson_notice = me.room_notice
            rerun_parts()
    lesson_job.start(me, shared_model(), me.truth)
    rerun_parts(*([] if settled else ["whose_model"]))


def _teach_own() -> None:
    me = visit()
    lesson_job.start_own(me, shared_model())
    me.go_to("mine", me.ours)
    rerun_parts("whose_model")


def _look() -> None:
    done = lesson_job.finish(visit(), shared_model())
    if done:
        persistence.keep_tray(visit())
    if done:
        rerun_parts()
    rerun("teaching")


def _undo() -> None:
    me = visit()
    lesson_job.undo(me, shared_model())
    persistence.keep_tray(me)
    rerun_parts("whose_model")
