"""What views are made of, without a system: numbers, polls that overlap, knobs, code, pictures."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kernelserve.observe.record import RequestRecord
from kernelserve.transport.messages import AppNews, RevisionView
from kernelserve.transport.observed import NodePoint, Point
from kernelserve.widget.details import definition, source_of
from kernelserve.widget.frames import graph_frame, sampled
from kernelserve.widget.knobs import in_words, knobs_of, options_from, values_before
from kernelserve.widget.known import KEPT_ROWS, Known
from kernelserve.widget.messages import DashboardFrame, GraphFrame, NodeView, RequestRow, RequestsFrame
from kernelserve.widget.static_view import static_html, static_text

HOSTILE = '<img src=x onerror="hurt()">'


def node(name: str, **fields: Any) -> dict[str, Any]:
    made = {
        "name": name, "kind": "class", "status": "HEALTHY", "message": "", "last_action": "keep", "reason": "",
        "version": 1, "stage": "", "stage_since": None, "target": 1, "replicas": [], "others": [],
    }  # fmt: skip
    return {**made, **fields}


def view(*nodes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    made = {
        "app": "shop", "status": "RUNNING", "message": "", "revision": 1, "deploying": None, "trial": None,
        "ingress": "Shop", "nodes": list(nodes), "coming": [], "edges": [["Shop", "Prices"]],
    }  # fmt: skip
    return {**made, **fields}


def point(at: float, requests: int, calls: int = 0, **fields: Any) -> Point:
    latency = (0, requests, 0)
    shop = NodePoint(requests=requests, errors=1, latency=latency, ongoing=2, queued=3)
    return Point(
        time=at, seconds=1.0, nodes={"Shop": shop}, entered=requests, bounds=(1.0, 3.0),
        calls=[("", "Shop", requests), ("Shop", "Prices", calls), ("Elsewhere", "Shop", 9)], **fields,
    )  # fmt: skip


def test_a_graph_has_rates_of_the_last_seconds_and_gauges_that_stay() -> None:
    points = [point(at, 10, calls=20) for at in (90.0, 96.0, 97.0, 98.0, 99.0, 100.0)]
    app = view(node("Shop"), node("Prices"))
    shop, prices = graph_frame(app, points, now=101.0).nodes
    assert (shop.qps, shop.errors, shop.ongoing, shop.queued) == (10.0, 1.0, 2, 3)
    assert shop.p50 is not None and 1.0 < shop.p50 < 3.0
    assert (prices.qps, prices.p50) == (0.0, None), "what is not known is None"
    edges = {(edge.caller, edge.callee): edge.qps for edge in graph_frame(app, points, now=101.0).edges}
    assert edges == {("", "Shop"): 10.0, ("Shop", "Prices"): 20.0}, "no line from what is no deployment"

    idle = graph_frame(app, points, now=110.0).nodes[0]
    assert (idle.qps, idle.p95, idle.queued) == (0.0, None, 3)
    assert graph_frame(app, [], now=110.0).nodes[0].qps == 0.0


def test_a_graph_shows_what_comes_and_what_another_revision_left() -> None:
    replica = {
        "replica_id": "r", "state": "STOPPING", "pid": 0, "node_id": "", "since": None, "memory": None, "gpus": None,
        "waiting_for": "requests",
    }  # fmt: skip
    app = view(node("Shop", others=[replica]), coming=[node("New", stage="loading")], trial={"revision": 2})
    frame = graph_frame(app, [], now=1.0, lost_since=0.5)
    assert [one.name for one in frame.nodes] == ["Shop", "New"] and frame.nodes[1].stage == "loading"
    (left,) = frame.nodes[0].replicas
    assert (left.state, left.pid, left.gpus, left.message) == ("STOPPING", None, [], "requests")
    assert (frame.trial, frame.lost_since) == (2, 0.5)


def test_a_step_is_shown_for_the_app_and_for_each_deployment() -> None:
    whole, shop = sampled("shop", [point(1.0, 4)])
    assert (whole.deployment, whole.requests, whole.queued, whole.p50) == ("", 4, 3, None)
    assert (shop.deployment, shop.requests, shop.batch_size) == ("Shop", 4, None)


def record(number: int, at: float) -> RequestRecord:
    return RequestRecord(id=f"id{number}", time=at, app="shop", status=200, duration_s=0.01)


def test_polls_overlap_and_rows_are_counted_once() -> None:
    known = Known()
    assert known.add_records([record(1, 10.0), record(2, 11.0)])
    assert not known.add_records([record(1, 10.0), record(2, 11.0)])
    assert known.add_records([record(2, 11.0), record(3, 10.5)]), "late, but within the overlap"
    assert known.after == 9.0
    rows, skipped = known.rows(0, limit=2)
    assert ([row.id for row in rows], skipped) == (["id2", "id3"], 1)
    assert known.rows(3, limit=2) == ([], 0)
    many = [record(number, 12.0) for number in range(10, 10 + 2 * KEPT_ROWS)]
    known.add_records(many)
    rows, skipped = known.rows(3, limit=10 * KEPT_ROWS)
    assert (len(rows), skipped) == (KEPT_ROWS, KEPT_ROWS)


def test_steps_are_kept_once_and_an_app_may_come_back() -> None:
    known = Known()
    known.hear(AppNews(app="shop", view={"app": "shop"}, points=[point(100.0, 1), point(101.0, 1)]))
    known.add([point(99.0, 1), point(100.0, 1)])
    assert [one.time for one in known.points] == [99.0, 100.0, 101.0]
    known.add([point(200.0, 1)])
    assert [one.time for one in known.points] == [200.0]
    known.hear(AppNews(app="shop", view={}))
    assert known.gone and known.view == {"app": "shop"}, "what was last is shown as gone"
    known.hear(AppNews(app="shop", view={"app": "shop", "revision": 1}))
    assert not known.gone


CELL = """\
%%serve shop

x = 1

!ls

@serve.deployment
class Shop:
    first = 1


@serve.deployment(
    num_replicas=2,
)
class Shop:
    second = 2

app = Shop.bind()
"""


def test_the_code_of_a_deployment_is_its_last_definition_with_decorators() -> None:
    assert definition(CELL, "Shop") == "\n".join(CELL.splitlines()[11:16])
    assert definition(CELL, "Elsewhere") == definition("class Shop(:", "Shop") == ""


def test_the_code_that_runs_is_that_of_a_revision_that_was_applied() -> None:
    def revision(number: int, outcome: str, source: str) -> RevisionView:
        return RevisionView(number=number, outcome=outcome, time=0.0, duration_s=0.0, steps=[], source=source)

    revisions = [
        revision(1, "applied", "class Shop:\n    one = 1"),
        revision(2, "failed", "class Shop:\n    two = 2"),
        revision(3, "applied", ""),
        revision(4, "applied", "class Shop:\n    four = 4"),
    ]
    assert source_of("Shop", 3, revisions).endswith("one = 1")
    assert source_of("Shop", 4, revisions).endswith("four = 4")
    assert source_of("Renamed", 4, revisions) == "class Shop:\n    four = 4"
    assert source_of("Shop", 1, []) == ""


def test_knobs_go_there_and_back() -> None:
    options = {"num_replicas": 12, "user_config": {"k": [1, None]}}
    batching = {"score": {"max_batch_size": 8, "batch_wait_timeout_s": 0.01, "max_concurrent_batches": 1}}
    knobs = {knob.option: knob for knob in knobs_of(options, batching)}
    assert (knobs["num_replicas"].value, knobs["num_replicas"].high) == (12, 24.0)
    assert knobs["user_config"].control == "json" and knobs["batching.score.batch_wait_timeout_s"].value == 0.01

    turned = {"num_replicas": 3.0, "batching.score.max_batch_size": 16.0, "batching.score.batch_wait_timeout_s": 0.5}
    assert options_from(turned) == {
        "num_replicas": 3,
        "batching": {"score": {"max_batch_size": 16, "batch_wait_timeout_s": 0.5}},
    }
    before = values_before(turned, options, batching)
    assert options_from(before) == {
        "num_replicas": 12,
        "batching": {"score": {"max_batch_size": None, "batch_wait_timeout_s": None}},
    }, "None is what the decorator says"
    own = {"batching": {"score": {"max_batch_size": 8}}}
    assert values_before({"batching.score.max_batch_size": 16.0}, own, batching) == {"batching.score.max_batch_size": 8}
    assert in_words("Search", before).endswith(
        "max_batch_size of Search back to what its cell says, batch_wait_timeout_s of Search back to what its cell says"
    )


@pytest.mark.parametrize("value", [{"k": float("nan")}, {"k": {1, 2}}], ids=["nan", "set"])
def test_a_user_config_that_is_no_json_has_no_knob(value: Any) -> None:
    assert all(knob.option != "user_config" for knob in knobs_of({"user_config": value}, {}))


def frames() -> list[GraphFrame | DashboardFrame | RequestsFrame]:
    bad = node(HOSTILE, status=HOSTILE)
    row = RequestRow(id=HOSTILE, time=0.0, method=HOSTILE, path=HOSTILE, status=HOSTILE, duration=0.1, revision=1)
    (step,) = sampled(HOSTILE, [Point(time=1.0, seconds=1.0)])
    return [
        graph_frame(view(bad, app=HOSTILE, ingress=HOSTILE, status=HOSTILE, edges=[]), [], now=1.0),
        DashboardFrame(apps=[HOSTILE], time=1.0, points=[msgspec.structs.replace(step, deployment=HOSTILE)]),
        RequestsFrame(app=HOSTILE, time=1.0, rows=[row]),
    ]


@pytest.mark.parametrize("frame", frames(), ids=["graph", "dashboard", "requests"])
def test_names_and_payloads_are_text_in_the_picture(frame: GraphFrame | DashboardFrame | RequestsFrame) -> None:
    html = static_html(frame)
    assert "<img" not in html.lower() and "&lt;img" in html.lower() and "<script" not in html
    assert HOSTILE.lower() in static_text(frame).lower()


def test_a_picture_as_text_has_the_callees_below_their_caller() -> None:
    made = graph_frame(view(node("Shop"), node("Prices")), [point(1.0, 10)], now=1.0)
    assert isinstance(made.nodes[0], NodeView)
    assert static_text(made) == "shop · revision 1 · running\nShop  healthy · 2/s\n└─ Prices  healthy"
