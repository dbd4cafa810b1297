"""Cycles of calls: refused exactly when the callers hold every slot, or the chain is too long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kernelserve.routing.recursion import MAX_CHAIN, cycle

chains = st.lists(st.sampled_from(["a#A", "a#B", "b#A"]), max_size=MAX_CHAIN - 1).map(tuple)


@given(chains, st.integers(1, 100))
def test_a_call_is_refused_when_its_callers_hold_every_slot(chain: tuple[str, ...], slots: int) -> None:
    assert bool(cycle(chain, "a#A", slots)) == (chain.count("a#A") >= slots)


@given(chains)
def test_unknown_slots_refuse_nothing(chain: tuple[str, ...]) -> None:
    assert cycle(chain, "a#A", 0) == ""


def test_the_message_names_the_cycle_and_leaves_out_the_middle_of_a_long_one() -> None:
    assert "a#A → a#B → a#A can never run: 1 of" in cycle(("a#A", "a#B"), "a#A", 1)
    long = cycle(("a#A", "a#B") * (MAX_CHAIN // 2), "c#C", 5)
    assert "100 is the limit" in long
    assert len(long) < 400
    assert "a#A → … → a#B" in long or "…" in long
