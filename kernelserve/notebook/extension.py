"""Registers what the notebook face adds to a shell, and takes it away again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kernelserve.cluster.app import LiveApp
from kernelserve.exceptions import RayServeException
from kernelserve.graph import picture
from kernelserve.notebook.display import linked
from kernelserve.notebook.magics import ServeMagics, completer

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

MAGICS = ("%serve", "%%serve")


def load(shell: InteractiveShell) -> None:
    """Register magics, completion and the HTML form of a live app."""
    shell.register_magics(ServeMagics)
    for magic in MAGICS:
        if magic not in _completers(shell):
            shell.set_hook("complete_command", completer, str_key=magic)
    _html_formatter(shell).for_type(LiveApp, live_app_html)


def unload(shell: InteractiveShell) -> None:
    """Take them away; what is served goes on."""
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("serve", None)
    for magic in MAGICS:
        _completers(shell).pop(magic, None)
    _html_formatter(shell).pop(LiveApp, None)


def live_app_html(live: LiveApp) -> str | None:
    """Name, link and picture; None (its text form) for an app that has ended."""
    try:
        view, url = live.graph(), live.url
    except RayServeException:
        return None
    captions = {node["name"]: str(node["status"]).lower() for node in view["nodes"]}
    edges = [(caller, callee) for caller, callee in view["edges"]]
    return linked(url or "", f"{live.name} · revision {view['revision']}", picture.svg(edges, captions))


def _completers(shell: InteractiveShell) -> dict[str, Any]:
    """IPython's table of completion hooks, by the word that a line starts with."""
    dispatch = shell.strdispatchers.get("complete_command")
    return {} if dispatch is None else dispatch.strs


def _html_formatter(shell: InteractiveShell) -> Any:
    assert shell.display_formatter is not None  # Every shell makes one when it starts.
    return shell.display_formatter.formatters["text/html"]
