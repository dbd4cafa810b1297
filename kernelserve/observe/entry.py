"""What a process does where requests enter it, or calls leave it: spans of calls, records of requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from kernelserve.exceptions import RemoteTraceback, RequestCancelledError
from kernelserve.observe.journal import Journal
from kernelserve.observe.record import PICKLE, ErrorInfo, RequestRecord, is_error, preview
from kernelserve.observe.spans import encode_span, encode_work
from kernelserve.observe.trace_context import Entered
from kernelserve.transport.base import Buffer


def sender_span(
    sent: float,
    duration_s: float,
    work: Buffer,
    *,
    deployment: str,
    method: str = "__call__",
    queued_until: float = 0.0,
    attempts: int = 0,
    error: str = "",
    span_id: str = "",
) -> bytes:
    """The span of a call that has ended, also of one that no replica answered.

    Args:
        sent: `time.monotonic` when the call was made.
        work: the last part of the answer, or empty.
        deployment, method, error: for a call without an answer; the replica's own part has them.
        queued_until: `time.monotonic` when it left the router's queue, 0 if it never was in it.
        attempts: replicas that died with it.
        span_id: of the call, where the request is traced.
    """
    queue_s = max(0.0, queued_until - sent)
    if len(work):
        return encode_span(sent, duration_s, work, queue_s=queue_s, attempts=attempts + 1, span_id=span_id)
    work = encode_work(deployment, "", method, sent, 0.0, error=error)
    return encode_span(sent, duration_s, work, queue_s=queue_s, attempts=attempts, span_id=span_id)


def keep(
    journal: Journal | None,
    began: float,
    status: int | str,
    make: Callable[[float], RequestRecord],
    traced: Entered | None = None,
) -> None:
    """A request has ended: record it, if the journal wants it or its trace is exported.

    Args:
        journal: None keeps none.
        began: `time.monotonic` when it came.
        make: makes the record, given the request's duration; only called if it is wanted.
        traced: its trace, or None.
    """
    now = time.monotonic()
    duration_s = now - began
    reason = 0 if journal is None else journal.wants(now, duration_s, is_error(status))
    exporter = traced.exporter if traced is not None else None
    if not reason and exporter is None:
        return
    record = make(duration_s)
    if reason and journal is not None:
        journal.add(reason, now, record)
    if exporter is not None:
        exporter.put(traced, record)


def call_status(error: BaseException | None) -> str:
    """The status of a handle call."""
    if error is None:
        return "ok"
    return "cancelled" if isinstance(error, RequestCancelledError) else "error"


def error_info(error: BaseException | None) -> ErrorInfo | None:
    """An exception as the journal keeps it, with the replica's traceback if it came along."""
    if error is None:
        return None
    try:
        message = str(error)
    except Exception as broken:  # boundary of user code: an exception class with a `__str__` of its own
        message = f"(its text cannot be had: __str__ raised {type(broken).__name__})"
    cause = error.__cause__
    return ErrorInfo(type(error).__name__, message, cause.text if isinstance(cause, RemoteTraceback) else "")


def call_record(
    *,
    request_id: str,
    app: str,
    deployment: str,
    method: str,
    revision: int,
    duration_s: float,
    error: BaseException | None,
    span: bytes,
    request: Sequence[Buffer],
    answer: Sequence[Buffer],
    trace_id: str = "",
) -> RequestRecord:
    """The record of a handle call that entered here.

    Args:
        span: as `sender_span` made it.
        request, answer: the pickle and its buffers, in the call and in the answer (empty after an error).
    """
    return RequestRecord(
        id=request_id,
        time=time.time(),
        app=app,
        status=call_status(error),
        duration_s=duration_s,
        revision=revision,
        method=method,
        path=deployment,
        spans=span,
        request=preview(PICKLE, *request),
        answer=preview(PICKLE, *answer) if answer else None,
        error=error_info(error),
        trace_id=trace_id,
    )
