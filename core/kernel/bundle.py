"""
Bundles of arrays, which compiled functions hand to each other by reference.

Numba passes a tuple as all that its arrays consist of: seven words for each, over a
hundred for the kernel's state, written anew for every call. Two fifths of the time of a
backtest went there. A bundle is one word: the address of a table with those of all.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from core.jit import is_jit_disabled

_T = TypeVar("_T", bound=type)


def by_reference(cls: _T) -> _T:
    """
    Make of a NamedTuple one that compiled code is handed by reference.

    Its fields are arrays, NamedTuples of arrays, or bundles again. They can be read, in
    Python and in compiled code, and never be others.
    """
    if is_jit_disabled():
        return cls
    from core.kernel.bundle_type import register

    members = {
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
        "__reduce__": _reduce,
        "address": cached_property(_address),
    }
    bundle: Any = type(cls)(cls.__name__, (cls,), members)
    register(bundle)
    return bundle  # type: ignore[no-any-return]


def _address(bundle: Any) -> int:
    """Where the table is; made when compiled code first asks, and kept with the bundle."""
    table = np.fromiter(_words(bundle), np.int64)
    bundle.__dict__["table"] = table
    return int(table.ctypes.data)


def _reduce(bundle: Any) -> tuple[Any, ...]:
    """Pickle the fields alone: an address is of one process."""
    return type(bundle)._make, (tuple(bundle),)


def _words(fields: tuple[Any, ...]) -> Iterator[int]:
    """What the table holds: see `core.kernel.bundle_type`."""
    for field in fields:
        if isinstance(field, np.ndarray):
            # As Numba lays an array out: nobody counts references to it.
            yield from (0, 0, field.size, field.itemsize, field.ctypes.data)
            yield from field.shape
            yield from field.strides
        elif hasattr(field, "address"):
            yield field.address
        else:
            yield from _words(field)
