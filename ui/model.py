"""The model that answers this visitor: everyone's, or their own."""

from contextlib import nullcontext

import streamlit as st

from mnist_core import Classifier
from mnist_core.serving.shared_model import SharedModel, shared
from ui.language import t
from ui.session import Visit


@st.cache_resource(show_spinner=False)
def shared_model() -> SharedModel:
    """The process-wide model. The first call starts loading it in the background and returns at once."""
    st.secrets.load_if_toml_exists()  # its entries become environment variables, which settings are read from
    return shared()


def is_own() -> bool:
    """Whether this visitor teaches, and is answered by, a model of their own."""
    teaching = shared_model().settings.teaching
    return teaching == "personal" or (teaching == "shared" and st.session_state.get("whose") == "own")


def classifier(visit: Visit) -> Classifier:
    """The model for this visitor, waiting for it with a spinner while it loads. Raises ModelUnavailable."""
    model = shared_model()
    with nullcontext() if model.ready.is_set() else st.spinner(t("model.loading")):
        everyones = model.classifier
    return visit.own[-1] if visit.own and is_own() else everyones
