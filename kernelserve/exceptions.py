"""Every error that kernelserve raises on purpose.

::

    RayServeException (alias KernelServeError)
    ├── BackPressureError            a queue is full: try later
    ├── RequestCancelledError        the request was cancelled
    ├── DeploymentUnavailableError   the deployment is not serving (deploy failed, deleted)
    ├── ReplicaUnavailableError      the replica died with the request accepted
    ├── RevisionGoneError            the request's revision was retired while it ran
    ├── RevisionNotFoundError        a request asks for a revision that takes no requests
    ├── CallCycleError (RecursionError)   deployments that call one another hold every slot
    ├── gRPCStatusError              an error with a gRPC status for the client
    ├── ApplicationNotFoundError     no app of that name
    ├── RequestNotFoundError (LookupError)   no record of that request
    ├── DeployError                  a plan was not applied; the running revision is untouched
    ├── ShipError (TypeError)        an object cannot leave the notebook's process
    ├── PortTakenError (OSError)     the gateway's port is in use
    ├── FeatureNotBuiltError (NotImplementedError)   an option of Ray Serve that is not built yet
    ├── ControlCallError             a control call raised in the peer
    └── TransportError               bytes between processes
        ├── ProtocolError            the peer broke the frame format
        ├── AuthenticationError      the peer does not know the secret
        └── ChannelClosedError       the channel is closed

Names are Ray Serve's where Ray Serve has them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar


class RayServeException(Exception):
    """Base of the errors of kernelserve, under the name that Ray Serve's users catch."""


KernelServeError = RayServeException


class BackPressureError(RayServeException):
    """A queue in front of a deployment is full.

    Args:
        num_queued_requests: requests waiting at this handle or gateway.
        max_queued_requests: the deployment's limit.
        status_code: what an HTTP client gets, 503 or 429.
        retry_after_s: seconds for the ``Retry-After`` header, or None.
    """

    def __init__(
        self,
        num_queued_requests: int,
        max_queued_requests: int,
        status_code: int = 503,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(num_queued_requests, max_queued_requests, status_code, retry_after_s)
        self.num_queued_requests = num_queued_requests
        self.max_queued_requests = max_queued_requests
        self.status_code = status_code
        self.retry_after_s = retry_after_s

    @property
    def message(self) -> str:
        return (
            f"Request dropped: {self.num_queued_requests} requests are queued, and max_queued_requests is "
            f"{self.max_queued_requests}. Retry later, raise max_queued_requests, or add replicas."
        )

    def __str__(self) -> str:
        return self.message


class RequestCancelledError(RayServeException):
    """The request was cancelled by its caller, by a disconnect or by its deadline."""

    def __init__(self, request_id: str | None = None) -> None:
        super().__init__(request_id)
        self.request_id = request_id

    def __str__(self) -> str:
        return f"Request {self.request_id or '(no id)'} was cancelled."


class DeploymentUnavailableError(RayServeException):
    """The deployment cannot take requests: its deploy failed, or it was deleted."""


class ReplicaUnavailableError(RayServeException):
    """The replica died, or was stopped, after it had accepted the request, and a retry was not safe."""


class RevisionGoneError(RayServeException):
    """The request's revision was retired at the drain timeout while the request ran."""


class RevisionNotFoundError(RayServeException):
    """A request asks for a revision that is neither the app's current one nor on trial."""


class CallCycleError(RayServeException, RecursionError):
    """Deployments call one another in a circle, and the call would wait for a slot that its own callers hold."""


class gRPCStatusError(RayServeException):
    """An error with the status that a gRPC client shall get.

    Args:
        original_exception: what the user's code raised.
        grpc_code: a `grpc.StatusCode`, or None.
        grpc_details: the status's text, or None.
    """

    def __init__(
        self, original_exception: BaseException, grpc_code: object = None, grpc_details: str | None = None
    ) -> None:
        super().__init__(original_exception, grpc_code, grpc_details)
        self.original_exception = original_exception
        self.grpc_code = grpc_code
        self.grpc_details = grpc_details

    def __str__(self) -> str:
        return str(self.original_exception)


class ApplicationNotFoundError(RayServeException):
    """No application of that name is running."""


class RequestNotFoundError(RayServeException, LookupError):
    """The journal of the app has no request of that id."""


class DeployError(RayServeException, RuntimeError):
    """A plan was not applied. The running revision is untouched.

    Attributes:
        deployment: name of the deployment that failed, or None.
        remote_traceback: traceback text from the replica, with the cell's lines, or "".
    """

    def __init__(self, message: str, deployment: str | None = None, remote_traceback: str = "") -> None:
        super().__init__(message, deployment, remote_traceback)
        self.message = message
        self.deployment = deployment
        self.remote_traceback = remote_traceback

    def __str__(self) -> str:
        return f"{self.message}\n\n{self.remote_traceback}" if self.remote_traceback else self.message


class ShipError(RayServeException, TypeError):
    """An object cannot be sent to another process; the message names the path to it."""


class PortTakenError(RayServeException, OSError):
    """Another program listens on the port that was asked for."""


class FeatureNotBuiltError(RayServeException, NotImplementedError):
    """The option or call exists in Ray Serve but is not built here yet."""


class ControlCallError(RayServeException):
    """The peer of a control call raised instead of answering; the channel goes on.

    Attributes:
        type_name: name of the peer's exception class.
        message: its text.
        traceback: its traceback as text, or "".
    """

    def __init__(self, type_name: str, message: str, traceback: str = "") -> None:
        super().__init__(type_name, message, traceback)
        self.type_name = type_name
        self.message = message
        self.traceback = traceback

    def __str__(self) -> str:
        head = f"{self.type_name}: {self.message}"
        return f"{head}\n\nIn the peer:\n{self.traceback}" if self.traceback else head


class TransportError(RayServeException):
    """Base of errors about bytes between processes."""


class ProtocolError(TransportError):
    """The peer sent bytes that are not a frame."""


class AuthenticationError(TransportError):
    """The handshake failed: another secret, another protocol, or too slow."""


class ChannelClosedError(TransportError):
    """The channel is closed, or closed before the answer came."""


class RemoteTraceback(Exception):
    """Carries a replica's traceback text as the ``__cause__`` of the user's own exception.

    Attributes:
        render: how the text is shown in this process; a notebook shows its cells' names and its colours.
    """

    render: ClassVar[Callable[[str], str]] = str

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"\n{type(self).render(self.text)}"
