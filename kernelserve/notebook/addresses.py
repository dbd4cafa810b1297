"""Where a reader of the notebook reaches an app: its URL, the Jupyter proxy's form of it, and a `curl` line."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from kernelserve.deployment import Application


def proxy_url(url: str, environ: Mapping[str, str]) -> str:
    """The URL behind JupyterHub or Binder, where the notebook's own port is the only one; "" elsewhere.

    It is absolute where the hub tells its public address, else a path on the hub's host.

    Example:
        >>> proxy_url("http://127.0.0.1:8000/search", {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"})
        '/user/ada/proxy/8000/search'
    """
    base = environ.get("JUPYTERHUB_PUBLIC_URL") or environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if not base:
        return ""
    parts = urlsplit(url)
    return f"{base.rstrip('/')}/proxy/{parts.port}{parts.path or '/'}"


def curl_line(url: str, application: Application[Any]) -> str:
    """A line to paste into a terminal: a JSON body if the ingress reads one, else a plain GET."""
    body = " -H 'Content-Type: application/json' -d '{}'" if _reads_json(application.func_or_class) else ""
    return f"curl {shlex.quote(url)}{body}"


def _reads_json(target: Any) -> bool:
    """Whether the ingress's own code names `json`, as in `await request.json()`."""
    function = target.__call__ if isinstance(target, type) else target
    code = getattr(function, "__code__", None)
    return code is not None and "json" in code.co_names
