"""`%serve logs`: what the replicas of an app have logged and printed, once or as it comes."""

from __future__ import annotations

import contextlib
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from IPython.display import display

from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.session import Session
from kernelserve.config import did_you_mean
from kernelserve.exceptions import RayServeException
from kernelserve.notebook import arguments
from kernelserve.notebook.arguments import Command, new_parser
from kernelserve.notebook.desk import Desk, chosen_app, running_apps
from kernelserve.notebook.display import Shown
from kernelserve.notebook.errors import CellError
from kernelserve.observe.log_lines import Logs, as_html, as_text, check_logs
from kernelserve.transport.messages import GetLogs, LogsFound
from kernelserve.transport.observed import LogLine

PERIOD_S = 0.5
FOLLOWED_LINES = 200

_LOGS = new_parser("serve logs")
_LOGS.add_argument("words", nargs="*")
_LOGS.add_argument("-f", "--follow", action="store_true")
_LOGS.add_argument("--last", type=int, default=200)
_LOGS.add_argument("--request", default="")
_LOGS.add_argument("--level", default="")


def logs(desk: Desk, rest: str) -> Logs | None:
    magic = "%serve logs"
    asked = arguments.parse(_LOGS, rest, magic)
    session, app, node = _place(asked.words, magic)
    check_logs(asked.level, asked.last)
    if not asked.follow:
        return LiveApp(session, app).logs(node, request_id=asked.request, level=asked.level, last=asked.last)
    query = GetLogs(
        app=app,
        deployment=node,
        request_id=asked.request,
        level=asked.level.upper(),
        last=min(asked.last, FOLLOWED_LINES),
    )
    follow(session.client.logs, query, Output() if desk.in_kernel else Terminal())
    return None


def _place(words: list[str], magic: str) -> tuple[Session, str, str]:
    """The app and the deployment that are meant; a single word may be either."""
    if len(words) > 2:
        raise CellError(f"{magic}: {words[2]!r} is one word too many. %serve? shows what it takes.")
    apps = running_apps()[1]
    if len(words) == 1 and words[0] not in apps and len(apps) == 1:
        session, app = chosen_app("", "logs")
        nodes = _nodes(session, app)
        if words[0] not in nodes:
            near = did_you_mean(words[0], [*nodes, app])
            raise CellError(f"{magic}: there is no app and no deployment {words[0]!r}. {near}")
        return session, app, words[0]
    session, app = chosen_app(words[0] if words else "", "logs")
    node = words[1] if len(words) == 2 else ""
    if node:
        arguments.check_choice(node, _nodes(session, app), magic, "deployment")
    return session, app, node


def _nodes(session: Session, app: str) -> list[str]:
    return [node["name"] for node in session.graph(app)["nodes"]]


class Place(Protocol):
    """Where lines are shown as they come."""

    def show(self, new: list[LogLine], skipped: int) -> None: ...
    def end(self, why: str) -> None: ...


class Output:
    """One output of a cell, with the latest lines, updated in place."""

    def __init__(self) -> None:
        self._lines: deque[LogLine] = deque(maxlen=FOLLOWED_LINES)
        self._left_out = 0
        self._handle: Any = display(Shown("No lines yet."), display_id=True)

    def show(self, new: list[LogLine], skipped: int) -> None:
        self._left_out += skipped + max(0, len(self._lines) + len(new) - FOLLOWED_LINES)
        self._lines.extend(new)
        self._put("")

    def end(self, why: str) -> None:
        self._put(why)

    def _put(self, why: str) -> None:
        lines = list(self._lines)
        text, html = (
            (as_text(lines, self._left_out), as_html(lines, self._left_out)) if lines else ("No lines yet.",) * 2
        )
        self._handle.update(Shown(f"{text}\n{why}".rstrip(), f"{html}<div>{why}</div>" if why else html))


class Terminal:
    """A terminal, which shows line after line."""

    def show(self, new: list[LogLine], skipped: int) -> None:
        sys.stdout.write(f"{as_text(new, skipped)}\n")

    def end(self, why: str) -> None:
        if why:
            sys.stdout.write(f"{why}\n")


def follow(ask: Callable[[GetLogs], LogsFound], query: GetLogs, place: Place, period_s: float = PERIOD_S) -> None:
    """Show lines as they come, until the interrupt button is pressed or the app has ended.

    Args:
        ask: answers a query.
        query: the first one.
    """
    why = ""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            try:
                found = ask(query)
            except RayServeException as error:
                why = str(error)
                break
            if found.lines:
                place.show(found.lines, found.skipped)
            query = GetLogs(
                app=query.app,
                deployment=query.deployment,
                request_id=query.request_id,
                level=query.level,
                last=FOLLOWED_LINES,
                after=found.cursor,
            )
            time.sleep(period_s)
    place.end(why)


COMMANDS = {"logs": Command(logs, _LOGS, takes=("app", "deployment"))}
