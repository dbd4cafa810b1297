"""An application as the controller sees it: its revisions, pools and the deploy that is under way."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from kernelserve.control.events import DeployRequested
from kernelserve.control.pool import Pool
from kernelserve.graph.keep import held
from kernelserve.graph.model import AppGraph, Step
from kernelserve.transport.messages import DeploymentRoute, Routing, StepView, Trial
from kernelserve.types import Action

KEPT_REVISIONS = 50
UNTOUCHED = frozenset({Action.KEEP, Action.REMOVE})
RENEWED = frozenset({Action.ADD, Action.REPLACE})
LOADED = frozenset({Action.UPDATE, Action.PATCH})


@dataclass(slots=True, eq=False)
class Revision:
    """One deploy that was tried: what, when, by whom, with what outcome.

    `steps` is its plan by deployment. `pools` (deployment → pool) is filled while the revision is live: in prepare,
    current, on trial or draining. `of`: the revision that a rollback went back to, or 0. `idle`: it has no request
    any more, or may have none; `overdue`: its requests have had their time.
    """

    number: int
    graph: AppGraph
    steps: dict[str, Step]
    time: float
    source: str = ""
    duration_s: float = 0.0
    outcome: str = ""
    error: str = ""
    of: int = 0
    pools: dict[str, Pool] = field(default_factory=dict)
    idle: bool = False
    overdue: bool = False

    def action(self, deployment: str) -> Action:
        """What the revision's plan does to the deployment."""
        return self.steps[deployment].action

    @property
    def complete(self) -> bool:
        """Whether its graph can be deployed again; not so once it has forgotten its units."""
        return all(uid in self.graph.units for node in self.graph.nodes.values() for uid in node.units)

    def forget_units(self) -> None:
        """Let go of its code and data; it stays in the history."""
        self.graph = msgspec.structs.replace(self.graph, units={})

    def rule_pools(self) -> None:
        """Its options count for its pools from now on, where a pool has but one value."""
        for name, pool in self.pools.items():
            pool.node = self.graph.nodes[name]


class Stage(enum.Enum):
    """Where a deploy is. From `SETS` on it is on record and rolls forward, whatever happens.

    A trial stays in `TRIAL` until somebody ends it: it goes on to `CURRENT`, or to `BACK`.
    """

    PREPARE = "prepare"
    SETS = "sets"  # senders learn the new endpoint sets
    CURRENT = "current"  # entry points learn that new requests belong to the new revision
    TRIAL = "trial"  # some requests belong to the new revision
    BACK = "back"  # a trial is taken back: its requests end


@dataclass(slots=True, eq=False)
class Rollout:
    """One deploy under way.

    Attributes:
        unready: deployments that are not ready for the commit, as an ordered set.
        awaiting: the routing version that all senders must have; None until it is pushed.
        finished: deployment → seconds that it took to be ready.
        stages: deployment → what was last told about it.
        retries: deployment → failed starts so far.
        constructs_callers: it constructs a deployment that others are bound into. The constructor may call them, so
            senders learn the revision's sets before the commit.
        owner: who becomes the app's owner when it is applied.
        request_id: who waits for the outcome; "" if nobody does.
        trial: how the revision is tried before it becomes current, or None.
    """

    request_id: str
    revision: Revision
    started: float
    owner: str = ""
    leased: bool = False
    timeout_s: float | None = None
    stage: Stage = Stage.PREPARE
    unready: dict[str, None] = field(default_factory=dict)
    awaiting: int | None = None
    finished: dict[str, float] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)
    retries: dict[str, int] = field(default_factory=dict)
    constructs_callers: bool = False
    trial: Trial | None = None

    @property
    def preparing(self) -> bool:
        return self.stage is Stage.PREPARE

    @property
    def committing(self) -> bool:
        """Senders are being told, and may know different things."""
        return self.stage in (Stage.SETS, Stage.CURRENT)

    @property
    def on_trial(self) -> bool:
        """Its revision serves beside the current one, or ends to do so."""
        return self.stage in (Stage.TRIAL, Stage.BACK)

    def step_view(self, step: Step) -> StepView:
        """The step for people, with its time and what it is doing."""
        name = step.deployment
        return StepView(
            deployment=name,
            action=step.action.value,
            reason=step.reason,
            duration_s=self.finished.get(name),
            stage=self.stages.get(name, ""),
        )

    def step_views(self) -> list[StepView]:
        return [self.step_view(step) for step in self.revision.steps.values()]


@dataclass(slots=True, eq=False)
class App:
    """An application.

    Attributes:
        revisions: all that were tried, oldest first, at most `KEPT_REVISIONS` beside the live ones.
        live: number → revision that is in prepare, current or draining, in ascending order.
        pools: (deployment, birth) → every pool that still has replicas or a revision.
        current: the revision of new requests; 0 before the first.
        queued: the deploy that waits for a commit, or for the end of a deletion, to finish.
        deleted_reason: non-empty while the app is being deleted.
        last_failure: why the last deploy failed, "" after one that did not.
        version: of the last routing pushed.
        last_number: the highest revision number given out.
    """

    name: str
    owner: str = ""
    leased: bool = False
    revisions: list[Revision] = field(default_factory=list)
    live: dict[int, Revision] = field(default_factory=dict)
    pools: dict[tuple[str, int], Pool] = field(default_factory=dict)
    current: int = 0
    rollout: Rollout | None = None
    queued: DeployRequested | None = None
    deleted_reason: str = ""
    last_failure: str = ""
    version: int = 0
    last_number: int = 0

    @property
    def committed(self) -> int:
        """The newest revision on record: the current one, or the one that a commit is moving to, or that is tried."""
        if self.rollout is not None and not self.rollout.preparing:
            return self.rollout.revision.number
        return self.current

    @property
    def settled(self) -> int:
        """The newest revision that stays: as `committed`, but for a trial, which may be taken back."""
        if self.rollout is not None and self.rollout.trial is not None:
            return self.current
        return self.committed

    @property
    def trial(self) -> Trial | None:
        """The trial that runs, or None."""
        rollout = self.rollout
        if rollout is None or rollout.stage is not Stage.TRIAL or rollout.trial is None:
            return None
        return msgspec.structs.replace(rollout.trial, revision=rollout.revision.number)

    @property
    def told(self) -> int:
        """The newest revision in the senders' sets: one in prepare too, if its constructors may call into it."""
        rollout = self.rollout
        if rollout is not None and rollout.preparing and rollout.constructs_callers:
            return rollout.revision.number
        return self.committed

    @property
    def current_revision(self) -> Revision | None:
        return self.live.get(self.current)

    @property
    def draining(self) -> list[Revision]:
        """Revisions before the current one that still may have requests, oldest first."""
        return [revision for number, revision in self.live.items() if number < self.current]

    def state_of(self, number: int) -> str:
        """What a revision does: ``current``, ``trial``, ``draining`` or "" (it serves nothing)."""
        if number not in self.live:
            return ""
        if number <= self.current:
            return "current" if number == self.current else "draining"
        stage = self.rollout.stage if self.rollout is not None else None
        return {Stage.TRIAL: "trial", Stage.BACK: "draining"}.get(stage, "") if stage else ""

    def rollout_of(self, pool: Pool) -> Rollout | None:
        """The deploy in prepare that touches the pool, or None."""
        rollout = self.rollout
        if rollout is None or not rollout.preparing or rollout.revision.pools.get(pool.name) is not pool:
            return None
        return None if rollout.revision.action(pool.name) in UNTOUCHED else rollout

    def revisions_using(self, pool: Pool) -> Iterator[int]:
        """Numbers of the live revisions that use the pool, ascending."""
        return (number for number, revision in self.live.items() if revision.pools.get(pool.name) is pool)

    def needed_versions(self, pool: Pool) -> list[int]:
        """The versions of the pool that live revisions run, ascending."""
        return sorted({pool.version_for(number) for number in self.revisions_using(pool)})

    def served(self, pool: Pool) -> bool:
        """Whether a revision on record, which requests have or will have, uses the pool."""
        return any(number <= self.committed for number in self.revisions_using(pool))

    def in_sets(self, pool: Pool) -> bool:
        """Whether a revision in the senders' sets uses the pool."""
        return any(number <= self.told for number in self.revisions_using(pool))

    def remember(self, revision: Revision) -> None:
        """Append to the history and drop what is too old, or too large."""
        self.revisions.append(revision)
        surplus = len(self.revisions) - KEPT_REVISIONS
        if surplus > 0:
            old = [r for r in self.revisions[:-1] if r.number not in self.live][:surplus]
            self.revisions = [r for r in self.revisions if r not in old]
        newest_first = self.revisions[::-1]
        for old_one in newest_first[held(one.graph for one in newest_first) :]:
            if old_one.number not in self.live:
                old_one.forget_units()

    def routing(self, epoch: int) -> Routing:
        """All that senders must know of the app."""
        newest = self.live.get(self.current) or self.live.get(self.told)
        if self.deleted_reason or newest is None:
            reason = self.deleted_reason or self.last_failure or "its first deploy is not finished"
            return Routing(app=self.name, epoch=epoch, version=self.version, current=0, deleted_reason=reason)
        return Routing(
            app=self.name,
            epoch=epoch,
            version=self.version,
            current=self.current,
            ingress=newest.graph.ingress,
            route_prefix=newest.graph.route_prefix,
            journal=newest.graph.journal,
            sets={number: _routes(revision) for number, revision in self.live.items() if number <= self.told},
            trial=self.trial,
        )


def _routes(revision: Revision) -> dict[str, DeploymentRoute]:
    nodes = revision.graph.nodes
    return {name: pool.route(revision.number, nodes[name]) for name, pool in revision.pools.items()}
