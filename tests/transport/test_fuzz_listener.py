"""Random bytes into a real listener: it never hangs, never unpickles, always closes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transport_helpers import SECRET, Recorder, closed_by_peer, hang_up, open_raw

from kernelserve.transport.base import Channel, Listener
from kernelserve.transport.connect import listen
from kernelserve.transport.frames import encode_header
from kernelserve.transport.handshake import Handshake


class Target(Recorder):
    def __init__(self) -> None:
        super().__init__()
        self.lost = asyncio.Event()

    def channel_lost(self, channel: Channel, error: Exception | None) -> None:
        super().channel_lost(channel, error)
        self.lost.set()


def forbid_pickle(patch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("the transport unpickled something")

    for name in ("loads", "load", "Unpickler", "_Unpickler"):
        patch.setattr(pickle, name, refuse)


async def send_all(listener: Listener, chunks: list[bytes], authenticated: bool) -> None:
    reader, writer = await open_raw(listener.address)
    try:
        if authenticated:
            near = Handshake("client", SECRET, connector=True)
            writer.write(near.start())
            writer.write(near.feed(await reader.readexactly(52)))
        # The peer closes as soon as it has seen enough, so any write may fail.
        with contextlib.suppress(OSError):
            for chunk in chunks:
                writer.write(chunk)
                await asyncio.sleep(0)
            writer.write_eof()
        await closed_by_peer(reader)
    finally:
        await hang_up(writer)


async def attack(folder: Path, chunks: list[bytes], authenticated: bool) -> None:
    targets: list[Target] = []

    def accept(channel: Channel) -> Target:
        targets.append(Target())
        return targets[-1]

    address = f"unix://{folder}/fuzz"
    listener = await listen(address, accept, role="replica", secret=SECRET, handshake_timeout_s=0.05, max_frame=10_000)
    try:
        await send_all(listener, chunks, authenticated)
        if authenticated:
            await asyncio.wait_for(targets[0].lost.wait(), 10)
            assert len(targets[0].losses) == 1
        else:
            assert targets == []
    finally:
        await listener.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def whole_frame(kind: int, data: bytes) -> bytes:
    return encode_header(kind, 1, len(data)) + data


CHUNKS = st.lists(
    st.one_of(
        st.binary(min_size=1, max_size=100),
        st.just(pickle.dumps({"a": [1, 2]})),
        st.just(b"\xff" * 200_000),
        st.builds(
            lambda kind, data: encode_header(kind, 1, len(data)) + data, st.integers(0, 12), st.binary(max_size=40)
        ),
        st.builds(lambda length: encode_header(1, 1, length), st.integers(0, 20_000)),
    ),
    max_size=6,
)


@pytest.mark.parametrize("authenticated", [False, True])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=CHUNKS)
def test_random_bytes_into_a_listener(folder: Path, authenticated: bool, chunks: list[bytes]) -> None:
    sockets = len(os.listdir("/proc/self/fd"))
    with pytest.MonkeyPatch.context() as patch:
        forbid_pickle(patch)
        asyncio.run(attack(folder, chunks, authenticated))
    assert len(os.listdir("/proc/self/fd")) == sockets
