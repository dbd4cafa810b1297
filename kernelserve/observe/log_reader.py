"""Reads an app's log files: the newest lines that fit, and how far that went."""

from __future__ import annotations

import hashlib
import heapq
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kernelserve.observe.log_files import OLD, app_folder, file_prefix
from kernelserve.observe.log_sink import StoredLine
from kernelserve.transport.messages import GetLogs, LogsFound
from kernelserve.transport.observed import LogLine

BLOCK = 64 * 1024
MAX_COUNTED = 50_000
"""Lines that are counted as skipped, at most: only those of a flood are not."""
_HEAD = 96

_decode = msgspec.json.Decoder(StoredLine).decode


def level_number(level: str) -> int:
    """The number of a level's name; what was printed is as INFO, and so are names that nobody knows."""
    number = logging.getLevelName(level)
    return number if isinstance(number, int) else logging.INFO


def read_logs(logs: Path | str, query: GetLogs) -> LogsFound:
    """Answer a query from the files in the folder of a system's logs. Reads from the end of each file.

    Lines that are too old to be asked for are counted only where the query goes on from an earlier answer.
    """
    seen = _offsets(query.after)
    files = _files(app_folder(logs, query.app), query.deployment)
    fits = _Fits(query)
    newest_first = heapq.merge(
        *(_lines(file, seen.get(file.key, 0), fits) for file in files), key=lambda line: -line.time
    )
    found: list[LogLine] = []
    skipped = 0
    for stored in newest_first:
        if len(found) < query.last:
            found.append(stored.line())
        elif not query.after or skipped >= MAX_COUNTED:
            break
        else:
            skipped += 1
    cursor = json.dumps({file.key: file.end for file in files}, separators=(",", ":"))
    return LogsFound(lines=found[::-1], cursor=cursor, skipped=skipped)


@dataclass(frozen=True)
class _File:
    """A file as it was found. `key` stays when it is renamed, and is no other file's; `end`: of its last whole line."""

    path: Path
    key: str
    end: int


class _Fits:
    """Whether a line is asked for."""

    def __init__(self, query: GetLogs) -> None:
        self._deployment = query.deployment
        self._request_id = query.request_id
        self._level = level_number(query.level) if query.level else 0
        self._needle = json.dumps(query.request_id).encode() if query.request_id.isascii() else b""

    def raw(self, line: bytes) -> bool:
        """A first look, before it is decoded."""
        return not self._request_id or self._needle in line

    def __call__(self, line: StoredLine) -> bool:
        return (
            (not self._deployment or line.deployment == self._deployment)
            and (not self._request_id or line.request_id == self._request_id)
            and (not self._level or level_number(line.level) >= self._level)
        )


def _offsets(cursor: str) -> dict[str, int]:
    try:
        return msgspec.json.decode(cursor, type=dict[str, int]) if cursor else {}
    except msgspec.DecodeError as error:
        raise ValueError(
            f"The cursor of logs is {cursor:.40}, which is none ({error}). Use that of an answer."
        ) from None


def _files(folder: Path, deployment: str) -> list[_File]:
    found = []
    prefix = file_prefix(deployment) if deployment else ""
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []  # Nothing was written yet.
    for name in names:
        base = name.removesuffix(OLD)
        if not base.endswith(".log") or not name.startswith(prefix):
            continue
        try:
            with open(folder / name, "rb") as file:
                head = file.read(_HEAD)
                end = _end(file.seek(0, os.SEEK_END), file.fileno())
        except FileNotFoundError:
            continue  # Renamed at this moment; it is found again by its key.
        if end:
            key = hashlib.blake2b(base.encode() + head.partition(b"\n")[0], digest_size=6).hexdigest()
            found.append(_File(folder / name, key, end))
    return found


def _end(size: int, file: int) -> int:
    """Where the last whole line ends: one may be half written."""
    while size > 0:
        start = max(0, size - BLOCK)
        at = os.pread(file, size - start, start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        size = start
    return 0


def _lines(file: _File, start: int, fits: _Fits) -> Iterator[StoredLine]:
    """The lines from `start` on that fit, newest first."""
    try:
        descriptor = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rest, end = b"", file.end
        while end > start:
            begin = max(start, end - BLOCK)
            first, *lines = (os.pread(descriptor, end - begin, begin) + rest).split(b"\n")
            for line in reversed(lines):
                yield from _decoded(line, fits)
            rest, end = first, begin
        yield from _decoded(rest, fits)
    finally:
        os.close(descriptor)


def _decoded(line: bytes, fits: _Fits) -> Iterator[StoredLine]:
    if line and fits.raw(line):
        try:
            stored = _decode(line)
        except msgspec.DecodeError:
            return  # Torn: its process was killed, or the disk was full.
        if fits(stored):
            yield stored
