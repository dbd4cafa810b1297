"""What tests of a running system share: polls with a deadline, cells as a notebook runs them, HTTP requests."""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import linecache
import textwrap
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import kernelserve as serve
from kernelserve.cluster.session import Session

_cells = itertools.count(1)


def wait_for(condition: Callable[[], Any], what: str, timeout_s: float = 60.0) -> Any:
    """Poll until `condition` is true; fails with `what` at the deadline."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        time.sleep(0.02)


def threads_have_ended(before: set[threading.Thread], timeout_s: float = 60.0) -> None:
    """Wait until no thread is left that was not there before; but an event loop keeps those of its own pool."""

    def left() -> list[str]:
        gc.collect()  # gRPC's own thread ends with its last server, which its cycles keep until a collection.
        new = (thread for thread in threading.enumerate() if thread not in before)
        return [thread.name for thread in new if not thread.name.startswith("asyncio_")]

    deadline = time.monotonic() + timeout_s
    while names := left():
        assert time.monotonic() < deadline, f"threads of the system go on: {names}"
        time.sleep(0.02)


async def until(condition: Callable[[], Any], what: str, timeout_s: float = 60.0) -> None:
    """Wait on the event loop until `condition` is true; fails with `what` at the deadline."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, f"not within {timeout_s} s: {what}"
        await asyncio.sleep(0.002)


class Cells:
    """A notebook's namespace: what it runs is `__main__` code with a file name and lines of its own."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.placement = session.kind
        self.namespace: dict[str, Any] = {"__name__": "__main__", "serve": serve}

    def run(self, source: str) -> None:
        """Run a cell."""
        text = textwrap.dedent(source)
        name = f"/tmp/ipykernel_test/{next(_cells)}.py"
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        exec(compile(text, name, "exec"), self.namespace)

    def serve(self, source: str, name: str, **options: Any) -> Any:
        """Run a cell and deploy the application that its last name, `app`, holds; returns the outcome."""
        self.run(source)
        options.setdefault("route_prefix", f"/{name}")
        return self.session.deploy(self.namespace["app"], name=name, **options)

    def __getitem__(self, name: str) -> Any:
        return self.namespace[name]


def actions(outcome: Any) -> dict[str, str]:
    """Deployment → action of a deploy's outcome."""
    return {step.deployment: step.action for step in outcome.steps}


def get(url: str, data: Any = None, headers: dict[str, str] | None = None, timeout_s: float = 20.0) -> tuple[int, Any]:
    """Status and decoded body of an HTTP request."""
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(url, body, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as response:
            return response.status, _decoded(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _decoded(error.read())


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode()
