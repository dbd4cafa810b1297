"""The application of the soak, as the text of a notebook cell; `soak_mix` knows how to ask it for each kind."""

from __future__ import annotations

COUNTS = '''
import asyncio

KINDS = ("Exchange", "RequestContext", "Incoming", "HttpCall", "HandleCall", "ItemStream")


async def count_here():
    """What this replica holds: its process, tasks of its loop, objects of the requests, and calls that it sent."""
    import gc
    import os
    from collections import Counter

    from kernelserve.context import current_runtime

    gc.collect()
    types = Counter(map(type, gc.get_objects()))
    kinds = Counter()
    for one, count in types.items():
        if str(one.__module__).startswith("kernelserve."):
            kinds[one.__name__] += count
    held = {name: kinds[name] for name in KINDS}
    # Without what this very call takes.
    held["Exchange"] -= 1
    held["RequestContext"] -= 1
    sent = current_runtime.get().directory.counts()
    return {"pid": os.getpid(), "tasks": len(asyncio.all_tasks()) - 1, **sent, **held}
'''
"""What a deployment needs for a method `counts`; see `soak_look.counts`."""

SOAK = (
    COUNTS
    + """
import asyncio
import time

import fastapi

api = fastapi.FastAPI()


@serve.deployment(max_ongoing_requests=64, ray_actor_options={"num_cpus": 0.1}, graceful_shutdown_timeout_s=5)
class Inner:
    @serve.batch(max_batch_size=8, batch_wait_timeout_s=0.005)
    async def doubled(self, numbers):
        await asyncio.sleep(0.001)
        return [ValueError("no item") if number < 0 else 2 * number for number in numbers]

    @serve.multiplexed(max_num_models_per_replica=3)
    async def model(self, model_id):
        await asyncio.sleep(0.001)
        return {"id": model_id, "weights": bytes(10_000)}

    async def add(self, number):
        return number + 1

    async def double(self, number):
        return await self.doubled(number)

    async def with_model(self):
        return (await self.model(serve.get_multiplexed_model_id()))["id"]

    async def wait(self, seconds):
        await asyncio.sleep(seconds)

    def wait_in_thread(self, seconds):
        time.sleep(seconds)

    async def fail(self, text):
        raise ValueError(text)

    def echo(self, value):
        return value

    async def numbers(self, count):
        for number in range(count):
            yield number
            await asyncio.sleep(0)

    def numbers_in_thread(self, count):
        yield from range(count)

    async def counts(self):
        return await count_here()


@serve.deployment(max_ongoing_requests=64, ray_actor_options={"num_cpus": 0.1}, graceful_shutdown_timeout_s=5)
@serve.ingress(api)
class Front:
    def __init__(self, inner):
        self.inner = inner

    @api.get("/ok")
    async def ok(self):
        return "ok"

    @api.get("/add")
    async def add(self):
        return await self.inner.add.remote(1)

    @api.get("/error")
    async def error(self):
        await self.inner.fail.remote("as asked")

    @api.get("/wait")
    async def wait(self, seconds: float = 30.0):
        await self.inner.wait.remote(seconds)

    @api.get("/thread")
    def thread(self):
        time.sleep(0.02)

    @api.post("/upload")
    async def upload(self, request: fastapi.Request):
        size = 0
        async for piece in request.stream():
            size += len(piece)
        return size

    @api.get("/stream")
    async def stream(self, count: int):
        async def lines():
            async for number in self.inner.options(stream=True).numbers.remote(count):
                yield f"{number}\\n"

        return fastapi.responses.StreamingResponse(lines(), media_type="text/plain")

    @api.websocket("/socket")
    async def socket(self, socket: fastapi.WebSocket):
        await socket.accept()
        try:
            while True:
                await socket.send_text(await socket.receive_text())
        except fastapi.WebSocketDisconnect:
            pass

    async def counts(self):
        return await count_here()


app = Front.bind(Inner.bind())
"""
)
