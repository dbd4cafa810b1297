"""An application as a value: what `graph.build` makes and what is sent to the controller."""

from __future__ import annotations

from typing import Any

import msgspec

from kernelserve.schema import LoggingConfig
from kernelserve.types import Action, JournalSpec


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One deployment of an application, ready to be sent.

    Attributes:
        name: unique in the graph (`_1`, `_2` appended to repeats).
        kind: ``class`` or ``function``.
        options: `config.DeploymentOptions` as plain data, defaults left out.
        code: the packed class or function (`code.UnitStore.pack`).
        args: the packed ``(init_args, init_kwargs)``, bound children as handles.
        units: ids of the code units that `code` and `args` need.
        init: part → digest of the init half of the fingerprint.
        serve: part → digest of the serve half.
        children: names of the deployments bound into it.
        reads_children: its init half calls a child's handle, so its state is built from them.
        assumptions: what the fingerprint could not follow, one sentence each.
        batching: method of `serve.batch` → setting → value, as the decorator says it; an option may override it.
        definition: the name of the class or function, which is not the deployment's where an option gives another.
    """

    name: str
    kind: str
    options: dict[str, Any]
    code: bytes
    args: bytes
    units: tuple[str, ...]
    init: dict[str, str]
    serve: dict[str, str]
    children: tuple[str, ...] = ()
    reads_children: bool = False
    assumptions: tuple[str, ...] = ()
    batching: dict[str, dict[str, Any]] = {}
    definition: str = ""


class AppGraph(msgspec.Struct, frozen=True, kw_only=True):
    """An application: its nodes, children before parents.

    Attributes:
        units: id → packed code unit, for all nodes.
        sources: file name of a cell → its text, so that tracebacks show lines in every process.
        journal: how its requests are kept, or None if they are not.
    """

    name: str
    route_prefix: str | None
    ingress: str
    nodes: dict[str, Node]
    units: dict[str, bytes]
    sources: dict[str, str] = {}
    journal: JournalSpec | None = None

    def edges(self) -> list[tuple[str, str]]:
        """(caller, callee) pairs."""
        return [(node.name, child) for node in self.nodes.values() for child in node.children]


def with_logging(graph: AppGraph, config: LoggingConfig | None) -> AppGraph:
    """The graph with a ``logging_config`` for the deployments that have none of their own."""
    if config is None:
        return graph
    given = {"logging_config": msgspec.to_builtins(config)}
    nodes = {
        name: msgspec.structs.replace(node, options={**given, **node.options}) for name, node in graph.nodes.items()
    }
    return msgspec.structs.replace(graph, nodes=nodes)


class Step(msgspec.Struct, frozen=True):
    """What a plan does to one deployment, and why, in one line."""

    deployment: str
    action: Action
    reason: str = ""


class Plan(msgspec.Struct, frozen=True):
    """The difference between two graphs, as steps in the order of the new graph, removals last.

    `route_changed`: what senders know of the app beside its deployments is another (route, ingress, journal).
    """

    steps: tuple[Step, ...]
    route_changed: bool = False

    @property
    def unchanged(self) -> bool:
        return not self.route_changed and all(step.action is Action.KEEP for step in self.steps)


def encode(value: AppGraph | Node) -> bytes:
    """The wire form of a graph or node."""
    return msgspec.msgpack.encode(value)


def decode_graph(data: bytes) -> AppGraph:
    """The graph that `encode` wrote; raises `msgspec.DecodeError`."""
    return msgspec.msgpack.decode(data, type=AppGraph)


def decode_node(data: bytes) -> Node:
    """The node that `encode` wrote; raises `msgspec.DecodeError`."""
    return msgspec.msgpack.decode(data, type=Node)
