"""Helper classes: which of their parts count as used by a deployment's constructor."""

from __future__ import annotations

from typing import Any

import pytest
from code_cells import run_cell

from kernelserve.code import fingerprint

CELL = """
import functools, threading, collections
def make(n): return Net(n)
def warm(net): net.touch()
class Base:
    def __init__(self): self.n = self.start
    def start(self): return 1
    def shared(self): return 2
class Net(Base):
    width = 3
    depth = 4
    def __init__(self, n):
        super().__init__()
        self.size = n * self.width
    def touch(self): return 5
    def rank(self): return self.inner() + self.depth
    def inner(self): return 6
    def __call__(self, x): return self.rank()
    def __len__(self): return 7
class Search:
    def __init__(self, n=4, other=None):
        {line}
    def __call__(self, x): return self.net.rank()
"""
BUILT = {"Net.__init__", "Net.width", "Base.__init__", "Base.start"}
ALL = BUILT | {"Net.depth", "Net.touch", "Net.rank", "Net.inner", "Net.__call__", "Net.__len__", "Base.shared"}


def found(line: str) -> Any:
    return fingerprint(run_cell(CELL.format(line=line))["Search"])


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("self.net = Net(n)", set()),
        ("self.net = make(n)", set()),
        ("self.nets = [Net(i) for i in range(n)]", set()),
        ("self.nets = {{'a': Net(n)}}", {"Net.__len__"}),
        ("self.nets = []; self.nets.append(Net(n))", {"Net.__len__"}),
        ("self.net = Net(n); self.net.touch()", {"Net.touch"}),
        ("self.net = Net(n); warm(self.net)", {"Net.touch"}),
        ("self.net = Net(n); self.first = self.net.rank()", {"Net.rank", "Net.inner", "Net.depth"}),
        ("net = Net(n); net(n); self.net = net", {"Net.__call__", "Net.rank", "Net.inner", "Net.depth"}),
        ("self.all = [one(1) for one in (Net(n), Net(2))]", ALL - {"Net.touch", "Base.shared"} - BUILT),
        ("self.all = list(map(Net(n), [1]))", ALL - {"Net.touch", "Base.shared"} - BUILT),
        ("self.net = Net(n); self.size = len(self.net)", {"Net.__len__"}),
        ("self.net = Net(n); self.ok = isinstance(self.net, Net)", set()),
    ],
)
def test_parts_that_the_constructor_reaches(line: str, more: set[str]) -> None:
    prints = found(line)
    assert {name for name in ALL if name in prints.init} == BUILT | more
    assert {name for name in ALL if name in prints.serve} == ALL - BUILT - more
    assert "class Net" in prints.init and not prints.assumptions


@pytest.mark.parametrize(
    ("line", "assumed"),
    [
        ("self.make = Net", ""),
        ("self.make = functools.partial(Net, 3)", ""),
        ("self.make = lambda: Net(3)", ""),
        ("self.make = make", ""),
        ("self.nets = collections.defaultdict(Net)", ""),
        ("self.thread = threading.Thread(target=make)", ""),
        ("net = Net(n); threading.Thread(args=(net,)).start()", "hands a Net to Thread()"),
        ("other.fit(Net(n))", "hands a Net to fit()"),
        ("self.net = Net(n); self.other = vars(other)", "looks attributes up dynamically"),
    ],
)
def test_a_class_that_is_kept_or_handed_on_counts_whole(line: str, assumed: str) -> None:
    cell = CELL.format(line=line)
    before = fingerprint(run_cell(cell)["Search"])
    after = fingerprint(run_cell(cell.replace("return 6", "return 8"))["Search"])
    assert before.serve == after.serve
    assert before.init != after.init
    assert assumed in " ".join(before.assumptions)
    assert assumed or not before.assumptions


@pytest.mark.parametrize(
    "head",
    [
        "    def __init__(self, kind=Net): self.kind = kind",
        "    def __init__(self, *, kind=Net): self.kind = kind",
        "    kinds = {'net': Net}\n    def __init__(self): self.net = self.kinds['net'](1)",
    ],
)
def test_a_class_in_a_default_or_a_container_counts_whole(head: str) -> None:
    cell = CELL[: CELL.index("class Search")] + f"class Search:\n{head}\n"
    before, after = (fingerprint(run_cell(one)["Search"]) for one in (cell, cell.replace("return 6", "return 8")))
    assert before.init != after.init


def test_a_container_that_only_requests_use_is_serve_half() -> None:
    cell = CELL[: CELL.index("class Search")] + "class Search:\n    kinds = [Net]\n    def f(self): return self.kinds\n"
    before, after = (fingerprint(run_cell(one)["Search"]) for one in (cell, cell.replace("return 6", "return 8")))
    assert before.init == after.init and before.serve != after.serve


def test_an_object_in_a_global_counts_whole() -> None:
    cell = CELL.format(line="self.net = NET") + "NET = Net(3)\n"
    before, after = (fingerprint(run_cell(one)["Search"]) for one in (cell, cell.replace("return 6", "return 8")))
    assert before.init != after.init


@pytest.mark.parametrize(
    "head",
    [
        "class Kept:\n    __slots__ = ('a',)",
        "import abc\nclass Meta(abc.ABCMeta): pass\nclass Kept(metaclass=Meta):\n    pass",
        "class Kept(dict):\n    pass",
        "import enum\nclass Kept(enum.Enum):\n    A = 1",
    ],
)
def test_classes_whose_objects_cannot_change_class_count_whole(head: str) -> None:
    cell = f"{head}\n    def late(self): return 1\nclass A:\n    def __init__(self): self.k = Kept\n"
    cell = cell.replace("= Kept\n", "= Kept.A\n" if "Enum" in head else "= Kept()\n")
    before, after = (fingerprint(run_cell(one)["A"]) for one in (cell, cell.replace("return 1", "return 2")))
    assert (before.init != after.init, before.serve == after.serve) == (True, True)


def test_a_class_that_only_requests_use_is_one_serve_part() -> None:
    cell = "class Hit:\n    def text(self): return 1\nclass A:\n    def __call__(self): return Hit()\n"
    prints = fingerprint(run_cell(cell)["A"])
    assert "class Hit" in prints.serve and "Hit.text" not in prints.serve


TORCH = """
import torch
from torch import nn
class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.linear = nn.Linear(n, n)
    def forward(self, x): return self.linear(x) * 2
class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.layers = nn.ModuleList([Block(n) for _ in range(3)])
    def forward(self, x):
        for layer in self.layers: x = layer(x)
        return x
class Search:
    def __init__(self, n=4):
        self.net = Net(n)
        self.net.load_state_dict(torch.load("weights"))
        self.net.eval().to(torch.device("cpu"))
        {line}
    def __call__(self, x): return self.net(x)
"""


@pytest.mark.parametrize(
    ("line", "init"),
    [
        ("pass", set()),
        ("self.net(torch.zeros(n))", {"Net.forward", "Block.forward"}),
        ("self.net.layers[0](torch.zeros(n))", {"Block.forward"}),
        ("self.shape = self.net.forward(torch.zeros(n))", {"Net.forward", "Block.forward"}),
    ],
)
def test_forward_of_a_torch_module(line: str, init: set[str]) -> None:
    pytest.importorskip("torch")
    prints = fingerprint(run_cell(TORCH.format(line=line))["Search"])
    both = {"Net.forward", "Block.forward"}
    assert init == {name for name in both if name in prints.init}
    assert both - init == {name for name in both if name in prints.serve}
    assert not prints.assumptions


def test_a_traced_torch_module_counts_whole() -> None:
    pytest.importorskip("torch")
    cell = TORCH.format(line="self.traced = torch.jit.trace(self.net, torch.zeros(n))")
    before, after = (fingerprint(run_cell(one)["Search"]) for one in (cell, cell.replace("* 2", "* 3")))
    assert before.init != after.init
    assert "hands a Net to trace(), which is not followed" in before.assumptions[0]
