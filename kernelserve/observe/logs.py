"""Log records that say which request they belong to, and their two written forms."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

from kernelserve import context

FIELDS = ("request_id", "application", "deployment", "replica", "revision")
"""Attributes that each log record gets; "" outside a request or a replica (`revision`: 0)."""

_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "where", *FIELDS}


def request_fields() -> tuple[str, int]:
    """Id and revision of the request that the code works for; ("", 0) outside of one.

    A constructor has a revision, and no request: what stands in for its id is its replica's own.
    """
    request, replica = context.current_request.get(), context.current_replica.get()
    if request is None:
        return "", 0
    own = replica is not None and request.request_id == replica.replica_id
    return "" if own else request.request_id, request.revision


def stamp(record: logging.LogRecord) -> logging.LogRecord:
    """Put `FIELDS` on a record, from the context of the code that logs; fields that are there are kept."""
    replica = context.current_replica.get()
    request_id, revision = request_fields()
    values = {
        "request_id": request_id,
        "revision": revision,
        "application": replica.app_name if replica is not None else "",
        "deployment": replica.deployment if replica is not None else "",
        "replica": replica.replica_tag if replica is not None else "",
    }
    for name, value in values.items():
        record.__dict__.setdefault(name, value)
    return record


class RequestFormatter(logging.Formatter):
    """One line a record: time, level, where, request id, message.

    Example:
        >>> record = logging.LogRecord("user", logging.INFO, "cell", 1, "loaded %d", (3,), None)
        >>> record.request_id, record.application, record.deployment, record.replica = "r-1", "chat", "Llm", "x1"
        >>> RequestFormatter().format(record).partition(" ")[2].partition(" ")[2]
        'INFO chat#Llm#x1 r-1 -- loaded 3'
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(where)s%(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        stamp(record)
        fields = record.__dict__
        place = [fields["application"], fields["deployment"], fields["replica"]]
        words = ["#".join(place) if all(place) else "", str(fields["request_id"])]
        fields["where"] = "".join(f"{word} " for word in words if word) + "-- "
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a record: what `RequestFormatter` says, what the code put there by `extra`, and attributes.

    Args:
        attributes: further attributes of log records, such as ``name`` or ``thread``.

    Example:
        >>> record = logging.LogRecord("user", logging.INFO, "cell", 1, "loaded %d", (3,), None)
        >>> json.loads(JsonFormatter(["name"]).format(record))["name"]
        'user'
    """

    def __init__(self, attributes: Sequence[str] = ()) -> None:
        super().__init__()
        self._attributes = tuple(attributes)

    def format(self, record: logging.LogRecord) -> str:
        fields = stamp(record).__dict__
        shown: dict[str, Any] = {
            "asctime": self.formatTime(record),
            "levelname": record.levelname,
            "message": record.getMessage(),
            "filename": record.filename,
            "lineno": record.lineno,
            **{name: fields[name] for name in FIELDS if fields[name]},
            # What begins with an underscore is of libraries, such as Ray, for themselves.
            **{name: value for name, value in fields.items() if name not in _PLAIN and name[0] != "_"},
            **{name: fields[name] for name in self._attributes if name in fields},
        }
        if record.exc_info:
            shown["exc_text"] = self.formatException(record.exc_info)
        return json.dumps(shown, default=repr, ensure_ascii=False)
