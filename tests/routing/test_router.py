"""The router over real in-process channels: order, limits, rejections, deaths, revisions, cancellation."""

from __future__ import annotations

import asyncio

import pytest
from routing_helpers import KeptCall, MakeReplica, arrived, ended, route
from system_helpers import until

from kernelserve.exceptions import (
    BackPressureError,
    DeploymentUnavailableError,
    ReplicaUnavailableError,
    RequestCancelledError,
    RevisionGoneError,
)
from kernelserve.routing.router import Router
from kernelserve.transport.base import FrameKind


def submit(router: Router, *texts: str, revision: int = 1, retry_safe: bool = False) -> list[KeptCall]:
    calls = [KeptCall(text, revision, retry_safe) for text in texts]
    for call in calls:
        router.submit(call)
    return calls


@pytest.mark.asyncio
async def test_a_call_goes_to_the_replica_and_its_answer_comes_back(router: Router, replica: MakeReplica) -> None:
    only = await replica("a")
    router.set_routes({1: route(only)})
    (call,) = submit(router, "x")
    await arrived(only, "x")
    assert only.waiting[0][1] == 1, "the revision travels with the frame"
    assert router.ongoing == 1
    only.answer()
    await ended(call)
    assert call.text == "x@a"
    assert router.ongoing == 0


@pytest.mark.asyncio
async def test_calls_that_wait_are_sent_in_the_order_in_which_they_came(router: Router, replica: MakeReplica) -> None:
    only = await replica("a", max_ongoing=2)
    calls = submit(router, "1", "2", "3", "4", "5")  # Even before any replica is known.
    assert router.queued == 5
    router.set_routes({1: route(only)})
    await arrived(only, "1", "2")
    assert router.queued == 3
    for _ in range(5):
        await until(lambda: bool(only.waiting), "a request waits")
        only.answer()
    await ended(*calls)
    assert only.received == ["1", "2", "3", "4", "5"]


@pytest.mark.asyncio
async def test_no_replica_gets_more_than_its_limit(router: Router, replica: MakeReplica) -> None:
    a, b = await replica("a", 2), await replica("b", 3)
    router.set_routes({1: route(a, b)})
    calls = submit(router, *map(str, range(9)))
    await until(lambda: len(a.waiting) + len(b.waiting) == 5, "both are full")
    assert (len(a.waiting), len(b.waiting), router.queued) == (2, 3, 4)
    while not all(call.done for call in calls):
        for each in (a, b):
            assert len(each.waiting) <= each.endpoint.max_ongoing_requests
            if each.waiting:
                each.answer()
        await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_reported_load_of_others_steers_the_choice(router: Router, replica: MakeReplica) -> None:
    a, b = await replica("a", 100), await replica("b", 100)
    router.set_routes({1: route(a, b)})
    await until(lambda: a.channels and b.channels, "both are connected")
    while not (a.received and b.received):  # Until each has told its load once.
        (call,) = submit(router, "warm")
        await until(lambda: a.waiting or b.waiting, "it came")
        if a.waiting:
            a.answer(load=50)  # 50 requests of other senders run there.
        else:
            b.answer(load=0)
        await ended(call)
    before = len(a.received)
    submit(router, *map(str, range(20)))
    await until(lambda: len(a.waiting) + len(b.waiting) == 20, "all came")
    assert len(a.received) == before, "none goes to the busier one"


@pytest.mark.asyncio
async def test_a_full_queue_refuses_with_the_deployments_numbers(router: Router, replica: MakeReplica) -> None:
    only = await replica("a")
    router.set_routes({1: route(only, max_queued_requests=2, backpressure_status=429, retry_after_s=3.0)})
    first = submit(router, "running")
    await arrived(only, "running")
    waiting = submit(router, "w1", "w2")
    (refused,) = submit(router, "refused")
    assert isinstance(refused.error, BackPressureError)
    assert refused.error.num_queued_requests == 2
    assert refused.error.max_queued_requests == 2
    assert refused.error.status_code == 429
    assert refused.error.retry_after_s == 3.0
    for _ in range(3):
        await until(lambda: bool(only.waiting), "a request waits")
        only.answer()
    await ended(*first, *waiting)
    assert "refused" not in only.received


@pytest.mark.asyncio
async def test_a_rejected_call_is_tried_at_another_replica(router: Router, replica: MakeReplica) -> None:
    full, free = await replica("full", 50), await replica("free", 50)
    full.reject_always = True
    router.set_routes({1: route(full, free)})
    calls = submit(router, *map(str, range(10)))
    await until(lambda: len(free.waiting) == 10, "all of them are at the free one")
    while free.waiting:
        free.answer()
    await ended(*calls)
    assert {call.text for call in calls} == {f"{number}@free" for number in range(10)}


@pytest.mark.asyncio
async def test_a_replica_that_says_it_is_full_is_asked_again_later_and_each_time_later(
    router: Router, replica: MakeReplica
) -> None:
    """The full replica's capacity is taken by another sender: no answer of ours will tell when it is free."""
    only = await replica("a")
    only.reject_always = True
    router.set_routes({1: route(only)})
    calls = submit(router, "1", "2")
    link = next(iter(router._links.values()))
    waits: list[float] = []

    def seen_growing() -> bool:
        if link._full_backoff_s not in waits:
            waits.append(link._full_backoff_s)
        return len(waits) >= 3 and len(only.received) >= 3

    await until(seen_growing, "it was rejected again and again")
    assert waits == sorted(waits), "the pause grows"
    assert set(only.received) == {"1"}, "the first in the queue stays the first"
    only.reject_always = False
    await arrived(only, "1")
    only.answer()
    await arrived(only, "2")
    only.answer()
    await ended(*calls)


@pytest.mark.asyncio
async def test_a_rejected_call_is_not_refused_by_the_limit_of_the_queue(router: Router, replica: MakeReplica) -> None:
    only = await replica("a", max_ongoing=5)
    only.reject_always = True
    router.set_routes({1: route(only, max_queued_requests=1)})
    await until(lambda: bool(only.channels), "connected")
    calls = submit(router, "1", "2", "3")
    await until(lambda: router.queued == 3, "all were rejected, and wait")
    only.reject_always = False
    await until(lambda: len(only.waiting) == 3, "all are there")
    while only.waiting:
        only.answer()
    await ended(*calls)
    assert all(call.error is None for call in calls)


@pytest.mark.asyncio
async def test_a_rejected_call_of_a_retired_revision_is_told_so(router: Router, replica: MakeReplica) -> None:
    only = await replica("a", max_ongoing=5)
    router.set_routes({1: route(only)})
    (call,) = submit(router, "late")
    await arrived(only, "late")
    router.set_routes({2: route(only)})
    only.answer(kind=FrameKind.REJECT)
    await ended(call)
    assert isinstance(call.error, RevisionGoneError)


@pytest.mark.asyncio
async def test_a_refused_revision_goes_elsewhere_and_other_revisions_do_not_wait(
    router: Router, replica: MakeReplica
) -> None:
    stuck, other = await replica("stuck", 50), await replica("other", 50)
    router.set_routes({1: route(stuck), 2: route(stuck)})
    (first,) = submit(router, "new", revision=2)
    await arrived(stuck, "new")
    stuck.refuse()
    await until(lambda: router.queued == 1, "it waits: nobody else serves the revision")
    (old,) = submit(router, "old")
    await arrived(stuck, "old")
    (second,) = submit(router, "newer", revision=2)
    assert stuck.received == ["new", "old"], "it is not asked again for the revision"
    router.set_routes({1: route(stuck), 2: route(other)})
    await arrived(other, "new", "newer")
    for each in (stuck, other, other):
        each.answer()
    await ended(first, second, old)
    assert [call.text for call in (first, second, old)] == ["new@other", "newer@other", "old@stuck"]


@pytest.mark.asyncio
async def test_one_of_two_replicas_refuses_a_revision(router: Router, replica: MakeReplica) -> None:
    stuck, other = await replica("stuck", 50), await replica("other", 50)
    router.set_routes({1: route(stuck, other)})
    links = router._links
    await until(lambda: all(link.reached for link in links.values()), "both are connected")
    calls: list[KeptCall] = []
    while not links["stuck"].in_flight:
        calls += submit(router, "x")
    targeted = KeptCall("y")
    targeted.target = "stuck"
    router.submit_to(targeted)
    await arrived(stuck, "x", "y")
    stuck.refuse()
    await until(lambda: len(other.waiting) == len(calls), "all are at the other one")
    stuck.refuse()
    calls += submit(router, *map(str, range(20)))
    await until(lambda: len(other.waiting) == len(calls), "and those that come later")
    assert len(stuck.received) == 2
    while other.waiting:
        other.answer()
    await ended(*calls, targeted)
    assert isinstance(targeted.error, ReplicaUnavailableError)
    assert "does not serve revision r1" in str(targeted.error)


@pytest.mark.asyncio
async def test_calls_of_a_revision_that_was_taken_back_fail(router: Router, replica: MakeReplica) -> None:
    only = await replica("a")
    router.set_routes({1: route(only), 2: route()})
    (waiting,) = submit(router, "waits", revision=2)
    router.set_routes({1: route(only)})
    (late,) = submit(router, "late", revision=2)
    (early,) = submit(router, "early", revision=3)
    for call in (waiting, late):
        assert isinstance(call.error, RevisionGoneError)
        assert "there now: r1" in str(call.error)
    router.set_routes({1: route(only), 3: route(only)})
    await arrived(only, "early")
    only.answer()
    await ended(early)


@pytest.mark.asyncio
async def test_a_call_that_was_accepted_by_a_dying_replica_is_not_run_again(
    router: Router, replica: MakeReplica
) -> None:
    dying = await replica("dying")
    router.set_routes({1: route(dying)})
    (call,) = submit(router, "once")
    await arrived(dying, "once")
    await dying.close()
    await ended(call)
    assert isinstance(call.error, ReplicaUnavailableError)
    for part in ("dying", "once", "retry_on_replica_failure=True"):
        assert part in str(call.error)


@pytest.mark.asyncio
async def test_a_retry_safe_call_is_run_again_elsewhere_and_only_once(router: Router, replica: MakeReplica) -> None:
    a, b = await replica("a"), await replica("b")
    router.set_routes({1: route(a)})
    (call,) = submit(router, "again", retry_safe=True)
    await arrived(a, "again")
    router.set_routes({1: route(a, b)})
    await until(lambda: bool(b.channels), "b is connected")
    await a.close()
    await arrived(b, "again")
    await b.close()
    await ended(call)
    assert isinstance(call.error, ReplicaUnavailableError)
    assert "took down 2 replicas" in str(call.error)
    assert "again" in str(call.error)


@pytest.mark.asyncio
async def test_calls_that_only_waited_survive_the_death_of_a_replica(router: Router, replica: MakeReplica) -> None:
    a = await replica("a")
    router.set_routes({1: route(a)})
    submit(router, "lost")
    (waiting,) = submit(router, "waiting")
    await arrived(a, "lost")
    await a.close()
    b = await replica("b")
    router.set_routes({1: route(b)})
    await arrived(b, "waiting")
    b.answer()
    await ended(waiting)
    assert waiting.text == "waiting@b"


@pytest.mark.asyncio
async def test_a_replica_that_comes_back_is_connected_again(router: Router, replica: MakeReplica) -> None:
    a = await replica("a")
    router.set_routes({1: route(a)})
    await until(lambda: bool(a.channels), "connected")
    (before,) = a.channels
    before.abort()
    await until(lambda: a.channels and before not in a.channels, "connected anew")
    (call,) = submit(router, "x")
    await arrived(a, "x")
    a.answer()
    await ended(call)


@pytest.mark.asyncio
async def test_each_revision_has_its_own_replicas_and_a_retired_one_is_refused(
    router: Router, replica: MakeReplica
) -> None:
    old, new = await replica("old", 5), await replica("new", 5)
    router.set_routes({1: route(old), 2: route(new)})
    of_old, of_new = submit(router, "o", revision=1) + submit(router, "n", revision=2)
    await arrived(old, "o")
    await arrived(new, "n")
    router.set_routes({2: route(new)})
    (late,) = submit(router, "late", revision=1)
    assert isinstance(late.error, RevisionGoneError)
    for part in ("r1", "r2", "late"):
        assert part in str(late.error)
    old.answer()
    new.answer()
    await ended(of_old, of_new)
    assert (of_old.text, of_new.text) == ("o@old", "n@new"), "what was in flight finishes"
    await until(lambda: not old.channels, "the channel to the retired replica is closed")


@pytest.mark.asyncio
async def test_what_waits_under_a_revision_fails_when_it_is_retired(router: Router, replica: MakeReplica) -> None:
    old, new = await replica("old"), await replica("new")
    router.set_routes({1: route(old)})
    submit(router, "running")
    await arrived(old, "running")
    (waiting,) = submit(router, "waiting")
    router.set_routes({2: route(new)})
    assert isinstance(waiting.error, RevisionGoneError)
    assert router.queued == 0


@pytest.mark.asyncio
async def test_a_revision_that_is_not_known_yet_waits_without_holding_up_another(
    router: Router, replica: MakeReplica
) -> None:
    old, new = await replica("old", 5), await replica("new", 5)
    router.set_routes({1: route(old)})
    await until(lambda: bool(old.channels), "connected")
    (early,) = submit(router, "early", revision=2)
    (present,) = submit(router, "present", revision=1)
    await arrived(old, "present")
    assert router.queued == 1
    router.set_routes({1: route(old), 2: route(new)})
    await arrived(new, "early")
    old.answer()
    new.answer()
    await ended(early, present)


@pytest.mark.asyncio
async def test_cancelling_a_call_that_waits_drops_it(router: Router, replica: MakeReplica) -> None:
    only = await replica("a")
    router.set_routes({1: route(only)})
    first, second, third = submit(router, "1", "2", "3")
    await arrived(only, "1")
    router.cancel(second)
    assert isinstance(second.error, RequestCancelledError)
    assert router.queued == 1
    router.cancel(second)  # Harmless.
    only.answer()
    await arrived(only, "3")
    only.answer()
    await ended(first, third)
    assert only.received == ["1", "3"]


@pytest.mark.asyncio
async def test_cancelling_a_call_that_was_sent_tells_the_replica_whose_answer_still_comes(
    router: Router, replica: MakeReplica
) -> None:
    only = await replica("a")
    router.set_routes({1: route(only)})
    (call,) = submit(router, "1")
    await arrived(only, "1")
    router.cancel(call)
    await until(lambda: bool(only.cancelled), "the replica was told")
    assert not call.done
    assert only.cancelled == [only.waiting[0][2]]
    only.answer(kind=FrameKind.ERROR)
    await ended(call)
    router.cancel(call)
    (after,) = submit(router, "2")
    await arrived(only, "2")
    only.answer()
    await ended(after)
    assert len(only.cancelled) == 1


@pytest.mark.asyncio
async def test_closing_fails_what_waits_with_the_reason_and_lets_the_rest_finish(
    router: Router, replica: MakeReplica
) -> None:
    only = await replica("a")
    router.set_routes({1: route(only)})
    (running,) = submit(router, "running")
    await arrived(only, "running")
    (waiting,) = submit(router, "waiting")
    router.close("App 'app' was deleted. Deploy it again.")
    (late,) = submit(router, "late")
    for call in (waiting, late):
        assert isinstance(call.error, DeploymentUnavailableError)
        assert "was deleted" in str(call.error)
    only.answer()
    await ended(running)
    assert running.text == "running@a"
    await until(lambda: not only.channels, "its channel is closed")


@pytest.mark.asyncio
async def test_changed_options_of_a_replica_keep_its_channel(router: Router, replica: MakeReplica) -> None:
    only = await replica("a", max_ongoing=1)
    router.set_routes({1: route(only)})
    submit(router, "1", "2")
    await arrived(only, "1")
    before = list(only.channels)
    wider = type(only.endpoint)(only.endpoint.replica_id, only.endpoint.address, 2)
    only.endpoint = wider
    router.set_routes({1: route(only)})
    await arrived(only, "1", "2")
    assert only.channels == before


@pytest.mark.asyncio
async def test_a_revision_that_is_being_prepared_does_not_change_the_limit_of_the_queue(
    router: Router, replica: MakeReplica
) -> None:
    only = await replica("a")
    limits = {1: route(only, max_queued_requests=1, backpressure_status=429), 2: route(only, max_queued_requests=0)}
    router.set_routes(limits)
    submit(router, "running")
    await arrived(only, "running")
    waiting, refused = submit(router, "waits", "refused")
    assert isinstance(refused.error, BackPressureError)
    assert (refused.error.max_queued_requests, refused.error.status_code) == (1, 429)
    assert not waiting.done
    (newer,) = submit(router, "newer", revision=2)
    assert isinstance(newer.error, BackPressureError)
    assert newer.error.max_queued_requests == 0


@pytest.mark.asyncio
async def test_a_call_for_one_replica_waits_for_it_and_ends_with_it(router: Router, replica: MakeReplica) -> None:
    a, b = await replica("a"), await replica("b")
    router.set_routes({1: route(a, b)})
    await until(lambda: a.channels and b.channels, "both are connected")
    first, second, third = (KeptCall(text) for text in ("1", "2", "3"))
    for call in (first, second, third):
        call.target = "a"
        router.submit_to(call)
    await arrived(a, "1")
    assert b.received == [], "the other is free, and not taken"
    assert router.queued == 2
    router.cancel(second)
    assert isinstance(second.error, RequestCancelledError)
    router.set_routes({1: route(b)})
    assert isinstance(third.error, ReplicaUnavailableError)
    assert router.queued == 0
    (late,) = [KeptCall("late")]
    late.target = "a"
    router.submit_to(late)
    assert isinstance(late.error, ReplicaUnavailableError)
    a.answer()
    await ended(first)
    assert first.text == "1@a"


@pytest.mark.asyncio
async def test_calls_that_wait_for_the_first_channel_are_not_the_queue(router: Router, replica: MakeReplica) -> None:
    only = await replica("a", max_ongoing=2)
    router.set_routes({1: route(only, max_queued_requests=0)})
    first, second, third = submit(router, "1", "2", "3")
    assert isinstance(third.error, BackPressureError), "more than the replica can take"
    await arrived(only, "1", "2")
    (full,) = submit(router, "4")
    assert isinstance(full.error, BackPressureError)
    only.answer()
    only.answer()
    await ended(first, second)
    assert (first.text, second.text) == ("1@a", "2@a")
