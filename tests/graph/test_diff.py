from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelserve.graph.diff import LIVE_OPTIONS, diff
from kernelserve.graph.model import AppGraph, Node, Step
from kernelserve.types import Action

INIT = {"Search.__init__": "1", "load_weights()": "1", "arg 0": "1"}
SERVE = {"Search.rank": "1", "global K": "1"}


def node(name: str = "Search", **changes: Any) -> Node:
    values: dict[str, Any] = {
        "kind": "class", "options": {}, "code": b"", "args": b"", "units": (), "init": INIT, "serve": SERVE,
    }  # fmt: skip
    return Node(name=name, **{**values, **changes})


def graph(*nodes: Node, route: str | None = "/") -> AppGraph:
    return AppGraph(
        name="app", route_prefix=route, ingress=nodes[-1].name, nodes={one.name: one for one in nodes}, units={}
    )  # fmt: skip


def step(old: Node, new: Node) -> Step:
    (found,) = diff(graph(old), graph(new)).steps
    return found


@pytest.mark.parametrize(
    ("change", "action", "reason"),
    [
        ({}, Action.KEEP, "unchanged"),
        ({"code": b"other bytes"}, Action.KEEP, "unchanged"),
        ({"options": {"num_replicas": 2}}, Action.UPDATE, "num_replicas default → 2"),
        ({"options": {"user_config": {"a": 1}}}, Action.UPDATE, "user_config changed"),
        ({"options": {"ray_actor_options": {"num_cpus": 2}}}, Action.REPLACE, "ray_actor_options changed"),
        ({"serve": {**SERVE, "Search.rank": "2"}}, Action.PATCH, "Search.rank changed"),
        ({"serve": {**SERVE, "Search.new": "2"}}, Action.PATCH, "Search.new added"),
        ({"serve": {"Search.rank": "1"}}, Action.PATCH, "global K removed"),
        ({"serve": {"Search.rank": "2", "global K": "2"}}, Action.PATCH, "2 parts changed: Search.rank, global K"),
        ({"serve": {"Search.rank": "2"}, "options": {"num_replicas": 2}}, Action.PATCH, None),
        ({"init": {**INIT, "Search.__init__": "2"}}, Action.REPLACE, "Search.__init__ changed"),
        ({"init": {**INIT, "load_weights()": "2"}}, Action.REPLACE, "load_weights() changed, used by __init__"),
        ({"init": {**INIT, "Net.scale": "2"}}, Action.REPLACE, "Net.scale added, used by __init__"),
        ({"init": {**INIT, "class Search": "2"}}, Action.REPLACE, "class Search added"),
        ({"init": {**INIT, "arg 0": "2"}}, Action.REPLACE, "arg 0 changed"),
        ({"init": {**INIT, "arg 1": "2"}}, Action.REPLACE, "arg 1 added"),
        ({"init": {**INIT, "arg 0": "2"}, "serve": {}}, Action.REPLACE, "arg 0 changed"),
        ({"init": {**INIT, "global K": "1"}, "serve": {"Search.rank": "1"}}, Action.KEEP, "unchanged"),
        ({"kind": "function"}, Action.REPLACE, "was a class, is a function"),
        ({"units": ("class:Search:2",)}, Action.REPLACE, "its code changed, and its parts do not show where"),
        (
            {"serve": {**SERVE, "Search.rank": "2"}, "options": {"reload": "replace"}},
            Action.REPLACE,
            "Search.rank changed (reload='replace')",
        ),
    ],
)
def test_table(change: dict[str, Any], action: Action, reason: str | None) -> None:
    found = step(node(), node(**change))
    assert found.action is action
    assert reason is None or found.reason == reason


def test_option_type_counts() -> None:
    assert step(node(options={"x": 1}), node(options={"x": True})).action is Action.REPLACE


@given(st.sampled_from(sorted(LIVE_OPTIONS)), st.integers(1, 9))
def test_live_options_update(name: str, value: int) -> None:
    assert step(node(), node(options={name: value})).action is Action.UPDATE


PATCHED = {**SERVE, "Search.rank": "2"}


def test_change_of_a_child_replaces_what_is_built_from_it() -> None:
    old = graph(node("Embedder"), node("Index", children=("Embedder",), reads_children=True),
                node("Search", children=("Index",), reads_children=True))  # fmt: skip
    new = graph(node("Embedder", serve=PATCHED), *list(old.nodes.values())[1:])
    assert [(one.action, one.reason) for one in diff(old, new).steps] == [
        (Action.PATCH, "Search.rank changed"),
        (Action.REPLACE, "built from Embedder, which is patched"),
        (Action.REPLACE, "built from Index, which is replaced"),
    ]


@pytest.mark.parametrize("change", [{"reads_children": False}, {"options": {"reload": "keep"}}])
def test_opting_out(change: dict[str, Any]) -> None:
    parent = node("Index", **{"children": ("Embedder",), "reads_children": True, **change})
    plan = diff(graph(node("Embedder"), parent), graph(node("Embedder", serve=PATCHED), parent))
    assert plan.steps[1].action is Action.KEEP


def test_add_remove_and_order() -> None:
    plan = diff(graph(node("A"), node("B")), graph(node("C"), node("B")))
    assert [(one.deployment, one.action) for one in plan.steps] == [
        ("C", Action.ADD), ("B", Action.KEEP), ("A", Action.REMOVE),
    ]  # fmt: skip
    assert [one.action for one in diff(None, graph(node("A"))).steps] == [Action.ADD]


def test_unchanged_and_force() -> None:
    same = graph(node())
    assert diff(same, same).unchanged
    assert [one.action for one in diff(same, same, force_replace=True).steps] == [Action.REPLACE]
    assert [one.action for one in diff(None, same, force_replace=True).steps] == [Action.ADD]


def test_route() -> None:
    plan = diff(graph(node()), graph(node(), route="/other"))
    assert plan.route_changed and not plan.unchanged
    assert not diff(None, graph(node())).route_changed


DIGESTS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("12"))


@given(DIGESTS, DIGESTS, DIGESTS, DIGESTS)
def test_any_init_difference_replaces(
    init: dict[str, str], serve: dict[str, str], new_init: dict[str, str], new_serve: dict[str, str]
) -> None:
    serve = {key: value for key, value in serve.items() if key not in init}
    new_serve = {key: value for key, value in new_serve.items() if key not in new_init}
    before, after = {**init, **serve}, {**new_init, **new_serve}
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    found = step(node(init=init, serve=serve), node(init=new_init, serve=new_serve)).action
    if changed & (init.keys() | new_init.keys()):
        assert found is Action.REPLACE
    else:
        assert found is (Action.PATCH if changed else Action.KEEP)
