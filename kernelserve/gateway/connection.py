"""What a request's call and the gateway's sweep know of a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kernelserve.gateway.answers import Head
    from kernelserve.gateway.exchange import HttpCall
    from kernelserve.gateway.state import GatewayState
    from kernelserve.transport.base import Buffer


class Connection(Protocol):
    """A client's connection, as an HTTP or a WebSocket one.

    Of each call it is told either `answered`, or `began`, any number of `piece`, and `ended` or `broken`.
    """

    state: GatewayState

    def answered(self, call: HttpCall, head: Head, body: Buffer) -> None:
        """The call's whole answer."""

    def began(self, call: HttpCall, payload: Buffer) -> None:
        """A streamed answer begins; `payload` is an encoded `HttpResponse`.

        Raises:
            InvalidResponseError: it may not go on the wire, and nothing of it went.
        """

    def piece(self, call: HttpCall, flags: int, payload: Buffer) -> None:
        """A CHUNK of the answer."""

    def ended(self, call: HttpCall, payload: Buffer) -> None:
        """The streamed answer is complete."""

    def broken(self, call: HttpCall) -> None:
        """The streamed answer will not be complete."""

    def granted(self, call: HttpCall) -> None:
        """The replica took some of what waited for it."""

    def check(self, now: float) -> None:
        """Called by the gateway's sweep: end what is idle, slow or stuck."""

    def close_if_idle(self) -> None:
        """The gateway closes: end now what need not be waited for."""

    def abort(self) -> None:
        """End now, whatever runs."""
