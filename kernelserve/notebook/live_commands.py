"""Commands of `%serve` on what runs: start, status, call, explain, stop, shutdown, auto."""

from __future__ import annotations

from typing import Any

from kernelserve.cluster import session as sessions
from kernelserve.notebook import arguments, auto, call, display, explain
from kernelserve.notebook.arguments import Command, new_parser
from kernelserve.notebook.desk import Desk, ensure_session, place, running
from kernelserve.notebook.errors import CellError, shown
from kernelserve.notebook.tracebacks import traceback_lines

_START = new_parser("serve start")
_START.add_argument("--local", action="store_true")
_START.add_argument("--port", type=int)
_SHUTDOWN = new_parser("serve shutdown")
_SHUTDOWN.add_argument("--all", action="store_true")
_NOTHING = new_parser("serve status")
_AUTO = new_parser("serve auto")
_AUTO.add_argument("state", nargs="?", default="")
_STATES = ("on", "off")


def start(desk: Desk, rest: str) -> None:
    asked = arguments.parse(_START, rest, "%serve start")
    with desk.progress("Starting") as progress:
        session = ensure_session(asked.local, asked.port, progress)
        progress.finish(display.Shown("\n".join([place(session), *session.notices])))


def status(desk: Desk, rest: str) -> display.Shown:
    arguments.parse(_NOTHING, rest, "%serve status")
    session = sessions.get_session()
    if session is None:
        return display.Shown("Nothing is served from this kernel. A %%serve cell or %serve start starts it.")
    found = session.status()
    urls = {name: session.url(session.graph(name)["route_prefix"]) or "" for name in found.applications}
    return display.status_shown(found, urls, place(session))


def call_app(desk: Desk, rest: str) -> Any:
    name, _, text = rest.partition(" ")
    if not name:
        raise CellError('%serve call was given no app. Write it as in: %serve call search {"q": "text"}')
    session = running(name, "call")
    url = session.url(session.graph(name)["route_prefix"])
    if url is None:
        raise CellError(f"%serve call: {name!r} has no HTTP route. Use serve.app({name!r}).handle, or a --route.")
    try:
        return call.post(url, call.parse_body(text))
    except call.AnswerError as error:
        raise shown(error, traceback_lines(desk.shell, f"AnswerError: {error}")) from None


def explain_node(desk: Desk, rest: str) -> display.Shown:
    if not rest:
        raise CellError("%serve explain was given no deployment. Write it as in: %serve explain Search")
    session = sessions.get_session()
    views = [session.graph(name) for name in session.status().applications] if session is not None else []
    return explain.explanation(*explain.find_node(rest, views))


def stop(desk: Desk, rest: str) -> display.Shown:
    if not rest:
        raise CellError("%serve stop was given no app. Write it as in: %serve stop search")
    running(rest, "stop").delete(rest)
    return display.Shown(f"Stopped {rest}.")


def shutdown(desk: Desk, rest: str) -> display.Shown:
    asked = arguments.parse(_SHUTDOWN, rest, "%serve shutdown")
    session = sessions.get_session()
    if session is None:
        return display.Shown("Nothing was running.")
    session.close(everything=asked.all)
    return display.Shown("Shut down.")


def reload_on_edit(desk: Desk, rest: str) -> display.Shown:
    state = arguments.parse(_AUTO, rest, "%serve auto").state
    if state:
        auto.turn(desk, arguments.check_choice(state, _STATES, "%serve auto", "state") == "on")
    if auto.watching(desk.shell) is None:
        return display.Shown("Reload on edit is off. %serve auto on: after each cell, apps whose code changed follow.")
    return display.Shown(
        "Reload on edit is on: after each cell, and when a file of an imported module changes, apps whose code "
        "is another are deployed again."
    )


COMMANDS = {
    "start": Command(start, _START),
    "status": Command(status),
    "call": Command(call_app, takes=("app",)),
    "explain": Command(explain_node, takes=("app",)),
    "auto": Command(reload_on_edit, takes=("|".join(_STATES),)),
    "stop": Command(stop, takes=("app",)),
    "shutdown": Command(shutdown, _SHUTDOWN),
}
