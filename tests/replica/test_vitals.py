"""What a replica tells of itself."""

from __future__ import annotations

import msgspec
import pytest

from kernelserve.batching import batch
from kernelserve.placement.base import ReplicaSpec
from kernelserve.replica.vitals import vitals

SPEC = ReplicaSpec(
    replica_id="a#d#1", app="a", deployment="d", revision=1, node=b"", units={}, sources={}, listen="", controller=""
)


class Model:
    @batch(max_batch_size=4)
    async def work(self, items: list[int]) -> list[int]:
        return items


def test_a_thread_has_no_memory_of_its_own_and_a_process_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    model = Model()
    told = vitals(SPEC, model)
    assert (told["memory"], told["gpus"], told["batching"]["work"]["max_batch_size"]) == (None, [], 4)
    assert not vars(model), "looking makes nothing on the user's object"
    own = vitals(msgspec.structs.replace(SPEC, own_process=True, resources={"num_gpus": 2}), None)
    assert own["memory"] > 1 << 20 and own["gpus"] == ["2", "3"] and own["batching"] == {}
    assert vitals(msgspec.structs.replace(SPEC, own_process=True), None)["gpus"] == []
