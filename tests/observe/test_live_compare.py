"""Revisions side by side in a running system: canary, shadow, requests that ask for a revision, and comparisons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from system_helpers import Cells, get, wait_for

from kernelserve.cluster.app import LiveApp
from kernelserve.exceptions import DeployError, RayServeException, RevisionNotFoundError
from kernelserve.transport.messages import Trial

pytestmark = pytest.mark.parametrize("session", ["local"], indirect=True)

SERVICE = """
from starlette.requests import Request

@serve.deployment
class Scale:
    def of(self, number):
        return number * FACTOR

@serve.deployment
class Front:
    def __init__(self, scale):
        self.scale = scale

    async def __call__(self, request: Request):
        if request.method == "POST":
            return {"said": (await request.body()).decode()}
        number = float(request.query_params["n"])
        return {"n": number, "scaled": await self.scale.of.remote(number)}

    async def ask(self, number):
        return await self.scale.of.remote(number)

app = Front.bind(Scale.bind())
"""
REVISION = "x-kernelserve-revision"


def service(factor: float) -> str:
    return SERVICE.replace("FACTOR", str(factor))


@pytest.fixture
def live(cells: Cells, name: str) -> Iterator[LiveApp]:
    """An app with revision 1 (times two), and a few requests on record."""
    cells.serve(service(2.0), name, journal=True)
    app = LiveApp(cells.session, name)
    for number in (1, 2, 3):
        assert get(f"{app.url}?n={number}")[1] == {"n": number, "scaled": 2 * number}
    assert get(f"{app.url}/say", "hello")[1] == {"said": '"hello"'}
    wait_for(lambda: len(app.requests(last=None)) == 4, "the requests are on record")
    yield app


def deploy(live: LiveApp, factor: float, trial: Trial | None = None) -> Any:
    return Cells(live._session).serve(service(factor), live.name, journal=True, trial=trial)


def test_a_revision_on_trial_answers_its_share_and_whoever_asks_for_it(live: LiveApp) -> None:
    assert deploy(live, 3.0, Trial(share=0.5)).outcome == "trial"
    sides: dict[str, set[float]] = {}
    for session in "abcdefgh":
        answers = [get(f"{live.url}?n=1", headers={"x-session-id": session})[1]["scaled"] for _ in range(3)]
        sides[session] = set(answers)
    assert set.union(*sides.values()) == {2.0, 3.0} and all(len(side) == 1 for side in sides.values())
    for wanted, scaled in (("1", 2.0), ("2", 3.0)):
        assert get(f"{live.url}?n=1", headers={REVISION: wanted})[1]["scaled"] == scaled
        handle = live.handle.options(revision=int(wanted))
        assert handle.ask.remote(1.0).result(timeout_s=20) == scaled
    status, text = get(f"{live.url}?n=1", headers={REVISION: "7"})
    assert status == 404 and "those that do: r1 and r2" in text
    with pytest.raises(RevisionNotFoundError, match="r7"):
        live.handle.options(revision=7).ask.remote(1.0).result(timeout_s=20)
    live._session.end_trial(live.name, accept=False)
    assert {get(f"{live.url}?n=1", headers={"x-session-id": session})[1]["scaled"] for session in "abcdefgh"} == {2.0}
    assert get(f"{live.url}?n=1", headers={REVISION: "2"})[0] == 404


def test_a_shadow_answers_copies_that_only_the_journal_shows(live: LiveApp) -> None:
    assert deploy(live, 5.0, Trial(mirror=True)).outcome == "trial"

    assert get(f"{live.url}?n=4", headers={"x-request-id": "seen"})[1]["scaled"] == 8.0

    def copies() -> list[tuple[bool, int, float]]:
        frame = live.requests(last=None)
        rows = frame[frame["id"] == "seen-shadow"]
        return [(row["shadow"], row["revision"], row["answer"]["scaled"]) for _, row in rows.iterrows()]

    assert wait_for(copies, "the copy is on record") == [(True, 2, 20.0)]
    live._session.end_trial(live.name, accept=True)
    assert get(f"{live.url}?n=4")[1]["scaled"] == 20.0


def test_the_current_revision_and_an_earlier_one_are_compared(live: LiveApp) -> None:
    deploy(live, 2.0000000001)
    frame = live.compare(1, 2)
    assert list(frame["request"]) == [*(f"GET /{live.name}?n={n}" for n in (1, 2, 3)), f"POST /{live.name}/say"]
    assert frame["equal"].all() and (frame["status_a"] == 200).all()
    newest = deploy(live, 3.0).revision
    frame = live.compare(2, newest, last=4)
    assert list(frame["equal"]) == [False, False, False, True]
    assert [(a["scaled"], b["scaled"]) for a, b in zip(frame["answer_a"][:3], frame["answer_b"][:3], strict=True)] == [
        pytest.approx((2 * n, 3 * n)) for n in (1, 2, 3)
    ]
    assert live.compare(2, newest, equal=lambda a, b: a.get("n") == b.get("n"))["equal"].all()
    assert live.revision == newest, "nothing has changed"
    assert get(f"{live.url}?n=1")[1]["scaled"] == 3.0


def test_two_earlier_revisions_are_compared_one_after_the_other(live: LiveApp) -> None:
    deploy(live, 3.0)
    deploy(live, 4.0)
    frame = live.compare(2, 1, last=2)
    assert [answer.get("scaled") for answer in frame["answer_a"]] == [9.0, None]
    assert [answer.get("scaled") for answer in frame["answer_b"]] == [6.0, None]
    assert live.revision == 3


def test_what_cannot_be_compared_says_so(live: LiveApp) -> None:
    with pytest.raises(ValueError, match="Revision b is 0"):
        live.compare(1, 0)
    with pytest.raises((RayServeException, DeployError), match="9"):
        live.compare(1, 9)
    deploy(live, 3.0, Trial(share=0.0))
    with pytest.raises(
        RayServeException, match=r"r7 of app .* cannot be started for the comparison while r2 is on trial"
    ):
        live.compare(1, 7)
    assert list(live.compare(1, 2)["equal"]) == [False, False, False, True]
    get(f"{live.url}/large", "x" * 70_000)
    wait_for(lambda: (live.requests(last=None)["path"] == f"/{live.name}/large").any(), "it is on record")
    with pytest.warns(UserWarning, match="Requests that are not replayed: 1 with a body over 64 KiB"):
        assert len(live.compare(1, 2)) == 4
