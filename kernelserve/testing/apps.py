"""Applications under test: one `local` system in the process, which the first starts and the last one ends."""

from __future__ import annotations

import itertools
import threading
from typing import Any, Final

from kernelserve.cluster.app import LiveApp, raise_unless_applied
from kernelserve.cluster.session import Session, ensure_session, get_session
from kernelserve.deployment import Application, get_application

FREE_PREFIX: Final = "<free>"
"""In place of a route prefix: take ``/``, or the app's name where another app has ``/``."""

_lock = threading.Lock()
_numbers = itertools.count(1)
_open: dict[str, str | None] = {}
"""Name → route prefix of the apps that are open, or that are being deployed."""
_started: Session | None = None
"""The system, if it was started for the open apps."""


def open_app(target: Application[Any], name: str | None, route_prefix: str | None) -> LiveApp:
    """Deploy an application on the process's `local` system, started if there is none.

    Raises:
        DeployError: it was not deployed; nothing of it is left.
        RayServeException: the process's system is one on Ray.
        ValueError: an app of that name runs already.
    """
    application = get_application(target)
    with _lock:
        session = _local_session()
        taken = session.status().applications.keys() | _open.keys()
        name = _free_name(taken) if name is None else name
        if name in taken:
            raise ValueError(f"An app {name!r} runs already. Choose another name, or leave it out for a free one.")
        prefix = _free_prefix(session, name) if route_prefix == FREE_PREFIX else route_prefix
        _open[name] = prefix
    try:
        raise_unless_applied(session.deploy(application, name=name, route_prefix=prefix))
        return LiveApp(session, name)
    except BaseException:  # Also Ctrl-C: the name is free again, and the system ends with its last app.
        close_app(name)
        raise


def close_app(name: str) -> None:
    """End an app that `open_app` made, and the system with the last of them if it was started for them."""
    global _started
    session = get_session()
    # The test may have deleted it itself, or shut everything down; or it was never deployed.
    if session is not None and session.kind == "local" and name in session.status().applications:
        session.delete(name)
    with _lock:
        _open.pop(name, None)
        if _open or _started is None:
            return
        started, _started = _started, None
        # Nobody else's app ends: what the test ran with `serve.run` goes on until `serve.shutdown`.
        if started is get_session() and not started.status().applications:
            started.close(everything=True)


def _local_session() -> Session:
    global _started
    before = get_session()
    session = ensure_session("local", http_options={"port": 0})
    if session is not before:
        _started = session
    return session


def _free_name(taken: set[str]) -> str:
    return next(name for name in (f"test{number}" for number in _numbers) if name not in taken)


def _free_prefix(session: Session, name: str) -> str:
    others = [app for app in session.status().applications if app not in _open]
    prefixes = [*_open.values(), *(session.graph(app)["route_prefix"] for app in others)]
    return f"/{name}" if "/" in prefixes else "/"
