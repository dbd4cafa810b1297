"""Handles while a revision is tried: what enters it, what asks for it, and what a request's own calls do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from handle_helpers import Asked, PlayedReplica, Stage

from kernelserve import context
from kernelserve.context import RequestContext
from kernelserve.exceptions import DeploymentUnavailableError, RayServeException, RevisionNotFoundError
from kernelserve.handle import DeploymentHandle
from kernelserve.transport.messages import Trial


async def revision(asked: Asked) -> None:
    asked.result(asked.revision)


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """Where requests enter: in a notebook or script."""
    stage = Stage(entry=True)
    yield stage
    await stage.close()


@pytest_asyncio.fixture
async def replica(stage: Stage) -> PlayedReplica:
    return await stage.replica(revision, max_ongoing=100)


def handle_of(stage: Stage, deployment: str = "Model") -> DeploymentHandle[Any]:
    handle: DeploymentHandle[Any] = DeploymentHandle(deployment, "shop")
    handle._runtime = stage.runtime
    return handle


@pytest.mark.usefixtures("replica")
async def test_calls_from_outside_are_divided_and_may_ask(stage: Stage) -> None:
    stage.push(trial=Trial(2, 0.5))
    handle = handle_of(stage)
    sides = {}
    for session in "abcdefgh":
        sides[session] = {await handle.options(session_id=session).remote() for _ in range(3)}
    assert all(len(side) == 1 for side in sides.values()) and set.union(*sides.values()) == {1, 2}
    assert [await handle.options(revision=wanted).remote() for wanted in (1, 2)] == [1, 2]
    with pytest.raises(RevisionNotFoundError, match="r3 of app 'shop' takes no requests; those that do: r1 and r2"):
        await handle.options(revision=3).remote()
    with pytest.raises(TypeError, match="takes a int"):
        handle.options(revision=True)
    async with handle.options(revision=2).choose_replica() as selection:
        assert await handle.dispatch(selection) == 2
    assert await handle.broadcast("__call__").results_async() == [1], "its replicas are those of the current revision"
    assert stage.directory.app("shop").live == {}


@pytest.mark.usefixtures("replica")
async def test_a_deployment_that_only_the_trial_has(stage: Stage) -> None:
    stage.push(trial=Trial(2, 0.0))
    new = handle_of(stage, "New")
    assert await new.options(revision=2).remote() == 2
    with pytest.raises(
        DeploymentUnavailableError, match=r"Revision r1 of app 'shop' has no deployment 'New'\. It has: M"
    ):
        await new.remote()
    assert stage.directory.app("shop").live == {}


@pytest.mark.usefixtures("replica")
async def test_calls_of_a_request_stay_in_its_revision(stage: Stage) -> None:
    stage.push(trial=Trial(2, 0.0))
    token = context.current_request.set(RequestContext("req-7", "shop", 2))
    try:
        assert await handle_of(stage).remote() == 2
        with pytest.raises(RayServeException, match="inside a replica"):
            await handle_of(stage).options(revision=1).remote()
    finally:
        context.current_request.reset(token)
