"""Changing options of a running app: what is refused, what the new revision is, what is on its way already."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from control_story import Story, graph, node

from kernelserve.control import events as ev
from kernelserve.exceptions import FeatureNotBuiltError, RayServeException
from kernelserve.graph.model import AppGraph
from kernelserve.transport.messages import Trial

WORK = {"max_batch_size": 4, "batch_wait_timeout_s": 0.01, "max_concurrent_batches": 1}


def search(word: str = "1", **options: Any) -> AppGraph:
    with_batches = msgspec.structs.replace(
        node("Search", serve=word, children=("Index",), **options), batching={"work": WORK}
    )
    return graph(node("Index"), with_batches)


@pytest.fixture
def story() -> Story:
    story = Story()
    story.apply(search(num_replicas=1), source="the cell")
    return story


def turn(story: Story, **options: Any) -> tuple[AppGraph, str]:
    return story.controller.turned("search", {"Search": options})


def test_options_become_an_update_plan_with_a_remark_over_the_cell(story: Story) -> None:
    new, source = turn(story, num_replicas=3, batching={"work": {"max_batch_size": 8}})
    assert source == (
        "# changed while it runs: num_replicas of Search: 1 → 3; max_batch_size of Search.work: 4 → 8\nthe cell"
    )
    outcome = story.apply(new, source=source)
    assert [(step.deployment, step.action) for step in outcome.steps] == [("Index", "keep"), ("Search", "update")]
    (_, shown) = story.controller.view("search")["nodes"]
    assert shown["batching"] == {"work": {**WORK, "max_batch_size": 8}} and shown["target"] == 3

    back, source = turn(story, num_replicas=1, batching={"work": {"max_batch_size": None}})
    assert source == (
        "# changed while it runs: num_replicas of Search: 3 → 1; max_batch_size of Search.work: 8 → 4\nthe cell"
    )
    assert "batching" not in back.nodes["Search"].options
    again = story.apply(search(num_replicas=1))
    assert [step.action for step in again.steps] == ["keep", "update"], "the cell brings its own values back"


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"num_replicas": 0}, ValueError, "num_replicas is 0"),
        ({"max_ongoing_requests": "many"}, ValueError, "max_ongoing_requests is 'many'"),
        ({"num_replica": 2}, TypeError, "Did you mean 'num_replicas'"),
        ({"num_replicas": "auto"}, FeatureNotBuiltError, "autoscaling"),
        ({"ray_actor_options": {"num_cpus": 2}}, ValueError, "Edit the cell"),
        ({"batching": {"word": {"max_batch_size": 2}}}, ValueError, "Did you mean 'work'"),
        ({"batching": {"work": {"size": 2}}}, ValueError, "Unknown setting 'size'"),
        ({"batching": {"work": {"max_batch_size": 0}}}, ValueError, "max_batch_size must be"),
        ({"batching": 3}, ValueError, "batching of Search is 3"),
    ],
)
def test_bad_values_are_refused(story: Story, options: dict[str, Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        turn(story, **options)


def test_what_is_not_there_is_refused(story: Story) -> None:
    with pytest.raises(ValueError, match=r"no deployment 'Searc'\. Did you mean 'Search'"):
        story.controller.turned("search", {"Searc": {"num_replicas": 2}})
    with pytest.raises(RayServeException, match="no application 'other'"):
        story.controller.turned("other", {})


def test_a_second_turn_goes_on_from_the_first_and_an_edit_is_not_undone_by_one(story: Story) -> None:
    first, source = turn(story, num_replicas=3)
    story.deploy(first, source=source)  # Its replicas are starting.
    second, source = turn(story, max_ongoing_requests=9)
    assert second.nodes["Search"].options == {"num_replicas": 3, "max_ongoing_requests": 9}
    story.deploy(second, source=source)
    story.deploy(search("2"))
    with pytest.raises(RayServeException, match="revision 4 is being deployed: wait for it"):
        turn(story, num_replicas=2)


def test_a_trial_is_not_taken_back_by_a_knob(story: Story) -> None:
    _, said = story.deploy(search("2"), trial=Trial(share=0.1))
    story.prepare_all(said)
    story.ack()
    with pytest.raises(RayServeException, match="on trial: accept or reject it"):
        turn(story, num_replicas=2)
    story.tell(ev.DeleteRequested, app="search")
    with pytest.raises(RayServeException, match="being deleted"):
        turn(story, num_replicas=2)


def test_the_view_tells_what_a_plan_is_doing(story: Story) -> None:
    old = search(num_replicas=1).nodes["Search"]
    story.now += 5.0
    story.deploy(graph(node("Index", init="2"), node("Cache"), old))
    view = story.controller.view("search")
    index, searching = view["nodes"]
    assert (index["next_action"], index["stage_since"], len(index["others"])) == ("replace", story.now, 1)
    assert index["stage"].startswith("starting (0 of 1") and index["others"][0]["state"] == "STARTING"
    assert (searching["next_action"], searching["stage"], searching["others"]) == ("keep", "", [])
    assert [(new["name"], len(new["replicas"])) for new in view["coming"]] == [("Cache", 1)]
