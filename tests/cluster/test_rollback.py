"""Going back to an earlier revision of a running app, and the table of what was tried."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from system_helpers import Cells, actions

import kernelserve as serve
from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.session import ensure_session
from kernelserve.exceptions import RayServeException

CELL = """
loads = []

@serve.deployment
class Greeter:
    def __init__(self):
        loads.append(1)
        self.loads = len(loads)

    def __call__(self):
        return WORD, self.loads

app = Greeter.bind()
"""


@pytest.fixture
def cells() -> Iterator[Cells]:
    yield Cells(ensure_session("local", http_options={"port": 0}))
    serve.shutdown(all=True)


def test_rollback_patches_back_and_the_newest_cell_can_be_run_again(cells: Cells) -> None:
    for word in ("one", "two"):
        cells.serve(CELL.replace("WORD", repr(word)), "greet")
    live = LiveApp(cells.session, "greet")
    assert live.handle.remote().result() == ("two", 1)

    plan = cells.session.rollback("greet", 1, dry_run=True)
    assert (plan.outcome, actions(plan)) == ("dry_run", {"Greeter": "patch"})
    outcome = live.rollback(1)
    assert (outcome.revision, actions(outcome)) == (3, {"Greeter": "patch"})
    assert live.handle.remote().result() == ("one", 1)
    assert live.rollback(1).outcome == "unchanged"

    again = cells.serve(CELL.replace("WORD", "'two'"), "greet")
    assert (again.revision, actions(again)) == (4, {"Greeter": "patch"})
    assert live.handle.remote().result() == ("two", 1)

    table = live.revisions
    assert list(table.index) == [1, 2, 3, 4] and list(table["state"]) == ["", "", "", "current"]
    assert table["plan"][3].startswith("back to r1: patch Greeter (")
    with pytest.raises(RayServeException, match="no revision 9 on record"):
        live.rollback(9)
