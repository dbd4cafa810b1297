"""What the state holds: helper objects, ways back to the instance, bound methods, caches, and what ends."""

from __future__ import annotations

from corpus_case import Case

HELD = """
import functools, collections
from dataclasses import dataclass
class Deep:
    def say(self): return 'deep'
class Tool:
    unit = 'cm'
    def __init__(self, size=1):
        self.size = size
        self.deep = Deep()
        self.uses = 0
    def use(self):
        self.uses += 1
        return self.size, self.uses, self.unit
    def more(self): return 'more'
    def down(self): return self.deep.say()
class Slotted:
    __slots__ = ('n',)
    def __init__(self): self.n = 0
    def say(self): return 'slotted'
class Listed(list):
    def say(self): return 'listed'
@dataclass
class Record:
    n: int = 0
    def say(self): return 'record'
---
class App:
    def __init__(self):
        loaded()
        self.n = 0
        self.held = {HELD}
    def ask(self):
        self.n += 1
        return self.n, {ASK}
    def helper(self): return 'helper'
    def other(self): return 'other'
"""


def case(
    name: str,
    held: str,
    ask: str,
    edit: str | tuple[str, ...],
    before: object,
    after: object,
    expect: str = "barrier",
    **more: str,
) -> Case:
    n = 1 if expect == "replace" else 2
    return Case(name, HELD.replace("{HELD}", held).replace("{ASK}", ask), edit, expect=expect,
                before=f"ask() == (1, {before!r})", after=f"ask() == ({n}, {after!r})", **more)  # fmt: skip


TOOL = "return self.size, self.uses, => return self.size * 10, self.uses,"
CASES = [
    case(
        "a method of a held helper", "Tool(3)", "self.held.use()", TOOL, (3, 1, "cm"), (30, 2, "cm"), because="Tool.use"
    ),
    case(
        "a class attribute of a held helper", "Tool(3)", "self.held.use()", "'cm' => 'mm'", (3, 1, "cm"), (3, 2, "mm")
    ),
    case(
        "the constructor of a held helper",
        "Tool(3)",
        "self.held.use()",
        "self.size = size => self.size = -size",
        (3, 1, "cm"),
        (-3, 1, "cm"),
        "replace",
        because="Tool.__init__",
    ),
    case("a helper held in a list", "[Tool(3)]", "self.held[0].use()", TOOL, (3, 1, "cm"), (30, 2, "cm")),
    case(
        "a helper held in a dict of tuples",
        "{'a': (1, Tool(3))}",
        "self.held['a'][1].use()",
        TOOL,
        (3, 1, "cm"),
        (30, 2, "cm"),
    ),
    case("a helper held by a helper", "Tool(3)", "self.held.down()", "'deep' => 'DEEP'", "deep", "DEEP"),
    case("a helper made by a function", "(lambda: Tool(3))()", "self.held.use()", TOOL, (3, 1, "cm"), (30, 2, "cm")),
    case(
        "a helper that a request put there",
        "[]",
        "(self.held or self.held.append(Tool(3)) or self.held)[0].use()",
        TOOL,
        (3, 1, "cm"),
        (30, 2, "cm"),
    ),
    case(
        "a method of a helper that the constructor calls",
        "Tool(3).more()",
        "self.held",
        "'more' => 'MORE'",
        "more",
        "MORE",
        "replace",
    ),
    case("a renamed helper", "Tool(3)", "self.held.use()", "Tool => Device", (3, 1, "cm"), (3, 1, "cm"), "replace"),
    case(
        "a helper with slots", "Slotted()", "self.held.say()", "'slotted' => 'SLOTTED'", "slotted", "SLOTTED", "replace"
    ),
    case(
        "a helper that is a list", "Listed()", "self.held.say()", "'listed' => 'LISTED'", "listed", "LISTED", "replace"
    ),
    case("a dataclass held", "Record()", "self.held.say()", "'record' => 'RECORD'", "record", "RECORD"),
    case("a field of a dataclass held", "Record()", "self.held.n", "n: int = 0 => n: int = 5", 0, 5, "replace"),
    case("a class held", "Tool", "self.held(2).use()", TOOL, (2, 1, "cm"), (20, 1, "cm"), "replace"),
    case("a factory held", "collections.defaultdict(Tool)", "self.held['a'].size", "'more' => 'MORE'", 1, 1, "replace"),
    case("a bound method held", "self.helper", "self.held()", "'helper' => 'HELPER'", "helper", "HELPER", "replace"),
    case(
        "a bound method held while another changes",
        "self.helper",
        "self.held()",
        "'other' => 'OTHER'",
        "helper",
        "helper",
    ),
    case(
        "a partial of a bound method",
        "functools.partial(self.helper)",
        "self.held()",
        "'helper' => 'HELPER'",
        "helper",
        "HELPER",
        "replace",
    ),
    case(
        "a partial of one while another changes",
        "functools.partial(self.helper)",
        "self.held()",
        "'other' => 'OTHER'",
        "helper",
        "helper",
    ),
    case("a bound method of a helper", "Tool(3).more", "self.held()", "'more' => 'MORE'", "more", "MORE", "replace"),
    # A lambda that is kept may do anything with the instance.
    case(
        "a lambda of the instance that is held",
        "lambda: self.helper()",
        "self.held()",
        "'helper' => 'HELPER'",
        "helper",
        "HELPER",
        "replace",
    ),
    case("the code of a lambda that is held", "lambda: 5", "self.held()", "lambda: 5 => lambda: 6", 5, 6, "replace"),
    case(
        "the instance in itself",
        "[self]",
        "self.held[0].helper()",
        "'helper' => 'HELPER'",
        "helper",
        "HELPER",
        because="App.helper",
    ),
    Case(
        "a helper that refers back",
        """
        class Part:
            def __init__(self, owner): self.owner = owner
            def say(self): return self.owner.word()
        ---
        class App:
            def __init__(self):
                loaded()
                self.n = 0
                self.part = Part(self)
            def word(self): return 'a'
            def ask(self):
                self.n += 1
                return self.n, self.part.say()
    """,
        "'a' => 'b'",
        expect="barrier",
        before="ask() == (1, 'a')",
        after="ask() == (2, 'b')",
    ),
    Case(
        "both halves of two that know each other",
        """
        class Part:
            def __init__(self, owner): self.owner = owner
            def say(self): return 'part ' + self.owner.word()
        ---
        class App:
            def __init__(self):
                loaded()
                self.n = 0
                self.part = Part(self)
            def word(self): return 'a'
            def ask(self):
                self.n += 1
                return self.n, self.part.say()
    """,
        ("'a' => 'b'", "'part ' => 'PART '"),
        expect="barrier",
        before="ask() == (1, 'part a')",
        after="ask() == (2, 'PART b')",
    ),
    Case(
        "an enum member held",
        """
        import enum
        class Color(enum.Enum):
            RED = 1
            def say(self): return 'red'
        ---
        class App:
            def __init__(self):
                loaded()
                self.color = Color.RED
            def ask(self):
                return self.color.say(), self.color is Color.RED
    """,
        "'red' => 'RED'",
        expect="replace",
        before="ask() == ('red', True)",
        after="ask() == ('RED', True)",
    ),
    Case(
        "a class of a held object that is compared",
        """
        class Tool:
            def say(self): return 'a'
        ---
        class App:
            def __init__(self):
                loaded()
                self.tool = Tool()
            def ask(self):
                return isinstance(self.tool, Tool), self.tool.say()
    """,
        "'a' => 'b'",
        expect="barrier",
        before="ask() == (True, 'a')",
        after="ask() == (True, 'b')",
    ),
    Case(
        "a helper in a global that holds a state",
        """
        class Counter:
            def __init__(self): self.n = 0
            def add(self):
                self.n += 1
                return self.n
        COUNTER = Counter()
        ---
        class App:
            def __init__(self):
                loaded()
            def ask(self):
                return COUNTER.add(), 'a'
    """,
        "'a' => 'b'",
        before="ask() == (1, 'a')",
        after="ask() == (2, 'b')",
    ),
]

CACHED = """
import functools
class App:
    def __init__(self):
        loaded()
        self.n = 0
    @functools.cached_property
    def table(self): return self.made() + 1
    def made(self): return 10
    @functools.lru_cache
    def kept(self, x):
        self.n += 1
        return x + 1, self.n
    def other(self): return 'other'
"""
CASES += [
    Case(
        "a filled cached property",
        CACHED + "    def ask(self): return self.table\n",
        "self.made() + 1 => self.made() + 2",
        expect="replace",
        because="cached_property table is filled",
        before="ask() == 11",
        after="ask() == 12",
    ),
    Case(
        "a cached property filled by a changed method",
        CACHED + "    def ask(self): return self.table\n",
        "return 10 => return 20",
        expect="replace",
        because="cached_property",
        before="ask() == 11",
        after="ask() == 21",
    ),
    Case(
        "a filled cached property of the same code",
        CACHED + "    def ask(self): self.n += 1; return self.n, self.table\n",
        "'other' => 'OTHER'",
        before="ask() == (1, 11)",
        after="other() == 'OTHER'\nask() == (2, 11)",
    ),
    Case(
        "a cached property that is not filled",
        CACHED + "    def ask(self): return self.table\n",
        "self.made() + 1 => self.made() + 2",
        before="other() == 'other'",
        after="ask() == 12",
    ),
    Case(
        "a cached method",
        CACHED,
        "return x + 1, self.n => return x + 2, self.n",
        before="kept(1) == (2, 1)\nkept(1) == (2, 1)",
        after="kept(1)[0] == 3",
    ),
    Case(
        "another method than the cached one",
        CACHED,
        "'other' => 'OTHER'",
        before="kept(1) == (2, 1)",
        after="other() == 'OTHER'\nkept(1)[0] == 2",
    ),
]
