"""Ends what a killed kernel's Ray leaves behind; run as a small process of its own.

Ray's processes die with the thread that started them, but for its two agents, which first try to report to the cluster
that is gone, and for workers that were just being started, which try to reach it: both for minutes. The reaper holds
the end of a pipe: when the kernel is gone without a goodbye, it waits for the grace time and kills what is left.

Imports next to nothing, and nothing of kernelserve: it is started isolated, and waits for as long as the kernel lives.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time

GRACE_S = 3.0
LOOK_AGAIN_S = (1.0, 5.0, 30.0)
GOODBYE = b"goodbye\n"


class Reaper:
    """The kernel's end of a reaper process.

    Args:
        raylet_pid: the raylet whose processes shall not outlive this process.
        files: the folder of that Ray's files.
    """

    def __init__(self, raylet_pid: int, files: str) -> None:
        command = [sys.executable, "-I", "-S", __file__, str(raylet_pid), files]
        # Of its own session: what kills the kernel's process group must not kill it too.
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def close(self) -> None:
        """Ray was ended in an orderly way: nothing to do."""
        self._process.communicate(GOODBYE)


def find_raylet(parent: int) -> int | None:
    """The raylet that a process has started, by its name and parent."""
    return next((pid for pid, name in _children(parent) if name == "raylet"), None)


def kill_children(parent: int, mark: str) -> None:
    """Kill the processes that `parent` has started with `mark` somewhere on their command line."""
    for pid, _ in _children(parent):
        if mark.encode() in _command(pid):
            _kill(pid)


def kill_starting(files: str) -> None:
    """Kill the workers of the Ray with its files in `files` that were just being started: all others end with it."""
    for pid in _pids():
        if f"\0--raylet-name={files}/".encode() in _command(pid):
            _kill(pid)


def _command(pid: int) -> bytes:
    """Its command line, each argument but the first after a null; empty if there is no such process."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def _children(parent: int) -> list[tuple[int, str]]:
    """Processes that a process has started: pid and name."""
    found = []
    for pid in _pids():
        try:
            with open(f"/proc/{pid}/stat") as file:
                name, _, rest = file.read().partition("(")[2].rpartition(")")
        except OSError:
            continue
        if int(rest.split()[1]) == parent:
            found.append((pid, name))
    return found


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def main() -> None:
    """Wait for the kernel's end, and kill what is left unless it said goodbye."""
    raylet, files = int(sys.argv[1]), sys.argv[2]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    known: dict[int, str] = {}
    for wait_s in (*LOOK_AGAIN_S, None):
        # Their parent is only known while it lives; the agents are there from the start, or restarted soon after.
        known.update((pid, _start_time(pid)) for pid, _ in _children(raylet))
        if select.select([sys.stdin], [], [], wait_s)[0]:
            break
    if sys.stdin.buffer.readline() == GOODBYE:
        return
    time.sleep(GRACE_S)
    for pid, started in known.items():
        if started and _start_time(pid) == started:  # Numbers are given again.
            _kill(pid)
    kill_starting(files)


def _start_time(pid: int) -> str:
    """When a process was started, in the kernel's ticks; "" if there is none."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return  # It has just ended.


if __name__ == "__main__":
    main()
