"""`ReplicaSelection`: a replica with a slot that is kept for one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernelserve.exceptions import RequestCancelledError
from kernelserve.outcome import Outcome
from kernelserve.outgoing import Answer, HandleCall, HandleOptions, Outgoing, on_loop
from kernelserve.routing.call import HOLD
from kernelserve.routing.link import ReplicaLink
from kernelserve.routing.payloads import RawValue
from kernelserve.routing.runtime import Runtime
from kernelserve.types import DeploymentID

if TYPE_CHECKING:
    from kernelserve.routing.directory import AppRoutes


class HeldCall(HandleCall):
    """Keeps a slot at a replica; nothing is sent."""

    __slots__ = ()

    sender: SlotRequest

    def on_held(self) -> None:
        assert isinstance(self.channel, ReplicaLink)
        self.sender.held(self.channel.replica_id)


class SlotRequest(Outgoing):
    """Asks the router for a slot; `future` gets the replica's id."""

    def __init__(self, to: DeploymentID, runtime: Runtime, options: HandleOptions) -> None:
        super().__init__(to, runtime, options)
        self.future: Outcome[str] = Outcome()
        self._lost: BaseException | None = None

    @property
    def done(self) -> bool:
        return self.future.done()

    def held(self, replica_id: str) -> None:
        self.future.set_result(replica_id)

    def result(self, raw: RawValue) -> None:
        raise AssertionError("Nothing was sent, so nothing can be answered.")

    def fail(self, error: BaseException) -> None:
        if self.future.done():
            self._lost = error  # The replica died while its slot was kept.
        else:
            self.future.set_exception(error)
        self.ended()

    def release(self) -> None:
        """Give the slot back if it was not used, on the runtime's loop; also takes back a request that waits."""
        call, router = self._call, self._router
        if not self.done:
            self._cancel_on_loop()
        elif call is not None and router is not None:
            self._let_go(call)
            call.leave()
            router.freed()
        self.ended()

    def hand_over(self, call: HandleCall) -> BaseException | None:
        """Free the slot for `call`, which is submitted next, with the revision it stands for.

        Returns:
            Why it cannot be used any more, or None.
        """
        held = self._call
        if self._lost is not None or held is None:
            return self._lost or RequestCancelledError(self.request_id)
        self._let_go(held)
        call.revision = held.revision
        call.entered, held.entered = held.entered, None
        self.ended()
        return None

    def _make_call(self, routes: AppRoutes, raw: RawValue) -> HandleCall:
        return HeldCall(HOLD, (), self.revision or routes.current, request_id=self.request_id)

    @staticmethod
    def _let_go(call: HandleCall) -> None:
        if isinstance(call.channel, ReplicaLink):
            call.channel.release(call)


class ReplicaSelection:
    """A replica that `DeploymentHandle.choose_replica` has chosen, with a slot kept for one `dispatch`.

    Attributes:
        replica_id: its id, as in `get_replica_context().replica_id`.
    """

    def __init__(self, slot: SlotRequest, replica_id: str) -> None:
        self.replica_id = replica_id
        self._slot: SlotRequest | None = slot

    def take_slot(self, to: DeploymentID) -> SlotRequest:
        """The slot, for the one call that may use it.

        Raises:
            RuntimeError: it was used, its block has ended, or it is another deployment's.
        """
        slot = self._slot
        if slot is None:
            raise RuntimeError(
                f"{self!r} cannot be used: it was dispatched already, or its `async with` block has ended. "
                "Choose a replica for each call, and dispatch inside the block."
            )
        if slot.to != to:
            raise RuntimeError(
                f"{self!r} is a replica of {slot.to}, not of {to}. Dispatch with the handle that chose it."
            )
        self._slot = None
        return slot

    def release(self) -> None:
        """Give the slot back if no call has used it. From any thread."""
        slot, self._slot = self._slot, None
        if slot is not None:
            on_loop(slot.runtime, slot.release)

    def __repr__(self) -> str:
        return f"<ReplicaSelection {self.replica_id}>"


class DispatchedAnswer(Answer):
    """A call to the replica whose slot was kept for it."""

    def __init__(self, slot: SlotRequest, replica_id: str, options: HandleOptions) -> None:
        super().__init__(slot.to, slot.runtime, options)
        self.target = replica_id
        self._slot = slot

    def fail(self, error: BaseException) -> None:
        on_loop(self.runtime, self._slot.release)  # Nothing happens if the call has taken it over.
        super().fail(error)

    def _enter(self, call: HandleCall, routes: AppRoutes) -> BaseException | None:
        return self._slot.hand_over(call)
