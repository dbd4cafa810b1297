"""The same channels under uvloop, which replicas and gateways run on."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from transport_helpers import Recorder, Server, until

from kernelserve.exceptions import ProtocolError
from kernelserve.transport.base import FrameKind


def test_uvloop_carries_the_same_frames(folder: Path) -> None:
    uvloop = pytest.importorskip("uvloop")

    async def main() -> None:
        server = await Server(lambda: Recorder(echo=True)).start(f"unix://{folder}/uv")
        client = Recorder()
        channel = await server.connect(client)
        large = os.urandom(1000) * 3000
        channel.send(FrameKind.CALL, 1, [b"small"])
        channel.send(FrameKind.CALL, 2, [b"head", memoryview(large), b"tail"])
        channel.send(99, 3)
        await until(lambda: client.losses, "the loss")
        assert [frame[1] for frame in client.frames] in ([], [1], [1, 2])
        far = server.receivers[0]
        assert isinstance(far, Recorder)
        assert far.frames[1][5] == b"head" + large + b"tail"
        assert isinstance(far.losses[0], ProtocolError)
        await server.stop()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
