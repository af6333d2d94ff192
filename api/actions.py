"""What the door offers: to read, to teach, and to know the model. Everything here runs in a worker's thread."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from typing import Any

import numpy as np

from api.bodies import JSON, Sent, drawing_of, lesson_of, parse_object, picture_of
from api.problems import Problem
from mnist_core import Classifier, EmptyDrawing, Lesson, ModelUnavailable, Prediction, prepare
from mnist_core.serving.commit import Click
from mnist_core.serving.room_model import LessonDeleted, NotAllowed, RoomModel
from mnist_core.serving.shared_model import SharedModel, new_token
from mnist_core.storage.browsers import teacher_number
from mnist_core.storage.faults import RoomClosed, StoreUnavailable, TokenTaken
from mnist_core.storage.limits import LimitReached

_LEAST_LIKENESS = 0.5  # a digit-likeness under this is doubted, as on the page
_SALT = secrets.token_bytes(16)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


def caller(address: str) -> str:
    """A name for who asks, that lasts as long as this process, and from which nobody finds the network address.

    Of IPv6 the network counts: whoever has one address there has all of them.
    """
    try:
        network = str(ipaddress.ip_network((address, 64 if ":" in address else 32), strict=False))
    except ValueError:  # no address: a socket of the machine itself, or a test
        network = address
    return hmac.new(_SALT, network.encode(), hashlib.sha256).hexdigest()[:32]


def predict(shared: SharedModel, code: str | None, who: str, kind: str, body: bytes, lines: bool) -> dict[str, Any]:
    """One digit, or with `lines` all of them, read in a body of this media type. Raises `Problem`."""
    classifier = _classifier(_room(shared, code, who))
    sent = drawing_of(parse_object(body), lines=lines) if kind == JSON else picture_of(body)
    return _lines(classifier, sent) if lines else _told(classifier.predict(_prepared(sent)))


def teach(shared: SharedModel, who: str, body: bytes) -> dict[str, Any]:
    """Teach the room's model; what came of it. Raises `Problem` where that could not be tried."""
    given = parse_object(body)
    code, token = given.get("room"), given.get("token", new_token())
    if not isinstance(code, str) or not code:
        raise Problem(422, "no_room", '"room" must be the code of a room.')
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise Problem(422, "no_token", '"token" must be 16 to 64 letters, digits, - or _, others for each lesson.')
    room = _room(shared, code, who)
    sent, labels = lesson_of(given)
    images = np.stack([_prepared(drawing, f"Drawing {number}: ") for number, drawing in enumerate(sent)])
    _classifier(room)
    try:
        return _lesson(room.teach(images, labels, Click(teacher_number(who), token)), token)
    except LimitReached as limit:
        raise Problem.of_limit(limit) from None
    except StoreUnavailable as error:
        raise Problem.of_store(error) from None
    except NotAllowed:
        raise Problem(403, "not_allowed", "The host of this server lets nobody teach rooms.") from None
    except LessonDeleted:
        raise Problem(410, "deleted", "The lesson with this token was deleted for good.") from None
    except TokenTaken:
        raise Problem(409, "token_taken", "A lesson of another room has this token.") from None
    except RoomClosed:
        raise _closed() from None


def about(shared: SharedModel, code: str | None, who: str) -> dict[str, Any]:
    """What this model is and how well it reads. Raises `Problem`."""
    room = _room(shared, code, who)
    _classifier(room)
    classifier, version = room.state
    return {
        "base": classifier.base_id,
        "version": version.number,
        "lessons": len(classifier.memories),
        "test_accuracy": round(classifier.test_accuracy, 6),
        "untaught_test_accuracy": round(classifier.untaught.test_accuracy, 6),
    }


def model_file(shared: SharedModel, code: str | None, who: str, form: str) -> bytes:
    """The model itself, in one of `MODEL_FORMS`. Raises `Problem`."""
    from mnist_core.recognition.model_files import MODEL_FORMS

    return MODEL_FORMS[form](_classifier(_room(shared, code, who)))


def _room(shared: SharedModel, code: str | None, who: str) -> RoomModel:
    if code is None:
        return shared.everyone
    try:
        return shared.room(shared.directory.find(code, who))
    except LookupError:
        raise Problem(404, "no_room", "No room has this code.") from None
    except LimitReached as limit:
        raise Problem.of_limit(limit) from None
    except StoreUnavailable as error:
        raise Problem.of_store(error) from None


def _classifier(room: RoomModel) -> Classifier:
    try:
        return room.classifier
    except ModelUnavailable:
        raise Problem(503, "no_model", "This server has no model.", 60) from None
    except TimeoutError:
        raise Problem(503, "no_model", "The model is still being loaded.", 10) from None
    except StoreUnavailable as error:
        raise Problem.of_store(error) from None
    except RoomClosed:
        raise _closed() from None


def _closed() -> Problem:
    return Problem(404, "no_room", "This room was closed.")


def _prepared(sent: Sent, place: str = "") -> np.ndarray:
    if sent.canvas is None:
        return np.asarray(sent.image)
    try:
        return prepare(sent.canvas)
    except EmptyDrawing:
        raise _empty(place) from None


def _empty(place: str = "") -> Problem:
    return Problem(422, "empty", f"{place}There is nothing but background.")


def _lines(classifier: Classifier, sent: Sent) -> dict[str, Any]:
    from mnist_core.recognition.lines import read_lines, split_at_gaps

    if sent.canvas is None:
        raise Problem(422, "no_picture", "Lines are read in a picture or in strokes, not in a prepared image.")
    try:
        lines = read_lines(classifier, sent.canvas)
    except EmptyDrawing:
        raise _empty() from None
    words = [["".join(str(d.prediction.digit) for d in group) for group in split_at_gaps(line)] for line in lines]
    return {
        "text": "\n".join(map(" ".join, words)),
        "lines": [[{**_told(d.prediction), "box": [int(side) for side in d.box]} for d in line] for line in lines],
    }


def _told(prediction: Prediction) -> dict[str, Any]:
    return {
        "digit": prediction.digit,
        "scores": [round(float(score), 6) for score in prediction.scores],
        "digit_likeness": round(prediction.digit_likeness, 6),
        "doubted": prediction.digit_likeness < _LEAST_LIKENESS,
    }


def _lesson(lesson: Lesson, token: str) -> dict[str, Any]:
    refusal = lesson.refusal
    after = lesson.after if lesson.accepted else lesson.before
    return {
        "accepted": lesson.accepted,
        "waiting": lesson.waiting,
        "token": token,
        "misread_before": lesson.misread,
        "learned": lesson.learned if lesson.accepted else 0,
        "test_accuracy": {
            "before": round(lesson.before.test_accuracy, 6),
            "after": round(after.test_accuracy, 6),
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
