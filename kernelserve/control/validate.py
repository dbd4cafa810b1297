"""Is what the controller knows sane? Called after every event in the tests, and by whoever doubts it."""

from __future__ import annotations

from kernelserve.control.app import App
from kernelserve.control.pool import Pool
from kernelserve.control.replica import ReplicaState
from kernelserve.control.turn import World
from kernelserve.exceptions import KernelServeError


class InvariantError(KernelServeError):
    """The controller's state contradicts itself: a bug."""


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise InvariantError(f"{what}. Report this with the events that led here.")


def validate(world: World) -> None:
    """Raise `InvariantError` for the first thing that cannot be."""
    seen: set[str] = set()
    routes: dict[str, str] = {}
    for name, app in world.apps.items():
        _check(name == app.name, f"App {app.name!r} is filed under {name!r}")
        _validate_revisions(app)
        for key, pool in app.pools.items():
            _check(key == (pool.name, pool.born), f"Pool {pool.name}/{pool.born} of {name!r} is filed under {key}")
            _validate_pool(world, app, pool, seen)
        _validate_routing(world, app)
        _validate_route_prefix(app, routes)
    stray = set(world.replicas) - seen
    _check(not stray, f"Replicas {sorted(stray)} belong to no pool")


def _validate_revisions(app: App) -> None:
    numbers = list(app.live)
    _check(numbers == sorted(numbers), f"Live revisions {numbers} of {app.name!r} are not in order")
    _check(not numbers or numbers[-1] <= app.last_number, f"{app.name!r} has a revision from the future")
    if app.deleted_reason:
        _check(not numbers and app.rollout is None, f"{app.name!r} is being deleted and has revisions {numbers}")
        return
    _check(not app.current or app.current in app.live, f"Current revision {app.current} of {app.name!r} is not live")
    trial = app.rollout is not None and app.rollout.on_trial
    _check(not trial or (app.rollout is not None and app.rollout.trial is not None), f"{app.name!r} tries nothing")
    newer = [number for number in numbers if number > app.current]
    expected = [app.rollout.revision.number] if app.rollout and app.rollout.revision.number > app.current else []
    _check(newer == expected, f"{app.name!r} has revisions {newer} in the making, but its deploy is {expected}")
    _check(app.queued is None or app.rollout is not None, f"{app.name!r} has a deploy that waits for nothing")
    for revision in app.live.values():
        _check(
            set(revision.pools) == set(revision.graph.nodes),
            f"Revision {revision.number} of {app.name!r} has nodes {sorted(revision.graph.nodes)} "
            f"and pools {sorted(revision.pools)}",
        )
        for pool in revision.pools.values():
            _check(app.pools.get((pool.name, pool.born)) is pool, f"Pool {pool.name}/{pool.born} is not its app's")


def _validate_pool(world: World, app: App, pool: Pool, seen: set[str]) -> None:
    where = f"Pool {pool.name}/{pool.born} of {app.name!r}"
    users = list(app.revisions_using(pool))
    _check(pool.retired == (not users), f"{where} is retired={pool.retired} with revisions {users}")
    _check(bool(users or pool.replicas), f"{where} has neither replicas nor revisions")
    _check(pool.versions == sorted(set(pool.versions)), f"{where} has versions {pool.versions}")
    _check(pool.pending >= 0, f"{where} waits for {pool.pending} restarts")
    alive = pool.alive()
    _check(len(alive) <= pool.target, f"{where} has {len(alive)} replicas for {pool.target}")
    _check(len(alive) + pool.pending >= pool.target, f"{where} lacks replicas ({len(alive)} of {pool.target})")
    for replica in pool.replicas.values():
        name = replica.replica_id
        _check(name not in seen, f"Replica {name} is in two pools")
        seen.add(name)
        filed = world.replicas.get(name)
        _check(filed is not None and filed[0] is app and filed[1] is pool, f"Replica {name} is misfiled")
        _check(replica.state is not ReplicaState.STOPPED, f"Replica {name} is stopped and not forgotten")
        preparing = replica.preparing is not None
        _check(preparing == (replica.state is ReplicaState.UPDATING), f"Replica {name} is {replica.state}, {preparing}")
        _check(replica.state is not ReplicaState.RUNNING or bool(replica.address), f"{name} runs without an address")
        if replica.state is ReplicaState.RUNNING:
            lacking = [version for version in app.needed_versions(pool) if version > max(replica.loaded)]
            _check(not lacking, f"Replica {name} was not asked to load {lacking}")


def _validate_routing(world: World, app: App) -> None:
    routing = app.routing(world.epoch)
    if routing.current:
        _check(routing.current in routing.sets, f"{app.name!r} routes to revision {routing.current} without sets")
    if routing.trial is not None:
        tried = routing.trial.revision
        _check(
            tried in routing.sets and tried > routing.current, f"{app.name!r} tries {tried} beside {routing.current}"
        )
    for number, routes in routing.sets.items():
        revision = app.live[number]
        _check(set(routes) == set(revision.graph.nodes), f"Sets of revision {number} of {app.name!r} lack nodes")
        for name, route in routes.items():
            named = {endpoint.replica_id for endpoint in route.endpoints}
            serving = {replica.replica_id for replica in revision.pools[name].serving(number)}
            _check(named == serving, f"Set of {name} in revision {number} of {app.name!r} is stale")


def _validate_route_prefix(app: App, routes: dict[str, str]) -> None:
    current = app.current_revision
    prefix = current.graph.route_prefix if current else None
    if prefix is None:
        return
    other = routes.setdefault(prefix, app.name)
    _check(other == app.name, f"Apps {other!r} and {app.name!r} both have the route {prefix!r}")
