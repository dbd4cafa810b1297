"""What code reaches by names: functions, classes, constants, data, modules, closures."""

from __future__ import annotations

from corpus_case import Case

CELLS = """
import functools, math as m
from os.path import basename as base
import numpy
K = 3
TABLE = {'a': [1, 2]}
ARRAY = numpy.arange(5)
STAGES = []
def inner(x): return x + 1
def helper(x): return inner(x) * 2
def made(k):
    def closure(x): return x + k
    return closure
add = made(10)
half = functools.partial(max, 4)
square = lambda x: x * x
@functools.lru_cache
def cached(x): return x + 100
class Tool:
    limit = 5
    def use(self, x): return min(x, self.limit)
UNUSED = 1
---
class App:
    def __init__(self):
        loaded()
        self.n = 0
    def count(self):
        self.n += 1
        return self.n
    def ask(self, x):
        return {ASK}
"""


def case(
    name: str, ask: str, edit: str | tuple[str, ...], before: object, after: object, expect: str = "patch", **more: str
) -> Case:
    said = (
        f"ask(4) == {after!r}"
        if not (isinstance(after, str) and after.endswith("Error"))
        else f"error('ask', 4) == {after!r}"
    )
    return Case(name, CELLS.replace("{ASK}", ask), edit, expect=expect,
                before=f"ask(4) == {before!r}\ncount() == 1", after=f"{said}\ncount() == 2", **more)  # fmt: skip


CASES = [
    case("a helper function of another cell", "helper(x)", "* 2 => * 3", 10, 15, because="helper"),
    case("a helper of a helper", "helper(x)", "return x + 1 => return x + 2", 10, 12, because="inner"),
    case("a constant", "x + K", "K = 3 => K = 4", 7, 8, because="global K"),
    case("a constant that nothing uses", "x + K", "UNUSED = 1 => UNUSED = 2", 7, 7, "keep"),
    case("small data", "TABLE['a']", "[1, 2] => [1, 2, 3]", [1, 2], [1, 2, 3]),
    case("an array", "int(ARRAY.sum())", "arange(5) => arange(6)", 10, 15),
    case("an equal array in a global", "int(ARRAY.sum())", "arange(5) => arange(2 + 3)", 10, 10, "keep"),
    case("what a closure holds", "add(x)", "made(10) => made(20)", 14, 24),
    case("the code of a closure", "add(x)", "x + k => x - k", 14, -6),
    case("a partial", "half(x)", "functools.partial(max, 4) => functools.partial(max, 9)", 4, 9),
    case("the function of a partial", "half(x)", "partial(max => partial(min", 4, 4),
    case("a lambda in a global", "square(x)", "x * x => x ** 3", 16, 64),
    case("a cached function", "cached(x)", "x + 100 => x + 200", 104, 204),
    case("the size of a cache", "cached(x)", "lru_cache\n => lru_cache(maxsize=2)\n", 104, 104),
    case("a class that requests use", "Tool().use(x + 9)", "min(x => max(x", 5, 13),
    case("an attribute of a class that requests use", "Tool().use(x + 9)", "limit = 5 => limit = 6", 5, 6),
    case("an alias of an import", "m.sqrt(x)", "math as m => cmath as m", 2.0, 2 + 0j),
    case("a name from an import", "base('a/b')", "import basename as base => import dirname as base", "b", "a"),
    case("an import of another way", "m.sqrt(x)", "math as m => math as mm, math as m", 2.0, 2.0, "keep"),
    case(
        "a name that becomes another kind",
        "callable(helper)",
        "def helper(x): return inner(x) * 2 => helper = 5",
        True,
        False,
    ),
    case("a name of another object", "helper(x)", "def helper(x): return inner(x) * 2 => helper = made(7)", 10, 11),
    case("a name that shadows a builtin", "len([x])", "UNUSED = 1 => def len(x): return 77", 1, 77),
    case("a name that shadows it no more", "sum([x])", "UNUSED = 1 => sum = max", 4, 4),
    case("an attribute and a global of one name", "self.ask.__name__", "K = 3 => ask = 3", "ask", "ask", "keep"),
    Case(
        "a deleted name",
        CELLS.replace("{ASK}", "x + K"),
        then="del K",
        because="global K",
        before="ask(4) == 7\ncount() == 1",
        after="error('ask', 4) == 'NameError'\ncount() == 2",
    ),
    Case(
        "data changed in place",
        CELLS.replace("{ASK}", "TABLE['a']"),
        then="TABLE['a'].append(3)",
        before="ask(1) == [1, 2]\ncount() == 1",
        after="ask(1) == [1, 2, 3]\ncount() == 2",
    ),
    Case(
        "an array changed in place",
        CELLS.replace("{ASK}", "int(ARRAY[0])"),
        then="ARRAY[0] = 9",
        before="ask(1) == 0\ncount() == 1",
        after="ask(1) == 9\ncount() == 2",
    ),
    Case(
        "a registry that decorators fill",
        CELLS.replace("{ASK}", "[f(x) for f in STAGES]"),
        then="""
        def stage(f):
            STAGES.append(f)
            return f
        @stage
        def one(x): return x + 1
    """,
        before="ask(1) == []\ncount() == 1",
        after="ask(1) == [2]\ncount() == 2",
    ),
    Case(
        "a function in a registry",
        """
        STAGES = {}
        def stage(f):
            STAGES[f.__name__] = f
            return f
        ---
        @stage
        def one(x): return x + 1
        ---
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self, x):
                self.n += 1
                return self.n, STAGES['one'](x)
    """,
        "x + 1 => x + 2",
        before="ask(1) == (1, 2)",
        after="ask(1) == (2, 3)",
    ),
    Case(
        "a closure changed in place",
        """
        def counter():
            n = 0
            def bump():
                nonlocal n
                n += 10
                return n
            def read():
                return n
            return bump, read
        bump, read = counter()
        ---
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n, read()
    """,
        then="bump()",
        before="ask() == (1, 0)",
        after="ask() == (2, 10)",
    ),
    Case(
        "a method put in after the class body",
        CELLS.replace("{ASK}", "x"),
        then="App.ask = lambda self, x: x * 2",
        before="ask(4) == 4\ncount() == 1",
        after="ask(4) == 8\ncount() == 2",
    ),
    Case(
        "a class attribute put in after the class body",
        CELLS.replace("{ASK}", "getattr(self, 'more', 0)"),
        then="App.more = 5",
        before="ask(4) == 0\ncount() == 1",
        after="ask(4) == 5\ncount() == 2",
    ),
    Case(
        "a class of another module put in place",
        """
        from collections import OrderedDict as Kind
        ---
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n, Kind(a=1)['a'], Kind.__name__
    """,
        "OrderedDict => Counter",
        before="ask() == (1, 1, 'OrderedDict')",
        after="ask() == (2, 1, 'Counter')",
    ),
    Case(
        "an exception class",
        """
        class Bad(ValueError): pass
        ---
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                raise Bad(self.n)
    """,
        "ValueError => KeyError",
        before="error('ask') == 'Bad'",
        after="error('ask') == 'Bad'",
    ),
    Case(
        "functions that call each other",
        """
        def even(n): return True if n == 0 else odd(n - 1)
        def odd(n): return False if n == 0 else even(n - 1)
        ---
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self, x):
                self.n += 1
                return self.n, even(x)
    """,
        "False if => 'odd' if",
        before="ask(3) == (1, False)",
        after="ask(3) == (2, 'odd')",
    ),
    Case(
        "a dataclass that requests use",
        """
        from dataclasses import dataclass
        @dataclass
        class Hit:
            name: str
            score: float = 1.0
        ---
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n, repr(Hit('a'))
    """,
        "score: float = 1.0 => score: float = 2.0",
        before="ask() == (1, \"Hit(name='a', score=1.0)\")",
        after="ask() == (2, \"Hit(name='a', score=2.0)\")",
    ),
    Case(
        "an enum that requests use",
        """
        import enum
        class Color(enum.Enum):
            RED = 1
        ---
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n, [one.name for one in Color]
    """,
        "RED = 1 => RED = 1\n    BLUE = 2",
        before="ask() == (1, ['RED'])",
        after="ask() == (2, ['RED', 'BLUE'])",
    ),
    Case(
        "a match over helper classes",
        """
        class Point:
            __match_args__ = ('x', 'y')
            def __init__(self, x, y): self.x, self.y = x, y
        ---
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                match Point(1, 2):
                    case Point(a, b):
                        return self.n, a, b
    """,
        "('x', 'y') => ('y', 'x')",
        before="ask() == (1, 1, 2)",
        after="ask() == (2, 2, 1)",
    ),
]
