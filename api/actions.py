"""What the door offers: to read, to teach, and to know the model. Everything here runs in a worker's thread."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from api.bodies import Sent
from api.problems import Problem
from mnist_core import Classifier, EmptyDrawing, Lesson, ModelUnavailable, Prediction, prepare
from mnist_core.serving.commit import Click
from mnist_core.serving.room_model import NotAllowed, RoomModel
from mnist_core.serving.shared_model import SharedModel, new_token
from mnist_core.storage.browsers import teacher_number
from mnist_core.storage.faults import StoreUnavailable
from mnist_core.storage.limits import LimitReached

LIKELY = 0.5  # a digit-likeness under this is doubted, as on the page
_SALT = secrets.token_bytes(16)


def caller(address: str) -> str:
    """A name for who asks, that lasts as long as this process and from which nobody finds the network address."""
    return hmac.new(_SALT, address.encode(), hashlib.sha256).hexdigest()[:32]


def room_of(model: SharedModel, code: str | None, who: str) -> RoomModel:
    """The room with this code; without one, everyone's. Raises `Problem`."""
    if code is None:
        return model.everyone
    try:
        return model.room(model.directory.find(code, who))
    except LookupError:
        raise Problem(404, "no_room", "No room has this code.") from None
    except LimitReached as limit:
        raise Problem.of_limit(limit) from None
    except StoreUnavailable as error:
        raise Problem(503, f"store_{error.kind}", str(error), 5) from None


def classifier_of(room: RoomModel) -> Classifier:
    """The room's model. Raises `Problem` while there is none."""
    try:
        return room.classifier
    except (ModelUnavailable, TimeoutError) as error:
        raise Problem(503, "no_model", str(error), 10) from None
    except StoreUnavailable as error:
        raise Problem(503, f"store_{error.kind}", str(error), 5) from None
    except LookupError:
        raise Problem(404, "no_room", "This room was closed.") from None


def predict(classifier: Classifier, sent: Sent) -> dict[str, Any]:
    """One digit. Raises `Problem` where there is none."""
    return _told(classifier.predict(_prepared(sent)))


def predict_lines(classifier: Classifier, sent: Sent) -> dict[str, Any]:
    """All digits of a picture, line by line. Raises `Problem` where there are none."""
    from mnist_core.recognition.lines import groups, read_lines

    if sent.canvas is None:
        raise Problem(422, "no_picture", "Lines are read in a picture or in strokes, not in a prepared image.")
    try:
        lines = read_lines(classifier, sent.canvas)
    except EmptyDrawing:
        raise Problem(422, "empty", "There is nothing on the picture but its ground.") from None
    return {
        "text": "\n".join(
            " ".join("".join(str(d.prediction.digit) for d in g) for g in groups(line)) for line in lines
        ),
        "doubted": any(d.prediction.digit_likeness < LIKELY for line in lines for d in line),
        "lines": [[{**_told(d.prediction), "box": [int(side) for side in d.box]} for d in line] for line in lines],
    }


def teach(room: RoomModel, sent: list[Sent], labels: list[int], who: str, token: str | None) -> dict[str, Any]:
    """Teach the room's model; what came of it. Raises `Problem` where that could not be tried."""
    images = np.stack([_prepared(drawing) for drawing in sent])
    click = Click(teacher_number(who), token or new_token())
    try:
        lesson = room.teach(images, labels, click)
    except LimitReached as limit:
        raise Problem.of_limit(limit) from None
    except StoreUnavailable as error:
        raise Problem(503, f"store_{error.kind}", f"{error} Send the same token again.", 5) from None
    except (ModelUnavailable, TimeoutError) as error:
        raise Problem(503, "no_model", str(error), 10) from None
    except NotAllowed:
        raise Problem(403, "not_allowed", "The host of this server has switched teaching off.") from None
    except LookupError:
        raise Problem(404, "no_room", "This room was closed.") from None
    except ValueError as error:
        raise Problem(422, "no_lesson", str(error)) from None
    return _lesson(lesson, click.token)


def about(classifier: Classifier, room: RoomModel) -> dict[str, Any]:
    """What this model is and how well it reads."""
    return {
        "base": classifier.base_id,
        "lessons": len(classifier.memories),
        "version": room.version.number,
        "test_accuracy": round(classifier.test_accuracy, 6),
        "untaught_test_accuracy": round(classifier.untaught.test_accuracy, 6),
        "digits": 10,
        "image": {"height": 28, "width": 28, "values": [0, 255]},
    }


def keras_file(classifier: Classifier) -> bytes:
    """The taught model as one `.keras` file: float32 (n, 28, 28, 1) of 0-1 -> float32 (n, 10)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        classifier.to_keras().save(path)
        return path.read_bytes()


def _prepared(sent: Sent) -> np.ndarray:
    if sent.image is not None:
        return sent.image
    try:
        return prepare(np.asarray(sent.canvas))
    except EmptyDrawing:
        raise Problem(422, "empty", "There is nothing on the picture but its ground.") from None


def _told(prediction: Prediction) -> dict[str, Any]:
    return {
        "digit": prediction.digit,
        "scores": [round(float(score), 6) for score in prediction.scores],
        "digit_likeness": round(prediction.digit_likeness, 6),
        "doubted": prediction.digit_likeness < LIKELY,
    }


def _lesson(lesson: Lesson, token: str) -> dict[str, Any]:
    refusal = lesson.refusal
    return {
        "accepted": lesson.accepted,
        "waiting": lesson.waiting,
        "token": token,
        "misread_before": lesson.misread,
        "learned": lesson.learned if lesson.accepted else 0,
        "test_accuracy": {
            "before": round(lesson.before.test_accuracy, 6),
            "after": round((lesson.after if lesson.accepted else lesson.before).test_accuracy, 6),
        },
        "refusal": refusal
        and {
            "kind": refusal.kind,
            "digit": refusal.digit,
            "misread": refusal.misread,
            "of": refusal.of,
            "sentence": lesson.reason,
        },
    }
