"""Edits of a running app, on both placements: only what changed moves, and a bad edit moves nothing."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from system_helpers import Cells, actions, get, wait_for

import kernelserve as serve
from kernelserve.control import senders
from kernelserve.exceptions import DeployError, DeploymentUnavailableError, RayServeException

MODEL = """
@serve.deployment
class Model:
    def __init__(self):
        self.loads = 1
        self.seen = []

    async def __call__(self, text):
        self.seen.append(text)
        return {CALL}

    def counts(self):
        import os
        return self.loads, len(self.seen), os.getpid(), id(self.seen)

@serve.deployment
class Front:
    def __init__(self, model):
        self.model = model

    async def __call__(self, request):
        return await self.model.remote("http")

    async def ask(self, text):
        return {ASK}

    async def counts(self):
        return await self.model.counts.remote()

app = Front.bind(Model.bind())
"""


def model(call: str = "text.upper()", ask: str = "await self.model.remote(text)") -> str:
    return MODEL.replace("{CALL}", call).replace("{ASK}", ask)


def test_an_unchanged_cell_changes_nothing(cells: Cells, name: str) -> None:
    cells.serve(model(), name)
    again = cells.serve("# a comment\n\n" + model(), name)
    assert again.outcome == "unchanged"
    assert set(actions(again).values()) == {"keep"}
    assert serve.app(name).revision == 1


def test_a_changed_method_is_patched_and_the_state_stays(cells: Cells, name: str) -> None:
    cells.serve(model(), name)
    handle = serve.get_app_handle(name)
    assert handle.ask.remote("a").result(timeout_s=10) == "A"
    before = handle.counts.remote().result(timeout_s=10)
    outcome = cells.serve(model("text + '!'"), name)
    assert outcome.outcome == "applied"
    assert actions(outcome) == {"Model": "patch", "Front": "keep"}
    assert "Model.__call__" in next(step.reason for step in outcome.steps if step.deployment == "Model")
    assert handle.ask.remote("a").result(timeout_s=10) == "a!"
    after = handle.counts.remote().result(timeout_s=10)
    assert after == (before[0], before[1] + 1, before[2], before[3]), "the same state, loaded once"
    for n in range(5):
        cells.serve(model(f"text * {n}"), name)
        assert handle.ask.remote("ab").result(timeout_s=10) == "ab" * n
    assert handle.counts.remote().result(timeout_s=10)[0] == 1


def test_a_changed_constructor_is_replaced(cells: Cells, name: str) -> None:
    cells.serve(model(), name)
    handle = serve.get_app_handle(name)
    handle.ask.remote("a").result(timeout_s=10)
    source = model().replace("self.seen = []", "self.seen = ['loaded']")
    outcome = cells.serve(source, name)
    assert actions(outcome) == {"Model": "replace", "Front": "keep"}
    assert handle.counts.remote().result(timeout_s=10)[:2] == (1, 1)


def test_options_are_updated_without_a_restart(cells: Cells, name: str) -> None:
    source = """
    @serve.deployment(num_replicas={REPLICAS}, max_ongoing_requests={ONGOING}, user_config={"k": {K}})
    class Box:
        def __init__(self):
            self.made = 1
        def reconfigure(self, config):
            self.k = config["k"]
        async def __call__(self):
            return self.made, self.k, id(self)
    app = Box.bind()
    """

    def with_options(replicas: int, ongoing: int, k: int) -> str:
        return source.replace("{REPLICAS}", str(replicas)).replace("{ONGOING}", str(ongoing)).replace("{K}", str(k))

    cells.serve(with_options(1, 5, 1), name)
    handle = serve.get_app_handle(name)
    first = handle.remote().result(timeout_s=10)
    outcome = cells.serve(with_options(1, 7, 2), name)
    assert actions(outcome) == {"Box": "update"}
    assert handle.remote().result(timeout_s=10) == (1, 2, first[2])
    cells.serve(with_options(3, 7, 2), name)
    assert serve.app(name).status().deployments["Box"].replica_states == {"RUNNING": 3}
    cells.serve(with_options(1, 7, 2), name)
    wait_for(
        lambda: serve.app(name).status().deployments["Box"].replica_states == {"RUNNING": 1}, "two replicas are stopped"
    )
    assert handle.remote().result(timeout_s=10)[:2] == (1, 2)


def test_deployments_are_added_and_removed(cells: Cells, name: str) -> None:
    cells.serve(model(), name)
    added = """
    @serve.deployment
    class Extra:
        async def __call__(self):
            return "extra"

    @serve.deployment
    class Front:
        def __init__(self, model, extra):
            self.model, self.extra = model, extra
        async def ask(self, text):
            return await self.extra.remote()

    app = Front.bind(Model.bind(), Extra.bind())
    """
    outcome = cells.serve(added, name)
    assert actions(outcome) == {"Model": "keep", "Extra": "add", "Front": "replace"}
    assert serve.get_app_handle(name).ask.remote("x").result(timeout_s=10) == "extra"
    outcome = cells.serve(model(), name)
    assert actions(outcome) == {"Model": "keep", "Front": "replace", "Extra": "remove"}
    wait_for(lambda: "Extra" not in serve.app(name).status().deployments, "Extra has ended")


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("raise KeyError('no weights')", "no weights"),
        ("import a_module_that_is_not_there", "a_module_that_is_not_there"),
        ("undefined_name", "undefined_name"),
    ],
)
def test_a_constructor_that_fails_leaves_the_running_revision(cells: Cells, name: str, broken: str, told: str) -> None:
    cells.serve(model(), name)
    handle = serve.get_app_handle(name)
    outcome = cells.serve(model().replace("self.seen = []", broken), name)
    assert outcome.outcome == "failed"
    assert outcome.deployment == "Model"
    assert told in outcome.error
    assert broken in outcome.traceback, "the cell's own line is shown"
    assert handle.ask.remote("a").result(timeout_s=10) == "A"
    assert serve.app(name).revision == 1
    with pytest.raises(DeployError, match=told):
        serve.run(cells["app"], name=name, route_prefix=f"/{name}")
    assert cells.serve(model("text[::-1]"), name).outcome == "applied"
    assert handle.ask.remote("ab").result(timeout_s=10) == "ba"


def test_a_request_that_runs_during_a_patch_ends_under_its_own_code(cells: Cells, name: str) -> None:
    source = """
    import asyncio

    @serve.deployment
    class Slow:
        def __init__(self):
            self.open = False
        async def wait(self):
            while not self.open:
                await asyncio.sleep(0.01)
            return self.tag()
        async def release(self):
            self.open = True
        def tag(self):
            return "{TAG}"

    app = Slow.bind()
    """
    cells.serve(source.replace("{TAG}", "old"), name)
    handle = serve.get_app_handle(name)
    old = handle.wait.remote()
    assert handle.tag.remote().result(timeout_s=10) == "old"
    outcome = cells.serve(source.replace("{TAG}", "new"), name)
    assert actions(outcome) == {"Slow": "patch"}
    assert handle.tag.remote().result(timeout_s=10) == "new", "the new revision answers while the old one runs"
    handle.release.remote().result(timeout_s=10)
    assert old.result(timeout_s=10) == "old"
    assert handle.wait.remote().result(timeout_s=10) == "new"


def test_no_request_fails_and_none_is_mixed_under_load(cells: Cells, name: str) -> None:
    source = """
    @serve.deployment(num_replicas=2)
    class Inner:
        def __init__(self):
            self.tag = "{INIT}"
        async def version(self):
            return "{SERVE}", self.tag

    @serve.deployment
    class Outer:
        def __init__(self, inner):
            self.inner = inner
        async def __call__(self, request):
            return ["{SERVE}", *await self.inner.version.remote()]

    app = Outer.bind(Inner.bind())
    """

    def at(serve_half: str, init_half: str) -> str:
        return source.replace("{SERVE}", serve_half).replace("{INIT}", init_half)

    cells.serve(at("s1", "i1"), name)
    url = serve.app(name).url or ""
    answers: list[tuple[int, list[str]]] = []
    stop = threading.Event()

    def load() -> None:
        while not stop.is_set():
            answers.append(get(url))
            time.sleep(0.002)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(2, 5):
            assert cells.serve(at(f"s{number}", "i1"), name).outcome == "applied"
        assert cells.serve(at("s9", "i9"), name).outcome == "applied"
        fresh = len(answers)
        wait_for(lambda: len(answers) > fresh + 20, "answers of the last revision")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert [answer for answer in answers if answer[0] != 200] == []
    assert all(outer == inner for _, (outer, inner, _) in answers), "one revision through the whole graph"
    assert answers[-1][1] == ["s9", "s9", "i9"]


def test_two_apps_share_no_route_and_know_their_ends(cells: Cells, name: str) -> None:
    cells.serve(model(), name)
    other = f"{name}b"
    outcome = cells.serve(model(), other, route_prefix=f"/{name}")
    assert outcome.outcome == "failed"
    assert name in outcome.error
    assert other not in serve.status().applications
    handle = serve.get_app_handle(name)
    assert handle.ask.remote("a").result(timeout_s=10) == "A"
    serve.delete(name)
    with pytest.raises(DeploymentUnavailableError, match="Deploy it again"):
        handle.ask.remote("a").result(timeout_s=10)
    with pytest.raises(RayServeException, match="no app"):
        serve.delete(name)
    status, text = get(f"{cells.session.base_url}/{name}")
    assert status == 404
    assert "not found" in text


def test_a_helper_object_in_the_state_takes_its_new_class(cells: Cells, name: str) -> None:
    source = """
    class Tool:
        def use(self):
            return "{TOOL}"

    @serve.deployment
    class User:
        def __init__(self):
            self.tool = None
        def take(self):
            self.tool = self.tool or Tool()
            return self.tool.use(), id(self.tool)

    app = User.bind()
    """
    cells.serve(source.replace("{TOOL}", "hammer"), name)
    handle = serve.get_app_handle(name)
    used, tool = handle.take.remote().result(timeout_s=10)
    assert used == "hammer"
    assert actions(cells.serve(source.replace("{TOOL}", "saw"), name)) == {"User": "patch"}
    assert handle.take.remote().result(timeout_s=10) == ("saw", tool)


def test_finalizers_do_not_run_on_a_patch_and_do_at_the_end(cells: Cells, name: str, tmp_path: object) -> None:
    source = f"""
    import pathlib

    @serve.deployment
    class Owner:
        def __init__(self):
            self.file = pathlib.Path({str(tmp_path)!r}) / "finalized"
        def __del__(self):
            self.file.write_text("{{TAG}}")
        def tag(self):
            return "{{TAG}}", self.file.exists()

    app = Owner.bind()
    """
    cells.serve(source.replace("{TAG}", "one"), name)
    handle = serve.get_app_handle(name)
    assert handle.tag.remote().result(timeout_s=10) == ("one", False)
    for tag in ("two", "three"):
        assert actions(cells.serve(source.replace("{TAG}", tag), name)) == {"Owner": "patch"}
        assert handle.tag.remote().result(timeout_s=10) == (tag, False)
    serve.delete(name)
    from pathlib import Path

    wait_for(lambda: (Path(str(tmp_path)) / "finalized").exists(), "the finalizer has run")
    assert (Path(str(tmp_path)) / "finalized").read_text() == "three"


def test_a_dry_run_shows_the_plan_and_changes_nothing(cells: Cells, name: str) -> None:
    cells.serve(model(), name)
    outcome = cells.serve(model("text + '?'"), name, dry_run=True)
    assert outcome.outcome == "dry_run"
    assert actions(outcome) == {"Model": "patch", "Front": "keep"}
    assert serve.get_app_handle(name).ask.remote("a").result(timeout_s=10) == "A"
    outcome = cells.serve(model(), name, force_replace=True)
    assert set(actions(outcome).values()) == {"replace"}


def test_what_cannot_be_shipped_is_named(cells: Cells, name: str) -> None:
    with pytest.raises(TypeError, match="lock"):
        cells.serve(
            """
            import threading

            @serve.deployment
            class Bad:
                def __init__(self, helper):
                    self.helper = helper

            app = Bad.bind({"cache": threading.Lock()})
            """,
            name,
        )
    assert name not in serve.status().applications


def test_a_load_that_was_given_up_keeps_nobody_waiting(
    cells: Cells, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its constructor blocks the replica, which so takes no news: the next edit does not wait for it."""
    monkeypatch.setattr(senders, "PUSH_TIMEOUT_S", 100.0)
    began = tmp_path / "began"
    source = """
    import pathlib, time

    @serve.deployment
    class Loads:
        def __init__(self, path=None):
            if path:
                pathlib.Path(path).touch()
                while not pathlib.Path(path).with_name("end").exists():
                    time.sleep(0.05)
        def version(self):
            return 1
    app = Loads.bind(ARGUMENT)
    """
    cells.serve(source.replace("ARGUMENT", ""), name)
    for timeout_s in (1.0, 2.0, 4.0, 8.0):  # To be given up while the constructor runs, however long the start takes.
        given_up = cells.serve(source.replace("ARGUMENT", repr(str(began))), name, timeout_s=timeout_s)
        assert given_up.outcome != "applied"
        if began.exists():
            break
    assert began.exists(), "the constructor blocks"
    edited = source.replace("ARGUMENT", "").replace("return 1", "return 2")
    outcomes: list[str] = []
    threading.Thread(target=lambda: outcomes.append(cells.serve(edited, name).outcome), daemon=True).start()
    try:
        wait_for(lambda: outcomes == ["applied"], "the next edit is applied", timeout_s=12.0)
        assert serve.get_app_handle(name).version.remote().result(timeout_s=10) == 2
    finally:
        began.with_name("end").touch()
