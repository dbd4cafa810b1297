"""Handle calls of a notebook or script in the journal, on both placements."""

from __future__ import annotations

import pytest
from system_helpers import Cells

import kernelserve as serve
from kernelserve.cluster.app import LiveApp
from kernelserve.cluster.session import Session

CHAIN = """
@serve.deployment
class Index:
    def search(self, text):
        if text == "bad":
            raise ValueError("no such thing")
        return text.upper()

    def words(self, text):
        yield from text.split()

@serve.deployment
class Search:
    def __init__(self, index):
        self.index = index

    async def __call__(self, text):
        return await self.index.search.remote(text)

    async def words(self, text):
        async for word in self.index.options(stream=True).words.remote(text):
            yield word

app = Search.bind(Index.bind())
"""


def test_a_call_through_two_deployments(cells: Cells, session: Session, name: str) -> None:
    cells.serve(CHAIN, name, journal=True)
    live = LiveApp(session, name)
    assert live.handle.remote("a").result() == "A"
    with pytest.raises(ValueError, match="no such thing"):
        live.handle.remote("bad").result()
    fine, bad = (row for _, row in live.requests().iterrows())
    assert (fine["status"], fine["path"], fine["method"], fine["error"]) == ("ok", "Search", "__call__", None)
    assert fine["deployments"] == ("Search", "Index")
    span = fine["spans"]
    assert span.replica_id.startswith(f"{name}#Search#")
    assert span.duration_s >= span.run_s >= span.children[0].duration_s >= span.children[0].run_s > 0
    assert 0 <= span.children[0].start_s <= span.run_s
    assert span.in_bytes > 0 and span.out_bytes > 0 and span.attempts == 1
    assert fine["request"].startswith("(pickle") and fine["answer"].startswith("(pickle")
    assert (bad["status"], bad["error"], bad["answer"]) == ("error", "ValueError: no such thing", None)
    assert "raise ValueError" in bad["traceback"]
    assert [each.error for each in bad["spans"].walk()] == ["ValueError", "ValueError"]


def test_it_is_asked_for_when_the_app_is_run(cells: Cells, session: Session, name: str) -> None:
    cells.run(CHAIN)
    handle = serve.run(cells["app"], name=name, route_prefix=f"/{name}", journal=True, redact=lambda record: record)
    assert handle.remote("a").result() == "A"
    assert list(serve.app(name).requests()["status"]) == ["ok"]


def test_a_stream_through_two_deployments(cells: Cells, session: Session, name: str) -> None:
    cells.serve(CHAIN, name, journal=True)
    live = LiveApp(session, name)
    assert list(live.handle.options(stream=True).words.remote("a b c")) == ["a", "b", "c"]
    frame = live.requests()
    assert list(frame["method"]) == ["words"]
    assert frame.iloc[0]["deployments"] == ("Search", "Index")


def test_nothing_is_traced_while_the_journal_is_off(cells: Cells, session: Session, name: str) -> None:
    cells.serve(CHAIN, name)
    assert LiveApp(session, name).handle.remote("a").result() == "A"
    assert name not in session.client.journals.by_app
