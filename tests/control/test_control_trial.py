"""Revisions that are tried beside the current one: canary and shadow, and all that may happen to them."""

from __future__ import annotations

from typing import Any

import pytest
from control_story import Story, graph, kinds, last_push, node, only

from kernelserve.control import events as ev
from kernelserve.control import instructions as ins
from kernelserve.control.machine import Controller
from kernelserve.graph.model import AppGraph
from kernelserve.transport.messages import Trial

CANARY, SHADOW = Trial(share=0.1), Trial(mirror=True)
RUNS = Trial(revision=2, share=0.1)


def search(word: str = "1", embedder: str = "1", **options: Any) -> AppGraph:
    return graph(node("Embedder", init=embedder), node("Search", serve=word, children=("Embedder",), **options))


@pytest.fixture
def running() -> Story:
    story = Story()
    story.apply(search())
    return story


def try_(story: Story, app: AppGraph, trial: Trial = CANARY, **fields: Any) -> str:
    """Deploy it as a trial, up to its beginning; returns the request's id."""
    request, said = story.deploy(app, trial=trial, **fields)
    story.prepare_all(story.start_all(said) + said)
    story.ack()
    story.ack()
    return request


def end(story: Story, accept: bool) -> list[ins.Instruction]:
    return story.tell(ev.TrialEnded, request_id="end", app="search", accept=accept)


def restart(story: Story) -> list[ins.Instruction]:
    data = story.controller.snapshot()
    story.controller, said = Controller.restore(data, story.controller.epoch + 1, story.now, story.new_id)
    return story.heard(said)


def states(story: Story) -> list[tuple[int, str, str]]:
    return [(one.number, one.outcome, one.state) for one in story.controller.revisions("search")]


def test_canary_step_by_step(running: Story) -> None:
    request, said = running.deploy(search("2"), trial=CANARY)
    assert only(said, ins.PrepareReplica) == [ins.PrepareReplica("search#Search#2", 2, "Search", True)]
    said = running.prepare_all(said)
    assert (last_push(said).current, sorted(last_push(said).sets), last_push(said).trial) == (1, [1, 2], None)
    said = running.ack()
    assert isinstance(said[0], ins.PersistApp) and (last_push(said).current, last_push(said).trial) == (1, RUNS)
    assert request not in running.finished
    running.ack()
    outcome = running.finished[request]
    assert (outcome.outcome, outcome.revision, outcome.error) == ("trial", 2, "")
    shown = {"revision": 2, "share": 0.1, "mirror": False, "shares_state": ["Search"]}
    assert running.status()["trial"] == running.controller.view("search")["trial"] == shown
    assert running.status()["status"] == "RUNNING" and "on trial, with 10 % of" in running.status()["message"]
    assert states(running) == [(1, "applied", "current"), (2, "trial", "trial")]
    assert running.idle(2) == [], "idle reports mean nothing while it runs"


def test_accept_makes_it_current(running: Story) -> None:
    try_(running, search("2", embedder="2"))
    said = end(running, accept=True)
    assert (last_push(said).current, last_push(said).trial) == (2, None) and "end" not in running.finished
    running.ack()
    assert (running.finished["end"].outcome, running.finished["end"].revision) == ("applied", 2)
    assert states(running) == [(1, "applied", "draining"), (2, "applied", "current")]
    stopped = only(running.idle(1), ins.StopReplica)
    assert [one.replica_id for one in stopped] == ["search#Embedder#1"]


def test_reject_ends_its_requests_first_and_then_all_of_it(running: Story) -> None:
    try_(running, search("2", embedder="2"))
    said = end(running, accept=False)
    assert (running.finished["end"].outcome, running.finished["end"].revision) == ("rejected", 1)
    assert (last_push(said).trial, sorted(last_push(said).sets)) == (None, [1, 2])
    assert not only(said, ins.StopReplica) and running.controller.draining("search") == [2]
    said = running.idle(2)
    assert only(said, ins.AbortPrepare) == [ins.AbortPrepare("search#Search#2", 2)]
    assert only(said, ins.StopReplica) == [ins.StopReplica("search#Embedder#3", 20.0)]
    assert list(last_push(said).sets) == [1]
    running.end_all(said)
    assert states(running) == [(1, "applied", "current"), (2, "rejected", "")]
    assert running.apply(search("3")).revision == 3


def test_requests_of_a_rejected_revision_have_the_drain_time(running: Story) -> None:
    try_(running, search("2", embedder="2"))
    end(running, accept=False)
    assert not only(running.wait(19.0), ins.StopReplica)
    assert only(running.wait(1.0), ins.StopReplica) == [ins.StopReplica("search#Embedder#3", 0.0)]


def test_shadow_has_replicas_of_its_own(running: Story) -> None:
    request = try_(running, search("2"), SHADOW)
    steps = running.finished[request].steps
    assert [(step.deployment, step.action) for step in steps] == [("Embedder", "replace"), ("Search", "replace")]
    assert "shadow" in steps[0].reason and "replicas of its own" in steps[0].reason
    assert set(running.endpoints("Search", revision=1)).isdisjoint(running.endpoints("Search", revision=2))


def test_a_patch_that_must_be_alone_is_tried_on_replicas_of_its_own(running: Story) -> None:
    request, said = running.deploy(search("2"), trial=CANARY)
    (prepare,) = only(said, ins.PrepareReplica)
    said = running.tell(ev.ReplicaPrepared, replica_id=prepare.replica_id, revision=2, barrier="it holds a Net")
    assert kinds(said)[:2] == ["AbortPrepare", "StartReplica"]
    running.start_all(said)
    running.ack()
    running.ack()
    step = running.finished[request].steps[1]
    assert (step.action, step.reason) == ("replace", "it holds a Net")


def test_user_config_is_not_tried_on_the_current_revisions_instances(running: Story) -> None:
    request = try_(running, search(user_config={"k": 1}))
    assert [step.action for step in running.finished[request].steps] == ["keep", "replace"]


@pytest.mark.parametrize(
    ("app", "told"),
    [
        (search(), "runs exactly so already"),
        (graph(*search("2").nodes.values(), route="/other"), "another route or ingress"),
    ],
)
def test_what_cannot_be_tried_is_refused(running: Story, app: AppGraph, told: str) -> None:
    for dry_run in (False, True):
        request, _ = running.deploy(app, trial=CANARY, dry_run=dry_run)
        assert running.finished[request].outcome == "failed" and told in running.finished[request].error
    assert running.controller.routing("search").current == 1


def test_a_first_revision_cannot_be_tried() -> None:
    story = Story()
    request, _ = story.deploy(search(), trial=CANARY)
    assert "nothing to try 'search' beside" in story.finished[request].error and story.controller.apps() == []


def test_a_deploy_takes_the_trial_back_first(running: Story) -> None:
    try_(running, search("2"))
    request, said = running.deploy(search("3"))
    assert kinds(said) == ["PushRouting"] and last_push(said).trial is None
    said = running.idle(2)
    assert kinds(said)[:2] == ["AbortPrepare", "PrepareReplica"], "the old view goes before the new one comes"
    running.prepare_all(said)
    running.ack()
    running.ack()
    assert (running.finished[request].outcome, running.finished[request].revision) == ("applied", 3)
    assert (2, "superseded", "") in states(running)


def test_a_deploy_before_the_trial_begins_takes_it_back_at_once(running: Story) -> None:
    first, said = running.deploy(search("2"), trial=CANARY)
    running.prepare_all(said)
    second, said = running.deploy(search("1", embedder="2"), of=7)
    assert running.finished[first].outcome == "superseded" and "rollback to revision 7" in running.finished[first].error
    assert "StartReplica" in kinds(said)
    running.tell(ev.AbortRequested, request_id=second)
    assert running.controller.routing("search").current == 1


def test_replicas_that_die_during_a_trial_come_back_with_both(running: Story) -> None:
    try_(running, search("2", embedder="2"))
    said = running.tell(ev.ReplicaDied, replica_id="search#Search#2", reason="SIGKILL")
    said += running.tell(ev.ReplicaDied, replica_id="search#Embedder#3", reason="SIGKILL")
    started = {start.deployment: start.revision for start in only(said, ins.StartReplica)}
    assert started == {"Search": 1, "Embedder": 2}
    assert running.status()["status"] == "UNHEALTHY"
    running.prepare_all(running.start_all(said))
    assert running.status()["status"] == "RUNNING"
    assert running.endpoints("Search", revision=1) == running.endpoints("Search", revision=2) != []


def test_a_trial_that_a_new_replica_cannot_load_is_taken_back(running: Story) -> None:
    try_(running, search("2"))
    said = running.start_all(running.tell(ev.ReplicaDied, replica_id="search#Search#2", reason="SIGKILL"))
    (prepare,) = only(said, ins.PrepareReplica)
    running.tell(ev.ReplicaPrepared, replica_id=prepare.replica_id, revision=2, refused="cached property")
    assert running.endpoints("Search") == [prepare.replica_id], "the current revision goes on"
    running.idle(2)
    assert states(running)[1] == (2, "failed", "") and "cached property" in running.status()["message"]


@pytest.mark.parametrize("accept", [True, False])
def test_a_trial_survives_a_restart_of_the_controller(running: Story, accept: bool) -> None:
    try_(running, search("2"))
    assert last_push(restart(running)).trial == RUNS
    for replica in ("search#Embedder#1", "search#Search#2"):
        running.start(replica)
    running.ack()
    end(running, accept)
    restart(running)  # on its way to the end, too
    running.start_all([])
    for replica in ("search#Embedder#1", "search#Search#2"):
        running.start(replica)
    running.ack()
    running.ack()
    running.idle(1 if accept else 2)
    assert running.controller.routing("search").current == (2 if accept else 1)
    assert states(running)[1] == ((2, "applied", "current") if accept else (2, "rejected", ""))


def test_delete_and_lost_owners_end_a_trial(running: Story) -> None:
    try_(running, search("2", embedder="2"))
    said = running.tell(ev.DeleteRequested, app="search")
    assert len(only(said, ins.StopReplica)) == 3
    assert ins.ForgetApp("search") in running.end_all(said)


def test_ending_what_is_not_there_is_answered(running: Story) -> None:
    end(running, accept=True)
    assert running.finished["end"].outcome == "failed" and "is on trial" in running.finished["end"].error
