"""A line a deployment while a deploy is under way, in a terminal; elsewhere nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from kernelserve.cluster.words import took
from kernelserve.transport.messages import StepView
from kernelserve.types import Action

_A_SECOND = 4


class Lines:
    """Stage and elapsed time of each deployment, redrawn in place, and taken away at the end.

    Args:
        console: where to draw; if it is no terminal nothing is drawn.

    Example:
        >>> with Lines(Console(stderr=True)) as lines:                # doctest: +SKIP
        ...     session.deploy(app, name="shop", on_progress=lines.step)
    """

    def __init__(self, console: Console) -> None:
        self._steps: dict[str, tuple[StepView, float]] = {}
        self._lock = threading.Lock()
        # What is printed meanwhile goes where it always went: it may be redirected, apart from stderr.
        self._live = (
            Live(
                self, console=console, refresh_per_second=_A_SECOND, transient=True, redirect_stdout=False,
                redirect_stderr=False,
            )
            if console.is_terminal
            else None
        )  # fmt: skip

    def __enter__(self) -> Lines:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    @property
    def shown(self) -> bool:
        """Whether there is a terminal to show them."""
        return self._live is not None

    def step(self, step: StepView) -> None:
        """News of one deployment; from any thread."""
        with self._lock:
            _, since = self._steps.get(step.deployment, (None, time.monotonic()))
            self._steps[step.deployment] = step, since

    def __rich_console__(self, *_: object) -> Iterator[Table]:
        """As rich asks for it, whenever it draws."""
        with self._lock:
            steps = [(step, since) for step, since in self._steps.values() if step.action != Action.KEEP]
        table = Table.grid(padding=(0, 2))
        now = time.monotonic()
        for step, since in steps:
            elapsed = now - since if step.duration_s is None else step.duration_s
            table.add_row(Text(step.deployment), Text(step.stage or step.action), took(elapsed))
        yield table
