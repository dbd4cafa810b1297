"""What there is to look at of an app: plain handles that a notebook shows as live views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from kernelserve.cluster.session import Session

LookKind = Literal["graph", "dashboard", "requests"]

EVERY_APP = "*"
"""In place of an app's name: all apps of the session."""


@dataclass(frozen=True)
class Look:
    """A live view; a notebook that has loaded the extension shows it, wherever it is displayed.

    Attributes:
        app: its name, or `EVERY_APP`.
    """

    session: Session
    app: str
    kind: LookKind

    def __repr__(self) -> str:
        what = "all apps" if self.app == EVERY_APP else f"app {self.app!r}"
        return f"<live {self.kind} of {what}; a notebook shows it after %load_ext kernelserve>"


class GraphData(dict[str, Any]):
    """Plain data of a graph (see `LiveApp.graph`), which a notebook shows as the live graph."""

    def __init__(self, data: dict[str, Any], look: Look) -> None:
        super().__init__(data)
        self.look = look
