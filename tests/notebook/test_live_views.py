"""Live views among the outputs of cells: in a kernel, closed with their cell, and as text in a terminal."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from notebook_helpers import Ran, Served
from shell_helpers import Notebook

from kernelserve.cluster.look import GraphData
from kernelserve.notebook.live_views import LiveViews
from kernelserve.widget import feed

WIDGET = "application/vnd.jupyter.widget-view+json"
BODY = """
@serve.deployment
class Shop:
    async def __call__(self, request):
        return "tea"

app = Shop.bind()
"""


def widgets(ran: Ran) -> list[str]:
    """Ids of the models of the widgets among the outputs."""
    return [out["data"][WIDGET]["model_id"] for out in ran.outputs if WIDGET in out.get("data", {})]


@pytest.mark.parametrize("served", ["local"], indirect=True)
def test_a_kernel_shows_views_for_what_stands_for_them(served: Served) -> None:
    kernel = served.kernel
    cell = served.serve(BODY, "seen")
    (model,) = widgets(cell)
    kernel.good(
        "from ipywidgets.widgets.widget import _instances\n"
        "def shown(model):\n    return _instances[model].view_kind, _instances[model].static_id"
    )
    kind, static_id = kernel.value(f"shown({model!r})")
    assert kind == "graph" and f'id="{static_id}"' in cell.html, "the report's picture stands for the view"

    kernel.good("live = serve.app('seen')")
    assert kernel.value("type(live.graph()).__mro__[1].__name__, live.graph()['nodes'][0]['name']") == ("dict", "Shop")
    expected = {
        "live": "graph",
        "live.graph()": "graph",
        "live.dashboard()": "dashboard",
        "live.inspect()": "requests",
        "serve.dashboard()": "dashboard",
    }
    for source, kind in expected.items():
        ran = kernel.good(source)
        (model,) = widgets(ran)
        shown_kind, static_id = kernel.value(f"shown({model!r})")
        assert shown_kind == kind and f'id="{static_id}"' in ran.html, source
        assert "seen" in ran.html and "seen" in ran.text, "what a page without a kernel shows"
    assert not widgets(served.kernel.good(served.cell(BODY, "seen", "--dry-run")))

    kernel.good("%serve shutdown --all")
    assert "LiveApp" in kernel.good("live").text, "its text, where its system has ended"


def test_a_cell_that_runs_again_ends_its_views(notebook: Notebook) -> None:
    notebook.serve(BODY)
    look = notebook.good("live = serve.app('search'); live.graph()").value.look
    views = LiveViews()
    views.before_cell(SimpleNamespace(cell_id="a"))
    first = views.make(look)
    views.before_cell(SimpleNamespace(cell_id="b"))
    second = views.make(look)
    feed.look(look.session, look.app, first, True)
    views.before_cell(SimpleNamespace(cell_id="a"))
    assert first.comm is None and second.comm is not None
    assert first not in feed._feeds[look.session, "search"]._screens
    views.before_cell(SimpleNamespace(cell_id="b"))
    views.before_cell(SimpleNamespace(cell_id=None))
    assert second.comm is None and views._views == {}


def test_a_terminal_has_text(notebook: Notebook) -> None:
    cell = notebook.serve(BODY)
    assert "Shop" in cell.text and "View" not in cell.text
    graph = notebook.good("live = serve.app('search'); live.graph()")
    assert isinstance(graph.value, GraphData) and "'nodes'" in graph.text
    assert "LiveApp('search')" in notebook.good("live").text
    assert "live dashboard of app 'search'" in notebook.good("live.dashboard()").text
    assert "live requests of app 'search'" in notebook.good("live.inspect()").text
    assert "live dashboard of all apps" in notebook.good("serve.dashboard()").text
