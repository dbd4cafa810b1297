"""Reload on edit: the apps of this kernel whose code is another, after a cell or in a file, are deployed again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kernelserve.cluster import session as sessions
from kernelserve.cluster.session import Attempt, Session
from kernelserve.cluster.words import summary
from kernelserve.deployment import Application
from kernelserve.exceptions import RayServeException
from kernelserve.graph.diff import diff
from kernelserve.notebook import deploying, revisions
from kernelserve.notebook.desk import Desk
from kernelserve.notebook.display import Shown
from kernelserve.notebook.files import EditedFiles
from kernelserve.notebook.rebind import rebound

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

EVENT = "post_run_cell"


def watching(shell: InteractiveShell) -> Auto | None:
    """The one that watches the shell's cells, None while that is off."""
    owners = (getattr(callback, "__self__", None) for callback in shell.events.callbacks[EVENT])
    return next((owner for owner in owners if isinstance(owner, Auto)), None)


def turn(desk: Desk, on: bool) -> None:
    """Begin or end watching; harmless if it is so already."""
    events, auto = desk.shell.events, watching(desk.shell)
    if on and auto is None:
        auto = Auto(desk)
        events.register(EVENT, auto.after_cell)
        auto.files.start()
    elif not on and auto is not None:
        events.unregister(EVENT, auto.after_cell)
        auto.files.close()


class Auto:
    """Watches the cells of a shell; see `turn`.

    An app is deployed when what the notebook defines differs from what was last deployed of it, whatever came of
    that: code that failed is not tried again, and a rollback stands, until somebody edits.
    """

    def __init__(self, desk: Desk) -> None:
        self.files = EditedFiles(desk.shell, between=self._follow)
        self._desk = desk
        self._told: dict[str, str] = {}
        """App → why it was left alone, so that each reason is told once."""

    def after_cell(self, result: Any) -> None:
        """Deploy what the cell has changed. What goes wrong is printed: the cell itself has not failed.

        Args:
            result: IPython's `ExecutionResult` of the cell.
        """
        self.files.cell_ends()
        if result.success:
            self._follow()

    def _follow(self) -> None:
        session = sessions.get_session()
        self.files.take()
        if session is None:
            return
        for name, attempt in list(session.attempts.items()):
            with self._printed(name):
                self._reload(session, name, attempt)

    def _reload(self, session: Session, name: str, attempt: Attempt) -> None:
        app = rebound(attempt.application, self._desk.shell.user_ns)
        graph = session.client.build(app, name=name, route_prefix=attempt.route_prefix, sources={})
        if diff(attempt.graph, graph).unchanged:
            self._told.pop(name, None)
            return
        if revisions.on_trial(session.revisions(name)) is not None:
            self._tell(name, f"{name}: not reloaded while a revision is on trial. %serve accept {name}, or reject.")
            return
        self._told.pop(name, None)
        self._deploy(session, name, attempt, app)

    def _deploy(self, session: Session, name: str, attempt: Attempt, app: Application[Any]) -> None:
        desk = self._desk
        with desk.progress(f"Reloading {name}") as progress:
            outcome = deploying.settled(
                desk,
                session,
                name,
                lambda: session.deploy(
                    app,
                    name=name,
                    route_prefix=attempt.route_prefix,
                    source=desk.source(name, app),
                    on_progress=progress.step,
                    journal=attempt.journal,
                    redact=attempt.redact,
                ),
            )
            progress.finish(Shown(f"{name}: {summary(outcome.steps)}"))

    @contextmanager
    def _printed(self, name: str) -> Iterator[None]:
        try:
            yield
        except (RayServeException, ValueError, TypeError, OSError, KeyboardInterrupt) as error:
            rendered: Any = getattr(error, "_render_traceback_", None)
            lines = rendered() if rendered is not None else [f"{type(error).__name__}: {error}"]
            self._tell(name, "\n".join([f"{name}: not reloaded.", *lines]))

    def _tell(self, name: str, text: str) -> None:
        if self._told.get(name) != text:
            self._told[name] = text
            sys.stderr.write(f"{text}\n")
