"""The tray as a file, to take away and to bring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from mnist_core.bitmaps import labels_as_array, labels_from_array
from mnist_core.files.lessons import LARGEST_LESSON_FILE, BadLessonFile, Drawings, pack_npz, pack_zip, unpack
from ui.language import t
from ui.model import shared_model
from ui.session import Notice, Sample, visit
from ui.tray import persistence
from ui.widgets.chooser import given_file
from ui.widgets.saver import offer_file

Pack = Callable[..., bytes]
FORMS: dict[str, Pack] = {"npz": pack_npz, "zip": pack_zip}


def tray_files(samples: Sequence[Sample]) -> None:
    """Buttons to take the tray away as a file; made when asked for."""

    def packed(pack: Pack) -> bytes:
        labels = labels_as_array([sample.label for sample in samples])
        return pack(np.stack([sample.image for sample in samples]), labels)

    for form, pack in FORMS.items():
        label = t("files.tray", form=f".{form}")
        offer_file(label, f"tray.{form}", key=f"save_tray_{form}", make=partial(packed, pack))


def bring_tray() -> None:
    """Fill the tray from the file just given, as a whole or not at all."""
    me = visit()
    drawings = given_drawings("bring")
    if isinstance(drawings, Notice):
        me.notice = drawings
        return
    room = shared_model().settings.tray_size - len(me.tray)
    if len(drawings.images) > room:
        me.notice = Notice("tray.full", {"most": shared_model().settings.tray_size})
        return
    for image, label in zip(drawings.images, labels_from_array(drawings.labels), strict=True):
        me.add(image, label)
    me.notice = Notice("files.brought", {"count": len(drawings.images)}, "success")
    persistence.keep_tray(me)


def given_drawings(key: str) -> Drawings | Notice:
    """What the file just given holds, or why it cannot be read."""
    given = given_file(key, LARGEST_LESSON_FILE)
    try:
        if given is None:
            raise BadLessonFile("too_many_bytes", f"The file is over {LARGEST_LESSON_FILE // 2**20} MiB.")
        return unpack(given)
    except BadLessonFile as error:
        return Notice(f"lessons.{error.kind}")
