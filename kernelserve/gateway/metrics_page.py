"""``/-/metrics``: what every process of the system has counted, as text for Prometheus."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from kernelserve.gateway.answers import Answer, Headers, text_answer
from kernelserve.observe.exposition import CONTENT_TYPE, render

if TYPE_CHECKING:
    from kernelserve.gateway.answers import Head
    from kernelserve.gateway.request_head import RequestHead
    from kernelserve.transport.base import Buffer
    from kernelserve.transport.observed import Series

PATH = "/-/metrics"
KEPT_S = 1.0
"""Who asks again within this time gets the same page."""

NO_BODY = text_answer(400, "The metrics are read by a plain GET. Send no body.")
"""Stands for the page where only an answer that is known at once can be given."""

_HEADERS: Headers = ((b"content-type", CONTENT_TYPE),)
_log = logging.getLogger(__name__)


class MetricsPage:
    """Makes the page when it is asked for, once a second at most.

    Args:
        own: gives what this process counts.
        ask: gives what all processes count, or None if the controller cannot be reached.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        own: Callable[[], list[Series]],
        ask: Callable[[], Awaitable[list[Series] | None]],
    ) -> None:
        self._loop = loop
        self._own = own
        self._ask = ask
        self._busy = asyncio.Lock()
        self._series: list[Series] | None = None
        self._asked_at = loop.time()
        self._made_at = float("-inf")
        self._text = b""

    async def text(self) -> bytes:
        """The page."""
        async with self._busy:
            if self._loop.time() - self._made_at > KEPT_S:
                await self._make()
            return self._text

    async def _make(self) -> None:
        series = await self._ask()
        if series is not None:
            self._series, self._asked_at = series, self._loop.time()
        elif self._series is None:
            series = self._own()
        age_s = self._loop.time() - self._asked_at
        # In a thread: of hundreds of replicas it takes a second, and requests go on meanwhile.
        self._text = await self._loop.run_in_executor(None, render, series or self._series or [], age_s)
        self._made_at = self._loop.time()


class PageConnection(Protocol):
    """The connection that the page is for."""

    def answered(self, call: PageCall, head: Head, body: Buffer) -> None:
        """The page."""


class PageCall:
    """A request for the page, where a connection has its `HttpCall`.

    Attributes:
        done: nobody waits for it any more.
    """

    def __init__(self, connection: PageConnection, request: RequestHead, page: MetricsPage) -> None:
        self.request = request
        self.done = False
        self._connection = connection
        self._page = page
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Make the page and answer."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def cancel(self) -> None:
        """The client has gone."""
        self.release()
        if self._task is not None:
            self._task.cancel()

    def release(self) -> None:
        """Its connection ended before its turn came."""
        self.done = True

    async def _run(self) -> None:
        try:
            answer = Answer(200, await self._page.text(), _HEADERS)
        except Exception:  # The boundary of a request: a defect of ours must not leave the client waiting.
            _log.exception("The page %s could not be made", PATH)
            answer = text_answer(500, "The metrics could not be made. The gateway's log has the error.")
        self.done = True
        self._connection.answered(self, answer.head, answer.body)
