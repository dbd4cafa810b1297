"""What does it cost to build an application's graph again: after one edit in a large notebook, and with a large array?

python -m benchmarks.fingerprint
python -m benchmarks.fingerprint --gigabytes 2

A notebook of 200 cells, each with a function, a constant or a small class, and 20 deployments that use them; then one
cell is edited and run again. No system is started.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from kernelserve.code import UnitStore, array_hashes
from kernelserve.deployment import Application, deployment
from kernelserve.graph.build import build
from kernelserve.graph.diff import diff
from kernelserve.graph.model import AppGraph
from kernelserve.types import Action

CELLS = 200
DEPLOYMENTS = 20
EDITS = 10


def cells() -> Iterator[str]:
    """A function, a class that uses it, a function that uses the class; and so on."""
    for i in range(0, CELLS, 3):
        yield f"K{i} = {i}\ndef f{i}(x):\n    return sum(one * K{i} for one in range(x))\n"
        yield "\n".join(
            [
                f"class C{i}:",
                f"    width = {i}",
                "    def __init__(self, n=3):",
                "        self.n = n",
                f"        self.v = f{i}(n)",
                "    def run(self, x):",
                f"        return self.v + self.width + f{i}(x)",
            ]
        )
        yield f"def g{i}(c, x):\n    return c.run(x) if x else C{i}(2).run(1)\n"


def deployment_cell(number: int) -> str:
    """A deployment that holds three objects of the cells' classes, and calls as many functions."""
    used = [(number * 3 + step * 3) % (CELLS - CELLS % 3) for step in range(3)]
    made = "".join(f"        self.c{i} = C{i}({i})\n" for i in used)
    calls = ", ".join(f"g{i}(self.c{i}, x)" for i in used)
    head = f"class D{number}:\n    def __init__(self, *below):\n{made}"
    return f"{head}    def __call__(self, x):\n        return {calls}\n"


def application(space: dict[str, Any]) -> Application[Any]:
    """The deployments, each bound into the next."""
    app: Application[Any] | None = None
    for number in range(DEPLOYMENTS):
        cls = deployment(space[f"D{number}"])
        app = cls.bind(app) if app is not None else cls.bind()
    assert app is not None
    return app


def built(app: Application[Any], store: UnitStore) -> AppGraph:
    return build(app, name="app", route_prefix="/", store=store, make_handle=str, sources={})


def _run(text: str, space: dict[str, Any]) -> None:
    exec(compile(text, "<cell>", "exec", dont_inherit=True), space)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds, and the result."""
    began = time.perf_counter()
    result = work()
    return (time.perf_counter() - began) * 1e3, result


def notebook_rows() -> Iterator[tuple[str, str]]:
    """The first build, one where nothing changed, and those after edits of one cell."""
    space: dict[str, Any] = {"__name__": "__main__"}
    store = UnitStore()
    for text in [*cells(), *(deployment_cell(number) for number in range(DEPLOYMENTS))]:
        _run(text, space)
    app = application(space)
    first, graph = timed(lambda: built(app, store))
    same, _ = timed(lambda: built(app, store))
    times, changed = [], []
    for edit in range(EDITS):
        _run(f"def f9(x):\n    return sum(one * K9 for one in range(x)) + {edit}\n", space)
        spent, new = timed(lambda: built(app, store))
        changed.append(sum(step.action is not Action.KEEP for step in diff(graph, new).steps))
        times.append(spent)
        graph = new
    yield f"{CELLS} cells, {DEPLOYMENTS} deployments: first build", f"{first:.0f} ms"
    yield "again, nothing changed", f"{same:.0f} ms"
    yield (
        f"after an edit that {median(changed):.0f} deployments use (median, worst)",
        (f"{median(times):.0f} ms, {max(times):.0f} ms"),
    )


def array_rows(gigabytes: float) -> Iterator[tuple[str, str]]:
    """An array that a deployment names, and one that is bound to it."""
    import numpy  # Late: the other rows do without it.

    count = int(gigabytes * 1e9 / 8)
    space: dict[str, Any] = {"__name__": "__main__", "DATA": numpy.arange(count, dtype="f8")}
    _run("class D:\n    def __init__(self, below): self.n = len(below)\n    def f(self): return DATA[0]\n", space)
    app, store = deployment(space["D"]).bind(numpy.ones(count // 8)), UnitStore()
    yield _array_row(gigabytes, "hashed and packed", app, store)
    yield _array_row(gigabytes, "the next build of a script", app, store)
    array_hashes.cell_ran([], space)  # From here on cells are told of, and the first build hashes.
    built(app, store)
    array_hashes.cell_ran(["space"], {"space": {}})
    yield _array_row(gigabytes, "after a cell that does not use it", app, store)
    array_hashes.cell_ran(["DATA"], space)
    yield _array_row(gigabytes, "after one that does", app, store)


def _array_row(gigabytes: float, name: str, app: Application[Any], store: UnitStore) -> tuple[str, str]:
    spent, _ = timed(lambda: built(app, store))
    return f"array of {gigabytes:g} GB: {name}", f"{spent:.0f} ms"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=0.5)
    options = parser.parse_args()
    for row in (*notebook_rows(), *array_rows(options.gigabytes)):
        print(f"{row[0]:<72}{row[1]:>16}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
