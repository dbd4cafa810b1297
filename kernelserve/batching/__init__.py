"""Batching: calls of one item each, run as lists. Pure asyncio; it knows nothing of replicas."""

from __future__ import annotations

from kernelserve.batching.decorator import BatchedFunction, BoundBatch, batch

__all__ = ["BatchedFunction", "BoundBatch", "batch"]
