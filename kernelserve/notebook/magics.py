"""`%%serve` and `%serve`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlsplit

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from kernelserve.cluster import session as sessions
from kernelserve.cluster.session import Session
from kernelserve.config import HTTPOptions, check_name, check_route_prefix
from kernelserve.exceptions import RayServeException
from kernelserve.notebook import arguments, call, complete, deploying, display, explain
from kernelserve.notebook.cells import cell_numbers, run_cell
from kernelserve.notebook.errors import CellError, shown, with_cell_names
from kernelserve.notebook.find import find_application
from kernelserve.notebook.progress import Progress

DEFAULT_APP = "default"
COMMANDS: dict[str, tuple[str, ...]] = {
    "start": ("--local", "--port"),
    "status": (),
    "call": (),
    "explain": (),
    "stop": (),
    "shutdown": ("--all",),
}
VALUED = ("--port", "--route", "--timeout")


def _quiet(magic: Callable[..., Any]) -> Any:  # Any: IPython's decorators are typed for bare functions only.
    """Show the errors of kernelserve as their text: the frames that led to them say nothing to the user."""

    @functools.wraps(magic)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return magic(*args, **kwargs)
        except (RayServeException, ValueError, TypeError, OSError) as error:
            raise shown(error) from None

    return run


@magics_class
class ServeMagics(Magics):
    """The magics; they work on the process's one session."""

    @magic_arguments("%serve")
    @argument("name", nargs="?", default=DEFAULT_APP, help="Name of the app. Default: default.")
    @argument("--route", help="Route prefix. Default: /NAME, or / for the app named default.")
    @argument("--local", action="store_true", help="Serve from this process, without Ray.")
    @argument("--port", type=int, help="Port of the first start; refused if it is taken. Default: 8000 or the next.")
    @argument("--replace", action="store_true", help="Start every deployment anew, also what has not changed.")
    @argument("--dry-run", action="store_true", help="Run the cell and show what would be done, and do nothing.")
    @argument("--timeout", type=float, help="Seconds until a deploy that is not ready is given up.")
    @argument("--take", action="store_true", help="Take the name over from another live notebook.")
    @cell_magic("serve")
    @no_var_expand
    @_quiet
    def serve_cell(self, line: str, cell: str) -> None:
        """Run the cell and serve the application that it makes.

        The application is the cell's last expression, else its variable `app`, else its only deployment. Run an
        edited cell again: only what changed moves, and the running revision answers until the new one is ready.

        Example::

            %%serve hello --route /hello
            @serve.deployment
            class Hello:
                async def __call__(self, request):
                    return "hello"

            app = Hello.bind()
        """
        asked = arguments.parse(type(self).serve_cell.parser, line, "%%serve")
        order = _order(asked)
        shell = self._shell
        ran = run_cell(shell, f"%%serve {line}".rstrip(), cell)
        app = find_application(ran)
        with self._progress(f"Serving {order.name}") as progress:
            session = _ensure(asked.local, asked.port, progress)
            report = deploying.deploy(session, order, ran, app, progress, cell_numbers(shell))
            progress.finish(report.shown())

    @magic_arguments("serve")
    @argument("command", nargs="?", help=", ".join(COMMANDS))
    @argument("rest", nargs="*", help="What the command takes.")
    @line_magic("serve")
    @no_var_expand
    @_quiet
    def serve_line(self, line: str) -> Any:
        """Start, look at, call and stop what this kernel serves.

        ::

            %serve start [--local] [--port N]   start serving before the first %%serve cell does
            %serve status                       apps and deployments
            %serve call NAME JSON               POST the JSON to the app; returns the answer
            %serve explain [NAME/]DEPLOYMENT    what the last deploy did to it, and why
            %serve stop NAME                    end an app
            %serve shutdown [--all]             end this notebook's apps, or everything
        """
        command, _, rest = line.strip().partition(" ")
        if not command:
            raise CellError(f"%serve was given no command. Use one of: {', '.join(COMMANDS)}. %serve? explains them.")
        arguments.check_choice(command, COMMANDS, "%serve", "command")
        return getattr(self, f"_{command}")(rest.strip())

    def _start(self, rest: str) -> None:
        asked = arguments.parse(_START, rest, "%serve start")
        with self._progress("Starting") as progress:
            session = _ensure(asked.local, asked.port, progress)
            lines = [_place(session), *session.notices]
            progress.finish(display.Shown("\n".join(lines)))

    def _status(self, rest: str) -> display.Shown:
        arguments.parse(_NOTHING, rest, "%serve status")
        session = sessions.get_session()
        if session is None:
            return display.Shown("Nothing is served from this kernel. A %%serve cell or %serve start starts it.")
        status = session.status()
        urls = {name: session.url(session.graph(name)["route_prefix"]) or "" for name in status.applications}
        return display.status_shown(status, urls, _place(session))

    def _call(self, rest: str) -> Any:
        name, _, text = rest.partition(" ")
        if not name:
            raise CellError('%serve call was given no app. Write it as in: %serve call search {"q": "text"}')
        session = _running(name, "call")
        url = session.url(session.graph(name)["route_prefix"])
        if url is None:
            raise CellError(f"%serve call: {name!r} has no HTTP route. Use serve.app({name!r}).handle, or a --route.")
        try:
            return call.post(url, call.parse_body(text))
        except call.AnswerError as error:
            raise shown(error, [with_cell_names(f"AnswerError: {error}", cell_numbers(self._shell))]) from None

    def _explain(self, rest: str) -> display.Shown:
        if not rest:
            raise CellError("%serve explain was given no deployment. Write it as in: %serve explain Search")
        session = sessions.get_session()
        views = [session.graph(name) for name in session.status().applications] if session is not None else []
        return explain.explanation(*explain.find_node(rest, views))

    def _stop(self, rest: str) -> display.Shown:
        if not rest:
            raise CellError("%serve stop was given no app. Write it as in: %serve stop search")
        _running(rest, "stop").delete(rest)
        return display.Shown(f"Stopped {rest}.")

    def _shutdown(self, rest: str) -> display.Shown:
        asked = arguments.parse(_SHUTDOWN, rest, "%serve shutdown")
        session = sessions.get_session()
        if session is None:
            return display.Shown("Nothing was running.")
        session.close(everything=asked.all)
        return display.Shown("Shut down.")

    @property
    def _shell(self) -> InteractiveShell:
        assert self.shell is not None  # Registered magics have one.
        return self.shell

    def _progress(self, title: str) -> Progress:
        # Only a kernel's front end updates an output in place; a terminal would print every update.
        return Progress(title, live=hasattr(self.shell, "kernel"))


@magic_arguments("serve start")
@argument("--local", action="store_true", help="Serve from this process, without Ray.")
@argument("--port", type=int, help="Port; refused if it is taken.")
def _start_arguments() -> None:
    """Start serving."""


@magic_arguments("serve shutdown")
@argument("--all", action="store_true", help="Also the apps of other owners.")
def _shutdown_arguments() -> None:
    """End what runs."""


@magic_arguments("serve status")
def _no_arguments() -> None:
    """Takes nothing."""


_START = _start_arguments.parser
_SHUTDOWN = _shutdown_arguments.parser
_NOTHING = _no_arguments.parser


@context_matcher(identifier="kernelserve.serve")
def matcher(context: CompletionContext) -> SimpleMatcherResult:
    """What can stand at the cursor of a line with one of the magics; Python's own names cannot."""
    before = context.text_until_cursor
    magic, blank, _ = before.partition(" ")
    if not blank or magic not in ("%serve", "%%serve"):
        return SimpleMatcherResult(completions=[])
    words = complete.completions(
        before,
        commands=COMMANDS,
        cell_options=arguments.options_of(ServeMagics.serve_cell.parser),
        valued=VALUED,
        apps=_app_names,
    )
    fragment = "" if before[-1:].isspace() else before.split()[-1]
    found = [SimpleCompletion(word, type="magic") for word in words if word.startswith(fragment)]
    return SimpleMatcherResult(completions=found, matched_fragment=fragment, suppress=True, ordered=True)


def _app_names() -> list[str]:
    session = sessions.get_session()
    return sorted(session.status().applications) if session is not None else []


def _order(asked: Any) -> deploying.Order:
    name = check_name(asked.name, "app")
    if "/" in name:
        raise CellError(f"%%serve: the app name {name!r} contains '/'. Name the app, and the route by --route {name}.")
    route = asked.route or ("/" if name == DEFAULT_APP else f"/{name}")
    check_route_prefix(route)
    if asked.timeout is not None and not asked.timeout > 0:
        raise CellError(f"%%serve: --timeout is {asked.timeout:g}. Use seconds, more than 0.")
    return deploying.Order(name, route, asked.replace, asked.dry_run, asked.timeout, asked.take)


def _ensure(local: bool, port: int | None, progress: Progress) -> Session:
    """The session that runs, or a new one; without --local either kind will do."""
    kind: Literal["local", "ray"] | None = "local" if local else None
    session = sessions.ensure_session(kind, http_options=HTTPOptions(port=port), on_progress=progress.say)
    running = urlsplit(session.base_url).port
    if port and port != running:
        raise CellError(f"--port {port} was asked for, and port {running} is serving. Run %serve shutdown first.")
    return session


def _running(name: str, command: str) -> Session:
    """The session, if it serves an app of that name."""
    session = sessions.get_session()
    names = list(session.status().applications) if session is not None else []
    if session is None or not names:
        raise CellError(f"%serve {command}: there is no app {name!r}, since none is served. A %%serve cell serves one.")
    arguments.check_choice(name, names, f"%serve {command}", "app")
    return session


def _place(session: Session) -> str:
    where = "in this process, without Ray" if session.kind == "local" else "on Ray"
    return f"Serving {where} at {session.base_url}"
