"""Refusals: answers after which nothing more is read from a connection."""

from __future__ import annotations

from kernelserve.gateway.answers import Answer, Headers, text_answer


class Refused(Exception):
    """Raised while a request is read: give this answer, then close."""

    def __init__(self, status: int, text: str, headers: Headers = ()) -> None:
        super().__init__(status, text)
        self.answer = text_answer(status, text, headers)

    @classmethod
    def of(cls, answer: Answer) -> Refused:
        """A refusal with an answer that was made elsewhere."""
        refused = cls(answer.status, "")
        refused.answer = answer
        return refused


def body_too_large(size: int, limit: int) -> Refused:
    return Refused(413, f"The request body is too large: {size} bytes or more, and max_body_bytes is {limit}.")


def overloaded(limit: int) -> Refused:
    return Refused(503, f"The gateway holds as many request bytes as it may ({limit}). Try again later.")


def head_too_large(size: int, limit: int) -> Refused:
    return Refused(431, f"The request headers are too large: {size} bytes, and max_header_bytes is {limit}.")


def too_slow() -> Refused:
    return Refused(408, "The request did not arrive in time. Send it again.")


def turned_away(why: str) -> Answer:
    return text_answer(503, f"The gateway {why}. Try again later.", ((b"retry-after", b"1"),))
