"""Runs a case without a system: both graphs, their difference, and one replica's servable in this process."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path
from typing import Any

from corpus_case import Case, Notebook, Probe

from kernelserve.code.store import UnitStore
from kernelserve.graph.build import build
from kernelserve.graph.diff import diff
from kernelserve.graph.model import AppGraph
from kernelserve.replica.servable import Servable


class Direct:
    """The ingress of a case as one replica.

    Attributes:
        decisions: deployment → what was done of the last deploy, with `barrier` for a patch that must be alone.
        reasons: and why.
    """

    def __init__(self, case: Case, loads: Path) -> None:
        self.notebook = Notebook(case, loads)
        self.decisions: dict[str, str] = {}
        self.reasons: dict[str, str] = {}
        self._kernel = UnitStore()
        self._loop = asyncio.new_event_loop()
        self._graph: AppGraph | None = None
        self._revision = 0
        self._servable = Servable(UnitStore())

    def deploy(self) -> None:
        """What the cell's deploy does."""
        graph = build(
            self.notebook.application(), name="app", route_prefix="/", store=self._kernel, make_handle=_handle,
            sources=self.notebook.sources,
        )  # fmt: skip
        self._revision += 1
        steps = diff(self._graph, graph).steps
        self.decisions = {step.deployment: str(step.action.value) for step in steps}
        self.reasons = {step.deployment: step.reason for step in steps}
        self._graph = graph
        self._loop.run_until_complete(self._apply(graph.ingress))

    async def _apply(self, name: str) -> None:
        decision = self.decisions[name]
        if decision == "patch":
            verdict = await self._servable.prepare(*self._edition(name), patch=True)
            if verdict.refusal:
                self.reasons[name] = verdict.refusal
                decision = "replace"
            else:
                self._servable.retire(self._revision - 1)
                self._servable.alone()
                decision = "barrier" if verdict.barrier else "patch"
        elif decision == "update":
            await self._servable.prepare(*self._edition(name), patch=False)
            self._servable.retire(self._revision - 1)
        if decision in ("add", "replace"):
            await self._servable.close()
            self._servable = Servable(UnitStore())
            await self._servable.construct(*self._edition(name))
        self.decisions[name] = decision

    def _edition(self, name: str) -> Any:
        assert self._graph is not None
        node = self._graph.nodes[name]
        return node, self._revision, {uid: self._graph.units[uid] for uid in node.units}, self._graph.sources

    def call(self, name: str, streams: bool, *args: Any) -> Any:
        """Call a method as a request does."""
        return self._loop.run_until_complete(self._call(name, *args))

    async def _call(self, name: str, *args: Any) -> Any:
        result = self._servable.view(self._revision).method(name).call(*args)
        if inspect.isasyncgen(result):
            return [item async for item in result]
        if inspect.isgenerator(result):
            return list(result)
        return await result if inspect.isawaitable(result) else result

    def get(self, path: str) -> Any:
        """Status and body of an HTTP request to the ASGI app of an ingress."""
        return self._loop.run_until_complete(self._get(path))

    async def _get(self, path: str) -> tuple[int, Any]:
        from httpx import ASGITransport, AsyncClient

        transport = ASGITransport(app=self._servable.view(self._revision).asgi)
        async with AsyncClient(transport=transport, base_url="http://corpus") as client:
            answer = await client.get(path)
            return answer.status_code, answer.json()

    def close(self) -> None:
        self._loop.run_until_complete(self._servable.close())
        self._loop.close()


def run_direct(case: Case, folder: Path) -> None:
    """Deploy, probe, edit, deploy, probe."""
    direct = Direct(case, folder / "loads")
    probe = Probe(direct.call, loads=direct.notebook.loads, get=direct.get)
    try:
        direct.deploy()
        probe.check(case.before)
        direct.notebook.edit()
        direct.deploy()
        ingress, why = direct.decisions.pop("App"), direct.reasons["App"]
        assert ingress == case.expect, f"{ingress} ({why}), expected {case.expect}"
        assert direct.decisions == {}
        assert case.because in why
        probe.check(case.after)
        counted = direct.notebook.loads()
        assert counted in (0, case.loads), f"{counted} loads, expected {case.loads}"
    finally:
        direct.close()


def _handle(name: str) -> str:
    return f"handle of {name}"
