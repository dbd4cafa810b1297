"""The user's object in a replica, and its views: which code serves which revision."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kernelserve import context
from kernelserve.bound import Decorated
from kernelserve.code.store import UnitStore
from kernelserve.config import DeploymentOptions, load_options
from kernelserve.graph.model import Node
from kernelserve.ingress.bind import forget_instances
from kernelserve.replica.batch_knobs import BatchKnobs
from kernelserve.replica.changes import Changes
from kernelserve.replica.echoes import Echoes
from kernelserve.replica.gate import Gate
from kernelserve.replica.lines import hold_lines, release_lines
from kernelserve.replica.patch import Patch, Verdict, make_bridge, set_class, state_of
from kernelserve.replica.reload import reloaded_copy
from kernelserve.replica.views import View

log = logging.getLogger("kernelserve.replica")


@dataclass(frozen=True, slots=True)
class Edition:
    """What was loaded for one revision.

    Attributes:
        lines: files whose lines are held for it.
        before: the options that it has replaced; None for the first.
    """

    node: Node
    options: DeploymentOptions
    lines: tuple[str, ...]
    before: DeploymentOptions | None = None


def _nobody_told(revision: int, reason: str) -> None:
    """Where there is no controller."""


class Servable:
    """One user object for life: constructed once, patched in place, viewed per revision.

    All methods are for the replica's event loop.

    Args:
        store: loads its code.
        on_overdue: told revision and reason when a patch is given up that had to be alone and could not.

    Attributes:
        gate: of the patch that waits to be alone, or None.
    """

    def __init__(self, store: UnitStore, on_overdue: Callable[[int, str], None] = _nobody_told) -> None:
        self._store = store
        self._on_overdue = on_overdue
        self._views: list[View] = []
        self._echoes = Echoes()
        self._editions: dict[int, Edition] = {}
        self._changing = asyncio.Lock()
        self._knobs = BatchKnobs()
        self.gate: Gate | None = None
        self.options = DeploymentOptions()

    @property
    def original(self) -> Any:
        """The user's instance (or function): the view of the oldest live revision."""
        return self._views[0].target if self._views else None

    @property
    def revisions(self) -> list[int]:
        """Those that it has views of, without one whose patch was given up."""
        return [view.revision for view in self._views if view.gate is None or not view.gate.closed]

    @property
    def node(self) -> Node | None:
        """What the oldest live revision is made of."""
        return self._editions[min(self._editions)].node if self._editions else None

    def view(self, revision: int) -> View:
        """The view that serves a revision: the newest that is not newer."""
        views = self._views
        if len(views) == 1:
            return views[0]
        for view in reversed(views):
            if view.revision <= revision:
                return view
        return views[0]

    async def construct(
        self, node: Node, revision: int, units: Mapping[str, bytes], sources: Mapping[str, str]
    ) -> None:
        """Make the instance; raises what the user's code raises."""
        self.options = load_options(node.options)
        self._editions[revision] = Edition(node, self.options, hold_lines(sources))
        target = self._load(node, units)
        args, kwargs = self._store.unpack(node.args)
        if inspect.isclass(target):
            target = await _instance(target, args, kwargs)
        if self.options.user_config is not None:
            await reconfigure(target, self.options.user_config)
        self._knobs.apply(target, node.options.get("batching", {}))
        view = View(revision, target)
        await view.open()
        self._views.append(view)

    def _load(self, node: Node, units: Mapping[str, bytes]) -> Any:
        self._store.add(units)
        return self._store.unpack(node.code)

    # --- the next revision ---

    async def prepare(
        self, node: Node, revision: int, units: Mapping[str, bytes], sources: Mapping[str, str], patch: bool
    ) -> Verdict:
        """Get ready to serve `revision`; says why a patch is refused, or must be alone.

        Raises what the user's code raises while it is loaded, reloaded or reconfigured; nothing has changed then.
        """
        async with self._changing:
            lines = hold_lines(sources)
            try:
                return await self._prepare(node, revision, units, lines, patch)
            finally:
                if revision not in self._editions:
                    release_lines(lines)

    async def _prepare(
        self, node: Node, revision: int, units: Mapping[str, bytes], lines: tuple[str, ...], patch: bool
    ) -> Verdict:
        options = load_options(node.options)
        view, verdict = None, Verdict()
        if patch:
            if not await self._is_settled():
                return Verdict("an earlier patch of it still waits for requests of older revisions")
            view = View(revision, self._load(node, units))
        try:
            if view is not None:
                verdict = await self._patch(view, self._changes(node))
                if verdict.barrier and options.user_config != self.options.user_config:
                    verdict = Verdict(f"user_config changed, and {verdict.barrier}")
                if verdict.refusal:
                    self._forget(view)
                    return verdict
                await view.open(self._views[-1])
            if options.user_config != self.options.user_config and options.user_config is not None:
                await self._reconfigure(view.target if view is not None else self.original, options.user_config)
        except BaseException:
            self._forget(view)
            raise
        if view is not None:
            self._views.append(view)
            self.gate = view.gate
        self._knobs.apply(self._views[-1].target, node.options.get("batching", {}))
        self._editions[revision] = Edition(node, options, lines, self.options)
        self.options = options
        return verdict

    async def _is_settled(self) -> bool:
        """Whether the newest code may be patched; waits a while for one that is to take over."""
        if self.gate is not None:
            await self.gate.settled()
        return self._views[-1].gate is None

    async def _patch(self, view: View, changes: Changes) -> Verdict:
        """Give the view, whose target is the new class, an object of it; a function is its own."""
        new_class, before = view.target, self._views[-1].target
        if not inspect.isclass(new_class):
            if isinstance(new_class, Decorated) and isinstance(before, Decorated):
                new_class.adopt(before)
            changes.carry_over()
            return Verdict()
        view.target = None
        selves = [*(one.target for one in self._views), *self._echoes]
        if hasattr(new_class, "__reload__"):
            view.target, refusal = await reloaded_copy(before, new_class, changes)
            if refusal:
                return Verdict(refusal)
            view.patch = Patch(view.target, new_class, changes, former=selves, old_class=type(before))
        else:
            view.patch = Patch(before, new_class, changes, selves)
        verdict = view.patch.examine()
        if verdict.refusal:
            return verdict
        if view.target is None:
            changes.carry_over()
            view.target = make_bridge(before, new_class)
        if verdict.barrier:
            view.gate = Gate(view.revision, verdict.barrier, self._give_up)
        return verdict

    def _changes(self, node: Node) -> Changes:
        """What the node has another version of, as far as it is loaded here."""
        present = self._editions[max(self._editions)].node
        before, after = set(present.units), set(node.units)
        for uid in after - before:
            if uid.startswith("class:"):
                self._store.load(uid)  # The state may hold an instance that came as an argument.
        old, new = present.init | present.serve, node.init | node.serve
        parts = {part for part in old.keys() | new.keys() if old.get(part) != new.get(part)}
        return Changes(self._loaded(before - after), self._loaded(after - before), parts, old.keys() - parts)

    def _loaded(self, units: set[str]) -> dict[str, Any]:
        loaded = {uid: self._store.loaded(uid) for uid in units}
        return {uid: value for uid, value in loaded.items() if value is not None}

    async def _reconfigure(self, target: Any, user_config: Any) -> None:
        try:
            await reconfigure(target, user_config)
        except Exception:
            if self.options.user_config is not None:
                await reconfigure(self.original, self.options.user_config)
            raise

    async def abort(self, revision: int) -> None:
        """Undo `prepare`, when it has ended."""
        async with self._changing:
            edition = self._editions.get(revision)
            if edition is None or edition.before is None:
                return
            before = edition.before
            if before.user_config != self.options.user_config and before.user_config is not None:
                await reconfigure(self.original, before.user_config)
            self.options = before
            for view in [view for view in self._views if view.revision == revision]:
                self._views.remove(view)
                self._forget(view)
            self._drop_editions({revision})
            node = self._editions[max(self._editions)].node
            self._knobs.apply(self._views[-1].target, node.options.get("batching", {}))

    # --- the end of older revisions ---

    def retire(self, revision: int) -> None:
        """Requests up to `revision` have ended, or their time is over: the newest view takes over from older ones.

        One that must be alone does so at `alone`.
        """
        base = self.view(revision + 1)
        if base.gate is not None:
            base.gate.retired = True
            return
        if base is not self._views[0]:
            self._take_over(base)
        self._drop_editions_before(revision + 1)

    def alone(self) -> None:
        """No request runs here: a patch that has waited for this takes over."""
        gate = self.gate
        if gate is None or not gate.retired:
            return
        view = next(view for view in self._views if view.gate is gate)
        reason = view.patch.finish() if view.patch is not None else ""
        if reason:
            self._give_up(gate, reason)
            return
        self.gate = view.gate = None
        self._take_over(view)
        self._drop_editions_before(view.revision)
        gate.open()

    def _take_over(self, base: View) -> None:
        """The original object takes the class of the newest view, and serves it from here on."""
        if base.patch is not None and base.patch.looks_again:
            # What requests of the old code have put into the state since the look at it.
            reason = base.patch.finish()
            if reason:
                log.warning("Old code stays in use after a patch: %s. Deploy it again with --replace.", reason)
        if base.patch is not None:
            base.patch.changes.class_state.catch_up()
        base.patch = None
        older = [view.target for view in self._views if view.revision < base.revision]
        self._views = [view for view in self._views if view.revision >= base.revision]
        original = older.pop(0)
        if inspect.isroutine(original) or inspect.isroutine(base.target):
            return
        if base.asgi is None:
            set_class(original, type(base.target), state_of(base.target))
            older.append(base.target)
            base.aim_at(original)
        else:
            older.append(original)  # The ASGI app, whose lifespan has begun, is bound to the bridge: so that stays.
            forget_instances()
        self._echo(older)

    def _echo(self, targets: list[Any]) -> None:
        """Nothing serves by these objects any more; whoever holds one goes on with what serves."""
        for target in targets:
            self._echoes.add(target)
        targets.clear()
        self._echoes.follow(self.original)

    def _give_up(self, gate: Gate, reason: str) -> None:
        """The view stays, and with its closed gate turns away what comes for it."""
        self.gate = None
        gate.close()
        self._on_overdue(gate.revision, reason)

    def _forget(self, view: View | None) -> None:
        """A view that will not serve."""
        if view is None or view.target is None or inspect.isroutine(view.target) or inspect.isclass(view.target):
            return
        if view.gate is not None:
            view.gate.close()
            self.gate = None if self.gate is view.gate else self.gate
        target, view.target, view.asgi = view.target, None, None
        view.patch = None
        forget_instances()
        self._echo([target])

    def _drop_editions_before(self, revision: int) -> None:
        needed = max((number for number in self._editions if number <= revision), default=0)
        self._drop_editions({number for number in self._editions if number < needed})

    def _drop_editions(self, numbers: set[int]) -> None:
        """Let go of the code of revisions that are gone."""
        for number in numbers:
            release_lines(self._editions.pop(number).lines)
        if numbers:
            self._store.retain({uid for edition in self._editions.values() for uid in edition.node.units})

    async def close(self) -> None:
        """End the ASGI apps and drop the user's object; its finalizers run now."""
        lifespans = {view.lifespan for view in self._views if view.lifespan is not None}
        if self.gate is not None:
            self.gate.close()
            self.gate = None
        self._echoes.close()
        self._views.clear()
        for lifespan in lifespans:
            await lifespan.shutdown()
        forget_instances()
        while self._editions:
            release_lines(self._editions.popitem()[1].lines)


async def _instance(cls: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """An instance of the user's class, whose `__init__` may be async."""
    if not inspect.iscoroutinefunction(cls.__init__):
        return cls(*args, **kwargs)
    instance: Any = object.__new__(cls)
    await instance.__init__(*args, **kwargs)
    return instance


async def reconfigure(target: Any, user_config: Any) -> None:
    """Call the user's ``reconfigure(user_config)``, sync or async; with the replica's rank if it takes one.

    Raises:
        AttributeError: the class has no ``reconfigure``.
    """
    method = getattr(target, "reconfigure", None)
    if method is None:
        raise AttributeError(
            f"user_config is {user_config!r}, but {type(target).__name__} has no reconfigure(user_config). Define it."
        )
    replica = context.current_replica.get()
    if replica is not None and "rank" in inspect.signature(method).parameters:
        result = method(user_config, rank=replica.rank)
    else:
        result = method(user_config)
    if asyncio.iscoroutine(result):
        await result
