"""Keeps the history of apps, and tells those who watch them: changes at once, steps every second, never too often."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kernelserve.control.machine import Controller
from kernelserve.control.replicas import Replicas
from kernelserve.control.senders import Sender
from kernelserve.observe.history import STEP_S, AppState, History
from kernelserve.transport.messages import AppNews
from kernelserve.transport.observed import Point, Series

NEWS_PERIOD_S = 0.25
VITALS_PERIOD_S = 5.0
UNREAD_BYTES = 1 << 20
"""A watcher with more than that on its way gets nothing more until it has read, and then what is newest."""
LATE_S = 1.0
EVERY_APP = "*"

_encoder = msgspec.msgpack.Encoder()


@dataclass(slots=True)
class _Told:
    """What a watcher knows of an app: the encoded view, and the steps up to a time."""

    view: bytes
    until: float


@dataclass(slots=True)
class _Watch:
    """What one sender watches, and app → what it was told."""

    apps: set[str] = field(default_factory=set)
    told: dict[str, _Told] = field(default_factory=dict)


class Watchers:
    """All who watch apps, and what they are told. For the controller's event loop.

    Args:
        controller: asked for views.
        replicas: asked for what replicas tell of themselves, while somebody watches.
    """

    def __init__(self, controller: Controller, replicas: Replicas) -> None:
        self._controller = controller
        self._replicas = replicas
        self._history = History()
        self._watches: dict[Sender, _Watch] = {}
        self._vitals: dict[str, dict[str, Any]] = {}
        self._asking: asyncio.Task[None] | None = None
        self._stepper: asyncio.TimerHandle | None = None
        self._teller: asyncio.TimerHandle | None = None
        self._views_due = False
        self._told_at = 0.0
        self._closed = False

    # --- what happens ---

    def counted(self, sender: Sender, series: list[Series]) -> None:
        """A sender's series as they are."""
        self._history.counted(sender, series)
        self._step_soon()

    def changed(self) -> None:
        """Anything about any app may be another than before."""
        for app in self._controller.apps():
            self._history.touch(app)
        self._step_soon()
        self._tell_soon(views=True)

    def forgotten(self, app: str) -> None:
        """Nothing of the app is left."""
        self._history.forget(app)
        self._tell_soon(views=True)

    def watch(self, sender: Sender, app: str, on: bool) -> None:
        """Begin, with news at once, or end to tell a sender of an app."""
        if not on:
            self._end(sender, app)
            return
        watch = self._watches.setdefault(sender, _Watch())
        watch.apps.add(app)
        for name in self._controller.apps() if app == EVERY_APP else [app]:
            if name in watch.told:
                watch.told[name].view = b""  # The whole view again: somebody else there watches now.
            self._tell_of(sender, watch, name, {})
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask_replicas())

    def left(self, sender: Sender) -> None:
        """A sender's channel is lost."""
        self._history.left(sender)
        self._step_soon()
        self._watches.pop(sender, None)
        self._rest()

    def close(self) -> None:
        """End all that goes on."""
        self._closed = True
        self._watches.clear()
        self._rest()
        if self._stepper is not None:
            self._stepper.cancel()

    # --- what is ---

    def points(self, app: str, after: float) -> list[Point]:
        """The steps of an app's history; raises `ApplicationNotFoundError` if there is no such app."""
        self._controller.check_app(app)
        return self._history.points(app, after)

    def view(self, app: str) -> dict[str, Any]:
        """Plain data of the app, with what its replicas have told; raises `ApplicationNotFoundError`."""
        view = self._controller.view(app)
        if self._vitals:
            for node in (*view["nodes"], *view["coming"]):
                self._add_vitals(node, view["revision"])
        return view

    def _add_vitals(self, node: dict[str, Any], revision: int) -> None:
        for replica in (*node["replicas"], *node["others"]):
            told = self._vitals.get(replica["replica_id"])
            if told is None:
                continue
            replica["memory"], replica["gpus"] = told["memory"], told["gpus"]
            # Not what was told before the last change of options.
            if told["revision"] == revision:
                changed = node["options"].get("batching", {})
                for method, settings in told["batching"].items():
                    if method in node["batching"]:
                        node["batching"][method] = {**settings, **changed.get(method, {})}

    # --- steps ---

    def _step_soon(self) -> None:
        # A first step ends half a period after the report that begins it: reports come every period, and not one of
        # them shall fall now before the end of a step and now after it.
        self._step_in(STEP_S / 2)

    def _step_in(self, delay_s: float) -> None:
        if self._stepper is None and self._history.waiting and not self._closed:
            self._stepper = asyncio.get_running_loop().call_later(delay_s, self._step)

    def _step(self) -> None:
        self._stepper = None
        if self._history.step(time.time(), self._state):
            self._tell_soon(views=False)
        self._step_in(STEP_S)

    def _state(self, app: str) -> AppState | None:
        replicas = self._controller.serving(app)
        return None if replicas is None else AppState(self._controller.routing(app).current, replicas)

    # --- news ---

    def _tell_soon(self, views: bool) -> None:
        if not self._watches:
            return
        self._views_due |= views
        if self._teller is None:
            loop = asyncio.get_running_loop()
            self._teller = loop.call_later(max(0.0, self._told_at + NEWS_PERIOD_S - loop.time()), self._tell)

    def _tell(self) -> None:
        loop = asyncio.get_running_loop()
        self._teller, self._told_at = None, loop.time()
        views_due, self._views_due = self._views_due, False
        made: dict[str, bytes] = {}
        late = False
        for sender, watch in self._watches.items():
            if _unread(sender) > UNREAD_BYTES:
                late = True
                continue
            for app in self._watched(watch):
                self._tell_of(sender, watch, app, made, views_due)
        if late:
            self._views_due = True
            self._teller = loop.call_later(LATE_S, self._tell)

    def _watched(self, watch: _Watch) -> list[str]:
        """Names of apps to tell of; those that are gone, but not told to be, among them."""
        named = [*watch.apps - {EVERY_APP}, *watch.told]
        return list(dict.fromkeys([*named, *self._controller.apps()] if EVERY_APP in watch.apps else named))

    def _tell_of(self, sender: Sender, watch: _Watch, app: str, made: dict[str, bytes], views: bool = True) -> None:
        told = watch.told.get(app)
        points = self._history.points(app, told.until) if told is not None else []
        view = None
        if views or told is None:
            data = made.get(app) or made.setdefault(app, _encoder.encode(self._view_or_gone(app)))
            if told is None or data != told.view:
                view = msgspec.msgpack.decode(data)
                told = watch.told[app] = _Told(data, told.until if told is not None else time.time())
        if points and told is not None:
            told.until = points[-1].time
        if view is not None or points:
            sender.rpc.notify(AppNews(app=app, view=view, points=points))
        if view == {} and app not in watch.apps:
            del watch.told[app]

    def _view_or_gone(self, app: str) -> dict[str, Any]:
        return self.view(app) if app in self._controller.apps() else {}

    def _end(self, sender: Sender, app: str) -> None:
        watch = self._watches.get(sender)
        if watch is None:
            return
        watch.apps.discard(app)
        if EVERY_APP not in watch.apps:
            watch.told = {name: told for name, told in watch.told.items() if name in watch.apps}
        if not watch.apps:
            del self._watches[sender]
            self._rest()

    def _rest(self) -> None:
        """Nobody watches any more: nothing goes on for them."""
        if self._watches:
            return
        if self._teller is not None:
            self._teller.cancel()
            self._teller = None
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
        self._vitals.clear()

    # --- vitals ---

    async def _ask_replicas(self) -> None:
        while True:
            watched = {app for watch in self._watches.values() for app in self._watched(watch)}
            asked = [one for app in watched & {*self._controller.apps()} for one in self._running(app)]
            answers = await asyncio.gather(*(self._replicas.info(replica_id) for replica_id, _ in asked))
            self._vitals = {
                replica_id: {
                    "memory": answer.get("memory"),
                    "gpus": answer.get("gpus", []),
                    "batching": answer.get("batching", {}),
                    "revision": revision,
                }
                for (replica_id, revision), answer in zip(asked, answers, strict=True)
                if answer is not None
            }
            self._tell_soon(views=True)
            await asyncio.sleep(VITALS_PERIOD_S)

    def _running(self, app: str) -> list[tuple[str, int]]:
        """Ids of the app's replicas that can be asked, each with the current revision."""
        view = self._controller.view(app)
        replicas = (one for node in view["nodes"] for one in (*node["replicas"], *node["others"]))
        return [(one["replica_id"], view["revision"]) for one in replicas if one["state"] in ("RUNNING", "UPDATING")]


def _unread(sender: Sender) -> int:
    channel = sender.rpc.channel
    return channel.unsent_bytes if channel is not None else 0
