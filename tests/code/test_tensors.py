"""Tensors and arrays in messages: out of band, writable, and as they were."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import torch

from kernelserve.code.store import UnitStore


def sent(value: Any) -> Any:
    """The value as the receiver has it."""
    by_unit, parts = UnitStore().dumps(value)
    return UnitStore().loads(by_unit, [bytes(part) for part in parts])


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(12.0).reshape(3, 4), torch.zeros(0, 3), torch.tensor(7), torch.tensor([True, False]),
        torch.randn(5).to(torch.bfloat16), torch.arange(12).reshape(3, 4).T, torch.ones(3, requires_grad=True),
        torch.tensor([1 + 2j]), torch.nn.Parameter(torch.ones(2)), torch.tensor([[0.0, 1.0]]).to_sparse(),
    ],
    ids=lambda tensor: f"{tuple(tensor.shape)}-{tensor.dtype}-{tensor.layout}",
)  # fmt: skip
def test_tensors_arrive_as_they_were(tensor: torch.Tensor) -> None:
    (found,) = sent([tensor])
    assert type(found) is type(tensor)
    assert (found.dtype, found.shape, found.requires_grad) == (tensor.dtype, tensor.shape, tensor.requires_grad)
    assert torch.equal(found.to_dense(), tensor.to_dense())


def test_a_tensor_is_not_copied_into_the_pickle() -> None:
    tensor = torch.zeros(1_000_000)
    _, parts = UnitStore().dumps({"x": tensor, "y": [tensor[:10]]})
    assert len(parts) == 3
    assert len(parts[0]) < 500
    assert np.frombuffer(parts[1], dtype=np.uint8).ctypes.data == tensor.data_ptr()


def test_what_arrives_can_be_written_into() -> None:
    tensor, array = torch.zeros(3), np.zeros(3)
    found = sent((tensor, array))
    found[0][0] = found[1][0] = 1
    assert tensor[0] == array[0] == 0


def test_a_result_of_a_computation_goes_the_way_of_torch() -> None:
    result = torch.ones(2, requires_grad=True) * 2
    assert torch.equal(sent(result), torch.tensor([2.0, 2.0]))


def test_saving_is_left_alone() -> None:
    sent(torch.ones(1))
    file = io.BytesIO()
    torch.save({"w": torch.arange(3)}, file)
    file.seek(0)
    assert torch.equal(torch.load(file, weights_only=True)["w"], torch.arange(3))
