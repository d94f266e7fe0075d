"""EVENT rows as columns of a table, and back: each field one, each level of an array one."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from core.domain.events import DEPTH, EVENT
from core.domain.memory import Rows, as_records

_BLOCK = 4_096
"""Rows that are filled at a time, so that they stay in the cache from column to column."""

_LEVEL = re.compile(r"^(\w+)_(\d+)$")
_ARRAYS = ("bid_ticks", "bid_lots", "ask_ticks", "ask_lots")
_SCALARS = tuple(name for name in EVENT.names or () if name not in _ARRAYS)
_ALWAYS = ("ts_ns", "kind", "instrument")


def to_frame(events: Rows, *, has_all: bool = False) -> pl.DataFrame:
    """Columns of EVENT rows; what is 0 throughout has none, unless all are wanted."""
    columns = {
        name: np.ascontiguousarray(events[name])
        for name in _SCALARS
        if has_all or name in _ALWAYS or events[name].any()
    }
    for name in _ARRAYS:
        for level in range(DEPTH):
            if has_all or events[name][:, level].any():
                columns[f"{name}_{level + 1}"] = np.ascontiguousarray(events[name][:, level])
    return pl.DataFrame(columns)


def to_events(frame: pl.DataFrame) -> Rows:
    """
    EVENT rows of columns; unknown columns are left alone.

    Raises:
        ValueError: If a column does not hold numbers, or lacks some.
    """
    events = np.zeros(frame.height, EVENT)
    pairs = []
    for name in frame.columns:
        view = _view(events, name)
        if view is None:
            continue
        if not frame[name].dtype.is_numeric() or frame[name].null_count():
            raise ValueError(f"column {name} holds something else than numbers")
        pairs.append((view, frame[name].to_numpy()))
    for start in range(0, frame.height, _BLOCK):
        block = slice(start, start + _BLOCK)
        for view, values in pairs:
            view[block] = values[block]
    return as_records(events)


def _view(events: Rows, column: str) -> Rows | None:
    if column in _SCALARS:
        return events[column]
    match = _LEVEL.match(column)
    if match is None or match[1] not in _ARRAYS or not 1 <= int(match[2]) <= DEPTH:
        return None
    return events[match[1]][:, int(match[2]) - 1]
