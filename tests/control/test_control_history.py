"""What is on record of an app's past: revisions for people, and going back to one."""

from __future__ import annotations

import msgspec
import pytest
from control_story import Story, graph, node

from kernelserve.control import events as ev
from kernelserve.control.machine import Controller
from kernelserve.exceptions import RayServeException
from kernelserve.graph.model import AppGraph, decode_graph, encode


def search(word: str, **options: object) -> AppGraph:
    return graph(node("Embedder"), node("Search", serve=word, children=("Embedder",), **options))


def sent(app: AppGraph, **changes: object) -> AppGraph:
    """The graph as the controller gets it: shares nothing with any other."""
    return decode_graph(encode(msgspec.structs.replace(app, **changes)))


@pytest.fixture
def story() -> Story:
    story = Story()
    story.apply(search("1"), source="cell one")
    story.apply(search("2", max_ongoing_requests=9), source="cell two")
    return story


def back_to(story: Story, number: int) -> None:
    old = story.controller.applied("search", number)
    assert story.apply(old.graph, source=old.source, of=number).outcome == "applied"


def test_revisions_say_what_was_tried_and_what_serves(story: Story) -> None:
    request, _ = story.deploy(graph(node("Embedder", init="9"), node("Search", serve="2")))
    story.tell(ev.AbortRequested, request_id=request, reason="interrupted")
    first, second, third = story.controller.revisions("search")
    assert [(one.number, one.outcome, one.state, one.source) for one in (first, second)] == [
        (1, "applied", "", "cell one"),
        (2, "applied", "current", "cell two"),
    ]
    assert [(step.deployment, step.action) for step in second.steps] == [("Embedder", "keep"), ("Search", "patch")]
    assert second.options == {"Embedder": {}, "Search": {"max_ongoing_requests": 9}}
    assert (third.outcome, third.error, third.state) == ("aborted", "interrupted", "")


def test_a_rollback_is_a_new_revision_that_says_what_it_goes_back_to(story: Story) -> None:
    back_to(story, 1)
    last = story.controller.revisions("search")[-1]
    assert (last.number, last.of, last.state, last.source) == (3, 1, "current", "cell one")
    assert [step.action for step in last.steps] == ["keep", "patch"]
    assert story.apply(search("2", max_ongoing_requests=9)).steps[1].action == "patch", "the newest cell, run again"


def test_only_what_was_applied_can_be_gone_back_to(story: Story) -> None:
    request, _ = story.deploy(search("3"))
    story.tell(ev.AbortRequested, request_id=request, reason="interrupted")
    with pytest.raises(RayServeException, match=r"Revision 3 .* never applied, it was aborted. .* that was: 1, 2."):
        story.controller.applied("search", 3)
    with pytest.raises(RayServeException, match=r"no revision 7 on record; the last 50 are kept. .*: 1, 2."):
        story.controller.applied("search", 7)


def test_history_survives_a_restart_of_the_controller(story: Story) -> None:
    back_to(story, 1)
    before = story.controller.revisions("search")
    data = story.controller.snapshot()
    story.controller, said = Controller.restore(data, 2, story.now, story.new_id)
    story.heard(said)
    assert story.controller.revisions("search") == before
    assert story.controller.applied("search", 2).graph == search("2", max_ongoing_requests=9)


def test_what_revisions_have_in_common_is_held_once() -> None:
    story = Story()
    units = {"value:array:1": bytes(1000)}
    for word in ("1", "2"):
        story.apply(sent(search(word), units=units, sources={"cell 1": "text" * 100}))
    one, two = (story.controller.graph("search", number) for number in (1, 2))
    assert one.units["value:array:1"] is two.units["value:array:1"]
    assert one.sources["cell 1"] is two.sources["cell 1"]
    assert one.nodes["Embedder"] is two.nodes["Embedder"] and one.nodes["Search"] != two.nodes["Search"]
