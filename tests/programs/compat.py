"""Run the programs' checks against Ray Serve: ``make compat``.

The first process makes Ray Serve's environment, the same that the benchmarks use, and runs this file with it.
"""

from __future__ import annotations

import subprocess
import sys
import time
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks import Check, Target

ROOT = Path(__file__).resolve().parent.parent.parent
NEEDS = ("httpx", "python-multipart", "websockets")
"""What the checks and programs import, and Ray Serve does not bring."""


def main() -> None:
    """Make the environment and run the checks in it."""
    sys.path.insert(0, str(ROOT))
    from benchmarks.systems import RAY_PYTHON, RAY_VENV, make_ray_environment

    make_ray_environment()
    stamp = RAY_VENV / "compat.txt"
    wanted = " ".join(NEEDS)
    if not stamp.exists() or stamp.read_text() != wanted:
        install = [RAY_PYTHON, "-m", "pip", "install", "--quiet", "-c", str(ROOT / "constraints.txt"), *NEEDS]
        subprocess.run(install, check=True)
        stamp.write_text(wanted)
    sys.exit(subprocess.run([RAY_PYTHON, __file__, "--on-ray-serve"], check=False).returncode)


def check_ray_serve() -> int:
    """Run every check on a Ray of this process; returns how many failed."""
    import checks
    import programs
    import ray
    from ray import serve

    from benchmarks.peers.ray_serve import LOGICAL_CPUS, free_port

    ray.init(num_cpus=LOGICAL_CPUS, include_dashboard=False, log_to_driver=False)
    port = free_port()
    serve.start(http_options={"port": port})
    failed = 0
    try:
        for program, functions in checks.CHECKS.items():
            names = programs.load(program, programs.RAY)
            run = partial(serve.run, name=program, route_prefix=f"/{program}")
            target = checks.Target(f"http://127.0.0.1:{port}/{program}", run(names["app"]), names, run)
            failed += sum(not passes(program, function, target) for function in functions)
            serve.delete(program)
    finally:
        serve.shutdown()
        ray.shutdown()
    return failed


def passes(program: str, function: Check, target: Target) -> bool:
    """Run a check and say how it went."""
    name = f"{program} {function.__name__}"
    begun = time.monotonic()
    try:
        function(target)
    except Exception:  # The boundary: whatever a check raises is its failure, and the next one runs.
        print(f"FAILED {name}\n{traceback.format_exc()}", flush=True)  # noqa: T201
        return False
    print(f"passed {name} ({time.monotonic() - begun:.1f} s)", flush=True)  # noqa: T201
    return True


if __name__ == "__main__":
    if sys.argv[1:] != ["--on-ray-serve"]:
        main()
    sys.path[:0] = [str(Path(__file__).parent), str(ROOT)]
    count = check_ray_serve()
    print(f"{count} checks failed on Ray Serve" if count else "Ray Serve passes them all")  # noqa: T201
    sys.exit(bool(count))
