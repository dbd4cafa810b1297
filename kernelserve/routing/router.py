"""Delivers calls to the replicas of one deployment; one a deployment, process and event loop."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence

from kernelserve.exceptions import (
    BackPressureError,
    DeploymentUnavailableError,
    ReplicaUnavailableError,
    RequestCancelledError,
    RevisionGoneError,
)
from kernelserve.routing.affinity import choose_for
from kernelserve.routing.call import Call
from kernelserve.routing.choose import choose
from kernelserve.routing.link import Connect, ReplicaLink
from kernelserve.transport.messages import DeploymentRoute
from kernelserve.types import DeploymentID

NEW, QUEUED, SENT, DONE = 0, 1, 2, 3
MAX_ATTEMPTS = 2
"""A request id that took down this many replicas is refused."""

_random = random.random


def _random_index(n: int) -> int:
    return int(_random() * n)


class Router:
    """Chooses a replica for each call, queues while all are full, and retries where that is safe.

    All methods are for the event loop's thread. `freed`, `rejected` and `lost` are called by its links.

    Attributes:
        multiplexed: whether its replicas load models: True once one has told of a model, False once a call for
            a model was answered by one that had told of none (a model id goes down to every deployment that a
            request calls, and must not heap its calls up at one replica where nobody loads models).
        calls: that were ever made.
        sent: calls that were ever sent to a replica, counting each time that one was.
    """

    def __init__(self, deployment: DeploymentID, connect: Connect, loop: asyncio.AbstractEventLoop) -> None:
        self.deployment = deployment
        self._connect = connect
        self._loop = loop
        self._links: dict[str, ReplicaLink] = {}
        self._sets: dict[int, list[ReplicaLink]] = {}
        self._queues: dict[int, deque[Call]] = {}
        # Calls that wait for one certain replica. All that wait count as queued.
        self._targeted: list[Call] = []
        self._queued = 0
        self._oldest = self._newest = 0
        self._routes: dict[int, DeploymentRoute] = {}
        self.multiplexed: bool | None = None
        self.calls = 0
        self.sent = 0
        self._gone: str | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def queued(self) -> int:
        """Calls that wait here for a free replica."""
        return self._queued

    @property
    def ongoing(self) -> int:
        """Calls in flight at replicas."""
        return sum(len(link.in_flight) for link in self._links.values())

    def submit(self, call: Call) -> None:
        """Deliver a call; its callbacks say how it went (possibly before this returns)."""
        self.calls += 1
        self._submit(call)

    def _submit(self, call: Call) -> None:
        links = self._sets.get(call.revision)
        if links is not None and not (self._queued and call.revision in self._queues):
            if call.multiplexed_model_id or call.session_id:
                link = self._choose(call, links)
            else:
                link = links[0] if len(links) == 1 else choose(links, _random_index)
            if link is not None and link.usable:
                call.state = SENT
                link.send(call)
                return
        self._enqueue(call)

    def submit_to(self, call: Call) -> None:
        """Deliver a call to the replica `call.target` and no other; it waits while that one is full."""
        self.calls += 1
        self._submit_to(call)

    def _submit_to(self, call: Call) -> None:
        link = self._links.get(call.target)
        if link is None:
            self._fail(call, DeploymentUnavailableError(self._gone) if self._gone is not None else _target_gone(call))
        elif link.usable:
            call.state = SENT
            link.send(call)
        else:
            call.state = QUEUED
            self._targeted.append(call)
            self._queued += 1
            self._arm_timer()

    def cancel(self, call: Call) -> None:
        """Give a call up: drop it if it waits here (with `RequestCancelledError`), else tell the replica."""
        if call.state == QUEUED:
            if call.target:
                self._targeted.remove(call)
            else:
                queue = self._queues[call.revision]
                queue.remove(call)
                if not queue:
                    del self._queues[call.revision]
            self._queued -= 1
            self._fail(call, RequestCancelledError(call.request_id))
        elif call.state == SENT and isinstance(call.channel, ReplicaLink):
            call.channel.cancel(call)

    def set_routes(self, routes: Mapping[int, DeploymentRoute]) -> None:
        """Take the endpoint sets, one a revision; replaces what was known."""
        wanted = {endpoint.replica_id: endpoint for route in routes.values() for endpoint in route.endpoints}
        for replica_id, endpoint in wanted.items():
            link = self._links.get(replica_id)
            if link is None or link.endpoint.address != endpoint.address:
                self._links[replica_id] = ReplicaLink(endpoint, self, self._connect, self._loop)
            else:
                link.update(endpoint)
        for replica_id in self._links.keys() - wanted.keys():
            self._links.pop(replica_id).retire()
        self._sets = {
            revision: [self._links[endpoint.replica_id] for endpoint in route.endpoints]
            for revision, route in routes.items()
        }
        if routes:
            self._oldest = min(routes)
            self._newest = max(self._newest, *routes)
            self._routes = dict(routes)
        for revision in [r for r in self._queues if self._is_gone(r)]:
            for call in self._queues.pop(revision):
                self._queued -= 1
                self._fail(call, self._revision_gone(call))
        for call in [call for call in self._targeted if call.target not in self._links]:
            self._targeted.remove(call)
            self._queued -= 1
            self._fail(call, _target_gone(call))
        self.freed()

    def close(self, reason: str) -> None:
        """The deployment is gone: what waits fails with `reason`; what is in flight may finish."""
        self._gone = reason
        for link in self._links.values():
            link.retire()
        self._links.clear()
        self._sets.clear()
        if self._timer is not None:
            self._timer.cancel()
        waiting = [call for queue in self._queues.values() for call in queue] + self._targeted
        self._queues.clear()
        self._targeted = []
        self._queued = 0
        for call in waiting:
            self._fail(call, DeploymentUnavailableError(reason))

    # --- told by links ---

    def freed(self) -> None:
        """Capacity may be free: send what waits, in order."""
        if not self._queued:
            return
        if self._targeted:
            self._send_targeted()
        for revision, queue in list(self._queues.items()):
            links = self._sets.get(revision)
            if links is None:
                continue
            while queue:
                call = queue[0]
                link = self._choose(call, links, call.rejected_by or ())
                if link is None:
                    break
                queue.popleft()
                self._queued -= 1
                call.state = SENT
                call.left_queue = time.monotonic()
                link.send(call)
            if not queue:
                del self._queues[revision]
        if self._queued:
            self._arm_timer()

    def rejected(self, call: Call, link: ReplicaLink) -> None:
        """The replica was full after all: elsewhere, or wait at the head of the queue."""
        if call.target:
            self._submit_to(call)
            return
        if call.rejected_by is None:
            call.rejected_by = set()
        call.rejected_by.add(link.replica_id)
        links = self._sets.get(call.revision, ())
        other = self._choose(call, links, call.rejected_by)
        if other is not None:
            other.send(call)
            return
        call.rejected_by = None
        self._enqueue(call, first=True)

    def refused(self, call: Call, link: ReplicaLink) -> None:
        """The replica will not serve the call's revision: others may, or those of the sets that are pushed next."""
        if call.target:
            self._fail(call, _target_refuses(call))
            return
        links = [other for other in self._sets.get(call.revision, ()) if other is not link]
        if call.revision in self._sets:
            self._sets[call.revision] = links
        other = self._choose(call, links, call.rejected_by or ())
        if other is not None:
            other.send(call)
        else:
            self._enqueue(call, first=True)

    def lost(self, call: Call, link: ReplicaLink) -> None:
        """The replica died with the call on it: one retry where that is safe."""
        call.attempts += 1
        if call.attempts >= MAX_ATTEMPTS:
            text = (
                f"Request {call.request_id} to {self.deployment} took down {call.attempts} replicas "
                f"(the last was {link.replica_id}) and is refused. Look at the replica's log for the crash."
            )
            self._fail(call, ReplicaUnavailableError(text))
        elif call.retry_safe and not call.target:
            call.state = NEW
            self._submit(call)
        else:
            text = (
                f"Replica {link.replica_id} died while it ran request {call.request_id}. The request may have had "
                "effects, so it was not retried. Retry it, or set retry_on_replica_failure=True on the deployment."
            )
            self._fail(call, ReplicaUnavailableError(text))

    def _choose(self, call: Call, links: Sequence[ReplicaLink], excluded: Collection[str] = ()) -> ReplicaLink | None:
        model_id = "" if self.multiplexed is False else call.multiplexed_model_id
        if model_id or call.session_id:
            return choose_for(links, model_id, call.session_id, _random_index, excluded)
        return choose(links, _random_index, excluded)

    # --- queue ---

    def _send_targeted(self) -> None:
        for call in list(self._targeted):
            link = self._links.get(call.target)
            if link is not None and link.usable:
                self._targeted.remove(call)
                self._queued -= 1
                call.state = SENT
                call.left_queue = time.monotonic()
                link.send(call)

    def _enqueue(self, call: Call, first: bool = False) -> None:
        # The limit is for new calls: one that a replica rejected was admitted before.
        refusal = self._gone_refusal(call) or (None if first else self._full_refusal(call))
        if refusal is not None:
            self._fail(call, refusal)
            return
        call.state = QUEUED
        queue = self._queues.setdefault(call.revision, deque())
        if first:
            queue.appendleft(call)
        else:
            queue.append(call)
        self._queued += 1
        self._arm_timer()

    def _gone_refusal(self, call: Call) -> Exception | None:
        if self._gone is not None:
            return DeploymentUnavailableError(self._gone)
        return self._revision_gone(call) if self._is_gone(call.revision) else None

    def _is_gone(self, revision: int) -> bool:
        """Whether the revision was retired or taken back; one that is newer than all is being told of."""
        return revision < self._oldest or (revision <= self._newest and revision not in self._sets)

    def _full_refusal(self, call: Call) -> Exception | None:
        # The call's own revision decides, not one that is still being prepared.
        route = self._routes.get(call.revision) or (self._routes[max(self._routes)] if self._routes else None)
        if route is None or not 0 <= route.max_queued_requests <= self._queued:
            return None
        # Calls that only wait for the first channel to a replica do not wait for others: they are not the queue.
        connecting = sum(link.max_ongoing for link in self._sets.get(call.revision, ()) if not link.reached)
        if self._queued >= route.max_queued_requests + connecting:
            return BackPressureError(
                self._queued, route.max_queued_requests, route.backpressure_status, route.retry_after_s
            )
        return None

    def _arm_timer(self) -> None:
        """A replica that said it is full is asked again after its backoff, although nothing was freed."""
        if self._timer is not None:
            return
        waits = [link.full_wait_s for link in self._links.values() if link.full_wait_s > 0]
        if waits:
            self._timer = self._loop.call_later(min(waits) + 0.001, self._timer_fired)

    def _timer_fired(self) -> None:
        self._timer = None
        self.freed()

    def _revision_gone(self, call: Call) -> RevisionGoneError:
        return RevisionGoneError(
            f"Request {call.request_id} belongs to revision r{call.revision} of {self.deployment}, which was retired "
            f"(there now: {', '.join(f'r{number}' for number in sorted(self._sets)) or 'none'}). "
            "Send it again; raise graceful_shutdown_timeout_s for longer requests."
        )

    @staticmethod
    def _fail(call: Call, error: Exception) -> None:
        call.state = DONE
        call.on_failure(error)


def _target_refuses(call: Call) -> ReplicaUnavailableError:
    return ReplicaUnavailableError(
        f"Request {call.request_id} was for the replica {call.target}, which does not serve revision "
        f"r{call.revision}: another one takes its place. Choose one again, or call the handle without choosing."
    )


def _target_gone(call: Call) -> ReplicaUnavailableError:
    return ReplicaUnavailableError(
        f"Request {call.request_id} was for the replica {call.target}, which is not there any more. "
        "Choose one again, or call the handle without choosing."
    )
