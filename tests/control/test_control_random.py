"""Random lives: whatever deploys, deaths, refusals, aborts and restarts come in whatever order, the promises hold."""

from __future__ import annotations

from typing import Any

from control_story import Story, graph, node
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kernelserve.control import events as ev
from kernelserve.control import instructions as ins
from kernelserve.control.machine import Controller
from kernelserve.control.record import Saved
from kernelserve.graph.model import AppGraph
from kernelserve.transport.messages import RevisionView, Trial

APPS = st.sampled_from(["one", "two"])
WORDS = st.sampled_from(["1", "2", "3"])
GRAPH_PARTS = st.lists(st.tuples(WORDS, WORDS, st.integers(1, 3)), min_size=1, max_size=3)
PICK = st.integers(0, 10_000)
TRIALS = st.sampled_from([None, None, Trial(share=0.5), Trial(mirror=True)])


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
        self.acked: dict[str, int] = {}
        self.ended = 0
        self.recorded: dict[str, Saved] = {}

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

    @initialize(parts=GRAPH_PARTS)
    def one_app_runs(self, parts: list[tuple[str, str, int]]) -> None:
        """So that the first thing that happens is an edit: most of what can go wrong is about those."""
        self.deploy_well("one", parts, trial=None, accept=None)

    # --- people ---------------------------------------------------------------------------------

    @rule(app=APPS, parts=GRAPH_PARTS, force=st.booleans(), timeout=st.sampled_from([None, 5.0]), trial=TRIALS)
    def deploy(
        self, app: str, parts: list[tuple[str, str, int]], force: bool, timeout: float | None, trial: Trial | None
    ) -> None:
        self.request(make_graph(app, parts), force_replace=force, timeout_s=timeout, leased=app == "two", trial=trial)

    @rule(app=APPS, parts=GRAPH_PARTS, trial=TRIALS, accept=st.sampled_from([None, True, False]))
    def deploy_well(
        self, app: str, parts: list[tuple[str, str, int]], trial: Trial | None, accept: bool | None
    ) -> None:
        self.deploy(app, parts, force=False, timeout=None, trial=trial)
        self.all_goes_well(30)
        if accept is not None and self.tried():
            self.end_trial(accept)

    def request(self, app: AppGraph, **fields: Any) -> None:
        request, said = self.story.deploy(app, owner="me", **fields)
        self.asked.add(request)
        self.perform(said)

    @rule(app=APPS, which=PICK, trial=TRIALS)
    def rollback(self, app: str, which: int, trial: Trial | None) -> None:
        controller = self.story.controller
        applied = [one.number for one in self.revisions(app) if one.outcome == "applied"]
        if applied:
            old = controller.applied(app, applied[which % len(applied)])
            self.request(old.graph, of=old.number, trial=trial)

    @precondition(lambda self: self.tried())
    @rule(accept=st.booleans())
    def end_trial(self, accept: bool) -> None:
        self.ended += 1
        request = f"end {self.ended}"
        self.asked.add(request)
        self.tell(ev.TrialEnded, request_id=request, app=self.tried()[0], accept=accept)

    def tried(self) -> list[str]:
        controller = self.story.controller
        return [app for app in controller.apps() if controller.routing(app).trial is not None]

    @rule(which=PICK)
    def abort(self, which: int) -> None:
        open_ones = dict.fromkeys(sorted(self.asked - set(self.story.finished)))
        if open_ones:
            self.tell(ev.AbortRequested, request_id=self.pick(open_ones, which))

    @rule()
    def delete(self) -> None:
        self.tell(ev.DeleteRequested, app="two")

    @rule(back=st.booleans())
    def owner(self, back: bool) -> None:
        self.tell(ev.OwnerBack if back else ev.OwnerLost, owner="me")

    def revisions(self, app: str) -> list[RevisionView]:
        return self.story.controller.revisions(app) if app in self.story.controller.apps() else []

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
    @rule(which=PICK, how=st.sampled_from(["", "", "", "barrier", "refused", "error"]))
    def prepared(self, which: int, how: str) -> None:
        replica = self.pick(self.preparing, which)
        answer = {how: "no"} if how else {}
        self.tell(ev.ReplicaPrepared, replica_id=replica, revision=self.preparing.pop(replica), **answer)

    @precondition(lambda self: self.patched())
    @rule(which=PICK)
    def patch_given_up(self, which: int) -> None:
        patched = self.patched()
        replica, revision = patched[which % len(patched)]
        self.tell(ev.PatchGivenUp, replica_id=replica, revision=revision, reason="a stream went on")

    def patched(self) -> list[tuple[str, int]]:
        """Replica and revision of the patches that running replicas have loaded."""
        known = self.story.controller._world.replicas
        pools = ((replica, known[replica][1]) for replica in self.running if replica in known)
        return [(replica, version) for replica, pool in pools for version in pool.versions[1:]]

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
        for book in (self.preparing, self.checks, self.unacked, self.acked, self.ending):
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

    @rule(steps=st.integers(5, 30))
    def all_goes_well(self, steps: int) -> None:
        """For a while everybody does as told: without that few deploys come to their end."""
        for _ in range(steps):
            if self.starting:
                self.start(0)
            elif self.preparing:
                self.prepared(0, "")
            elif not self.all_ack():
                return

    def all_ack(self) -> bool:
        """Every sender has all; returns whether that is news."""
        news = {app: version for app, version in self.unacked.items() if self.acked.get(app, 0) < version}
        for app, version in news.items():
            self.acked[app] = version
            self.tell(ev.RoutingAcked, app=app, version=version)
        return bool(news)

    # --- promises -------------------------------------------------------------------------------

    @invariant()
    def running_revisions_are_in_the_routing(self) -> None:
        for name in self.story.controller.apps():
            routing = self.story.controller.routing(name)
            if routing.current:
                view = self.story.controller.view(name)
                assert set(routing.sets[routing.current]) == {shown["name"] for shown in view["nodes"]}

    @invariant()
    def one_revision_is_current_and_what_is_over_serves_nothing(self) -> None:
        for app in self.story.controller.apps():
            routing, states = self.story.controller.routing(app), {}
            for one in self.revisions(app):
                states.setdefault(one.state, []).append(one.number)
                # What was taken back may still have requests; what never served has none.
                assert one.outcome != "aborted" or not one.state or routing.current == 0
            assert states.get("current", [routing.current]) == [routing.current]
            assert states.get("trial", []) in ([], [routing.trial.revision] if routing.trial else [])

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
            routing = self.story.controller.routing(app)
            if routing.current:
                assert self.story.status(app)["status"] == "RUNNING"
                entered = {routing.current, *([routing.trial.revision] if routing.trial else [])}
                assert set(routing.sets) == entered, "an old or rejected revision is left"
                reached = {x.replica_id for sets in routing.sets.values() for r in sets.values() for x in r.endpoints}
                assert reached == {replica for replica in known if replica.startswith(f"{app}#")}, "a pool is left"

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
            self.all_ack()
            self.wait(1.0)
            for app in ("one", "two"):
                self.idle(app)


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase
