"""The model of a process that stays: in a process of its own, since it stays."""

import subprocess
import sys

from harness.processes import ROOT

AFTER_A_PAGE = """
import contextlib, gc, keras
import tensorflow as tf
from mnist_core import ModelUnavailable
from streamlit.runtime.scriptrunner import script_runner
from mnist_core.serving.loading import load_to_stay

def name_of_a_layer():
    return keras.layers.Dense(1).name

before = name_of_a_layer()
script_runner._clean_problem_modules()
assert name_of_a_layer() == before, "Streamlit no longer clears the session: load_to_stay has nothing to do"
gc.disable()
with contextlib.suppress(ModelUnavailable):
    load_to_stay("nowhere")
assert gc.isenabled()
gc.disable()
classifier = load_to_stay("models")
assert gc.isenabled()
script_runner._clean_problem_modules()
assert name_of_a_layer() != before, "the session was cleared"
assert gc.get_freeze_count() > 100_000
assert tf.config.threading.get_intra_op_parallelism_threads() == 1
"""


def test_the_end_of_a_page_leaves_the_session_and_its_kernels_alone() -> None:
    done = subprocess.run([sys.executable, "-c", AFTER_A_PAGE], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
