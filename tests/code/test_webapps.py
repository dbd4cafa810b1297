"""Web applications as units and in fingerprints."""

from __future__ import annotations

from typing import Any

import pytest
from code_cells import run_cell
from starlette.testclient import TestClient

from kernelserve.code import UnitStore, fingerprint
from kernelserve.exceptions import ShipError

APP = '''
import threading
from contextlib import asynccontextmanager
from fastapi import APIRouter, Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel, computed_field, field_validator, model_validator
from kernelserve.ingress import ingress

K = 1

class Item(BaseModel):
    name: str = "x"
    tags: list[str] = []
    @field_validator("name")
    @classmethod
    def upper(cls, value): return value.upper()
    @model_validator(mode="after")
    def check(self): return self
    @computed_field
    @property
    def size(self) -> int: return len(self.name)

def limit(n: int = 3): return n

@asynccontextmanager
async def lifespan(app):
    app.state.ready = True
    yield

app = FastAPI(title="A", lifespan=lifespan)
app.add_middleware(CORSMiddleware, allow_origins=["*"])
router = APIRouter(prefix="/r")

@router.get("/f")
def free(n: int = Depends(limit)): return n

app.include_router(router)

@ingress(app)
class Api:
    """Serves."""
    def __init__(self): self.n = 0

    @app.post("/item", response_model=Item)
    def item(self, item: Item, q: int = 1):
        """Makes."""
        return helper(item)

    @app.get("/two")
    async def two(self): return 2

def helper(item): return item
'''


def prints(source: str) -> Any:
    return fingerprint(run_cell(source)["Api"])


def changes(new: str) -> tuple[set[str], set[str]]:
    """Parts that changed, of the init half and of the serve half."""
    assert new != APP
    old_print, new_print = prints(APP), prints(new)
    halves = ((old_print.init, new_print.init), (old_print.serve, new_print.serve))
    first, second = ({key for key in a.keys() | b.keys() if a.get(key) != b.get(key)} for a, b in halves)
    return first, second


def test_the_same_cell_again_has_the_same_fingerprint_and_units() -> None:
    one, other = prints(APP), prints(APP)
    assert (one.init, one.serve) == (other.init, other.serve)
    assert one.assumptions == ()
    packed = [UnitStore().pack(run_cell(APP)["Api"]).used for _ in range(2)]
    assert packed[0] == packed[1]


def test_a_used_app_has_the_same_fingerprint() -> None:
    used = run_cell(APP)
    before = fingerprint(used["Api"])
    with TestClient(used["Api"]().__kernelserve_asgi__()) as client:
        assert client.post("/item", json={"name": "y"}).json()["name"] == "Y"
        client.get("/openapi.json")
    used["app"].openapi()
    after = fingerprint(used["Api"])
    assert (after.init, after.serve) == (before.init, before.serve)


def test_app_is_of_the_serve_half() -> None:
    found = prints(APP)
    assert "Api's app" in found.serve
    assert not any("app" in part for part in found.init)
    assert "Api's lifespan" in found.init, "what it made is kept by a patch"


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ('return helper(item)', 'return helper([item][0])', {"Api.item"}),
        ('"""Makes."""', '"""Makes one."""', {"Api.item docstring", "Api's app"}),
        ('q: int = 1', 'q: int = 2', {"Api.item"}),
        ('"/two"', '"/three"', {"Api's app"}),
        ('response_model=Item', 'response_model=Item, status_code=201', {"Api's app"}),
        ('"*"', '"http://a"', {"Api's app"}),
        ('return value.upper()', 'return value.lower()', {"class Item"}),
        ('return n\n\n@async', 'return n + 1\n\n@async', {"Api's app"}),
        ('def helper(item): return item', 'def helper(item): return [item][0]', {"helper()"}),
        (
            '    @app.get("/two")',
            '    @app.get("/one")\n    def one(self): return K\n    @app.get("/two")',
            {"Api's app", "Api.one", "global K"},
        ),
    ],
)  # fmt: skip
def test_edits_change_the_serve_half_only(old: str, new: str, parts: set[str]) -> None:
    init, serve = changes(APP.replace(old, new))
    assert init == set()
    assert serve == parts


def test_an_edited_lifespan_is_of_the_init_half() -> None:
    init, serve = changes(APP.replace("ready = True", "ready = False"))
    assert (init, serve) == ({"Api's lifespan"}, {"Api's app"})
    calling = APP.replace("app.state.ready = True", "app.state.ready = helper(1)")
    assert "helper()" in prints(calling).init, "and what it calls"
    hooks = APP.replace("lifespan=lifespan", "on_startup=[limit]")
    assert "Api's lifespan" in prints(hooks).init
    included = APP.replace('APIRouter(prefix="/r")', 'APIRouter(prefix="/r", lifespan=lifespan)').replace(
        ", lifespan=lifespan)\napp.add", ")\napp.add"
    )
    assert "Api's lifespan" in prints(included).init


def test_a_builder_counts_whole_as_init() -> None:
    source = "def build():\n    from fastapi import FastAPI\n    return FastAPI(title='A')\n"
    source += "from kernelserve.ingress import ingress\n@ingress(build)\nclass Api: pass\n"
    one, other = prints(source), prints(source.replace("'A'", "'B'"))
    assert one.init.keys() == other.init.keys() >= {"Api's app builder"}
    assert one.init != other.init


def test_a_global_app_counts_as_a_global() -> None:
    uses = APP.replace("return 2", "return app.title")
    one, other = prints(uses), prints(uses)
    assert (one.init, one.serve) == (other.init, other.serve)
    other = prints(uses.replace('"/two"', '"/three"'))
    assert one.init == other.init
    assert {key for key in one.serve if one.serve[key] != other.serve[key]} == {"global app"}


def test_a_constructor_that_uses_the_app() -> None:
    uses = APP.replace("self.n = 0", "self.n = app.title")
    assert "global app" in prints(uses).init


def test_an_unused_app_object_ships_with_locks_inside_the_library() -> None:
    space = run_cell(APP + "\ndef get(): return app\n")
    kernel, replica = UnitStore(), UnitStore()
    packed = kernel.pack(space["get"])
    replica.add(packed.units)
    loaded = replica.unpack(packed.payload)()
    assert loaded is not space["app"]
    with TestClient(loaded) as client:
        assert client.get("/r/f?n=4").json() == 4
        assert client.get("/openapi.json").json()["paths"].keys() >= {"/r/f", "/two"}


def test_a_global_app_is_the_one_that_is_served() -> None:
    source = APP.replace("return 2", "return app.state.ready")
    kernel, replica = UnitStore(), UnitStore()
    packed = kernel.pack(run_cell(source)["Api"])
    replica.add(packed.units)
    with TestClient(replica.unpack(packed.payload)().__kernelserve_asgi__()) as client:
        assert client.get("/two").json() is True


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("app.state.lock = threading.Lock()", "Api @ingress app.state.lock is a _thread.lock"),
        ("app.state.pool = {'a': [threading.Lock()]}", "Api @ingress app.state.pool['a'][0] is a _thread.lock"),
        (
            "LOCK = threading.Lock()\n@app.get('/late')\ndef late(): return LOCK",
            "global LOCK is a _thread.lock",
        ),
        (
            "class M:\n  def __init__(self, app, lock): pass\napp.add_middleware(M, lock=threading.Lock())",
            "Api @ingress app.user_middleware[0].kwargs['lock'] is a _thread.lock",
        ),
    ],
)
def test_what_does_not_ship_is_named(line: str, path: str) -> None:
    space = run_cell(APP + line + "\n")
    with pytest.raises(ShipError) as caught:
        UnitStore().pack(space["Api"], "Api")
    assert path in str(caught.value)
    assert "function that makes the app" in str(caught.value)


def test_models_of_cells() -> None:
    source = """
from typing import Generic, TypeVar
from pydantic import BaseModel, ConfigDict, Field, RootModel, create_model
T = TypeVar("T")
class Page(BaseModel, Generic[T]):
    model_config = ConfigDict(extra="forbid")
    items: list[T]
class Node(BaseModel):
    name: str = Field(min_length=1)
    below: "list[Node]" = []
class Names(RootModel[list[str]]): pass
Made = create_model("Made", n=(int, 3))
def use(page: Page[Node], names: Names, made: Made): return Page[Node](items=[Node(name="a", below=[Node(name="b")])])
"""
    spaces = [run_cell(source) for _ in range(2)]
    for space in spaces:
        space["use"].__annotations__["page"](items=[])  # a model that was used counts as before
        break
    assert fingerprint(spaces[0]["use"]).serve == fingerprint(spaces[1]["use"]).serve
    kernel, replica = UnitStore(), UnitStore()
    packed = kernel.pack(spaces[0]["use"])
    replica.add(packed.units)
    use = replica.unpack(packed.payload)
    assert use(1, 2, 3).model_dump() == {"items": [{"name": "a", "below": [{"name": "b", "below": []}]}]}
    assert use.__annotations__["names"](["a"]).root == ["a"]
    assert use.__annotations__["made"]().n == 3
    with pytest.raises(ValueError, match="at least 1"):
        use.__annotations__["page"](items=[{"name": ""}])
