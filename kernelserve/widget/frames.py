"""From what is known of an app to what its views show. Pure: plain values in, messages out."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kernelserve.exceptions import ProtocolError
from kernelserve.observe.history import quantile, whole_app
from kernelserve.observe.query import has_status
from kernelserve.observe.record import RequestRecord
from kernelserve.observe.spans import decode_spans
from kernelserve.transport.observed import NodePoint, Point
from kernelserve.widget.messages import EdgeView, GraphFrame, Mark, NodeView, ReplicaView, RequestRow, Sampled

WINDOW_S = 5.0
"""Rates and percentiles of a graph are of that time, so that numbers can be read before they change."""
FRESH_S = 2.5
"""The newest step ends this long ago at most while there is traffic: idle seconds have no step."""
ERROR_CHARS = 300


class Window:
    """The last seconds of an app's history.

    Args:
        points: oldest first; older ones are left out.
        now: on the clock of the points.
    """

    def __init__(self, points: Sequence[Point], now: float) -> None:
        newest = points[-1] if points else None
        end = newest.time if newest is not None and now - newest.time < FRESH_S else now
        self.points = [point for point in points if end - WINDOW_S < point.time <= end]
        self._last = newest

    def latest(self, deployment: str) -> NodePoint:
        """Its gauges: they are what they were last, however long nothing has happened."""
        return self._last.nodes.get(deployment, NodePoint()) if self._last is not None else NodePoint()

    def rates(self, deployment: str) -> tuple[float, float]:
        """Requests and errors a second."""
        found = [point.nodes[deployment] for point in self.points if deployment in point.nodes]
        return sum(one.requests for one in found) / WINDOW_S, sum(one.errors for one in found) / WINDOW_S

    def percentiles(self, deployment: str) -> tuple[float | None, float | None]:
        """p50 and p95 in ms, None without a request."""
        counts = _added(point.nodes[deployment].latency for point in self.points if deployment in point.nodes)
        bounds = next((point.bounds for point in self.points if point.bounds), ())
        return quantile(bounds, counts, 0.5), quantile(bounds, counts, 0.95)

    def calls(self) -> dict[tuple[str, str], float]:
        """(caller, deployment) → calls a second."""
        rates: dict[tuple[str, str], float] = {}
        for caller, callee, calls in itertools.chain.from_iterable(point.calls for point in self.points):
            rates[caller, callee] = rates.get((caller, callee), 0.0) + calls / WINDOW_S
        return rates


def _added(latencies: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sum(column) for column in itertools.zip_longest(*latencies, fillvalue=0))


def graph_frame(
    view: Mapping[str, Any],
    points: Sequence[Point],
    now: float,
    *,
    url: str = "",
    lost_since: float | None = None,
    gone: bool = False,
    undo: str = "",
) -> GraphFrame:
    """The state of a graph view.

    Args:
        view: plain data of `control.views.app_view`.
        points: the latest steps of the app's history, oldest first.
        now: Unix time.
    """
    window = Window(points, now)
    trial = view["trial"]
    return GraphFrame(
        app=view["app"],
        time=now,
        status=view["status"],
        message=view["message"],
        revision=view["revision"],
        deploying=view["deploying"],
        trial=trial["revision"] if trial else None,
        url=url,
        nodes=[_node(node, window) for node in (*view["nodes"], *view["coming"])],
        edges=_edges(view, window),
        lost_since=lost_since,
        gone=gone,
        undo=undo,
    )


def _node(node: Mapping[str, Any], window: Window) -> NodeView:
    name = node["name"]
    latest = window.latest(name)
    qps, errors = window.rates(name)
    p50, p95 = window.percentiles(name)
    return NodeView(
        name=name,
        deployment_kind=node["kind"],
        status=node["status"],
        message=node["message"],
        action=node["last_action"],
        reason=node["reason"],
        revision=node["version"],
        stage=node["stage"],
        stage_since=node["stage_since"],
        target=node["target"],
        replicas=[replica_view(replica) for replica in (*node["replicas"], *node["others"])],
        qps=qps,
        errors=errors,
        p50=p50,
        p95=p95,
        queued=latest.queued,
        ongoing=latest.ongoing,
    )


def replica_view(replica: Mapping[str, Any]) -> ReplicaView:
    """One replica of an app's plain data."""
    return ReplicaView(
        id=replica["replica_id"],
        state=replica["state"],
        pid=replica["pid"] or None,
        node=replica["node_id"],
        since=replica["since"],
        memory=replica["memory"],
        gpus=[str(gpu) for gpu in replica["gpus"] or ()],
        message=replica["waiting_for"],
    )


def _edges(view: Mapping[str, Any], window: Window) -> list[EdgeView]:
    """Bound children and whoever calls whom besides, and where requests enter."""
    names = {node["name"] for node in (*view["nodes"], *view["coming"])}
    calls = window.calls()
    bound = [(caller, callee) for caller, callee in view["edges"]]
    seen = [(caller, callee) for caller, callee in calls if callee in names and (not caller or caller in names)]
    entry = [("", view["ingress"])] if view["ingress"] in names else []
    return [
        EdgeView(caller=caller, callee=callee, qps=calls.get((caller, callee), 0.0))
        for caller, callee in dict.fromkeys([*entry, *bound, *seen])
    ]


def sampled(app: str, points: Iterable[Point]) -> list[Sampled]:
    """The steps of an app's history, each for the app as a whole and for each of its deployments."""
    return [one for point in points for one in _sampled(app, point)]


def _sampled(app: str, point: Point) -> Iterable[Sampled]:
    yield _sample(app, "", point, whole_app(point))
    for name, node in point.nodes.items():
        yield _sample(app, name, point, node)


def _sample(app: str, deployment: str, point: Point, node: NodePoint) -> Sampled:
    p50, p95, p99 = (quantile(point.bounds, node.latency, q) for q in (0.5, 0.95, 0.99))
    return Sampled(
        app=app,
        deployment=deployment,
        time=point.time,
        seconds=point.seconds,
        requests=node.requests,
        errors=node.errors,
        p50=p50,
        p95=p95,
        p99=p99,
        queued=node.queued,
        ongoing=node.ongoing,
        batch_size=node.batched / node.batches if node.batches else None,
        replicas=node.replicas,
    )


def marks(app: str, revisions: Iterable[Mapping[str, Any]], after: float = 0.0) -> list[Mark]:
    """The revisions that were applied later than `after`, on the time axis.

    Args:
        revisions: of the app's plain data, see `control.views.revision_view`.
    """
    return [
        Mark(app=app, revision=one["number"], time=one["time"], title=f"r{one['number']}: {_plan(one['steps'])}")
        for one in revisions
        if one["outcome"] == "applied" and one["time"] > after
    ]


def _plan(steps: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(f"{step['action']} {step['deployment']}" for step in steps) or "keep all"


def request_row(record: RequestRecord) -> RequestRow:
    """One line of the table of requests."""
    error = record.error
    return RequestRow(
        id=record.id,
        time=record.time,
        method=record.method,
        path=record.path,
        status=record.status,
        duration=record.duration_s,
        revision=record.revision,
        failed=has_status(record, "error"),
        deployments=_deployments(record),
        error="" if error is None else f"{error.type}: {error.message}"[:ERROR_CHARS],
        shadow=record.shadow,
    )


def _deployments(record: RequestRecord) -> list[str]:
    if not record.spans:
        return []
    try:
        return list(dict.fromkeys(span.deployment for span in decode_spans(record.spans).walk()))
    except ProtocolError:  # The row is of use without them.
        return []
