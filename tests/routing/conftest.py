"""The fixtures: scripted replicas, and a router that is closed in the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from routing_helpers import MakeReplica, ScriptedReplica, open_channel

from kernelserve.routing.router import Router
from kernelserve.types import DeploymentID


@pytest_asyncio.fixture
async def replica() -> AsyncIterator[MakeReplica]:
    """Makes replicas; they end with the test."""
    made: list[ScriptedReplica] = []

    async def make(name: str, max_ongoing: int = 1) -> ScriptedReplica:
        made.append(await ScriptedReplica(name, max_ongoing).start())
        return made[-1]

    yield make
    for each in made:
        await each.close()


@pytest_asyncio.fixture
async def router() -> AsyncIterator[Router]:
    router = Router(DeploymentID("app", "Model"), open_channel, asyncio.get_running_loop())
    yield router
    router.close("The test is over.")
    await asyncio.sleep(0)  # Its links' tasks end.
