from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from kernelserve.code import UnitStore
from kernelserve.exceptions import ShipError
from kernelserve.graph.build import build
from kernelserve.graph.diff import diff
from kernelserve.graph.model import AppGraph, decode_graph, encode
from kernelserve.types import Action


@dataclass(eq=False)
class Bound:
    """As `Application` is, for `build`."""

    func_or_class: Any
    init_args: tuple[Any, ...] = ()
    init_kwargs: Mapping[str, Any] = field(default_factory=dict)
    options_dict: Mapping[str, Any] = field(default_factory=dict)
    batching: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    _kernelserve_bound = True

    @property
    def name(self) -> str:
        return str(self.func_or_class.__name__)


def handle(name: str) -> str:
    return f"handle of {name}"


SOURCE = """
K = 1
class Embedder:
    def embed(self, x): return x
class Index:
    def __init__(self, embedder, texts):
        self.vectors = [embedder.embed.remote(text) for text in texts]
class Search:
    def __init__(self, index, embedder): self.index = index
    def rank(self, x): return x + K
    def __call__(self, x): return self.rank(x)
"""


def cell(source: str, filename: str = "<cell>") -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, filename, "exec", dont_inherit=True), namespace)
    return namespace


def built(root: Bound, store: UnitStore | None = None, sources: Mapping[str, str] | None = None) -> AppGraph:
    return build(
        root, name="app", route_prefix="/", store=store or UnitStore(), make_handle=handle, sources=sources or {}
    )  # fmt: skip


def app(source: str = SOURCE, texts: Any = ("a", "b"), **options: Any) -> Bound:
    space = cell(source)
    embedder = Bound(space["Embedder"])
    index = Bound(space["Index"], (embedder, list(texts)))
    return Bound(space["Search"], (index,), {"embedder": embedder}, options)


def test_children_before_parents_and_once() -> None:
    graph = built(app())
    assert list(graph.nodes) == ["Embedder", "Index", "Search"]
    assert graph.ingress == "Search"
    assert graph.edges() == [("Index", "Embedder"), ("Search", "Index"), ("Search", "Embedder")]
    assert {name: node.reads_children for name, node in graph.nodes.items()} == {
        "Embedder": False,
        "Index": True,
        "Search": False,
    }
    assert decode_graph(encode(graph)) == graph


def test_a_replica_gets_handles_and_code() -> None:
    graph = built(app())
    node = graph.nodes["Index"]
    replica = UnitStore()
    replica.add({uid: graph.units[uid] for uid in node.units})
    args, kwargs = replica.unpack(node.args)
    assert (args, kwargs) == ((handle("Embedder"), ["a", "b"]), {})
    assert replica.unpack(node.code).__name__ == "Index"


def test_children_anywhere_and_repeated_names() -> None:
    space = cell(SOURCE)
    children = [Bound(space["Embedder"]) for _ in range(3)]
    kept = [1, 2]
    root = Bound(space["Search"], ({"a": [children[0], (children[1],)], "kept": kept},), {"embedder": children[2]})
    graph = built(root)
    node = graph.nodes["Search"]
    assert node.children == ("Embedder", "Embedder_1", "Embedder_2")
    replica = UnitStore()
    args, kwargs = replica.unpack(node.args)
    assert args == ({"a": [handle("Embedder"), (handle("Embedder_1"),)], "kept": kept},)
    assert kwargs == {"embedder": handle("Embedder_2")}
    assert root.init_args[0]["a"][0] is children[0]


def test_sources_only_of_named_files() -> None:
    sources = {"<cell>": SOURCE, "<other>": "x = 1"}
    assert built(app(), sources=sources).sources == {"<cell>": SOURCE}


class Forgetful(dict[str, str]):
    """As Python's cache of lines: it may list a file whose lines it does not have."""

    def __getitem__(self, name: str) -> str:
        if name == "gone.pyx":
            raise KeyError(name)
        return super().__getitem__(name)


def test_a_source_that_cannot_be_read_is_not_asked_for() -> None:
    sources = Forgetful({"<cell>": SOURCE, "gone.pyx": ""})
    assert built(app(), sources=sources).sources == {"<cell>": SOURCE}


def test_bound_into_itself() -> None:
    items: list[Any] = []
    root = Bound(cell(SOURCE)["Search"], (items, None))
    items.append(root)
    with pytest.raises(ValueError, match="'Search' is bound into itself"):
        built(root)


def test_argument_that_cannot_be_shipped_is_named() -> None:
    space = cell("class Cache: pass\nclass Search:\n    def __init__(self, index, *, top=1): pass\n")
    cache = space["Cache"]()
    cache.lock = threading.Lock()
    with pytest.raises(ShipError, match=r"^Search.__init__ argument index: .lock is a _thread.lock"):
        built(Bound(space["Search"], (cache,)))
    with pytest.raises(ShipError, match=r"^Search.__init__ argument top: \['c'\].lock is a _thread.lock"):
        built(Bound(space["Search"], (1,), {"top": {"c": cache}}))


def actions(old: Bound, new: Bound) -> dict[str, Action]:
    store = UnitStore()
    return {step.deployment: step.action for step in diff(built(old, store), built(new, store)).steps}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("K = 1", "K = 1\n# moved", "kkk"),
        ("return x + K", "return x * K", "kkp"),
        ("K = 1", "K = 2", "kkp"),
        ("self.index = index", "self.index = [index]", "kkr"),
        ("def embed(self, x): return x", "def embed(self, x): return [x]", "prk"),
        ("for text in texts]", "for text in texts[1:]]", "krk"),
    ],
)
def test_edits(old: str, new: str, expected: str) -> None:
    names = {"k": Action.KEEP, "p": Action.PATCH, "r": Action.REPLACE}
    assert old in SOURCE
    found = actions(app(), app(SOURCE.replace(old, new)))
    assert found == {name: names[key] for name, key in zip(("Embedder", "Index", "Search"), expected, strict=True)}


def test_arguments_and_options() -> None:
    assert actions(app(), app(texts=("a", "c")))["Index"] is Action.REPLACE
    assert actions(app(), app(num_replicas=2))["Search"] is Action.UPDATE
    assert actions(app(), app(user_config={"a": 1}))["Search"] is Action.UPDATE
    assert actions(app(), app(ray_actor_options={"num_cpus": 2}))["Search"] is Action.REPLACE
    assert actions(app(), app())["Search"] is Action.KEEP


def test_function_deployment() -> None:
    source = "def double(x): return 2 * x\n"
    old, new = Bound(cell(source)["double"]), Bound(cell(source.replace("2", "3"))["double"])
    assert built(old).nodes["double"].kind == "function"
    assert actions(old, new) == {"double": Action.PATCH}
    assert actions(old, Bound(cell(source)["double"])) == {"double": Action.KEEP}
