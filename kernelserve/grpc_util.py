"""What user code meets of gRPC: the context of the request, and the stream of a client that sends many messages."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, NoReturn, TypeVar

from kernelserve.exceptions import RequestCancelledError

T = TypeVar("T")

Metadata = Sequence[tuple[str, str | bytes]]

_KEY = re.compile(r"[0-9a-z_.-]+")
_TEXT = re.compile(r"[\x20-\x7e]*")


class RayServegRPCContext:
    """What a gRPC servicer's context is in Ray Serve: reads the request, and sets what the client gets with the answer.

    A method that has a parameter named ``grpc_context`` gets one. What it sets goes to the client when it has
    returned, raised, or yielded its last item.

    Example:
        >>> def Echo(self, request, grpc_context):           # doctest: +SKIP
        ...     if not request.text:
        ...         grpc_context.set_code(grpc.StatusCode.INVALID_ARGUMENT)
        ...         grpc_context.set_details("There is no text. Send some.")
        ...     return EchoReply(text=request.text)
    """

    def __init__(
        self,
        invocation_metadata: Metadata = (),
        peer: str = "",
        peer_identities: Iterable[bytes] | None = None,
        peer_identity_key: str | None = None,
        auth_context: Mapping[str, Iterable[bytes]] | None = None,
        request_id: str | None = None,
    ) -> None:
        self._request_id = request_id
        self._invocation_metadata = [(key, value) for key, value in invocation_metadata]
        self._peer = peer
        self._peer_identities = peer_identities
        self._peer_identity_key = peer_identity_key
        self._auth_context = dict(auth_context or {})
        self._code: Any = None
        self._details: str | None = None
        self._trailing_metadata: list[tuple[str, str | bytes]] = []
        self._compression: Any = None

    def invocation_metadata(self) -> list[tuple[str, str | bytes]]:
        """The client's metadata."""
        return self._invocation_metadata

    def request_id(self) -> str | None:
        """Id of the request: the client's, or the one that the gateway has given it."""
        return self._request_id or self._said("request_id")

    def application(self) -> str | None:
        """The application that the client has named, or None."""
        return self._said("application")

    def multiplexed_model_id(self) -> str | None:
        """The model that the client asks for, or None."""
        return self._said("multiplexed_model_id")

    def traceparent(self) -> str | None:
        """The trace that the request belongs to, as the client has sent it, or None."""
        return self._said("traceparent")

    def tracestate(self) -> str | None:
        """The state of that trace, or None."""
        return self._said("tracestate")

    def peer(self) -> str:
        """The client's address, as gRPC writes it."""
        return self._peer

    def peer_identities(self) -> Iterable[bytes] | None:
        """Identities of the client; None, as connections are not authenticated."""
        return self._peer_identities

    def peer_identity_key(self) -> str | None:
        """The property of `auth_context` that identifies the client, or None."""
        return self._peer_identity_key

    def auth_context(self) -> Mapping[str, Iterable[bytes]]:
        """What is known of the connection's security."""
        return self._auth_context

    def code(self) -> Any:
        """The `grpc.StatusCode` that was set, or None."""
        return self._code

    def details(self) -> str | None:
        """The status's text that was set, or None."""
        return self._details

    def trailing_metadata(self) -> list[tuple[str, str | bytes]]:
        """The trailing metadata that was set."""
        return self._trailing_metadata

    def set_code(self, code: Any) -> None:
        """Set the status that the client gets.

        Args:
            code: a `grpc.StatusCode`. Any but OK ends the request as an error, and its answer is dropped.

        Raises:
            ValueError: it is no status code.
        """
        if code_number(code) is None:
            raise ValueError(f"set_code({code!r}): this is no gRPC status. Use one of grpc.StatusCode.")
        self._code = code

    def set_details(self, details: str) -> None:
        """Set the text of the status.

        Raises:
            TypeError: it is no string.
        """
        if not isinstance(details, str):
            raise TypeError(f"set_details({details!r}) takes a string. Use str(...).")
        self._details = details

    def set_trailing_metadata(self, trailing_metadata: Iterable[tuple[str, str | bytes]]) -> None:
        """Set the metadata that the client gets after the answer. The request's id comes in addition to it.

        Raises:
            ValueError: a key or value that gRPC does not carry.
        """
        entries = [(key, value) for key, value in trailing_metadata]
        for key, value in entries:
            check_metadata(key, value)
        self._trailing_metadata = entries

    def set_compression(self, compression: Any) -> None:
        """Set how the answer is compressed. No effect where one side streams: headers have left before.

        Args:
            compression: a `grpc.Compression`.
        """
        self._compression = compression

    def _said(self, key: str) -> str | None:
        for name, value in self._invocation_metadata:
            if name == key and isinstance(value, str):
                return value
        return None


def code_number(code: Any) -> int | None:
    """The number of a `grpc.StatusCode`, or None if it is none; without importing grpc."""
    value = getattr(code, "value", None)
    return value[0] if isinstance(value, tuple) and value and isinstance(value[0], int) else None


def check_metadata(key: Any, value: Any) -> None:
    """Check one entry of metadata that is to be sent.

    Raises:
        ValueError: gRPC would refuse it, and with it the whole answer.
    """
    if not isinstance(key, str) or not _KEY.fullmatch(key) or key.startswith("grpc-"):
        raise ValueError(
            f"The metadata key {key!r} cannot be sent. Use lower-case letters, digits and _ - . only, and not 'grpc-…'."
        )
    if key.endswith("-bin"):
        if not isinstance(value, bytes):
            raise ValueError(f"The metadata value of {key!r} is {value!r}. Keys that end with '-bin' take bytes.")
    elif not isinstance(value, str) or not _TEXT.fullmatch(value):
        raise ValueError(
            f"The metadata value of {key!r} is {value!r}, which is not printable ASCII text. "
            f"Encode it, or send bytes under {key + '-bin'!r}."
        )


class gRPCInputStream(Generic[T]):
    """The messages of a client that streams: the argument of a client- or bidi-streaming method.

    Iterate it with ``async for`` in ``async def`` methods, and with ``for`` in ``def`` methods. It has one reader.

    Example:
        >>> async def Sum(self, numbers):                    # doctest: +SKIP
        ...     return Total(value=sum([number.value async for number in numbers]))
    """

    def __init__(self, receive: Callable[[], Awaitable[T]], loop: asyncio.AbstractEventLoop) -> None:
        """Made by the replica.

        Args:
            receive: gives the next message on `loop`, and raises `StopAsyncIteration` after the last.
            loop: the replica's.
        """
        self._receive = receive
        self._loop = loop
        self._cancelled = threading.Event()
        self._exhausted = False
        self._waiting: asyncio.Task[tuple[T, ...]] | None = None

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    def is_cancelled(self) -> bool:
        """The request was cancelled: no further message comes."""
        return self._cancelled.is_set()

    @property
    def is_exhausted(self) -> bool:
        """The last message was taken, and the client has ended its stream."""
        return self._exhausted

    async def __anext__(self) -> T:
        try:
            return await self._receive()
        except StopAsyncIteration:
            self._exhausted = True
            raise

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        if _running_loop() is not None:
            raise RuntimeError(
                f"`for … in {self!r}` would block the event loop, which has to bring the messages. Use `async for`."
            )
        found = asyncio.run_coroutine_threadsafe(self._next_for_thread(), self._loop).result()
        if not found:
            raise StopIteration
        return found[0]

    def cancel(self) -> None:
        """The request was cancelled: a thread that waits for a message gets `RequestCancelledError`."""
        self._cancelled.set()
        self._loop.call_soon_threadsafe(self._cancel_waiting)

    async def _next_for_thread(self) -> tuple[T, ...]:
        # StopAsyncIteration must not leave a task, so that the end is the empty tuple.
        if self._cancelled.is_set():
            raise RequestCancelledError
        self._waiting = asyncio.ensure_future(self._one())
        try:
            return await self._waiting
        except asyncio.CancelledError:
            raise RequestCancelledError from None
        finally:
            self._waiting = None

    async def _one(self) -> tuple[T, ...]:
        try:
            return (await self.__anext__(),)
        except StopAsyncIteration:
            return ()

    def _cancel_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} cannot be pickled or passed to another deployment: it has one reader, and it is here. "
            "Iterate it, and pass its messages on."
        )

    def __repr__(self) -> str:
        return "<gRPCInputStream>"


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
