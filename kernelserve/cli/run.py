"""`kernelserve run`: serve an application until a signal, and keep up with its files."""

from __future__ import annotations

import linecache
import signal
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from kernelserve.cli.progress import Lines
from kernelserve.cli.target import load
from kernelserve.cluster.app import raise_unless_applied
from kernelserve.cluster.session import Kind, Session, ensure_session
from kernelserve.cluster.words import step_table, summary, text_table
from kernelserve.deployment import Application
from kernelserve.exceptions import DeployError, RayServeException
from kernelserve.transport.messages import Deployed, StepView
from kernelserve.watch import Follower, traceback_text

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
QUIET_S = 2.0
"""A deploy that takes longer says what it is doing."""
TICK_S = 0.5
"""A signal that comes to another thread does not wake the main one, whose handler runs when it wakes."""


@dataclass(frozen=True)
class Options:
    """What `kernelserve run` was asked for; see its help."""

    target: tuple[str, str]
    arguments: dict[str, str]
    reload: bool
    name: str
    route_prefix: str | None
    host: str
    port: int | None
    local: bool
    app_dir: Path


def serve(options: Options) -> int:
    """Serve until ctrl-c or SIGTERM; returns the exit code: 0, or 1 if the app never ran."""
    sys.path.insert(0, str(options.app_dir))
    command = _Command(options)
    code = 1
    try:
        command.take_signals()
        command.start()
        code = 0
        command.take_signals()  # Again: Ray sets a handler of its own when it is imported.
        command.follow()
    except KeyboardInterrupt:
        click.echo("Shutting down.")
    except (Exception, SystemExit) as error:  # The boundary to the user's modules and constructors: it is shown.
        click.echo(described(error), err=True)
    return command.end(code)


def described(error: BaseException) -> str:
    """What is printed of an error."""
    if isinstance(error, DeployError):
        return "\n\n".join(filter(None, [error.message, error.remote_traceback.rstrip()]))
    return str(error) if isinstance(error, RayServeException) else traceback_text(error)


class _Command:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._edited = threading.Event()
        self._follower: Follower | None = None
        self._session: Session | None = None
        self._revision = 0
        self._unloaded = False
        """The app could not be made of its modules; some of them may not be imported."""
        self._stopped = False

    def take_signals(self) -> None:
        """Have ctrl-c and SIGTERM end this once: a second signal does not cut the end short."""
        for number in _SIGNALS:
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: object) -> None:
        self._stopped = True
        for one in _SIGNALS:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    def start(self) -> None:
        """Import and deploy; raises what went wrong."""
        options = self._options
        if options.reload:
            # Made before the import, so that an edit during it is not missed.
            self._follower = Follower(self._edited.set, [options.app_dir], roots=[options.target[0]])
        application = self._load()
        http = {"host": options.host, "port": options.port}
        kind: Kind = "local" if options.local else "ray"
        self._session = ensure_session(kind, http_options=http, on_progress=click.echo)
        outcome = self._deploy(self._session, application)
        click.echo(f"{outcome.app} · revision {outcome.revision}\n\n{text_table(*step_table(outcome.steps))}\n")
        for line in (*self._session.notices, self._session.url(options.route_prefix) or "No HTTP: it has no route."):
            click.echo(line)
        if self._follower is not None:
            self._follower.start()

    def follow(self) -> None:
        """Stay until a signal, and deploy what is edited."""
        while not self._stopped:  # The user's code may have swallowed the interrupt.
            if self._edited.wait(TICK_S) and self._follower is not None and self._session is not None:
                self._edited.clear()
                self._reload(self._follower, self._session)

    def end(self, code: int) -> int:
        """Leave nothing behind."""
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if self._follower is not None:
            self._follower.close()
        try:
            if self._session is not None:
                self._session.close()
        except (RayServeException, TimeoutError) as error:
            click.echo(f"The system could not be asked to end the app: {error}", err=True)
            return 1
        return code

    def _reload(self, follower: Follower, session: Session) -> None:
        files: tuple[Path, ...] = ()
        try:
            edit = follower.take(any_file=self._unloaded)
            if edit is None:
                return
            files = edit.files
            outcome = self._deploy(session, self._load())
        except (Exception, SystemExit) as error:  # The boundary to the user's modules: a broken edit ends nothing.
            files = files or follower.pending
            click.echo(f"{self._names(files)} changed:\n{described(error)}\n{self._still()}", err=True)
        else:
            click.echo(f"{self._names(files)} changed: {summary(outcome.steps)}")

    def _load(self) -> Application[Any]:
        self._unloaded = True
        application = load(*self._options.target, self._options.arguments, self._options.app_dir)
        self._unloaded = False
        return application

    def _deploy(self, session: Session, application: Application[Any]) -> Deployed:
        options = self._options
        with Lines(Console(stderr=True)) as lines:
            outcome = session.deploy(
                application,
                name=options.name,
                route_prefix=options.route_prefix,
                source=self._source(),
                on_progress=lines.step if lines.shown else _Stages(),
            )
        raise_unless_applied(outcome)
        self._revision = outcome.revision
        return outcome

    def _source(self) -> str:
        """What the revision is on record with: the file that names the application."""
        return "".join(linecache.getlines(str(sys.modules[self._options.target[0]].__file__)))

    def _names(self, files: Iterable[Path]) -> str:
        folder = self._options.app_dir
        return ", ".join(str(file.relative_to(folder) if file.is_relative_to(folder) else file) for file in files)

    def _still(self) -> str:
        return f"Revision {self._revision} still answers. It is tried again when a file changes."


class _Stages:
    """Says what a deploy is doing if it takes long, where no terminal shows `Lines`."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._told: dict[str, str] = {}

    def __call__(self, step: StepView) -> None:
        if step.stage and self._told.get(step.deployment) != step.stage and time.monotonic() - self._since > QUIET_S:
            self._told[step.deployment] = step.stage
            click.echo(f"{step.deployment}: {step.stage}")
