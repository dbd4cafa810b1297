"""What a sender knows: stale pushes are refused, live requests are counted, idle revisions reported."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from routing_helpers import KeptCall, MakeReplica, arrived, ended, open_channel, route
from system_helpers import until

from kernelserve.exceptions import ApplicationNotFoundError, DeploymentUnavailableError
from kernelserve.routing.directory import AppRoutes, Directory
from kernelserve.transport.messages import DeploymentRoute, Routing

Idle = list[tuple[str, int]]
EMPTY = DeploymentRoute(())


def push(
    version: int, current: int, *revisions: int, epoch: int = 1, route: DeploymentRoute = EMPTY, **rest: Any
) -> Routing:
    """A push of app ``shop``, with the deployment ``Front`` in each revision."""
    sets = {revision: {"Front": route} for revision in (revisions or (current,)) if revision}
    return Routing(app="shop", epoch=epoch, version=version, current=current, ingress="Front", sets=sets, **rest)


@pytest_asyncio.fixture
async def idle() -> Idle:
    return []


@pytest_asyncio.fixture
async def directory(idle: Idle) -> AsyncIterator[Directory]:
    directory = Directory(asyncio.get_running_loop(), open_channel, lambda app, revision: idle.append((app, revision)))
    yield directory
    directory.close()
    await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_an_unknown_app_is_an_error_that_lists_those_that_run(directory: Directory) -> None:
    with pytest.raises(ApplicationNotFoundError, match=r"No app 'shop' is running\. Running: none"):
        directory.app("shop")
    directory.apply(push(1, 1))
    assert directory.app("shop").current == 1
    with pytest.raises(ApplicationNotFoundError, match="Running: shop"):
        directory.app("other")


@pytest.mark.asyncio
async def test_pushes_of_an_older_controller_or_version_are_refused(directory: Directory) -> None:
    seen: list[tuple[int, int]] = []
    directory.on_change.append(lambda routes: seen.append(routes.stamp))
    assert directory.apply(push(3, 5, epoch=2))
    assert not directory.apply(push(3, 6, epoch=2)), "the same again"
    assert not directory.apply(push(2, 7, epoch=2)), "an older version"
    assert not directory.apply(push(9, 8, epoch=1)), "a controller that does not know it was replaced"
    assert directory.app("shop").current == 5
    assert directory.apply(push(1, 6, epoch=3)), "a new controller begins to count again"
    assert directory.app("shop").current == 6
    assert seen == [(2, 3), (3, 1)]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=20))
def test_what_is_known_never_goes_back(stamps: list[tuple[int, int]]) -> None:
    async def story() -> None:
        directory = Directory(asyncio.get_running_loop(), open_channel)
        newest = (0, 0)
        for number, (epoch, version) in enumerate(stamps, start=1):
            taken = directory.apply(push(version, number, epoch=epoch))
            assert taken == ((epoch, version) > newest)
            newest = max(newest, (epoch, version))
            assert directory.app("shop").stamp == newest

    asyncio.run(story())


@pytest.mark.asyncio
async def test_an_old_revision_is_idle_when_its_last_request_leaves(directory: Directory, idle: Idle) -> None:
    directory.apply(push(1, 1))
    routes = directory.app("shop")
    first, second = routes.enter(), routes.enter()
    assert (first, second, routes.live) == (1, 1, {1: 2})
    directory.apply(push(2, 2, 1, 2))
    assert routes.enter() == 2
    assert idle == []
    routes.leave(1)
    assert idle == []
    routes.leave(1)
    assert idle == [("shop", 1)]
    routes.leave(2)
    assert idle == [("shop", 1)], "the current revision is never idle"
    assert routes.live == {}


@pytest.mark.asyncio
async def test_a_revision_without_requests_is_idle_as_soon_as_it_is_old(directory: Directory, idle: Idle) -> None:
    directory.apply(push(1, 1))
    assert idle == []
    directory.apply(push(2, 1, 1, 2))
    assert idle == [], "a set that is told ahead of its commit is not old"
    directory.apply(push(3, 2, 1, 2))
    assert idle == [("shop", 1)]


@given(st.lists(st.sampled_from(["enter", "leave", "commit"]), max_size=30))
def test_live_counts_are_right_and_idle_is_never_said_of_a_revision_in_use(steps: list[str]) -> None:
    async def story() -> None:
        running: list[int] = []
        told: Idle = []

        def on_idle(app: str, revision: int) -> None:
            assert revision not in running
            assert revision < routes.current
            told.append((app, revision))

        directory = Directory(asyncio.get_running_loop(), open_channel, on_idle)
        directory.apply(push(1, 1))
        routes: AppRoutes = directory.app("shop")
        revision = 1
        for step in steps:
            if step == "enter":
                running.append(routes.enter())
            elif step == "leave" and running:
                routes.leave(running.pop(0))
            elif step == "commit":
                revision += 1
                directory.apply(push(revision, revision, *range(1, revision + 1)))
            assert routes.live == {number: running.count(number) for number in set(running)}
        while running:
            routes.leave(running.pop())
        assert {number for _, number in told} == set(range(1, revision)), "every old one was reported in the end"

    asyncio.run(story())


@pytest.mark.asyncio
async def test_routers_follow_the_pushes(directory: Directory, replica: MakeReplica) -> None:
    a, b = await replica("a"), await replica("b")
    directory.apply(push(1, 1, route=route(a)))
    router = directory.app("shop").router("Front")
    assert directory.app("shop").router("Front") is router
    first = KeptCall("x", 1)
    router.submit(first)
    await arrived(a, "x")
    a.answer()
    directory.apply(push(2, 2, route=route(b, retry_on_replica_failure=True)))
    assert directory.app("shop").retry_on_replica_failure("Front", 2)
    second = KeptCall("y", 2)
    router.submit(second)
    await arrived(b, "y")
    b.answer()
    await ended(first, second)


@pytest.mark.asyncio
async def test_an_entry_point_connects_before_the_first_request(idle: Idle, replica: MakeReplica) -> None:
    only = await replica("a")
    directory = Directory(asyncio.get_running_loop(), open_channel, entry=True)
    directory.apply(push(1, 1, route=route(only)))
    await until(lambda: bool(only.channels), "connected without a request")
    directory.close()
    await until(lambda: not only.channels, "closed")


@pytest.mark.asyncio
async def test_a_deleted_app_fails_what_waits_with_the_reason(directory: Directory) -> None:
    directory.apply(push(1, 1))
    routes = directory.app("shop")
    waiting = KeptCall("x", 1)
    routes.router("Front").submit(waiting)
    directory.apply(push(2, 0, deleted_reason="App 'shop' was deleted."))
    late = KeptCall("y", 0)
    routes.router("Front").submit(late)
    for call in (waiting, late):
        assert isinstance(call.error, DeploymentUnavailableError)
        assert "was deleted" in str(call.error)
        assert "name='shop'" in str(call.error)


@pytest.mark.asyncio
async def test_a_removed_deployment_says_so_and_one_that_comes_back_works(
    directory: Directory, replica: MakeReplica
) -> None:
    only = await replica("a")
    directory.apply(push(1, 1))
    routes = directory.app("shop")
    waiting = KeptCall("x", 1)
    routes.router("Front").submit(waiting)
    directory.apply(Routing(app="shop", epoch=1, version=2, current=2, ingress="Other", sets={2: {"Other": EMPTY}}))
    assert isinstance(waiting.error, DeploymentUnavailableError)
    assert "'Front' of app 'shop' was removed" in str(waiting.error)
    assert not routes.has_deployment("Front")
    assert routes.deployments() == ["Other"]
    directory.apply(push(3, 3, route=route(only)))
    call = KeptCall("y", 3)
    routes.router("Front").submit(call)
    await arrived(only, "y")
    only.answer()
    await ended(call)
