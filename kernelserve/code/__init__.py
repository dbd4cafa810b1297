"""User code as content-addressed units: fingerprints, packing, loading."""

from kernelserve.code.arrays import array_hashes
from kernelserve.code.byvalue import is_by_value, register_by_value
from kernelserve.code.fingerprint import Fingerprint, fingerprint
from kernelserve.code.reach import Reach, Walks, value_digest
from kernelserve.code.store import UnitStore
from kernelserve.code.units import Packed

__all__ = [
    "Fingerprint",
    "Packed",
    "Reach",
    "UnitStore",
    "Walks",
    "array_hashes",
    "fingerprint",
    "is_by_value",
    "register_by_value",
    "value_digest",
]
