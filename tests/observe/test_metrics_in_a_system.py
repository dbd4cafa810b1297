"""One system: what its processes count is on the gateway's page."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families
from system_helpers import Cells, get, wait_for

import kernelserve as serve

CELL = """
    import threading
    hits = serve.metrics.Counter("hits_NAME", "Of both.", tag_keys=("route",))

    @serve.deployment
    class Model:
        @serve.batch(max_batch_size=4, batch_wait_timeout_s=0)
        async def run(self, items):
            return items
        @serve.multiplexed(max_num_models_per_replica=1)
        async def load(self, model_id):
            return model_id
        async def __call__(self, number):
            await self.load(f"m{number}")
            return await self.run(number)

    @serve.deployment
    class Front:
        def __init__(self, model):
            self.model = model
            level = serve.metrics.Gauge("level_NAME")
            thread = threading.Thread(target=level.set, args=(3,))
            thread.start()
            thread.join()
        async def __call__(self, request):
            hits.inc()
            if isinstance(request, str):
                raise KeyError(request)
            return await self.model.remote(1)

    app = Front.bind(Model.bind())
"""
Page = Callable[..., float]


def page_of(cells: Cells) -> Page:
    """Asks the page: the sum of the samples of a name with these labels, or -1 if there is none."""
    with urllib.request.urlopen(f"{cells.session.base_url}/-/metrics", timeout=20) as response:
        families = list(text_string_to_metric_families(response.read().decode()))

    def value(name: str, **labels: str) -> float:
        found = [
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == f"kernelserve_{name}" and labels.items() <= sample.labels.items()
        ]
        return sum(found) if found else -1.0

    return value


def test_all_processes_are_on_the_page(cells: Cells, name: str) -> None:
    cells.serve(CELL.replace("NAME", name), name)
    url = f"{cells.session.base_url}/{name}"
    assert [get(url)[0] for _ in range(3)] == [200, 200, 200]
    with pytest.raises(KeyError):
        serve.get_app_handle(name).remote("wrong").result()

    app = {"application": name}
    page = page_of(cells)
    assert page("num_http_requests_total", route=f"/{name}", status_code="200", **app) == 3  # Its own are current.

    def told() -> Page | None:
        page = page_of(cells)
        done = page("deployment_request_counter_total", deployment="Front", **app) == 4
        return page if done and page("num_handle_requests_total", **app) == 1 else None

    page = wait_for(told, "told by replicas and clients")
    wait_for(lambda: page_of(cells)("deployment_request_counter_total", deployment="Model", **app) == 3, "told")
    page = page_of(cells)
    assert page("num_handle_requests_total", status="error", deployment="Front", **app) == 1
    assert page("deployment_error_counter_total", exception_type="KeyError", deployment="Front", **app) == 1
    assert page("deployment_processing_latency_ms_count", deployment="Front", **app) == 4
    assert page("handle_request_counter_total", caller="Front", deployment="Model", **app) == 3
    assert page("handle_request_counter_total", caller="", deployment="Front", **app) == 4
    assert page("actual_batch_size_sum", method="run", deployment="Model", **app) == 3
    assert page("multiplexed_models_load_counter_total", deployment="Model", **app) == 1
    assert page("registered_multiplexed_model_id", model_id="m1", deployment="Model", **app) == 1
    assert page("deployment_replica_healthy", deployment="Model", **app) == 1
    assert page(f"hits_{name}_total", route=f"/{name}", deployment="Front", **app) == 3
    assert page(f"level_{name}", deployment="Front", **app) == 3
