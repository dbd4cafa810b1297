"""`DeploymentResponse` and `DeploymentBroadcastResponse`: answers to come."""

from __future__ import annotations

import asyncio
import concurrent.futures
import time
from collections.abc import Generator
from typing import Any, Generic, NoReturn, TypeVar, cast

from kernelserve.exceptions import FeatureNotBuiltError, RequestCancelledError
from kernelserve.outcome import Outcome
from kernelserve.outgoing import Answer, arrival, wait_for
from kernelserve.routing.runtime import Runtime
from kernelserve.types import DeploymentID

T = TypeVar("T")


class DeploymentResponse(Generic[T]):
    """The answer to come of `DeploymentHandle.remote`: ``await`` it, or wait with `result`.

    Pass it as an argument of another handle's ``remote`` and its value goes on without a stop here.

    Example:
        >>> vector = embedder.remote("a text")          # doctest: +SKIP
        >>> await index.nearest.remote(vector, k=3)     # doctest: +SKIP
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @property
    def request_id(self) -> str:
        """Id of the request that the call belongs to; it is in logs and errors."""
        return self._answer.request_id

    @property
    def by_reference(self) -> bool:
        """False: values travel to who asks for them, and no object store is between."""
        return False

    def result(self, timeout_s: float | None = None) -> T:
        """Wait for the answer. Works in a notebook cell, in scripts and in replicas' ``def`` methods.

        Args:
            timeout_s: seconds to wait; the request goes on after a timeout. None waits for ever.

        Raises:
            TimeoutError: no answer in time.
            RuntimeError: called on the event loop that has to bring the answer; use ``await``.
            Exception: what the deployment raised, with its own type.
        """
        answer = self._answer
        if not answer.future.done():
            refuse_on_own_loop(answer.runtime, f"{self!r}.result()")
            if not answer.future.wait(timeout_s):
                raise TimeoutError(
                    f"{answer.to} has not answered within {timeout_s} s (request {self.request_id}). "
                    "Wait longer, or look at serve.status()."
                )
        return cast(T, answer.load(answer.future.result()))

    def __await__(self) -> Generator[Any, None, T]:
        answer = self._answer
        if not answer.future.done():
            try:
                yield from arrival(answer.future, answer.runtime)
            except asyncio.CancelledError:
                answer.cancel()
                raise
        return cast(T, answer.load(answer.future.result()))

    def cancel(self) -> None:
        """Ask for the request to be stopped, here and in everything that it called."""
        self._answer.cancel()

    def cancelled(self) -> bool:
        """True if `cancel` was called before the answer came, and the request has ended with it."""
        return isinstance(self._answer.future.exception(), RequestCancelledError)

    def done(self) -> bool:
        """Whether the answer, or an error in its place, is here."""
        return self._answer.done

    def _to_object_ref(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise no_object_refs("response._to_object_ref()", "Await the response")

    def _to_object_ref_sync(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise no_object_refs("response._to_object_ref_sync()", "Call response.result()")

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} cannot be pickled. Pass it as a plain argument of another handle's remote(), "
            "not inside a list, or await it first."
        )

    def __repr__(self) -> str:
        return f"<DeploymentResponse of {self._answer.to}, {'done' if self.done() else 'pending'}>"


class DeploymentBroadcastResponse(Generic[T]):
    """The answers to come of `DeploymentHandle.broadcast`, one of each replica.

    Example:
        >>> handle.broadcast("clear_cache").results(timeout_s=5)     # doctest: +SKIP
        [None, None, None]
    """

    def __init__(
        self,
        to: DeploymentID,
        runtime: Runtime,
        request_id: str,
        sent: concurrent.futures.Future[list[DeploymentResponse[T]]],
    ) -> None:
        self.request_id = request_id
        self._to = to
        self._runtime = runtime
        self._sent = sent
        self._is_cancelled = False

    def results(self, timeout_s: float | None = None, return_exceptions: bool = False) -> list[T]:
        """Wait for all answers; they are in the order of the replicas' ids.

        Args:
            timeout_s: seconds to wait for all of them; the requests go on after a timeout. None waits for ever.
            return_exceptions: put errors into the list, in place of the answers.

        Raises:
            TimeoutError: they have not all come in time.
            RuntimeError: called on the event loop that has to bring the answers; use `results_async`.
            Exception: the first error in the list, unless `return_exceptions`.
        """
        refuse_on_own_loop(self._runtime, f"{self!r}.results()", "await response.results_async()")
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        try:
            responses = self._sent.result(timeout_s)
        except concurrent.futures.TimeoutError:
            if self._sent.done():
                raise
            raise self._late(timeout_s) from None
        if not all(response._answer.future.wait(left(deadline)) for response in responses):
            raise self._late(timeout_s)
        return [_outcome(response, return_exceptions) for response in responses]

    async def results_async(self, timeout_s: float | None = None, return_exceptions: bool = False) -> list[T]:
        """As `results`, for async code on any loop. A cancelled wait cancels the requests."""
        try:
            async with asyncio.timeout(timeout_s) as limit:
                responses = await wait_for(self._sent, self._runtime)
                for response in responses:
                    await _settled(response)
        except asyncio.CancelledError:
            self.cancel()
            raise
        except TimeoutError:
            if not limit.expired():
                raise
            raise self._late(timeout_s) from None
        return [_outcome(response, return_exceptions) for response in responses]

    def cancel(self) -> None:
        """Ask for all of the requests to be stopped."""
        self._sent.add_done_callback(_cancel_all)

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self!r} cannot be pickled or passed on. Take its results() first.")

    def __repr__(self) -> str:
        return f"<DeploymentBroadcastResponse of {self._to}>"

    def _late(self, timeout_s: float | None) -> TimeoutError:
        return TimeoutError(
            f"Not every replica of {self._to} has answered within {timeout_s} s (request {self.request_id}). "
            "Wait longer, or look at serve.status()."
        )


def refuse_on_own_loop(runtime: Runtime, what: str, instead: str = "await response") -> None:
    """Raise if the calling thread is the one that has to bring what it would wait for."""
    if runtime.on_own_thread():
        raise RuntimeError(
            f"{what} was called on the replica's event loop, which would wait for itself. "
            f"Use `{instead}` in an async method or constructor, or make the method a plain `def`."
        )


def no_object_refs(what: str, instead: str) -> FeatureNotBuiltError:
    return FeatureNotBuiltError(
        f"{what} is not supported: values do not go through Ray's object store, so there is no reference to one. "
        f"{instead}, or pass it on as an argument."
    )


def left(deadline: float | None) -> float | None:
    """Seconds until a `time.monotonic`, at least 0."""
    return None if deadline is None else max(0.0, deadline - time.monotonic())


async def _settled(response: DeploymentResponse[Any]) -> None:
    """Wait for the outcome, whatever it is."""
    settled: Outcome[None] = Outcome()
    response._answer.future.add_done_callback(lambda _: settled.set_result(None))
    await wait_for(settled, response._answer.runtime)


def _outcome(response: DeploymentResponse[T], return_exceptions: bool) -> T:
    try:
        return response.result()
    except Exception as error:  # The caller asked for whatever the deployment raised.
        if return_exceptions:
            return cast(T, error)
        raise


def _cancel_all(sent: concurrent.futures.Future[list[DeploymentResponse[T]]]) -> None:
    if not sent.cancelled() and sent.exception() is None:
        for response in sent.result():
            response.cancel()
