"""Starting without Ray: loading starts nothing, taken ports, and the proxy's form of the URL."""

from __future__ import annotations

import re
import socket

from notebook_helpers import running_kernel

HELLO = """%%serve hello --local
@serve.deployment
def hello(request):
    return "hello"
"""


def test_from_loading_to_shutting_down() -> None:
    hub = {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}
    with running_kernel(hub) as kernel, socket.create_server(("127.0.0.1", 0)) as taken:
        assert "Nothing is served" in kernel.good("%serve status").text

        port = taken.getsockname()[1]
        said = kernel.bad(f"%serve start --local --port {port}")
        assert "PortTakenError" in said and str(port) in said
        assert "Nothing is served" in kernel.good("%serve status").text, "a start that failed leaves nothing"

        assert "without Ray at http://127.0.0.1:" in kernel.good("%serve start --local --port 0").text
        ran = kernel.good(HELLO)
        assert re.search(r"^/user/ada/proxy/\d+/hello$", ran.text, re.M)
        assert 'href="/user/ada/proxy/' in ran.html
        assert kernel.value("%serve call hello") == "hello"
        assert kernel.good("'ray' in __import__('sys').modules").text == "False"

        assert kernel.good("%serve shutdown").text == "Shut down."
        assert "Nothing is served" in kernel.good("%serve status").text
        assert kernel.good(HELLO).text, "and it can be started again"
