"""Words to tell a controller's story with: graphs, and a driver without machines."""

from __future__ import annotations

import itertools
from typing import Any, TypeVar

from kernelserve.control import events as ev
from kernelserve.control import instructions as ins
from kernelserve.control.machine import Controller
from kernelserve.graph.model import AppGraph, Node
from kernelserve.transport.messages import Deployed, Routing
from kernelserve.types import DeploymentID

I = TypeVar("I", bound=ins.Instruction)  # noqa: E741


def node(name: str, *, init: str = "1", serve: str = "1", children: tuple[str, ...] = (), **options: Any) -> Node:
    """A node whose halves are told apart by a word each."""
    return Node(
        name=name,
        kind="class",
        options=options,
        code=f"{name}:{init}:{serve}".encode(),
        args=b"",
        units=(),
        init={"__init__": init},
        serve={"__call__": serve},
        children=children,
    )


def graph(*nodes: Node, name: str = "search", route: str | None = "/search") -> AppGraph:
    """An app of these nodes, the last one its ingress."""
    return AppGraph(name=name, route_prefix=route, ingress=nodes[-1].name, nodes={n.name: n for n in nodes}, units={})


class Story:
    """A controller, its clock, and what it has asked for. Checks the invariants after every event."""

    def __init__(self, controller: Controller | None = None, now: float = 100.0) -> None:
        self._ids = itertools.count(1)
        self.controller = controller or Controller(epoch=1, new_id=self.new_id)
        self.now = now
        self.said: list[ins.Instruction] = []
        self.finished: dict[str, Deployed] = {}
        self._requests = itertools.count(1)

    def new_id(self, deployment: DeploymentID) -> str:
        return f"{deployment}#{next(self._ids)}"

    def tell(self, event: type[ev.Event], **fields: Any) -> list[ins.Instruction]:
        """Feed one event; returns what it caused."""
        said = self.controller.handle(event(now=self.now, cause=f"c{len(self.said)}", **fields))
        return self.heard(said)

    def heard(self, said: list[ins.Instruction]) -> list[ins.Instruction]:
        self.said += said
        for finish in only(said, ins.FinishDeploy):
            assert finish.request_id not in self.finished, f"{finish.request_id} was finished twice"
            self.finished[finish.request_id] = finish.outcome
        self.controller.validate()
        return said

    def deploy(self, app: AppGraph, **fields: Any) -> tuple[str, list[ins.Instruction]]:
        """Ask for the app; returns the request's id and what it caused."""
        request_id = f"r{next(self._requests)}"
        return request_id, self.tell(ev.DeployRequested, request_id=request_id, graph=app, **fields)

    def start(self, replica_id: str) -> list[ins.Instruction]:
        return self.tell(ev.ReplicaStarted, replica_id=replica_id, address=f"inproc://{replica_id}", pid=7)

    def start_all(self, said: list[ins.Instruction]) -> list[ins.Instruction]:
        return [x for start in only(said, ins.StartReplica) for x in self.start(start.replica_id)]

    def prepare_all(self, said: list[ins.Instruction]) -> list[ins.Instruction]:
        return [
            x
            for prepare in only(said, ins.PrepareReplica)
            for x in self.tell(ev.ReplicaPrepared, replica_id=prepare.replica_id, revision=prepare.revision)
        ]

    def ack(self, app: str = "search") -> list[ins.Instruction]:
        """All senders have what was pushed last."""
        return self.tell(ev.RoutingAcked, app=app, version=self.controller.routing(app).version)

    def idle(self, revision: int, app: str = "search") -> list[ins.Instruction]:
        return self.tell(ev.RevisionIdleEverywhere, app=app, revision=revision)

    def wait(self, seconds: float) -> list[ins.Instruction]:
        self.now += seconds
        return self.tell(ev.Tick)

    def apply(self, app: AppGraph, **fields: Any) -> Deployed:
        """Deploy, with replicas, senders and entry points that do what they are told."""
        request_id, said = self.deploy(app, **fields)
        said = self.prepare_all(self.start_all(said) + said)
        self.ack(app.name)
        self.ack(app.name)
        outcome = self.finished[request_id]
        for old in self.controller.draining(app.name):
            self.end_all(self.idle(old, app.name))
        return outcome

    def end_all(self, said: list[ins.Instruction]) -> list[ins.Instruction]:
        """Replicas that were told to end do."""
        ending = [x.replica_id for x in said if isinstance(x, ins.StopReplica | ins.KillReplica)]
        return [x for replica_id in ending for x in self.tell(ev.ReplicaStopped, replica_id=replica_id)]

    def status(self, app: str = "search") -> dict[str, Any]:
        found: dict[str, Any] = self.controller.status()["applications"][app]
        return found

    def endpoints(self, deployment: str, app: str = "search", revision: int | None = None) -> list[str]:
        """Replica ids that requests of the (current) revision reach."""
        routing = self.controller.routing(app)
        routes = routing.sets[revision or routing.current]
        return [endpoint.replica_id for endpoint in routes[deployment].endpoints]


def only(said: list[ins.Instruction], kind: type[I]) -> list[I]:
    """The instructions of one kind."""
    return [x for x in said if isinstance(x, kind)]


def kinds(said: list[ins.Instruction]) -> list[str]:
    """Their names, progress reports and writing left out."""
    quiet = (ins.ReportProgress, ins.PersistApp)
    return [type(x).__name__ for x in said if not isinstance(x, quiet)]


def last_push(said: list[ins.Instruction]) -> Routing:
    return only(said, ins.PushRouting)[-1].routing
