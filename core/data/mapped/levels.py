"""Tables with a book in each row: a column for each level's price and size."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.data.grid import MAX_VALUE
from core.data.mapped.columns import column_names
from core.domain.enums import EventKind
from core.domain.errors import DataError
from core.domain.events import DEPTH, EVENT
from core.domain.instrument import Instrument
from core.domain.memory import Rows, as_records
from core.settings.data import DataSettings

_SIDES = ("bid", "ask")
_PARTS = ("price", "size")
_OFF_GRID = 1e-6


def level_columns(path: Path, settings: DataSettings) -> dict[str, str]:
    """
    Find the columns of as many levels as the first file has, at most ten.

    Returns:
        The file's columns by ours: `bid_price_0` and so on, the best level first.

    Raises:
        DataError: If it has not even one level.
    """
    there = column_names(path, settings)
    found: dict[str, str] = {}
    for level in range(DEPTH):
        number = str(level + settings.first_level)
        names = {
            f"{side}_{part}_{level}": getattr(settings, f"{side}_{part}").replace("{i}", number)
            for side in _SIDES
            for part in _PARTS
        }
        missing = [name for name in names.values() if name not in there]
        if missing and level == 0:
            near = difflib.get_close_matches(missing[0], there, 1)
            hint = f"; the nearest is {near[0]!r}" if near else ""
            raise DataError(
                path, f"has no column {missing[0]!r}{hint}; --set data.… says which column is what"
            )
        if missing:
            break
        found |= names
    return found


def book_events(
    frame: pl.DataFrame, instruments: Sequence[Instrument], repaired: dict[str, int]
) -> Rows:
    """
    Make a BOOK of each row; a level that nobody can mean is left out and counted.

    Args:
        frame: In order of time, with the columns of `level_columns`.
        instruments: With every symbol that occurs.
        repaired: Added to.
    """
    events = np.zeros(frame.height, EVENT)
    events["kind"] = EventKind.BOOK.value
    for name in ("ts_ns", "exch_ts_ns"):
        events[name] = frame[name].to_numpy()
    number = {str(instrument.symbol): index for index, instrument in enumerate(instruments)}
    index = frame["symbol"].replace_strict(number, return_dtype=pl.Int64).to_numpy()
    events["instrument"] = index
    ticks = np.array([float(instrument.tick_size) for instrument in instruments])[index]
    lots = np.array([float(instrument.lot_size) for instrument in instruments])[index]
    left_out = moved = 0
    levels = sum(name.startswith("bid_price") for name in frame.columns)
    for side in _SIDES:
        for level in range(levels):
            price, size = (_numbers(frame[f"{side}_{part}_{level}"]) for part in _PARTS)
            is_level = (price > 0) & (size > 0) & (price < MAX_VALUE) & (size < MAX_VALUE)
            # Nothing, or 0 for 0, is how an empty level is written.
            left_out += int(np.count_nonzero(~is_level & ~(_is_empty(price) & _is_empty(size))))
            whole = np.where(is_level, price / ticks, 0.0)
            moved += int(np.count_nonzero(np.abs(whole - np.rint(whole)) > _OFF_GRID))
            events[f"{side}_ticks"][:, level] = np.rint(whole)
            events[f"{side}_lots"][:, level] = np.rint(np.where(is_level, size / lots, 0.0))
    counts = {
        "level left out, price or size not positive": left_out,
        "price moved to the tick grid": moved,
    }
    repaired |= {reason: count for reason, count in counts.items() if count}
    return as_records(events)


def _numbers(column: pl.Series) -> NDArray[np.float64]:
    return column.fill_null(float("nan")).to_numpy()


def _is_empty(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    is_empty: NDArray[np.bool_] = np.isnan(values) | (values == 0.0)
    return is_empty
