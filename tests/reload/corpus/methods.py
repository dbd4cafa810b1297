"""Methods: the serve half of a class."""

from __future__ import annotations

from corpus_case import Case

CELLS = """
import functools, asyncio

def twice(function):
    @functools.wraps(function)
    def run(self, *args):
        return 2 * function(self, *args)
    return run

class App:
    def __init__(self):
        loaded()
        self.seen = []
    def put(self, x):
        self.seen.append(x)
        return len(self.seen)
    def ask(self, x):
        return x + 1
    def asks(self, x):
        return [self.ask(x), self.size]
    @twice
    def doubled(self, x):
        return x + 1
    @property
    def size(self):
        return len(self.seen)
    @staticmethod
    def add(x, y=1):
        return x + y
    @classmethod
    def kind(cls):
        return cls.__name__ + '.'
    def items(self, n):
        for i in range(n):
            yield i
    async def later(self, x):
        await asyncio.sleep(0)
        return x + 1
    def inner(self, x):
        def one(y):
            return [y + z for z in (1, 2)]
        return one(x)
    def key(self, x):
        return sorted(x, key=lambda item: -item)
    power = functools.partialmethod(add, y=5)
    def gone(self):
        return 'here'
"""
FIRST = "put('a') == 1\nask(1) == 2\nasks(1) == [2, 1]"
KEPT = "put('b') == 2"


def case(name: str, edit: str | tuple[str, ...], after: str, before: str = "", **more: str) -> Case:
    return Case(name, CELLS, edit, before=f"{FIRST}\n{before}", after=f"{KEPT}\n{after}", **more)


CASES = [
    case(
        "a method",
        "return x + 1\n    def asks => return x + 2\n    def asks",
        "ask(1) == 3\nasks(1) == [3, 2]",
        because="App.ask changed",
    ),
    case(
        "a method more",
        "def gone => def more(self): return 'more'\n    def gone",
        "more() == 'more'",
        because="App.more added",
    ),
    case("a method less", "def gone => def _gone", "error('gone') == 'AttributeError'", "gone() == 'here'"),
    case(
        "a method that became async",
        "def ask(self, x):\n => async def ask(self, x):\n        await asyncio.sleep(0)\n",
        "ask(1) == 2",
    ),
    case(
        "a method that is async no more",
        "async def later(self, x):\n        await asyncio.sleep(0) => def later(self, x):\n        pass",
        "later(1) == 2",
        "later(1) == 2",
    ),
    case(
        "a method that became a generator",
        "return x + 1\n    def asks => yield x + 3\n    def asks",
        "stream('ask', 1) == [4]",
    ),
    case("a generator", "yield i => yield i * 2", "stream('items', 3) == [0, 2, 4]", "stream('items', 3) == [0, 1, 2]"),
    case(
        "a generator that is none any more", "yield i => return i", "items(3) == 0", "stream('items', 3) == [0, 1, 2]"
    ),
    case(
        "an async generator",
        "await asyncio.sleep(0)\n        return x + 1 => yield x",
        "stream('later', 7) == [7]",
        "later(7) == 8",
    ),
    case(
        "a property that became a method",
        ("@property => ", "self.size] => self.size()]"),
        "asks(1) == [2, 2]\nsize() == 2",
    ),
    case(
        "a method that became a property",
        ("def gone => @property\n    def gone", "[self.ask(x), self.size] => [self.gone, self.size]"),
        "asks(1) == ['here', 2]",
        "gone() == 'here'",
    ),
    case(
        "the code of a property",
        "return len(self.seen)\n    @static => return -len(self.seen)\n    @static",
        "asks(1) == [2, -2]",
    ),
    case("a static method", "return x + y => return x * y", "add(3, 4) == 12", "add(3, 4) == 7"),
    case(
        "a static method that became one of the instance",
        "@staticmethod\n    def add(x, => def add(self, x,",
        "add(3, 4) == 7",
    ),
    case("a class method", "+ '.' => + '!'", "kind() == 'App!'", "kind() == 'App.'"),
    case("a partial method", "y=5 => y=7", "power(1) == 8", "power(1) == 6"),
    case("a default argument", "y=1 => y=2", "add(1) == 3", "add(1) == 2"),
    case(
        "a keyword default",
        "(self, x):\n        return x + 1\n    def asks => (self, x, *, k=4):\n        return x + k\n    def asks",
        "ask(1) == 5",
    ),
    case(
        "the signature",
        "def gone(self): => def gone(self, x=0):",
        "gone(1) == 'here'",
        "error('gone', 1) == 'TypeError'",
    ),
    case(
        "a decorated function",
        "def doubled(self, x):\n        return x + 1 => def doubled(self, x):\n        return x + 2",
        "doubled(1) == 6",
        "doubled(1) == 4",
        because="App.doubled",
    ),
    case("a decorator", "return 2 * => return 3 *", "doubled(1) == 6", "doubled(1) == 4"),
    case("a decorator less", "    @twice\n => ", "doubled(1) == 2", "doubled(1) == 4"),
    case("a nested function", "(1, 2) => (1, 3)", "inner(1) == [2, 4]", "inner(1) == [2, 3]"),
    case("a comprehension", "[y + z for => [y * z for", "inner(3) == [3, 6]", "inner(3) == [4, 5]"),
    case("a lambda", "-item => item", "key([1, 3, 2]) == [1, 2, 3]", "key([1, 3, 2]) == [3, 2, 1]"),
    case("an annotation", "def ask(self, x): => def ask(self, x: int):", "ask(1) == 2"),
    case(
        "a special method",
        "def gone => def __call__(self, x): return x * 5\n    def gone",
        "call(2) == 10",
        "error('call', 2) == 'AttributeError'",
    ),
    Case(
        "attributes that are not there",
        """
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n
            def __getattr__(self, name):
                return name + '.'
    """,
        "+ '.' => + '!'",
        expect="replace",
        because="App.__getattr__",
        before="ask() == 1",
        after="ask() == 1",
    ),
]
