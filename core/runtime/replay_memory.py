"""What an observer has in mind, taken out and put back: a replay that goes back needs it."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np


class Mindful(Protocol):
    """An object that says which of its attributes change while it watches."""

    @property
    def MEMORY(self) -> tuple[str, ...]:  # noqa: N802  a constant of its class
        """Names of them."""
        ...


class Memory(NamedTuple):
    """Values of an object's `MEMORY`, in that order; shared with nobody who changes them."""

    values: tuple[Any, ...]
    n_bytes: int
    """About so much memory that only this holds."""


@dataclass(frozen=True, slots=True)
class _Pairs:
    """A dictionary in a third of its memory."""

    keys: tuple[Any, ...]
    values: tuple[Any, ...]


_SHARED = frozenset({int, float, bool, str, bytes, tuple, type(None)})
"""Of most values: nobody changes them."""

_FIELD_BYTES = 40
"""Of a field of a record that is copied: its place, and a number in it."""


def remember(holder: Mindful) -> Memory:
    """
    Copy what an object has in mind.

    Numbers, texts and frozen records are shared and not copied; dictionaries, lists, sets,
    deques, arrays and other records are copied as deep as they go.
    """
    packer = _Packer()
    values = packer.pack_all(getattr(holder, name) for name in holder.MEMORY)
    return Memory(values, packer.n_bytes)


def recall(holder: Mindful, memory: Memory) -> None:
    """Have an object think again what it thought when that memory was made."""
    for name, value in zip(holder.MEMORY, memory.values, strict=True):
        if isinstance(value, Memory):
            recall(getattr(holder, name), value)
        else:
            setattr(holder, name, _unpacked(value))


class _Packer:
    """Copies values, and counts what the copies take."""

    def __init__(self) -> None:
        self.n_bytes = 0

    def pack_all(self, values: Iterable[Any]) -> tuple[Any, ...]:
        packed = tuple(map(self._pack, values))
        self.n_bytes += sys.getsizeof(packed)
        return packed

    def _pack(self, value: Any) -> Any:
        if type(value) in _SHARED:
            return value
        return self._packed_by_kind(value)

    def _packed_by_kind(self, value: Any) -> Any:
        if hasattr(value, "MEMORY"):
            memory = remember(value)
            self.n_bytes += memory.n_bytes
            return memory
        if isinstance(value, dict):
            return _Pairs(self.pack_all(value), self.pack_all(value.values()))
        if isinstance(value, (list, set, deque)):
            return _rebuilt(value, self.pack_all(value))
        if isinstance(value, np.ndarray):
            self.n_bytes += value.nbytes
            return value.copy()
        if _is_changeable(value):
            self.n_bytes += _FIELD_BYTES * len(fields(value))
            return _copied(value)
        return value


def _unpacked(value: Any) -> Any:
    if type(value) in _SHARED:
        return value
    if isinstance(value, _Pairs):
        return dict(zip(value.keys, map(_unpacked, value.values), strict=True))
    if isinstance(value, (list, set, deque)):
        return _rebuilt(value, map(_unpacked, value))
    if isinstance(value, np.ndarray):
        return value.copy()
    return _copied(value) if _is_changeable(value) else value


def _rebuilt(kind: Any, values: Iterable[Any]) -> Any:
    return deque(values, kind.maxlen) if isinstance(kind, deque) else type(kind)(values)


def _is_changeable(value: Any) -> bool:
    if not is_dataclass(value) or isinstance(value, type):
        return False
    return not value.__dataclass_params__.frozen  # type: ignore[attr-defined]  # of every dataclass


def _copied(record: Any) -> Any:
    """Copy a record with the records in it."""
    copy = object.__new__(type(record))
    for field in fields(record):
        value = getattr(record, field.name)
        setattr(copy, field.name, _copied(value) if _is_changeable(value) else value)
    return copy
