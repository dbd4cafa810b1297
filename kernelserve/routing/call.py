"""One request on its way: what a sender hands to a router."""

from __future__ import annotations

from collections.abc import Sequence

from kernelserve.transport.base import Buffer

HOLD = 0
"""Kind of a call that only keeps a slot at a replica: nothing is sent until `ReplicaLink.release`."""


class Call:
    """A request that a router delivers to some replica. Subclasses get the answer by two callbacks.

    Exactly one of `on_frame` (a RESULT or ERROR frame came) and `on_failure` (no replica answered) is
    called, once, on the router's event loop, unless `Router.cancel` came first and nothing was sent.

    Args:
        kind: `FrameKind.CALL` or `FrameKind.HTTP`.
        parts: the payload of the frame, kept for retries.
        revision: the app's revision that the request runs under.
        flags: frame flags of the request.
        retry_safe: may run a second time if its replica dies after accepting it.
        request_id: for errors and logs.

    Attributes:
        multiplexed_model_id: prefer a replica that has this model; "" for none. Set before `Router.submit`.
        session_id: prefer the replica that this session belongs to; "" for none. Set before `Router.submit`.
        target: id of the only replica that may run it, for `Router.submit_to`; "" is any.
        left_queue: `time.monotonic` when it was sent after it had waited in the router; 0 if it did not wait.
    """

    __slots__ = (
        "attempts", "channel", "flags", "kind", "left_queue", "multiplexed_model_id", "parts", "rejected_by",
        "replica_id", "request_id", "retry_safe", "revision", "session_id", "state", "stream", "target",
    )  # fmt: skip

    def __init__(
        self,
        kind: int,
        parts: Sequence[Buffer],
        revision: int,
        flags: int = 0,
        retry_safe: bool = False,
        request_id: str = "",
    ) -> None:
        self.kind = kind
        self.parts = parts
        self.revision = revision
        self.flags = flags
        self.retry_safe = retry_safe
        self.request_id = request_id
        self.multiplexed_model_id = ""
        self.session_id = ""
        self.target = ""
        # The rest belongs to the router.
        self.attempts = 0
        self.left_queue = 0.0
        self.rejected_by: set[str] | None = None
        self.replica_id = ""
        self.stream = 0
        self.channel: object | None = None
        self.state = 0

    def on_held(self) -> None:
        """A slot of `channel` is kept for the call. Only for kind `HOLD`, which sends no frame."""
        raise NotImplementedError

    def on_frame(self, kind: int, flags: int, payload: Buffer) -> None:
        """The answer: a RESULT or ERROR frame."""
        raise NotImplementedError

    def on_stream(self, kind: int, flags: int, payload: Buffer) -> None:
        """A START, CHUNK or CREDIT frame of an answer that goes on; `on_frame` or `on_failure` ends it.

        From the first one on the call counts as accepted and begun: it is not retried. More of a request
        goes out by `ReplicaLink.send_more` of `call.channel`.
        """
        raise NotImplementedError

    def on_failure(self, error: Exception) -> None:
        """No answer will come: `BackPressureError`, `DeploymentUnavailableError`,
        `ReplicaUnavailableError`, `RevisionGoneError` or `RequestCancelledError`."""
        raise NotImplementedError
