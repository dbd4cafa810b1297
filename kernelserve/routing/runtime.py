"""What handles need of the process they are used in: an event loop, a directory of apps, a unit store."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from kernelserve import context
from kernelserve.code.store import UnitStore
from kernelserve.exceptions import RayServeException
from kernelserve.routing.directory import Directory


class Runtime:
    """The sending side of one process (or of one replica in the `local` placement).

    Args:
        loop: the loop that owns `directory`; `thread_ident` is its thread.
        stores: unit store of an app by name.
        subscribe: makes sure that an app's routing is pushed here (`routing.subscription`).
        entry: requests made here outside any request enter the app, and are counted per revision.

    Attributes:
        journals: by app, where requests that enter here are kept (`observe.journals.Journals.by_app`; Any because
            that part is beside this one).
        tracing: decides which of these are traced (`observe.tracing.Tracing`), or None.
        counts: counts the handle calls that enter here (`observe.entering.HandleCounts`), or None.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        thread_ident: int,
        directory: Directory,
        stores: Callable[[str], UnitStore],
        subscribe: Callable[[str], Awaitable[None]],
        entry: bool,
    ) -> None:
        self.loop = loop
        self.thread_ident = thread_ident
        self.directory = directory
        self.stores = stores
        self.subscribe = subscribe
        self.entry = entry
        self.journals: Mapping[str, Any] = {}
        self.counts: Any = None
        self.tracing: Any = None

    def on_own_thread(self) -> bool:
        return threading.get_ident() == self.thread_ident


_default: Runtime | None = None


def set_default_runtime(runtime: Runtime | None) -> None:
    """The runtime of code that is no replica's: a notebook's or script's own."""
    global _default
    _default = runtime


def current_runtime() -> Runtime:
    """The runtime for the calling code: its replica's, else the process's.

    Raises:
        RayServeException: nothing was started in this process.
    """
    runtime: Runtime | None = context.current_runtime.get() or _default
    if runtime is None:
        raise RayServeException(
            "No kernelserve runtime is running in this process, so a handle has nowhere to send. "
            "Start one with serve.run(...), serve.start() or serve.app(name)."
        )
    return runtime
