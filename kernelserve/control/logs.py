"""The logs of a system's apps: questions about them, and their end. The files are read and removed in threads."""

from __future__ import annotations

import asyncio

from kernelserve.observe.log_files import remove, set_aside
from kernelserve.observe.log_reader import read_logs
from kernelserve.transport.messages import GetLogs, LogsFound


class AppLogs:
    """On the controller's event loop.

    Args:
        folder: of all apps' logs; "": there are none.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    async def answer(self, query: GetLogs) -> LogsFound:
        """The lines that fit."""
        return await asyncio.to_thread(read_logs, self._folder, query) if self._folder else LogsFound()

    def remove(self, app: str) -> None:
        """The app is gone; one of that name may come at once."""
        gone = set_aside(self._folder, app) if self._folder else None
        if gone is None:
            return
        try:
            asyncio.get_running_loop().run_in_executor(None, remove, gone)
        except RuntimeError:  # The interpreter ends, and no thread takes work any more.
            remove(gone)
