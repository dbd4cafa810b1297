"""Collects the records of requests from where requests enter: gateways and clients keep them, not the controller."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from kernelserve.control.senders import Sender
from kernelserve.exceptions import ControlCallError, TransportError
from kernelserve.transport.messages import GetRequests, RequestsFound

ANSWER_TIMEOUT_S = 5.0
"""Whoever has not answered by then is named as missing: one stuck client must not hide what the others know."""


async def find_requests(senders: Iterable[Sender], message: GetRequests) -> RequestsFound:
    """Ask every entry point that follows the app, all at once."""
    entries = [sender for sender in senders if sender.hello.entry and sender.follows(message.app)]
    answers = await asyncio.gather(*(_ask(sender, message) for sender in entries))
    return RequestsFound(
        parts=[part for answer in answers for part in answer.parts],
        missing=sorted(name for answer in answers for name in answer.missing),
    )


async def _ask(sender: Sender, message: GetRequests) -> RequestsFound:
    try:
        answer = await sender.rpc.call(message, timeout_s=ANSWER_TIMEOUT_S)
    except (TransportError, ControlCallError, TimeoutError):
        return RequestsFound(missing=[sender.hello.name])
    return answer if isinstance(answer, RequestsFound) else RequestsFound()
