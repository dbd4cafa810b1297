"""Log lines that say which request they belong to."""

from __future__ import annotations

import logging
import sys
from typing import Any

from kernelserve import context

FIELDS = ("request_id", "application", "deployment", "replica", "revision")
"""Attributes that each log record gets; "" outside a request or a replica (`revision`: 0)."""


def stamp(record: logging.LogRecord) -> logging.LogRecord:
    """Put `FIELDS` on a record, from the context of the code that logs; fields that are there are kept."""
    request = context.current_request.get()
    replica = context.current_replica.get()
    values = {
        "request_id": request.request_id if request is not None else "",
        "revision": request.revision if request is not None else 0,
        "application": replica.app_name if replica is not None else "",
        "deployment": replica.deployment if replica is not None else "",
        "replica": replica.replica_tag if replica is not None else "",
    }
    for name, value in values.items():
        record.__dict__.setdefault(name, value)
    return record


def stamp_records() -> None:
    """Stamp every log record of this process from now on, after what other factories do. Idempotent."""
    before = logging.getLogRecordFactory()
    if getattr(before, "kernelserve_stamps", False):
        return

    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        return stamp(before(*args, **kwargs))

    factory.kernelserve_stamps = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(factory)


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


def log_to_stderr(level: int = logging.INFO) -> None:
    """Give the root logger of a replica's own process a handler, unless somebody gave it one."""
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RequestFormatter())
    root.addHandler(handler)
    root.setLevel(level)
