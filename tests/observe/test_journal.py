"""The journal: its bounds hold, and what matters is kept."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelserve.observe.journal import (
    ERROR,
    ERRORS_PER_S,
    JOURNAL_BYTES,
    SAMPLE,
    SAMPLES_PER_S,
    SLOW,
    SLOWEST_PER_MINUTE,
    Journal,
)
from kernelserve.observe.record import ErrorInfo, RequestRecord, is_error, preview, size_of


def record(id: str = "r", time: float = 0.0, status: int | str = 200, duration_s: float = 0.01, body: int = 0) -> Any:
    answer = preview("application/octet-stream", b"x" * body) if body else None
    return RequestRecord(id=id, time=time, app="app", status=status, duration_s=duration_s, answer=answer)


def offer(journal: Journal, now: float, status: int | str = 200, duration_s: float = 0.01, **more: Any) -> int:
    """What a gateway does at the end of a request; returns the reason."""
    reason = journal.wants(now, duration_s, is_error(status))
    if reason:
        journal.add(reason, now, record(time=now, status=status, duration_s=duration_s, **more))
    return reason


requests = st.lists(
    st.tuples(
        st.floats(0, 40),  # seconds since the one before
        st.sampled_from([200, 200, 200, 404, 500, 499, "ok", "error", "cancelled"]),
        st.floats(0, 10),
        st.integers(0, 3000),
    ),
    max_size=120,
)


@given(requests, st.integers(4000, 40_000))
def test_the_bytes_are_bounded_whatever_comes(sequence: list[tuple[float, Any, float, int]], limit: int) -> None:
    journal = Journal(limit=limit)
    now = 0.0
    for gap, status, duration, body in sequence:
        now += gap
        offer(journal, now, status, duration, body=body)
        kept = journal.records()
        assert journal.size == sum(map(size_of, kept)) <= limit
        assert [each.time for each in kept] == sorted(each.time for each in kept)


@given(st.lists(st.tuples(st.floats(0, 0.02), st.floats(0, 1)), min_size=1, max_size=3), st.integers(400, 1500))
def test_at_most_so_many_samples_in_any_second(pattern: list[tuple[float, float]], count: int) -> None:
    journal = Journal()
    times, now = [], 0.0
    for n in range(count):
        gap, duration = pattern[n % len(pattern)]
        now += gap
        if offer(journal, now, duration_s=duration) & SAMPLE:
            times.append(now)
    for first, after in zip(times, times[SAMPLES_PER_S:], strict=False):
        assert after - first >= 1.0 - 1e-9
    assert len(journal.records()) <= len(times) + SLOWEST_PER_MINUTE * (1 + int(now // 60))


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 100)), max_size=1000))
def test_the_slowest_of_a_minute_are_the_slowest(arrivals: list[tuple[int, float]]) -> None:
    journal = Journal()
    for _ in range(SAMPLES_PER_S):  # No room in the sample: only what is slow is kept.
        journal._sampled.take(float("inf"))
    by_minute: dict[int, list[float]] = {}
    for n, (minute, duration) in enumerate(sorted(arrivals, key=lambda arrival: arrival[0])):
        by_minute.setdefault(minute, []).append(duration)
        offer(journal, minute * 60.0 + n * 0.01, duration_s=duration)
    kept: dict[int, list[float]] = {}
    for each in journal.records():
        kept.setdefault(int(each.time // 60), []).append(each.duration_s)
    for minute, durations in by_minute.items():
        assert sorted(kept[minute]) == sorted(durations)[-SLOWEST_PER_MINUTE:]


def test_everything_is_kept_while_traffic_is_low() -> None:
    journal = Journal()
    for n in range(150):
        assert offer(journal, 10.0 + n * 0.1, duration_s=n * 0.001)
    assert len(journal.records()) == 150


def test_errors_survive_a_flood_of_successes() -> None:
    journal = Journal()
    for n in range(50):
        offer(journal, n * 0.01, 500, body=50_000)
    for n in range(20_000):
        offer(journal, 1.0 + n * 0.005, 200, duration_s=n * 0.001, body=50_000)
    statuses = [each.status for each in journal.records()]
    assert statuses.count(500) == 50
    assert statuses.count(200) > 50
    assert journal.size <= JOURNAL_BYTES


def test_a_flood_of_errors_leaves_the_others_their_shares() -> None:
    journal = Journal()
    for n in range(100):
        offer(journal, n * 0.01, 200, body=20_000)
    for n in range(10_000):
        offer(journal, 2.0 + n * 0.0051, "error", body=60_000)
    statuses = [each.status for each in journal.records()]
    assert statuses.count(200) == 100
    assert statuses.count("error") > 100
    assert journal.size <= JOURNAL_BYTES


def test_errors_over_the_rate_are_counted() -> None:
    journal = Journal()
    for _ in range(ERRORS_PER_S + 30):
        offer(journal, 5.0, 503)
    assert len(journal.records()) == ERRORS_PER_S
    assert journal.errors_skipped == 30
    assert offer(journal, 6.0, 503) == ERROR


def test_a_fast_request_under_load_is_not_wanted() -> None:
    journal = Journal()
    for _ in range(SAMPLES_PER_S + SLOWEST_PER_MINUTE):
        offer(journal, 5.0, duration_s=0.5)
    assert journal.wants(5.0, 0.1, False) == 0
    assert journal.wants(5.0, 0.6, False) == SLOW
    assert journal.wants(5.0, 0.1, True) == ERROR
    assert journal.wants(6.0, 0.1, False) == SAMPLE


def test_the_oldest_of_the_sample_go_first() -> None:
    journal = Journal(limit=20_000)
    for _ in range(SLOWEST_PER_MINUTE):
        journal.add(SLOW, 1.0, record("slow", time=1.0, duration_s=9.0))
    journal.add(ERROR, 1.0, record("error", time=1.0, status=500))
    for n in range(20):
        journal.add(SAMPLE, 2.0, record(f"sample {n}", time=2.0 + n))
    ids = [each.id for each in journal.records()]
    samples = [id for id in ids if id.startswith("sample")]
    assert "error" in ids and "slow" in ids
    assert samples and samples == [f"sample {n}" for n in range(20)][-len(samples) :]


def test_redaction_changes_drops_or_fails_safely(caplog: pytest.LogCaptureFixture) -> None:
    def redact(given: RequestRecord) -> Any:
        if given.id == "drop":
            return None
        if given.id == "bad":
            return "text"
        if given.id == "raise":
            raise KeyError("password")
        return record("redacted")

    journal = Journal(redact)
    with caplog.at_level(logging.WARNING):
        for id in ("drop", "raise", "bad", "fine"):
            journal.add(SAMPLE, 1.0, record(id, body=10))
    kept = {each.id: each for each in journal.records()}
    assert kept.keys() == {"raise", "bad", "redacted"}
    assert kept["raise"].answer is None and kept["bad"].answer is None
    assert journal.redact_failures == 2
    assert len(caplog.records) == 1 and "KeyError: 'password'" in caplog.text


def test_no_part_of_a_record_is_over_its_limit() -> None:
    journal = Journal()
    error = ErrorInfo("ValueError", "m" * 100_000, "t" * 100_000 + "the end")
    whole = RequestRecord(
        id="a", time=0.0, app="app", status=500, duration_s=1.0, path="/" + "p" * 100_000, error=error,
        answer=preview("text/plain", b"x" * 200_000),
    )  # fmt: skip
    journal.add(ERROR, 1.0, whole)
    (kept,) = journal.records()
    assert kept.error is not None and kept.answer is not None
    assert kept.error.traceback.endswith("the end")
    assert kept.answer.cut and kept.answer.size == 200_000
    assert size_of(kept) < 150_000


def test_the_latest_are_found_without_a_look_at_the_others() -> None:
    journal = Journal()
    for at in range(1000):
        offer(journal, float(at), 500 if at % 7 == 0 else 200, duration_s=1.0 + (at * 7919 % 100) / 100)
    everything = journal.records()
    assert [each.time for each in everything] == sorted(each.time for each in everything)
    for after in (-1.0, 0.0, 59.0, 500.5, 979.0, 998.0, 999.0):
        assert journal.records(after) == [each for each in everything if each.time > after]
    looked_at = sum(len(ring.since(990.0)) for ring in (journal._sample, journal._slow, journal._errors))
    assert looked_at < 9 + 2 * SLOWEST_PER_MINUTE
