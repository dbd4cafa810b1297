"""A chat that answers word by word: over HTTP as text or events, over a WebSocket, and through handles."""

import asyncio
import json

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

import kernelserve as serve  # the serve module

api = FastAPI()


class Prompt(BaseModel):
    text: str
    words: int = 5


@serve.deployment(max_ongoing_requests=50)
class Model:
    """Says the prompt's words again and again."""

    def __init__(self) -> None:
        self.running = 0
        self.ended = 0

    async def generate(self, text: str, words: int):
        said = text.split() or ["nothing"]
        self.running += 1
        try:
            for number in range(words):
                await asyncio.sleep(0.002)
                yield said[number % len(said)]
        finally:
            self.running -= 1
            self.ended += 1

    async def state(self) -> dict:
        return {"running": self.running, "ended": self.ended}


@serve.deployment(max_ongoing_requests=50)
@serve.ingress(api)
class Chat:
    def __init__(self, model) -> None:
        self.model = model
        self.stream = model.options(stream=True)

    async def words(self, text: str, words: int):
        async for word in self.stream.generate.remote(text, words):
            yield f"{word} "

    async def events(self, text: str, words: int):
        number = 0
        async for word in self.stream.generate.remote(text, words):
            yield f"data: {json.dumps({'n': number, 'word': word})}\n\n"
            number += 1
        yield "data: [DONE]\n\n"

    @api.post("/text")
    async def as_text(self, prompt: Prompt) -> StreamingResponse:
        return StreamingResponse(self.words(prompt.text, prompt.words), media_type="text/plain")

    @api.post("/events")
    def as_events(self, prompt: Prompt) -> StreamingResponse:
        return StreamingResponse(
            self.events(prompt.text, prompt.words),
            media_type="text/event-stream",
            headers={"cache-control": "no-cache"},
        )

    @api.post("/whole")
    async def whole(self, prompt: Prompt) -> dict[str, str]:
        return {"text": "".join([word async for word in self.words(prompt.text, prompt.words)]).strip()}

    @api.websocket("/chat/{room}")
    async def talk(self, socket: WebSocket, room: str, words: int = 3) -> None:
        await socket.accept()
        await socket.send_json({"room": room})
        try:
            while True:
                text = await socket.receive_text()
                if text == "bye":
                    await socket.close(code=1000)
                    return
                async for word in self.stream.generate.remote(text, words):
                    await socket.send_text(word)
                await socket.send_bytes(b"\0")
        except WebSocketDisconnect:
            pass

    async def state(self) -> dict:
        return await self.model.state.remote()


app = Chat.bind(Model.bind())
