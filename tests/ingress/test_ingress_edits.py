"""An edit of an ingress class: what the plan says, and the patched instance."""

from __future__ import annotations

from typing import Any

import pytest
from code_cells import run_cell
from starlette.testclient import TestClient

from kernelserve.code import UnitStore
from kernelserve.deployment import deployment
from kernelserve.graph.build import build
from kernelserve.graph.diff import diff
from kernelserve.graph.model import AppGraph
from kernelserve.replica.patch import Patch, end_bridge, make_bridge
from kernelserve.types import Action

CELL = """
from fastapi import FastAPI
from kernelserve.ingress import ingress
app = FastAPI()

@app.get("/ping")
def ping(): return "pong"

@ingress(app)
class Api:
    def __init__(self): self.n = 1

    @app.get("/x")
    def x(self, q: int = 0): return [self.n, q]
"""


def graph(cell: str, store: UnitStore, files: dict[str, str] | None = None) -> AppGraph:
    bound = deployment(run_cell(cell)["Api"]).bind()
    return build(bound, name="a", route_prefix="/", store=store, make_handle=str, sources=files or {})


@pytest.mark.parametrize(
    ("old", "new", "action", "reason"),
    [
        ("", "", Action.KEEP, "unchanged"),
        ("[self.n, q]", "[q, self.n]", Action.PATCH, "Api.x changed"),
        ('"pong"', '"PONG"', Action.PATCH, "Api's app changed"),
        (
            '    @app.get("/x")',
            '    @app.get("/y")\n    def y(self): return 1\n    @app.get("/x")',
            Action.PATCH,
            "2 parts changed: Api.y, Api's app",
        ),
        ("self.n = 1", "self.n = 2", Action.REPLACE, "Api.__init__ changed"),
    ],
)
def test_plans(old: str, new: str, action: Action, reason: str) -> None:
    store = UnitStore()
    before, after = graph(CELL, store), graph(CELL.replace(old, new, 1), store)
    (step,) = diff(before, after).steps
    assert (step.action, step.reason) == (action, reason)


def test_a_patched_instance_serves_both_revisions() -> None:
    kernel, replica = UnitStore(), UnitStore()

    def loaded(cell: str) -> Any:
        packed = kernel.pack(run_cell(cell)["Api"])
        replica.add(packed.units)
        return replica.unpack(packed.payload)

    first = loaded(CELL)()
    old = TestClient(first.__kernelserve_asgi__())
    edited = loaded(CELL.replace("[self.n, q]", '{"n": self.n}'))
    assert Patch(first, edited).examine().refusal == ""
    bridge = make_bridge(first, edited)
    new = TestClient(bridge.__kernelserve_asgi__())
    first.n = 5
    assert (old.get("/x").json(), new.get("/x").json()) == ([5, 0], {"n": 5})
    first.__class__ = edited
    after = TestClient(first.__kernelserve_asgi__())
    end_bridge(bridge)
    assert after.get("/x").json() == {"n": 5}


def test_the_files_of_an_app_s_functions_come_along() -> None:
    space = run_cell(CELL.partition("@ingress")[0], filename="<first>")
    run_cell("@ingress(app)\nclass Api: pass\n", space, "<second>")
    assert "<first>" in UnitStore().pack(space["Api"]).files
