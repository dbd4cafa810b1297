from __future__ import annotations

from typing import Any

import pytest
from code_cells import run_cell
from ingress_helpers import served, shipped

API = '''
import asyncio
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request, UploadFile, WebSocket
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from kernelserve.ingress import ingress

SEEN = []

@asynccontextmanager
async def lifespan(app):
    app.state.word = "up"
    SEEN.append("start")
    yield
    SEEN.append("stop")

app = FastAPI(title="Things", lifespan=lifespan)
router = APIRouter(prefix="/r", tags=["r"])
sub = FastAPI()

class Item(BaseModel):
    name: str = Field(min_length=2)
    price: float = 1.0

class Odd(Exception):
    pass

def twice(n: int = 1) -> int:
    return 2 * n

async def closing():
    SEEN.append("open")
    yield "resource"
    SEEN.append("close")

@app.middleware("http")
async def stamp(request, call_next):
    response = await call_next(request)
    response.headers["x-stamp"] = "yes"
    return response

@app.exception_handler(Odd)
async def odd(request, error):
    from fastapi.responses import JSONResponse
    return JSONResponse({"odd": str(error)}, 418)

@app.get("/function")
def function(request: Request):
    return {"word": request.app.state.word}

@app.get("/seen")
def seen(): return SEEN

@sub.get("/plain")
def plain(request: Request):
    return request.scope["root_path"]

@ingress(app)
class Api:
    """An API."""
    def __init__(self, base=10):
        self.base = base
        self.items = {}

    @app.get("/add/{x}")
    def add(self, x: int, q: int = 1) -> int:
        """Adds."""
        return self.base + x + q

    @app.get("/async")
    async def later(self, request: Request, n: Annotated[int, Depends(twice)], agent: Annotated[str, Header()] = ""):
        await asyncio.sleep(0)
        return [self.base, n, agent, request.app.state.word, request.url.path]

    @app.post("/items", status_code=201)
    def put(self, item: Item) -> Item:
        self.items[item.name] = item
        return item

    @app.get("/items/{name}", response_model=Item)
    async def get(self, name: str):
        if name not in self.items:
            raise HTTPException(404, f"no {name}")
        return self.items[name]

    @app.get("/resource")
    async def resource(self, what: Annotated[str, Depends(closing)]):
        return [what, self.base]

    @app.get("/stream")
    def stream(self):
        return StreamingResponse((f"{n},{self.base};" for n in range(3)), media_type="text/plain")

    @app.get("/lines")
    async def lines(self) -> list[int]:
        return [self.base]

    @app.post("/upload")
    async def upload(self, file: UploadFile):
        size = 0
        while chunk := await file.read(1 << 16):
            size += len(chunk)
        return {"name": file.filename, "size": size + self.base}

    @app.websocket("/ws/{room}")
    async def chat(self, socket: WebSocket, room: str, n: Annotated[int, Depends(twice)]):
        await socket.accept()
        async for text in socket.iter_text():
            await socket.send_text(f"{room} {n} {self.base} {text}")

    @app.get("/odd")
    def odd(self):
        raise Odd(self.base)

    @router.get("/mine")
    def of_router(self):
        return self.base

    @sub.get("/mine")
    async def of_sub(self):
        return self.base

    @app.get("/static")
    @staticmethod
    def static(n: int = 3):
        return n

app.include_router(router, prefix="/p")
app.mount("/sub", sub)
'''


@pytest.fixture(params=["declared", "shipped"])
def api(request: pytest.FixtureRequest) -> Any:
    """The class, here and as a replica has it."""
    cls = run_cell(API)["Api"]
    return cls if request.param == "declared" else shipped(cls)


def test_methods_get_self(api: Any) -> None:
    with served(api(20)) as client:
        assert client.get("/add/1").json() == 22
        assert client.get("/add/1?q=5").json() == 26
        answer = client.get("/async?n=4", headers={"agent": "a"})
        assert answer.json() == [20, 8, "a", "up", "/async"]
        assert answer.headers["x-stamp"] == "yes"
        assert client.get("/static").json() == 3
        assert client.get("/function").json() == {"word": "up"}


def test_bad_parameters_are_422(api: Any) -> None:
    with served(api()) as client:
        answer = client.get("/add/x")
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["path", "x"]


def test_models(api: Any) -> None:
    with served(api()) as client:
        assert client.post("/items", json={"name": "tea"}).status_code == 201
        assert client.get("/items/tea").json() == {"name": "tea", "price": 1.0}
        assert client.post("/items", json={"name": "t"}).status_code == 422
        assert client.get("/items/none").json() == {"detail": "no none"}


def test_lifespan_and_dependencies_that_close(api: Any) -> None:
    with served(api()) as client:
        assert client.get("/resource").json() == ["resource", 10]
        assert client.get("/seen").json() == ["start", "open", "close"]
        app = client.app
    assert next(r for r in app.routes if r.path == "/seen").endpoint()[-1] == "stop"  # type: ignore[attr-defined]


def test_streams_and_uploads(api: Any) -> None:
    with served(api(1)) as client:
        assert client.get("/stream").text == "0,1;1,1;2,1;"
        assert client.get("/lines").json() == [1]
        answer = client.post("/upload", files={"file": ("a.bin", b"x" * 300_000)})
        assert answer.json() == {"name": "a.bin", "size": 300_001}


def test_websocket(api: Any) -> None:
    with served(api(7)) as client, client.websocket_connect("/ws/red?n=2") as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "red 4 7 hello"


def test_handlers_routers_and_mounted_apps(api: Any) -> None:
    with served(api(5)) as client:
        answer = client.get("/odd")
        assert (answer.status_code, answer.json()) == (418, {"odd": "5"})
        assert client.get("/p/r/mine").json() == 5
        assert client.get("/sub/mine").json() == 5
        assert client.get("/sub/plain").json() == "/sub"


def test_documentation_hides_self_and_knows_the_prefix(api: Any) -> None:
    with served(api(), root_path="/pre") as client:
        schema = client.get("/pre/openapi.json").json()
        assert "/pre/openapi.json" in client.get("/pre/docs").text
    assert schema["servers"] == [{"url": "/pre"}]
    assert schema["info"]["title"] == "Things"
    names = [one["name"] for one in schema["paths"]["/add/{x}"]["get"]["parameters"]]
    assert names == ["x", "q"]
    assert schema["paths"]["/add/{x}"]["get"]["description"] == "Adds."
    assert "/p/r/mine" in schema["paths"]
    assert schema["paths"]["/items"]["post"]["responses"]["201"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Item"
    }


def test_instances_share_nothing(api: Any) -> None:
    with served(api(1)) as one, served(api(2)) as other:
        assert (one.get("/add/0").json(), other.get("/add/0").json()) == (2, 3)
        assert (one.get("/p/r/mine").json(), other.get("/p/r/mine").json()) == (1, 2)
        assert (one.get("/sub/mine").json(), other.get("/sub/mine").json()) == (1, 2)


def test_two_replicas_in_one_process() -> None:
    cls = run_cell(API)["Api"]
    first, second = shipped(cls), shipped(cls)
    with served(first(1)) as one, served(second(2)) as other:
        assert (one.get("/async").json()[0], other.get("/async").json()[0]) == (1, 2)
    assert first.add.__globals__ is not second.add.__globals__


def test_the_declared_app_is_left_alone() -> None:
    space = run_cell(API)
    routes = list(space["app"].router.routes)
    with served(space["Api"]()) as client:
        client.get("/add/1")
    assert space["app"].router.routes == routes
    assert space["app"].middleware_stack is None


def test_the_class_stays_itself() -> None:
    cls = run_cell(API)["Api"]
    assert (cls.__name__, cls.__qualname__, cls.__module__, cls.__doc__) == ("Api", "Api", "__main__", "An API.")
    assert cls(3).add(1, 2) == 6


@pytest.mark.parametrize("head", ["", "from __future__ import annotations\n"])
def test_annotations_that_are_strings(head: str) -> None:
    cls = run_cell(head + API)["Api"]
    for one in (cls, shipped(cls)):
        with served(one()) as client:
            assert client.post("/items", json={"name": "tea"}).json() == {"name": "tea", "price": 1.0}
            assert client.post("/items", json={"name": "t"}).status_code == 422
            assert client.get("/async?n=2").json()[1] == 4


GENERATORS = """
from collections.abc import AsyncIterator, Iterator
from fastapi import BackgroundTasks, FastAPI, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse
from pydantic import BaseModel
from kernelserve.ingress import ingress
app = FastAPI()

class Tick(BaseModel):
    n: int

@ingress(app)
class Api:
    n = 2
    done = 0

    @app.get("/lines")
    async def lines(self) -> AsyncIterator[Tick]:
        for n in range(self.n):
            yield Tick(n=n)

    @app.get("/sync")
    def sync(self) -> Iterator[Tick]:
        yield Tick(n=self.n)

    @app.get("/events", response_class=EventSourceResponse)
    async def events(self) -> AsyncIterator[Tick]:
        yield Tick(n=self.n)

    @app.post("/raw")
    async def raw(self, request: Request):
        return sum([len(chunk) async for chunk in request.stream()])

    @app.post("/task")
    def task(self, tasks: BackgroundTasks):
        tasks.add_task(setattr, self, "done", 1)
        return self.done
"""


def test_generators_streams_and_background_tasks() -> None:
    cls = run_cell(GENERATORS)["Api"]
    for one in (cls, shipped(cls)):
        with served(one()) as client:
            assert client.get("/lines").text.split() == ['{"n":0}', '{"n":1}']
            assert client.get("/sync").text.split() == ['{"n":2}']
            answer = client.get("/events")
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.text == 'data: {"n":2}\n\n'
            assert client.post("/raw", content=iter([b"ab"] * 1000)).json() == 2000
            assert (client.post("/task").json(), client.post("/task").json()) == (0, 1)
            schema = client.get("/openapi.json").json()["paths"]["/lines"]["get"]["responses"]["200"]["content"]
            assert "application/jsonl" in schema


DEPENDENCIES = """
from typing import Annotated
from fastapi import Depends, FastAPI, HTTPException, WebSocket
from kernelserve.ingress import ingress
app = FastAPI()
def number(n: int = 1): return n

@ingress(app)
class Api:
    users = {"k": "ann"}

    def user(self, key: str, n: int = Depends(number)):
        if key not in self.users:
            raise HTTPException(401)
        return self.users[key] * n

    async def shout(self, user: Annotated[str, Depends(user)]):
        yield user.upper()

    @app.get("/me")
    async def me(self, name=Depends(user)): return name

    @app.get("/loud")
    def loud(self, name: Annotated[str, Depends(shout)]): return name

    calls = 0

    def counted(self, name=Depends(user)):
        self.calls += 1
        return self.calls

    def again(self, count=Depends(counted)): return count

    @app.get("/once")
    def once(self, one=Depends(counted), other=Depends(again)): return [one, other]

    @app.get("/closed", dependencies=[Depends(user)])
    def closed(self): return "in"

    @app.websocket("/ws")
    async def ws(self, socket: WebSocket, name=Depends(user)):
        await socket.accept()
        await socket.send_text(name)
"""


def test_dependencies_that_are_methods() -> None:
    cls = run_cell(DEPENDENCIES)["Api"]
    for one in (cls, shipped(cls)):
        with served(one()) as client:
            assert client.get("/me?key=k&n=2").json() == "annann"
            assert client.get("/loud?key=k").json() == "ANN"
            assert client.get("/closed?key=k").json() == "in"
            assert client.get("/once?key=k").json() == [1, 1]
            assert [client.get(f"/{path}?key=x").status_code for path in ("me", "loud", "closed")] == [401, 401, 401]
            with client.websocket_connect("/ws?key=k") as socket:
                assert socket.receive_text() == "ann"
            parameters = client.get("/openapi.json").json()["paths"]["/loud"]["get"]["parameters"]
            assert [p["name"] for p in parameters] == ["key", "n"]
