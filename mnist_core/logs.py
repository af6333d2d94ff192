"""Structured logs: one JSON object a line, of plain values only, so that no drawing can end up in them."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

_log = logging.getLogger("mnist_core")


def event(
    name: str,
    *,
    level: int = logging.INFO,
    traceback_of: BaseException | None = None,
    **fields: str | int | float | bool | None,
) -> None:
    """Log that `name` happened, with `fields`, and where an exception came from.

    Raises:
        TypeError: a field is not a plain value. Arrays and bytes are what drawings are made of.
    """
    for key, value in fields.items():
        if not isinstance(value, str | int | float | bool | None):
            raise TypeError(
                f"log field {key!r} must be text, a number, a truth value or None, not {type(value).__name__}"
            )
    _log.log(level, name, exc_info=traceback_of, extra={"fields": fields})


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def to_stream(stream: TextIO = sys.stderr, level: int = logging.INFO) -> None:
    """Send the events to `stream`. Called once by whatever starts a process; calling again replaces the stream."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_JsonLines())
    _log.handlers[:] = [handler]
    _log.setLevel(level)
    _log.propagate = False
