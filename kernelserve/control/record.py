"""What a controller leaves on record, so that its successor adopts the replicas that run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from kernelserve.control.app import App, Revision, Rollout, Stage
from kernelserve.control.pool import Pool
from kernelserve.control.replica import Replica, ReplicaState
from kernelserve.graph.keep import LARGE_UNIT
from kernelserve.graph.model import AppGraph, Node, Step
from kernelserve.transport.messages import Trial
from kernelserve.types import DeploymentID

K = TypeVar("K")
V = TypeVar("V")


class ReplicaRecord(msgspec.Struct, frozen=True, array_like=True):
    replica_id: str
    started_with: int
    loaded: list[int]
    address: str
    node_id: str
    pid: int
    stopping: bool
    rank: int = 0


class PoolRecord(msgspec.Struct, frozen=True):
    name: str
    born: int
    versions: list[int]
    newest_only: bool
    node: Node
    replicas: list[ReplicaRecord]


class RevisionRecord(msgspec.Struct, frozen=True):
    """`pools` (deployment → birth of its pool) is only there for live revisions. `nodes`: see `AppRecord`."""

    number: int
    graph: AppGraph
    steps: list[Step]
    time: float
    source: str
    duration_s: float
    outcome: str
    error: str
    pools: dict[str, int]
    idle: bool
    of: int
    nodes: dict[str, int]


class RolloutRecord(msgspec.Struct, frozen=True):
    request_id: str
    number: int
    started: float
    owner: str
    leased: bool
    stage: Stage
    trial: Trial | None = None


class AppRecord(msgspec.Struct, frozen=True):
    """What the revisions' graphs have in common is written once, and the graphs without it.

    `units` are their code units (those from `LARGE_UNIT` bytes on are named only, and saved beside the record), `texts`
    the texts of their cells, `nodes` their nodes; revisions have the places in these lists.
    """

    name: str
    owner: str
    leased: bool
    revisions: list[RevisionRecord]
    live: list[int]
    pools: list[PoolRecord]
    current: int
    rollout: RolloutRecord | None
    deleted_reason: str
    last_failure: str
    last_number: int
    units: dict[str, bytes]
    large: list[str]
    texts: list[str]
    nodes: list[Node]


class Saved(NamedTuple):
    """A record, and the large units that it names."""

    data: bytes
    units: Mapping[str, bytes] = {}


class Snapshot(msgspec.Struct, frozen=True):
    apps: list[AppRecord]
    format: int = 1


def encode(app: App) -> Saved:
    """The record of an app."""
    tried = {revision.number: revision for revision in [*app.revisions, *app.live.values()]}
    units: dict[str, bytes] = {}
    for revision in tried.values():
        units.update(revision.graph.units)
    large = {uid: data for uid, data in units.items() if len(data) >= LARGE_UNIT}
    small = {uid: data for uid, data in units.items() if uid not in large}
    record = _app_record(app, tried, small, list(large))
    return Saved(msgspec.msgpack.encode(Snapshot([record])), large)


def decode(saved: Saved) -> list[App]:
    """The apps of a record; raises `msgspec.DecodeError`. Replicas that ran are RECOVERING."""
    return [_app(record, saved.units) for record in msgspec.msgpack.decode(saved.data, type=Snapshot).apps]


def _app_record(app: App, tried: Mapping[int, Revision], units: dict[str, bytes], large: list[str]) -> AppRecord:
    rollout = app.rollout
    texts = _Places[str, str](lambda text: text)
    nodes = _Places[int, Node](id)
    return AppRecord(
        name=app.name,
        owner=app.owner,
        leased=app.leased,
        revisions=[_revision_record(revision, texts, nodes) for revision in tried.values()],
        live=list(app.live),
        pools=[_pool_record(pool) for pool in app.pools.values()],
        current=app.current,
        rollout=_rollout_record(rollout) if rollout else None,
        deleted_reason=app.deleted_reason,
        last_failure=app.last_failure,
        last_number=app.last_number,
        units=units,
        large=large,
        texts=texts.values,
        nodes=nodes.values,
    )


def _rollout_record(rollout: Rollout) -> RolloutRecord:
    return RolloutRecord(
        rollout.request_id,
        rollout.revision.number,
        rollout.started,
        rollout.owner,
        rollout.leased,
        rollout.stage,
        rollout.trial,
    )


class _Places(Generic[K, V]):
    """Values, each once, and where they are: equal keys are the same value."""

    def __init__(self, key: Callable[[V], K]) -> None:
        self.values: list[V] = []
        self._key = key
        self._places: dict[K, int] = {}

    def of(self, value: V) -> int:
        place = self._places.setdefault(self._key(value), len(self.values))
        if place == len(self.values):
            self.values.append(value)
        return place


def _revision_record(revision: Revision, texts: _Places[str, str], nodes: _Places[int, Node]) -> RevisionRecord:
    graph = revision.graph
    sources = {file: str(texts.of(text)) for file, text in graph.sources.items()}
    bare: dict[str, Any] = {"units": dict.fromkeys(graph.units, b""), "sources": sources, "nodes": {}}
    return RevisionRecord(
        number=revision.number,
        graph=msgspec.structs.replace(graph, **bare),
        steps=list(revision.steps.values()),
        time=revision.time,
        source=revision.source,
        duration_s=revision.duration_s,
        outcome=revision.outcome,
        error=revision.error,
        pools={name: pool.born for name, pool in revision.pools.items()},
        idle=revision.idle,
        of=revision.of,
        nodes={name: nodes.of(node) for name, node in graph.nodes.items()},
    )


def _pool_record(pool: Pool) -> PoolRecord:
    replicas = [
        ReplicaRecord(
            replica.replica_id,
            replica.started_with,
            sorted(replica.loaded),
            replica.address,
            replica.node_id,
            replica.pid,
            not replica.alive,
            replica.rank,
        )
        for replica in pool.replicas.values()
    ]
    return PoolRecord(pool.name, pool.born, pool.versions, pool.newest_only, pool.node, replicas)


def _app(record: AppRecord, large: Mapping[str, bytes]) -> App:
    app = App(record.name, record.owner, record.leased)
    units = record.units | {uid: large[uid] for uid in record.large}
    revisions = {entry.number: _revision(entry, units, record) for entry in record.revisions}
    app.live = {number: revisions[number] for number in record.live}
    app.current, app.last_number = record.current, record.last_number
    app.deleted_reason, app.last_failure = record.deleted_reason, record.last_failure
    app.revisions = [revision for revision in revisions.values() if revision.outcome]
    if record.rollout is not None:
        app.rollout = _rollout(record.rollout, revisions[record.rollout.number])
    by_number = {entry.number: entry for entry in record.revisions}
    for entry in record.pools:
        pool = _pool(app, entry, by_number)
        app.pools[pool.name, pool.born] = pool
    return app


def _revision(entry: RevisionRecord, units: dict[str, bytes], record: AppRecord) -> Revision:
    graph = msgspec.structs.replace(
        entry.graph,
        units={key: units[key] for key in entry.graph.units},
        sources={file: record.texts[int(place)] for file, place in entry.graph.sources.items()},
        nodes={name: record.nodes[place] for name, place in entry.nodes.items()},
    )
    steps = {step.deployment: step for step in entry.steps}
    return Revision(
        entry.number, graph, steps, entry.time, entry.source, entry.duration_s, entry.outcome, entry.error,
        of=entry.of, idle=entry.idle,
    )  # fmt: skip


def _rollout(entry: RolloutRecord, revision: Revision) -> Rollout:
    # Senders may or may not have heard that it is current: they are told once more, from the sets on.
    stage = Stage.SETS if entry.stage is Stage.CURRENT else entry.stage
    return Rollout(entry.request_id, revision, entry.started, entry.owner, entry.leased, stage=stage, trial=entry.trial)


def _pool(app: App, entry: PoolRecord, records: dict[int, RevisionRecord]) -> Pool:
    pool = Pool(DeploymentID(app.name, entry.name), entry.born, entry.node, target=0)
    pool.versions, pool.newest_only = list(entry.versions), entry.newest_only
    for number, revision in app.live.items():
        if records[number].pools.get(entry.name) == entry.born:
            revision.pools[entry.name] = pool
    for saved in entry.replicas:
        pool.replicas[saved.replica_id] = _replica(pool.deployment, saved)
    return pool


def _replica(deployment: DeploymentID, saved: ReplicaRecord) -> Replica:
    return Replica(
        replica_id=saved.replica_id,
        deployment=deployment,
        started_with=saved.started_with,
        loaded=set(saved.loaded),
        state=ReplicaState.STOPPING if saved.stopping else ReplicaState.RECOVERING,
        address=saved.address,
        node_id=saved.node_id,
        pid=saved.pid,
        rank=saved.rank,
    )
