"""Patches that had to be alone on their replicas, and could not: the deployment is replaced in that revision."""

from __future__ import annotations

import pytest
from control_story import Story, graph, last_push, node, only

from kernelserve.control import events as ev
from kernelserve.control import instructions as ins
from kernelserve.graph.model import AppGraph
from kernelserve.transport.messages import Trial

WHY = "requests did not end in time"


def search(word: str = "1") -> AppGraph:
    return graph(node("Search", serve=word, num_replicas=2))


@pytest.fixture
def patched() -> Story:
    """Revision 2 has patched revision 1, whose requests go on."""
    story = Story()
    story.apply(search())
    request, said = story.deploy(search("2"))
    for prepare in only(said, ins.PrepareReplica):
        story.tell(ev.ReplicaPrepared, replica_id=prepare.replica_id, revision=2, barrier="it holds a Net")
    story.ack()
    story.ack()
    assert story.finished[request].steps[0].reason.endswith("; after older requests end: it holds a Net")
    return story


def overdue(story: Story, replica: str, revision: int = 2) -> list[ins.Instruction]:
    return story.tell(ev.PatchGivenUp, replica_id=replica, revision=revision, reason=WHY)


def test_the_revision_gets_replicas_of_its_own_and_the_old_ones_drain(patched: Story) -> None:
    said = overdue(patched, "search#Search#1")
    assert [start.revision for start in only(said, ins.StartReplica)] == [2, 2]
    sets = last_push(said).sets
    assert (len(sets[1]["Search"].endpoints), len(sets[2]["Search"].endpoints)) == (2, 0)
    assert overdue(patched, "search#Search#2") == [], "the other one says the same"
    patched.start_all(said)
    assert patched.endpoints("Search") == ["search#Search#3", "search#Search#4"]
    assert patched.endpoints("Search", revision=1) == ["search#Search#1", "search#Search#2"]
    stopped = only(patched.idle(1), ins.StopReplica)
    assert sorted(stop.replica_id for stop in stopped) == ["search#Search#1", "search#Search#2"]
    (step,) = patched.controller.revisions("search")[-1].steps
    assert (step.action, step.reason) == ("replace", WHY)


def test_after_the_older_requests_have_ended_the_old_replicas_end_at_once(patched: Story) -> None:
    patched.idle(1)
    said = overdue(patched, "search#Search#1")
    assert len(only(said, ins.StartReplica)) == len(only(said, ins.StopReplica)) == 2


def test_a_deploy_in_prepare_goes_on_on_the_new_replicas(patched: Story) -> None:
    request, said = patched.deploy(search("3"))
    preparing = only(said, ins.PrepareReplica)
    said = overdue(patched, "search#Search#1")
    assert [abort.revision for abort in only(said, ins.AbortPrepare)] == [3] * len(preparing)
    said = patched.start_all(said)
    assert request not in patched.finished
    patched.prepare_all(said)
    patched.ack()
    patched.ack()
    assert patched.finished[request].outcome == "applied"
    assert (
        patched.endpoints("Search")
        == patched.endpoints("Search", revision=2)
        == [
            "search#Search#3",
            "search#Search#4",
        ]
    )


def test_before_the_commit_the_plan_is_changed() -> None:
    story = Story()
    story.apply(search())
    request, _ = story.deploy(search("2"))
    story.tell(ev.ReplicaPrepared, replica_id="search#Search#1", revision=2, barrier="it holds a Net")
    story.start_all(overdue(story, "search#Search#1"))
    story.ack()
    story.ack()
    assert [step.action for step in story.finished[request].steps] == ["replace"]


def test_a_trial_is_taken_back() -> None:
    story = Story()
    story.apply(search())
    _, said = story.deploy(search("2"), trial=Trial(share=0.5))
    story.prepare_all(said)
    story.ack()
    story.ack()
    overdue(story, "search#Search#1")
    story.idle(2)
    assert story.controller.revisions("search")[-1].outcome == "failed" and WHY in story.status()["message"]
    assert story.endpoints("Search") == ["search#Search#1", "search#Search#2"]
