"""Fixtures of the transport tests: addresses of every kind, and checks that nothing leaks."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

_names = itertools.count(1)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path and mode 0700."""
    path = Path(tempfile.mkdtemp(prefix="ks"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(params=["inproc", "unix", "tcp"])
def address(request: pytest.FixtureRequest, folder: Path) -> str:
    return {
        "inproc": f"inproc://test-{next(_names)}",
        "unix": f"unix://{folder}/socket",
        "tcp": "tcp://127.0.0.1:0",
    }[request.param]


@pytest.fixture(params=["unix", "tcp"])
def socket_address(request: pytest.FixtureRequest, folder: Path) -> str:
    return f"unix://{folder}/socket" if request.param == "unix" else "tcp://127.0.0.1:0"


def open_sockets() -> set[str]:
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:
            continue
        if target.startswith("socket:"):
            found.add(target)
    return found


@pytest_asyncio.fixture
async def no_leaks() -> AsyncIterator[None]:
    """Fails a test that leaves a task or a socket behind."""
    tasks = asyncio.all_tasks()
    sockets = open_sockets()
    yield
    loop = asyncio.get_running_loop()
    end = loop.time() + 5
    while left := (asyncio.all_tasks() - tasks - {asyncio.current_task()}, open_sockets() - sockets):
        if not any(left):
            return
        assert loop.time() < end, f"left behind: tasks {left[0]}, sockets {left[1]}"
        await asyncio.sleep(0.005)
