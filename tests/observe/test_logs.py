"""Log records name their request."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterator

import pytest

from kernelserve import context
from kernelserve.context import ReplicaContext, RequestContext
from kernelserve.observe.logs import FIELDS, RequestFormatter, stamp_records


@pytest.fixture(autouse=True)
def factory() -> Iterator[None]:
    before = logging.getLogRecordFactory()
    yield
    logging.setLogRecordFactory(before)


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


def test_records_are_stamped_once_and_keep_what_others_set() -> None:
    calls = []
    plain = logging.getLogRecordFactory()

    def other(*args: object, **kwargs: object) -> logging.LogRecord:
        calls.append(1)
        record = plain(*args, **kwargs)  # type: ignore[arg-type]
        record.request_id = "theirs"
        return record

    logging.setLogRecordFactory(other)
    stamp_records()
    stamp_records()
    record = logging.getLogRecordFactory()("name", logging.INFO, "file", 1, "text", (), None)
    assert calls == [1]
    assert record.request_id == "theirs"  # type: ignore[attr-defined]
    assert all(hasattr(record, field) for field in FIELDS)
