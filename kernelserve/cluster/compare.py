"""Sends recorded requests again, to two revisions of an app. What is compared and how: `observe.compare`."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernelserve.cluster.replay import Sender
from kernelserve.exceptions import DeployError, RayServeException
from kernelserve.observe.compare import Equal, Reply, Row, choose_replays, compare_frame
from kernelserve.observe.query import check_query
from kernelserve.observe.record import RequestRecord
from kernelserve.transport.messages import GetRequests, Trial

if TYPE_CHECKING:
    import pandas

    from kernelserve.cluster.session import Session

AT_ONCE = 4
"""Requests that are replayed beside one another; the two sides of one never are."""
START_TIMEOUT_S = 300.0
"""Longest time for an earlier revision to start."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What to compare, and how; see `LiveApp.compare`."""

    app: str
    a: int
    b: int
    last: int | None = 100
    route: str | None = None
    tolerance: float = 1e-6
    equal: Equal | None = None
    timeout_s: float = 30.0

    def __post_init__(self) -> None:
        check_query(self.last, None, None)
        for name in ("a", "b"):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise ValueError(f"Revision {name} is {number!r}. Give its number, such as 3 for r3.")
        if not self.tolerance >= 0:
            raise ValueError(f"tolerance is {self.tolerance!r}. Give a number of at least 0, such as 1e-6.")
        if not self.timeout_s > 0:
            raise ValueError(f"timeout_s is {self.timeout_s!r}. Give seconds above 0.")


def compare(session: Session, asked: Comparison) -> pandas.DataFrame:
    """Replay the app's journalled requests on two revisions; see `LiveApp.compare`."""
    records = _requests(session, asked)
    pairs = _pairs(session, asked, records) if records else []
    rows = [Row(record, a, b) for record, (a, b) in zip(records, pairs, strict=True)]
    return compare_frame(rows, asked.tolerance, asked.equal)


def _requests(session: Session, asked: Comparison) -> list[RequestRecord]:
    route = session.graph(asked.app)["route_prefix"]
    records, missing = session.requests(GetRequests(app=asked.app, last=None, route=asked.route))
    chosen, others = choose_replays(records, route or "", asked.last)
    notes = [f"{count} {why}" for why, count in sorted(others.items())]
    notes += [f"those of {name}, which did not answer" for name in missing]
    if notes:
        warnings.warn(f"Requests that are not replayed: {'; '.join(notes)}.", stacklevel=4)
    if not chosen:
        warnings.warn(
            f"App {asked.app!r} has no request on record that can be replayed. Send it some first.",
            stacklevel=4,
        )
    return chosen


def _pairs(session: Session, asked: Comparison, records: Sequence[RequestRecord]) -> list[list[Reply]]:
    states = {one.number: one.state for one in session.revisions(asked.app)}
    serving = {number for number, state in states.items() if state in ("current", "trial")}
    missing = {asked.a, asked.b} - serving
    if missing and "trial" in states.values():
        tried = next(number for number, state in states.items() if state == "trial")
        raise RayServeException(
            f"Revision r{min(missing)} of app {asked.app!r} does not run, and cannot be started for the comparison "
            f"while r{tried} is on trial. Accept or reject that first, or compare the current revision with it."
        )
    if len(missing) == 2:  # One trial at a time, so one side after the other.
        sides = [_replies(session, asked, records, [number], missing) for number in (asked.a, asked.b)]
        return [[*a, *b] for a, b in zip(*sides, strict=True)]
    return _replies(session, asked, records, [asked.a, asked.b], missing)


def _replies(
    session: Session, asked: Comparison, records: Sequence[RequestRecord], revisions: list[int], missing: set[int]
) -> list[list[Reply]]:
    """For each request the answers of these revisions, of which those that are `missing` run only meanwhile."""
    with contextlib.ExitStack() as stack:
        started = {one: stack.enter_context(_started(session, asked.app, one)) for one in missing & {*revisions}}
        numbers = [started.get(revision, revision) for revision in revisions]
        replies = _replay(Sender(session.base_url, asked.timeout_s), records, numbers)
        serving = {one.number for one in session.revisions(asked.app) if one.state in ("current", "trial")}
        if not serving.issuperset(numbers):
            raise RayServeException(
                f"App {asked.app!r} was deployed during the comparison: its revision "
                f"r{min({*numbers} - serving)} takes no requests any more. Compare again."
            )
        return replies


@contextlib.contextmanager
def _started(session: Session, app: str, revision: int) -> Iterator[int]:
    """An earlier revision, as a trial that only those requests reach that ask for it; yields its new number."""
    # On replicas of its own: replays must not touch the state of those that serve.
    outcome = session.rollback(app, revision, force_replace=True, timeout_s=START_TIMEOUT_S, trial=Trial(share=0.0))
    if outcome.outcome != "trial":
        raise DeployError(
            f"Revision r{revision} of app {app!r} cannot be started for the comparison: {outcome.outcome}. "
            f"{outcome.error or 'Try it again.'}",
            outcome.deployment or None,
            outcome.traceback,
        )
    try:
        yield outcome.revision
    finally:
        with contextlib.suppress(RayServeException):  # A deploy has ended it already.
            session.end_trial(app, accept=False)


def _replay(sender: Sender, records: Sequence[RequestRecord], revisions: Sequence[int]) -> list[list[Reply]]:
    """For each request the answers of the revisions, in their order."""
    pool = ThreadPoolExecutor(AT_ONCE, "kernelserve compare")
    try:
        numbered = list(enumerate(records))
        return list(pool.map(lambda item: _both(sender, item[1], revisions, bool(item[0] % 2)), numbered))
    finally:
        pool.shutdown(cancel_futures=True)


def _both(sender: Sender, record: RequestRecord, revisions: Sequence[int], turned: bool) -> list[Reply]:
    # Each side goes first in half of the requests, so that no one profits from what the other has warmed up.
    order = list(enumerate(revisions))
    replies = {place: sender.send(record, number, place) for place, number in (order[::-1] if turned else order)}
    return [replies[place] for place, _ in order]
