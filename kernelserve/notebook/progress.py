"""One output of a cell that is updated in place while something runs, and replaced by its result."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any

from IPython.display import display

from kernelserve.cluster.words import took
from kernelserve.notebook.bars import bar_of, bars_html
from kernelserve.notebook.display import Shown
from kernelserve.transport.messages import StepView
from kernelserve.types import Action

TICK_S = 0.5


class Progress:
    """Shows stage and elapsed time per deployment.

    `say` and `step` may be called from any thread; only the ticker thread writes to the output while it runs,
    so that a slow front end never holds up a deploy.

    Args:
        title: what is going on, for the last line.
        live: update in place; False (a terminal, which would print every update) shows only the result.
    """

    def __init__(self, title: str, live: bool = True) -> None:
        self._title = title
        self._live = live
        self._started = time.monotonic()
        self._line = ""
        self._steps: dict[str, tuple[StepView, float]] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._handle: Any = None
        self._ticker = threading.Thread(target=self._tick, name="kernelserve progress", daemon=True)

    def __enter__(self) -> Progress:
        if self._live:
            self._handle = display(self._shown(), display_id=True)
            self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        self._end()
        if error is not None:
            self._put(Shown(f"{self._title}: not done, after {took(self._elapsed())}"))

    def say(self, line: str) -> None:
        """What is being done before there are deployments."""
        with self._lock:
            self._line = line

    def step(self, step: StepView) -> None:
        """News of one deployment."""
        with self._lock:
            _, since = self._steps.get(step.deployment, (None, time.monotonic()))
            self._steps[step.deployment] = (step, since)

    def finish(self, result: Shown) -> None:
        """Replace the output by the result."""
        self._end()
        self._put(result)

    def _end(self) -> None:
        self._stop.set()
        if self._ticker.is_alive():
            self._ticker.join()

    def _put(self, shown: Shown) -> None:
        if self._handle is not None:
            self._handle.update(shown)
        else:
            display(shown)

    def _tick(self) -> None:
        while not self._stop.wait(TICK_S):
            self._handle.update(self._shown())

    def _elapsed(self) -> float:
        return time.monotonic() - self._started

    def _shown(self) -> Shown:
        with self._lock:
            steps, line = list(self._steps.values()), self._line
        now = time.monotonic()
        bars = [bar_of(step, now - since) for step, since in steps if step.action != Action.KEEP]
        stages = "; ".join(f"{bar.deployment} {bar.stage}" for bar in bars)
        title, elapsed = self._title, took(self._elapsed())
        text = f"{title}: {stages or line or 'starting'} … {elapsed}"
        return Shown(text, bars_html(f"{title} … {elapsed}", bars) if bars else "")
