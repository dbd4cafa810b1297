"""Requests of all four kinds, on a running system."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest
from grpc_helpers import Client, failure
from system_helpers import wait_for

import kernelserve as serve
from kernelserve import context
from kernelserve.exceptions import gRPCStatusError

Code = grpc.StatusCode


@serve.deployment
class Echo:
    def Say(self, request: Any) -> Any:
        return type(request)(text=f"You said {request.text}")

    def Count(self, request: Any) -> Iterator[Any]:
        for value in range(request.value):
            yield type(request)(value=value)

    async def Sum(self, numbers: Any) -> Any:
        from kernelserve_echo.echo_pb2 import Number

        return Number(value=sum([number.value async for number in numbers]))

    async def Chat(self, texts: Any) -> AsyncIterator[Any]:
        async for text in texts:
            yield type(text)(text=text.text.upper())


@serve.deployment
class ThreadEcho:
    """The same with ``def`` where `Echo` has ``async def``, and the other way."""

    async def Say(self, request: Any) -> Any:
        return type(request)(text=f"You said {request.text}")

    async def Count(self, request: Any) -> AsyncIterator[Any]:
        for value in range(request.value):
            yield type(request)(value=value)

    def Sum(self, numbers: Any) -> Any:
        from kernelserve_echo.echo_pb2 import Number

        return Number(value=sum(number.value for number in numbers))

    def Chat(self, texts: Any) -> Iterator[Any]:
        for text in texts:
            yield type(text)(text=text.text.upper())


@pytest.mark.parametrize("deployment", [Echo, ThreadEcho])
def test_the_four_kinds(deployment: Any, deploy: Any, client: Client, name: str) -> None:
    deploy(deployment, name)
    assert client.stub.Say(client.text("hi")).text == "You said hi"
    assert [number.value for number in client.stub.Count(client.pb.Number(value=4))] == [0, 1, 2, 3]
    assert client.stub.Sum(iter(client.numbers(1, 2, 39))).value == 42
    assert client.stub.Sum(iter(())).value == 0
    assert [text.text for text in client.stub.Chat(map(client.text, ["a", "b"]))] == ["A", "B"]


@pytest.mark.parametrize("deployment", [Echo, ThreadEcho])
def test_large_streams_go_both_ways(deployment: Any, deploy: Any, client: Client, name: str) -> None:
    """Both ways by far more than one window of credit."""
    deploy(deployment, name)
    texts = [f"{index}:" + "x" * 20_000 for index in range(200)]
    answers = [answer.text for answer in client.stub.Chat(map(client.text, texts))]
    assert answers == [text.upper() for text in texts]


def test_a_conversation_goes_message_by_message(deploy: Any, client: Client, name: str) -> None:
    deploy(Echo, name)
    answered = threading.Semaphore(0)

    def texts() -> Iterator[Any]:
        for text in ("one", "two", "three"):
            yield client.text(text)
            assert answered.acquire(timeout=20)

    seen = []
    for answer in client.stub.Chat(texts()):
        seen.append(answer.text)
        answered.release()
    assert seen == ["ONE", "TWO", "THREE"]


@serve.deployment
class First:
    """Answers when it has the first message, and takes no more."""

    async def Sum(self, numbers: Any) -> Any:
        async for number in numbers:
            return number


def test_an_answer_may_come_before_the_end_of_the_request(deploy: Any, client: Client, name: str) -> None:
    deploy(First, name)
    ended = threading.Event()

    def numbers() -> Iterator[Any]:
        yield client.pb.Number(value=7)
        ended.wait(20)

    assert client.stub.Sum(numbers(), timeout=20).value == 7
    ended.set()


@serve.deployment
class Context:
    """Tells what it knows of the request."""

    def Say(self, request: Any, grpc_context: Any) -> Any:
        request_ = context.request()
        assert request_ is not None
        known = dict(grpc_context.invocation_metadata())
        grpc_context.set_trailing_metadata([("seen", known.get("traceparent", "")), ("data-bin", b"\x00\xff")])
        peer = grpc_context.peer().partition(":")[0]
        assert grpc_context.request_id() == request_.request_id
        parts = [request_.request_id, request_.multiplexed_model_id, request_.session_id, request_.route, peer]
        return type(request)(text=" ".join(parts))


def test_metadata_reaches_the_code_and_comes_back(deploy: Any, client: Client, name: str) -> None:
    deploy(Context, name)
    metadata = [
        ("request_id", "my-id"),
        ("multiplexed_model_id", "m1"),
        ("session_id", "s1"),
        ("traceparent", "00-ab-cd-01"),
        ("application", name),
    ]
    answer, call = client.stub.Say.with_call(client.text(""), metadata=metadata)
    assert answer.text == "my-id m1 s1 /kernelserve_test.Echo/Say ipv4"
    trailing = dict(call.trailing_metadata())
    assert trailing == {"request_id": "my-id", "seen": "00-ab-cd-01", "data-bin": b"\x00\xff"}


def test_a_request_without_an_id_gets_one(deploy: Any, client: Client, name: str) -> None:
    deploy(Context, name)
    answer, call = client.stub.Say.with_call(client.text(""))
    assert answer.text.split()[0] == dict(call.trailing_metadata())["request_id"]


def test_the_application_is_chosen_by_metadata(deploy: Any, client: Client, name: str) -> None:
    error = failure(client.stub.Say, client.text(""))
    assert error.code() is Code.NOT_FOUND and "None is running" in error.details()

    deploy(Echo, name)
    deploy(ThreadEcho, f"{name}-two")
    error = failure(client.stub.Say, client.text(""))
    assert error.code() is Code.NOT_FOUND
    assert f"Running: {name}, {name}-two" in error.details() and "'application'" in error.details()

    error = failure(client.stub.Say, client.text(""), metadata=[("application", "nope")])
    assert error.code() is Code.NOT_FOUND and "'nope'" in error.details() and name in error.details()
    assert client.stub.Say(client.text("x"), metadata=[("application", f"{name}-two")]).text == "You said x"


def test_a_request_may_ask_for_a_revision(deploy: Any, client: Client, name: str) -> None:
    deploy(Echo, name)

    def ask(revision: str) -> Any:
        return failure(client.stub.Say, client.text(""), metadata=[("x-kernelserve-revision", revision)])

    assert client.stub.Say(client.text("x"), metadata=[("x-kernelserve-revision", "r1")]).text == "You said x"
    assert ask("7").code() is Code.NOT_FOUND and "those that do: r1." in ask("7").details()
    assert ask("new").code() is Code.INVALID_ARGUMENT and "'new'" in ask("new").details()


@serve.deployment(max_ongoing_requests=20)
class Failing:
    def Say(self, request: Any, grpc_context: Any) -> Any:
        match request.text:
            case "plain":
                raise ValueError("no such thing: 7")
            case "status":
                raise gRPCStatusError(KeyError("gone"), Code.DATA_LOSS, "It is lost. Send it again.")
            case "status without text":
                raise gRPCStatusError(KeyError("gone"), Code.DATA_LOSS)
            case "context":
                grpc_context.set_code(Code.FAILED_PRECONDITION)
                grpc_context.set_details("Not now.")
                grpc_context.set_trailing_metadata([("why", "because")])
                raise ValueError("never seen")
            case "no error":
                grpc_context.set_code(Code.ALREADY_EXISTS)
                grpc_context.set_details("It is there.")
            case "type":
                from kernelserve_echo.echo_pb2 import Number

                return Number(value=1)
            case "dict":
                return {"text": "x"}
            case "long":
                raise ValueError("é" * 100_000)
        return request

    def Count(self, request: Any) -> Iterator[Any]:
        yield request
        raise ValueError("after the first")


@pytest.mark.parametrize(
    ("text", "code", "details"),
    [
        ("plain", Code.INTERNAL, "ValueError: no such thing: 7"),
        ("status", Code.DATA_LOSS, "It is lost. Send it again."),
        ("status without text", Code.DATA_LOSS, "'gone'"),
        ("context", Code.FAILED_PRECONDITION, "Not now."),
        ("no error", Code.ALREADY_EXISTS, "It is there."),
        ("type", Code.INTERNAL, "Say of the application gave a kernelserve_test.Number"),
        ("dict", Code.INTERNAL, "Say of the application gave a dict"),
        ("long", Code.INTERNAL, "ValueError: éé"),
    ],
)
def test_errors_have_their_status(
    text: str, code: grpc.StatusCode, details: str, deploy: Any, client: Client, name: str
) -> None:
    deploy(Failing, name)
    error = failure(client.stub.Say, client.text(text), metadata=[("request_id", "r1")])
    assert error.code() is code
    assert error.details().startswith(details)
    assert dict(error.trailing_metadata())["request_id"] == "r1"
    if text == "context":
        assert dict(error.trailing_metadata())["why"] == "because"


def test_a_stream_that_fails_ends_with_the_error(deploy: Any, client: Client, name: str) -> None:
    deploy(Failing, name)
    answers = client.stub.Count(client.pb.Number(value=3))
    assert next(answers).value == 3
    with pytest.raises(grpc.RpcError) as caught:
        next(answers)
    assert caught.value.code() is Code.INTERNAL
    assert caught.value.details() == "ValueError: after the first"


def test_methods_that_are_not_there(deploy: Any, client: Client, name: str) -> None:
    deploy(Echo, name)
    error = failure(client.stub.Missing, client.text(""))
    assert error.code() is Code.UNIMPLEMENTED
    assert "has no method 'Missing'" in error.details() and "Say" in error.details()
    unknown = client.channel.unary_unary("/kernelserve_test.Nope/Say")
    assert failure(unknown, b"").code() is Code.UNIMPLEMENTED


def test_messages_that_cannot_be_read(deploy: Any, client: Client, name: str) -> None:
    deploy(Echo, name)
    one = client.channel.unary_unary("/kernelserve_test.Echo/Say")
    many = client.channel.stream_stream("/kernelserve_test.Echo/Chat")
    good = client.text("x").SerializeToString()
    for error in (failure(one, b"\xff\xff"), failure(many, iter([good, b"\xff\xff"]))):
        assert error.code() is Code.INVALID_ARGUMENT
        assert "2 bytes" in error.details() and "/kernelserve_test.Echo/" in error.details()
    assert client.stub.Say(client.text("x")).text == "You said x"


@serve.deployment
class Swapped:
    """One where the service says many, and the other way."""

    def Say(self, request: Any) -> Iterator[Any]:
        yield request

    def Count(self, request: Any) -> Any:
        return request


def test_kinds_that_do_not_fit_say_so(deploy: Any, client: Client, name: str) -> None:
    deploy(Swapped, name)
    error = failure(client.stub.Say, client.text(""))
    assert error.code() is Code.INTERNAL and "Let it return" in error.details()
    error = failure(client.stub.Count, client.pb.Number(value=1))
    assert error.code() is Code.INTERNAL and "Let it yield" in error.details()


class Board:
    """What has happened, as a handle can ask for it."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def add(self, event: str) -> None:
        self.events.append(event)

    def get(self) -> list[str]:
        return self.events


@serve.deployment(max_ongoing_requests=10)
class Slow:
    def __init__(self, board: Any) -> None:
        self.board = board

    async def _sleep(self, what: str) -> None:
        self.board.add.remote(f"{what} began")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            asyncio.get_running_loop().call_soon(_note, self.board, f"{what} cancelled")
            raise

    async def Say(self, request: Any) -> Any:
        await self._sleep("Say")
        return request

    async def Count(self, request: Any) -> AsyncIterator[Any]:
        yield request
        await self._sleep("Count")

    async def Sum(self, numbers: Any) -> Any:
        self.board.add.remote("Sum began")
        try:
            async for number in numbers:
                last = number
        except asyncio.CancelledError:
            asyncio.get_running_loop().call_soon(_note, self.board, "Sum cancelled")
            raise
        return last

    def Chat(self, texts: Any) -> Iterator[Any]:
        self.board.add.remote("Chat began")
        try:
            yield from texts
        except Exception as error:
            threading.Thread(target=_note, args=(self.board, f"Chat {type(error).__name__}")).start()
            raise


def _note(board: Any, event: str) -> None:
    context.current_request.set(None)  # Calls of a request that was cancelled are cancelled too.
    board.add.remote(event)


def _slow(name: str) -> Any:
    board = serve.deployment(Board).bind()
    serve.run(Slow.bind(board), name=name, route_prefix=None)
    handle = serve.get_deployment_handle("Board", name)
    return lambda event: wait_for(lambda: event in handle.get.remote().result(timeout_s=10), event)


def test_a_cancelled_request_is_cancelled_in_the_replica(deploy: Any, client: Client, name: str) -> None:
    seen = _slow(name)
    held = threading.Event()

    def endless(first: Any) -> Iterator[Any]:
        yield first
        held.wait(30)

    calls = {
        "Say": client.stub.Say.future(client.text("")),
        "Count": client.stub.Count(client.pb.Number(value=1)),
        "Sum": client.stub.Sum.future(endless(client.pb.Number(value=1))),
        "Chat": client.stub.Chat(endless(client.text(""))),
    }
    for method, call in calls.items():
        seen(f"{method} began")
        call.cancel()
        seen("Chat RequestCancelledError" if method == "Chat" else f"{method} cancelled")
    held.set()


def test_the_clients_deadline_ends_the_request(deploy: Any, client: Client, name: str) -> None:
    seen = _slow(name)
    with pytest.raises(grpc.RpcError) as caught:
        client.stub.Say(client.text(""), timeout=0.5)
    assert caught.value.code() is Code.DEADLINE_EXCEEDED
    seen("Say cancelled")
    with pytest.raises(grpc.RpcError) as caught:
        list(client.stub.Count(client.pb.Number(value=1), timeout=0.5))
    assert caught.value.code() is Code.DEADLINE_EXCEEDED
    seen("Count cancelled")


@serve.deployment(max_ongoing_requests=1, max_queued_requests=0)
class Narrow:
    async def Say(self, request: Any) -> Any:
        await asyncio.sleep(60)
        return request


def test_a_full_queue_is_resource_exhausted(deploy: Any, client: Client, name: str) -> None:
    deploy(Narrow, name)
    calls = [client.stub.Say.future(client.text("")) for _ in range(5)]
    wait_for(lambda: sum(call.done() for call in calls) >= 4, "all but one are refused")
    refused = [call for call in calls if call.done()]
    assert {call.code() for call in refused} == {Code.RESOURCE_EXHAUSTED}
    assert "max_queued_requests is 0" in refused[0].details()
    for call in calls:
        call.cancel()


def test_requests_are_in_the_journal(session: Any, client: Client, name: str) -> None:
    serve.run(Failing.bind(), name=name, route_prefix=None, journal=True)
    assert client.stub.Say(client.text("ok"), metadata=[("request_id", "good")]).text == "ok"
    failure(client.stub.Say, client.text("plain"), metadata=[("request_id", "bad")])
    failure(client.stub.Count, client.pb.Number(value=1), metadata=[("request_id", "stream")])
    table = serve.app(name).requests().set_index("id")
    assert table.loc["good", "status"] == "ok" and table.loc["bad", "status"] == "error"
    assert table.loc["good", "path"] == "/kernelserve_test.Echo/Say" and table.loc["good", "method"] == "Say"
    assert "ValueError" in table.loc["bad", "error"] and "after the first" in table.loc["stream", "error"]
    serve.delete(name)


@serve.deployment(max_ongoing_requests=50)
class Sleepy:
    async def Say(self, request: Any) -> Any:
        await asyncio.sleep(60 if request.text == "sleep" else 0)
        return request


def test_cancelled_requests_give_back_their_places(deploy: Any, client: Client, name: str) -> None:
    """Ten times as many as there are places: those that run, and those that wait."""
    deploy(Sleepy, name)
    calls = [client.stub.Say.future(client.text("sleep")) for _ in range(500)]
    assert not any(call.done() for call in calls)
    for call in calls:
        call.cancel()
    answers = [client.stub.Say.future(client.text(str(number)), timeout=30) for number in range(100)]
    assert [answer.result(30).text for answer in answers] == [str(number) for number in range(100)]


@serve.deployment(max_ongoing_requests=10)
class Counting:
    """Counts the messages that it has made, of 20 KB each; or takes one, and no more."""

    def __init__(self) -> None:
        self.made = 0

    async def count(self) -> int:
        return self.made

    async def Chat(self, texts: Any) -> AsyncIterator[Any]:
        first = await anext(texts)
        if first.text == "take one":
            yield first
            await asyncio.sleep(60)
        for _ in range(50_000):
            self.made += 1
            yield type(first)(text="x" * 20_000)


def test_who_stops_reading_stops_who_writes(deploy: Any, client: Client, name: str) -> None:
    """A gigabyte to send, and no more than some windows of it is on its way."""
    deploy(Counting, name)
    count = serve.get_app_handle(name).count
    answers = client.stub.Chat(iter([client.text("go")]))
    next(answers)
    wait_for(lambda: _settled(lambda: count.remote().result(timeout_s=10)), "the method waits")
    assert count.remote().result(timeout_s=10) < 5_000
    answers.cancel()


def test_a_method_that_stops_reading_stops_the_client(deploy: Any, client: Client, name: str) -> None:
    deploy(Counting, name)
    sent = [0]

    def texts() -> Iterator[Any]:
        yield client.text("take one")
        for _ in range(50_000):
            sent[0] += 1
            yield client.text("x" * 20_000)

    answers = client.stub.Chat(texts())
    assert next(answers).text == "take one"
    wait_for(lambda: _settled(lambda: sent[0]), "the client waits")
    assert sent[0] < 5_000
    answers.cancel()


def _settled(count: Any) -> bool:
    before = count()
    time.sleep(0.3)
    return bool(before == count())


def test_many_requests_at_once(deploy: Any, client: Client, name: str) -> None:
    deploy(Echo, name)
    calls = [client.stub.Say.future(client.text(str(number))) for number in range(200)]
    assert [call.result(30).text for call in calls] == [f"You said {number}" for number in range(200)]
