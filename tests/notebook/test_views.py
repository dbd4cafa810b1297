"""Live views in a kernel that cannot show them, and beside a report without a picture."""

from __future__ import annotations

import pytest
from notebook_helpers import Served

WIDGET = "application/vnd.jupyter.widget-view+json"
APP = """
@serve.deployment
class Seen:
    def __call__(self, request):
        return "one"

app = Seen.bind()
"""

pytestmark = pytest.mark.parametrize("served", ["local"], indirect=True)


def test_a_kernel_without_widgets_shows_the_report_only(served: Served) -> None:
    served.kernel.good("import sys\n%unload_ext kernelserve\nsys.modules['anywidget'] = None\n%load_ext kernelserve")
    try:
        outputs = served.serve(APP, "seen").outputs
        assert ["text/html" in out["data"] for out in outputs] == [True]
        assert "<live dashboard of app 'seen'" in served.kernel.good("serve.app('seen').dashboard()").text
    finally:
        served.kernel.good("%unload_ext kernelserve\nsys.modules.pop('anywidget')\n%load_ext kernelserve")
        served.kernel.good("%serve stop seen")


def test_a_report_without_a_picture_leaves_the_picture_to_the_view(served: Served) -> None:
    served.serve(APP, "seen")
    report, view = served.serve(APP.replace("one", "two"), "seen", "--canary 10").outputs
    assert "<svg" not in report["data"]["text/html"]
    assert WIDGET in view["data"]
    assert "<svg" in view["data"]["text/html"]
    served.kernel.good("%serve stop seen")
