"""What the cells show, and where an app is reached."""

from __future__ import annotations

import pytest

import kernelserve as serve
from kernelserve.cluster.words import summary, took
from kernelserve.notebook.addresses import curl_line, proxy_url
from kernelserve.notebook.display import DeployReport, status_shown
from kernelserve.notebook.progress import Progress
from kernelserve.schema import status_from_plain
from kernelserve.transport.messages import StepView

STEPS = [
    StepView(deployment="Embedder", action="keep", reason="unchanged"),
    StepView(deployment="Index", action="keep", reason="unchanged"),
    StepView(deployment="Search", action="patch", reason="Search.rank changed", duration_s=0.012),
]


def test_the_summary_is_the_promised_line() -> None:
    assert summary(STEPS) == "Search patched in 12 ms · Embedder kept · Index kept"
    assert summary(STEPS, dry_run=True) == "Search would be patched · Embedder would be kept · Index would be kept"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0.0004, "0 ms"), (0.9996, "1.0 s"), (59.94, "59.9 s"), (59.96, "1 min 0 s"), (83, "1 min 23 s")],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert took(seconds) == text


def test_a_report_has_all_parts_in_both_forms() -> None:
    report = DeployReport(
        app="<search>",
        revision=3,
        steps=STEPS,
        url="http://127.0.0.1:8001/search",
        proxy_url="/user/ada/proxy/8001/search",
        curl="curl http://127.0.0.1:8001/search",
        notes=["<r2> runs again."],
        notices=["Port 8000 is taken; serving on 8001."],
        picture_text="Search  patched",
        picture_svg="<svg></svg>",
    )
    shown = report.shown()._repr_mimebundle_()
    for form in shown.values():
        for part in (summary(STEPS), "Search.rank changed", report.url, report.proxy_url, report.curl, *report.notices):
            assert part in form
    assert "revision 3" in shown["text/plain"] and "Search  patched" in shown["text/plain"]
    assert "<r2> runs again." in shown["text/plain"] and "&lt;r2&gt; runs again." in shown["text/html"]
    assert "<svg></svg>" in shown["text/html"] and "<search>" not in shown["text/html"]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ""),
        ({"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}, "/user/ada/proxy/8000/search"),
        (
            {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/", "JUPYTERHUB_PUBLIC_URL": "https://hub.example/user/ada/"},
            "https://hub.example/user/ada/proxy/8000/search",
        ),
    ],
)
def test_the_url_behind_a_hub(environ: dict[str, str], expected: str) -> None:
    assert proxy_url("http://127.0.0.1:8000/search", environ) == expected


def test_the_curl_line_sends_json_where_it_is_read() -> None:
    @serve.deployment
    async def plain(request: object) -> str:
        return "x"

    @serve.deployment
    class Reads:
        async def __call__(self, request: serve.Application[object]) -> object:
            return await request.json()  # type: ignore[attr-defined]

    assert curl_line("http://h:1/x", plain.bind()) == "curl http://h:1/x"
    assert curl_line("http://h:1/x", Reads.bind()).endswith("-H 'Content-Type: application/json' -d '{}'")


def test_status_of_nothing_and_of_an_app() -> None:
    assert "no app" in status_shown(status_from_plain({}), {}, "Here").text
    status = status_from_plain(
        {
            "applications": {
                "search": {
                    "status": "RUNNING",
                    "deployments": {"Index": {"status": "HEALTHY", "replica_states": {"RUNNING": 2}}},
                }
            }
        }
    )
    text = status_shown(status, {"search": "http://h/search"}, "Here").text
    assert all(word in text for word in ("search", "RUNNING", "http://h/search", "Index", "HEALTHY", "2 running"))


def test_progress_is_a_line_of_text() -> None:
    progress = Progress("Serving search", live=False)
    progress.say("starting Ray")
    assert progress._shown().text.startswith("Serving search: starting Ray … ")
    progress.step(StepView(deployment="Index", action="add", stage="starting (0 of 1 replicas ready)"))
    progress.step(STEPS[0])
    shown = progress._shown()
    assert shown.text.startswith("Serving search: Index starting (0 of 1 replicas ready) … ")
    assert "Embedder" not in shown.html
