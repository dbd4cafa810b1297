"""Edits without a system: both graphs, their difference, and one replica's servable in this process."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpus_case import Case, Notebook, Probe

from kernelserve.code.store import UnitStore
from kernelserve.graph.build import build
from kernelserve.graph.diff import diff
from kernelserve.graph.model import AppGraph
from kernelserve.replica.servable import Servable


class Direct:
    """An app of one deployment as one replica.

    Attributes:
        revision: of the last deploy.
        decision: what it did, with `barrier` for a patch that must be alone.
        reason: and why.
    """

    def __init__(self) -> None:
        self.revision = 0
        self.decision = self.reason = ""
        self._kernel = UnitStore()
        self._loop = asyncio.new_event_loop()
        self._graph: AppGraph | None = None
        self._servable = Servable(UnitStore())
        self._former: Servable | None = None

    def prepare(self, application: Any, sources: Mapping[str, str]) -> None:
        """Plan and prepare the next revision; that before it serves its own requests until `retire`."""
        graph = build(application, name="app", route_prefix="/", store=self._kernel, make_handle=str, sources=sources)
        self.revision += 1
        (step,) = diff(self._graph, graph).steps
        self.decision, self.reason = str(step.action.value), step.reason
        self._graph = graph
        self._run(self._prepare())

    async def _prepare(self) -> None:
        if self.decision == "patch":
            verdict = await self._servable.prepare(*self._edition(), patch=True)
            self.decision = "replace" if verdict.refusal else "barrier" if verdict.barrier else "patch"
            self.reason = verdict.refusal or self.reason
        elif self.decision == "update":
            await self._servable.prepare(*self._edition(), patch=False)
        if self.decision == "replace":
            self._former, self._servable = self._servable, Servable(UnitStore())
        if self.decision in ("add", "replace"):
            await self._servable.construct(*self._edition())

    def _edition(self) -> Any:
        assert self._graph is not None
        node = self._graph.nodes[self._graph.ingress]
        return node, self.revision, {uid: self._graph.units[uid] for uid in node.units}, self._graph.sources

    def retire(self) -> None:
        """No request of the revision before runs any more."""
        if self._former is not None:
            self._run(self._former.close())
            self._former = None
        elif self.decision != "keep":
            self._servable.retire(self.revision - 1)
            self._servable.alone()

    def start(self, name: str, *args: Any, revision: int = 0) -> Any:
        """What the method of a revision returns: a value, a coroutine or a generator."""
        revision = revision or self.revision
        servable = self._former if self._former is not None and revision < self.revision else self._servable
        return servable.view(revision).method(name).call(*args)

    def call(self, name: str, streams: bool, *args: Any) -> Any:
        """Call a method as a request does."""
        return self._run(_value(self.start(name, *args)))

    def get(self, path: str) -> tuple[int, Any]:
        """Status and body of an HTTP request to the ASGI app of an ingress."""
        return self._run(_got(self._servable.view(self.revision).asgi, path))

    def close(self) -> None:
        self._run(self._servable.close())
        self._loop.close()

    def _run(self, awaitable: Any) -> Any:
        return self._loop.run_until_complete(awaitable)


async def _value(result: Any) -> Any:
    if inspect.isasyncgen(result):
        return [item async for item in result]
    if inspect.isgenerator(result):
        return list(result)
    return await result if inspect.isawaitable(result) else result


async def _got(app: Any, path: str) -> tuple[int, Any]:
    from httpx import ASGITransport, AsyncClient

    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://corpus") as client:
        answer = await client.get(path)
        return answer.status_code, answer.json()


def run_direct(case: Case, folder: Path) -> None:
    """Deploy, probe, edit, deploy, probe."""
    notebook, direct = Notebook(case, folder / "loads"), Direct()
    probe = Probe(direct.call, loads=notebook.loads, get=direct.get)
    try:
        direct.prepare(notebook.application(), notebook.sources)
        probe.check(case.before)
        notebook.edit()
        direct.prepare(notebook.application(), notebook.sources)
        direct.retire()
        assert direct.decision == case.expect, f"{direct.decision} ({direct.reason}), expected {case.expect}"
        assert case.because in direct.reason
        probe.check(case.after)
        assert notebook.loads() in (0, case.loads)
    finally:
        direct.close()
