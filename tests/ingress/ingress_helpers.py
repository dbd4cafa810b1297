"""Ingress classes from cell code, shipped as they would be to a replica."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from starlette.testclient import TestClient

from kernelserve.code import UnitStore


def shipped(cls: type, store: UnitStore | None = None) -> Any:
    """The class as a replica has it."""
    packed = UnitStore().pack(cls)
    replica = store or UnitStore()
    replica.add(packed.units)
    return replica.unpack(packed.payload)


@contextlib.contextmanager
def served(instance: Any, **options: Any) -> Iterator[TestClient]:
    """A client of the instance's app, within its lifespan."""
    with TestClient(instance.__kernelserve_asgi__(), **options) as client:
        yield client
