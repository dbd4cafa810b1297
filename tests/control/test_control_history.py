"""What is on record of an app's past: revisions for people, and going back to one."""

from __future__ import annotations

import functools
from pathlib import Path

import msgspec
import pytest
from control_story import Story, graph, node

from kernelserve.control import events as ev
from kernelserve.control.machine import Controller
from kernelserve.control.record import Saved
from kernelserve.control.storage import FolderStorage
from kernelserve.exceptions import RayServeException
from kernelserve.graph import keep
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
    with pytest.raises(RayServeException, match=r"Revision 3 .* never applied, it was aborted. .* of these: 1, 2."):
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


def test_what_is_too_large_is_shown_and_not_gone_back_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep.held, "__defaults__", (2500,))
    story = Story()
    for number in range(4):
        needs = msgspec.structs.replace(node("Search", serve=str(number)), units=(f"value:array:{number}",))
        story.apply(sent(graph(needs), units={f"value:array:{number}": bytes(1000)}))
    assert [one.number for one in story.controller.revisions("search")] == [1, 2, 3, 4]
    assert story.controller.applied("search", 3).graph.units
    with pytest.raises(RayServeException, match=r"revision 1 .* not kept any more: .* Choose one of these: 3, 4"):
        story.controller.applied("search", 1)


def test_large_units_are_written_once_and_go_with_their_revisions(tmp_path: Path) -> None:
    story, storage, names = Story(), FolderStorage(tmp_path), set[str]()
    for number in range(2):
        units = {f"value:array:{number}": bytes(1 << 17), "value:array:x": bytes(1 << 17), "class:A:1": b"small"}
        story.apply(sent(search(str(number)), units=units, sources={"cell 1": f"text {number}"}))
        storage.write("search", functools.partial(story.controller.snapshot_app, "search"))
        names |= {file.name for file in (tmp_path / "search.units").iterdir()}
    assert len(names) == 3 and (tmp_path / "search.app").stat().st_size < 10_000
    restored, _ = Controller.restore(storage.read(), 2, story.now)
    for number in (1, 2):
        assert restored.graph("search", number) == story.controller.graph("search", number)
    storage.write("search", lambda: Saved(b""))
    assert not any((tmp_path / "search.units").iterdir())
    storage.remove("search")
    assert not any(tmp_path.iterdir())
