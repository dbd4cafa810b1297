"""`serve.run(app, _local_testing_mode=True)`: the whole system in this process, HTTP included."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from system_helpers import get

import kernelserve as serve

ROOT = Path(__file__).parent.parent.parent


@serve.deployment(max_ongoing_requests=1)
class Model:
    async def __call__(self, request: object) -> str:
        return serve.get_replica_context().app_name

    async def double(self, x: int) -> int:
        return 2 * x


def test_run_gives_a_handle_and_serves_http() -> None:
    try:
        handle = serve.run(Model.bind(), _local_testing_mode=True)
        assert handle.double.remote(4).result(timeout_s=10) == 8
        assert get(str(serve.app().url)) == (200, "default")
    finally:
        serve.shutdown()


def test_run_many() -> None:
    targets = [
        serve.RunTarget(Model.bind(), name="a", route_prefix="/a"),
        serve.RunTarget(Model.bind(), name="b", route_prefix=None),
    ]
    try:
        handles = serve.run_many(targets, _local_testing_mode=True)
        assert [handle.double.remote(2).result(timeout_s=10) for handle in handles] == [4, 4]
        assert get(str(serve.app("a").url)) == (200, "a")
        assert serve.app("b").url is None
    finally:
        serve.shutdown()


def test_no_ray_is_imported() -> None:
    code = """
import sys
import kernelserve as serve

@serve.deployment
class Model:
    def __call__(self, x):
        return x + 1

assert serve.run(Model.bind(), _local_testing_mode=True).remote(1).result(timeout_s=10) == 2
serve.shutdown()
assert "ray" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
