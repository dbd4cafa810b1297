"""The init half: all that decides the state."""

from __future__ import annotations

from corpus_case import Case

CELLS = """
import functools
def size(): return 4
def other(): return size()
WIDTH = 2
TABLE = {'a': 1}
class Base:
    def __init__(self):
        self.base = 1
    def late(self): return 1
---
class App(Base):
    depth = 3
    label = 'late'
    def __init__(self, extra=5):
        super().__init__()
        loaded()
        self.built = {BUILT}
        self.n = 0
    def build(self): return self.deeper() + 1
    def deeper(self): return 10
    def late(self): return super().late()
    @property
    def made(self): return 7
    def ask(self):
        self.n += 1
        return self.n, self.built
"""


def case(name: str, built: str, edit: str, before: object, after: object, expect: str = "replace", **more: str) -> Case:
    n = 1 if expect == "replace" else 2
    return Case(name, CELLS.replace("{BUILT}", built), edit, expect=expect,
                before=f"ask() == (1, {before!r})", after=f"ask() == ({n}, {after!r})", **more)  # fmt: skip


CASES = [
    case("the constructor", "1", "self.built = 1 => self.built = 2", 1, 2, because="App.__init__ changed"),
    case(
        "a function that the constructor calls",
        "size()",
        "return 4 => return 5",
        4,
        5,
        because="size() changed, used by __init__",
    ),
    case("a function below it", "other()", "return 4 => return 5", 4, 5, because="size()"),
    case("a constant of the constructor", "WIDTH", "WIDTH = 2 => WIDTH = 3", 2, 3, because="global WIDTH"),
    case("a constant of a function below it", "other()", "def size(): return 4 => def size(): return WIDTH", 4, 2),
    case("data of the constructor", "TABLE['a']", "'a': 1 => 'a': 2", 1, 2),
    case(
        "a method that the constructor calls",
        "self.build()",
        "self.deeper() + 1 => self.deeper() + 2",
        11,
        12,
        because="App.build",
    ),
    case("a method below it", "self.build()", "return 10 => return 20", 11, 21, because="App.deeper"),
    case("a method that it does not call", "self.build()", "super().late() => 2", 11, 11, "patch", because="App.late"),
    case("a class attribute of the constructor", "self.depth", "depth = 3 => depth = 4", 3, 4),
    case("a class attribute by the class", "App.depth", "depth = 3 => depth = 4", 3, 4),
    case("a property of the constructor", "self.made", "return 7 => return 8", 7, 8),
    case("a literal getattr", "getattr(self, 'made')", "return 7 => return 8", 7, 8),
    case("a literal getattr of something else", "getattr(self, 'made')", "return 10 => return 11", 7, 7, "patch"),
    case("a dynamic getattr", "getattr(self, self.label)()", "super().late() => 2", 1, 2),
    case("the class of itself", "type(self).__name__", "super().late() => 2", "App", "App", "patch"),
    case("the class itself", "type(self)().late() if extra == 7 else 0", "super().late() => 2", 0, 0),
    case("a default argument of the constructor", "extra", "extra=5 => extra=6", 5, 6),
    case("a closure of the constructor", "(lambda: size())()", "return 4 => return 5", 4, 5),
    case("a comprehension of the constructor", "[size() for _ in range(2)]", "return 4 => return 5", [4, 4], [5, 5]),
    case("a helper in a keyword", "sorted([1, 2], key=lambda x: x * size())", "return 4 => return -4", [1, 2], [2, 1]),
    case("a partial of the constructor", "functools.partial(max, WIDTH)(1)", "WIDTH = 2 => WIDTH = 3", 2, 3),
    Case(
        "the constructor of the base",
        CELLS.replace("{BUILT}", "self.base"),
        "self.base = 1 => self.base = 2",
        rerun=True,
        expect="replace",
        before="ask() == (1, 1)",
        after="ask() == (1, 2)",
    ),
    case("a constructor more", "1", "self.built = 1 => self.built = 1; self.more = 2", 1, 1),
    Case(
        "a constructor that came",
        """
        class App:
            n = 0
            def ask(self):
                return self.n
    """,
        "n = 0 => n = 0\n    def __init__(self): self.n = 5",
        expect="replace",
        before="ask() == 0",
        after="ask() == 5",
    ),
    Case(
        "a constructor that went",
        """
        class App:
            n = 0
            def __init__(self):
                self.n = 4
            def ask(self):
                return self.n
    """,
        "__init__ => _init",
        expect="replace",
        before="ask() == 4",
        after="ask() == 0",
    ),
    Case(
        "an async constructor",
        """
        class App:
            async def __init__(self):
                loaded()
                self.n = await self.load()
            async def load(self):
                return 4
            def ask(self):
                return self.n
    """,
        "return 4 => return 5",
        expect="replace",
        before="ask() == 4",
        after="ask() == 5",
    ),
    Case(
        "a code string of the constructor",
        """
        class App:
            def __init__(self):
                loaded()
                self.n = eval('1')
            def ask(self):
                return self.n
    """,
        "eval('1') => eval('1 + 1')",
        expect="replace",
        before="ask() == 1",
        after="ask() == 2",
    ),
    Case(
        "bound arguments",
        """
        @serve.deployment
        class App:
            def __init__(self, table):
                loaded()
                self.table = table
            def ask(self):
                return self.table
        ---
        app = App.bind({'a': 1, 'b': [1, 2]})
    """,
        "[1, 2] => [1, 3]",
        expect="replace",
        because="arg 0",
        before="ask() == {'a': 1, 'b': [1, 2]}",
        after="ask() == {'a': 1, 'b': [1, 3]}",
    ),
    Case(
        "equal arguments",
        """
        @serve.deployment
        class App:
            def __init__(self, table):
                loaded()
                self.table = table
            def ask(self):
                self.table['n'] = self.table.get('n', 0) + 1
                return self.table['n']
        ---
        app = App.bind({'a': 1, 'b': [1, 2]})
    """,
        "[1, 2] => [1] + [2]",
        expect="keep",
        before="ask() == 1",
        after="ask() == 2",
    ),
    Case(
        "an argument that is a function",
        """
        def rank(x): return x + 1
        ---
        @serve.deployment
        class App:
            def __init__(self, rank):
                loaded()
                self.rank = rank
            def ask(self, x):
                return self.rank(x)
        ---
        app = App.bind(rank)
        #
    """,
        ("x + 1 => x + 2", "# => # again"),
        expect="replace",
        before="ask(1) == 2",
        after="ask(1) == 3",
    ),
    Case(
        "an argument that is an array",
        """
        import numpy
        @serve.deployment
        class App:
            def __init__(self, array):
                loaded()
                self.array = array
            def ask(self):
                return float(self.array.sum())
        ---
        app = App.bind(numpy.ones(1000))
    """,
        "ones(1000) => ones(1001)",
        expect="replace",
        before="ask() == 1000",
        after="ask() == 1001",
    ),
    Case(
        "an equal array",
        """
        import numpy
        @serve.deployment
        class App:
            def __init__(self, array):
                loaded()
                self.array = array
            def ask(self):
                self.array += 1
                return float(self.array[0])
        ---
        app = App.bind(numpy.ones(1000))
    """,
        rerun=True,
        expect="keep",
        before="ask() == 2",
        after="ask() == 3",
    ),
]
