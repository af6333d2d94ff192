"""The tray above the sheet: the drawings that wait for a lesson, each a button."""

from collections.abc import Callable

from ui.language import t
from ui.palette import DIGIT_COLOURS
from ui.session import Sample
from ui.widgets.component import component
from ui.widgets.pictures import data_url

_tray = component("tray", "prepared")


def show_tray(samples: list[Sample], *, picked: int | None, on_pick: Callable[[], None]) -> None:
    """Mount the tray under the key "tray"; `st.session_state.tray.picked` is the id of the sample just tapped."""
    _tray(
        key="tray",
        data={
            "label": t("tray.label"),
            "empty": t("tray.empty"),
            "drawings": [
                {
                    "id": sample.id,
                    "image": data_url(sample.image),
                    "digit": sample.label,
                    "colour": "transparent" if sample.label is None else DIGIT_COLOURS[sample.label],
                    "name": _name(place, sample),
                    "picked": sample.id == picked,
                }
                for place, sample in enumerate(samples, start=1)
            ],
        },
        on_picked_change=on_pick,
    )


def _name(place: int, sample: Sample) -> str:
    if sample.label is None:
        return t("tray.unlabelled", place=place)
    return t("tray.labelled", place=place, digit=sample.label)
