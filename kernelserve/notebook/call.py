"""`%serve call`: a JSON request over HTTP, and its answer as a value."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from kernelserve.exceptions import RayServeException
from kernelserve.notebook.errors import CellError


class AnswerError(RayServeException):
    """The app answered with an error status, or not at all."""


class JsonObject(dict[str, Any]):
    """A dict that the notebook shows as indented JSON."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(indented(self))


class JsonArray(list[Any]):
    """A list that the notebook shows as indented JSON."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(indented(self))


def indented(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def parse_body(text: str) -> bytes:
    """The JSON of a call as it is sent; no text is an empty object.

    Raises:
        CellError: it is not JSON.
    """
    try:
        value = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise CellError(
            f'%serve call: {text.strip()} is not JSON ({error}). Write it as in: %serve call NAME {{"q": "text"}}'
        ) from None
    return json.dumps(value).encode()


def post(url: str, body: bytes) -> Any:
    """POST JSON and return the decoded answer: JSON as its value, else text.

    Raises:
        AnswerError: its status is not 2xx (the message has its text), or there is no answer.
    """
    status, reason, content_type, text = _exchange(url, body)
    if not 200 <= status < 300:
        raise AnswerError(f"POST {url} was answered {status} {reason}: {text.strip() or '(no text)'}")
    if "json" not in content_type:
        return text
    value = json.loads(text)
    if isinstance(value, dict):
        return JsonObject(value)
    return JsonArray(value) if isinstance(value, list) else value


def _exchange(url: str, body: bytes) -> tuple[int, str, str, str]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port)
    try:
        headers = {"Content-Type": "application/json", "Accept": "application/json, */*"}
        connection.request("POST", parts.path or "/", body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        return answer.status, answer.reason, answer.headers.get("Content-Type", ""), text
    except OSError as error:
        raise AnswerError(f"POST {url} got no answer: {error}. %serve status shows what is served.") from None
    finally:
        connection.close()
