from __future__ import annotations

import functools
from typing import Any

import pytest
from code_cells import run_cell
from fastapi import FastAPI
from ingress_helpers import served, shipped
from starlette.testclient import TestClient

from kernelserve.ingress import ingress, ingress_docs_path, is_ingress

START = """
from fastapi import APIRouter, FastAPI
from kernelserve.ingress import ingress
app = FastAPI()
"""

FIRST = """
@ingress(app)
class Api:
    @app.get("/old")
    def old(self): return "old"
    @app.get("/x")
    def x(self): return 1
"""


def notebook(*cells: str) -> dict[str, Any]:
    """The namespace after these cells were run one after the other, each as a file of its own."""
    space: dict[str, Any] | None = None
    for number, cell in enumerate(cells):
        space = run_cell(cell, space, f"<cell {number}>")
    assert space is not None
    return space


def paths(app: Any) -> list[str]:
    return [route.path for route in app.routes if "openapi" not in route.path and "doc" not in route.path]


def test_the_class_run_again_drops_its_earlier_routes() -> None:
    second = FIRST.replace('"/old"', '"/new"').replace("return 1", "return 2")
    space = notebook(START, FIRST, second)
    with served(space["Api"]()) as client:
        assert client.get("/x").json() == 2
        assert client.get("/old").status_code == 404
        assert client.get("/new").json() == "old"
    assert paths(space["app"]) == ["/new", "/x"]


def test_new_routes_go_where_the_old_ones_were() -> None:
    rest = '@app.get("/{path:path}")\ndef rest(path: str): return path\n'
    space = notebook(START, FIRST, rest, FIRST.replace('"/old"', '"/new"'))
    assert paths(space["app"]) == ["/new", "/x", "/{path:path}"]


def test_routes_of_a_class_body_that_failed_are_dropped() -> None:
    space = notebook(START)
    with pytest.raises(ZeroDivisionError):
        run_cell(FIRST + "    y = 1 / 0\n", space, "<failing>")
    run_cell(FIRST.replace("return 1", "return 2"), space, "<good>")
    with served(space["Api"]()) as client:
        assert client.get("/x").json() == 2
    assert paths(space["app"]) == ["/old", "/x"]


def test_a_renamed_route_of_a_class_body_that_failed_is_dropped() -> None:
    space = notebook(START)
    with pytest.raises(ZeroDivisionError):
        run_cell(FIRST + "    y = 1 / 0\n", space, "<failing>")
    run_cell(FIRST.replace('"/old"', '"/new"'), space, "<good>")
    assert paths(space["app"]) == ["/new", "/x"]


def test_methods_of_one_name_all_stay() -> None:
    cell = FIRST.replace("def old", "def x")
    for space in (notebook(START, cell), notebook(START, cell, cell)):
        assert paths(space["app"]) == ["/old", "/x"]
        for cls in (space["Api"], shipped(space["Api"])):
            with served(cls()) as client:
                assert (client.get("/old").json(), client.get("/x").json()) == ("old", 1)


def test_functions_and_inclusions_run_again() -> None:
    ping = '@app.get("/ping")\ndef ping(): return 1\n'
    included = """
router = APIRouter()
@router.get("/inside")
def inside(): return 1
app.include_router(router, prefix="/r")
sub = FastAPI()
@sub.get("/below")
def below(): return 1
app.mount("/sub", sub)
"""
    new_ping, new_included = (text.replace("return 1", "return 2") for text in (ping, included))
    space = notebook(START, ping, included, FIRST, new_ping, new_included, FIRST)
    for cls in (space["Api"], shipped(space["Api"])):
        with served(cls()) as client:
            assert client.get("/ping").json() == 2
            assert client.get("/r/inside").json() == 2
            assert client.get("/sub/below").json() == 2


def test_methods_on_a_router_run_again() -> None:
    start, include = START + "router = APIRouter()\n", 'app.include_router(router, prefix="/r")\n'
    cell = FIRST.replace("@app", "@router")
    edited = cell.replace('"/old"', '"/new"').replace("return 1", "return 2")
    space = notebook(start, cell, include, edited, include)
    with served(space["Api"]()) as client:
        assert client.get("/r/x").json() == 2
        assert client.get("/r/old").status_code == 404
        assert client.get("/r/new").json() == "old"


def test_the_same_class_decorated_twice_keeps_its_routes() -> None:
    space = notebook(START, FIRST)
    again = ingress(space["app"])(space["Api"])
    with served(again()) as client:
        assert client.get("/x").json() == 1


OTHERS = """
@ingress(app)
class Other:
    @app.get("/other")
    def other(self): return "other"

class Tools:
    @staticmethod
    def sum(a: int, b: int): return a + b
app.add_api_route("/sum", Tools.sum)
"""


def test_routes_of_other_classes_are_not_this_one_s() -> None:
    space = notebook(START, FIRST, OTHERS)
    for api, other in ((space["Api"], space["Other"]), (shipped(space["Api"]), shipped(space["Other"]))):
        with served(api()) as client:
            assert client.get("/other").status_code == 404
            assert client.get("/sum?a=1&b=2").json() == 3
            assert "/other" not in client.get("/openapi.json").json()["paths"]
        with served(other()) as client:
            assert client.get("/other").json() == "other"
            assert client.get("/x").status_code == 404


INHERITED = """
class Base:
    def __init__(self, n): self.n = n
    @app.get("/base")
    def base(self): return self.n
    @app.get("/over")
    def over(self, q: int): return "base"

@ingress(app)
class Api(Base):
    def over(self, q: int = 3): return q
    @app.get("/own")
    async def own(self): return self.n + 1

class More(Api):
    def __init__(self):
        super().__init__(40)
    def base(self): return super().base() + 0.5
"""


def test_inheritance() -> None:
    space = notebook(START, INHERITED)
    for cls in (space["Api"], shipped(space["Api"])):
        with served(cls(1)) as client:
            assert [client.get(path).json() for path in ("/base", "/own", "/over")] == [1, 2, 3]
    for cls in (space["More"], shipped(space["More"])):
        assert is_ingress(cls)
        with served(cls()) as client:
            assert [client.get(path).json() for path in ("/base", "/own")] == [40.5, 41]


def test_a_builder_runs_for_each_app() -> None:
    source = """
import threading
from fastapi import FastAPI, Request
from kernelserve.ingress import ingress
LOCK = threading.Lock()
def build():
    app = FastAPI(docs_url="/d")
    app.state.lock = threading.Lock()
    @app.get("/x")
    def x(request: Request): return request.app.state.lock.locked()
    return app
@ingress(build)
class Api:
    pass
"""
    cls = run_cell(source)["Api"]
    assert ingress_docs_path(cls) is None
    for one in (cls, shipped(cls)):
        with served(one()) as client:
            assert client.get("/x").json() is False


def test_a_builder_that_returns_no_app() -> None:
    def build() -> int:
        return 3

    @ingress(build)
    class Api:
        pass

    with pytest.raises(TypeError, match=r"build\(\) returned 3, a int, which is no ASGI app"):
        Api().__kernelserve_asgi__()  # type: ignore[attr-defined]


def test_the_hook_builds_late() -> None:
    @ingress()
    class Api:
        def __init__(self) -> None:
            self.n = 4

        def __serve_build_asgi_app__(self) -> FastAPI:
            app = FastAPI()
            app.add_api_route("/n", lambda: self.n)
            return app

    with served(Api()) as client:
        assert client.get("/n").json() == 4


def test_a_router_becomes_an_app() -> None:
    source = START.replace("app = FastAPI()", 'app = APIRouter(prefix="/v")') + FIRST
    cls = run_cell(source)["Api"]
    for one in (cls, shipped(cls)):
        with served(one()) as client:
            assert client.get("/v/x").json() == 1
            assert list(client.get("/openapi.json").json()["paths"]) == ["/v/old", "/v/x"]


STARLETTE = """
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, Router, WebSocketRoute
from kernelserve.ingress import ingress

def hello(request): return PlainTextResponse("hello " * 200)
async def echo(socket):
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()

def squeezed(request): return PlainTextResponse("s" * 2000)

inner = Mount("/m", routes=[Route("/hello", hello)], middleware=[Middleware(GZipMiddleware)])
single = Route("/squeezed", squeezed, middleware=[Middleware(GZipMiddleware)])
routes = [Route("/hello", hello, name="hi"), WebSocketRoute("/ws", echo), inner, single]
app = Starlette(routes=routes, middleware=[Middleware(GZipMiddleware)])
router = Router(routes=routes)

@ingress(app)
class Api: pass

@ingress(router)
class Routed: pass

def asgi_factory(text):
    async def asgi(scope, receive, send):
        await PlainTextResponse(text)(scope, receive, send)
    return asgi

@ingress(asgi_factory("bare"))
class Bare: pass
"""


def test_starlette_and_bare_asgi_apps() -> None:
    space = run_cell(STARLETTE)
    for name in ("Api", "Routed"):
        for cls in (space[name], shipped(space[name])):
            with served(cls()) as client:
                assert client.get("/hello").text.startswith("hello")
                assert ("content-encoding" in client.get("/hello").headers) is (name == "Api")
                assert client.get("/m/hello").headers["content-encoding"] == "gzip"
                assert client.get("/squeezed").headers["content-encoding"] == "gzip"
                with client.websocket_connect("/ws") as socket:
                    socket.send_text("a")
                    assert socket.receive_text() == "a"
    for cls in (space["Bare"], shipped(space["Bare"])):
        assert TestClient(cls().__kernelserve_asgi__()).get("/").text == "bare"


HOOKS = """
from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse
from kernelserve.ingress import ingress
app = FastAPI()

@ingress(app)
class Api:
    def __init__(self): self.log = []

    @app.exception_handler(ZeroDivisionError)
    async def divided(self, request, error): return JSONResponse(self.log, 400)

    @app.middleware("http")
    async def note(self, request, call_next):
        self.log.append(request.url.path)
        return await call_next(request)

    @app.get("/zero")
    def zero(self): return 1 / 0
"""


def test_handlers_and_middleware_that_are_methods() -> None:
    cls = run_cell(HOOKS)["Api"]
    for one in (cls, shipped(cls)):
        with served(one()) as client:
            answer = client.get("/zero")
            assert (answer.status_code, answer.json()) == (400, ["/zero"])


def test_custom_openapi_and_subclasses_of_fastapi() -> None:
    source = """
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from kernelserve.ingress import ingress
class Mine(FastAPI):
    def __init__(self, owner, **options):
        super().__init__(**options)
        self.owner = owner
    def openapi(self):
        schema = super().openapi()
        schema["info"]["owner"] = self.owner
        return schema
app = Mine("me", title="T", docs_url=None)
@ingress(app)
class Api:
    @app.get("/x")
    def x(self, q: int): return q
"""
    cls = run_cell(source)["Api"]
    for one in (cls, shipped(cls)):
        assert ingress_docs_path(one) is None
        with served(one()) as client:
            schema = client.get("/openapi.json").json()
            assert schema["info"] == {"title": "T", "version": "0.1.0", "owner": "me"}
            assert [p["name"] for p in schema["paths"]["/x"]["get"]["parameters"]] == ["q"]
            assert client.get("/docs").status_code == 404


def test_endpoints_below_decorators() -> None:
    source = """
import functools
from fastapi import FastAPI
from kernelserve.ingress import ingress
app = FastAPI()
def doubled(method):
    @functools.wraps(method)
    def wrapper(*args, **kwargs): return 2 * method(*args, **kwargs)
    return wrapper
@ingress(app)
class Api:
    n = 3
    @app.get("/x")
    @doubled
    def x(self, q: int): return self.n + q
    @staticmethod
    @app.get("/s")
    def s(q: int): return q
    @app.get("/wait")
    async def wait(this): return this.n
"""
    cls = run_cell(source)["Api"]
    for one in (cls, shipped(cls)):
        with served(one()) as client:
            assert client.get("/x?q=1").json() == 8
            assert client.get("/s?q=1").json() == 1
            assert client.get("/wait").json() == 3


def test_what_a_class_says() -> None:
    space = notebook(START.replace("FastAPI()", 'FastAPI(docs_url="/d")'), FIRST)
    assert is_ingress(space["Api"])
    assert ingress_docs_path(space["Api"]) == "/d"
    assert not is_ingress(int)
    assert not is_ingress(space["app"])
    assert ingress_docs_path(int) is None


def test_call_and_ingress_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="Api defines __call__"):

        @ingress(FastAPI())
        class Api:
            def __call__(self) -> None: ...


def test_errors_say_what_to_pass() -> None:
    with pytest.raises(TypeError, match="got 3, a int, which is no ASGI app"):
        ingress(3)
    with pytest.raises(TypeError, match="no ASGI app"):
        ingress(lambda one: None)
    with pytest.raises(TypeError, match="decorates a class"):
        ingress(FastAPI())(lambda: None)  # type: ignore[type-var]
    with pytest.raises(ValueError, match="has no __serve_build_asgi_app__"):
        ingress()(type("Api", (), {}))


def test_a_partial_is_a_builder() -> None:
    def build(title: str) -> FastAPI:
        return FastAPI(title=title)

    @ingress(functools.partial(build, "P"))
    class Api:
        pass

    with served(Api()) as client:
        assert client.get("/openapi.json").json()["info"]["title"] == "P"


def test_state_of_the_first_app_in_a_replica_is_the_declared_one() -> None:
    source = START + "app.state.x = 1\n" + FIRST.replace("return 1", "return app.state.x")
    here = run_cell(source)
    replica = shipped(here["Api"])
    first, second = replica().__kernelserve_asgi__(), replica().__kernelserve_asgi__()
    first.state.x = 2
    second.state.x = 3
    for app, state in ((first, 2), (second, 3)):
        assert app.state.x == state
        assert TestClient(app).get("/x").json() == 2
    here["Api"]().__kernelserve_asgi__().state.x = 4
    assert here["app"].state.x == 1
