"""Small programs for the property test: parts with expressions, as notebook cells, and edits of parts."""

from __future__ import annotations

import itertools
import linecache
import re
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

CELLS = (
    """
import functools
C0 = {C0}
C1 = {C1}
DATA = [C0, {D}]
def f0(x): return ({f0}) % 997
def f1(x): return ({f1}) % 997
def wrapped(function):
    @functools.wraps(function)
    def run(self, x): return function(self, x) + ({w})
    return run
""",
    """
class Tool:
    def __init__(self, x): self.size = ({t_init}) % 997
    def t0(self, x): return ({t0}) % 997
    def t1(self, x): return self.t0(x) + ({t1}) % 997
""",
    """
class Base:
    k = {k}
    def b0(self, x): return ({b0}) % 997
class App(Base):
    j = {j}
    def __init__(self):
        self.s = self.a = 0
        self.tool = Tool(3)
        self.a = (lambda x: {init})(2) % 997
    def put(self, s): self.s = s
    def b0(self, x): return super().b0(x) + ({c0})
    @property
    def p(self): return self.s + ({p})
    def m0(self, x): return ({m0}) % 997
    @wrapped
    def m1(self, x): return ({m1}) % 997
    def m2(self, x): return ({m2}) % 997
    def all(self, x): return [self.m0(x), self.m1(x), self.m2(x), self.p, self.tool.t1(x)]
    def walk(self):
        for x in range({n}): yield self.all(x)
""",
)

_NUMBERS = st.integers(0, 5).map(str)
_CONSTANTS = st.sampled_from(["C0", "C1", "DATA[0]", "DATA[-1]", "len(DATA)"])
_ON_X = st.sampled_from(["x", "f0(x)", "sum(f0(i) for i in range(2))", "(lambda y: y + C0)(x)"])
_TOOL = st.sampled_from(["self.size", "x"])
_STATE = st.sampled_from(["self.k", "self.j", "self.a", "self.s", "self.b0(x)", "self.p", "self.tool.size"])
_CALLS = st.sampled_from(["f1(x)", "self.tool.t0(x)", "self.tool.t1(x)", "getattr(self, 'j')", "Tool(x).t0(1)"])


def _expressions(*atoms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.one_of(_NUMBERS, *atoms)
    two = st.tuples(one, st.sampled_from("+-*"), one).map(" ".join)
    return one | two


_PLAIN = _expressions(_CONSTANTS, _ON_X)
_FULL = (_CONSTANTS, _ON_X, _STATE, _CALLS)
PARTS: dict[str, st.SearchStrategy[str]] = {
    **dict.fromkeys(("C0", "C1", "D", "k", "j"), _NUMBERS),
    "n": st.sampled_from("45"),
    "f0": _expressions(_CONSTANTS, st.just("x")),
    "f1": _PLAIN,
    "w": _expressions(_CONSTANTS),
    "t_init": _PLAIN,
    "t0": _expressions(_CONSTANTS, _ON_X, _TOOL),
    "t1": _expressions(_CONSTANTS, _ON_X, _TOOL),
    "b0": _expressions(_CONSTANTS, _ON_X, st.just("self.k")),
    "c0": _PLAIN,
    "p": _expressions(_CONSTANTS),
    "m0": _expressions(*_FULL),
    "m1": _expressions(*_FULL, st.just("self.m0(x)")),
    "m2": _expressions(*_FULL, st.just("self.m0(x)"), st.just("self.m1(x)")),
    "init": _expressions(*_FULL, st.just("self.m0(x)"), st.just("self.m2(x)")),
}

PROGRAMS = st.fixed_dictionaries(PARTS)
EDITS = st.lists(
    st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=2, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: PARTS[name] for name in names})
    ),
    min_size=1,
    max_size=3,
)

# What a name in an expression stands for.
_REACHES = {"DATA": ("C0", "D"), "b0": ("b0", "c0"), "m1": ("m1", "w"), "t1": ("t1", "t0"), "Tool": ("t_init",)}

_files = itertools.count(1)


def init_parts(program: dict[str, str]) -> set[str]:
    """The parts that constructors reach, by the names in their expressions."""
    found, todo = set[str](), ["init", "t_init"]
    while todo:
        part = todo.pop()
        if part not in found:
            found.add(part)
            for name in re.findall(r"[A-Za-z_]\w*", program[part]):
                todo += (one for one in _REACHES.get(name, (name,)) if one in program)
    return found


@dataclass
class Kernel:
    """A namespace in which the cells of a program have run; cells of the same text are not run again."""

    def __post_init__(self) -> None:
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        self.sources: dict[str, str] = {}
        self._ran: tuple[str, ...] = ("",) * len(CELLS)

    def run(self, program: dict[str, str]) -> None:
        cells = tuple(cell.format(**program) for cell in CELLS)
        for before, cell in zip(self._ran, cells, strict=True):
            if before != cell:
                file = f"/tmp/ipykernel_programs/{next(_files)}.py"
                self.sources[file] = cell
                linecache.cache[file] = (len(cell), None, cell.splitlines(keepends=True), file)
                exec(compile(cell, file, "exec", dont_inherit=True), self.namespace)
        self._ran = cells
