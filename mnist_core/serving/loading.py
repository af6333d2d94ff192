"""A classifier for a process that stays and serves pages: what a page's end would throw away is kept."""

import contextlib
import gc
from pathlib import Path

from mnist_core.teaching.classifier import Classifier


def load_to_stay(folder: str | Path = "models") -> Classifier:
    """`Classifier.load`, once, for as long as the process lives. Raises what it raises.

    After each run of a script Streamlit clears Keras's session and collects garbage, for the sake of pages that build
    models. Here that cost every stroke half a second in which no thread ran, and all visitors the compiled kernels.
    So the session is not cleared any more, and the garbage collector no longer looks at what stays (`gc.freeze`). It
    may be off until then: to look at what is being imported takes a fifth of that time. From here on it is on.

    TensorFlow works on one thread from here on: what is read is one image, for one of many visitors, and to wait for
    other threads costs such a one a third more time.
    """
    try:
        return _load(folder)
    finally:
        gc.enable()


def _load(folder: str | Path) -> Classifier:
    import keras
    import scipy.ndimage  # noqa: F401 - or the first drawing would wait for it
    import tensorflow as tf

    with contextlib.suppress(RuntimeError):  # it is at work already, and keeps its threads
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.backend.clear_session = _keep_session
    classifier = Classifier.load(folder)
    gc.collect()
    gc.freeze()
    return classifier


def _keep_session(free_memory: bool = True) -> None:
    """Stands in for `keras.backend.clear_session`."""
