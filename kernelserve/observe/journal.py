"""The journal of one app: a bounded record of its requests. Pure: times are passed in.

Which requests are kept:

- **errors**, at most `ERRORS_PER_S` in any second;
- the `SLOWEST_PER_MINUTE` slowest of each minute that did not fail;
- a **sample** of the others, at most `SAMPLES_PER_S` in any second: all of them while traffic is low.

What goes when it is full: each of the three is sure of a share of `JOURNAL_BYTES` (errors of a half, the
others of a quarter each) and may use what the others leave. Over the whole, the oldest records go of the first that is
over its share: sample, then slowest, then errors. So no kind of traffic takes another kind's share.
"""

from __future__ import annotations

import heapq
import logging
import math
from collections import deque
from collections.abc import Callable
from operator import attrgetter

import msgspec

from kernelserve.observe.record import RequestRecord, bounded, size_of

JOURNAL_BYTES = 16 * 1024 * 1024
SAMPLES_PER_S = 200
ERRORS_PER_S = 200
SLOWEST_PER_MINUTE = 20

SAMPLE, SLOW, ERROR = 1, 2, 4
"""Reasons to keep a request, as bits: one can be slow and in the sample."""

Redact = Callable[[RequestRecord], RequestRecord | None]

_log = logging.getLogger(__name__)
_time = attrgetter("time")


class Held(msgspec.Struct, gc=False):
    """A record in a ring, and its estimated size.

    Attributes:
        pushed: Unix time at which it came into the ring. In a ring these grow; times of records need not, as one that
            was among the slowest may come to the others later.
    """

    record: RequestRecord
    size: int
    pushed: float
    sampled: bool = False


class Ring:
    """Records in the order in which they came.

    Args:
        share: bytes that nobody else's records can take from it.
    """

    def __init__(self, share: int) -> None:
        self.share = share
        self.size = 0
        self.held: deque[Held] = deque()

    def push(self, held: Held) -> None:
        self.held.append(held)
        self.size += held.size

    def evict(self) -> Held:
        """Take out the oldest."""
        held = self.held.popleft()
        self.size -= held.size
        return held

    def since(self, after: float) -> list[Held]:
        """At least those that came in after a Unix time, in no order; looks at no more than it must."""
        found = []
        for held in reversed(self.held):
            if held.pushed <= after:
                break
            found.append(held)
        return found


class SlowRing(Ring):
    """The slowest of each minute: a heap for the present minute, and what is left of those before.

    Attributes:
        threshold: what a request must exceed to be among the slowest of the present minute.
        begins, ends: the present minute.
    """

    def __init__(self, share: int, per_minute: int) -> None:
        super().__init__(share)
        self.threshold = -1.0
        self.begins = self.ends = 0.0
        self._per_minute = per_minute
        self._heap: list[tuple[float, int, Held]] = []
        self._count = 0

    def turn(self, now: float) -> None:
        """A minute has begun: those of the one before are settled."""
        self.begins = now // 60 * 60.0
        self.ends = self.begins + 60.0
        self.held.extend(entry[2] for entry in sorted(self._heap, key=lambda entry: entry[1]))
        self._heap.clear()
        self.threshold = -1.0

    def push_slow(self, held: Held) -> Held | None:
        """Add to the present minute; returns the one that is not among its slowest any more."""
        self._count += 1
        entry = (held.record.duration_s, self._count, held)
        self.size += held.size
        displaced = None
        if len(self._heap) < self._per_minute:
            heapq.heappush(self._heap, entry)
        else:
            displaced = heapq.heappushpop(self._heap, entry)[2]
            self.size -= displaced.size
        if len(self._heap) == self._per_minute:
            self.threshold = self._heap[0][0]
        return displaced

    def evict(self) -> Held:
        """Take out the oldest, or the quickest of the present minute."""
        if self.held:
            return super().evict()
        held = heapq.heappop(self._heap)[2]
        self.size -= held.size
        return held

    def since(self, after: float) -> list[Held]:
        return [*super().since(after), *(entry[2] for entry in self._heap)]


class Window:
    """At most `limit` events in any second.

    Attributes:
        free_at: when there is room for the next one.
    """

    __slots__ = ("_times", "free_at")

    def __init__(self, limit: int) -> None:
        self.free_at = float("-inf")
        self._times: deque[float] = deque(maxlen=limit)

    def take(self, now: float) -> None:
        self._times.append(now)
        if len(self._times) == self._times.maxlen:
            self.free_at = self._times[0] + 1.0


class Journal:
    """Decides which requests of an app are kept, and keeps them. One event loop's.

    Ask `wants` first, and make the record only if it says so: it costs a fraction of a microsecond.

    Args:
        redact: gets each record before it is kept, and returns it, a changed one, or None to keep nothing of it.
            If it raises, the record is kept without its previews. Headers and bodies of HTTP requests are in the
            record, so it is the place to take passwords out.
        limit: bytes in all.

    Attributes:
        redact_failures: how often `redact` raised or returned something else.
        errors_skipped: errors over `ERRORS_PER_S`.

    Example:
        >>> journal = Journal()
        >>> if reason := journal.wants(now=12.0, duration_s=0.01, failed=False):
        ...     journal.add(reason, 12.0, RequestRecord(id="a", time=0.0, app="x", status=200, duration_s=0.01))
        >>> len(journal.records())
        1
    """

    def __init__(self, redact: Redact | None = None, limit: int = JOURNAL_BYTES) -> None:
        self.redact = redact
        self.limit = limit
        self.redact_failures = 0
        self.errors_skipped = 0
        self._sample = Ring(limit // 4)
        self._slow = SlowRing(limit // 4, SLOWEST_PER_MINUTE)
        self._errors = Ring(limit - 2 * (limit // 4))
        self._sampled = Window(SAMPLES_PER_S)
        self._failed = Window(ERRORS_PER_S)

    @property
    def size(self) -> int:
        """Bytes held, estimated."""
        return self._sample.size + self._slow.size + self._errors.size

    def wants(self, now: float, duration_s: float, failed: bool) -> int:
        """Why the request is worth a record: bits of `SAMPLE`, `SLOW` and `ERROR`, or 0.

        Args:
            now: a monotonic time in seconds.
            failed: see `record.is_error`.
        """
        if failed:
            if now >= self._failed.free_at:
                return ERROR
            self.errors_skipped += 1
            return 0
        slow = self._slow
        if not slow.begins <= now < slow.ends:
            slow.turn(now)
        reason = SLOW if duration_s > slow.threshold else 0
        return reason | SAMPLE if now >= self._sampled.free_at else reason

    def add(self, reason: int, now: float, record: RequestRecord) -> None:
        """Keep a record for the reason that `wants` gave for it at the same `now`."""
        redacted = self._redacted(record)
        if redacted is None:
            return
        redacted = bounded(redacted)
        held = Held(redacted, size_of(redacted), record.time, bool(reason & SAMPLE))
        if reason & SAMPLE:
            self._sampled.take(now)
        if reason & ERROR:
            self._failed.take(now)
            self._errors.push(held)
        elif reason & SLOW:
            displaced = self._slow.push_slow(held)
            if displaced is not None and displaced.sampled:
                displaced.pushed = record.time
                self._sample.push(displaced)
        else:
            self._sample.push(held)
        self._shrink()

    def records(self, after: float = -math.inf) -> list[RequestRecord]:
        """All that is kept of requests that ended after a Unix time, oldest first.

        Asking for the latest again and again costs no more than they are, however much is kept.
        """
        rings = (self._sample, self._slow, self._errors)
        found = [held.record for ring in rings for held in ring.since(after) if held.record.time > after]
        found.sort(key=_time)
        return found

    def _redacted(self, record: RequestRecord) -> RequestRecord | None:
        if self.redact is None:
            return record
        try:
            redacted = self.redact(record)
            if redacted is None:
                return None
            if isinstance(redacted, RequestRecord):
                return redacted if redacted.came_as(record) else msgspec.structs.replace(redacted, redacted=True)
            what = f"returned {type(redacted).__name__}, not a RequestRecord or None"
        except Exception as error:  # boundary of the user's function: its fault must not take the record away
            what = f"raised {type(error).__name__}: {error}"
        self.redact_failures += 1
        if self.redact_failures == 1:
            _log.warning(
                "The journal's redact function %s. Records are kept without request and answer until it works.",
                what,
            )
        return msgspec.structs.replace(record.without_bodies(), redacted=True)

    def _shrink(self) -> None:
        # Together the shares are the limit: over it, one of the rings is over its share.
        while self.size > self.limit:
            for ring in (self._sample, self._slow, self._errors):
                if ring.size > ring.share:
                    ring.evict()
                    break
