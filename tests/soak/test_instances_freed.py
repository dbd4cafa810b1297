"""Instances of replicas that have ended are freed, and what they hold with them, in the local placement."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from system_helpers import Cells, actions, get, wait_for

import kernelserve as serve
from kernelserve.cluster.session import Session, ensure_session

PLAIN = """
class Weights:
    pass

@serve.deployment(graceful_shutdown_timeout_s=1)
class Model:
    def __init__(self):
        self.weights, self.built = Weights(), BUILT

    def __call__(self, request):
        return self.built + PATCHED

app = Model.bind()
"""

INGRESS = """
import fastapi

api = fastapi.FastAPI()

class Weights:
    pass

@serve.deployment(graceful_shutdown_timeout_s=1)
@serve.ingress(api)
class Model:
    def __init__(self):
        self.weights, self.built = Weights(), BUILT

    def check(self):
        return self.weights

    @api.get("/")
    async def root(self, weights=fastapi.Depends(check)):
        return self.built + PATCHED

app = Model.bind()
"""


@pytest.fixture
def local_session() -> Iterator[Session]:
    yield ensure_session("local", http_options={"port": 0})
    serve.shutdown(all=True)


def _weights() -> int:
    """Of how many instances the state is in memory."""
    gc.collect()
    return sum(type(one).__qualname__ == "Weights" for one in gc.get_objects())


@pytest.mark.parametrize("source", [PLAIN, INGRESS], ids=["plain", "ingress"])
def test_one_state_for_one_replica(local_session: Session, name: str, source: str) -> None:
    cells, found = Cells(local_session), []
    before = _weights()

    def deploy(built: str, patched: str) -> str:
        outcome = cells.serve(source.replace("BUILT", repr(built)).replace("PATCHED", repr(patched)), name)
        status, answer = get(f"{serve.app(name).url}/")
        assert (status, answer) == (200, built + patched)
        return actions(outcome)["Model"]

    for built in ("a", "b", "c"):
        found += [deploy(built, "1"), deploy(built, "2")]
    assert found == ["add", "patch", "replace", "patch", "replace", "patch"]
    wait_for(lambda: _weights() == before + 1, "the state of replaced replicas is freed")
    local_session.delete(name)
    wait_for(lambda: _weights() == before, "the state of a deleted app is freed")
