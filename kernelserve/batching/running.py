"""A batch that runs: calls the user's function and hands out what it returns."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any, cast

from kernelserve.batching.items import STREAM_BUFFER, Item, StreamItem, UnaryItem
from kernelserve.exceptions import RayServeException, RequestCancelledError


class Batch:
    """Some calls of one function that run together.

    Args:
        call: the user's function, bound.
        name: of the function, for errors.
        items: the calls, in the order of their arrival.
    """

    def __init__(self, call: Callable[..., Any], name: str, items: list[Item]) -> None:
        self.call = call
        self.name = name
        self.items = items
        self.started = time.monotonic()
        self.started_wall = time.time()
        self.task: asyncio.Task[None] | None = None
        self._room: asyncio.Future[None] | None = None
        for item in items:
            item.batch = self

    async def run(self) -> None:
        """Run to the end; every call has its outcome then."""
        try:
            self.items = [item for item in self.items if not item.gone]
            if not self.items:
                return
            if isinstance(self.items[0], StreamItem):
                await self._run_stream()
            else:
                self._hand_out(await self.call(*self._args(), **self._kwargs()))
        except asyncio.CancelledError:
            self.cancelled()
            raise
        except GeneratorExit:  # The event loop is gone, and nobody can be told.
            raise
        except BaseException as error:  # The boundary to the user's function: what it raised is its callers' error.
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        for item in self.items:
            item.fail(error)

    def release(self) -> None:
        """The batch has ended: let go of calls and instance, which refer back to it."""
        self.items, self.task = [], None
        del self.call

    def cancelled(self) -> None:
        """The batch was cancelled: so are the calls that still wait for it."""
        for item in self.items:
            item.fail(RequestCancelledError(item.request.request_id if item.request is not None else None))

    def abandoned(self) -> None:
        """A caller is gone. The others go on; with the last one the batch is cancelled."""
        self.has_room()
        if self.task is not None and not any(item.open for item in self.items):
            self.task.cancel()

    def has_room(self) -> None:
        """A caller has read, or gone: perhaps the batch can go on."""
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    # --- the user's function ---

    def _args(self) -> list[list[Any]]:
        return [list(column) for column in zip(*(item.args for item in self.items), strict=True)]

    def _kwargs(self) -> dict[str, list[Any]]:
        return {name: [item.kwargs[name] for item in self.items] for name in self.items[0].kwargs}

    def _hand_out(self, results: Any) -> None:
        self._check(results, "return")
        for item, result in zip(self.items, results, strict=True):
            cast(UnaryItem, item).finish(result)

    async def _run_stream(self) -> None:
        items = cast(list[StreamItem], self.items)
        steps: AsyncGenerator[Any, None] = self.call(*self._args(), **self._kwargs())
        async with contextlib.aclosing(steps):
            async for results in steps:
                self._check(results, "yield")
                for item, result in zip(items, results, strict=True):
                    item.put(result)
                await self._until_room(items)
        for item in items:
            item.end()

    async def _until_room(self, items: list[StreamItem]) -> None:
        while any(item.open and len(item.buffer) >= STREAM_BUFFER for item in items):
            self._room = asyncio.get_running_loop().create_future()
            await self._room

    def _check(self, results: Any, verb: str) -> None:
        count = len(self.items)
        wanted = f"{self.name} must {verb} a list with one element for each of its {count} items"
        # Arrays and tensors are fine; text, sets and mappings have a length but no element for each item.
        if isinstance(results, str | bytes | dict) or not hasattr(results, "__getitem__"):
            raise RayServeException(
                f"{wanted}, but the input list has length {count} and it {verb}ed a "
                f"{type(results).__name__}{_size(results)}. {verb.capitalize()} a list."
            )
        if len(results) != count:
            raise RayServeException(
                f"{wanted}, but the input list has length {count} and the {verb}ed list has length {len(results)}. "
                f"{verb.capitalize()} an Exception in the place of an item that failed."
            )


def _size(value: Any) -> str:
    return f" of length {len(value)}" if hasattr(value, "__len__") else " without a length"
