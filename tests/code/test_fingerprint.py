from __future__ import annotations

import copy
import threading
from typing import Any

import pytest
from code_cells import run_cell
from hypothesis import given
from hypothesis import strategies as st

from kernelserve.code import fingerprint, value_digest

SEARCH = '''
import functools, enum, dataclasses, math

LIMIT = 10
WEIGHT = 0.0
WORDS = {"a": 1}
STOP = frozenset({"the", "of"})

def helper(x):
    """Doubles."""
    return x * LIMIT

def load_weights():
    return WEIGHT

class Kind(enum.Enum):
    FAST = 1
    SLOW = 2

@dataclasses.dataclass
class Hit:
    text: str
    score: float = 1.0

class Base:
    def __init__(self):
        self.base = 1
    def shared(self):
        return 1

class Search(Base):
    """Searches."""
    top_k = 3
    width = 7

    def __init__(self, size=4, *, deep=False):
        """Makes one."""
        super().__init__()
        self.weights = load_weights()
        self._prepare()

    def _prepare(self):
        self.k = self.top_k

    @property
    def hits(self):
        return [Hit("x")]

    @classmethod
    def make(cls): return cls()

    @staticmethod
    def add(a, b=2): return a + b

    @functools.cached_property
    def cached(self): return Kind.FAST

    def words(self): return WORDS, STOP

    def rank(self, x):
        return [y for y in sorted(helper(x))]

    def reconfigure(self, config): self.config = config

    async def __call__(self, x):
        return self.rank(x)
'''


def prints(source: str = SEARCH, name: str = "Search", **options: Any) -> Any:
    return fingerprint(run_cell(source)[name], **options)


def changed(old: dict[str, str], new: dict[str, str]) -> set[str]:
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


class _Grows:
    """Its dict gets another item while it is walked, as another thread might do it."""

    def __init__(self) -> None:
        self.seen = {"one": self, "two": self}

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        self.seen[f"item {len(self.seen)}"] = self
        return (dict, ())


def test_dicts_that_change_while_they_are_walked() -> None:
    assert value_digest(_Grows().seen)


class _Link:
    def __init__(self, inner: object) -> None:
        self.inner = inner


def test_objects_that_lie_deep_in_each_other() -> None:
    deep: object = None
    for _ in range(2000):
        deep = _Link(deep)
    assert value_digest(deep) == value_digest(deep)


def test_same_source_again_is_the_same() -> None:
    assert prints() == prints()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\nLIMIT", "\n\n# moved\n\nLIMIT"),
        ("        return [y for", "        # why\n\n        return [y for"),
        ("def rank(self, x):\n", "def rank(self, x):\n\n        # a note\n"),
        ('frozenset({"the", "of"})', 'frozenset({"of", "the"})'),
        ("import functools, enum", "import json, functools, enum"),
    ],
)
def test_moves_and_comments_do_not_count(old: str, new: str) -> None:
    assert old in SEARCH
    assert prints(SEARCH.replace(old, new)) == prints()


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("return x * LIMIT", "return x + LIMIT", "helper()"),
        ("Doubles.", "Triples.", "helper() docstring"),
        ("LIMIT = 10", "LIMIT = 11", "global LIMIT"),
        ("LIMIT = 10", "LIMIT = 10.0", "global LIMIT"),
        ('{"a": 1}', '{"a": True}', "global WORDS"),
        ('"the", "of"', '"the", "off"', "global STOP"),
        ("FAST = 1", "FAST = 3", "class Kind"),
        ("score: float = 1.0", "score: float = 2.0", "class Hit"),
        ("score: float = 1.0", "score: int = 1.0", "class Hit"),
        ('[Hit("x")]', '[Hit("y")]', "Search.hits"),
        ("def make(cls): return cls()", "def make(cls): return cls(1)", "Search.make"),
        ("b=2", "b=3", "Search.add"),
        ("return Kind.FAST", "return Kind.SLOW", "Search.cached"),
        ("    async def __call__", "    def __call__", "Search.__call__"),
        ("sorted(helper", "list(helper", "Search.rank"),
        ('"""Searches."""', '"""Finds."""', "Search docstring"),
        ('"""Makes one."""', '"""Makes it."""', "Search.__init__ docstring"),
        ("width = 7", "width = 8", "Search.width"),
        ("return 1", "return 2", "Base.shared"),
        ("self.config = config", "self.c = config", "Search.reconfigure"),
    ],
)
def test_serve_half(old: str, new: str, part: str) -> None:
    before, after = prints(), prints(SEARCH.replace(old, new))
    assert changed(before.serve, after.serve) == {part}
    assert before.init == after.init


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("size=4", "size=5", "Search.__init__"),
        ("deep=False", "deep=0", "Search.__init__"),
        ("self.k = self.top_k", "self.k = self.top_k + 1", "Search._prepare"),
        ("top_k = 3", "top_k = 4", "Search.top_k"),
        ("return WEIGHT", "return -WEIGHT", "load_weights()"),
        ("WEIGHT = 0.0", "WEIGHT = -0.0", "global WEIGHT"),
        ("self.base = 1", "self.base = True", "Base.__init__"),
        ("class Base:", "class Base(dict):", "base Base"),
        ("    top_k = 3", "    __slots__ = ('q',)\n    top_k = 3", "class Search"),
        ("class Search(Base):", "import abc\nclass Search(Base, metaclass=abc.ABCMeta):", "class Search"),
    ],
)
def test_init_half(old: str, new: str, part: str) -> None:
    assert part in changed(prints().init, prints(SEARCH.replace(old, new)).init)


def test_reconfigure_is_init_with_a_user_config() -> None:
    plain, configured = prints(), prints(reconfigure_is_init=True)
    assert "Search.reconfigure" in plain.serve
    assert configured.init["Search.reconfigure"] == plain.serve["Search.reconfigure"]


def test_bound_digests_are_init_parts() -> None:
    assert prints(bound={"arg 0": "d"}).init["arg 0"] == "d"


def test_function_is_all_serve() -> None:
    before = prints(name="helper")
    after = prints(SEARCH.replace("LIMIT = 10", "LIMIT = 1"), name="helper")
    assert before.init == after.init
    assert changed(before.serve, after.serve) == {"global LIMIT"}
    assert set(before.serve) == {"helper()", "helper() docstring", "global LIMIT"}


def test_calls_handles_through_a_helper() -> None:
    source = """
def embed(h): return h.embed.remote(["a"]).result()
class Index:
    def __init__(self, h): self.vectors = embed(h)
class Other:
    def __init__(self, h): self.h = h
    async def __call__(self): return await self.h.remote(1)
"""
    assert prints(source, "Index").calls_handles
    assert not prints(source, "Other").calls_handles


DOUBTFUL = """
import atexit, functools
def register(x): x.rank(1)
class A:
    def __init__(self):
        {line}
    def rank(self, x): return x
    def late(self): return 2
    def __len__(self): return 3
    def __call__(self): return 1
"""
ALL = {"A.rank", "A.late", "A.__len__", "A.__call__"}


@pytest.mark.parametrize(
    ("line", "init"),
    [
        ("self.__dict__.update(a=1)", ALL),
        ("vars(self)", ALL),
        ("setattr(self, name, 1)", ALL),
        ("atexit.register(self)", ALL),
        ("self.me = [A]", ALL),
        ("self.kind = type(self)  # A]", ALL),
        ("self.kind = self.__class__  # A]", ALL),
        ("setattr(self, 'a', 1)", set()),
        ("self.a = getattr(self, 'rank')(1)", {"A.rank"}),
        ("self.a = hasattr(self, 'late')", {"A.late"}),
        ("register(self)", {"A.rank"}),
        ("self()", {"A.__call__"}),
        ("self.n = len(self)", {"A.__len__"}),
        ("self.name = type(self).__name__", set()),
        ("self.a = type(self).rank(self, 1)", {"A.rank"}),
        ("super(A, self).__init__()", set()),
        ("self.ok = isinstance(self, A)", set()),
        ("self.f = lambda: print(self)", {"A.__len__"}),
        ("self.f = functools.partial(A.rank, 1)", {"A.rank"}),
    ],
)
def test_what_the_constructor_may_do_with_self(line: str, init: set[str]) -> None:
    found = prints(DOUBTFUL.format(line=line), "A")
    assert {name for name in ALL if name in found.init} == init
    assert {name for name in ALL if name in found.serve} == ALL - init
    assert bool(found.assumptions) == (init == ALL and "A]" not in line)


def test_closure_over_self_alone_is_no_doubt() -> None:
    source = """
class A:
    def __init__(self):
        self.items = [self.one(i) for i in range(3)]
        self.late = lambda: self.one(1)
    def one(self, i): return i
    def rank(self, x): return x
"""
    found = prints(source, "A")
    assert "A.one" in found.init
    assert "A.rank" in found.serve


@pytest.mark.parametrize(("line", "init"), [("pass", False), ("self.start()", True), ("self.setName('a')", False)])
def test_override_that_an_imported_constructor_may_call(line: str, init: bool) -> None:
    source = f"""
import threading
class A(threading.Thread):
    def __init__(self):
        super().__init__()
        {line}
    def run(self): return 1
    def rank(self): return 2
"""
    found = prints(source, "A")
    assert ("A.run" in found.init) is init
    assert "A.rank" in found.serve


def test_overrides_of_a_base_in_c_are_init() -> None:
    found = prints("class A(dict):\n    def items(self): return 1\n    def rank(self): return 2\n", "A")
    assert "A.items" in found.init
    assert "A.rank" in found.serve


def test_decorated_method_counts_the_wrapped_code() -> None:
    source = """
import functools
def times(n):
    def decorate(f):
        @functools.wraps(f)
        def wrapper(*args): return f(*args) * n
        return wrapper
    return decorate
class A:
    @times(2)
    def rank(self, x): return x + 1
    partial = functools.partial(pow, 2)
"""
    before = prints(source, "A")
    assert changed(before.serve, prints(source.replace("x + 1", "x + 2"), "A").serve) == {"A.rank"}
    assert changed(before.serve, prints(source.replace("times(2)", "times(3)"), "A").serve) == {"A.rank"}
    assert changed(before.serve, prints(source.replace("pow, 2", "pow, 3"), "A").serve) == {"A.partial"}


def test_cycles_end() -> None:
    source = """
def even(n): return n == 0 or odd(n - 1)
def odd(n): return n != 0 and even(n - 1)
class A:
    def make(self): return A, B
class B(A):
    def make(self): return A, even(3)
"""
    assert prints(source, "even") == prints(source, "even")
    assert prints(source, "B") == prints(source, "B")
    assert changed(
        prints(source, "even").serve, prints(source.replace("n != 0", "n > 0"), "even").serve
    ) == {"odd()"}  # fmt: skip


def test_undefined_name_is_an_assumption() -> None:
    assert "names later_cell" in prints("def f(): return later_cell(1)", "f").assumptions[0]


def test_what_cannot_be_followed_is_an_assumption() -> None:
    _, assumptions = value_digest({"lock": threading.Lock()})
    assert "lock is not followed" in assumptions[0]


def test_arrays_and_tensors_by_content() -> None:
    numpy = pytest.importorskip("numpy")
    array = numpy.arange(6, dtype="f4")
    assert value_digest(array) == value_digest(array.copy())
    different = [array.reshape(2, 3), array.astype("f8"), array + 1, numpy.array([], "f4")]
    assert len({value_digest(one)[0] for one in [array, *different]}) == 5
    torch = pytest.importorskip("torch")
    tensor = torch.arange(4, dtype=torch.bfloat16)
    assert value_digest(tensor) == value_digest(tensor.clone())
    assert value_digest(tensor) != value_digest(tensor + 1)
    layer = torch.nn.Linear(2, 2)
    digest = value_digest(layer)[0]
    assert digest == value_digest(layer)[0]
    with torch.no_grad():
        layer.weight += 1
    assert digest != value_digest(layer)[0]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner) | st.frozensets(st.integers())
    ),
    max_leaves=8,
)


def typed(value: Any) -> Any:
    """A form in which equal means equal in type too."""
    if isinstance(value, dict):
        return "dict", [(typed(key), typed(one)) for key, one in value.items()]
    if isinstance(value, list | tuple):
        return type(value).__name__, [typed(one) for one in value]
    return type(value).__name__, repr(sorted(value)) if isinstance(value, frozenset) else repr(value)


@given(PLAIN, PLAIN)
def test_equal_values_and_only_they_have_one_digest(one: Any, other: Any) -> None:
    assert (value_digest(one)[0] == value_digest(other)[0]) == (typed(one) == typed(other))


@given(PLAIN)
def test_digest_survives_a_copy(value: Any) -> None:
    assert value_digest(value) == value_digest(copy.deepcopy(value))


@pytest.mark.parametrize(("one", "other"), [(1, True), (0.0, -0.0), (1, 1.0), ("a", b"a"), ([1], (1,)), (None, "None")])
def test_types_count(one: Any, other: Any) -> None:
    assert value_digest(one) != value_digest(other)
    codes = [run_cell(f"def f(): return {value!r}")["f"] for value in (one, other)]
    assert fingerprint(codes[0]) != fingerprint(codes[1])
