"""Views of a running system: what they answer, when they move, and that nothing is left of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from system_helpers import Cells, get, wait_for

import kernelserve as serve
from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.look import EVERY_APP, Look
from kernelserve.cluster.session import ensure_session
from kernelserve.exceptions import RayServeException
from kernelserve.widget import feed
from kernelserve.widget.view import View

CELL = """
import logging

@serve.deployment(max_ongoing_requests=7)
class Prices:
    def price(self, item):
        return {"tea": 3}[item]

    @serve.batch(max_batch_size=4, batch_wait_timeout_s=0.0)
    async def many(self, items):
        return items

@serve.deployment
class Shop:
    def __init__(self, prices):
        self.prices = prices

    async def __call__(self, request):
        item = request.query_params["item"]
        logging.getLogger("shop").warning("asked for %s", item)
        return await self.prices.price.remote(item)

app = Shop.bind(Prices.bind())
"""
THREADS = ("kernelserve views of", "kernelserve requests of", "kernelserve view")


@pytest.fixture
def cells() -> Iterator[Cells]:
    yield Cells(ensure_session("local", http_options={"port": 0}))
    serve.shutdown(all=True)
    nothing_is_left()


@pytest.fixture
def shop(cells: Cells) -> Cells:
    cells.run(CELL)
    cells.session.deploy(cells["app"], name="shop", route_prefix="/shop", journal=True, source=CELL)
    return cells


class Eyes:
    """A front end of one view, without a browser: what it was sent, and what it asks.

    Attributes:
        frames: all that came.
    """

    def __init__(self, look: Look) -> None:
        self.replies: dict[int, dict[str, Any]] = {}
        self.frames: list[dict[str, Any]] = []
        self.view = View(look)
        self.view.send = self._sent  # type: ignore[method-assign]  # The comm of a process that is no kernel goes nowhere.
        self.view.observe(lambda change: self.frames.append(change["new"]), "frame")
        self._asked = 0

    def _sent(self, content: Any, buffers: Any = None) -> None:
        self.replies[content["id"]] = content

    def tell(self, **content: Any) -> None:
        self.view._message(self.view, content, [])

    def see(self, on: bool = True, eye: str = "1") -> None:
        self.tell(kind="seen", view=eye, on=on)

    def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        self._asked += 1
        number = self._asked
        self.tell(kind=kind, id=number, **fields)
        return wait_for(lambda: self.replies.get(number), f"{kind} is answered")  # type: ignore[no-any-return]

    def answer(self, kind: str, **fields: Any) -> dict[str, Any]:
        reply = self.ask(kind, **fields)
        assert not reply["error"], reply["error"]
        return reply["answer"]  # type: ignore[no-any-return]

    def shows(self, condition: Any, what: str) -> dict[str, Any]:
        def found() -> Any:
            return next(filter(condition, self.frames[-1:]), None)

        return wait_for(found, what)  # type: ignore[no-any-return]

    def node(self, name: str) -> dict[str, Any]:
        return next(node for node in self.view.frame["nodes"] if node["name"] == name)


def nothing_is_left() -> None:
    def left() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name.startswith(THREADS)]

    wait_for(lambda: not left() and not feed._feeds, f"threads end: {left()}")


def order(cells: Cells, item: str) -> int:
    status, _ = get(f"{cells.session.url('/shop')}?item={item}")
    return status


def test_knobs_turn_and_turn_back_and_are_refused_in_the_servers_words(shop: Cells) -> None:
    eyes = Eyes(LiveApp(shop.session, "shop").graph().look)
    details = eyes.answer("node", node="Prices")
    assert details["source"].startswith("@serve.deployment(max_ongoing_requests=7)\nclass Prices")
    assert details["options"] == {"max_ongoing_requests": "7"} and len(details["replicas"]) == 1
    values = {knob["option"]: knob["value"] for knob in details["knobs"]}
    assert values["num_replicas"] == 1 and values["batching.many.max_batch_size"] == 4

    eyes.see()
    applied = eyes.answer("apply", node="Prices", options={"num_replicas": 2.0, "batching.many.max_batch_size": 8.0})
    assert (applied["revision"], applied["summary"].split()[:2]) == (2, ["Prices", "updated"])
    assert "num_replicas of Prices back to 1" in applied["undo"]
    eyes.shows(lambda frame: frame["undo"] == applied["undo"] and frame["revision"] == 2, "the view has the undo")
    wait_for(lambda: len(eyes.node("Prices")["replicas"]) == 2, "two replicas are seen")
    values = {knob["option"]: knob["value"] for knob in eyes.answer("node", node="Prices")["knobs"]}
    assert (values["num_replicas"], values["batching.many.max_batch_size"]) == (2, 8)

    refused = eyes.ask("apply", node="Prices", options={"num_replicas": -1})
    assert refused["answer"] is None and "num_replicas" in refused["error"] and "-1" in refused["error"]
    undone = eyes.answer("undo")
    assert (undone["revision"], undone["undo"]) == (3, "")
    wait_for(lambda: len(eyes.node("Prices")["replicas"]) == 1, "one of them has ended")
    assert "nothing to take back" in eyes.ask("undo")["error"]
    assert "Prices" in eyes.ask("node", node="Price")["error"], "the names that there are"
    assert "Reload the page" in eyes.ask("no such kind")["error"]
    eyes.view.close()


def test_requests_are_seen_opened_and_sent_again(shop: Cells) -> None:
    live = LiveApp(shop.session, "shop")
    eyes = Eyes(live.inspect())
    eyes.see()
    assert order(shop, "tea") == 200 and order(shop, "cake") == 500
    wait_for(lambda: len([row for frame in eyes.frames for row in frame["rows"]]) == 2, "both are pushed")
    rows = [row for frame in eyes.frames for row in frame["rows"]]
    assert [(row["status"], row["failed"], row["deployments"]) for row in rows] == [
        (200, False, ["Shop", "Prices"]),
        (500, True, ["Shop", "Prices"]),
    ]
    (failed,) = eyes.answer("rows", status="error")["rows"]
    assert failed["id"] == rows[1]["id"] and "KeyError" in failed["error"]
    trace = eyes.answer("trace", request_id=failed["id"])
    assert [span["deployment"] for span in trace["spans"]] == ["Shop", "Prices"]
    assert "KeyError" in trace["traceback"] and trace["curl"].startswith("curl ") and not trace["why_not"]
    again = eyes.answer("replay", request_id=rows[0]["id"])
    assert (again["status"], again["same"], again["answer"]["text"]) == (200, True, "3")
    assert "unknown" in eyes.ask("trace", request_id="unknown")["error"]
    assert "status" in eyes.ask("rows", status="good")["error"]

    def said() -> list[str]:
        return [line["text"] for line in eyes.answer("logs", node="Shop")["lines"]]

    wait_for(lambda: said()[:2] == ["asked for tea", "asked for cake"], "the lines are there")
    wait_for(
        lambda: {one["deployment"] for one in eyes.answer("history")["points"]} >= {"", "Shop"}, "the steps are there"
    )
    assert eyes.answer("history")["marks"][0]["revision"] == 1
    eyes.view.close()


def test_a_view_moves_while_this_thread_works_and_only_while_it_is_seen(shop: Cells) -> None:
    look = LiveApp(shop.session, "shop").graph().look
    eyes, other = Eyes(look), Eyes(look)
    eyes.see()
    moved = threading.Event()
    eyes.view.observe(lambda _: moved.set(), "frame")
    order(shop, "tea")
    assert moved.wait(60.0), "drawn by the feed's thread"
    assert not other.frames, "it is not on the screen"
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("kernelserve views of shop") == 1

    other.see(eye="a")
    other.see(eye="b")
    other.see(on=False, eye="a")
    wait_for(lambda: other.frames, "one of its two places is seen")
    eyes.view.close()
    other.tell(kind="seen", view="b", on=False, closed=True)
    nothing_is_left()
    assert not shop.session.client._watching.apps()
    eyes.see()
    assert not feed._feeds, "a closed view stays closed"
    watchers = shop.session._system._service._watchers  # type: ignore[attr-defined]
    wait_for(lambda: not watchers._watches, "the controller tells nobody")


def test_an_app_may_go_and_come_back_while_it_is_seen(shop: Cells) -> None:
    eyes = Eyes(LiveApp(shop.session, "shop").graph().look)
    every = Eyes(serve.dashboard())
    eyes.see()
    every.see()
    every.shows(lambda frame: frame["apps"] == ["shop"], "the app is there")
    eyes.shows(lambda frame: not frame["gone"], "it is there")
    shop.session.delete("shop")
    eyes.shows(lambda frame: frame["gone"], "it is gone")
    every.shows(lambda frame: frame["apps"] == [], "no app is there")
    assert "shop" in eyes.ask("node", node="Shop")["error"]
    shop.serve(CELL, "shop")
    eyes.shows(lambda frame: not frame["gone"] and frame["status"] == "RUNNING", "it is back")
    every.shows(lambda frame: frame["apps"] == ["shop"] and not frame["gone"], "it is back among all")
    eyes.view.close()
    every.view.close()


def test_a_system_that_was_closed_is_said_and_a_new_one_is_another(shop: Cells) -> None:
    look = LiveApp(shop.session, "shop").graph().look
    seen, later = Eyes(look), Eyes(look)
    seen.see()
    seen.shows(lambda frame: True, "it is drawn")
    serve.shutdown(all=True)
    seen.shows(lambda frame: frame["lost_since"], "it says so")
    nothing_is_left()
    again = Cells(ensure_session("local", http_options={"port": 0}))
    again.serve(CELL, "shop")
    later.see()
    later.shows(lambda frame: frame["lost_since"], "who looks later is told, too")
    assert later.ask("node", node="Shop")["error"]
    fresh = Eyes(LiveApp(again.session, "shop").graph().look)
    fresh.see()
    fresh.shows(lambda frame: frame["lost_since"] is None and frame["revision"] == 1, "the new one is live")
    fresh.view.close()


def test_a_view_that_cannot_be_drawn_is_not_the_others_affair(shop: Cells) -> None:
    look = LiveApp(shop.session, "shop").graph().look
    broken, good = Eyes(look), Eyes(look)

    def fail(*_: object) -> None:
        raise ArithmeticError("broken")

    broken.view._drawing.draw = fail  # type: ignore[assignment]
    broken.see()
    good.see()
    before = len(good.frames)
    wait_for(lambda: len(good.frames) > before + 2, "it goes on")
    broken.view.close()
    good.view.close()


def test_the_dashboard_of_all_apps_needs_a_system(cells: Cells) -> None:
    assert serve.dashboard() == Look(cells.session, EVERY_APP, "dashboard")
    assert "all apps" in repr(serve.dashboard())
    serve.shutdown(all=True)
    with pytest.raises(RayServeException, match=r"serve\.run"):
        serve.dashboard()
