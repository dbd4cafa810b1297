"""Large payloads by shared memory: they arrive whole, and nothing stays open."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transport_helpers import Recorder, Server, until

from kernelserve.exceptions import ProtocolError
from kernelserve.transport import shared
from kernelserve.transport.base import FLAG_SHARED, FLAG_UNITS, FrameKind
from kernelserve.transport.frames import ALIGNMENT, LARGE, encode_header, join_parts, split_parts
from kernelserve.transport.shared import _WHERE, SHARED_FROM, SharedMemory, can_share, take
from kernelserve.transport.stream import StreamChannel


def open_memory() -> int:
    """Memory files of ours that this process has open."""
    count = 0
    for fd in os.listdir("/proc/self/fd"):
        try:
            count += os.readlink(f"/proc/self/fd/{fd}").startswith("/memfd:kernelserve")
        except FileNotFoundError:
            continue
    return count


async def test_large_payloads_go_both_ways_and_are_released(socket_address: str) -> None:
    server = await Server(lambda: Recorder(echo=True)).start(socket_address)
    client = Recorder()
    channel = await server.connect(client)
    data = os.urandom(SHARED_FROM * 3 + 5)
    for stream in range(3):
        channel.send(FrameKind.CALL, stream, (b"head", data), flags=FLAG_UNITS, revision=7)
    channel.send(FrameKind.CALL, 9, (b"small",))
    await until(lambda: len(client.frames) == 4, "all answers")
    assert [frame[1] for frame in client.frames] == [0, 1, 2, 9], "in order"
    assert client.frames[0] == (FrameKind.RESULT, 0, FLAG_UNITS, 0, 7, b"head" + data)
    await until(lambda: open_memory() == 0, "both sides have released")
    channel.close()
    await server.stop()


async def test_a_large_payload_before_a_close_arrives(socket_address: str) -> None:
    server = await Server(Recorder).start(socket_address)
    channel = await server.connect(Recorder())
    await server.accepted()
    channel.send(FrameKind.CALL, 1, (bytes(SHARED_FROM),))
    channel.close()
    receiver = server.receivers[0]
    assert isinstance(receiver, Recorder)
    await until(lambda: receiver.frames and receiver.losses, "the frame, then the end")
    assert len(receiver.frames[0][5]) == SHARED_FROM
    await until(lambda: open_memory() == 0, "released after the close")
    await server.stop()


async def test_tcp_copies() -> None:
    server = await Server(lambda: Recorder(echo=True)).start("tcp://127.0.0.1:0")
    client = Recorder()
    channel = await server.connect(client)
    assert isinstance(channel, StreamChannel) and not channel._shares
    channel.send(FrameKind.CALL, 1, (bytes(SHARED_FROM + 1),))
    await until(lambda: client.frames, "the answer")
    assert len(client.frames[0][5]) == SHARED_FROM + 1
    channel.close()
    await server.stop()


async def test_what_is_written_into_it_stays_here() -> None:
    memory = SharedMemory()
    where = memory.put((bytes(4096),), 4096)
    assert where is not None
    one, release = take(where)
    two, _ = take(where)
    np.frombuffer(one, dtype=np.uint8)[:] = 1
    assert bytes(two) == bytes(4096)
    memory.release(release)
    del two
    assert bytes(one) == b"\x01" * 4096, "the mapping outlives the sender's end"
    del one
    assert open_memory() == 0


@pytest.mark.parametrize(
    "where",
    [b"", b"x" * 19, _WHERE.pack(1, 0, 1, 0), _WHERE.pack(os.getpid(), 0, 1, 5)],
    ids=["empty", "short", "no size", "no memory of ours"],
)  # fmt: skip
async def test_a_broken_reference_ends_the_channel(socket_address: str, where: bytes) -> None:
    server = await Server(Recorder).start(socket_address)
    client = Recorder()
    channel = await server.connect(client)
    far = await server.accepted()
    assert isinstance(far, StreamChannel)
    far.data_received(encode_header(FrameKind.CALL, 1, len(where), FLAG_SHARED) + where)
    receiver = server.receivers[0]
    assert isinstance(receiver, Recorder)
    await until(lambda: receiver.losses, "the channel is lost")
    assert isinstance(receiver.losses[0], ProtocolError)
    assert receiver.frames == []
    channel.abort()
    await server.stop()


def test_a_release_of_nothing_is_refused() -> None:
    with pytest.raises(ProtocolError, match="not lent"):
        SharedMemory().release(b"\x05\x00\x00\x00")


def test_sizes_must_agree() -> None:
    memory = SharedMemory()
    where = memory.put((bytes(100),), 101)
    assert where is not None
    with pytest.raises(ProtocolError, match="101"):
        take(where)
    with pytest.raises(ProtocolError, match="at most 50"):
        take(where, limit=50)
    memory.close()


def test_many_that_live_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "MAX_MAPPED", 2)
    memory = SharedMemory()
    held = []
    for number in range(5):
        where = memory.put((bytes([number]) * 5000,), 5000)
        assert where is not None
        payload, release = take(where)
        memory.release(release)
        held.append(payload)
    assert [bytes(payload) for payload in held] == [bytes([number]) * 5000 for number in range(5)]
    assert open_memory() <= 2


def test_only_connected_unix_sockets_share() -> None:
    left, right = socket.socketpair(socket.AF_UNIX)
    assert can_share(left)
    with socket.socket(socket.AF_INET) as other:
        assert not can_share(other)
    assert not can_share(None)
    left.close()
    right.close()


async def test_a_killed_sender_leaves_the_mapping_and_nothing_else(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom kernelserve.transport.shared import SharedMemory\n"
        "memory = SharedMemory(); print(memory.put((b'q' * 5000000,), 5000000).hex(), flush=True); time.sleep(60)"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    payload, _ = take(bytes.fromhex((await process.stdout.readline()).decode()))
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert bytes(payload) == b"q" * 5000000
    del payload
    assert open_memory() == 0


@given(st.lists(st.one_of(st.binary(max_size=50), st.integers(LARGE - 1, LARGE + 70).map(bytes)), max_size=5))
def test_large_parts_are_aligned(parts: list[bytes]) -> None:
    payload = b"".join(join_parts(parts))
    found = split_parts(payload)
    assert [bytes(part) for part in found] == parts
    base = np.frombuffer(payload, dtype=np.uint8).ctypes.data
    for part in found:
        if len(part) >= LARGE:
            assert (np.frombuffer(part, dtype=np.uint8).ctypes.data - base) % ALIGNMENT == 0
