"""Live views among the outputs of cells: shown for what stands for one, ended when their cell runs again."""

from __future__ import annotations

import concurrent.futures
import uuid
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from IPython.display import display

from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.look import GraphData, Look
from kernelserve.exceptions import RayServeException

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from kernelserve.widget.view import View

_EVENT = "pre_run_cell"


class LiveViews:
    """Makes the views of a kernel's cells, and closes those of a cell that runs again; see `follow`."""

    def __init__(self) -> None:
        self._cell = ""
        self._views: dict[str, list[View]] = {}

    def before_cell(self, info: Any) -> None:
        """`info` is IPython's `ExecutionInfo`; a front end that does not name its cells has their views for good."""
        self._cell = getattr(info, "cell_id", None) or ""
        if self._cell:
            for view in self._views.pop(self._cell, []):
                view.close()

    def make(self, look: Look, static_id: str = "") -> View:
        """A view of the cell that runs; see `widget.view.View`."""
        # Late: widgets are heavy, and only for who looks at one.
        from kernelserve.widget.view import View

        view = View(look, static_id)
        if self._cell:
            self._views.setdefault(self._cell, []).append(view)
        return view

    def bundle(self, shown: Look | GraphData | LiveApp) -> Any:
        """The display forms of what stands for a view; None (its text form) if its app or its system has ended.

        The picture that stands for the view in a saved notebook is an output of its own, shown first: of an output
        that has the form of a widget too, JupyterLab shows only that, also where no kernel is.
        """
        try:
            view = self.make(_look(shown), new_picture_id())
        except (RayServeException, TimeoutError, RuntimeError, concurrent.futures.CancelledError):
            return None
        display(view.picture(), raw=True)
        return view._repr_mimebundle_()


def new_picture_id() -> str:
    """An id in the page for a picture that a live view hides while it is there."""
    return f"ks-picture-{uuid.uuid4().hex[:12]}"


def _look(shown: Look | GraphData | LiveApp) -> Look:
    if isinstance(shown, Look):
        return shown
    return shown.look if isinstance(shown, GraphData) else shown.graph().look


def follow(shell: InteractiveShell, on: bool) -> None:
    """Begin or end showing live views in a shell; harmless if it is so already.

    Terminals show none, nor do kernels that have no widgets.
    """
    events = shell.events
    before = following(shell)
    if before is not None:
        events.unregister(_EVENT, before.before_cell)
    assert shell.display_formatter is not None  # Every shell makes one when it starts.
    formatter: Any = shell.display_formatter.mimebundle_formatter
    for kind in (Look, GraphData, LiveApp):
        formatter.pop(kind, None)
    if on and hasattr(shell, "kernel") and find_spec("anywidget") is not None:
        views = before or LiveViews()
        events.register(_EVENT, views.before_cell)
        for kind in (Look, GraphData, LiveApp):
            formatter.for_type(kind, views.bundle)


def following(shell: InteractiveShell) -> LiveViews | None:
    """The one that shows the live views of a shell; None where there are none, as in a terminal."""
    owners = (getattr(callback, "__self__", None) for callback in shell.events.callbacks[_EVENT])
    return next((owner for owner in owners if isinstance(owner, LiveViews)), None)
