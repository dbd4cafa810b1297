"""What can be set at the front door."""

from __future__ import annotations

from dataclasses import dataclass

from kernelserve.config import is_loopback

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayOptions:
    """Address and limits of one gateway.

    A request's headers have their say too: ``x-request-id`` (taken for the request, and given back),
    ``x-request-timeout-seconds`` (in place of `request_timeout_s`, 0 for no limit), ``x-session-id`` (requests of a
    session stay together), ``serve_multiplexed_model_id``, ``x-request-disconnect-disabled: ?1`` (goes on without its
    client), and ``x-kernelserve-revision`` (the revision that answers: the current one or the one on trial; 404 for
    others).

    Attributes:
        host: address to bind. Anything but a loopback address opens the apps to the network.
        port: TCP port; 0 lets the system choose.
        port_search: take the next free port (up to 100 further) when `port` is taken.
        request_timeout_s: seconds from a request's arrival to its 408, or None for no limit.
        show_errors: put the user's traceback into a 500. None: only on loopback hosts.
        max_header_bytes: request line and headers together; more is a 431.
        max_body_bytes: one request's body; more is a 413.
        max_connections: open connections; a further one gets a 503 and is closed.
        max_held_bytes: bodies, and parts of streamed ones, that wait here for a replica or an answer; more is a 503.
        max_pipelined: requests read ahead on one connection before reading stops.
        keep_alive_s: an idle connection is closed after this long.
        header_timeout_s: longest time between a request's first byte and the end of its headers.
        body_timeout_s: longest silence inside a body.
        send_timeout_s: longest time that a client may take nothing of its answer.
        ws_ping_interval_s: a WebSocket is pinged this often, and given up if nothing came since the last ping.
        ws_max_message_bytes: one message of a WebSocket's client; more closes it with 1009.
        backlog: connections that the system holds until they are accepted.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    port_search: bool = False
    request_timeout_s: float | None = None
    show_errors: bool | None = None
    max_header_bytes: int = 65536
    max_body_bytes: int = 1024 * MIB
    max_connections: int = 10_000
    max_held_bytes: int = 256 * MIB
    max_pipelined: int = 32
    keep_alive_s: float = 90.0
    header_timeout_s: float = 30.0
    body_timeout_s: float = 30.0
    send_timeout_s: float = 60.0
    ws_ping_interval_s: float = 20.0
    ws_max_message_bytes: int = 16 * MIB
    backlog: int = 2048

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ValueError(
                f"The gateway's port is out of range: port={self.port!r}. Give 0 (any free port) or 1 to 65535."
            )
        for name in (
            "max_header_bytes", "max_body_bytes", "max_connections", "max_held_bytes", "max_pipelined",
            "keep_alive_s", "header_timeout_s", "body_timeout_s", "send_timeout_s", "backlog",
            "ws_ping_interval_s", "ws_max_message_bytes",
        ):  # fmt: skip
            value = getattr(self, name)
            if not value > 0:
                raise ValueError(f"A gateway limit must be positive: {name}={value!r}. Give a number above 0.")

    @property
    def errors_shown(self) -> bool:
        """`show_errors` with its default filled in."""
        return is_loopback(self.host) if self.show_errors is None else self.show_errors
