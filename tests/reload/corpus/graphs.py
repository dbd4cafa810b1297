"""Deployments that hold handles of others: what a change below, or beside, does to them."""

from __future__ import annotations

from corpus_case import Case

BUILT = """
@serve.deployment
class Embed:
    def __init__(self): self.scale = 2
    def embed(self, x): return x * self.scale
    def other(self): return 'a'
---
@serve.deployment
class App:
    async def __init__(self, embed):
        loaded()
        self.embed = embed
        self.index = [await embed.embed.remote(x) for x in (1, 2)]
        self.n = 0
    async def ask(self, x):
        self.n += 1
        return self.n, self.index, await self.embed.embed.remote(x)
---
app = App.bind(Embed.bind())
# -
"""
CALLED = """
@serve.deployment
class Below:
    def __init__(self): self.scale = 2
    def say(self, x): return x * self.scale
---
@serve.deployment
class App:
    def __init__(self, *below):
        loaded()
        self.below = below
        self.n = 0
    async def ask(self, x):
        self.n += 1
        return self.n, [await one.say.remote(x) for one in self.below]
---
app = App.bind(Below.bind())
"""


def case(name: str, cells: str, edit: str | tuple[str, ...], expect: str, after: str, **others: str) -> Case:
    before = "ask(3) == (1, [2, 4], 6)" if "Embed" in cells else "ask(3) == (1, [6])"
    return Case(
        name,
        cells,
        edit,
        expect=expect,
        before=before,
        after=f"ask(3) == {after}",
        others=tuple(others.items()),
        rerun=True,
    )


CASES = [
    case("what a state was built from", BUILT, "x * self => x + self", "replace", "(1, [3, 4], 5)", Embed="patch"),
    case(
        "the constructor of what it was built from", BUILT, "= 2 => = 3", "replace", "(1, [3, 6], 9)", Embed="replace"
    ),
    case("a constructor that asks another", BUILT, "(1, 2)] => (1, 3)]", "replace", "(1, [2, 6], 6)", Embed="keep"),
    case("a builder that is run again", BUILT, "# - => # again", "keep", "(2, [2, 4], 6)", Embed="keep"),
    case(
        "what a state was built from, and is to be kept",
        BUILT.replace("deployment\nclass App", "deployment(reload='keep')\nclass App"),
        "x * self => x + self",
        "keep",
        "(2, [2, 4], 5)",
        Embed="patch",
    ),
    case("what a request asks", CALLED, "x * self => x + self", "keep", "(2, [5])", Below="patch"),
    case("the state of what a request asks", CALLED, "= 2 => = 3", "keep", "(2, [9])", Below="replace"),
    case(
        "a handle more",
        CALLED,
        "Below.bind()) => Below.bind(), Below.bind())",
        "replace",
        "(1, [6, 6])",
        Below="keep",
        Below_1="add",
    ),
    case("a handle less", CALLED, "Below.bind()) => )", "replace", "(1, [])", Below="remove"),
    case(
        "both ends of a handle",
        CALLED,
        ("x * self => x + self", "self.n, [ => -self.n, ["),
        "patch",
        "(-2, [5])",
        Below="patch",
    ),
    case(
        "another name",
        CALLED,
        "deployment\nclass Below => deployment(name='Under')\nclass Below",
        "replace",
        "(1, [6])",
        Under="add",
        Below="remove",
    ),
]
