"""Options of deployments, and what serve's decorators make of methods."""

from __future__ import annotations

from corpus_case import Case

CELLS = """
@serve.deployment(num_replicas=1, max_ongoing_requests=5)
class App:
    def __init__(self):
        loaded()
        self.n = 0
    def ask(self):
        self.n += 1
        return self.n, 'a'
"""
CONFIGURED = """
@serve.deployment(user_config={'k': 1})
class App:
    def __init__(self):
        loaded()
        self.n = 0
    def reconfigure(self, config):
        self.k = config['k']
    def ask(self):
        self.n += 1
        return self.n, self.k, 'a'
"""


def case(name: str, edit: str | tuple[str, ...], expect: str, **more: str) -> Case:
    n = 1 if expect == "replace" else 2
    letter = "b" if "'b'" in str(edit) else "a"
    return Case(
        name, CELLS, edit, expect=expect, before="ask() == (1, 'a')", after=f"ask() == ({n}, {letter!r})", **more
    )


CASES = [
    case("requests at a time", "requests=5 => requests=7", "update", because="max_ongoing_requests"),
    case("time to end", "requests=5 => requests=5, graceful_shutdown_timeout_s=3", "update"),
    case(
        "resources",
        "requests=5 => requests=5, ray_actor_options={'num_cpus': 0.5}",
        "replace",
        because="ray_actor_options",
    ),
    case("an option and a method", ("requests=5 => requests=6", "'a' => 'b'"), "patch"),
    case(
        "a method of one that wants no patches",
        ("requests=5 => requests=5, reload='replace'", "'a' => 'b'"),
        "replace",
        because="reload='replace'",
    ),
    case("that it wants no patches", "requests=5 => requests=5, reload='replace'", "update"),
    Case(
        "a user config",
        CONFIGURED,
        "'k': 1 => 'k': 2",
        expect="update",
        before="ask() == (1, 1, 'a')",
        after="ask() == (2, 2, 'a')",
    ),
    Case(
        "a user config and a method",
        CONFIGURED,
        ("'k': 1 => 'k': 2", "'a' => 'b'"),
        before="ask() == (1, 1, 'a')",
        after="ask() == (2, 2, 'b')",
    ),
    Case(
        "how a user config is taken",
        CONFIGURED,
        "config['k'] => -config['k']",
        expect="replace",
        because="App.reconfigure",
        before="ask() == (1, 1, 'a')",
        after="ask() == (1, -1, 'a')",
    ),
    Case(
        "a user config that came",
        CONFIGURED.replace("(user_config={'k': 1})", ""),
        "deployment => deployment(user_config={'k': 3})",
        expect="update",
        before="error('ask') == 'AttributeError'",
        after="ask() == (2, 3, 'a')",
    ),
]

BATCHED = """
K = 1
@serve.deployment
class App:
    def __init__(self):
        loaded()
        self.batches = 0
    @serve.batch(max_batch_size=4, batch_wait_timeout_s=0.001)
    async def many(self, items):
        self.batches += 1
        return [(item + K, self.batches) for item in items]
    async def ask(self, x):
        return await self.many(x)
"""
MODELS = """
class Model:
    def __init__(self, name): self.name = name
    def say(self): return self.name
@serve.deployment
class App:
    def __init__(self):
        loaded()
        self.fetched = []
    @serve.multiplexed(max_num_models_per_replica=2)
    async def model(self, name):
        self.fetched.append(name)
        return Model(name + '.')
    async def ask(self, name):
        model = await self.model(name)
        return model.say(), len(self.fetched), 'a'
"""
CASES += [
    Case(
        "the function of a batch", BATCHED, "item + K => item - K", before="ask(1) == (2, 1)", after="ask(1) == (0, 2)"
    ),
    Case(
        "the settings of a batch",
        BATCHED,
        "max_batch_size=4 => max_batch_size=8",
        before="ask(1) == (2, 1)",
        after="ask(1) == (2, 2)",
    ),
    Case("a constant of a batch", BATCHED, "K = 1 => K = 2", before="ask(1) == (2, 1)", after="ask(1) == (3, 2)"),
    Case(
        "a method beside a batch",
        BATCHED,
        "return await self.many(x) => return await self.many(x + 1)",
        before="ask(1) == (2, 1)",
        after="ask(1) == (3, 2)",
    ),
    Case(
        "a batch no more",
        BATCHED,
        ("    @serve.batch(max_batch_size=4, batch_wait_timeout_s=0.001)\n => ", "self.many(x) => self.many([x])"),
        before="ask(1) == (2, 1)",
        after="ask(1) == [(2, 2)]",
    ),
    Case(
        "a method beside models",
        MODELS,
        "'a' => 'b'",
        before="ask('x') == ('x.', 1, 'a')",
        after="ask('x') == ('x.', 1, 'b')",
    ),
    Case(
        "how models are loaded",
        MODELS,
        "name + '.' => name + '!'",
        before="ask('x') == ('x.', 1, 'a')",
        after="ask('y') == ('y!', 2, 'a')",
    ),
    Case(
        "how many models",
        MODELS,
        "replica=2 => replica=1",
        before="ask('x') == ('x.', 1, 'a')\nask('y') == ('y.', 2, 'a')",
        after="ask('y') == ('y.', 2, 'a')",
    ),
    Case(
        "the class of loaded models",
        MODELS,
        "return self.name => return self.name.upper()",
        expect="barrier",
        before="ask('x') == ('x.', 1, 'a')",
        after="ask('x') == ('X.', 1, 'a')",
    ),
]

WEB = """
from fastapi import FastAPI
web = FastAPI()
---
@serve.deployment
@serve.ingress(web)
class App:
    def __init__(self):
        loaded()
        self.n = 0
    @web.get('/ask')
    def ask(self):
        self.n += 1
        return [self.n, 'a']
    @web.get('/{name}')
    def named(self, name: str):
        return 'named ' + name
    def word(self):
        return 'word'
"""
FIRST = "get('/ask') == (200, [1, 'a'])\nget('/x') == (200, 'named x')"
CASES += [
    Case(
        "a route's function",
        WEB,
        ("'a' => 'b'", "FastAPI() => FastAPI( )"),
        before=FIRST,
        after="get('/ask') == (200, [2, 'b'])",
    ),
    Case(
        "a route's function on the same app",
        WEB,
        "'a' => 'b'",
        before=FIRST,
        after="get('/ask') == (200, [2, 'b'])\nget('/y') == (200, 'named y')",
    ),
    Case(
        "a route more",
        WEB,
        "def word => @web.get('/deep/word')\n    def word",
        before=f"{FIRST}\nget('/deep/word')[0] == 404",
        after="get('/deep/word') == (200, 'word')\nget('/ask') == (200, [2, 'a'])",
    ),
    Case(
        "a route less",
        WEB,
        ("    @web.get('/{name}')\n => ", "FastAPI() => FastAPI( )"),
        before=FIRST,
        after="get('/x')[0] == 404\nget('/ask') == (200, [2, 'a'])",
    ),
    Case(
        "routes in another order",
        WEB,
        (
            "web.get('/ask') => web.get('/{kind}')",
            "web.get('/{name}') => web.get('/ask')",
            "def named(self, name: str) => def named(self)",
            "'named ' + name => 'named'",
            "def ask(self) => def ask(self, kind: str)",
            "FastAPI() => FastAPI( )",
        ),
        before=FIRST,
        after="get('/ask') == (200, [2, 'a'])",
    ),
    Case(
        "the path of a route",
        WEB,
        ("'/ask' => '/say'", "FastAPI() => FastAPI( )"),
        before=FIRST,
        after="get('/say') == (200, [2, 'a'])\nget('/ask') == (200, 'named ask')",
    ),
    Case(
        "a model of a body",
        WEB.replace(
            "web = Fast", "from pydantic import BaseModel\nclass Out(BaseModel):\n    n: int = 1\nweb = Fast"
        ).replace("return 'named ' + name", "return Out()"),
        ("n: int = 1 => n: int = 2", "FastAPI() => FastAPI( )"),
        rerun=True,
        before="get('/ask') == (200, [1, 'a'])\nget('/x') == (200, {'n': 1})",
        after="get('/x') == (200, {'n': 2})\nget('/ask') == (200, [2, 'a'])",
    ),
    Case(
        "a method beside routes",
        WEB,
        "'word' => 'WORD'",
        before=FIRST,
        after="word() == 'WORD'\nget('/ask') == (200, [2, 'a'])",
    ),
    Case(
        "the cell of an ingress run again",
        WEB,
        rerun=True,
        expect="keep",
        before=FIRST,
        after="get('/ask') == (200, [2, 'a'])",
    ),
    Case(
        "only the class of an ingress run again",
        WEB,
        "return 'word' => return 'word'  # again",
        expect="keep",
        before=FIRST,
        after="get('/ask') == (200, [2, 'a'])",
    ),
]
