"""pytest's plugin of kernelserve: the fixture `serve_client`.

A package of its own, since pytest imports it at every start: kernelserve comes with the first client.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from kernelserve.testing import Client


@pytest.fixture
def serve_client() -> Iterator[Callable[..., Client]]:
    """Run applications for a test: ``serve_client(app)`` is a client, as of `kernelserve.testing.client`.

    All of them end with the test.

    Example:
        def test_greeting(serve_client):
            c = serve_client(Greeter.bind())
            assert c.get("/", params={"name": "Ada"}).text == "hello Ada"
    """
    with contextlib.ExitStack() as opened:

        def serve_client(target: Any, **options: Any) -> Client:
            from kernelserve.testing import client  # Late: see above.

            return opened.enter_context(client(target, **options))

        yield serve_client
