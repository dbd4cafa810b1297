"""Large units of an app are sent once: what is only named is filled in from earlier revisions, or asked for."""

from __future__ import annotations

import pytest
from control_story import Story, graph, node, only

from kernelserve.control import instructions as ins
from kernelserve.graph.keep import LARGE_UNIT, UnitsMissingError, completed, lightened
from kernelserve.graph.model import AppGraph

LARGE = {"value:array:1": bytes(LARGE_UNIT), "class:A:1": b"small"}


def with_units(serve: str) -> AppGraph:
    plain = graph(node("Search", serve=serve))
    return AppGraph(name="search", route_prefix="/search", ingress="Search", nodes=plain.nodes, units=LARGE)


def test_what_the_receiver_knows_is_only_named() -> None:
    light = lightened(with_units("1"), known=LARGE.keys())
    assert light.units == {"value:array:1": b"", "class:A:1": b"small"}
    assert lightened(with_units("1"), known=()) == with_units("1")
    assert completed(light, LARGE) == with_units("1")
    with pytest.raises(UnitsMissingError, match="'value:array:1' of application 'search' did not come along"):
        completed(light, {})


def test_the_controller_knows_the_units_of_all_its_revisions() -> None:
    story = Story()
    assert story.controller.known_units("search") == {}
    story.apply(with_units("1"))
    story.apply(graph(node("Search", serve="2")))
    assert story.controller.known_units("search") == LARGE


def test_a_replica_is_asked_to_prepare_beside_what_it_has() -> None:
    story = Story()
    story.apply(with_units("1"))
    _, said = story.deploy(with_units("2"))
    assert [prepare.beside for prepare in only(said, ins.PrepareReplica)] == [(1,)]
