"""Torch tensors in pickles as out-of-band buffers, as numpy's arrays are: torch's own way copies them twice.

Only for what is sent: `copyreg` is left alone, as `torch.save` looks there, too.
"""

from __future__ import annotations

import copyreg
import pickle
import sys
from collections.abc import Callable
from typing import Any


def dumps(obj: Any, buffer_callback: Callable[[pickle.PickleBuffer], Any]) -> bytes:
    """`pickle.dumps` with protocol 5, and tensors out of band."""
    if "torch" not in sys.modules:
        return pickle.dumps(obj, 5, buffer_callback=buffer_callback)
    file = _Bytes()
    pickler = pickle.Pickler(file, 5, buffer_callback=buffer_callback)
    pickler.dispatch_table = _table()
    pickler.dump(obj)
    return b"".join(file)


class _Bytes(list[bytes]):
    """The least that a pickler writes to: most messages are one write."""

    write = list.append


def _table() -> Any:
    torch = sys.modules["torch"]
    if not hasattr(torch, "Tensor"):
        return copyreg.dispatch_table  # It is being imported, by another thread.
    # Copied each time it has grown: libraries register types when they are imported.
    global _known, _known_size
    if _known is None or _known_size != len(copyreg.dispatch_table):
        _known_size = len(copyreg.dispatch_table)
        _known = {**copyreg.dispatch_table, torch.Tensor: reduce_tensor}
    return _known


_known: dict[type, Any] | None = None
_known_size = 0


def reduce_tensor(tensor: Any) -> Any:
    """The reduction of a tensor: its memory as one buffer, where it is plain memory of this process."""
    torch = sys.modules["torch"]
    plain = (
        tensor.device.type == "cpu"
        and tensor.layout is torch.strided
        and tensor.is_leaf
        and tensor.is_contiguous()
        and not (tensor.is_quantized or tensor.is_conj() or tensor.is_neg() or tensor.__dict__)
        and tensor._backward_hooks is None
    )
    if not plain:
        return tensor.__reduce_ex__(5)
    memory = tensor.detach().reshape(-1).view(torch.uint8) if tensor.numel() else torch.empty(0, dtype=torch.uint8)
    dtype = str(tensor.dtype).removeprefix("torch.")
    return make_tensor, (pickle.PickleBuffer(memory.numpy()), dtype, tuple(tensor.shape), tensor.requires_grad)


def make_tensor(memory: Any, dtype: str, shape: tuple[int, ...], requires_grad: bool) -> Any:
    """The tensor over that memory; what can be written into is not copied."""
    import torch  # Late: only who gets a tensor has to have it.

    kind = getattr(torch, dtype)
    view = memoryview(memory)
    if not view.nbytes:
        tensor = torch.empty(shape, dtype=kind)
    else:
        tensor = torch.frombuffer(bytearray(view) if view.readonly else view, dtype=kind).reshape(shape)
    return tensor.requires_grad_() if requires_grad else tensor
