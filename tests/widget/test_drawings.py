"""What views show before their feed has begun, and when it cannot begin."""

from __future__ import annotations

import time

import pytest
from system_helpers import wait_for

import kernelserve as serve
from kernelserve.cluster.look import EVERY_APP
from kernelserve.cluster.session import Session
from kernelserve.widget.draw import DashboardDrawing, GraphDrawing

pytestmark = pytest.mark.parametrize("session", ["local"], indirect=True)


@serve.deployment
class Drawn:
    def __call__(self, item: str) -> str:
        return item


def test_a_graph_whose_feed_cannot_begin_is_drawn_as_it_was_last(session: Session) -> None:
    serve.run(Drawn.bind(), name="drawn", route_prefix="/drawn")
    drawing = GraphDrawing(session, "drawn")
    first = drawing.first()
    serve.delete("drawn")

    gone = drawing.draw({}, time.time(), None, True, "")
    lost = drawing.draw({}, time.time(), 5.0, False, "")

    assert gone is not None and gone.gone
    assert lost is not None and lost.lost_since == 5.0
    assert [node.name for node in gone.nodes] == [node.name for node in lost.nodes] == [first.nodes[0].name]
    assert drawing.draw({}, time.time(), None, False, "") is None, "a feed that begins has nothing to say"


def test_a_dashboard_begins_with_the_latest_numbers_of_its_app(session: Session) -> None:
    other = serve.run(Drawn.bind(), name="other", route_prefix="/other")
    handle = serve.run(Drawn.bind(), name="drawn", route_prefix="/drawn")
    assert [handle.remote("a").result(), other.remote("b").result()] == ["a", "b"]

    def counted() -> bool:
        frame = DashboardDrawing(session, "drawn").first()
        assert frame.apps == ["drawn"]
        return sum(point.requests for point in frame.points if point.deployment == "Drawn") == 1

    wait_for(counted, "the request is in the first frame")
    assert DashboardDrawing(session, EVERY_APP).first().apps == ["drawn", "other"]
