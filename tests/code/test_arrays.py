"""Large arrays: hashed once, packed once, and hashed again when a cell may have written into them."""

from __future__ import annotations

import gc
import hashlib
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from code_cells import run_cell

from kernelserve.code import UnitStore, arrays, fingerprint, value_digest
from kernelserve.code.arrays import ArrayHashes

numpy = pytest.importorskip("numpy")

CELL = """
def fill(): DATA[7] += 1
class Box:
    def __init__(self): self.data = DATA
    def touch(self): self.data[7] += 1
class Search:
    def __init__(self): self.n = DATA.sum()
view = DATA[2:9]
box = Box()
late = [lambda: DATA]
def unrelated(x): return len(x)
"""


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[ArrayHashes]:
    """Hashes of this test only, that count large arrays from 1 kB on."""
    own = ArrayHashes()
    monkeypatch.setattr("kernelserve.code.walk.array_hashes", own)
    for module in ("kernelserve.code.walk", "kernelserve.code.arrays"):
        monkeypatch.setattr(f"{module}.LARGE_ARRAY", 1000)
    yield own


def space_of(array: Any) -> dict[str, Any]:
    return run_cell(CELL, {"__name__": "__main__", "DATA": array})


def test_hashed_once_a_build(hashes: ArrayHashes, monkeypatch: pytest.MonkeyPatch) -> None:
    array = numpy.zeros(100_000)
    space = space_of(array)
    taken: list[int] = []
    real = hashlib.sha256
    monkeypatch.setattr(arrays.hashlib, "sha256", lambda content: taken.append(1) or real(content))
    for expected in (1, 2):
        hashes.begin_build()
        fingerprint(space["Search"])
        UnitStore().pack(space["Search"])
        value_digest([array])
        assert len(taken) == expected
    for _ in range(3):
        hashes.cell_ran(["unrelated", "print"], space)
        hashes.begin_build()
        fingerprint(space["Search"])
        assert len(taken) == 3
    hashes.cell_ran(["DATA"], space)
    fingerprint(space["Search"])
    assert len(taken) == 4


@pytest.mark.parametrize("name", ["DATA", "fill", "box", "Box", "view", "late", "Search", "gone_by_now"])
def test_a_cell_that_reaches_an_array_has_it_hashed_again(hashes: ArrayHashes, name: str) -> None:
    array = numpy.zeros(100_000)
    space = space_of(array)
    hashes.cell_ran([], space)
    before = value_digest(array)
    array[array.size // 2 + 1] = 1  # Between the samples.
    assert value_digest(array) == before
    hashes.cell_ran(["unrelated", name], space)
    assert value_digest(array) != before


class _Raises:
    @property
    def __dict__(self) -> dict[str, object]:  # type: ignore[override]
        raise RuntimeError("dictionary changed size during iteration")


def test_what_cannot_be_looked_at_may_reach_every_array(hashes: ArrayHashes) -> None:
    array = numpy.zeros(100_000)
    hashes.cell_ran([], {})
    before = value_digest(array)
    array[array.size // 2 + 1] = 1  # Between the samples.
    hashes.cell_ran(["it"], {"it": [_Raises()]})
    assert value_digest(array) != before


def test_a_change_that_shows_in_the_sample_is_seen_in_any_case(hashes: ArrayHashes) -> None:
    array = numpy.zeros(100_000)
    hashes.cell_ran([], {})
    before = value_digest(array)
    array += 1
    assert value_digest(array) != before


def test_no_array_is_kept_alive(hashes: ArrayHashes) -> None:
    array = numpy.zeros(1000)
    value_digest(array)
    reference = weakref.ref(array)
    del array
    gc.collect()
    assert reference() is None
    assert not hashes._known


def test_content_decides_wherever_the_array_is_met(hashes: ArrayHashes) -> None:
    one, same, other = numpy.zeros(1000), numpy.zeros(1000), numpy.ones(1000)
    assert value_digest([one, 1]) == value_digest([same, 1]) != value_digest([other, 1])
    assert value_digest(one) == value_digest(same) != value_digest(other)
    assert value_digest([one, one]) != value_digest([one, same])


def test_a_large_argument_is_a_unit_and_packed_once(hashes: ArrayHashes) -> None:
    kernel, replica = UnitStore(), UnitStore()
    array = numpy.zeros(1000)
    packed = kernel.pack(((array, "a"), {}))
    (uid,) = packed.used
    assert uid.startswith("value:array:") and len(packed.payload) < 500
    again = kernel.pack(((array, "b"), {}))
    assert again.units[uid] is packed.units[uid]
    replica.add(packed.units)
    (loaded, _), _ = replica.unpack(packed.payload)
    assert numpy.array_equal(loaded, array)


def test_what_was_packed_last_is_the_answer_for_the_same_key() -> None:
    store = UnitStore()
    first = store.pack([1], "a", key="1")
    assert store.pack([1], "a", key="1") is first
    assert store.pack([2], "a", key="2") is not first
    assert store.pack([1], "a") is not store.pack([1], "a")
