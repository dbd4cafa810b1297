"""Turning the knobs of a running app: replicas, user_config, batches; and the cell that takes it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from system_helpers import Cells, actions, wait_for

import kernelserve as serve
from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.session import ensure_session
from kernelserve.exceptions import DeployError
from kernelserve.transport.messages import AppNews

CELL = """
@serve.deployment(max_ongoing_requests=20)
class Model:
    def __init__(self):
        self.level = 0
        self.rest.set_max_batch_size(7)

    def reconfigure(self, config):
        self.level = config["level"]

    @serve.batch(max_batch_size=4, batch_wait_timeout_s=0.0)
    async def work(self, items):
        return [WORD for _ in items]

    @serve.batch(max_batch_size=4)
    async def rest(self, items):
        return items

    async def seen(self):
        return self.level, self.work._get_max_batch_size(), self.rest._get_max_batch_size()

    async def __call__(self, request):
        return await self.work(1)

app = Model.bind()
"""


@pytest.fixture
def cells() -> Iterator[Cells]:
    yield Cells(ensure_session("local", http_options={"port": 0}))
    serve.shutdown(all=True)


def test_knobs_are_turned_kept_over_patches_and_taken_back_by_the_cell(cells: Cells) -> None:
    cells.serve(CELL.replace("WORD", "1"), "model")
    live = LiveApp(cells.session, "model")
    seen = live.handle.seen
    news: list[AppNews] = []
    end = cells.session.client.watch("model", news.append)

    def sizes() -> dict[str, int]:
        batching = [one.view["nodes"][0]["batching"] for one in news if one.view][-1]
        return {method: settings["max_batch_size"] for method, settings in batching.items()}

    wait_for(lambda: sizes() == {"work": 4, "rest": 7}, "what the constructor has set is shown")
    end()

    knobs = {"work": {"max_batch_size": 16}, "rest": {"max_batch_size": 9}}
    outcome = live.update("Model", num_replicas=2, batching=knobs)
    assert (outcome.revision, actions(outcome)) == (2, {"Model": "update"})
    # Both replicas: the one that took it over, and the one that was started with it.
    assert {tuple(seen.remote().result()) for _ in range(20)} == {(0, 16, 9)}
    patched = cells.session.client.graph("model")["nodes"][0]
    assert patched["batching"]["work"]["max_batch_size"] == 16
    assert live.update("Model", num_replicas=2).outcome == "unchanged"

    assert actions(live.update("Model", user_config={"level": 3})) == {"Model": "update"}
    wait_for(lambda: seen.remote().result() == (3, 16, 9), "reconfigured")
    with pytest.raises(ValueError, match="max_batch_size must be an integer"):
        live.update("Model", batching={"work": {"max_batch_size": -1}})
    with pytest.raises(ValueError, match="not plain data"):
        live.update("Model", user_config=object())
    with pytest.raises(TypeError, match="Unknown deployment option"):
        live.update("Model", replicas=3)
    with pytest.raises(DeployError, match="level"):
        live.update("Model", user_config={"wrong": 1}, batching={"work": {"max_batch_size": 2}})
    assert seen.remote().result() == (3, 16, 9), "nothing has changed"

    # The cell, edited: its own values are back, and so is what its constructor has set.
    again = cells.serve(CELL.replace("WORD", "2"), "model")
    assert actions(again) == {"Model": "patch"}
    assert {tuple(seen.remote().result())[1:] for _ in range(10)} == {(4, 7)}
    assert len(live.graph()["nodes"][0]["replicas"]) <= 2 and live.graph()["nodes"][0]["target"] == 1
    # Back to the revision of the knob: it is one like any other.
    live.rollback(2)
    assert {tuple(seen.remote().result())[1:] for _ in range(10)} == {(16, 9)}
    unedited = cells.session.deploy(cells["app"], name="model", route_prefix="/model")
    assert {tuple(seen.remote().result())[1:] for _ in range(10)} == {(4, 7)}
    assert unedited.outcome == "applied"
    first = live.revisions["plan"].iloc[1]
    assert first.startswith("update Model (")


def test_metrics_are_a_table_of_the_last_minutes(cells: Cells) -> None:
    cells.serve(CELL.replace("WORD", "1"), "model")
    live = LiveApp(cells.session, "model")
    for _ in range(5):
        live.handle.remote(None).result()
    wait_for(
        lambda: (live.metrics()["requests"].sum() >= 10) and live.metrics("30s")["batch_size"].max() >= 1, "counted"
    )
    table = live.metrics()
    assert str(table.index.tz) == "UTC" and table.index.name == "time"
    assert list(table.columns) == [
        "deployment", "requests", "qps", "errors", "p50_ms", "p95_ms", "p99_ms", "queued", "ongoing", "batch_size",
        "replicas",
    ]  # fmt: skip
    sums = table.groupby("deployment")["requests"].sum()
    assert dict(sums) == {"": 5, "Model": 5} and table["p95_ms"].max() > 0
    with pytest.warns(UserWarning, match="15 minutes"):
        live.metrics("1h")
    with pytest.raises(ValueError, match="'30s', '5m'"):
        live.metrics("soon")
