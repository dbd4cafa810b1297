"""uvicorn and a bare ASGI function: what a Python HTTP server costs with nothing behind it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import uvicorn

from benchmarks.peers._serving import main

START_WITHIN_S = 20.0


async def noop(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


class BareUvicorn:
    """One worker, uvloop and httptools, no access log."""

    def __init__(self) -> None:
        config = uvicorn.Config(
            noop, port=0, loop="uvloop", http="httptools", lifespan="off", access_log=False, log_level="warning"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="uvicorn")
        self._thread.start()

    def deploy(self, app: str, numbers: dict[str, int], variant: str, replicas: int) -> str:
        if app != "noop":
            raise ValueError(f"Bare uvicorn serves noop only, not {app!r}.")
        deadline = time.monotonic() + START_WITHIN_S
        while not self._server.started:
            if time.monotonic() > deadline:
                raise TimeoutError(f"uvicorn has not started within {START_WITHIN_S} s.")
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/"

    def caller(self) -> Callable[[int], Any]:
        raise ValueError("Bare uvicorn has no handles: measure http_noop on it.")

    def stop(self) -> None:
        """Nothing to remove: the server serves its one function until it is closed."""

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()


if __name__ == "__main__":
    main(BareUvicorn)
