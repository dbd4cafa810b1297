"""The gateway's fixture: opens doors and checks, after each test, that nothing is left behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest_asyncio
from gateway_helpers import Door, open_door


@pytest_asyncio.fixture
async def door() -> AsyncIterator[Callable[..., Awaitable[Door]]]:
    doors: list[Door] = []

    async def make(*args: object, **options: object) -> Door:
        doors.append(await open_door(*args, **options))  # type: ignore[arg-type]
        return doors[-1]

    yield make
    for opened in doors:
        await opened.gateway.close(timeout=0)
        assert opened.gateway.held_bytes == 0
        assert opened.gateway.connections == 0
        assert opened.live == 0
