"""Where requests enter: spans of calls with and without an answer, records only where they are wanted."""

from __future__ import annotations

import time

from kernelserve.exceptions import RemoteTraceback, RequestCancelledError
from kernelserve.observe.entry import call_record, call_status, error_info, keep, sender_span
from kernelserve.observe.journal import SAMPLES_PER_S, SLOWEST_PER_MINUTE, Journal
from kernelserve.observe.record import PICKLE, ErrorInfo, Preview, RequestRecord
from kernelserve.observe.spans import decode_spans, encode_work


def test_a_call_that_was_answered_has_the_replicas_part() -> None:
    work = encode_work("Index", "app#Index#1", "search", 9.0, 0.2)
    span = decode_spans(sender_span(5.0, 0.5, work, deployment="Index", queued_until=5.25, attempts=1))
    assert (span.replica_id, span.method, span.run_s) == ("app#Index#1", "search", 0.2)
    assert (span.queue_s, span.attempts, span.duration_s) == (0.25, 2, 0.5)


def test_a_call_that_nobody_answered_has_a_span_too() -> None:
    span = decode_spans(
        sender_span(5.0, 0.5, b"", deployment="Index", method="search", attempts=2, error="ReplicaUnavailableError")
    )
    assert (span.deployment, span.method, span.error) == ("Index", "search", "ReplicaUnavailableError")
    assert (span.replica_id, span.attempts, span.queue_s) == ("", 2, 0.0)


def test_records_are_made_only_where_they_are_wanted() -> None:
    journal, made = Journal(), []

    def make(duration_s: float) -> RequestRecord:
        made.append(duration_s)
        return RequestRecord(id="a", time=time.time(), app="app", status=200, duration_s=duration_s)

    # All began at once, so each took longer than those before and is among the slowest; the last one began later.
    began = time.monotonic()
    for _ in range(SAMPLES_PER_S + SLOWEST_PER_MINUTE):
        keep(journal, began - 1000.0, 200, make)
    assert len(made) == SAMPLES_PER_S + SLOWEST_PER_MINUTE
    for _ in range(SAMPLES_PER_S):
        journal._sampled.take(float("inf"))
    keep(journal, time.monotonic(), 200, make)
    assert len(made) == SAMPLES_PER_S + SLOWEST_PER_MINUTE
    keep(journal, time.monotonic(), 500, make)
    assert len(made) == SAMPLES_PER_S + SLOWEST_PER_MINUTE + 1


def test_errors_as_they_are_kept() -> None:
    error = ValueError("no")
    error.__cause__ = RemoteTraceback("File cell.py, line 3")
    assert error_info(error) == ErrorInfo("ValueError", "no", "File cell.py, line 3")
    assert error_info(KeyError("k")) == ErrorInfo("KeyError", "'k'")
    assert error_info(None) is None
    assert [call_status(each) for each in (None, error, RequestCancelledError("r"))] == ["ok", "error", "cancelled"]


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


def test_an_exception_without_a_text_is_kept() -> None:
    kept = error_info(Mute())
    assert kept is not None and kept.type == "Mute" and "RuntimeError" in kept.message


def test_the_record_of_a_handle_call() -> None:
    kept = call_record(
        request_id="r1", app="app", deployment="Index", method="search", revision=3, duration_s=0.5, error=None,
        span=b"span", request=[b"pickle", bytearray(b"buffer")], answer=[memoryview(b"answer")],
    )  # fmt: skip
    assert (kept.status, kept.path, kept.method, kept.revision) == ("ok", "Index", "search", 3)
    assert kept.request == Preview(PICKLE, b"picklebuffer", 12)
    assert kept.answer == Preview(PICKLE, b"answer", 6)
