"""What counts as a change of code, construct by construct: the part that shows it, and its half."""

from __future__ import annotations

from typing import Any

import pytest
from code_cells import run_cell

from kernelserve.code import Fingerprint, UnitStore, fingerprint


def prints(cells: str, name: str = "App") -> Fingerprint:
    """The fingerprint after running the cells, which ``---`` separates, in one namespace."""
    space: dict[str, Any] = {"__name__": "__main__"}
    for index, cell in enumerate(cells.split("---\n")):
        run_cell(cell, space, f"<cell {index}>")
    return fingerprint(space[name])


def changed(before: Fingerprint, after: Fingerprint) -> tuple[set[str], set[str]]:
    """Names of the parts that differ, of the init and of the serve half."""
    pairs = ((before.init, after.init), (before.serve, after.serve))
    init, serve = ({key for key in {**a, **b} if a.get(key) != b.get(key)} for a, b in pairs)
    return init, serve


def edit(cells: str, old: str, new: str) -> tuple[set[str], set[str]]:
    assert old in cells
    return changed(prints(cells), prints(cells.replace(old, new)))


CELLS = """
import math
K = 2
---
def helper(x): return x * K
---
class App:
    def __init__(self): self.n = 1
    def rank(self, x): return helper(x) + math.floor(x)
    def __call__(self, x): return self.rank(x)
"""

NOTHING: tuple[set[str], set[str]] = (set(), set())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def helper(x): return x * K", "# why\n\n\ndef helper(x):\n    # how\n    return (x * K)"),
        ("K = 2", "K = 1 + 1"),
        ("---\ndef helper(x): return x * K\n---\n", "---\ndef helper(x): return x * K\n"),
        ("---\ndef helper", "---\ndef helper(x): return 0\n---\ndef helper"),
        ("self.n = 1\n", "self.n = 1\n    later = None\n    del later\n"),
        (
            "    def rank(self, x): return helper(x) + math.floor(x)\n    def __call__(self, x): return self.rank(x)\n",
            "    def __call__(self, x): return self.rank(x)\n    def rank(self, x): return helper(x) + math.floor(x)\n",
        ),
        ("import math", "import math, json"),
    ],
)
def test_no_change(old: str, new: str) -> None:
    assert edit(CELLS, old, new) == NOTHING


GETTER = "    def prop(self): return 7\n"
SETTER = "    @prop.setter\n    def prop(self, value): self.n = value + 8\n"
SERVE = """
import dataclasses, enum, functools
import collections.abc as abc_
from math import floor as part
def outer(n):
    m = n + 1
    def inner(x): return x + m
    return inner
add = outer(1)
def twice(f):
    @functools.wraps(f)
    def wrapper(*args): return f(*args) * 2
    return wrapper
@functools.lru_cache(maxsize=8)
def slow(x): return x + 3
class Kind(enum.IntEnum):
    FAST = 1
@dataclasses.dataclass
class Hit:
    text: str = "a"
class Meta(type):
    def size(cls): return 4
class Made(metaclass=Meta): pass
TABLE = {"a": 1, "b": 2}
class App:
    def __init__(self): self.n = 1
    def closure(self, x): return add(x)
    def generator(self): return sum(x * 5 for x in range(3))
    def nested(self):
        def deep():
            return lambda: 6
        return deep()()
    @twice
    def decorated(self, x): return x
    @property
    def prop(self): return 7
    @prop.setter
    def prop(self, value): self.n = value + 8
    @functools.cached_property
    def cached(self): return 9
    @classmethod
    def of(cls, x=10): return cls()
    @staticmethod
    def plain(*, x=11): return x
    part = functools.partialmethod(closure, 12)
    def imported(self, x): return part(x)
    def cache(self, x): return slow(x), self.own(x)
    @functools.lru_cache(maxsize=4)
    def own(self, x): return x
    def kinds(self): return Kind.FAST
    def hits(self, hit: Hit = Hit("b")): return hit
    def meta(self): return Made.size()
    def table(self): return TABLE
    def annotated(self, x: int) -> "abc_.Sized": return x
    def dynamic(self, name): return getattr(self, name)
    def matched(self, x):
        match x:
            case {"k": [1, *rest]}: return rest
    async def later(self): return [y async for y in self.items()]
    async def items(self): yield 13
"""


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("x + m", "x - m", "add()"),
        ("add = outer(1)", "add = outer(2)", "add()"),
        ("x * 5 for", "x * 6 for", "App.generator"),
        ("lambda: 6", "lambda: 7", "App.nested"),
        ("f(*args) * 2", "f(*args) * 3", "App.decorated"),
        ("def decorated(self, x): return x", "def decorated(self, x): return -x", "App.decorated"),
        ("    @twice\n", "", "App.decorated"),
        ("return 7", "return 8", "App.prop"),
        ("value + 8", "value + 9", "App.prop"),
        (SETTER, "", "App.prop"),
        (f"    @property\n{GETTER}{SETTER}", GETTER, "App.prop"),
        ("return 9", "return 10", "App.cached"),
        ("x=10", "x=9", "App.of"),
        ("x=11", "x=True", "App.plain"),
        ("closure, 12", "closure, 13", "App.part"),
        ("import floor as part", "import ceil as part", "global part"),
        ("maxsize=8", "maxsize=9", "slow()"),
        ("return x + 3", "return x + 4", "slow()"),
        ("maxsize=4", "maxsize=5", "App.own"),
        ("FAST = 1", "FAST = 2", "class Kind"),
        ('text: str = "a"', 'text: str = "c"', "class Hit"),
        ('Hit("b")', 'Hit("d")', "App.hits"),
        ("return 4", "return 5", "class Meta"),
        ('"b": 2', '"b": 2.0', "global TABLE"),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', "global TABLE"),
        ("import collections.abc as abc_", "import typing as abc_", "global abc_"),
        ("x: int", "x: float", "App.annotated"),
        ('"k": [1', '"k": [2', "App.matched"),
        ("[y async for y", "[-y async for y", "App.later"),
        ("yield 13", "yield 14", "App.items"),
        ("async def items(self): yield 13", "async def items(self): return 13", "App.items"),
    ],
)  # fmt: skip
def test_serve_half(old: str, new: str, part: str) -> None:
    init, serve = edit(SERVE, old, new)
    assert not init
    assert part in serve


INIT = """
import functools
def decorate(cls):
    cls.added = 1
    return cls
REGISTRY = {}
def register(cls):
    REGISTRY[cls.__name__] = cls
    return cls
class Base:
    limit = 2
    def __init_subclass__(cls, **options): cls.options = options
    def build(self): return self.limit
    def late(self): return 3
class Mixin:
    def mixed(self): return 4
@register
@decorate
class App(Mixin, Base, deep=5):
    def __init__(self, size=6):
        self.made = self.build()
        self.found = getattr(self, "looked_up")
        self.steps = [self.step(i) for i in range(size)]
        self.chosen = (lambda: self.choose())()
    looked_up = 7
    def step(self, i): return i + 8
    def choose(self): return 9
    def free(self): return 10
    def named(self): return REGISTRY
def assigned(self): return 11
App.later = assigned
"""


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("size=6", "size=True", {"App.__init__"}),
        ("limit = 2", "limit = 3", {"Base.limit"}),
        ("cls.options = options", "cls.options = dict(options)", {"Base.__init_subclass__"}),
        ("looked_up = 7", "looked_up = 8", {"App.looked_up"}),
        ("i + 8", "i + 9", {"App.step"}),
        ("return 9", "return 8", {"App.choose"}),
        ("App(Mixin, Base", "App(Base, Mixin", {"class App"}),
        ("class Mixin:", "class Mixin(dict):", {"base Mixin"}),
        ("deep=5", "deep=6", {"App.options"}),
    ],
)
def test_init_half(old: str, new: str, parts: set[str]) -> None:
    init, _ = edit(INIT, old, new)
    assert parts <= init


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("return 3", "return 4", {"Base.late"}),
        ("return 4", "return 5", {"Mixin.mixed"}),
        ("return 10", "return 11", {"App.free"}),
        ("return 11", "return 12", {"App.later"}),
        ("App.later = assigned", "App.other = assigned", {"App.later", "App.other"}),
        ("cls.added = 1", "cls.added = 2", {"App.added"}),
        ("@register\n", "", {"global REGISTRY"}),
    ],
)
def test_not_init_though_near_it(old: str, new: str, parts: set[str]) -> None:
    init, serve = edit(INIT, old, new)
    assert not init
    assert parts <= serve


def test_same_name_other_object() -> None:
    cells = "class Tool:\n    def run(self): return 1\n---\nclass App:\n    def f(self): return Tool().run()\n"
    assert edit(cells, "class Tool:\n    def run(self): return 1", "def Tool(): return None") == (
        set(),
        {"class Tool", "Tool()"},
    )
    assert edit(cells, "class Tool:\n    def run(self): return 1", "Tool = len")[1] == {"class Tool", "global Tool"}


def test_a_method_called_on_anything_counts() -> None:
    cells = "class App:\n    def __init__(self, other): self.v = other.load()\n    def load(self): return 1\n"
    assert edit(cells, "return 1", "return 2") == ({"App.load"}, set())


def test_pydantic_models() -> None:
    pytest.importorskip("pydantic")
    cells = """
import pydantic
class Item(pydantic.BaseModel):
    price: float = 1.0
    @pydantic.field_validator("price")
    def check(cls, value): return value + 1
class App:
    def __call__(self, item: Item): return item.price
"""
    assert prints(cells) == prints(cells)
    for old, new in (("price: float", "price: int"), ("= 1.0", "= 2.0"), ("value + 1", "value + 2")):
        init, serve = edit(cells, old, new)
        assert not init
        assert "class Item" in serve


SERVED = """
import kernelserve as serve
def size(items): return len(items)
async def load(model): return model
class App:
    def __init__(self): self.n = 1
    @serve.batch(max_batch_size=4, batch_wait_timeout_s=0.1, batch_size_fn=size)
    async def many(self, items): return [item + 2 for item in items]
    @serve.multiplexed(max_num_models_per_replica=3)
    async def model(self, name): return await load(name)
    async def __call__(self, x): return await self.many(x)
"""


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("max_batch_size=4", "max_batch_size=5", "App.many"),
        ("timeout_s=0.1", "timeout_s=0.2", "App.many"),
        ("item + 2", "item + 3", "App.many"),
        ("return len(items)", "return 2 * len(items)", "App.many"),
        ("per_replica=3", "per_replica=4", "App.model"),
        ("load(name)", "load(name + 'x')", "App.model"),
        ("return model", "return [model]", "load()"),
        ("    @serve.multiplexed(max_num_models_per_replica=3)\n", "", "App.model"),
    ],
)
def test_batch_and_multiplexed_methods_are_serve_half(old: str, new: str, part: str) -> None:
    init, serve = edit(SERVED, old, new)
    assert not init
    assert part in serve


def test_batch_method_that_the_constructor_reaches_is_init() -> None:
    cells = SERVED.replace("self.n = 1", "self.n = self.many")
    assert edit(cells, "item + 2", "item + 3") == ({"App.many"}, set())


def test_plain_data_of_any_size_by_value() -> None:
    cells = "DATA = {'rows': [(i, str(i)) for i in range(1000)]}\nclass App:\n    def f(self): return DATA\n"
    assert edit(cells, "range(1000)", "range(1001)")[1] == {"global DATA"}
    assert prints(cells) == prints(cells)


def test_everything_above_is_shipped_and_runs() -> None:
    kernel, replica = UnitStore(), UnitStore()
    for cells in (SERVE, INIT):
        packed = kernel.pack(run_cell(cells)["App"])
        replica.add(packed.units)
        loaded = replica.unpack(packed.payload)()
        assert loaded.n == 1 if cells is SERVE else loaded.made == 2
