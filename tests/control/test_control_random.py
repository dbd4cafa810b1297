"""Random lives: whatever deploys, deaths, refusals, aborts and restarts come in whatever order, the promises hold."""

from __future__ import annotations

from typing import Any

from control_story import Story, graph, node
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kernelserve.control import events as ev
from kernelserve.control import instructions as ins
from kernelserve.control.machine import Controller
from kernelserve.graph.model import AppGraph

APPS = st.sampled_from(["one", "two"])
WORDS = st.sampled_from(["1", "2", "3"])
GRAPH_PARTS = st.lists(st.tuples(WORDS, WORDS, st.integers(1, 3)), min_size=1, max_size=3)
PICK = st.integers(0, 10_000)


def make_graph(app: str, parts: list[tuple[str, str, int]]) -> AppGraph:
    nodes = [
        node(
            f"D{i}",
            init=init,
            serve=serve,
            children=(f"D{i - 1}",) if i else (),
            num_replicas=count,
            max_constructor_retry_count=2,
        )
        for i, (init, serve, count) in enumerate(parts)
    ]
    return graph(*nodes, name=app, route=f"/{app}")


class Life(RuleBasedStateMachine):
    """Plays the driver: holds what was asked for, and answers in any order, or with bad news."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story()
        self.asked: set[str] = set()
        self.starting: dict[str, ins.Instruction] = {}
        self.running: dict[str, ins.Instruction] = {}
        self.ending: dict[str, ins.Instruction] = {}
        self.preparing: dict[str, int] = {}
        self.checks: dict[str, None] = {}
        self.unacked: dict[str, int] = {}
        self.recorded: dict[str, bytes] = {}

    # --- the driver -----------------------------------------------------------------------------

    def tell(self, event: type[ev.Event], **fields: Any) -> None:
        self.perform(self.story.tell(event, **fields))

    def perform(self, said: list[ins.Instruction]) -> None:
        for x in said:
            match x:
                case ins.StartReplica(replica_id=replica):
                    assert replica not in self.running
                    self.starting[replica] = x
                case ins.RecoverReplica(replica_id=replica):
                    self.starting[replica] = x
                case ins.StopReplica(replica_id=replica) | ins.KillReplica(replica_id=replica):
                    self.ending[replica] = x
                case ins.PrepareReplica(replica_id=replica, revision=revision):
                    self.preparing[replica] = revision
                case ins.CheckHealthOf(replica_id=replica):
                    self.checks[replica] = None
                case ins.PushRouting(app=app, version=version):
                    assert version > self.unacked.get(app, 0)
                    self.unacked[app] = version
                case ins.PersistApp(app=app):
                    self.recorded[app] = self.story.controller.snapshot_app(app)
                case ins.ForgetApp(app=app):
                    del self.recorded[app]

    def gone(self, replica: str) -> None:
        for book in (self.starting, self.running, self.ending, self.preparing, self.checks):
            book.pop(replica, None)

    @staticmethod
    def pick(book: dict[str, Any], which: int) -> str:
        return list(book)[which % len(book)]

    # --- people ---------------------------------------------------------------------------------

    @rule(app=APPS, parts=GRAPH_PARTS, force=st.booleans(), timeout=st.sampled_from([None, 5.0]), leased=st.booleans())
    def deploy(
        self, app: str, parts: list[tuple[str, str, int]], force: bool, timeout: float | None, leased: bool
    ) -> None:
        request, said = self.story.deploy(
            make_graph(app, parts), force_replace=force, timeout_s=timeout, owner="me", leased=leased
        )
        self.asked.add(request)
        self.perform(said)

    @rule(which=PICK)
    def abort(self, which: int) -> None:
        open_ones = dict.fromkeys(sorted(self.asked - set(self.story.finished)))
        if open_ones:
            self.tell(ev.AbortRequested, request_id=self.pick(open_ones, which))

    @rule(app=APPS)
    def delete(self, app: str) -> None:
        self.tell(ev.DeleteRequested, app=app)

    @rule(back=st.booleans())
    def owner(self, back: bool) -> None:
        self.tell(ev.OwnerBack if back else ev.OwnerLost, owner="me")

    # --- replicas -------------------------------------------------------------------------------

    @precondition(lambda self: self.starting)
    @rule(which=PICK)
    def start(self, which: int) -> None:
        replica = self.pick(self.starting, which)
        self.running[replica] = self.starting.pop(replica)
        self.perform(self.story.start(replica))

    @precondition(lambda self: self.starting)
    @rule(which=PICK, retryable=st.booleans())
    def start_fails(self, which: int, retryable: bool) -> None:
        replica = self.pick(self.starting, which)
        self.gone(replica)
        self.tell(ev.ReplicaStartFailed, replica_id=replica, error="boom", retryable=retryable)

    @precondition(lambda self: self.preparing)
    @rule(which=PICK, how=st.sampled_from(["", "", "", "refused", "error"]))
    def prepared(self, which: int, how: str) -> None:
        replica = self.pick(self.preparing, which)
        answer = {how: "no"} if how else {}
        self.tell(ev.ReplicaPrepared, replica_id=replica, revision=self.preparing.pop(replica), **answer)

    @precondition(lambda self: self.running)
    @rule(which=PICK)
    def die(self, which: int) -> None:
        replica = self.pick(self.running, which)
        self.gone(replica)
        self.tell(ev.ReplicaDied, replica_id=replica, reason="SIGKILL")

    @precondition(lambda self: self.running)
    @rule(which=PICK)
    def unhealthy(self, which: int) -> None:
        self.tell(ev.ReplicaUnhealthy, replica_id=self.pick(self.running, which), error="blocked")

    @precondition(lambda self: self.ending)
    @rule(which=PICK)
    def end(self, which: int) -> None:
        replica = self.pick(self.ending, which)
        self.gone(replica)
        self.tell(ev.ReplicaStopped, replica_id=replica)

    @precondition(lambda self: self.checks)
    @rule(which=PICK, ok=st.booleans())
    def check(self, which: int, ok: bool) -> None:
        replica = self.pick(self.checks, which)
        del self.checks[replica]
        self.tell(ev.HealthChecked, replica_id=replica, ok=ok, error="x")

    # --- senders, time, the controller ----------------------------------------------------------

    @precondition(lambda self: self.unacked)
    @rule(which=PICK)
    def ack(self, which: int) -> None:
        app = self.pick(self.unacked, which)
        self.tell(ev.RoutingAcked, app=app, version=self.unacked[app])

    @rule(app=APPS)
    def idle(self, app: str) -> None:
        for revision in self.story.controller.draining(app):
            self.tell(ev.RevisionIdleEverywhere, app=app, revision=revision)

    @rule(seconds=st.sampled_from([0.5, 1.0, 10.0, 40.0]))
    def wait(self, seconds: float) -> None:
        self.perform(self.story.wait(seconds))

    @rule()
    def restart(self) -> None:
        """From what was written, not from what is in memory; deploys that wait in memory are lost with it."""
        for book in (self.preparing, self.checks, self.unacked, self.ending):
            book.clear()  # what was on its way is lost with the controller
        old, parts = self.story.controller, list(self.recorded.values())
        self.story.controller, said = Controller.restore(parts, old.epoch + 1, self.story.now, self.story.new_id)
        world = self.story.controller._world
        assert set(self.running) | set(self.starting) <= set(world.replicas), "an orphan after a restart"
        # A process may be up although its start was not reported: the driver looks again for all of them.
        self.running.clear()
        self.starting.clear()
        rolling = {app.rollout.request_id for app in world.apps.values() if app.rollout is not None}
        self.perform(self.story.heard(said))
        self.asked &= set(self.story.finished) | rolling

    # --- promises -------------------------------------------------------------------------------

    @invariant()
    def running_revisions_are_in_the_routing(self) -> None:
        for name in self.story.controller.apps():
            routing = self.story.controller.routing(name)
            if routing.current:
                view = self.story.controller.view(name)
                assert set(routing.sets[routing.current]) == {shown["name"] for shown in view["nodes"]}

    def teardown(self) -> None:
        """Let everything settle: then every deploy is finished, and every process is somebody's."""
        for _ in range(400):
            if self.settled():
                break
            self.settle_one()
        open_deploys = self.asked - set(self.story.finished)
        assert self.settled(), f"it never settles: {open_deploys} {self.story.controller.status()} {self.ending}"
        assert self.asked <= set(self.story.finished), "a deploy was never finished"
        known = set(self.story.controller._world.replicas)
        assert set(self.running) == known, "an orphan, or a replica that does not exist"
        for app in self.story.controller.apps():
            if self.story.controller.routing(app).current:
                assert self.story.status(app)["status"] == "RUNNING"

    def settled(self) -> bool:
        busy = self.starting or self.ending or self.preparing
        waits = any(pool.pending for app in self.story.controller._world.apps.values() for pool in app.pools.values())
        draining = any(self.story.controller.draining(app) for app in self.story.controller.apps())
        rolling = self.asked - set(self.story.finished)
        return not (busy or waits or draining or rolling)

    def settle_one(self) -> None:
        if self.ending:
            self.end(0)
        elif self.starting:
            self.start(0)
        elif self.preparing:
            self.prepared(0, "")
        else:
            for app in list(self.unacked):
                self.tell(ev.RoutingAcked, app=app, version=self.unacked[app])
            self.wait(1.0)
            for app in ("one", "two"):
                self.idle(app)


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase
