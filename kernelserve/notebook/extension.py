"""Registers what the notebook face adds to a shell, and takes it away again."""

from __future__ import annotations

import asyncio
import functools
import inspect
from typing import TYPE_CHECKING, Any

from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.session import close_at_exit
from kernelserve.exceptions import RayServeException, RemoteTraceback
from kernelserve.graph import picture
from kernelserve.notebook import auto, live_views, touched
from kernelserve.notebook.desk import Desk
from kernelserve.notebook.display import linked
from kernelserve.notebook.magics import ServeMagics, matcher
from kernelserve.notebook.tracebacks import traceback_lines
from kernelserve.notebook.warned import show_warnings

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load(shell: InteractiveShell) -> None:
    """Register magics, completion, live views, and how errors and warnings of replicas look."""
    shell.register_magics(ServeMagics)
    if matcher not in _matchers(shell):
        _matchers(shell).append(matcher)
    _html_formatter(shell).for_type(LiveApp, live_app_html)
    RemoteTraceback.render = staticmethod(functools.partial(_rendered, shell))
    show_warnings(shell, True)
    touched.follow(shell, True)
    live_views.follow(shell, True)
    _close_before_shutdown(shell)


def unload(shell: InteractiveShell) -> None:
    """Take them away, reload on edit too; what is served goes on."""
    auto.turn(Desk(shell), False)
    RemoteTraceback.render = str
    show_warnings(shell, False)
    touched.follow(shell, False)
    live_views.follow(shell, False)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("serve", None)
    if matcher in _matchers(shell):
        _matchers(shell).remove(matcher)
    _html_formatter(shell).pop(LiveApp, None)


def _close_before_shutdown(shell: InteractiveShell) -> None:
    """End the session when the kernel is asked to end, before ipykernel kills the processes of our Ray.

    ipykernel has no hook there: `do_shutdown` is called first, then the kernel's children get SIGTERM, and
    Python's exit handlers run last. Loading twice wraps once.
    """
    kernel = getattr(shell, "kernel", None)
    if kernel is None or hasattr(kernel.do_shutdown, "kernelserve_wraps"):
        return
    plain = kernel.do_shutdown

    async def do_shutdown(restart: bool) -> Any:
        await asyncio.to_thread(close_at_exit, restart)
        reply = plain(restart)
        return await reply if inspect.isawaitable(reply) else reply

    do_shutdown.kernelserve_wraps = plain  # type: ignore[attr-defined]
    kernel.do_shutdown = do_shutdown


def _rendered(shell: InteractiveShell, text: str) -> str:
    return "\n".join(traceback_lines(shell, text.rstrip()))


def live_app_html(live: LiveApp) -> str | None:
    """Name, link and picture; None (its text form) for an app that has ended."""
    try:
        view, url = live.graph(), live.url
    except RayServeException:
        return None
    captions = {node["name"]: str(node["status"]).lower() for node in view["nodes"]}
    edges = [(caller, callee) for caller, callee in view["edges"]]
    return linked(url or "", f"{live.name} · revision {view['revision']}", picture.svg(edges, captions))


def _matchers(shell: InteractiveShell) -> list[Any]:
    """IPython's list of added completers."""
    assert shell.Completer is not None  # Every shell makes one when it starts.
    matchers: list[Any] = shell.Completer.custom_matchers
    return matchers


def _html_formatter(shell: InteractiveShell) -> Any:
    assert shell.display_formatter is not None  # Every shell makes one when it starts.
    return shell.display_formatter.formatters["text/html"]
