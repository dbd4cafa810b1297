"""What the commands of `%serve` share: the shell, the session, and which app or revision is meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from kernelserve.cluster import session as sessions
from kernelserve.cluster.session import Session
from kernelserve.config import HTTPOptions
from kernelserve.deployment import Application
from kernelserve.notebook import arguments
from kernelserve.notebook.cellnames import names_used, related
from kernelserve.notebook.errors import CellError
from kernelserve.notebook.find import applications_in
from kernelserve.notebook.progress import Progress

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@dataclass(frozen=True)
class Desk:
    """The notebook, for those who serve from it.

    Attributes:
        serve_cells: app → the last `%%serve` cell of it, whole.
    """

    shell: InteractiveShell
    serve_cells: dict[str, str] = field(default_factory=dict)

    @property
    def in_kernel(self) -> bool:
        """A front end shows HTML and updates an output in place; a terminal would print every update."""
        return hasattr(self.shell, "kernel")

    def progress(self, title: str) -> Progress:
        return Progress(title, live=self.in_kernel)

    def source(self, name: str, app: Application[Any]) -> str:
        """The cells that an app is made of, as they were run last, with its `%%serve` cell at the end."""
        cell = self.serve_cells.get(name, "").strip()
        history = self.shell.history_manager
        ran = [raw.strip() for raw in history.input_hist_raw] if history is not None else []
        if cell not in ran:
            ran.append(cell)
        roots = {getattr(one.func_or_class, "__name__", "") for one in applications_in(app)}
        others = [ran[place] for place in related([*roots, *names_used(cell)], ran)]
        return "\n\n".join(text for text in (*(other for other in others if other != cell), cell) if text)


def ensure_session(local: bool, port: int | None, progress: Progress) -> Session:
    """The session that runs, or a new one; without `local` either kind will do."""
    kind: Literal["local", "ray"] | None = "local" if local else None
    session = sessions.ensure_session(kind, http_options=HTTPOptions(port=port), on_progress=progress.say)
    running = urlsplit(session.base_url).port
    if port and port != running:
        raise CellError(f"--port {port} was asked for, and port {running} is serving. Run %serve shutdown first.")
    return session


def running(name: str, command: str) -> Session:
    """The session, if it serves an app of that name.

    Raises:
        CellError: it does not; the message has the nearest.
    """
    session, names = running_apps()
    if session is None or not names:
        raise CellError(f"%serve {command}: there is no app {name!r}, since none is served. A %%serve cell serves one.")
    arguments.check_choice(name, names, f"%serve {command}", "app")
    return session


def chosen_app(name: str, command: str) -> tuple[Session, str]:
    """The app of that name, or the only one that runs if no name was given.

    Raises:
        CellError: there is none, or no name was given and there are several.
    """
    if name:
        return running(name, command), name
    session, names = running_apps()
    if session is None or not names:
        raise CellError(f"%serve {command}: no app is served. A %%serve cell serves one.")
    if len(names) > 1:
        raise CellError(
            f"%serve {command} was given no app, and {len(names)} are served. Name one: {', '.join(names)}."
        )
    return session, names[0]


def running_apps() -> tuple[Session | None, list[str]]:
    """The session, and the names of its apps."""
    session = sessions.get_session()
    return session, sorted(session.status().applications) if session is not None else []


def place(session: Session) -> str:
    """Where it runs, in a line."""
    where = "in this process, without Ray" if session.kind == "local" else "on Ray"
    return f"Serving {where} at {session.base_url}"
