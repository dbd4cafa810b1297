"""The choice: never a replica that cannot be used, and of two the less loaded."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from kernelserve.routing.choose import choose


@dataclass
class Seen:
    """A replica as its sender sees it."""

    replica_id: str
    usable: bool
    load: int


loads = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), max_size=12)


def replicas_of(rows: list[tuple[bool, int]]) -> list[Seen]:
    return [Seen(f"r{index}", usable, load) for index, (usable, load) in enumerate(rows)]


@given(loads, st.sets(st.integers(0, 11)), st.integers())
def test_the_chosen_one_is_usable_and_there_is_one_if_any_is(
    rows: list[tuple[bool, int]], rejected: set[int], seed: int
) -> None:
    replicas = replicas_of(rows)
    excluded = {f"r{index}" for index in rejected}
    allowed = [replica for replica in replicas if replica.usable and replica.replica_id not in excluded]
    chosen = choose(replicas, random.Random(seed).randrange, excluded)
    assert (chosen in allowed) if allowed else (chosen is None)


@given(st.lists(st.integers(0, 20), min_size=2, max_size=12), st.data())
def test_of_two_usable_ones_the_less_loaded_is_taken(numbers: list[int], data: st.DataObject) -> None:
    replicas = replicas_of([(True, load) for load in numbers])
    looked_at: list[int] = []

    def index(n: int) -> int:
        looked_at.append(data.draw(st.integers(0, n - 1)))
        return looked_at[-1]

    chosen = choose(replicas, index)
    first, second = looked_at
    second += second >= first
    assert first != second, "two different ones are compared"
    assert chosen in (replicas[first], replicas[second])
    assert chosen is not None
    assert chosen.load == min(replicas[first].load, replicas[second].load)


@given(loads)
def test_with_none_usable_the_whole_set_was_looked_at_and_none_is_chosen(rows: list[tuple[bool, int]]) -> None:
    replicas = replicas_of([(False, load) for _, load in rows])
    assert choose(replicas, random.Random(0).randrange) is None


def test_when_both_picks_are_full_the_least_loaded_of_the_rest_is_taken() -> None:
    replicas = replicas_of([(False, 0), (False, 0), (True, 7), (True, 3)])
    chosen = choose(replicas, lambda n: 0)  # Picks the first two.
    assert chosen is replicas[3]


def test_many_choices_spread_over_equal_replicas() -> None:
    replicas = replicas_of([(True, 0)] * 5)
    randomness = random.Random(7)
    seen = {chosen.replica_id for _ in range(200) if (chosen := choose(replicas, randomness.randrange))}
    assert len(seen) == 5
