"""Kinds of classes: bases, super(), slots, dataclasses, enums, metaclasses, inner classes, class attributes."""

from __future__ import annotations

from corpus_case import Case

BASES = """
class Root:
    def __init__(self): self.made = 1
    def late(self): return 'root'
    def shared(self): return 'shared'
class Mixin:
    def late(self): return 'mixin ' + super().late()
class Base(Mixin, Root):
    kind = 'base'
    def late(self): return 'base ' + super().late()
class App(Base):
    limit = 3
    def __init__(self):
        super().__init__()
        loaded()
        self.n = 0
    def late(self): return 'app ' + super().late()
    def ask(self):
        self.n += 1
        return self.n, self.late()
    def kinds(self): return self.kind, self.limit
    class Inner:
        def say(self): return 'inner'
    def inner(self): return self.Inner().say()
    @classmethod
    def bump(cls):
        cls.hits = getattr(cls, 'hits', 0) + 1
        return cls.hits
"""
COUNTED = """
class Sizes:
    size = 10
class App:
    total = 0
    seen = []
    def __init__(self):
        loaded()
    def ask(self, text):
        App.total += 1
        self.seen.append(text)
        return App.total, list(self.seen), 'a', Sizes.size
"""
FIRST = "ask() == (1, 'app base mixin root')\nkinds() == ('base', 3)"


def case(
    name: str, edit: str | tuple[str, ...], late: str, expect: str = "patch", after: str = "", **more: str
) -> Case:
    n = 1 if expect == "replace" else 2
    return Case(name, BASES, edit, expect=expect, before=FIRST, after=f"ask() == ({n}, {late!r})\n{after}", **more)


CASES = [
    case("a method of the base's base", "'root' => 'ROOT'", "app base mixin ROOT", because="Root.late"),
    case("a method of a mixin", "'mixin ' => 'MIXIN '", "app base MIXIN root"),
    case("super that is called no more", "'base ' + super().late() => 'base'", "app base"),
    case(
        "an attribute of a base",
        "kind = 'base' => kind = 'other'",
        "app base mixin root",
        after="kinds() == ('other', 3)",
    ),
    case(
        "a class attribute",
        "limit = 3 => limit = 4",
        "app base mixin root",
        after="kinds() == ('base', 4)",
        because="App.limit",
    ),
    case(
        "the constructor of a base's base",
        "self.made = 1 => self.made = 2",
        "app base mixin root",
        "replace",
        because="Root.__init__",
    ),
    case("another order of bases", "(Mixin, Root) => (Root)", "app base root", "replace"),
    case("a base more", "(Mixin, Root) => (Mixin, Root, dict)", "app base mixin root", "replace"),
    case("a base less", ("App(Base) => App(Root)", "return self.kind => return 'none'"), "app root", "replace"),
    case("an inner class", "'inner' => 'INNER'", "app base mixin root", after="inner() == 'INNER'"),
    case(
        "a method that hides one of the base",
        "def kinds => def shared(self): return 'mine'\n    def kinds",
        "app base mixin root",
        after="shared() == 'mine'",
    ),
    case(
        "a method that hides it no more", "    def late(self): return 'app ' + super().late()\n => ", "base mixin root"
    ),
    Case(
        "a base of another cell, run again alone",
        BASES.replace("class App", "---\nclass App"),
        "'root' => 'ROOT'",
        expect="keep",
        before=FIRST,
        after="ask() == (2, 'app base mixin root')",
    ),
    Case(
        "slots",
        """
        class App:
            __slots__ = ('n',)
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n, 'a'
    """,
        "'a' => 'b'",
        expect="replace",
        because="__slots__",
        before="ask() == (1, 'a')",
        after="ask() == (1, 'b')",
    ),
    Case(
        "a slot more",
        """
        class App:
            __slots__ = ('n',)
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n
    """,
        "('n',) => ('n', 'm')",
        expect="replace",
        before="ask() == 1",
        after="ask() == 1",
    ),
    Case(
        "a dataclass",
        """
        from dataclasses import dataclass, field
        @dataclass
        class App:
            n: int = 0
            seen: list = field(default_factory=list)
            def ask(self):
                self.n += 1
                return self.n, 'a'
    """,
        "'a' => 'b'",
        before="ask() == (1, 'a')",
        after="ask() == (2, 'b')",
    ),
    Case(
        "a field of a dataclass",
        """
        from dataclasses import dataclass
        @dataclass
        class App:
            n: int = 0
            def ask(self):
                self.n += 1
                return self.n
    """,
        "n: int = 0 => n: int = 5",
        expect="replace",
        before="ask() == 1",
        after="ask() == 6",
    ),
    Case(
        "a method after the init of a dataclass",
        """
        from dataclasses import dataclass
        @dataclass
        class App:
            n: int = 0
            def __post_init__(self):
                loaded()
                self.m = self.start()
            def start(self):
                return 1
            def ask(self):
                return self.m
    """,
        "return 1 => return 2",
        expect="replace",
        before="ask() == 1",
        after="ask() == 2",
    ),
    Case(
        "a metaclass",
        """
        class Meta(type):
            def __call__(cls, *args):
                made = super().__call__(*args)
                made.extra = 5
                return made
        class App(metaclass=Meta):
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n, self.extra, 'a'
    """,
        "'a' => 'b'",
        expect="replace",
        because="metaclass",
        before="ask() == (1, 5, 'a')",
        after="ask() == (1, 5, 'b')",
    ),
    Case(
        "the code of a metaclass",
        """
        class Meta(type):
            def __call__(cls, *args):
                made = super().__call__(*args)
                made.extra = 5
                return made
        class App(metaclass=Meta):
            def __init__(self):
                loaded()
            def ask(self):
                return self.extra
    """,
        "extra = 5 => extra = 6",
        expect="replace",
        before="ask() == 5",
        after="ask() == 6",
    ),
    Case(
        "an abstract base",
        """
        import abc
        class Base(abc.ABC):
            @abc.abstractmethod
            def ask(self): ...
            def late(self): return 'a'
        class App(Base):
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n, self.late()
    """,
        "'a' => 'b'",
        before="ask() == (1, 'a')",
        after="ask() == (2, 'b')",
    ),
    Case(
        "a dict of a class",
        """
        class App(dict):
            def __init__(self):
                super().__init__(n=0)
                loaded()
            def ask(self):
                self['n'] += 1
                return self['n'], 'a'
    """,
        "'a' => 'b'",
        expect="replace",
        because="dict",
        before="ask() == (1, 'a')",
        after="ask() == (1, 'b')",
    ),
    Case(
        "subclasses that register themselves",
        """
        class Base:
            known = []
            def __init_subclass__(cls):
                Base.known.append(cls.__name__)
        class App(Base):
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n, 'a'
    """,
        "'a' => 'b'",
        before="ask() == (1, 'a')",
        after="ask() == (2, 'b')",
    ),
    Case(
        "a descriptor",
        """
        class Field:
            def __set_name__(self, owner, name): self.name = '_' + name
            def __get__(self, one, owner): return getattr(one, self.name, 0)
            def __set__(self, one, value): setattr(one, self.name, value)
        class App:
            n = Field()
            def __init__(self):
                loaded()
                self.n = 1
            def ask(self):
                self.n += 1
                return self.n, 'a'
    """,
        "'a' => 'b'",
        expect="replace",
        before="ask() == (2, 'a')",
        after="ask() == (2, 'b')",
    ),
    Case(
        "the code of a descriptor",
        """
        class Field:
            def __set_name__(self, owner, name): self.name = '_' + name
            def __get__(self, one, owner): return getattr(one, self.name, 0)
            def __set__(self, one, value): setattr(one, self.name, value)
        class App:
            n = Field()
            def __init__(self):
                loaded()
                self.n = 1
            def ask(self):
                return self.n
    """,
        "self.name, value) => self.name, value * 2)",
        expect="replace",
        before="ask() == 1",
        after="ask() == 2",
    ),
    Case(
        "a renamed class",
        """
        class Old:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n
        App = serve.deployment(name='App')(Old)
    """,
        "Old => New",
        expect="replace",
        before="ask() == 1",
        after="ask() == 1",
    ),
    Case(
        "an instance of a class that becomes a function",
        """
        class App:
            def __call__(self, x):
                return x + 1
    """,
        "class App:\n    def __call__(self, x):\n        return => def App(x):\n    return 1 +",
        expect="replace",
        because="was a class",
        before="call(1) == 2",
        after="call(1) == 3",
    ),
    Case(
        "a function",
        """
        def App(x):
            return x + 1
    """,
        "x + 1 => x + 2",
        before="call(1) == 2",
        after="call(1) == 3",
    ),
    Case(
        "a function's helper",
        """
        K = 1
        def helper(x): return x + K
        ---
        def App(x):
            return helper(x)
    """,
        "K = 1 => K = 2",
        before="call(1) == 2",
        after="call(1) == 3",
    ),
    Case(
        "a function that became async",
        """
        def App(x):
            return x + 1
    """,
        "def App => async def App",
        before="call(1) == 2",
        after="call(1) == 2",
    ),
    Case(
        "a class of type parameters",
        """
        from typing import Generic, TypeVar
        T = TypeVar('T')
        class App(Generic[T]):
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n, 'a'
    """,
        "'a' => 'b'",
        before="ask() == (1, 'a')",
        after="ask() == (2, 'b')",
    ),
    Case(
        "a class attribute set at run time",
        BASES,
        "'inner' => 'INNER'",
        before="bump() == 1\nbump() == 2",
        after="bump() == 3\ninner() == 'INNER'",
    ),
    Case(
        "a class attribute rebound and a table filled at run time",
        COUNTED,
        "'a' => 'b'",
        before="ask('x') == (1, ['x'], 'a', 10)",
        after="ask('y') == (2, ['x', 'y'], 'b', 10)",
    ),
    Case(
        "a class attribute that was set at run time, edited",
        COUNTED,
        "total = 0 => total = 100",
        before="ask('x') == (1, ['x'], 'a', 10)",
        after="ask('y') == (101, ['x', 'y'], 'a', 10)",
    ),
    Case(
        "a class attribute that was set at run time, of a class that only a method reaches, edited",
        COUNTED,
        "size = 10 => size = 20",
        before="ask('x') == (1, ['x'], 'a', 10)",
        after="ask('y') == (2, ['x', 'y'], 'a', 20)",
    ),
    Case(
        "a class attribute removed",
        COUNTED,
        ("    total = 0\n => ", "App.total += 1 => total = getattr(App, 'total', 'gone')", "App.total, => total,"),
        before="ask('x') == (1, ['x'], 'a', 10)",
        after="ask('y') == ('gone', ['x', 'y'], 'a', 10)",
    ),
    Case(
        "a changed helper in a class's table",
        """
        class Part:
            def say(self): return 'a'
        class App:
            parts = {}
            def __init__(self):
                loaded()
            def ask(self):
                part = self.parts.setdefault('one', Part())
                return part.say()
    """,
        "'a' => 'b'",
        expect="barrier",
        before="ask() == 'a'",
        after="ask() == 'b'",
    ),
]
