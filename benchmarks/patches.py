"""Do patches leak? Many edits of one cell in a row, and then: how much has the memory of each process grown?

python -m benchmarks.patches
python -m benchmarks.patches --placement ray --patches 1000

Each edit changes a method, a function that it calls, and the class of an object that the state holds; a request checks
that the new code answers and that the state is the first one's. After a warm-up (a tenth, not counted) a replica in a
process of its own may not grow by more than the bar. With ``--placement local`` notebook, controller and replica are
one process, so its growth is that of all of them, with the edited cells themselves.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time

import kernelserve as serve
from benchmarks.cells import run_cell
from benchmarks.soak_look import held_by, processes
from kernelserve.cluster.session import require_session

APP = "patches"

CELL = """
def scaled(x):
    return x * NUMBER

class Tool:
    def use(self, x):
        return scaled(x) + NUMBER

@serve.deployment
class Patched:
    def __init__(self):
        self.tool = Tool()
        self.weights = bytearray(10_000_000)

    @serve.batch(max_batch_size=4, batch_wait_timeout_s=0)
    async def many(self, items):
        return [self.tool.use(item) for item in items]

    async def ask(self, x):
        return await self.many(x) + NUMBER, id(self.weights)

app = Patched.bind()
"""


def edit(number: int) -> int:
    """Apply the edit and ask for the new answer; returns the identity of the state."""
    serve.run(run_cell(CELL, serve, "patched", {"NUMBER": number}), name=APP, route_prefix=None)
    answer, state = serve.get_app_handle(APP).ask.remote(1).result(timeout_s=30)
    if answer != 3 * number:
        raise RuntimeError(f"Edit {number} answers {answer} and not {3 * number}. See why the patch was not applied.")
    return int(state)


def memory() -> dict[str, float]:
    """MiB of each process."""
    gc.collect()
    return {part: held_by(pid).rss_mib for part, pid in processes(require_session(), APP).items()}


def measure(given: argparse.Namespace) -> list[str]:
    """Make the edits; returns what is wrong."""
    state, warm_up = edit(0), max(20, given.patches // 10)
    states = {edit(number) for number in range(1, warm_up + 1)}
    before, began = memory(), time.monotonic()
    for step in range(1, given.samples + 1):
        done = given.patches * (step - 1) // given.samples
        states |= {edit(warm_up + number) for number in range(done + 1, given.patches * step // given.samples + 1)}
        now = memory()
        grown = "   ".join(f"{part} {mib - before.get(part, 0.0):+.2f} MiB" for part, mib in now.items())
        print(
            f"{time.monotonic() - began:6.1f} s {given.patches * step // given.samples:6,} patches   {grown}",
            flush=True,
        )
    wrong = [f"{len(states - {state})} edits made a new state"] if states != {state} else []
    for part, mib in memory().items():
        if part.startswith("Patched") and mib - before.get(part, 0.0) > given.bar:
            wrong.append(f"{part} has grown by {mib - before.get(part, 0.0):.1f} MiB; the bar is {given.bar:g}")
    return wrong


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patches", type=int, default=1000, help="beside those of the warm-up")
    parser.add_argument("--placement", choices=("local", "ray"), default="local")
    parser.add_argument("--bar", type=float, default=5.0, help="MiB that the replica's process may grow by")
    parser.add_argument("--samples", type=int, default=5, help="looks at the processes on the way")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    serve.start(http_options={"port": 0}, placement=given.placement)
    try:
        wrong = measure(given)
    finally:
        serve.shutdown()
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
