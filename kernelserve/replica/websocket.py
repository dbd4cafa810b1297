"""One WebSocket in a replica: ASGI messages from and to CHUNK frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from kernelserve.replica.asgi import Message
from kernelserve.replica.streams import Incoming, Outgoing, close_of
from kernelserve.transport.base import FLAG_TEXT, Buffer
from kernelserve.transport.messages import HttpRequest, HttpResponse, WsClose

_encode = msgspec.msgpack.Encoder().encode


def websocket_scope(scope: dict[str, Any], meta: HttpRequest) -> dict[str, Any]:
    """The scope of a WebSocket, from the one that its handshake would have as an HTTP request."""
    del scope["method"]
    offered = [value for name, value in meta.headers if name.lower() == b"sec-websocket-protocol"]
    protocols = [item.strip().decode("latin-1") for value in offered for item in value.split(b",") if item.strip()]
    return scope | {
        "type": "websocket",
        "scheme": "wss" if meta.scheme in ("https", "wss") else "ws",
        "subprotocols": protocols,
        "extensions": {"websocket.http.response": {}},
    }


class WebSocketMessages:
    """``receive`` and ``send`` of one WebSocket.

    Args:
        incoming: messages of the client.
        outgoing: messages to the client.
        answer: sends the RESULT frame with these parts.
    """

    def __init__(self, incoming: Incoming, outgoing: Outgoing, answer: Callable[[list[Buffer]], None]) -> None:
        self.complete = False
        self.status = 0
        self._incoming = incoming
        self._outgoing = outgoing
        self._answer = answer
        self._connected = False
        self._disconnect: Message | None = None
        self._refusal: HttpResponse | None = None
        self._refusal_body = b""

    async def receive(self) -> Message:
        """``websocket.connect``, then the client's messages, then ``websocket.disconnect`` for ever."""
        if not self._connected:
            self._connected = True
            return {"type": "websocket.connect"}
        if self._disconnect is not None:
            return self._disconnect
        piece = await self._incoming.next()
        if piece is None or not piece.more:
            close = WsClose(1006) if piece is None else close_of(piece)
            self._disconnect = {"type": "websocket.disconnect", "code": close.code, "reason": close.reason}
            return self._disconnect
        if piece.text:
            return {"type": "websocket.receive", "text": bytes(piece.data).decode("utf-8")}
        return {"type": "websocket.receive", "bytes": bytes(piece.data)}

    async def send(self, message: Message) -> None:
        """Accept or refuse, then messages, then close."""
        kind = message["type"]
        if kind == "websocket.accept":
            self._accept(message)
        elif kind == "websocket.send":
            await self._send_message(message)
        elif kind == "websocket.close":
            self._close(message)
        elif kind == "websocket.http.response.start":
            self._refusal = HttpResponse(message["status"], list(message.get("headers", ())))
        elif kind == "websocket.http.response.body":
            self._refuse(message)
        else:
            raise RuntimeError(f"Unexpected ASGI message {kind!r} in a WebSocket. Accept, send or close.")

    def _accept(self, message: Message) -> None:
        if self._outgoing.started or self.complete:
            raise RuntimeError("websocket.accept was sent twice, or after the end. Send it once, first.")
        headers = list(message.get("headers") or ())
        if message.get("subprotocol"):
            headers.append((b"sec-websocket-protocol", message["subprotocol"].encode("latin-1")))
        self.status = 101
        self._outgoing.start(_encode(HttpResponse(101, headers)))

    async def _send_message(self, message: Message) -> None:
        if not self._outgoing.started or self.complete:
            raise RuntimeError("websocket.send was sent before websocket.accept or after the end. Accept first.")
        text = message.get("text")
        if text is not None:
            await self._outgoing.send((text.encode("utf-8"),), FLAG_TEXT)
        else:
            await self._outgoing.send((bytes(message.get("bytes") or b""),))

    def _close(self, message: Message) -> None:
        if self.complete:
            return
        self.complete = True
        if self._outgoing.started:
            self._answer([_encode(WsClose(message.get("code", 1000), message.get("reason") or ""))])
        else:
            self.status = 403
            self._answer([_encode(HttpResponse(403, [])), b""])

    def _refuse(self, message: Message) -> None:
        if self._refusal is None or self._outgoing.started:
            raise RuntimeError("websocket.http.response.body needs websocket.http.response.start before it.")
        self._refusal_body += message.get("body", b"")
        if not message.get("more_body", False) and not self.complete:
            self.complete = True
            self.status = self._refusal.status
            self._answer([_encode(self._refusal), self._refusal_body])

    def flush(self) -> None:
        """An app that returns has closed."""
        self._close({"code": 1000})

    @property
    def unfinished(self) -> str:
        """A WebSocket can end at any time."""
        return ""
