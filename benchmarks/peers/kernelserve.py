"""kernelserve, ray placement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import kernelserve as serve
from benchmarks import cells
from benchmarks.peers._serving import main

TEXTS = {"noop": cells.NOOP, "chain": cells.CHAIN, "echo": cells.ECHO, "embed": cells.EMBED}


class KernelServe:
    """All defaults, but for `max_ongoing_requests` in the cells."""

    def __init__(self) -> None:
        serve.start(http_options={"port": 0})
        self._handle: Any = None

    def deploy(self, app: str, numbers: dict[str, int], variant: str, replicas: int) -> str:
        target = cells.run_cell(TEXTS[app], serve, app, numbers, cells.many(replicas))
        self._handle = serve.run(target, name="bench", route_prefix="/bench")
        return str(serve.app("bench").url)

    def caller(self) -> Callable[[int], Any]:
        handle = self._handle
        return lambda number: handle.remote(number).result()

    def stop(self) -> None:
        serve.delete("bench")

    def close(self) -> None:
        serve.shutdown()


if __name__ == "__main__":
    main(KernelServe)
