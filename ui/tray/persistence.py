"""The tray, kept by the store so that a reload, a restart or another server does not lose it."""

from __future__ import annotations

import numpy as np

from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.records import Tray
from ui.model import shared_model
from ui.session import Notice, Visit


def keep_tray(me: Visit) -> bool:
    """Save the tray under the browser's id: whether it is kept. While the store is away it lives in the session only,
    and the page says so."""
    if not me.kept:
        return False  # nobody could ever ask for it
    bring_back_tray(me)
    if me.kept_tray is None:  # to save now would erase what is kept
        me.notice = Notice("tray.not_kept")
        return False
    images = np.stack([s.image for s in me.tray]) if me.tray else np.zeros((0, 28, 28), np.uint8)
    tray = Tray(images, tuple(s.label for s in me.tray))
    try:
        shared_model().save_tray(me.browser, tray, me.kept_tray)
    except StoreUnavailable:
        me.notice = Notice("tray.not_kept")
        return False
    me.kept_tray = tray
    return True


def bring_back_tray(me: Visit) -> None:
    """Put what the store kept for this browser before what is in the tray, once a session."""
    if me.kept_tray is not None or not me.kept:
        return
    try:
        kept = shared_model().load_tray(me.browser)
    except StoreUnavailable:
        return  # the next run of the page, or the next drawing, tries again
    me.kept_tray = kept
    me.add_first(zip(kept.images, kept.labels, strict=True))


def tray_is_to_come(me: Visit) -> bool:
    """Whether the store may have kept a tray for this browser and has not been opened yet, so that it must wait."""
    return me.kept and me.kept_tray is None and not shared_model().store_asked
