"""The model that answers this visitor: the one of the room that they are in."""

import math
import time
from contextlib import nullcontext, suppress

import streamlit as st

from mnist_core import Classifier
from mnist_core.serving.room_model import RoomModel
from mnist_core.serving.shared_model import SharedModel, shared
from mnist_core.storage.faults import RoomClosed, StoreUnavailable
from ui.language import t
from ui.session import Visit

ASK_AGAIN_S = 1.0  # lest each stroke of somebody who has taught nothing ask the store


@st.cache_resource(show_spinner=False)
def shared_model() -> SharedModel:
    """The process-wide models. The first call starts loading in the background and returns at once."""
    st.secrets.load_if_toml_exists()  # its entries become environment variables, which settings are read from
    return shared()


def current_room(me: Visit) -> RoomModel | None:
    """The room that the visitor is in; None: their own, in which nothing was taught yet."""
    _be_personal(me)
    if me.whose == "mine":
        with suppress(StoreUnavailable):
            _look_for_mine(me)
    return _room(me)


def known_room(me: Visit) -> RoomModel | None:
    """The same without a look into the store, which may have to be opened. Raises LookupError where that is needed."""
    _be_personal(me)
    if me.whose == "mine" and me.mine is None and me.mine_asked == -math.inf:
        raise LookupError("the store was not asked for the visitor's own room")
    return _room(me)


def _be_personal(me: Visit) -> None:
    if shared_model().settings.teaching == "personal":
        me.whose = "mine"


def _room(me: Visit) -> RoomModel | None:
    models = shared_model()
    if me.whose == "mine":
        return models.room(me.mine) if me.mine else None
    return models.room(me.ours) if me.whose == "ours" and me.ours else models.everyone


def _look_for_mine(me: Visit) -> None:
    """Ask the store for the visitor's own room, which another page of the browser may have begun meanwhile."""
    if me.mine is None and time.monotonic() - me.mine_asked >= ASK_AGAIN_S:
        me.mine, me.mine_asked = shared_model().directory.mine(me.browser), time.monotonic()


def classifier(me: Visit) -> Classifier:
    """The model for this visitor, waiting for it with a spinner while it loads.

    Raises ModelUnavailable, TimeoutError, and for a room StoreUnavailable when it cannot be asked for its model, and
    RoomClosed when it was closed: nobody is moved to another model without being asked.
    """
    models, room = shared_model(), current_room(me)
    with nullcontext() if models.ready.is_set() else st.spinner(t("model.loading")):
        untaught = models.untaught
    if room is None and me.kept and models.settings.teaching == "shared":
        _look_for_mine(me)  # raises while nobody can say whether there is one: another's answer would not be mine
    try:
        return room.classifier if room else untaught
    except RoomClosed:
        if me.whose != "mine":
            raise
        me.mine = None  # forgotten on another page of this browser
        return untaught
