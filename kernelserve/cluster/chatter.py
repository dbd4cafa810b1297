"""Keeps out of a notebook's cells what Ray prints there on its own account."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

import ray

log = logging.getLogger(__name__)

_WORKER_DIED = "A worker died or was killed"


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """While Ray starts or ends: only errors."""
    logger = logging.getLogger("ray")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def without_deaths(print_lines: Callable[..., None]) -> Callable[..., None]:
    """A printer of Ray's messages that leaves out those of ended workers: `serve.status` tells that a replica ended.

    Args:
        print_lines: Ray's printer, which gets a dict with ``pid`` (who says it) and ``lines``.
    """

    def print_others(data: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        died = [line for line in data["lines"] if data.get("pid") == "raylet" and line.startswith(_WORKER_DIED)]
        for line in died:
            log.debug("%s", line)
        others = [line for line in data["lines"] if line not in died]
        if others:
            print_lines({**data, "lines": others}, *args, **kwargs)

    return print_others


@contextlib.contextmanager
def deaths_not_printed() -> Iterator[None]:
    """While this process is connected by us: no message for each replica that ends.

    Ray has no option for it (``log_to_driver=False`` covers the output of workers only), so its printer is wrapped.
    A Ray without that printer prints as it likes.
    """
    worker = ray._private.worker
    plain = getattr(worker, "print_to_stdstream", None)
    if plain is None:
        yield
        return
    worker.print_to_stdstream = without_deaths(plain)
    try:
        yield
    finally:
        worker.print_to_stdstream = plain
