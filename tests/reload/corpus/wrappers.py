"""Decorators with options, descriptors of the standard library, defaults that are objects, private names."""

from __future__ import annotations

from corpus_case import Case

CELLS = """
class Limits:
    def __init__(self, top): self.top = top
---
import contextlib, functools
from typing import NamedTuple
HOOKS = []
def repeat(times):
    def decorate(function):
        @functools.wraps(function)
        def run(self, *args):
            return [function(self, *args) for _ in range(times)]
        return run
    return decorate
def hook(function):
    HOOKS.append(function.__name__)
    return function
class Hit(NamedTuple):
    name: str
    score: int = 1
---
class App:
    def __init__(self):
        loaded()
        self.n = 0
        self.__secret = 5
    def count(self):
        self.n += 1
        return self.n
    @repeat(2)
    def repeated(self, x): return x
    @hook
    def hooked(self): return HOOKS
    def limited(self, x, limits=Limits(3)): return min(x, limits.top)
    def listed(self, x, among=(1, 2)): return x in among
    @property
    def level(self): return self.n
    @level.setter
    def level(self, value): self.n = value * 10
    def raise_to(self, value):
        self.level = value
        return self.level
    @contextlib.contextmanager
    def opened(self, x):
        yield x + 1
    def used(self, x):
        with self.opened(x) as value:
            return value
    def __hidden(self): return self.__secret
    def shown(self): return self.__hidden()
    def hit(self): return tuple(Hit('a'))
"""


def case(name: str, edit: str | tuple[str, ...], before: str, after: str, expect: str = "patch") -> Case:
    n = 1 if expect == "replace" else 2
    return Case(name, CELLS, edit, expect=expect, before=f"count() == 1\n{before}", after=f"count() == {n}\n{after}")


CASES = [
    case("options of a decorator", "repeat(2) => repeat(3)", "repeated(1) == [1, 1]", "repeated(1) == [1, 1, 1]"),
    case("a decorator's method", "def repeated(self, x): return x => def repeated(self, x): return -x",
         "repeated(1) == [1, 1]", "repeated(1) == [-1, -1]"),
    case("a decorator that registers", "@hook\n    def hooked => @hook\n    @hook\n    def hooked",
         "hooked() == ['hooked']", "hooked() == ['hooked'] * 3"),
    case("an object as a default", "Limits(3) => Limits(4)", "limited(9) == 3", "limited(9) == 4"),
    case("the class of a default", "self.top = top => self.top = -top", "limited(9) == 3", "limited(9) == 3", "keep"),
    case("a tuple as a default", "(1, 2) => (1, 3)", "listed(2) == True", "listed(2) == False"),
    case("a setter", "value * 10 => value * 20", "raise_to(0) == 0\ncount() == 1", "raise_to(1) == 20"),
    case("a context manager", "yield x + 1 => yield x + 2", "used(1) == 2", "used(1) == 3"),
    case("a private method", "return self.__secret => return -self.__secret", "shown() == 5", "shown() == -5"),
    case("a private attribute", "__secret = 5 => __secret = 6", "shown() == 5", "shown() == 6", "replace"),
    case("a named tuple", "score: int = 1 => score: int = 2", "hit() == ('a', 1)", "hit() == ('a', 2)"),
    Case("a metaclass that came", """
        class Meta(type): pass
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n
    """, "class App: => class App(metaclass=Meta):", expect="replace", before="ask() == 1", after="ask() == 1"),
    Case("slots that came", """
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def ask(self):
                self.n += 1
                return self.n
    """, "class App: => class App:\n    __slots__ = ('n',)", expect="replace", before="ask() == 1", after="ask() == 1"),
    Case("a constructor of another kind", """
        class App:
            def __new__(cls):
                loaded()
                one = super().__new__(cls)
                one.n = 0
                return one
            def ask(self):
                self.n += 1
                return self.n
    """, "one.n = 0 => one.n = 5", expect="replace", before="ask() == 1", after="ask() == 6"),
    Case("state beside the constructor", """
        class App:
            def __init__(self):
                loaded()
                self.n = 0
            def __setattr__(self, name, value):
                object.__setattr__(self, name, value + 1)
            def ask(self):
                return self.n
    """, "value + 1) => value + 2)", expect="replace", before="ask() == 1", after="ask() == 2"),
]  # fmt: skip
