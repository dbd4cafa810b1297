"""Multiplexed models in a running system, on both placements: routing, header and option, one load, unloading."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from system_helpers import Cells, wait_for

import kernelserve as serve

MODELS = """
import asyncio, os

class Model:
    def __init__(self, model_id, folder):
        self.model_id, self.folder = model_id, folder
    def __del__(self):
        open(os.path.join(self.folder, f"unloaded-{self.model_id}"), "w").close()

@serve.deployment(num_replicas=2, max_ongoing_requests=50)
class Models:
    def __init__(self, folder):
        self.folder, self.loads = folder, []

    @serve.multiplexed(max_num_models_per_replica=2)
    async def model(self, model_id):
        self.loads.append(model_id)
        await asyncio.sleep(0.02)
        return Model(model_id, self.folder)

    async def __call__(self, request=None):
        model = await self.model(serve.get_multiplexed_model_id())
        replica = serve.get_replica_context().replica_id
        return {"model": model.model_id, "replica": replica, "loads": self.loads.count(model.model_id)}

app = Models.bind(FOLDER)
"""


def test_requests_of_a_model_go_where_it_is_loaded(cells: Cells, name: str, tmp_path: Path) -> None:
    cells.run(f"FOLDER = {str(tmp_path)!r}")
    cells.serve(MODELS, name)
    live = serve.app(name)

    async def burst(model_id: str) -> list[dict[str, object]]:
        handle = live.handle.options(multiplexed_model_id=model_id)
        return list(await asyncio.gather(*(handle.remote() for _ in range(20))))

    for model_id in ("a", "b", "c", "d"):
        answers = asyncio.run(burst(model_id))
        assert {answer["model"] for answer in answers} == {model_id}
        assert len({answer["replica"] for answer in answers}) == 1, "all first requests of one model go to one replica"
        assert {answer["loads"] for answer in answers} == {1}
    spread = {model_id: asyncio.run(burst(model_id))[0] for model_id in ("a", "b", "c", "d")}
    assert {answer["loads"] for answer in spread.values()} == {1}, "four models, two replicas of two: none is evicted"
    assert len({answer["replica"] for answer in spread.values()}) == 2
    by_header = httpx.get(str(live.url), headers={"serve_multiplexed_model_id": "a"}, timeout=20).json()
    assert by_header == spread["a"]
    assert httpx.get(str(live.url), headers={"serve-multiplexed-model-id": "b"}, timeout=20).json() == spread["b"]


def test_models_are_unloaded_when_they_are_evicted_and_at_the_end(cells: Cells, name: str, tmp_path: Path) -> None:
    cells.run(f"FOLDER = {str(tmp_path)!r}")
    cells.serve(MODELS.replace("num_replicas=2", "num_replicas=1"), name)
    handle = serve.app(name).handle
    unloaded = lambda: sorted(path.name for path in tmp_path.iterdir())  # noqa: E731
    for model_id in ("a", "b", "c"):
        handle.options(multiplexed_model_id=model_id).remote().result(timeout_s=10)
    wait_for(lambda: unloaded() == ["unloaded-a"], "the least recently used model is unloaded")
    cells.session.delete(name)
    wait_for(lambda: unloaded() == ["unloaded-a", "unloaded-b", "unloaded-c"], "the rest goes with the replica")


def test_a_call_without_a_model_id_says_what_to_do(cells: Cells, name: str, tmp_path: Path) -> None:
    cells.run(f"FOLDER = {str(tmp_path)!r}")
    cells.serve(MODELS, name)
    answer = httpx.get(str(serve.app(name).url), timeout=20)
    assert answer.status_code == 500
    assert "multiplexed_model_id" in answer.text
