from __future__ import annotations

import gc
import pickle
import subprocess
import sys
import textwrap
import threading
import weakref
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from code_cells import run_cell
from hypothesis import given
from hypothesis import strategies as st

from kernelserve.code import UnitStore, byvalue, register_by_value
from kernelserve.code.components import groups
from kernelserve.exceptions import ShipError


def ship(obj: Any, kernel: UnitStore, replica: UnitStore) -> Any:
    packed = kernel.pack(obj)
    replica.add(packed.units)
    return replica.unpack(packed.payload)


def send(obj: Any, sender: UnitStore, receiver: UnitStore) -> Any:
    by_unit, parts = sender.dumps(obj)
    return receiver.loads(by_unit, [bytes(part) for part in parts])


@pytest.fixture
def kernel() -> UnitStore:
    return UnitStore()


@pytest.fixture
def replica() -> UnitStore:
    return UnitStore()


COUNTER = """
class Counter:
    calls = 0
    def hit(self):
        type(self).calls += 1
        return type(self).calls
"""


def test_reuse_keeps_what_ran(kernel: UnitStore, replica: UnitStore) -> None:
    loaded = ship(run_cell(COUNTER)["Counter"], kernel, replica)
    loaded().hit()
    again = ship(run_cell(COUNTER)["Counter"], kernel, replica)
    assert again is loaded
    assert loaded.calls == 1


def test_a_change_is_a_new_object(kernel: UnitStore, replica: UnitStore) -> None:
    loaded = ship(run_cell(COUNTER)["Counter"], kernel, replica)
    loaded().hit()
    other = ship(run_cell(COUNTER.replace("+= 1", "+= 2"))["Counter"], kernel, replica)
    assert other is not loaded
    assert other().hit() == 2
    assert loaded.calls == 1


def test_a_changed_dependency_is_a_new_unit(kernel: UnitStore, replica: UnitStore) -> None:
    source = "K = 1\ndef helper(): return K\nclass A:\n    def f(self): return helper()\n"
    first = ship(run_cell(source)["A"], kernel, replica)
    second = ship(run_cell(source.replace("K = 1", "K = 2"))["A"], kernel, replica)
    assert (first().f(), second().f()) == (1, 2)


def test_stores_share_nothing(kernel: UnitStore) -> None:
    source = COUNTER + "SEEN = []\ndef note(x): SEEN.append(x); return SEEN, Counter\n"
    space = run_cell(source)
    main_before = dict(vars(sys.modules["__main__"]))
    one, other = ship(space["note"], kernel, UnitStore()), ship(space["note"], kernel, UnitStore())
    assert (one(1)[0], other(2)[0], space["SEEN"]) == ([1], [2], [])
    assert len({id(one(0)[1]), id(other(0)[1]), id(space["Counter"])}) == 3
    one(0)[1]().hit()
    assert (other(0)[1].calls, space["Counter"].calls) == (0, 0)
    assert dict(vars(sys.modules["__main__"])) == main_before


def test_no_class_tracker(kernel: UnitStore, replica: UnitStore) -> None:
    space = run_cell(COUNTER)
    cloudpickle.dumps(space["Counter"])  # now the tracker knows the class
    loaded = ship(space["Counter"], kernel, replica)
    assert loaded is not space["Counter"]
    space["Counter"].calls = 41
    kernel.loads(*replica.dumps(loaded()))
    assert space["Counter"].calls == 41


def test_mutable_global_is_shared(kernel: UnitStore, replica: UnitStore) -> None:
    source = """
STATE = {}
WRAPPED = {"inner": STATE}
def put(k, v): STATE[k] = v
def get(): return STATE, WRAPPED
class A:
    def both(self):
        put("a", 1)
        return get()
"""
    state, wrapped = ship(run_cell(source)["A"], kernel, replica)().both()
    assert state == {"a": 1}
    assert wrapped["inner"] is state


def test_rebound_global_is_shared(kernel: UnitStore, replica: UnitStore) -> None:
    source = """
N = 0
def bump():
    global N
    N += 1
def read(): return N
class A:
    def both(self):
        bump()
        return N, read()
"""
    assert ship(run_cell(source)["A"], kernel, replica)().both() == (1, 1)


def test_cycles(kernel: UnitStore, replica: UnitStore) -> None:
    source = """
def even(n): return n == 0 or odd(n - 1)
def odd(n): return n != 0 and even(n - 1)
class A:
    other = None
    def me(self): return A
class B(A):
    def me(self): return B, super().me(), even
A.other = B
"""
    b, a, even = ship(run_cell(source)["B"], kernel, replica)().me()
    assert a.other is b
    assert issubclass(b, a)
    assert even(10) and not even(7)


def test_constructs(kernel: UnitStore, replica: UnitStore) -> None:
    source = """
import abc, collections, dataclasses, enum, functools, os.path, typing
class Kind(enum.Enum):
    FAST = 1
    QUICK = 1
    SLOW = 2
    def label(self): return self.name.lower()
class Flag(enum.Flag):
    A = 1
    B = 2
class Point(typing.NamedTuple):
    x: int
    y: int = 2
@dataclasses.dataclass(frozen=True, slots=True)
class Hit:
    text: str
    tags: list = dataclasses.field(default_factory=list)
class Meta(type):
    def twice(cls): return cls.n * 2
class WithMeta(metaclass=Meta):
    n = 4
class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
class Square(Shape):
    __slots__ = ("side",)
    def __init__(self, side): self.side = side
    def area(self): return self.side ** 2
class Failure(ValueError):
    def __init__(self, code):
        super().__init__(code)
        self.code = code
@functools.lru_cache(maxsize=3)
def slow(x): return [x]
def times(n):
    def inner(x):
        return x * n if x < 100 else inner(x - 1)
    return inner
triple = times(3)
class Main:
    class Inner:
        v = 1
    factor = staticmethod(triple)
    part = staticmethod(functools.partial(triple, 2))
    @functools.cached_property
    def cached(self): return object()
    @property
    def prop(self): return os.path.join("a", "b")
    @classmethod
    def make(cls): return cls()
    def everything(self):
        return (Kind, Flag, Point, Hit, WithMeta, Square, Failure, slow, triple, self.Inner)
"""
    space = run_cell(source)
    main = ship(space["Main"], kernel, replica).make()
    kind, flag, point, hit, with_meta, square, failure, slow, triple, inner = main.everything()
    assert kind is not space["Kind"]
    assert kind.QUICK is kind.FAST and kind(2).label() == "slow"
    assert flag(3) == flag.A | flag.B
    assert point(1) == (1, 2) and point(1)._replace(y=3).y == 3
    assert hit("a") == hit("a") and not hasattr(hit("a"), "__dict__")
    assert with_meta.twice() == 8
    assert square(3).area() == 9
    with pytest.raises(TypeError):
        square.__mro__[1]()
    assert failure(3).code == 3
    assert slow(1) is slow(1) and slow.cache_parameters()["maxsize"] == 3
    assert triple(2) == 6 and main.factor(1) == 3 and main.part() == 6
    assert main.cached is main.cached and main.prop == "a/b" and inner.v == 1
    for value in (kind.SLOW, flag.A | flag.B, point(3), hit("x", [1])):
        back = send(value, replica, kernel)
        assert type(back) is space[type(value).__name__]
        assert send(back, kernel, replica) == value


def test_library_wrapper_keeps_the_library(kernel: UnitStore, replica: UnitStore) -> None:
    source = """
import contextlib
@contextlib.contextmanager
def opened():
    yield 5
def use():
    with opened() as value:
        return value, opened
"""
    value, opened = ship(run_cell(source)["use"], kernel, replica)()
    assert value == 5
    assert opened.__globals__ is vars(sys.modules["contextlib"])


def test_errors_come_back_as_the_kernels_class(kernel: UnitStore, replica: UnitStore) -> None:
    source = "class Mine(Exception): pass\nclass A:\n    def fail(self): raise Mine('no')\n"
    space = run_cell(source)
    loaded = ship(space["A"], kernel, replica)
    with pytest.raises(Exception, match="no") as info:
        loaded().fail()
    assert type(info.value) is not space["Mine"]
    with pytest.raises(space["Mine"], match="no"):
        raise send(info.value, replica, kernel)


def test_peer_gets_units_that_it_lacks(kernel: UnitStore, replica: UnitStore) -> None:
    space = run_cell("K = 2\ndef helper(x): return x * K\nclass Q:\n    def f(self): return helper(3)\n")
    loaded = send(space["Q"](), kernel, replica)
    assert loaded.f() == 6
    third = send(loaded, replica, UnitStore())
    assert third.f() == 6
    assert type(third) is not type(loaded)
    assert type(send(loaded, replica, kernel)) is space["Q"]
    assert send([lambda x: x + 1], kernel, replica)[0](1) == 2


def test_a_function_made_in_the_replica_comes_back(kernel: UnitStore, replica: UnitStore) -> None:
    source = "K = 3\ndef make(n):\n    def add(x): return x + n + K\n    return add\n"
    loaded = ship(run_cell(source)["make"], kernel, replica)
    assert send(loaded(4), replica, kernel)(1) == 8


def test_a_changed_global_is_seen_by_the_next_call(kernel: UnitStore, replica: UnitStore) -> None:
    space = run_cell("K = 1\ndef f(): return K\n")
    assert send(space["f"], kernel, replica)() == 1
    space["K"] = 2
    assert send(space["f"], kernel, replica)() == 2


@given(st.recursive(st.integers() | st.text() | st.binary(), lambda one: st.lists(one) | st.tuples(one), max_leaves=5))
def test_plain_values_need_no_units(value: Any) -> None:
    by_unit, parts = UnitStore().dumps(value)
    assert UnitStore().loads(by_unit, parts) == value
    assert not by_unit or b"__main__" in pickle.dumps(value)


def test_buffers_are_out_of_band(kernel: UnitStore, replica: UnitStore) -> None:
    numpy = pytest.importorskip("numpy")
    space = run_cell("class Box:\n    def __init__(self, a): self.a = a\n")
    array = numpy.arange(1000)
    for value in (array, space["Box"](array)):
        by_unit, parts = kernel.dumps(value)
        assert [memoryview(part).nbytes for part in parts[1:]] == [array.nbytes]
        loaded = replica.loads(by_unit, parts)
        assert numpy.array_equal(getattr(loaded, "a", loaded), array)


def test_large_app_units_stay_out_of_messages(kernel: UnitStore, replica: UnitStore) -> None:
    space = run_cell("DATA = bytearray(2_000_000)\nclass A:\n    def size(self): return len(DATA)\n")
    loaded = ship(space["A"], kernel, replica)
    _, parts = replica.dumps(loaded())
    assert sum(memoryview(part).nbytes for part in parts) < 10_000
    assert type(send(loaded(), replica, kernel)) is space["A"]
    with pytest.raises(ShipError, match=r"value DATA .* did not come along"):
        send(loaded(), replica, UnitStore())


def test_retain_forgets_the_rest(kernel: UnitStore, replica: UnitStore) -> None:
    first = kernel.pack(run_cell(COUNTER)["Counter"])
    second = kernel.pack(run_cell(COUNTER.replace("+= 1", "+= 2"))["Counter"])
    replica.add({**first.units, **second.units})
    replica.unpack(first.payload)
    replica.retain(second.used)
    gc.collect()
    replica.retain(second.used)
    assert replica.unpack(second.payload)().hit() == 2
    with pytest.raises(ShipError, match="did not come along"):
        replica.unpack(first.payload)


def test_what_lives_on_keeps_its_unit_and_its_identity(kernel: UnitStore, replica: UnitStore) -> None:
    space = run_cell(COUNTER + "class Other: pass\n")
    first, other = kernel.pack(space["Counter"]), kernel.pack(space["Other"])
    replica.add({**first.units, **other.units})
    counter = replica.unpack(first.payload)()
    counter.hit()
    replica.retain(other.used)
    assert type(send(counter, replica, kernel)) is space["Counter"]
    replica.add(first.units)
    assert replica.unpack(first.payload) is type(counter)
    assert counter.hit() == 2


def test_edits_leave_nothing_behind(kernel: UnitStore, replica: UnitStore) -> None:
    gone, units = [], set()
    for edit in range(30):
        loaded = ship(run_cell(COUNTER.replace("+= 1", f"+= {edit}"))["Counter"], kernel, replica)
        packed = kernel.pack(run_cell(COUNTER.replace("+= 1", f"+= {edit}"))["Counter"])
        gone.append(weakref.ref(loaded))
        units.update(packed.used)
        for store in (kernel, replica):
            store.retain(packed.used)
    del loaded
    gc.collect()
    assert [reference() is None for reference in gone] == [True] * 29 + [False]
    assert len(units) == 30
    replica.retain(packed.used)
    assert [uid for uid in units if replica.loaded(uid) is not None] == list(packed.used)
    for uid in units - set(packed.used):
        with pytest.raises(ShipError, match="did not come along"):
            replica.load(uid)


def test_threads_load_once(kernel: UnitStore, replica: UnitStore) -> None:
    packed = kernel.pack(run_cell(COUNTER)["Counter"])
    replica.add(packed.units)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(replica.unpack(packed.payload))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 8 and len(set(found)) == 1


@pytest.mark.parametrize(
    ("source", "path"),
    [
        (
            "import threading\nLOCK = threading.Lock()\nclass A:\n    def f(self): return LOCK",
            "A.f global LOCK is a _thread.lock",
        ),
        ("class A:\n    items = [1, {'f': open('/dev/null')}]", "A.items[1]['f'] is a _io.TextIOWrapper"),
        ("import socket\nclass A:\n    def f(self, s=socket.socket()): pass", "A.f default [0] is a socket.socket"),
        ("class A:\n    gen = (i for i in range(3))", "A.gen is a generator"),
        (
            "import threading\nclass C:\n    def __init__(self): self.lock = threading.RLock()\n"
            "c = C()\nclass A:\n    def f(self): return c",
            "A.f global c.lock is a _thread.RLock",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_shipped_is_named(kernel: UnitStore, source: str, path: str) -> None:
    space = run_cell(source)
    try:
        with pytest.raises(ShipError) as info:
            kernel.pack(space["A"])
    finally:
        _close(space)
    assert path in str(info.value)
    assert "Create it in __init__" in str(info.value)


def _close(space: dict[str, Any]) -> None:
    items = getattr(space["A"], "items", None)
    if items:
        items[1]["f"].close()
    if "socket" in space:
        space["A"].f.__defaults__[0].close()


def test_message_that_cannot_be_shipped(kernel: UnitStore) -> None:
    with pytest.raises(ShipError, match=r"\['lock'\] is a _thread.lock"):
        kernel.dumps({"lock": threading.Lock()})


def test_files_are_those_of_the_shipped_code(kernel: UnitStore) -> None:
    space = run_cell("def helper(): return 1\n", filename="<one>")
    run_cell("class A:\n    def f(self): return helper()\n", space, filename="<two>")
    assert kernel.pack(space["A"]).files == ("<one>", "<two>")
    run_cell("\ndef helper(): return 1\n", space, filename="<moved>")
    assert kernel.pack(space["A"]).files == ("<one>", "<two>")


def test_registered_module_travels_by_value(
    kernel: UnitStore, replica: UnitStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ks_beside.py").write_text("RATE = 3\ndef scale(x): return x * RATE\nclass Item: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(byvalue, "_BY_VALUE_MODULES", {"__main__"})
    monkeypatch.setattr(byvalue, "_names", (b"__main__",))
    source = "import ks_beside\nfrom ks_beside import scale\nclass A:\n"
    source += "    def f(self): return scale(2), ks_beside.scale(3), ks_beside.Item()\n"
    space = run_cell(source)
    register_by_value("ks_beside")
    packed = kernel.pack(space["A"])
    module = sys.modules.pop("ks_beside")
    (tmp_path / "ks_beside.py").unlink()
    replica.add(packed.units)
    one, two, item = replica.unpack(packed.payload)().f()
    assert (one, two) == (6, 9)
    assert type(send(item, replica, kernel)) is module.Item


@given(st.dictionaries(st.integers(0, 6), st.lists(st.integers(0, 6), max_size=3), max_size=7))
def test_groups_are_strongly_connected(refs: dict[int, list[int]]) -> None:
    refs = {node: [ref for ref in targets if ref in refs] for node, targets in refs.items()}

    def reachable(start: int) -> set[int]:
        found, pending = set(), [start]
        while pending:
            node = pending.pop()
            if node not in found:
                found.add(node)
                pending += refs[node]
        return found

    found = groups(refs, refs.__getitem__)
    place = {node: index for index, group in enumerate(found) for node in group}
    assert sorted(place) == sorted(refs)
    for one in refs:
        assert all(place[ref] <= place[one] for ref in refs[one])
        for other in refs:
            together = other in reachable(one) and one in reachable(other)
            assert (place[one] == place[other]) == together


def test_a_real_main(tmp_path: Path) -> None:
    script = tmp_path / "cell.py"
    script.write_text(
        textwrap.dedent(
            """
            import dataclasses, subprocess, sys
            from kernelserve.code import UnitStore

            K = 2

            @dataclasses.dataclass
            class Hit:
                score: int
                def double(self): return self.score * K

            class Search:
                def __call__(self, x): return Hit(x)

            store = UnitStore()
            packed = store.pack(Search)
            child = '''
            import pickle, sys
            from kernelserve.code import UnitStore
            units, payload = pickle.load(sys.stdin.buffer)
            store = UnitStore()
            store.add(units)
            hit = store.unpack(payload)()(21)
            by_unit, parts = store.dumps((hit, hit.double()))
            assert "Hit" not in vars(sys.modules["__main__"])
            sys.stdout.buffer.write(pickle.dumps((by_unit, [bytes(part) for part in parts])))
            '''
            import pickle
            done = subprocess.run([sys.executable, "-c", child], input=pickle.dumps((packed.units, packed.payload)),
                                  stdout=subprocess.PIPE, check=True)
            hit, doubled = store.loads(*pickle.loads(done.stdout))
            assert type(hit) is Hit and hit == Hit(21) and doubled == 42, hit
            print("fine")
            """
        )
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("fine\n", 0), done.stderr
