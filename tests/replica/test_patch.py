"""Patches of a live instance: every reason to refuse one or to be alone, and the change of class."""

from __future__ import annotations

import abc
import collections
import functools
import threading
import types
import weakref
from typing import Any, Generic, TypeVar

import numpy as np
import pytest

from kernelserve.batching import batch
from kernelserve.replica import walk
from kernelserve.replica.changes import Changes
from kernelserve.replica.patch import Patch, Verdict, end_bridge, make_bridge
from kernelserve.replica.walk import walk as walk_state

T = TypeVar("T")


class Old:
    def __init__(self, **state: Any) -> None:
        self.__dict__.update(state)

    def ask(self) -> str:
        return "old"

    def helper(self) -> None: ...


class New:
    def ask(self) -> str:
        return "new"

    def helper(self) -> None: ...


class Helper:
    """A class of the user's that the state may hold."""

    def __init__(self, held: Any = None) -> None:
        self.held = held

    def method(self) -> None: ...


def changes(*pairs: tuple[Any, Any], parts: tuple[str, ...] = ()) -> Changes:
    """Each pair is a class or function and its new version, or None if there is none."""

    def units(side: int) -> dict[str, Any]:
        kinds = ["class" if isinstance(pair[0], type) else "function" for pair in pairs]
        return {f"{kind}:{n}:{side}": pair[side] for n, (kind, pair) in enumerate(zip(kinds, pairs, strict=True))
                if pair[side] is not None}  # fmt: skip

    return Changes(units(0), units(1), parts)


def look(original: Any, new: type, *pairs: tuple[Any, Any], parts: tuple[str, ...] = ()) -> Verdict:
    return Patch(original, new, changes(*pairs, parts=parts)).examine()


def refusal(original: Any, new: type, *pairs: tuple[Any, Any]) -> str:
    return look(original, new, *pairs).refusal


def made(source: str, name: str = "", **names: Any) -> Any:
    """The object `name`, or all, of a source as a cell would make it."""
    space: dict[str, Any] = {"__name__": "__main__", "functools": functools, "batch": batch, **names}
    exec(source, space)
    return space[name] if name else types.SimpleNamespace(**{k: v for k, v in space.items() if k != "__builtins__"})


def test_a_plain_class_with_plain_state_is_patched() -> None:
    original = Old(weights=np.zeros(10), names=["a", "b"], table={"a": {1, 2}}, helper=Helper(), lock=threading.Lock())
    assert look(original, New) == Verdict()
    assert look(original, New, (Old, New)) == Verdict(), "the changed class itself is no doubt"


class Meta(abc.ABCMeta):
    pass


class Abstract(abc.ABC):
    @abc.abstractmethod
    def ask(self) -> str: ...


class WithMeta(metaclass=Meta):
    pass


class Slots:
    __slots__ = ("x",)


class BelowSlots(Slots):
    pass


class OfDict(dict[str, int]):
    pass


class OfList(list[int]):
    pass


class OfError(Exception):
    pass


LAYOUT = [
    (WithMeta, New, "has a metaclass"),
    (Old, Abstract, "is abstract"),
    (Old, WithMeta, "has a metaclass"),
    (Slots, New, "has __slots__"),
    (BelowSlots, New, "has __slots__"),
    (Old, BelowSlots, "has __slots__"),
    (OfDict, New, "is a subclass of dict"),
    (OfList, New, "is a subclass of list"),
    (OfError, New, "another layout"),
    (Old, OfError, "another layout"),
    (Old, OfDict, "another layout"),
]


@pytest.mark.parametrize(("old", "new", "reason"), LAYOUT)
def test_a_class_of_another_make_is_refused(old: type, new: type, reason: str) -> None:
    assert reason in refusal(old(), new)


@pytest.mark.parametrize(("old", "new", "reason"), LAYOUT)
def test_so_is_a_helper_of_another_make(old: type, new: type, reason: str) -> None:
    told = refusal(Old(x=[old()]), New, (old, new))
    assert told.startswith(f"self.x[0] holds a {old.__name__}, and the class")
    assert reason in told


def test_a_look_runs_no_finalizer() -> None:
    ended: list[str] = []

    class Ends:
        def __del__(self) -> None:
            ended.append("ended")

    original = Ends()
    assert "another layout" in refusal(original, OfError)
    assert refusal(original, New) == ""
    assert ended == []
    del original
    assert ended == ["ended"]


CACHES = """
class Caches:
    @functools.cached_property
    def table(self):
        return self.make() + {K}
    def make(self):
        return {MAKE}
    def other(self):
        return {OTHER}
"""


def caches(k: str = "1", make: str = "1", other: str = "1") -> Any:
    source = CACHES.replace("{K}", k).replace("{MAKE}", make).replace("{OTHER}", other)
    return made(source, "Caches")


def test_a_filled_cached_property_is_refused_if_its_code_changed_or_what_it_calls() -> None:
    original = caches()()
    assert refusal(original, caches(k="2")) == "", "it is empty"
    assert original.table == 2
    told = "the cached_property table is filled, and its code changed"
    assert refusal(original, caches(k="2")) == told
    assert refusal(original, caches(make="2")) == told
    assert refusal(original, New) == told
    assert refusal(original, caches(other="2")) == ""
    new = caches(k="2")
    assert refusal(Old(x=original), New, (type(original), new)) == f"self.x holds a Caches, and {told}"


def closure_over(value: Any) -> Any:
    return lambda: value


class Slotted:
    __slots__ = ("here", "there")

    def __init__(self, here: Any) -> None:
        self.here = here


# How the state can hold a value, and the path that is told.
HOLDS = [
    (lambda value: value, "self.x"),
    (lambda value: [0, value], "self.x[1]"),
    (lambda value: ("a", value), "self.x[1]"),
    (lambda value: collections.deque([value]), "self.x[0]"),
    (lambda value: {"k": value}, "self.x['k']"),
    (lambda value: {"k": [{"l": value}]}, "self.x['k'][0]['l']"),
    (Helper, "self.x.held"),
    (Slotted, "self.x.here"),
    (lambda value: types.SimpleNamespace(a=value), "self.x.a"),
    (lambda value: functools.partial(print, value), "self.x.args[0]"),
    (lambda value: functools.partial(print, end=value), "self.x.keywords['end']"),
    (closure_over, "self.x closure"),
]


def test_a_weak_reference_leads_back_too_and_a_class_of_type_parameters_is_patched() -> None:
    original = Old()
    original.x = weakref.ref(original)
    assert look(original, New).barrier == "self.x() refers back to the instance"

    class OfType(Generic[T]):
        pass

    class Edited(Generic[T]):
        def ask(self) -> str:
            return "new"

    class Below(Edited[int]):
        pass

    for new in (Edited, Below):
        assert look(OfType(), new) == Verdict()
        bridge = make_bridge(OfType(), new)
        assert bridge.ask() == "new"
        end_bridge(bridge)


@pytest.mark.parametrize(("hold", "path"), HOLDS)
def test_a_state_that_leads_back_to_the_instance_must_be_alone(hold: Any, path: str) -> None:
    original = Old()
    original.x = hold(original)
    assert look(original, New) == Verdict(barrier=f"{path} refers back to the instance")


@pytest.mark.parametrize(("hold", "path"), HOLDS)
def test_a_stored_bound_method_must_be_alone_or_is_refused_if_it_changed(hold: Any, path: str) -> None:
    source = "class Own:\n    def kept(self): return 1\n    def changed(self): return {}"
    old, new = made(source.format(1), "Own"), made(source.format(2), "Own")
    original = old()
    original.x = hold(original.kept)
    assert look(original, new, (old, new)).barrier == f"{path}.__self__ refers back to the instance"
    original.x = hold(original.changed)
    assert refusal(original, new, (old, new)) == f"{path} is Own.changed, which changed"


@pytest.mark.parametrize(("hold", "path"), HOLDS)
def test_a_held_object_whose_class_changed_takes_the_new_one_when_it_is_alone(hold: Any, path: str) -> None:
    class Changed:
        def ask(self) -> str:
            return "old"

    class After:
        def ask(self) -> str:
            return "new"

    held = Changed()
    original = Old(x=hold(held))
    patch = Patch(original, New, changes((Changed, After), (Old, New)))
    assert patch.examine() == Verdict(barrier=f"{path} holds a Changed, whose class changed", helpers=[(held, After)])
    assert held.ask() == "old", "a look changes nothing"
    assert patch.finish() == ""
    assert held.ask() == "new"
    assert look(original, New) == Verdict()


def test_a_held_object_whose_class_is_gone_or_ambiguous_is_refused() -> None:
    class Changed:
        pass

    assert refusal(Old(x=Changed()), New, (Changed, None)) == "self.x holds a Changed, whose class was removed"
    twice = Changes({"class:Changed:1": Changed}, {"class:Changed:2": Old, "class:Changed:3": New})
    told = Patch(Old(x=Changed()), New, twice).examine().refusal
    assert told == "self.x holds a Changed, whose class is there more than once"


def test_a_held_class_that_changed_is_refused() -> None:
    assert refusal(Old(x=[Helper]), New, (Helper, New)) == "self.x[0] is the class Helper, which changed"


CODE = """
K = {K}
def score(x): return x * {SCORE}
class Own:
    def rank(self, x): return score(x)
    def keep(self):
        self.key = lambda x: x + {KEEP}
    def keep_score(self):
        self.key = lambda x: score(x)
    def keep_k(self):
        self.key = lambda x: x + K
    @batch
    async def many(self, items): return items * {MANY}
    @staticmethod
    def plain(): return {PLAIN}
    @functools.lru_cache
    def cached(self): return {CACHED}
"""

KEPT_CODE = [
    ({"KEEP": 2}, lambda own: own.keep(), "self.key was made by Own.keep, which changed"),
    ({"SCORE": 2}, lambda own: own.keep_score(), "self.key uses score, which changed"),
    ({"K": 2}, lambda own: own.keep_k(), "self.key uses K, which changed"),
    ({"SCORE": 2}, lambda own: setattr(own, "key", own.rank), "self.key is Own.rank, which changed"),
    ({"SCORE": 2}, lambda own: setattr(own, "key", type(own).rank), "self.key is Own.rank, which changed"),
    ({"MANY": 2}, lambda own: setattr(own, "key", own.many), "self.key is Own.many, which changed"),
    ({"PLAIN": 2}, lambda own: setattr(own, "key", own.plain), "self.key is Own.plain, which changed"),
    ({"CACHED": 2}, lambda own: setattr(own, "key", own.cached), "self.key is Own.cached, which changed"),
    (
        {"CACHED": 2},
        lambda own: setattr(own, "key", functools.lru_cache(own.cached)),
        "self.key.__wrapped__ is Own.cached, which changed",
    ),
]


def code(**values: int) -> Any:
    source = CODE
    for name in ("K", "SCORE", "KEEP", "MANY", "PLAIN", "CACHED"):
        source = source.replace(f"{{{name}}}", str(values.get(name, 1)))
    return made(source)


@pytest.mark.parametrize(("edit", "keep", "told"), KEPT_CODE)
def test_code_that_the_state_keeps_is_refused_where_it_would_be_stale(edit: Any, keep: Any, told: str) -> None:
    old, new, unrelated = code(), code(**edit), code(UNRELATED=1)
    unrelated.Own.rank.__globals__["score"] = old.score  # A unit that did not change is the same object.
    own = old.Own()
    keep(own)
    pairs = [(old.Own, new.Own)] + ([(old.score, new.score)] if "SCORE" in edit else [])
    parts = ("global K",) if "K" in edit else ()
    assert look(own, new.Own, *pairs, parts=parts).refusal == told
    assert look(own, unrelated.Own, (old.Own, unrelated.Own)).refusal == ""


def test_a_global_that_code_rebinds_goes_along_with_the_state() -> None:
    source = """
MODEL, COUNT = None, 0
class Own:
    def __init__(self):
        global MODEL
        MODEL = ["weights"]
    def ask(self):
        return {ASK}
    def count(self):
        global COUNT
        COUNT += 1
        return COUNT
"""
    old, new = made(source.replace("{ASK}", "1"), "Own"), made(source.replace("{ASK}", "MODEL[0]"), "Own")
    own = old()
    own.count()
    patch = Patch(own, new, changes((old, new)))
    assert patch.examine() == Verdict(barrier="requests rebind the global COUNT")
    patch.changes.carry_over()
    bridge = make_bridge(own, new)
    assert bridge.ask() == "weights"
    own.count()
    assert patch.finish() == ""
    assert bridge.count() == 3
    assert look(old(), new, (old, new), parts=("global COUNT",)).barrier == "", "an edited constant is what it says"


def test_a_partial_of_the_instances_method_must_be_alone() -> None:
    original = Old()
    original.x = functools.partial(original.helper)
    assert look(original, New).barrier == "self.x.func.__self__ refers back to the instance"


def test_what_reload_has_made_must_not_lead_to_what_it_was_made_of() -> None:
    old, new = Old(), New()
    new.__dict__["x"] = [old]
    told = Patch(new, New, former=[old], old_class=Old).examine()
    assert told == Verdict("self.x[0] refers to the instance of the revision before")
    new.__dict__["x"] = [new]
    assert Patch(new, New, former=[old], old_class=Old).examine().refusal == ""


def test_keys_are_looked_at() -> None:
    class Key:
        pass

    assert look(Old(x={Key(): 1}), New, (Key, New)).barrier == "self.x key holds a Key, whose class changed"


def test_a_cycle_beside_the_instance_is_no_doubt() -> None:
    first, second = Helper(), Helper()
    first.held, second.held = second, first
    assert look(Old(x=first), New) == Verdict()


def test_a_state_that_is_too_large_to_check_is_refused() -> None:
    many = Old(x=[[] for _ in range(walk.MAX_OBJECTS)])
    assert refusal(many, New) == "its state has more than 100,000 objects, so it was not checked whole"
    assert refusal(Old(x=list(range(2 * walk.MAX_OBJECTS))), New) == "", "plain numbers do not count"


def test_an_unfilled_closure_and_attributes_that_raise_stop_no_walk() -> None:
    def outer(fill: bool) -> Any:
        if fill:
            value = 1
        return lambda: value

    class Odd:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("not for you")

        def __setattr__(self, name: str, value: Any) -> None:
            raise RuntimeError("frozen")

        def __eq__(self, other: object) -> bool:
            raise RuntimeError("not comparable")

        @property
        def __class__(self) -> Any:
            raise RuntimeError("not loaded yet")

        __hash__ = None  # type: ignore[assignment]

    odd = Odd()
    assert look(Old(x=[outer(False), odd]), New) == Verdict()
    patch = Patch(Old(x=odd), New, changes((Odd, New)))
    assert patch.finish() == ""
    assert type(odd) is New
    assert len(list(walk_state([("x", [outer(False), Odd()])]))) == 3


def test_a_module_of_torch_keeps_its_weights_also_inside_an_installed_one() -> None:
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(2, 2)

        def forward(self, x: Any) -> Any:
            return self.layer(x)

    class Doubled(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return 2 * self.layer(x)

    net = Net()
    original = Old(model=torch.nn.Sequential(net))
    x = torch.ones(1, 2)
    before = original.model(x)
    patch = Patch(original, New, changes((Net, Doubled)))
    assert patch.examine().barrier == "self.model._modules['0'] holds a Net, whose class changed"
    assert patch.finish() == ""
    assert torch.equal(original.model(x), 2 * before)
    assert [name for name, _ in net.named_parameters()] == ["layer.weight", "layer.bias"]


def test_the_bridge_and_the_original_share_one_state_until_it_ends() -> None:
    ended: list[str] = []

    class Ends(New):
        def __del__(self) -> None:
            ended.append("ended")

    original = Old(count=1)
    bridge = make_bridge(original, Ends)
    bridge.count += 1
    original.extra = "seen by both"
    assert (original.count, bridge.extra) == (2, "seen by both")
    assert (original.ask(), bridge.ask()) == ("old", "new")
    original.__class__ = Ends
    end_bridge(bridge)
    assert not hasattr(bridge, "count")
    del bridge
    assert ended == [], "dropping a view is not the end of the user's object"
    assert (original.ask(), original.count) == ("new", 2)
