"""What a replica tells of itself to those who look at it: memory, GPUs, settings of its batches."""

from __future__ import annotations

import os
from typing import Any

from kernelserve.batching.methods import present_settings
from kernelserve.placement.base import ReplicaSpec


def vitals(spec: ReplicaSpec, servable: Any) -> dict[str, Any]:
    """Plain data: `memory` in bytes (None where replicas share a process), `gpus` (ids), `batching`.

    Args:
        servable: the user's object, or None.
    """
    return {
        "memory": resident_bytes() if spec.own_process else None,
        "gpus": _gpus() if spec.own_process and spec.resources.get("num_gpus") else [],
        "batching": present_settings(servable) if servable is not None else {},
    }


def resident_bytes() -> int | None:
    """Memory of this process that is in RAM; None where the system does not say."""
    try:
        with open("/proc/self/statm") as file:
            pages = int(file.read().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _gpus() -> list[str]:
    """Those that the placement has given to this process: Ray says so in the variable that CUDA reads."""
    return [gpu for gpu in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if gpu]
