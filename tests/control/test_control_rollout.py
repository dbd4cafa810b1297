"""Deploys, told as stories: what the controller asks for, step by step."""

from __future__ import annotations

import pytest
from control_story import Story, graph, kinds, last_push, node, only

from kernelserve.control import events as ev
from kernelserve.control import instructions as ins

EMBEDDER = node("Embedder")
SEARCH = node("Search", children=("Embedder",))
APP = graph(EMBEDDER, SEARCH)


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def running(story: Story) -> Story:
    assert story.apply(APP).outcome == "applied"
    return story


def test_first_deploy_step_by_step(story: Story) -> None:
    request, said = story.deploy(APP)
    assert isinstance(said[0], ins.PersistApp), "ids are on record before their processes exist"
    assert only(said, ins.StartReplica) == [
        ins.StartReplica("search#Embedder#1", "search", "Embedder", 1),
        ins.StartReplica("search#Search#2", "search", "Search", 1),
    ]
    assert story.status()["status"] == "DEPLOYING"
    said = story.start("search#Embedder#1")
    assert kinds(said) == ["PushRouting"], "Search's constructor may call it: senders learn of it before the commit"
    assert (last_push(said).current, last_push(said).deleted_reason) == (0, "")
    assert [len(last_push(said).sets[1][name].endpoints) for name in ("Embedder", "Search")] == [1, 0]

    said = story.start("search#Search#2")
    assert kinds(said) == ["PushRouting"] and isinstance(said[0], ins.PersistApp), "the decision is on record first"
    sets = last_push(said)
    assert (sets.current, list(sets.sets)) == (0, [1]), "senders learn the sets before anybody may use them"

    said = story.ack()
    assert kinds(said) == ["PushRouting"] and last_push(said).current == 1
    assert request not in story.finished

    assert kinds(story.ack()) == ["FinishDeploy"]
    outcome = story.finished[request]
    assert (outcome.outcome, outcome.revision) == ("applied", 1)
    assert [(s.deployment, s.action, s.stage) for s in outcome.steps] == [
        ("Embedder", "add", "ready"),
        ("Search", "add", "ready"),
    ]
    assert story.status()["status"] == "RUNNING"
    assert story.endpoints("Search") == ["search#Search#2"]


def test_every_instruction_carries_its_cause(story: Story) -> None:
    event = ev.DeployRequested(now=1.0, cause="cell 7", request_id="r", graph=APP)
    assert {x.cause for x in story.controller.handle(event)} == {"cell 7"}


def test_patch_keeps_the_replicas_and_serves_both_revisions(running: Story) -> None:
    request, said = running.deploy(graph(EMBEDDER, node("Search", serve="2", children=("Embedder",))))
    assert only(said, ins.PrepareReplica) == [ins.PrepareReplica("search#Search#2", 2, "Search", True)]
    assert not only(said, ins.StartReplica)
    assert running.status()["deployments"]["Search"]["replica_states"] == {"UPDATING": 1}
    said = running.prepare_all(said)
    routing = last_push(said)
    assert routing.current == 1 and routing.sets[1] == routing.sets[2]
    running.ack()
    assert kinds(running.ack()) == ["FinishDeploy"]
    assert running.controller.draining("search") == [1]

    said = running.idle(1)
    assert only(said, ins.RetireOnReplica) == [ins.RetireOnReplica("search#Search#2", 1)]
    assert list(last_push(said).sets) == [2]
    assert [step.action for step in running.finished[request].steps] == ["keep", "patch"]


def test_replace_starts_new_before_it_stops_old(running: Story) -> None:
    _, said = running.deploy(graph(node("Embedder", init="2"), SEARCH))
    assert kinds(said) == ["StartReplica"]
    said = running.start_all(said)
    assert running.endpoints("Embedder", revision=1) == ["search#Embedder#1"]
    assert running.endpoints("Embedder", revision=2) == ["search#Embedder#3"]
    running.ack()
    assert "StopReplica" not in kinds(running.ack())
    said = running.idle(1)
    assert only(said, ins.StopReplica) == [ins.StopReplica("search#Embedder#1", 20.0)]
    running.end_all(said)
    assert running.status()["deployments"]["Embedder"]["replica_states"] == {"RUNNING": 1}


def test_requests_that_do_not_end_are_given_the_drain_timeout(running: Story) -> None:
    _, said = running.deploy(graph(node("Embedder", init="2"), SEARCH))
    running.start_all(said)
    running.ack()
    running.ack()
    assert "StopReplica" not in kinds(running.wait(19.0))
    stopped = only(running.wait(1.0), ins.StopReplica)
    assert stopped == [ins.StopReplica("search#Embedder#1", 0.0)], "they have had it: not once more"
    assert running.controller.draining("search") == []


def test_removed_deployment_ends_after_the_drain(running: Story) -> None:
    said = running.deploy(graph(node("Search", serve="2")))[1]
    running.prepare_all(said)
    running.ack()
    running.ack()
    running.end_all(running.idle(1))
    assert list(running.status()["deployments"]) == ["Search"]


def test_a_failed_start_takes_everything_back(running: Story) -> None:
    before = running.controller.routing("search")
    request, said = running.deploy(graph(node("Embedder", init="2"), node("Search", serve="2", children=("Embedder",))))
    running.prepare_all(said)
    said = running.tell(
        ev.ReplicaStartFailed,
        replica_id="search#Embedder#3",
        error="ValueError: no such model",
        type_name="ValueError",
        traceback="Traceback …",
    )
    assert only(said, ins.AbortPrepare) == [ins.AbortPrepare("search#Search#2", 2)]
    outcome = running.finished[request]
    assert (outcome.outcome, outcome.deployment, outcome.type_name) == ("failed", "Embedder", "ValueError")
    assert outcome.traceback == "Traceback …" and outcome.revision == 1
    assert running.controller.routing("search") == before
    assert running.status()["status"] == "RUNNING" and "no such model" in running.status()["message"]


def test_a_first_deploy_that_fails_leaves_no_replica(story: Story) -> None:
    request, said = story.deploy(APP)
    story.start("search#Search#2")
    said = story.tell(ev.ReplicaStartFailed, replica_id="search#Embedder#1", error="boom")
    story.end_all(said)
    assert story.finished[request].outcome == "failed"
    assert story.status()["status"] == "DEPLOY_FAILED" and story.status()["deployments"] == {}
    assert story.apply(APP).outcome == "applied"


def test_infrastructure_failures_are_retried_up_to_the_limit(story: Story) -> None:
    request, _ = story.deploy(graph(node("Search", max_constructor_retry_count=3)))
    for number in (1, 2):
        story.tell(ev.ReplicaStartFailed, replica_id=f"search#Search#{number}", error="node lost", retryable=True)
        assert request not in story.finished
        story.wait(5.0)
    story.tell(ev.ReplicaDied, replica_id="search#Search#3", reason="killed")
    assert story.finished[request].outcome == "failed" and "the limit is 3" in story.finished[request].error


def test_a_refused_patch_becomes_a_replace_on_all_replicas(story: Story) -> None:
    story.apply(graph(node("Search", num_replicas=2)))
    request, said = story.deploy(graph(node("Search", serve="2", num_replicas=2)))
    assert len(only(said, ins.PrepareReplica)) == 2
    story.tell(ev.ReplicaPrepared, replica_id="search#Search#1", revision=2)
    said = story.tell(ev.ReplicaPrepared, replica_id="search#Search#2", revision=2, refused="it has slots")
    assert [x.replica_id for x in only(said, ins.AbortPrepare)] == ["search#Search#1", "search#Search#2"]
    assert len(only(said, ins.StartReplica)) == 2
    story.start_all(said)
    story.ack()
    story.ack()
    step = story.finished[request].steps[0]
    assert (step.action, step.reason) == ("replace", "it has slots")
    story.end_all(story.idle(1))
    assert story.endpoints("Search") == ["search#Search#3", "search#Search#4"]


def test_user_code_that_raises_in_prepare_fails_the_deploy(running: Story) -> None:
    request, _ = running.deploy(graph(EMBEDDER, node("Search", serve="2", children=("Embedder",))))
    said = running.tell(
        ev.ReplicaPrepared, replica_id="search#Search#2", revision=2, error="KeyError: 'x'", type_name="KeyError"
    )
    assert "AbortPrepare" in kinds(said)
    assert running.finished[request].type_name == "KeyError"
    assert running.status()["deployments"]["Search"]["status"] == "HEALTHY"


def test_a_newer_deploy_supersedes_one_in_prepare(running: Story) -> None:
    first, said = running.deploy(graph(node("Embedder", init="2"), SEARCH))
    second, said = running.deploy(graph(node("Embedder", init="3"), SEARCH))
    assert only(said, ins.KillReplica) == [ins.KillReplica("search#Embedder#3")]
    assert running.finished[first].outcome == "superseded"
    running.start_all(said)
    running.ack()
    running.ack()
    assert (running.finished[second].outcome, running.finished[second].revision) == ("applied", 3)


def test_a_deploy_during_a_commit_waits_for_it(running: Story) -> None:
    first, said = running.deploy(graph(node("Embedder", init="2"), SEARCH))
    running.start_all(said)
    second, said = running.deploy(graph(node("Embedder", init="3"), SEARCH))
    third, said = running.deploy(graph(node("Embedder", init="4"), SEARCH))
    assert kinds(said) == ["FinishDeploy"] and running.finished[second].outcome == "superseded"
    running.ack()
    said = running.ack()
    assert running.finished[first].outcome == "applied"
    assert kinds(said) == ["FinishDeploy", "StartReplica"]
    running.start_all(said)
    running.ack()
    running.ack()
    assert running.finished[third].outcome == "applied"
    assert running.controller.draining("search") == [1, 2]
    assert "StopReplica" not in kinds(running.idle(2)), "the oldest revision retires first"
    assert len(only(running.idle(1), ins.StopReplica)) == 2


def test_interrupt_aborts_in_prepare_and_not_after(running: Story) -> None:
    first, _ = running.deploy(graph(node("Embedder", init="2"), SEARCH))
    said = running.tell(ev.AbortRequested, request_id=first)
    assert kinds(said) == ["KillReplica", "FinishDeploy"] and running.finished[first].outcome == "aborted"
    second, said = running.deploy(graph(node("Embedder", init="3"), SEARCH))
    running.start_all(said)
    assert running.tell(ev.AbortRequested, request_id=second) == []
    running.ack()
    running.ack()
    assert running.finished[second].outcome == "applied"


def test_timeout_says_what_still_waits(story: Story) -> None:
    request, _ = story.deploy(APP, timeout_s=10.0)
    story.start("search#Search#2")
    story.tell(ev.ReplicaWaiting, replica_id="search#Embedder#1", text="1 GPU asked for, 0 free of 0")
    assert "1 GPU asked for" in story.status()["message"]
    story.wait(9.0)
    assert request not in story.finished
    story.wait(1.0)
    error = story.finished[request].error
    assert "within 10 s" in error and "Embedder" in error and "1 GPU asked for, 0 free of 0" in error


def test_same_graph_changes_nothing(running: Story) -> None:
    request, said = running.deploy(APP)
    assert kinds(said) == ["FinishDeploy"] and running.finished[request].outcome == "unchanged"
    request, said = running.deploy(APP, force_replace=True)
    assert kinds(said) == ["StartReplica", "StartReplica", "PushRouting"]


def test_a_deploy_given_up_takes_back_the_sets_that_its_constructors_had(running: Story) -> None:
    request, said = running.deploy(APP, force_replace=True)
    assert (last_push(said).current, list(last_push(said).sets)) == (1, [1, 2])
    said = running.tell(ev.AbortRequested, request_id=request)
    assert (last_push(said).current, list(last_push(said).sets)) == (1, [1])


def test_a_patch_tells_senders_nothing_before_its_commit(running: Story) -> None:
    _, said = running.deploy(graph(EMBEDDER, node("Search", children=("Embedder",), serve="2")))
    assert "PushRouting" not in kinds(said)


def test_dry_run_only_tells(running: Story) -> None:
    request, said = running.deploy(graph(node("Embedder", init="2"), SEARCH), dry_run=True)
    assert [type(x) for x in said] == [ins.FinishDeploy]
    assert [step.action for step in running.finished[request].steps] == ["replace", "keep"]


def test_scaling_up_in_prepare_and_down_after_the_drain(story: Story) -> None:
    story.apply(graph(node("Search")))
    request, said = story.deploy(graph(node("Search", num_replicas=3)))
    assert len(only(said, ins.StartReplica)) == 2
    assert story.status()["deployments"]["Search"]["status"] == "UPSCALING"
    assert request not in story.finished
    story.prepare_all(said)
    story.prepare_all(story.start_all(said))
    story.ack()
    story.ack()
    assert story.finished[request].outcome == "applied"
    story.idle(1)
    assert len(story.endpoints("Search")) == 3

    _, said = story.deploy(graph(node("Search", num_replicas=1)))
    story.prepare_all(said)
    story.ack()
    assert not only(story.ack(), ins.StopReplica)
    said = story.idle(2)
    assert len(only(said, ins.StopReplica)) == 2
    assert len(last_push(said).sets[3]["Search"].endpoints) == 1


def test_a_scale_up_that_fails_is_taken_back(story: Story) -> None:
    story.apply(graph(node("Search")))
    request, said = story.deploy(graph(node("Search", num_replicas=2)))
    story.prepare_all(said)
    story.tell(ev.ReplicaStartFailed, replica_id="search#Search#2", error="boom")
    assert story.finished[request].outcome == "failed"
    assert story.endpoints("Search") == ["search#Search#1"]


def test_route_change_alone_moves_no_replica(running: Story) -> None:
    request, said = running.deploy(graph(EMBEDDER, SEARCH, route="/find"))
    assert kinds(said) == ["PushRouting"]
    running.ack()
    running.ack()
    assert running.finished[request].outcome == "applied"
    assert running.controller.routing("search").route_prefix == "/find"


def test_route_of_another_app_is_refused_by_name(running: Story) -> None:
    request, said = running.deploy(graph(node("Other"), name="other", route="/search"))
    assert kinds(said) == ["FinishDeploy"]
    error = running.finished[request].error
    assert "'/search'" in error and "'search'" in error
    assert running.apply(graph(node("Other"), name="other", route=None)).outcome == "applied"


def test_replica_that_dies_in_prepare_is_replaced_and_loads_both(running: Story) -> None:
    request, said = running.deploy(graph(EMBEDDER, node("Search", serve="2", children=("Embedder",))))
    said = running.tell(ev.ReplicaDied, replica_id="search#Search#2", reason="killed")
    assert only(said, ins.StartReplica) == [ins.StartReplica("search#Search#3", "search", "Search", 1)]
    said = running.start_all(said)
    assert only(said, ins.PrepareReplica) == [ins.PrepareReplica("search#Search#3", 2, "Search", True)]
    assert running.endpoints("Search", revision=1) == ["search#Search#3"]
    running.prepare_all(said)
    running.ack()
    running.ack()
    assert running.finished[request].outcome == "applied"


def test_replacement_that_cannot_hold_both_starts_with_the_committed_one(running: Story) -> None:
    _, said = running.deploy(graph(EMBEDDER, node("Search", serve="2", children=("Embedder",))))
    running.prepare_all(said)
    running.ack()
    running.ack()
    said = running.start_all(running.tell(ev.ReplicaDied, replica_id="search#Search#2", reason="killed"))
    said = running.tell(ev.ReplicaPrepared, replica_id="search#Search#3", revision=2, refused="cached property")
    assert only(said, ins.StartReplica) == [ins.StartReplica("search#Search#4", "search", "Search", 2)]
    running.start_all(said)
    assert running.endpoints("Search") == ["search#Search#4"]
    assert running.endpoints("Search", revision=1) == []


def test_a_replica_that_never_answers_a_patch_is_replaced(running: Story) -> None:
    request, _ = running.deploy(graph(EMBEDDER, node("Search", serve="2", children=("Embedder",))))
    running.start_all(running.wait(60.0))
    running.ack()
    running.ack()
    step = running.finished[request].steps[1]
    assert step.action == "replace" and "did not answer" in step.reason


def test_history_keeps_fifty_revisions(story: Story) -> None:
    for number in range(60):
        story.apply(graph(node("Search", serve=str(number))))
    revisions = story.controller.view("search")["revisions"]
    assert (revisions[0]["number"], len(revisions)) == (11, 50)


def test_a_replacement_catches_up_with_options_of_a_revision_that_is_over(story: Story) -> None:
    story.apply(graph(node("Search", max_ongoing_requests=2)))
    # Options change, then the rest of the app: the last revision keeps what the second one made.
    _, said = story.deploy(graph(node("Search"), node("Shop")))
    story.prepare_all(story.start_all(said) + said)
    story.ack()
    story.ack()
    _, said = story.deploy(graph(node("Search")))
    story.prepare_all(said)
    story.ack()
    story.ack()
    (replica_id,) = story.endpoints("Search")
    (start,) = only(story.tell(ev.ReplicaUnhealthy, replica_id=replica_id, error="ill"), ins.StartReplica)
    for number in story.controller.draining("search"):
        story.idle(number)
    said = story.start(start.replica_id)
    (prepare,) = only(said, ins.PrepareReplica)
    assert (prepare.revision, prepare.patch, prepare.graph_of) == (2, False, 3)
    story.prepare_all(said)
    assert story.endpoints("Search") == [start.replica_id]
