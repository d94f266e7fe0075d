"""
Structured records: one class that mypy, NumPy, Numba and the journal share.

A record is a Protocol class whose annotations are `I64`, `F64` or an `Annotated`
array with a shape. `dtype_of` turns it into the dtype, `allocate` makes rows of it.
"""

from __future__ import annotations

import os
from typing import Annotated, Any, TypeAlias, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

I64 = Annotated[int, np.int64]
F64 = Annotated[float, np.float64]

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = Any
"""A structured array. Typed as Any because element access yields the record class."""


def dtype_of(record: type) -> np.dtype[np.void]:
    """
    Build the dtype of a record class, aligned as C would.

    Raises:
        TypeError: If a field's annotation does not say how it is stored.
    """
    fields: list[tuple[Any, ...]] = []
    for name, hint in get_type_hints(record, include_extras=True).items():
        if get_origin(hint) is not Annotated:
            raise TypeError(f"{record.__name__}.{name}: {hint!r} has no storage type")
        _, scalar, *shape = get_args(hint)
        fields.append((name, scalar, tuple(shape)) if shape else (name, scalar))
    return np.dtype(fields, align=True)


def allocate(dtype: np.dtype[np.void], rows: int) -> Rows:
    """
    Make zeroed rows that kernels can read by attribute.

    Compiled code has attributes on any structured array. Plain Python needs a recarray,
    which in turn has no fast path into compiled code, so it is used without the JIT only.
    """
    array = np.zeros(rows, dtype)
    return as_records(array)


def as_records(array: Rows) -> Rows:
    """View rows the way `allocate` makes them, without a copy."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return array.view(np.recarray)
    return array
