"""What the processes do that tests start and kill: they serve the store as the app does, without TensorFlow."""

import itertools
from pathlib import Path
from typing import cast

import numpy as np

from mnist_core.serving.commit import Click
from mnist_core.serving.settings import Settings
from mnist_core.serving.shared_model import SharedModel, new_token
from mnist_core.storage.faults import StaleVersion
from mnist_core.storage.records import NewLesson, Tray
from mnist_core.storage.store import Store
from mnist_core.teaching.classifier import Classifier
from tests.fakes import FakeClassifier, drawings

FITTING_S = 0.1


def teach_without_end(url: str, browser: str, code: str, turn: int, log: Path) -> None:
    """Serve the models as the app does, with a classifier that needs no TensorFlow, and teach one room after the other:
    everyone's, the browser's own, that of the code; from the `turn`-th on.

    Writes to `log` "ready" and how many lessons they know, then "begun" and "kept" with the token of each lesson.
    """
    settings = Settings(database_url=url, lessons_per_visitor=10**6, lessons_per_minute=10**6)
    model = SharedModel(settings, load=lambda: cast(Classifier, FakeClassifier(pause_s=FITTING_S)))
    images, found = drawings(1), (model.directory.open_mine(browser), model.directory.find(code, browser))
    rooms = [model.everyone, *map(model.room, found)]
    with log.open("w", buffering=1) as file:
        print("ready", sum(len(room.classifier.memories) for room in rooms), file=file)
        for room in itertools.islice(itertools.cycle(rooms), turn, None):
            token = new_token()
            model.save_tray(browser, Tray(images, (3,)))
            print("begun", token, file=file)
            room.teach(images, [3], Click("1", token, browser if room.room.own else None))
            print("kept", token, file=file)


def open_and_teach(url: str, token: str) -> None:
    """Open the store, whatever state it is in, and add one lesson."""
    store = Store(url)
    images, labels = drawings(1), np.array([3])
    while True:
        try:
            store.everyone.add_lesson(
                NewLesson(token, "1", "base", images, labels, b"", {}, {}), store.everyone.active().id
            )
            break
        except StaleVersion:
            continue
    store.close()
