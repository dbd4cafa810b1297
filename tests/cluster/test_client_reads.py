"""A controller that goes away while it is asked for something: what only reads is asked again."""

from __future__ import annotations

import pytest

from kernelserve.cluster.client import Client
from kernelserve.exceptions import ChannelClosedError
from kernelserve.loops import LoopThread
from kernelserve.transport.base import Channel, Listener
from kernelserve.transport.connect import listen
from kernelserve.transport.messages import Delete, GetStatus, Message, Ok
from kernelserve.transport.rpc import Rpc

SECRET = b"the secret of the tests"
ADDRESS = "inproc://controller-that-goes-away"


class GoesAway:
    """A controller that closes its channel at the first question, and answers at the second."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.listener: Listener | None = None

    async def start(self) -> None:
        self.listener = await listen(ADDRESS, self._accept, role="controller", secret=SECRET)

    async def stop(self) -> None:
        assert self.listener is not None
        await self.listener.close()

    def _accept(self, channel: Channel) -> Rpc:
        async def handle(message: Message) -> Message:
            if isinstance(message, GetStatus | Delete):
                self.asked.append(type(message).__name__)
                if len(self.asked) == 1:
                    channel.close()
                return Ok(value={"asked": len(self.asked)})
            return Ok()

        rpc = Rpc(handle)
        rpc.attach(channel)
        return rpc


def test_reads_are_asked_again_and_changes_are_not() -> None:
    for ask_again in (True, False):
        thread, controller = LoopThread("controller"), GoesAway()
        thread.run(controller.start())
        client = Client(ADDRESS, SECRET, owner="test", leased=False)
        try:
            if ask_again:
                assert client.status() == {"asked": 2}
            else:
                with pytest.raises(ChannelClosedError):
                    client.delete("app")
                assert controller.asked == ["Delete"]
        finally:
            client.close()
            thread.run(controller.stop())
            thread.stop()
