"""Log records name their request."""

from __future__ import annotations

import asyncio
import contextvars
import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernelserve import context
from kernelserve.context import ReplicaContext, RequestContext
from kernelserve.observe.logs import FIELDS, JsonFormatter, RequestFormatter, stamp


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(RequestFormatter())
    logger = logging.getLogger("user.code")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield stream
    logger.removeHandler(handler)


def inside() -> None:
    context.current_replica.set(ReplicaContext("chat", "Llm", "x1", "chat#Llm#x1"))
    context.current_request.set(RequestContext("r-17", "chat", 3))


async def test_a_line_names_replica_and_request(lines: io.StringIO) -> None:
    async def request() -> None:
        inside()
        logging.getLogger("user.code").info("loaded %d", 3)

    await asyncio.create_task(request())
    logging.getLogger("user.code").info("outside")
    first, second = lines.getvalue().splitlines()
    assert first.endswith("INFO chat#Llm#x1 r-17 -- loaded 3")
    assert second.endswith("INFO -- outside")


def test_stamps_keep_what_others_set() -> None:
    record = logging.makeLogRecord({"request_id": "theirs"})
    inside_a_request = contextvars.copy_context()
    inside_a_request.run(inside)
    inside_a_request.run(stamp, record)
    assert [record.__dict__[field] for field in FIELDS] == ["theirs", "chat", "Llm", "x1", 3]


def test_lines_as_json() -> None:
    record = logging.makeLogRecord(
        {"msg": "loaded %d", "args": (3,), "levelname": "INFO", "name": "user", "shard": Path("a"), "request_id": "r-1"}
    )
    try:
        raise KeyError("weights")
    except KeyError:
        record.exc_info = sys.exc_info()
    shown = json.loads(JsonFormatter(["name", "process"]).format(record))
    assert shown.pop("asctime") and shown.pop("process")
    assert shown.pop("exc_text").endswith("KeyError: 'weights'")
    assert shown == {"levelname": "INFO", "message": "loaded 3", "filename": "", "lineno": 0,
                     "request_id": "r-1", "shard": "PosixPath('a')", "name": "user"}  # fmt: skip
