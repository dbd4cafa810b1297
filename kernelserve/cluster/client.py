"""A process's client of a controller: deploys, status, and the runtime of its handles."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import linecache
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from kernelserve.cluster.watching import Watching
from kernelserve.code.store import UnitStore
from kernelserve.deployment import Application
from kernelserve.exceptions import ChannelClosedError, ControlCallError, FeatureNotBuiltError, RayServeException
from kernelserve.graph.build import build
from kernelserve.graph.keep import UnitsMissingError, held, lightened
from kernelserve.graph.model import AppGraph, encode
from kernelserve.handle import DeploymentHandle
from kernelserve.loops import LoopThread
from kernelserve.observe.entering import HandleCounts
from kernelserve.observe.journals import Journals
from kernelserve.observe.metrics import Registry, process_registry
from kernelserve.observe.query import merge
from kernelserve.observe.record import RequestRecord, decode_records
from kernelserve.observe.sending import sender_series
from kernelserve.observe.tracing import Tracing
from kernelserve.routing.runtime import Runtime
from kernelserve.routing.subscription import Subscription, make_directory
from kernelserve.transport.messages import (
    AbortDeploy,
    AppNews,
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
    GetStatus,
    Hello,
    HistoryFound,
    LogsFound,
    Message,
    Ok,
    Progress,
    RequestsFound,
    Revisions,
    RevisionView,
    Rollback,
    StepView,
    Update,
    Warned,
    Watch,
)
from kernelserve.transport.observed import Point, Series

T = TypeVar("T")

log = logging.getLogger("kernelserve.replica")
"""What replicas warn of: on the `local` placement they use the same logger."""

CONTROL_TIMEOUT_S = 60.0
READ_AGAIN_S = 0.05
ABORT_WAIT_S = 10.0
KEPT_GRAPHS = 50
"""As many as the controller keeps revisions of an app, each of which can be gone back to."""


class CellSources(Mapping[str, str]):
    """File name → text of whatever Python knows the lines of: cells, scripts, modules."""

    def __getitem__(self, name: str) -> str:
        lines = linecache.getlines(name)
        if not lines:
            raise KeyError(name)
        return "".join(lines)

    def __iter__(self) -> Iterator[str]:
        return iter(list(linecache.cache))  # A copy: other threads read lines meanwhile.

    def __len__(self) -> int:
        return len(linecache.cache)


class Client:
    """Talks to one controller from a thread of its own; its methods block and are for other threads.

    Args:
        address: the controller's address.
        owner: the notebook or script that apps deployed here belong to.
        leased: they end with it.
        tracing: decides which handle calls are traced; closed with the client.
    """

    def __init__(
        self, address: str, secret: bytes, *, owner: str, leased: bool, tracing: Tracing | None = None
    ) -> None:
        self.owner = owner
        self._tracing = tracing or Tracing()
        self._thread = LoopThread("kernelserve client")
        self._stores: dict[str, UnitStore] = {}
        self._graphs: dict[str, deque[AppGraph]] = {}
        self._keeping = threading.Lock()
        self._watching = Watching()
        self._asking: set[asyncio.Task[None]] = set()
        self._progress: dict[str, Callable[[StepView], None]] = {}
        self.journals = Journals()
        self._registry = Registry()
        self._subscription = Subscription(
            address,
            role="client",
            secret=secret,
            hello=Hello(name=f"client {os.getpid()}", owner=owner, leased=leased, entry=True),
            on_notify=self._notified,
            on_connected=self._watch_again,
            journals=self.journals,
            counted=self._counted,
        )
        directory = make_directory(self._subscription, self._thread.loop)
        self.runtime = Runtime(
            self._thread.loop,
            self._thread.ident,
            directory,
            self.store,
            self._subscription.subscribe,
            entry=True,
        )
        self.runtime.journals = self.journals.by_app
        self.runtime.tracing = self._tracing
        counts = self.runtime.counts = HandleCounts(self._registry)
        self._registry.add_source(lambda: sender_series(directory.apps))
        directory.on_change.append(counts.follow)
        self._thread.loop.call_soon_threadsafe(self._subscription.start)

    def close(self) -> None:
        """Leave; what this owner runs goes on until its lease ends."""
        # The loop may be stuck or gone: the thread is a daemon.
        with contextlib.suppress(TimeoutError, RuntimeError, concurrent.futures.CancelledError):
            self._thread.run(self._close(), timeout_s=2.0)
        self._thread.stop()
        self._tracing.close()

    @property
    def connected(self) -> bool:
        """Whether the controller can be reached at this moment."""
        return self._subscription.connected

    def _counted(self) -> list[Series]:
        """What enters here, and what code that runs in no replica counts by itself."""
        return self._registry.series() + process_registry().series()

    def store(self, app: str) -> UnitStore:
        """The unit store of an app: its unit ids stand for this process's own classes."""
        return self._stores.setdefault(app, UnitStore())

    def build(
        self, application: Application[Any], *, name: str, route_prefix: str | None, sources: Mapping[str, str] | None
    ) -> AppGraph:
        """The graph of an application; raises what is wrong with it before anything is sent."""
        return build(
            application,
            name=name,
            route_prefix=route_prefix,
            store=self.store(name),
            make_handle=lambda deployment: DeploymentHandle(deployment, name),
            sources=CellSources() if sources is None else sources,
        )

    def deploy(self, graph: AppGraph, on_progress: Callable[[StepView], None] | None = None, **fields: Any) -> Deployed:
        """Have a graph applied and wait for the outcome; `change` has more. `fields` are those of `Deploy`.

        Large units that were sent before are only named, unless the controller has forgotten them.
        """
        with self._keeping:
            known = {uid for one in self._graphs.get(graph.name, ()) for uid in one.units}
        try:
            light = encode(lightened(graph, known))
            return self.change(graph.name, Deploy(graph=light, **fields), on_progress)
        except UnitsMissingError:
            return self.change(graph.name, Deploy(graph=encode(graph), **fields), on_progress)
        finally:
            if not fields.get("dry_run"):
                self._keep(graph)

    def _keep(self, graph: AppGraph) -> None:
        """A graph was sent: keep the code of the latest ones, so that what they answer is of this process's classes.

        Objects of earlier ones are let go; a thousand edits would pin a thousand classes otherwise.
        """
        with self._keeping:
            graphs = self._graphs.setdefault(graph.name, deque(maxlen=KEPT_GRAPHS))
            graphs.appendleft(graph)
            while len(graphs) > held(graphs):
                graphs.pop()
            journals = [one.journal.units for one in graphs if one.journal is not None]
            used = [*(one.units for one in graphs), *journals]
            self.store(graph.name).retain({uid for units in used for uid in units})

    def change(
        self,
        app: str,
        message: Deploy | Rollback | Update | EndTrial,
        on_progress: Callable[[StepView], None] | None = None,
        timeout_s: float | None = None,
    ) -> Deployed:
        """Have a plan applied and wait for the outcome. KeyboardInterrupt aborts the plan and is raised again."""
        request_id = message.request_id
        if on_progress is not None:
            self._progress[request_id] = on_progress
        try:
            future = self._submit(self._change(app, message, timeout_s))
            try:
                outcome: Deployed = _answer(future, types=_TYPES if isinstance(message, Update) else {})
                return outcome
            except KeyboardInterrupt:
                self._call(AbortDeploy(request_id=request_id))
                concurrent.futures.wait([future], ABORT_WAIT_S)
                raise
        finally:
            self._progress.pop(request_id, None)

    def update(self, message: Update, on_progress: Callable[[StepView], None] | None = None) -> Deployed:
        """Have options of deployments changed and wait for the outcome; see `Session.update`."""
        return self.change(message.app, message, on_progress)

    def watch(self, app: str, callback: Callable[[AppNews], None]) -> Callable[[], None]:
        """Have the callback told of an app (``"*"``: of all), until the function that is returned is called.

        The first news is there before this returns. The callback runs on the client's thread, so it must be quick
        and not call the client; the function that ends it may be called anywhere. After a restart of the controller
        it is told the whole view again.

        Raises:
            TimeoutError: the controller cannot be reached.
        """
        number = self._watching.add(app, callback)
        try:
            self._read(Watch(app=app))
        except BaseException:
            self._unwatch(number)
            raise
        return lambda: self._unwatch(number)

    def _unwatch(self, number: int) -> None:
        app = self._watching.remove(number)
        if app is None:
            return

        def tell() -> None:
            if app not in self._watching.apps():
                self._ask(Watch(app=app, on=False))

        with contextlib.suppress(RuntimeError):  # The client is closed: nobody tells it anything.
            self._thread.loop.call_soon_threadsafe(tell)

    def _watch_again(self) -> None:
        """Connected (again), perhaps to a new controller, which knows of no watcher."""
        for app in self._watching.apps():
            self._ask(Watch(app=app))

    def _ask(self, message: Message) -> None:
        """On the loop, without waiting. A channel that is lost meanwhile is followed by another, and `_watch_again`."""

        async def ask() -> None:
            with contextlib.suppress(ChannelClosedError, ControlCallError, TimeoutError):
                await self._subscription.call(message, CONTROL_TIMEOUT_S)

        task = self._thread.loop.create_task(ask())
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    def history(self, app: str, after: float = 0.0) -> list[Point]:
        """The steps of the app's last 15 minutes that ended later than `after` (Unix time), oldest first."""
        found: HistoryFound = self._read(GetHistory(app=app, after=after))
        return found.points

    def delete(self, app: str) -> None:
        """End an app and wait until nothing of it is left."""
        self._call(Delete(app=app))
        self._stores.pop(app, None)
        self._graphs.pop(app, None)

    def delete_owned(self, everything: bool, timeout_s: float) -> list[str]:
        """End this owner's apps, or all; returns the apps that are left.

        Raises:
            TimeoutError: the controller did not answer in time (it may be dead).
        """
        left: list[str] = self._call(DeleteOwned(owner=self.owner, everything=everything), timeout_s)
        return left

    def status(self) -> dict[str, Any]:
        """Plain data of `schema.ServeStatus`."""
        status: dict[str, Any] = self._read(GetStatus())
        return status

    def graph(self, app: str) -> dict[str, Any]:
        """Plain data of the app's graph; see `control.views`."""
        view: dict[str, Any] = self._read(GetGraph(app=app))
        return view

    def revisions(self, app: str) -> list[RevisionView]:
        """The app's revisions that are on record, oldest first."""
        found: Revisions = self._read(GetRevisions(app=app))
        return found.revisions

    def requests(self, query: GetRequests) -> tuple[list[RequestRecord], list[str]]:
        """The records that fit, of all processes where requests enter, and who of these did not answer."""
        found: RequestsFound = self._read(query)
        return merge(map(decode_records, found.parts), query.last), found.missing

    def logs(self, query: GetLogs) -> LogsFound:
        """Lines that replicas of an app have logged or printed, and the cursor to go on from."""
        found: LogsFound = self._read(query)
        return found

    def _call(self, message: Message, timeout_s: float = CONTROL_TIMEOUT_S) -> Any:
        reply = _answer(self._submit(self._subscription.call(message, timeout_s)))
        return reply.value if isinstance(reply, Ok) else reply

    def _read(self, message: Message) -> Any:
        """As `_call` for what changes nothing: asked again if the controller goes away meanwhile."""

        async def ask() -> Message:
            async with asyncio.timeout(CONTROL_TIMEOUT_S):
                while True:
                    try:
                        return await self._subscription.call(message)
                    except ChannelClosedError:
                        await asyncio.sleep(READ_AGAIN_S)

        reply = _answer(self._submit(ask()))
        return reply.value if isinstance(reply, Ok) else reply

    def _submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        try:
            return self._thread.submit(coroutine)
        except RuntimeError:
            raise RayServeException(
                "This belongs to a kernelserve that was shut down in this process. Serve the app again, and take it "
                "from serve.app(NAME)."
            ) from None

    async def _change(
        self, app: str, message: Deploy | Rollback | Update | EndTrial, timeout_s: float | None
    ) -> Deployed:
        await self._subscription.subscribe(app)
        reply = await self._subscription.call(message, timeout_s)
        assert isinstance(reply, Deployed)
        return reply

    def _notified(self, message: Message) -> None:
        if isinstance(message, Progress):
            callback = self._progress.get(message.request_id)
            if callback is not None:
                callback(message.step)
        elif isinstance(message, AppNews):
            self._watching.tell(message)
        elif isinstance(message, Warned):
            log.warning("%s", message.text)

    async def _close(self) -> None:
        self.runtime.directory.close()
        await self._subscription.close()


_TYPES = {one.__name__: one for one in (ValueError, TypeError, FeatureNotBuiltError)}
"""What a wrong option raises here as in the controller."""


def _answer(
    future: concurrent.futures.Future[Any],
    timeout_s: float | None = None,
    types: Mapping[str, type[Exception]] = MappingProxyType({}),
) -> Any:
    try:
        return future.result(timeout_s)
    except ControlCallError as error:
        if error.type_name == UnitsMissingError.__name__:
            raise UnitsMissingError(error.message) from None
        if error.type_name in types:
            raise types[error.type_name](error.message) from None
        # The controller's refusals are written for people; the type behind them is its own affair.
        raise RayServeException(error.message) from None
