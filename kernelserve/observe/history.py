"""The last minutes of each app, step by step, from what processes count. Pure: times are passed in.

Senders (gateway, clients, replicas) report counters that only grow. What a step has is the difference to the report
before; the first report of a sender only says where it stands, so that one that has counted for hours, before the
controller was started again, makes no giant step.

A step is kept encoded: about 70 bytes for each deployment and 25 for each pair of caller and callee in it. An app of
50 deployments that works without a pause for 15 minutes takes 4 to 5 MB.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import msgspec

from kernelserve.transport.observed import NodePoint, Point, Series, Tags

KEPT_S = 900.0
"""How long steps are kept."""
STEP_S = 1.0
MAX_STEPS = 1000
"""Of one app, should the clock go back."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Point)


def quantile(bounds: Sequence[float], counts: Sequence[int], q: float) -> float | None:
    """The q-quantile of observations that were counted in buckets; None without any.

    With N observations it is where the observation number ``q * N`` lies, if those of a bucket are spread evenly
    over it: ``low + (high - low) * (q * N - below) / inside``, for the first bucket that reaches that number; `below`
    of them are in lower ones, `inside` in it. The lowest bucket begins at 0. Of what is over the last bound nothing
    is known but that, so the bound is told.

    Args:
        bounds: upper bound of each bucket.
        counts: observations in each bucket, and over the last bound; not cumulative.
        q: from 0 to 1.

    Example:
        >>> quantile((10.0, 20.0), (5, 5, 0), 0.5), quantile((10.0, 20.0), (5, 5, 0), 0.75)
        (10.0, 15.0)
    """
    total = sum(counts)
    if not total or not bounds:
        return None
    rank, below = q * total, 0
    for index, inside in enumerate(counts[: len(bounds)]):
        if inside and below + inside >= rank:
            low = bounds[index - 1] if index else 0.0
            return low + (bounds[index] - low) * max(0.0, rank - below) / inside
        below += inside
    return float(bounds[-1])


def add_counts(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    """Two histograms of the same buckets as one; an empty one is none."""
    return tuple(a + b for a, b in zip_longest(one, other, fillvalue=0))


@dataclass(frozen=True, slots=True)
class AppState:
    """What the controller knows of an app at the end of a step: its revision, deployment → replicas that serve."""

    revision: int = 0
    replicas: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Node:
    requests: int = 0
    errors: int = 0
    latency: tuple[int, ...] = ()
    batches: int = 0
    batched: int = 0


@dataclass(slots=True)
class _Step:
    """What an app has done since the last step."""

    nodes: dict[str, _Node] = field(default_factory=dict)
    calls: dict[tuple[str, str], int] = field(default_factory=dict)
    entered: int = 0
    failed: int = 0
    latency: tuple[int, ...] = ()
    bounds: tuple[float, ...] = ()

    def node(self, deployment: str) -> _Node:
        return self.nodes.setdefault(deployment, _Node())


@dataclass(slots=True)
class _App:
    step: _Step = field(default_factory=_Step)
    last: Point | None = None
    busy: bool = False
    """Its last step was not an idle one, so the next one is as long as the time since then."""
    kept: deque[tuple[float, bytes]] = field(default_factory=lambda: deque(maxlen=MAX_STEPS))


Gauges = dict[tuple[str, str], tuple[int, int]]
"""(app, deployment) → (ongoing, queued)."""


@dataclass(slots=True)
class _Sender:
    series: dict[tuple[str, Tags], Series]
    gauges: Gauges


class History:
    """Steps of all apps.

    Example:
        >>> tags = (("application", "a"), ("deployment", "d"), ("replica", "r"))
        >>> done = Series("deployment_request_counter", "counter", tags, 3)
        >>> history = History()
        >>> history.counted("replica r", [])
        >>> history.counted("replica r", [done])
        >>> history.step(10.0, lambda app: AppState(1, {"d": 1}))
        ['a']
        >>> history.points("a")[0].nodes["d"].requests
        3
    """

    def __init__(self) -> None:
        self._senders: dict[Hashable, _Sender] = {}
        self._apps: dict[str, _App] = {}
        self._touched: set[str] = set()

    @property
    def waiting(self) -> bool:
        """Whether there is something for a next step."""
        return bool(self._touched)

    def counted(self, sender: Hashable, series: Iterable[Series]) -> None:
        """All series of a sender as they are."""
        new = {(one.name, one.tags): one for one in series if one.name in _KNOWN}
        old = self._senders.get(sender)
        gauges = _gauges(new.values())
        self._senders[sender] = _Sender(new, gauges)
        if old is not None:
            for key, one in new.items():
                self._count(one, old.series.get(key))
        self._gauges_changed(old.gauges if old is not None else {}, gauges)

    def left(self, sender: Hashable) -> None:
        """A sender is gone, and what it held with it."""
        gone = self._senders.pop(sender, None)
        if gone is not None:
            self._gauges_changed(gone.gauges, {})

    def touch(self, app: str) -> None:
        """Something about the app may have changed: its revision, its replicas."""
        self._touched.add(app)

    def forget(self, app: str) -> None:
        """The app is gone."""
        self._apps.pop(app, None)
        self._touched.discard(app)

    def step(self, now: float, state: Callable[[str], AppState | None]) -> list[str]:
        """End a step; returns the apps in which something has changed.

        Args:
            state: what the app is; None for one that is not there.
        """
        touched, self._touched = self._touched, set()
        return [name for name in sorted(touched) if self._step(name, now, state(name))]

    def points(self, app: str, after: float = 0.0) -> list[Point]:
        """The app's steps that ended later than `after`, oldest first."""
        found = self._apps.get(app)
        return [_decoder.decode(data) for time, data in found.kept if time > after] if found is not None else []

    def _step(self, name: str, now: float, state: AppState | None) -> bool:
        if state is None:
            self.forget(name)
            return False
        app = self._apps.setdefault(name, _App())
        done, app.step = app.step, _Step()
        length = now - app.last.time if app.last is not None and app.busy else STEP_S
        point = _point(done, now, length if length > 0 else STEP_S, state, self._gauges_of(name))
        worked = bool(done.nodes or done.calls or done.entered)
        if not worked and app.last is not None and not app.busy and _same_state(point, app.last):
            return False
        app.last, app.busy = point, worked
        app.kept.append((now, _encoder.encode(point)))
        while app.kept[0][0] < now - KEPT_S:
            app.kept.popleft()
        if worked:
            self._touched.add(name)  # So that an idle step follows, and a curve ends at 0.
        return True

    def _count(self, one: Series, old: Series | None) -> None:
        count = _COUNTERS.get(one.name)
        if count is None or (old is not None and old.value == one.value and old.counts == one.counts):
            return
        tags = dict(one.tags)
        name = tags.get("application", "")
        value, counts = _difference(one, old)
        if name and (value or any(counts)):
            count(self._apps.setdefault(name, _App()).step, tags, value, counts, one.bounds)
            self._touched.add(name)

    def _gauges_changed(self, old: Gauges, new: Gauges) -> None:
        for key in old.keys() | new.keys():
            if old.get(key, (0, 0)) != new.get(key, (0, 0)):
                self._touched.add(key[0])

    def _gauges_of(self, app: str) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for sender in self._senders.values():
            for (name, deployment), (ongoing, queued) in sender.gauges.items():
                if name == app:
                    before = found.get(deployment, (0, 0))
                    found[deployment] = (before[0] + ongoing, before[1] + queued)
        return found


def _difference(one: Series, old: Series | None) -> tuple[float, tuple[int, ...]]:
    """What was counted since; all of it if it was begun anew, which shows in numbers that fall."""
    if old is None or old.bounds != one.bounds or len(old.counts) != len(one.counts):
        return one.value, one.counts
    counts = tuple(new - before for new, before in zip(one.counts, old.counts, strict=True))
    if one.value < old.value or min(counts, default=0) < 0:
        return one.value, one.counts
    return one.value - old.value, counts


def _point(done: _Step, now: float, seconds: float, state: AppState, gauges: Mapping[str, tuple[int, int]]) -> Point:
    names = sorted({*done.nodes, *gauges, *state.replicas})
    nodes = {
        name: _node_point(done.nodes.get(name), gauges.get(name, (0, 0)), state.replicas.get(name, 0)) for name in names
    }
    return Point(
        time=now,
        seconds=seconds,
        revision=state.revision,
        nodes={name: node for name, node in nodes.items() if node != _NOTHING},
        calls=[(caller, callee, calls) for (caller, callee), calls in sorted(done.calls.items())],
        entered=done.entered,
        failed=done.failed,
        latency=done.latency,
        bounds=done.bounds,
    )


_NOTHING = NodePoint()


def _node_point(done: _Node | None, gauges: tuple[int, int], replicas: int) -> NodePoint:
    ongoing, queued = gauges
    if done is None:
        return NodePoint(ongoing=ongoing, queued=queued, replicas=replicas)
    return NodePoint(
        done.requests, done.errors, done.latency, ongoing, queued, done.batches, done.batched, replicas
    )  # fmt: skip


def _same_state(one: Point, other: Point) -> bool:
    def state(point: Point) -> dict[str, tuple[int, int, int]]:
        return {name: (node.ongoing, node.queued, node.replicas) for name, node in point.nodes.items()}

    return one.revision == other.revision and state(one) == state(other)


# --- what the metrics mean ------------------------------------------------------------------------

_ONGOING, _QUEUED = "replica_processing_queries", "deployment_queued_queries"

_Tags = dict[str, str]
_Counts = tuple[int, ...]
_Bounds = tuple[float, ...]


def _gauges(series: Iterable[Series]) -> Gauges:
    found: Gauges = {}
    for one in series:
        if one.name in (_ONGOING, _QUEUED):
            tags = dict(one.tags)
            key = tags.get("application", ""), tags.get("deployment", "")
            ongoing, queued = found.get(key, (0, 0))
            more = int(one.value)
            found[key] = (ongoing + more, queued) if one.name == _ONGOING else (ongoing, queued + more)
    return found


def _requests(step: _Step, tags: _Tags, value: float, counts: _Counts, bounds: _Bounds) -> None:
    step.node(tags.get("deployment", "")).requests += int(value)


def _errors(step: _Step, tags: _Tags, value: float, counts: _Counts, bounds: _Bounds) -> None:
    step.node(tags.get("deployment", "")).errors += int(value)


def _latency(step: _Step, tags: _Tags, value: float, counts: _Counts, bounds: _Bounds) -> None:
    if _fits(step, bounds):
        node = step.node(tags.get("deployment", ""))
        node.latency = add_counts(node.latency, counts)


def _batches(step: _Step, tags: _Tags, value: float, counts: _Counts, bounds: _Bounds) -> None:
    node = step.node(tags.get("deployment", ""))
    node.batches += sum(counts)
    node.batched += int(value)


def _calls(step: _Step, tags: _Tags, value: float, counts: _Counts, bounds: _Bounds) -> None:
    edge = tags.get("caller", ""), tags.get("deployment", "")
    step.calls[edge] = step.calls.get(edge, 0) + int(value)


def _entered(step: _Step, tags: _Tags, value: float, counts: _Counts, bounds: _Bounds) -> None:
    step.entered += int(value)


def _entry_latency(step: _Step, tags: _Tags, value: float, counts: _Counts, bounds: _Bounds) -> None:
    if _fits(step, bounds):
        step.latency = add_counts(step.latency, counts)


def _failed(step: _Step, tags: _Tags, value: float, counts: _Counts, bounds: _Bounds) -> None:
    step.failed += int(value)


def _handle_status(step: _Step, tags: _Tags, value: float, counts: _Counts, bounds: _Bounds) -> None:
    step.entered += int(value)
    if tags.get("status") == "error":
        step.failed += int(value)


def _fits(step: _Step, bounds: _Bounds) -> bool:
    """Whether the buckets are those of the step. A process of another version may have others: left out."""
    step.bounds = step.bounds or bounds
    return step.bounds == bounds


_COUNTERS: dict[str, Callable[[_Step, _Tags, float, _Counts, _Bounds], None]] = {
    "deployment_request_counter": _requests,
    "deployment_error_counter": _errors,
    "deployment_processing_latency_ms": _latency,
    "actual_batch_size": _batches,
    "handle_request_counter": _calls,
    "num_http_requests": _entered,
    "num_grpc_requests": _entered,
    "http_request_latency_ms": _entry_latency,
    "grpc_request_latency_ms": _entry_latency,
    "handle_request_latency_ms": _entry_latency,
    "num_http_error_requests": _failed,
    "num_grpc_error_requests": _failed,
    "num_handle_requests": _handle_status,
}
_KNOWN = frozenset({*_COUNTERS, _ONGOING, _QUEUED})


def whole_app(point: Point) -> NodePoint:
    """The app as a whole in one step: what entered it, and the sums of what its deployments hold.

    Example:
        >>> whole_app(Point(1.0, 1.0, nodes={"A": NodePoint(queued=2), "B": NodePoint(queued=1)}, entered=5)).queued
        3
    """
    nodes = point.nodes.values()
    return NodePoint(
        requests=point.entered,
        errors=point.failed,
        latency=point.latency,
        ongoing=sum(node.ongoing for node in nodes),
        queued=sum(node.queued for node in nodes),
        batches=sum(node.batches for node in nodes),
        batched=sum(node.batched for node in nodes),
        replicas=sum(node.replicas for node in nodes),
    )
