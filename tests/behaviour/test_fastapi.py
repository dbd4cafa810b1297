"""FastAPI as ingress, on both placements: routes with self, WebSockets, lifespan, uploads, and edits of them."""

from __future__ import annotations

import json

import httpx
from system_helpers import Cells, actions
from websockets.sync.client import connect

import kernelserve as serve

API = """
from contextlib import asynccontextmanager
from fastapi import FastAPI, Depends, HTTPException, UploadFile, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

@asynccontextmanager
async def lifespan(app):
    app.state.begun = "begun"
    yield {"started": "yes"}

api = FastAPI(title="Items", lifespan=lifespan)

class Item(BaseModel):
    name: str
    price: float = 1.0

def page(limit: int = 10):
    return limit

@serve.deployment
@serve.ingress(api)
class Items:
    def __init__(self):
        self.items = {}
        self.loads = 1

    @api.post("/items", status_code=201)
    def create(self, item: Item):
        self.items[item.name] = item
        return item

    @api.get("/items/{name}")
    async def read(self, name: str):
        if name not in self.items:
            raise HTTPException(404, f"no item {name}")
        return self.items[name]

    @api.get("/items")
    def index(self, limit: int = Depends(page)):
        return {"names": sorted(self.items)[:limit], "version": 1}

    @api.get("/stream")
    def stream(self):
        return StreamingResponse((f"{i}," for i in range(3)), media_type="text/plain")

    @api.post("/upload")
    async def upload(self, file: UploadFile):
        return {"name": file.filename, "size": len(await file.read())}

    @api.get("/boom")
    def boom(self):
        raise RuntimeError("boom")

    @api.websocket("/ws")
    async def chat(self, socket: WebSocket):
        await socket.accept(subprotocol="chat")
        try:
            while True:
                text = await socket.receive_text()
                if text == "bye":
                    await socket.close(4001, "as asked")
                    return
                await socket.send_json({"echo": text, "items": len(self.items)})
        except WebSocketDisconnect:
            pass

    def count(self):
        return len(self.items)

app = Items.bind()
"""


def test_routes_models_and_dependencies(cells: Cells, name: str) -> None:
    cells.serve(API, name)
    with httpx.Client(base_url=f"{serve.app(name).url}", timeout=20) as client:
        assert client.post("/items", json={"name": "pen", "price": 2}).json() == {"name": "pen", "price": 2.0}
        assert client.get("/items/pen").json()["price"] == 2.0
        missing = client.get("/items/cup")
        assert (missing.status_code, missing.json()) == (404, {"detail": "no item cup"})
        assert client.get("/items", params={"limit": 5}).json() == {"names": ["pen"], "version": 1}
        assert client.post("/items", json={"price": 1}).status_code == 422
        assert client.get("/stream").text == "0,1,2,"
        assert client.post("/upload", files={"file": ("a.txt", b"x" * 500_000)}).json() == {
            "name": "a.txt",
            "size": 500_000,
        }
        assert client.get("/nowhere").status_code == 404
        assert client.get("/boom").status_code == 500
        schema = client.get("/openapi.json").json()
        assert schema["info"]["title"] == "Items"
        assert schema["servers"] == [{"url": f"/{name}"}]
        assert [item["name"] for item in schema["paths"]["/items"]["get"]["parameters"]] == ["limit"]
        assert client.get("/docs").status_code == 200
    assert serve.get_app_handle(name).count.remote().result(timeout_s=10) == 1


def test_websockets(cells: Cells, name: str) -> None:
    cells.serve(API, name)
    url = str(serve.app(name).url).replace("http://", "ws://") + "/ws"
    with connect(url, subprotocols=["other", "chat"], open_timeout=20) as socket:  # type: ignore[list-item]
        assert socket.subprotocol == "chat"
        for text in ("hello", "é" * 1000):
            socket.send(text)
            assert json.loads(socket.recv(timeout=20)) == {"echo": text, "items": 0}
        socket.send("bye")
        try:
            socket.recv(timeout=20)
        except Exception as error:
            closed = error
        assert (closed.rcvd.code, closed.rcvd.reason) == (4001, "as asked")  # type: ignore[attr-defined]


def test_an_edited_route_is_a_patch_and_the_state_stays(cells: Cells, name: str) -> None:
    cells.serve(API, name)
    live = serve.app(name)
    httpx.post(f"{live.url}/items", json={"name": "pen"}, timeout=20)
    again = cells.serve(API, name)
    assert actions(again) == {"Items": "keep"}, again.steps
    edited = cells.serve(API.replace('"version": 1', '"version": 2'), name)
    assert actions(edited) == {"Items": "patch"}, edited.steps
    assert httpx.get(f"{live.url}/items", timeout=20).json() == {"names": ["pen"], "version": 2}
    added = cells.serve(
        API.replace(
            "    def count(self)", "    @api.get('/more')\n    def more(self): return 'more'\n\n    def count(self)"
        ),
        name,
    )
    assert actions(added) == {"Items": "patch"}, added.steps
    assert httpx.get(f"{live.url}/more", timeout=20).json() == "more"
    assert httpx.get(f"{live.url}/items", timeout=20).json() == {"names": ["pen"], "version": 1}
    assert live.handle.count.remote().result(timeout_s=10) == 1


def test_the_class_cell_alone_run_again_replaces_its_routes(cells: Cells, name: str) -> None:
    cells.run("from fastapi import FastAPI\napi = FastAPI()")
    cell = """
    @serve.deployment
    @serve.ingress(api)
    class Api:
        @api.get("/v")
        def v(self): return VERSION

    app = Api.bind()
    """
    cells.serve(cell.replace("VERSION", "1"), name)
    cells.serve(cell.replace("VERSION", "2"), name)
    assert httpx.get(f"{serve.app(name).url}/v", timeout=20).json() == 2


def test_any_asgi_app_and_builders(cells: Cells, name: str) -> None:
    cells.serve(
        """
        def build():
            import threading
            from starlette.applications import Starlette
            from starlette.responses import PlainTextResponse
            from starlette.routing import Route
            lock = threading.Lock()
            async def hello(request):
                with lock:
                    return PlainTextResponse(f"hello at {request.url.path}")
            return Starlette(routes=[Route("/hello", hello)])

        @serve.deployment
        @serve.ingress(build)
        class Built:
            pass

        app = Built.bind()
        """,
        name,
    )
    assert httpx.get(f"{serve.app(name).url}/hello", timeout=20).text == f"hello at /{name}/hello"


LIFESPAN = """
from contextlib import asynccontextmanager
from fastapi import FastAPI, Request

models = {}
LOADED = []

@asynccontextmanager
async def lifespan(app):
    models["answer"] = FACTOR
    LOADED.append(1)
    app.state.loads = len(LOADED)
    yield {"kept": "kept"}
    models.clear()

api = FastAPI(lifespan=lifespan)

@serve.deployment
@serve.ingress(api)
class Api:
    @api.get("/")
    def answer(self, request: Request):
        return {"version": VERSION, "model": models["answer"], "loads": request.app.state.loads,
                "state": request.state.kept}

app = Api.bind()
"""


def test_a_patch_keeps_what_the_lifespan_loaded(cells: Cells, name: str) -> None:
    cells.serve(LIFESPAN.replace("VERSION", "1").replace("FACTOR", "7"), name)
    live = serve.app(name)
    url = f"{live.url}/"
    assert httpx.get(url, timeout=20).json() == {"version": 1, "model": 7, "loads": 1, "state": "kept"}
    for version in ("2", "3"):
        patched = cells.serve(LIFESPAN.replace("VERSION", version).replace("FACTOR", "7"), name)
        assert actions(patched) == {"Api": "patch"}, patched.steps
        assert httpx.get(url, timeout=20).json() == {"version": int(version), "model": 7, "loads": 1, "state": "kept"}
    changed = cells.serve(LIFESPAN.replace("VERSION", "3").replace("FACTOR", "8"), name)
    assert actions(changed) == {"Api": "replace"}, changed.steps
    assert httpx.get(url, timeout=20).json() == {"version": 3, "model": 8, "loads": 1, "state": "kept"}
