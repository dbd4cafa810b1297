"""The choice by model and session: usable, near to what it wants, and the same for every sender."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from kernelserve.routing.affinity import choose_for, owner


@dataclass(eq=False)
class Seen:
    """A replica as its sender sees it."""

    replica_id: str
    usable: bool = True
    load: int = 0
    models: set[str] = field(default_factory=set)

    def has_model(self, model_id: str) -> bool:
        return model_id in self.models

    @property
    def model_count(self) -> int:
        return len(self.models)


models = st.sampled_from(["", "a", "b", "c"])
sessions = st.sampled_from(["", "s1", "s2", "é", "\ud800"])
rows = st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.sets(st.sampled_from("abc"))), max_size=8)


def replicas_of(seen: list[tuple[bool, int, set[str]]]) -> list[Seen]:
    return [Seen(f"r{index}", *row) for index, row in enumerate(seen)]


@given(rows, models, sessions, st.sets(st.integers(0, 7)), st.integers())
def test_the_chosen_one_is_usable_wanted_and_there_is_one_if_any_is(
    seen: list[tuple[bool, int, set[str]]], model: str, session: str, rejected: set[int], seed: int
) -> None:
    replicas = replicas_of(seen)
    excluded = {f"r{index}" for index in rejected}
    allowed = [replica for replica in replicas if replica.usable and replica.replica_id not in excluded]
    chosen = choose_for(replicas, model, session, random.Random(seed).randrange, excluded)
    if not allowed:
        assert chosen is None
        return
    assert chosen in allowed
    assert chosen is not None
    holders = [replica for replica in allowed if model in replica.models]
    if model and holders:
        assert chosen in holders
    elif model and not session:
        assert chosen.model_count == min(replica.model_count for replica in allowed)


@given(st.lists(st.integers(0, 99), min_size=1, max_size=9, unique=True), st.text(), st.randoms(use_true_random=False))
def test_a_session_has_one_owner_for_every_order_of_the_set(
    numbers: list[int], session: str, order: random.Random
) -> None:
    replicas = [Seen(f"r{number}") for number in numbers]
    own = owner(session, replicas)
    shuffled = list(replicas)
    order.shuffle(shuffled)
    assert owner(session, shuffled) is own
    if session:
        assert choose_for(replicas, "", session, order.randrange) is own


@given(st.integers(2, 9), st.text(min_size=1), st.data())
def test_a_replica_that_leaves_moves_only_its_own_sessions(count: int, session: str, data: st.DataObject) -> None:
    replicas = [Seen(f"r{index}") for index in range(count)]
    own = owner(session, replicas)
    gone = data.draw(st.sampled_from(replicas))
    left = [replica for replica in replicas if replica is not gone]
    assert owner(session, left) is own or gone is own


def test_sessions_spread_evenly() -> None:
    replicas = [Seen(f"shop#Model#{index:08x}") for index in range(4)]
    counts = Counter(owner(f"session {number}", replicas).replica_id for number in range(2000))
    assert len(counts) == 4
    assert all(400 < count < 600 for count in counts.values())


def test_a_full_owner_gives_way_to_the_less_loaded_of_two() -> None:
    replicas = [Seen("r0", load=3), Seen("r1", load=1), Seen("r2", load=2)]
    own = owner("s", replicas)
    own.usable = False
    first, second = sorted((replica for replica in replicas if replica is not own), key=lambda replica: replica.load)
    seen = {choose_for([own, first, second], "", "s", random.Random(seed).randrange) for seed in range(20)}
    assert seen == {first, second}, "one of the two picks may be the full one"


def test_a_model_and_a_session_together_stay_with_the_holders() -> None:
    replicas = [Seen(f"r{index}", models={"m"} if index < 2 else set()) for index in range(6)]
    for number in range(20):
        (chosen,) = {choose_for(replicas, "m", f"s{number}", random.Random(seed).randrange) for seed in range(3)}
        assert chosen in replicas[:2]
