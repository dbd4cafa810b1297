"""The controller as others see it: a listener that answers senders and clients."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import msgspec

from kernelserve.control import events
from kernelserve.control.counted import CountedSeries, own_series
from kernelserve.control.driver import Driver
from kernelserve.control.logs import AppLogs
from kernelserve.control.machine import Controller
from kernelserve.control.requests import find_requests
from kernelserve.control.senders import Sender
from kernelserve.control.storage import Storage
from kernelserve.control.watchers import Watchers
from kernelserve.exceptions import RayServeException
from kernelserve.graph.keep import completed
from kernelserve.graph.model import AppGraph, decode_graph
from kernelserve.placement.base import Placement
from kernelserve.transport.base import Channel, Listener
from kernelserve.transport.connect import listen
from kernelserve.transport.messages import (
    AbortDeploy,
    Counted,
    Delete,
    DeleteOwned,
    Deploy,
    Deployed,
    EndTrial,
    GetGraph,
    GetHistory,
    GetLogs,
    GetRequests,
    GetRevisions,
    GetSeries,
    GetStatus,
    Hello,
    HistoryFound,
    Message,
    Ok,
    PatchOverdue,
    Progress,
    RequestsFound,
    RevisionIdle,
    Revisions,
    Rollback,
    SeriesFound,
    StepView,
    Subscribe,
    Update,
    Warned,
    Watch,
)
from kernelserve.transport.rpc import Rpc

log = logging.getLogger("kernelserve.control")


class ControlService:
    """Runs a controller on the current event loop.

    Args:
        controller: the machine, new or restored.
        address: where to listen.
        logs: the folder of the system's logs.
    """

    def __init__(
        self,
        controller: Controller,
        *,
        placement: Placement,
        secret: bytes,
        storage: Storage,
        address: str,
        logs: str = "",
    ) -> None:
        self._logs = AppLogs(logs)
        self._secret = secret
        self._address = address
        self._placement = placement
        self._deploys: dict[str, tuple[asyncio.Future[Deployed], Sender]] = {}
        self._deletes: dict[str, list[asyncio.Future[None]]] = {}
        self._listener: Listener | None = None
        self.driver = Driver(
            controller,
            placement=placement,
            secret=secret,
            storage=storage,
            address=address,
            on_progress=self._progress,
            on_finished=self._finished,
            on_forgotten=self._forgotten,
            on_changed=self._changed,
        )
        self._counted = CountedSeries()
        self._watchers = Watchers(controller, self.driver.replicas)

    async def start(self) -> None:
        """Listen; from here on the controller can be reached."""
        self._listener = await listen(self._address, self._accept, role="controller", secret=self._secret)

    async def close(self, replicas: bool = True) -> None:
        """Stop listening and, if `replicas`, end every replica."""
        if self._listener is not None:
            await self._listener.close()
        self._watchers.close()
        await self.driver.close()
        if replicas:
            await self._placement.close()
        for sender in list(self.driver.senders.all):
            if sender.rpc.channel is not None:
                sender.rpc.channel.close()

    # --- channels ---

    def _accept(self, channel: Channel) -> Rpc:
        connection = _Connection(self, channel)
        return connection.rpc

    async def handle(self, sender: Sender, message: Message) -> Message | None:
        """Answer one message of a sender that has said hello."""
        driver = self.driver
        match message:
            case Subscribe(apps=apps):
                await driver.senders.subscribe(sender, apps)
            case RevisionIdle(app=app, revision=revision):
                driver.senders.idle(sender, app, revision)
            case Deploy():
                return await self._deploy(sender, message)
            case Rollback():
                return await self._rollback(sender, message)
            case EndTrial():
                return await self._end_trial(sender, message)
            case AbortDeploy(request_id=request_id, reason=reason):
                driver.post(events.AbortRequested(now=driver.now(), request_id=request_id, reason=reason))
            case PatchOverdue(replica_id=replica_id, revision=revision, reason=reason):
                driver.post(
                    events.PatchGivenUp(now=driver.now(), replica_id=replica_id, revision=revision, reason=reason)
                )
            case Counted(series=series):
                self._counted.counted(sender, series)
                self._watchers.counted(sender, series)
            case GetSeries():
                return await self._series()
            case GetHistory(app=app, after=after):
                return HistoryFound(points=self._watchers.points(app, after))
            case Watch(app=app, on=on):
                self._watchers.watch(sender, app, on)
            case Update():
                return await self._update(sender, message)
            case Warned(app=app):
                for other in driver.senders.all:
                    if other.role == "client" and other.follows(app):
                        other.rpc.notify(message)
            case Delete(app=app):
                await self._delete(app)
            case DeleteOwned(owner=owner, everything=everything):
                apps = driver.controller.apps() if everything else driver.controller.owned_by(owner)
                await asyncio.gather(*(self._delete(app) for app in apps))
                return Ok(value=driver.controller.apps())
            case GetLogs(app=app):
                driver.controller.check_app(app)
                return await self._logs.answer(message)
            case GetStatus():
                return Ok(value=self._status())
            case GetGraph(app=app):
                return Ok(value=msgspec.to_builtins(self._watchers.view(app)))
            case GetRevisions(app=app):
                return Revisions(revisions=driver.controller.revisions(app))
            case GetRequests():
                return await self._requests(message)
            case _:
                raise RayServeException(f"The controller does not answer {type(message).__name__}.")
        return Ok()

    async def _deploy(self, sender: Sender, message: Deploy) -> Deployed:
        try:
            graph = decode_graph(message.graph)
        except msgspec.DecodeError as error:
            raise RayServeException(
                f"The graph cannot be read ({error}). Use the same kernelserve version in notebook and cluster."
            ) from error
        if not all(graph.units.values()):
            graph = completed(graph, self.driver.controller.known_units(graph.name))
        event = self._wanted(
            sender,
            message,
            graph,
            force_replace=message.force_replace,
            trial=message.trial,
            source=message.source,
            take=message.take,
        )
        return await self._request(event, sender)

    async def _rollback(self, sender: Sender, message: Rollback) -> Deployed:
        old = self.driver.controller.applied(message.app, message.revision)
        event = self._wanted(
            sender,
            message,
            old.graph,
            force_replace=message.force_replace,
            trial=message.trial,
            source=old.source,
            of=old.number,
        )
        return await self._request(event, sender)

    async def _update(self, sender: Sender, message: Update) -> Deployed:
        graph, source = self.driver.controller.turned(message.app, message.options)
        return await self._request(self._wanted(sender, message, graph, source=source), sender)

    def _wanted(
        self, sender: Sender, message: Deploy | Rollback | Update, graph: AppGraph, **fields: Any
    ) -> events.DeployRequested:
        return events.DeployRequested(
            now=self.driver.now(),
            cause=message.request_id,
            request_id=message.request_id,
            graph=graph,
            dry_run=message.dry_run,
            timeout_s=message.timeout_s,
            owner=sender.hello.owner,
            leased=sender.hello.leased,
            **fields,
        )

    async def _end_trial(self, sender: Sender, message: EndTrial) -> Deployed:
        driver = self.driver
        if driver.controller.routing(message.app).trial is None:
            raise RayServeException(
                f"No revision of application {message.app!r} is on trial, so there is none to "
                f"{'accept' if message.accept else 'reject'}. Deploy one as canary or shadow first."
            )
        event = events.TrialEnded(
            now=driver.now(),
            cause=message.request_id,
            request_id=message.request_id,
            app=message.app,
            accept=message.accept,
        )
        return await self._request(event, sender)

    async def _request(self, event: events.DeployRequested | events.TrialEnded, sender: Sender) -> Deployed:
        finished: asyncio.Future[Deployed] = asyncio.get_running_loop().create_future()
        self._deploys[event.request_id] = finished, sender
        try:
            self.driver.post(event)
            return await finished
        finally:
            self._deploys.pop(event.request_id, None)

    async def _delete(self, app: str) -> None:
        if app not in self.driver.controller.apps():
            names = ", ".join(self.driver.controller.apps()) or "none"
            raise RayServeException(f"There is no app {app!r} to delete. Running: {names}.")
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._deletes.setdefault(app, []).append(gone)
        self.driver.post(events.DeleteRequested(now=self.driver.now(), app=app))
        await gone

    async def _requests(self, message: GetRequests) -> RequestsFound:
        if not self.driver.controller.keeps_journal(message.app):
            raise RayServeException(
                f"The requests of app {message.app!r} are not kept: its journal is off, as it is by default for apps "
                f"that no notebook deployed. Deploy it with serve.run(..., name={message.app!r}, journal=True)."
            )
        return await find_requests(self.driver.senders.all, message)

    async def _series(self) -> SeriesFound:
        before = time.perf_counter()
        await asyncio.sleep(0)
        lag_s = time.perf_counter() - before
        own = own_series(self._status(), self.driver.controller.transitions, lag_s)
        return SeriesFound(series=[*self._counted.all(), *own])

    def _status(self) -> dict[str, object]:
        proxies = {
            sender.hello.node_id or sender.hello.name: "HEALTHY"
            for sender in self.driver.senders.all
            if sender.role == "gateway"
        }
        return {**self.driver.controller.status(), "proxies": proxies}

    # --- told by the driver ---

    def _progress(self, request_id: str, step: StepView) -> None:
        waiting = self._deploys.get(request_id)
        if waiting is not None:
            waiting[1].rpc.notify(Progress(request_id=request_id, step=step))

    def _finished(self, request_id: str, outcome: Deployed) -> None:
        waiting = self._deploys.get(request_id)
        if waiting is not None and not waiting[0].done():
            waiting[0].set_result(outcome)

    def _forgotten(self, app: str) -> None:
        self._logs.remove(app)
        self._counted.forget(app)
        self._watchers.forgotten(app)
        for gone in self._deletes.pop(app, []):
            if not gone.done():
                gone.set_result(None)

    def _changed(self) -> None:
        self._watchers.changed()

    # --- told by connections ---

    def joined(self, sender: Sender) -> None:
        self.driver.senders.add(sender)
        if sender.hello.owner:
            self.driver.post(events.OwnerBack(now=self.driver.now(), owner=sender.hello.owner))

    def left(self, sender: Sender) -> None:
        """A sender is gone: its deploys are aborted, its owner's clock starts."""
        driver = self.driver
        driver.senders.remove(sender)
        self._counted.left(sender)
        self._watchers.left(sender)
        for request_id, (_, owner) in list(self._deploys.items()):
            if owner is sender:
                driver.post(events.AbortRequested(now=driver.now(), request_id=request_id, reason="its client is gone"))
        owner_name = sender.hello.owner
        if owner_name and not any(other.hello.owner == owner_name for other in driver.senders.all):
            driver.post(events.OwnerLost(now=driver.now(), owner=owner_name))


class _Connection:
    """One channel to the controller: nothing but a hello is answered first."""

    def __init__(self, service: ControlService, channel: Channel) -> None:
        self.rpc = Rpc(self._handle, channel)
        self.rpc.on_lost = self._lost
        self._service = service
        self._role = channel.role
        self._sender: Sender | None = None

    async def _handle(self, message: Message) -> Message | None:
        if isinstance(message, Hello):
            if self._sender is None:
                self._sender = Sender(self.rpc, message, self._role)
                self._service.joined(self._sender)
            return Ok()
        if self._sender is None:
            raise RayServeException(f"{type(message).__name__} came before Hello. Say Hello first.")
        return await self._service.handle(self._sender, message)

    def _lost(self, error: Exception | None) -> None:
        if self._sender is not None:
            self._service.left(self._sender)
