"""Which names a cell uses, and which cells an app is made of."""

from __future__ import annotations

import pytest

from kernelserve.notebook.cellnames import names_used, related


def test_cells_that_an_app_is_made_of() -> None:
    cells = ["K = 1", "def f(): return g()", "g = lambda: K", "other = 1", "%%time\nK = 2", "!ls\nf2 = 3", "K ="]
    assert related(["f"], cells) == [4, 1, 2]
    assert related(["f2"], cells) == [5] and related([], cells) == []


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("def f(x):\n    y = [z for z in K]\n    return lambda: x + y + L", {"f", "K", "L"}),
        ("class C:\n    a = B\n    def m(self): return self.b(D)", {"C", "B", "D"}),
        ("import numpy as np\na.b[c] = 1", {"np", "a", "c"}),
        ("await gather(x)", {"gather", "x"}),
        ("%%serve app\nf = 1", {"serve", "app", "f"}),
        ("%%bash\necho $x {y}", {"bash", "echo", "x", "y"}),
        ("def f(: K", {"K", "f", "def"}),
    ],
)
def test_names_that_a_cell_uses(cell: str, names: set[str]) -> None:
    assert names_used(cell) >= names and "self" not in names_used(cell) and "z" not in names_used(cell)
