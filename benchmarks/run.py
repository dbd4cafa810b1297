"""Measure kernelserve beside other systems, in one go and on this machine.

make bench
python -m benchmarks.run --rounds 1 --seconds 1 --systems uvicorn ray_default --no-write
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.systems import RAY_PYTHON, SYSTEMS, Peer, System, make_ray_environment
from benchmarks.workloads import measure
from kernelserve._version import __version__

OURS = "kernelserve"


def run_rounds(systems: list[System], rounds: int, seconds: float, edits: int) -> report.Samples:
    """Each round starts every system once: what changes on the machine in between hits them all alike."""
    samples: report.Samples = {system.key: {} for system in systems}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, rounds + 1):
            for system in systems:
                print(f"round {number}/{rounds}: {system.title}", flush=True)
                with Peer(system, Path(folder) / f"{system.key}-{number}.log") as peer:
                    found = measure(system, peer, seconds, edits)
                for metric, numbers in found.items():
                    print(f"  {metric}: " + ", ".join(f"{k} {v:.6g}" for k, v in numbers.items()), flush=True)
                    samples[system.key].setdefault(metric, []).append(numbers)
    return samples


def machine() -> dict[str, Any]:
    """What the numbers depend on; nothing that names the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def versions(systems: list[System]) -> dict[str, str]:
    """The versions of what was measured, Ray Serve's read in its own environment."""
    found = {"uvicorn": version("uvicorn"), "kernelserve": __version__}
    if any(system.python == RAY_PYTHON for system in systems):
        asked = "from importlib.metadata import version; print(version('ray'))"
        answer = subprocess.run([RAY_PYTHON, "-c", asked], check=True, stdout=subprocess.PIPE, text=True)
        found["Ray Serve"] = answer.stdout.strip()
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    keys = [system.key for system in SYSTEMS]
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement under load")
    parser.add_argument("--edits", type=int, default=3, help="edits a round")
    parser.add_argument("--systems", nargs="+", choices=keys, default=keys)
    parser.add_argument("--no-write", action="store_true", help="print only: leave results.json and README.md")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    systems = [system for system in SYSTEMS if system.key in given.systems]
    if any(system.python == RAY_PYTHON for system in systems):
        make_ray_environment()
    samples = run_rounds(systems, given.rounds, given.seconds, given.edits)
    results = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "versions": versions(systems),
        "settings": {"rounds": given.rounds, "seconds": given.seconds, "edits": given.edits},
        "samples": samples,
    }
    titles = {system.key: system.title for system in systems}
    if given.no_write:
        print(json.dumps(results), file=sys.stderr)
        print(report.table(samples, titles, OURS))
    else:
        report.write(results, titles, OURS)


if __name__ == "__main__":
    main()
