"""Ray Serve, run by the Python of its own environment; the profile is in the environment's variables.

Ray Serve reads its switches when it is imported, in every process: `benchmarks.systems` sets them before this starts.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

import ray

from benchmarks import cells
from benchmarks.peers._serving import main

TEXTS = {"noop": cells.NOOP, "chain": cells.CHAIN, "echo": cells.ECHO, "embed": cells.EMBED}
SURGE = {"max_surge_percent": 100, "graceful_shutdown_wait_loop_s": 0.1}
"""What makes a redeploy of one replica gentle: start the new one first, and look often if the old one is idle."""

LOGICAL_CPUS = 16


class RayServe:
    """One local cluster with Ray Serve on it."""

    def __init__(self) -> None:
        ray.init(num_cpus=LOGICAL_CPUS, include_dashboard=False, log_to_driver=False)
        # The throughput profile routes on the caller's loop, and this driver has none: in this process only.
        os.environ["RAY_SERVE_RUN_ROUTER_IN_SEPARATE_LOOP"] = "1"
        from ray import serve

        self._serve: Any = serve
        self._port = free_port()
        self._handle: Any = None
        serve.start(http_options={"port": self._port}, logging_config=self._logging())

    def deploy(self, app: str, numbers: dict[str, int], variant: str, replicas: int) -> str:
        options = {**(SURGE if variant == "surge" else {}), **cells.many(replicas)}
        target = cells.run_cell(TEXTS[app], self._serve, app, numbers, options)
        self._handle = self._serve.run(target, name="bench", route_prefix="/bench", logging_config=self._logging())
        return f"http://127.0.0.1:{self._port}/bench"

    def caller(self) -> Callable[[int], Any]:
        handle = self._handle
        return lambda number: handle.remote(number).result()

    def stop(self) -> None:
        self._serve.delete("bench")

    def close(self) -> None:
        self._serve.shutdown()
        ray.shutdown()

    @staticmethod
    def _logging() -> dict[str, Any] | None:
        tuned = os.environ.get("RAY_SERVE_THROUGHPUT_OPTIMIZED") == "1"
        return {"enable_access_log": False, "log_level": "WARNING"} if tuned else None


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main(RayServe)
