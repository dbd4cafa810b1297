"""What the state goes through in a patch: views, finalizers, threads, globals, batches, models, memory."""

from __future__ import annotations

import asyncio
import gc
import linecache
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from live_servable import Live
from system_helpers import until


@pytest_asyncio.fixture
async def live() -> AsyncIterator[Live]:
    live = Live()
    yield live
    live.execution.close()
    await live.servable.close()


KINDS = {
    "def": "def f(self): return 'def', self.x",
    "async": "async def f(self): return 'async', self.x",
    "generator": "def f(self): yield self.x",
    "async generator": "async def f(self): yield self.x",
    "static": "@staticmethod\n    def f(): return 'static', 0",
    "class": "@classmethod\n    def f(cls): return cls.__name__, 0",
    "property": "@property\n    def f(self): return lambda: ('property', self.x)",
    "gone": "",
}
CALLED = {
    "def": ("def", 1),
    "async": ("async", 1),
    "generator": "TypeError",
    "async generator": "TypeError",
    "static": ("static", 0),
    "class": ("App", 0),
    "property": ("property", 1),
    "gone": "AttributeError",
}


async def test_a_method_may_become_any_kind_of_method(live: Live) -> None:
    source = "class App:\n    def __init__(self): self.x = 1\n    "
    await live.start(source + KINDS["def"])
    for kind in [*KINDS, "def"]:
        assert (await live.edit(source + KINDS[kind])).refusal == ""
        for _ in range(2):  # Through the bridge, then through the original.
            answer = await live.ask("f")
            assert getattr(answer, "type_name", answer) == CALLED[kind]
            if "generator" in kind:
                streamed = live.send("f", stream=True)
                await live.answer(streamed)
                assert len(live.channel.frames[streamed]) == 3, "it starts, has one item, and ends"
            live.retire()


OWNER = """
import threading, time, weakref
class Res: pass
class App:
    def __init__(self, told):
        self.told, self.n, self.open, self.turns = told, 0, True, 0
        self.thing = Res()
        weakref.finalize(self, told.append, "finalize")
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()
    def __del__(self):
        self.told.append("{TAG}")
    def work(self):
        while self.open:
            self.turns += 1
            self.seen = self.tag()
            time.sleep(0.001)
    def tag(self):
        return "{TAG}"
    def stop(self):
        self.open = False
        self.thread.join()
    {MORE}
"""


async def sees(original: Any, tag: str) -> None:
    """Wait until the thread of an owner has run with the code that has this tag."""
    turns = original.turns
    await until(lambda: original.turns > turns and original.seen == tag, f"the thread sees {tag}")


@pytest.mark.parametrize(
    "more", ["", "def __reload__(self, previous):\n        self.n = previous.n + 1"], ids=["bridge", "reload"]
)
async def test_patches_run_no_finalizer_and_a_thread_goes_on_with_the_present_code(live: Live, more: str) -> None:
    source = OWNER.replace("{MORE}", more)
    await live.start(source.replace("{TAG}", "one"), [])
    original = live.servable.original
    told, thing = original.told, original.thing
    for tag in ("two", "three"):
        await live.patched(source.replace("{TAG}", tag))
        gc.collect()
        assert live.servable.original is original, "the object that the constructor made is the servable for life"
        await sees(original, tag)
        assert original.thread.is_alive()
    assert told == []
    assert original.n == (2 if more else 0)
    await live.ask("stop")
    await live.servable.close()
    original = None
    gc.collect()
    assert sorted(told) == ["finalize", "three"], "each runs once, at the end"
    assert type(thing).__name__ == "Res"


RELOAD = """
class App:
    def __init__(self): self.items, self.kept = [1], {"k": 1}
    def ask(self): return "{TAG}", self.items
    {RELOAD}
"""


def reloading(tag: str, *lines: str, head: str = "def") -> str:
    body = "".join(f"\n        {line}" for line in lines)
    return RELOAD.replace("{TAG}", tag).replace(
        "{RELOAD}", f"{head} __reload__(self, previous):{body}" if lines else ""
    )


async def test_reload_adapts_a_copy_of_the_state(live: Live) -> None:
    await live.start(reloading("one"))
    kept = live.servable.original.kept
    verdict = await live.edit(reloading("two", "self.items = previous.items + [2]", "self.old = previous.ask()"))
    assert (verdict.refusal, verdict.barrier) == ("", "")
    assert await live.ask("ask") == ("two", [1, 2])
    assert await live.ask("ask", revision=1) == ("one", [1]), "the old code goes on with its own state"
    live.retire()
    assert await live.ask("ask") == ("two", [1, 2])
    assert live.servable.original.old == ("one", [1])
    assert live.servable.original.kept is kept, "the copy is shallow"
    await live.edit(
        reloading("three", "import asyncio", "await asyncio.sleep(0)", "self.items = [3]", head="async def")
    )
    live.retire()
    assert await live.ask("ask") == ("three", [3])


async def test_reload_may_refuse_or_fail_and_nothing_has_changed(live: Live) -> None:
    await live.start(reloading("one"))
    verdict = await live.edit(reloading("two", "self.items = None", "raise NotImplementedError('other items')"))
    assert verdict.refusal == "other items"
    assert (await live.edit(reloading("two", "raise NotImplementedError"))).refusal.startswith("App.__reload__ raised")
    with pytest.raises(KeyError, match="no such key"):
        await live.edit(reloading("two", "self.items.clear if 0 else None", "raise KeyError('no such key')"))
    assert (await live.edit(reloading("two", "self.back = previous"))).refusal == (
        "self.back refers to the instance of the revision before"
    )
    assert await live.ask("ask") == ("one", [1])
    assert live.servable.revisions == [1]


async def test_run_time_changes_of_other_code_survive(live: Live) -> None:
    source = """
    import functools
    MODEL = None
    class Counter:
        count = 0
    @functools.lru_cache
    def slow(n):
        Counter.count += 1
        return n
    class App:
        def __init__(self):
            global MODEL
            MODEL = "loaded"
        def ask(self):
            return MODEL, slow(1), Counter.count, "{TAG}"
    """
    await live.start(source.replace("{TAG}", "one"))
    assert await live.ask("ask") == ("loaded", 1, 1, "one")
    await live.patched(source.replace("{TAG}", "two"))
    assert await live.ask("ask") == ("loaded", 1, 1, "two"), (
        "neither the global, the cache nor the attribute begin anew"
    )


BATCHES = """
class App:
    def __init__(self): self.sizes = []
    @serve.batch(max_batch_size={SIZE}, batch_wait_timeout_s=30)
    async def many(self, items):
        self.sizes.append(len(items))
        return [("{TAG}", item) for item in items]
    async def one(self, item): return await self.many(item)
    def set_size(self, n): self.many.set_max_batch_size(n)
    @serve.multiplexed(max_num_models_per_replica=2)
    async def model(self, model_id):
        self.sizes.append(model_id)
        return object()
    async def use(self, model_id): return id(await self.model(model_id)), "{TAG}"
"""


async def test_waiting_items_run_under_their_own_revision_and_settings_and_models_carry_over(live: Live) -> None:
    await live.start(BATCHES.replace("{TAG}", "one").replace("{SIZE}", "7"))
    await live.ask("set_size", 2)
    model, _ = await live.ask("use", "de")
    waiting = live.send("one", 1)
    await asyncio.sleep(0.01)
    await live.edit(BATCHES.replace("{TAG}", "two").replace("{SIZE}", "7"))
    newer = live.send("one", 2)
    await asyncio.sleep(0.01)
    assert not live.ended(waiting)
    assert not live.ended(newer), "items of two revisions are never one batch"
    assert await live.ask("one", 3) == ("two", 3), "the size that was set at run time holds"
    assert await live.answer(newer) == ("two", 2)
    assert await live.ask("one", 4, revision=1) == ("one", 4)
    assert await live.answer(waiting) == ("one", 1)
    live.retire()
    assert await live.ask("use", "de") == (model, "two")
    assert live.servable.original.sizes == ["de", 2, 2]


async def test_decorated_functions_keep_their_models_and_settings_too(live: Live) -> None:
    source = """
    scale = {SCALE}
    loads = []
    @serve.multiplexed
    async def load(model_id):
        loads.append(model_id)
        return [scale]
    @serve.batch(max_batch_size=3, batch_wait_timeout_s=30)
    async def App(items):
        return [(item, len(items), await load("de"), scale) for item in items]
    """
    await live.start(source.replace("{SCALE}", "1"))
    live.servable.original.set_max_batch_size(1)
    assert await live.ask("__call__", 7) == (7, 1, [1], 1)
    await live.patched(source.replace("{SCALE}", "2"))
    assert await live.ask("__call__", 8) == (8, 1, [1], 2), "the model stays, as the loader's own code did not change"


async def test_a_user_config_that_changes_with_a_patch_that_must_be_alone_is_a_replacement(live: Live) -> None:
    source = """
    class Tool:
        def use(self): return {N}
    class App:
        def __init__(self): self.tool = Tool()
        def reconfigure(self, config): self.config = config
    """
    await live.start(source.replace("{N}", "1"), user_config={"a": 1})
    verdict = await live.edit(source.replace("{N}", "2"), user_config={"a": 2})
    assert verdict.refusal == "user_config changed, and self.tool holds a Tool, whose class changed"
    assert (await live.edit(source.replace("{N}", "2"), user_config={"a": 1})).refusal == ""


async def test_edits_leave_nothing_behind(live: Live) -> None:
    source = """
    def helper(x): return x + {N}
    class Tool:
        def use(self): return helper({N})
    class App:
        def __init__(self): self.tool = None
        def ask(self):
            self.tool = self.tool or Tool()
            return self.tool.use()
    """
    await live.start(source.replace("{N}", "0"))
    for n in range(1, 30):
        await live.patched(source.replace("{N}", str(n)))
        assert await live.ask("ask") == 2 * n
        live.channel.frames.clear()
    app = type(live.servable.original)
    assert len(live.servable._editions) == 1
    assert len(live.servable._echoes) <= 1
    assert len(live.store._objects) <= 4
    assert len([name for name in linecache.cache if name.startswith("/tmp/ipykernel_live")]) <= 1
    del live.namespace["App"]
    live.kernel = None  # type: ignore[assignment]
    await asyncio.sleep(0)
    gc.collect()
    classes = [one for one in gc.get_objects() if type(one) is type and one.__qualname__ == "App"]
    assert [one for one in classes if one.__module__ == "__main__"] == [app]


async def test_a_class_that_has_every_attribute_is_no_ingress(live: Live) -> None:
    source = "class App:\n    def __getattr__(self, name): return name\n    def ask(self): return self.x + '{}'"
    await live.start(source.format(1))
    assert await live.ask("ask") == "x1"
    await live.patched(source.format(2))
    assert await live.ask("ask") == "x2"
