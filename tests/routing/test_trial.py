"""A revision on trial: which requests it gets, who may ask for it, and when it is idle again."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from routing_helpers import open_channel

from kernelserve.exceptions import RevisionNotFoundError
from kernelserve.routing.directory import AppRoutes, Directory
from kernelserve.routing.trial import falls_to_trial
from kernelserve.transport.messages import DeploymentRoute, Routing, Trial

Idle = list[int]
EMPTY = DeploymentRoute(())


def push(version: int, current: int, *revisions: int, trial: Trial | None = None, **more: DeploymentRoute) -> Routing:
    """A push of app ``shop``; revision 2 has the deployments `more` too."""
    sets = {revision: {"Front": EMPTY, **(more if revision == 2 else {})} for revision in revisions or (current,)}
    return Routing(app="shop", epoch=1, version=version, current=current, ingress="Front", sets=sets, trial=trial)


@pytest_asyncio.fixture
async def idle() -> Idle:
    return []


@pytest_asyncio.fixture
async def routes(idle: Idle) -> AsyncIterator[AppRoutes]:
    """App ``shop`` with revision 1 current."""
    chance = random.Random(4)
    directory = Directory(
        asyncio.get_running_loop(), open_channel, lambda app, revision: idle.append(revision), random=chance.random
    )
    directory.apply(push(1, 1))
    yield directory.app("shop")
    directory.close()
    await asyncio.sleep(0)


def entered(enter: Callable[[], int], times: int) -> Counter[int]:
    return Counter(enter() for _ in range(times))


@given(st.text(min_size=1), st.floats(0, 1), st.floats(0, 1))
def test_a_session_stays_on_its_side_also_when_the_share_grows(session: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    sides = [falls_to_trial(Trial(2, share), "shop", session, lambda: 0.5) for share in (0.0, small, large, 1.0)]
    assert sides == sorted(sides), "nobody goes back as the share grows"
    assert sides[0] is False and sides[-1] is True
    assert sides[1] == falls_to_trial(Trial(2, small), "shop", session, lambda: 0.0), "and chance has no part in it"


@pytest.mark.asyncio
async def test_the_share_of_the_requests_goes_to_the_trial(routes: AppRoutes) -> None:
    routes.apply(push(2, 1, 1, 2))
    assert entered(routes.enter, 100) == {1: 100}, "a revision that is prepared gets none"
    routes.apply(push(3, 1, 1, 2, trial=Trial(2, 0.25)))
    by_chance = entered(routes.enter, 1000)
    assert 200 < by_chance[2] < 300
    by_session = {session: entered(lambda s=session: routes.enter(s), 5) for session in map(str, range(200))}
    assert all(len(counted) == 1 for counted in by_session.values()), "each session stays together"
    assert 30 < sum(2 in counted for counted in by_session.values()) < 70
    routes.apply(push(4, 2, 1, 2))
    assert entered(routes.enter, 100) == {2: 100}, "accepted"


@pytest.mark.asyncio
async def test_a_deployment_that_the_trial_lacks_is_called_in_the_current_revision(routes: AppRoutes) -> None:
    routes.apply(push(2, 1, 1, 2, trial=Trial(2, 1.0), Door=EMPTY))
    assert routes.enter(deployment="Other") == 1
    assert routes.enter(deployment="Door") == 2


@pytest.mark.asyncio
async def test_a_request_may_ask_for_what_takes_requests(routes: AppRoutes) -> None:
    routes.apply(push(2, 1, 1, 2, trial=Trial(2, 0.0)))
    assert entered(routes.enter, 100) == {1: 100}
    assert routes.enter_at(2) == 2
    assert routes.live == {1: 100, 2: 1}
    with pytest.raises(RevisionNotFoundError, match=r"r3 of app 'shop' takes no requests; those that do: r1 and r2\."):
        routes.enter_at(3)
    routes.apply(push(3, 1, 1, 2))
    with pytest.raises(RevisionNotFoundError, match=r"those that do: r1\."):
        routes.enter_at(2)


@pytest.mark.asyncio
async def test_a_trial_that_is_taken_back_is_idle_when_its_last_request_leaves(routes: AppRoutes, idle: Idle) -> None:
    routes.apply(push(2, 1, 1, 2, trial=Trial(2, 1.0)))
    running = [routes.enter(), routes.enter()]
    routes.leave(running.pop())
    assert running == [2]
    routes.leave(running.pop())
    assert idle == [], "it is tried: more may come"
    routes.enter()
    routes.apply(push(3, 1, 1, 2))
    assert idle == [], "its requests end first"
    routes.leave(2)
    assert idle == [2]


@pytest.mark.asyncio
async def test_a_trial_without_requests_is_idle_at_once_when_it_is_taken_back(routes: AppRoutes, idle: Idle) -> None:
    routes.apply(push(2, 1, 1, 2, trial=Trial(2, 0.5)))
    routes.apply(push(3, 1, 1))
    assert idle == [2]
    routes.apply(push(4, 1, 1, 3))
    assert idle == [2], "what is prepared is not idle"
    routes.apply(push(5, 1, 1, 3, trial=Trial(3, 0.5)))
    routes.apply(push(6, 3, 1, 3))
    assert idle == [2, 1], "what was accepted is not, either"
