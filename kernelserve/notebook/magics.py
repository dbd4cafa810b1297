"""`%%serve` and `%serve`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments
from IPython.display import display

from kernelserve.cluster.look import Look
from kernelserve.config import check_name, check_route_prefix
from kernelserve.exceptions import RayServeException
from kernelserve.notebook import (
    arguments,
    complete,
    deploying,
    live_commands,
    live_views,
    log_commands,
    revision_commands,
    trial_commands,
)
from kernelserve.notebook.arguments import Command
from kernelserve.notebook.cells import run_cell
from kernelserve.notebook.desk import Desk, ensure_session, running_apps
from kernelserve.notebook.errors import CellError, shown
from kernelserve.notebook.find import find_application
from kernelserve.notebook.touched import Touched
from kernelserve.transport.messages import Trial

DEFAULT_APP = "default"
COMMANDS: dict[str, Command] = {
    **live_commands.COMMANDS,
    **revision_commands.COMMANDS,
    **trial_commands.COMMANDS,
    **log_commands.COMMANDS,
}
VALUED = ("--canary", "--last", "--level", "--port", "--request", "--route", "--timeout", "--tolerance")


def _quiet(magic: Callable[..., Any]) -> Any:  # Any: IPython's decorators are typed for bare functions only.
    """Show the errors of kernelserve as their text: the frames that led to them say nothing to the user."""

    @functools.wraps(magic)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return magic(*args, **kwargs)
        except (RayServeException, ValueError, TypeError, OSError, ImportError) as error:
            raise shown(error) from None

    return run


@magics_class
class ServeMagics(Magics):
    """The magics; they work on the process's one session."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.desk = Desk(shell)

    @magic_arguments("%serve")
    @argument("name", nargs="?", default=DEFAULT_APP, help="Name of the app. Default: default.")
    @argument("--route", help="Route prefix. Default: /NAME, or / for the app named default.")
    @argument("--local", action="store_true", help="Serve from this process, without Ray.")
    @argument("--port", type=int, help="Port of the first start; refused if it is taken. Default: 8000 or the next.")
    @argument("--replace", action="store_true", help="Start every deployment anew, also what has not changed.")
    @argument("--dry-run", action="store_true", help="Run the cell and show what would be done, and do nothing.")
    @argument("--timeout", type=float, help="Seconds until a deploy that is not ready is given up.")
    @argument("--take", action="store_true", help="Take the name over from another live notebook.")
    @argument("--canary", type=float, metavar="PERCENT", help="Try it on that percent of the requests first.")
    @argument("--shadow", action="store_true", help="Try it on copies of the requests; the running one answers.")
    @cell_magic("serve")
    @no_var_expand
    @_quiet
    def serve_cell(self, line: str, cell: str) -> None:
        """Run the cell and serve the application that it makes.

        The application is the cell's last expression, else its variable `app`, else its only deployment. Run an
        edited cell again: only what changed moves, and the running revision answers until the new one is ready.
        A revision that is tried (--canary, --shadow) waits for `%serve accept` or `%serve reject`.

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
        desk = self.desk
        ran = run_cell(desk.shell, f"%%serve {line}".rstrip(), cell)
        Touched(desk.shell).touch(ran.text)  # What the cell has done before it deploys.
        app = find_application(ran)
        if not order.dry_run:
            desk.serve_cells[order.name] = ran.text
        with desk.progress(f"{'Trying' if order.trial else 'Serving'} {order.name}") as progress:
            session = ensure_session(asked.local, asked.port, progress)
            source = desk.source(order.name, app)
            report = deploying.deploy(desk, session, order, app, progress, source)
            progress.finish(report.shown())
        views = live_views.following(desk.shell)
        if views is not None and not order.dry_run:
            display(views.make(Look(session, order.name, "graph"), report.picture_id))

    @magic_arguments("serve")
    @argument("command", nargs="?", help=", ".join(COMMANDS))
    @argument("rest", nargs="*", help="What the command takes.")
    @line_magic("serve")
    @no_var_expand
    @_quiet
    def serve_line(self, line: str) -> Any:
        """Start, look at, call, change and stop what this kernel serves.

        APP may be left out where one app runs. A revision is r3, or 3.

        ::

            %serve start [--local] [--port N]   start serving before the first %%serve cell does
            %serve status                       apps, deployments, trials
            %serve call NAME JSON               POST the JSON to the app; returns the answer
            %serve explain [NAME/]DEPLOYMENT    what the last deploy did to it, and why; what a patch can change
            %serve auto [on|off]                after each cell and edited file, deploy apps whose code changed
            %serve history [APP]                the revisions of an app, newest first
            %serve diff [r3 [r5]] [APP]         source and options of two revisions; of one and the one that answers;
                                                without any, of the one that answers and the notebook
            %serve rollback r3 [APP] [--dry-run] [--replace] [--timeout S]
                                                run what r3 was again, as a new revision
            %serve shadow [APP] [--timeout S]   try the notebook's present code on copies of the requests
            %serve compare [r3 r5] [APP] [--last N] [--tolerance X]
                                                send recorded requests again, to both; returns a DataFrame
            %serve accept [APP] [--timeout S]   the revision on trial answers from now on
            %serve reject [APP] [--timeout S]   it is taken back
            %serve logs [APP] [DEPLOYMENT] [-f | --follow] [--last N] [--request ID] [--level L]
                                                what replicas have logged and printed; -f: as it comes, until ■
            %serve stop NAME                    end an app
            %serve shutdown [--all]             end this notebook's apps, or everything
        """
        command, _, rest = line.strip().partition(" ")
        if not command:
            raise CellError(f"%serve was given no command. Use one of: {', '.join(COMMANDS)}. %serve? explains them.")
        arguments.check_choice(command, COMMANDS, "%serve", "command")
        return COMMANDS[command].run(self.desk, rest.strip())


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
        names={"app": _app_names, "revision": _revision_names, "deployment": _deployment_names},
    )
    fragment = "" if before[-1:].isspace() else before.split()[-1]
    found = [SimpleCompletion(word, type="magic") for word in words if word.startswith(fragment)]
    return SimpleMatcherResult(completions=found, matched_fragment=fragment, suppress=True, ordered=True)


def _app_names() -> list[str]:
    return running_apps()[1]


def _deployment_names() -> list[str]:
    """Of all apps: a line may name its app, or leave it out."""
    session, names = running_apps()
    return [node["name"] for name in names if session is not None for node in session.graph(name)["nodes"]]


def _revision_names() -> list[str]:
    """Of all apps, newest first: a line may name its app behind the revisions."""
    session, names = running_apps()
    numbers = {view.number for name in names if session is not None for view in session.revisions(name)}
    return [f"r{number}" for number in sorted(numbers, reverse=True)]


def _order(asked: Any) -> deploying.Order:
    name = check_name(asked.name, "app")
    if "/" in name:
        raise CellError(f"%%serve: the app name {name!r} contains '/'. Name the app, and the route by --route {name}.")
    route = asked.route or ("/" if name == DEFAULT_APP else f"/{name}")
    check_route_prefix(route)
    timeout_s = arguments.seconds(asked.timeout, "%%serve")
    return deploying.Order(name, route, asked.replace, asked.dry_run, timeout_s, asked.take, _trial(asked))


def _trial(asked: Any) -> Trial | None:
    if asked.shadow and asked.canary is not None:
        raise CellError("%%serve: --canary and --shadow were both given. Use one: a trial has a share, or copies.")
    if asked.shadow:
        return Trial(mirror=True)
    if asked.canary is None:
        return None
    if not 0 < asked.canary < 100:
        raise CellError(f"%%serve: --canary is {asked.canary:g}. Use the percent of requests to try it on, as in 10.")
    return Trial(share=asked.canary / 100)
