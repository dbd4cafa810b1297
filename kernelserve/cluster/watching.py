"""Callbacks of this process that are told of apps: one subscription an app, however many callbacks."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable

from kernelserve.transport.messages import AppNews

EVERY_APP = "*"

Callback = Callable[[AppNews], None]

log = logging.getLogger("kernelserve.control")


class Watching:
    """Who in this process is told of which app. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._callbacks: dict[int, tuple[str, Callback]] = {}
        self._numbers = itertools.count(1)

    def add(self, app: str, callback: Callback) -> int:
        """Tell the callback of an app, or of ``"*"``; returns the number to `remove` it by."""
        number = next(self._numbers)
        self._callbacks[number] = app, callback
        return number

    def remove(self, number: int) -> str | None:
        """Tell the callback nothing more; returns the app if nobody else here wants to know of it."""
        app, _ = self._callbacks.pop(number, (None, None))
        return None if app is None or app in self.apps() else app

    def apps(self) -> set[str]:
        """What has to be asked for."""
        return {app for app, _ in list(self._callbacks.values())}

    def tell(self, news: AppNews) -> None:
        """Hand news on."""
        for app, callback in list(self._callbacks.values()):
            if app in (news.app, EVERY_APP):
                try:
                    callback(news)
                except Exception:  # A callback's boundary: the others, and later news, are not its affair.
                    log.exception("A callback that watches %r raised.", app)
