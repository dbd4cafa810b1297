"""The fixtures: a stage with a handle on it, on the test's own loop or on a loop in a thread."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from handle_helpers import Elsewhere, Stage

from kernelserve.handle import DeploymentHandle


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    yield stage
    await stage.close()


@pytest_asyncio.fixture
async def handle(stage: Stage) -> DeploymentHandle[Any]:
    """Of the deployment on the test's own loop, as in an async method of a replica."""
    handle: DeploymentHandle[Any] = DeploymentHandle("Model", "shop")
    handle._runtime = stage.runtime
    return handle


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    elsewhere = Elsewhere()
    yield elsewhere
    elsewhere.close()
