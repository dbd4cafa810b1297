"""What user code of a running app logs and prints, as its user reads it."""

from __future__ import annotations

from typing import Any

import pytest
from system_helpers import Cells, get, wait_for

import kernelserve as serve
from kernelserve.observe.log_lines import Logs
from kernelserve.schema import LoggingConfig

APP = """
import asyncio, logging, sys, threading
log = logging.getLogger("user.app")

@serve.deployment
class Talks:
    print("class body")

    def __init__(self):
        print("constructor")

    def __call__(self, request):
        print("in a thread", file=sys.stderr)
        return "answer"

    async def ask(self, text):
        log.info("asked %s", text)
        logging.getLogger("ray.serve").warning("by its name")
        await asyncio.to_thread(print, "further away")

app = Talks.bind()
"""


def logs(name: str, text: str, **query: Any) -> Logs:
    """The app's lines, once one of them has that text."""

    def found() -> Logs | None:
        lines = serve.app(name).logs(**query)
        return lines if any(text in line.text for line in lines) else None

    return wait_for(found, f"the line {text!r} is in the log")


def test_all_that_user_code_says_is_in_the_log(cells: Cells, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    cells.serve(APP, name)
    assert get(f"{cells.session.base_url}/{name}", headers={"x-request-id": "r-77"})[1] == "answer"
    serve.app(name).handle.ask.remote("this").result()
    lines = logs(name, "further away")
    said = {line.text: line for line in lines}
    assert {line.deployment for line in lines} == {"Talks"}
    constructor, thread, asked = said["constructor"], said["in a thread"], said["asked this"]
    assert (constructor.request_id, constructor.revision) == ("", 1)
    assert (thread.level, thread.request_id, thread.revision) == ("STDERR", "r-77", 1)
    assert (asked.level, asked.logger) == ("INFO", "user.app") and asked.request_id
    assert said["by its name"].logger == "ray.serve"
    assert [line.text for line in serve.app(name).logs(request_id="r-77")] == ["in a thread"]
    assert capfd.readouterr().out == "class body\n", "the cell's own; prints of replicas are not shown in cells"
    assert list(lines.frame()["text"]) == [line.text for line in lines]


@pytest.mark.parametrize("session", ["local"], indirect=True)
class TestLocal:
    def test_the_log_of_an_app_lives_as_long_as_the_app(self, cells: Cells, name: str) -> None:
        cells.serve(APP, name)
        logs(name, "constructor")
        cells.session.delete(name)
        cells.serve(APP.replace('"constructor"', '"another"'), name)
        assert not any(line.text == "constructor" for line in logs(name, "another"))

    def test_a_constructor_that_fails_has_said_why(self, cells: Cells, name: str) -> None:
        broken = APP.replace('print("constructor")', 'print("no weights"); raise ValueError("none")')
        assert cells.serve(broken, name).outcome == "failed"
        assert logs(name, "no weights")

    def test_what_cannot_be_asked(self, cells: Cells, name: str) -> None:
        cells.serve(APP, name)
        live = serve.app(name)
        with pytest.raises(ValueError, match="'Talks'"):
            live.logs("Talk")
        with pytest.raises(ValueError, match="'WARNING'"):
            live.logs(level="warnin")
        with pytest.raises(ValueError, match="at least 1"):
            live.logs(last=0)

    def test_a_logging_config_needs_no_restart(self, cells: Cells, name: str) -> None:
        cells.serve(APP, name)
        given = APP.replace("@serve.deployment", "@serve.deployment(logging_config={'log_level': 'WARNING'})")
        outcome = cells.serve(given, name)
        assert [step.action for step in outcome.steps] == ["update"]
        assert "logging_config changed" in outcome.steps[0].reason
        serve.app(name).handle.ask.remote("that").result()
        assert "asked that" not in {line.text for line in logs(name, "further away")}

    def test_an_access_log_where_it_is_asked_for(self, cells: Cells, name: str) -> None:
        cells.run(APP)
        cells.namespace["config"] = LoggingConfig()
        cells.run(f"handle = serve.run(app, name='{name}', route_prefix='/{name}', logging_config=config)")
        get(f"{cells.session.base_url}/{name}", headers={"x-request-id": "r-1"})
        (line,) = (one for one in logs(name, f"GET /{name} 200 ") if one.logger == "kernelserve.access")
        assert line.request_id == "r-1" and line.text.endswith("ms")
        cells["handle"].ask.remote("x").result()
        assert logs(name, "CALL ask OK ")
        with pytest.raises(TypeError):
            cells["handle"].ask.remote(too_many=1).result()
        assert logs(name, "CALL ask TypeError ")
        assert [line.level for line in logs(name, "TypeError: ") if "Traceback" in line.text] == ["ERROR"]
        cells.run(f"serve.run(app, name='{name}', route_prefix='/{name}')")
        get(f"{cells.session.base_url}/{name}", headers={"x-request-id": "r-2"})
        assert [line.text for line in logs(name, "in a thread", request_id="r-2")] == ["in a thread"]
