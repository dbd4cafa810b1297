"""Requests made from the catalogue's OpenAPI, valid and not: the app has no 5xx of its own, so there must be none."""

from __future__ import annotations

import contextlib

import httpx
import pytest
import schemathesis
from checks import RECORD
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from programs import load
from schemathesis import Case, GenerationMode

import kernelserve as serve
from kernelserve.cluster.session import Session

EXAMPLES = 25
"""Of each operation, valid and invalid ones each; about ten seconds a placement."""


@pytest.fixture(scope="module")
def catalogue(session: Session) -> tuple[str, str]:
    """URL and key of the program, which has a record with the id 1."""
    names = load("crud")
    serve.run(names["app"], name="fuzzed", route_prefix="/fuzzed")
    url = str(serve.app("fuzzed").url)
    assert httpx.post(f"{url}/records", json=RECORD, headers={"x-key": names["KEY"]}, timeout=30).status_code == 201
    return url, names["KEY"]


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
def test_no_answer_is_a_server_error(catalogue: tuple[str, str], mode: GenerationMode) -> None:
    url, key = catalogue
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 9
    statuses: set[int] = set()
    for operation in operations:
        _try(url, key, operation.as_strategy(generation_mode=mode), statuses)
    assert statuses >= ({200, 201, 404} if mode is GenerationMode.POSITIVE else {422})
    assert httpx.get(f"{url}/about", timeout=30).json() == {"shop": "catalogue"}, "the replica lives on"


def _try(url: str, key: str, cases: SearchStrategy[Case], statuses: set[int]) -> None:
    """Send examples, and note what was answered."""

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @seed(1)
    @given(case=cases)
    def send(case: Case) -> None:
        answer = case.call(base_url=url, headers={"x-key": key}, timeout=30)
        statuses.add(answer.status_code)
        assert answer.status_code < 500, f"{case.as_curl_command()}\n{answer.status_code}: {answer.text}"

    with contextlib.suppress(Unsatisfiable):  # An operation that takes nothing cannot be given anything wrong.
        send()
