"""Tables by a map of their columns: the steps of each product, then the events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.data.dataset import DataSet, SourceFile
from core.data.grid import find_grid
from core.data.mapped.columns import Piece, read_pieces
from core.data.mapped.levels import book_events, level_columns
from core.data.mapped.orders import NUMBERS, TEXTS, OrderReader
from core.data.tables import instrument_of
from core.domain.errors import DataError
from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.settings.data import DataSettings

_Grid = dict[str, tuple[Decimal, Decimal]]
"""By symbol: tick and lot size."""


def load_mapped(paths: Sequence[Path], settings: DataSettings) -> Iterator[DataSet]:
    """
    Load tables piece by piece; the orders of one file go on in the next.

    A first reading finds the products, and their steps where those are not given.

    Args:
        paths: CSV, plain or gzip, or Parquet.
        settings: Which column is what.

    Yields:
        Pieces with the same instruments, in the order of the files.

    Raises:
        DataError: If a file cannot be read, lacks a column, or nothing in it can be used.
    """
    is_book = settings.kind == "book"
    levels = level_columns(paths[0], settings) if is_book else {}
    numbers = levels or {name: getattr(settings, name) for name in NUMBERS}
    texts = {} if is_book else {name: getattr(settings, name) for name in TEXTS}
    grid = _survey(paths, settings, numbers)
    instruments = tuple(instrument_of(paths[0], symbol, *grid[symbol]) for symbol in sorted(grid))
    orders = OrderReader(instruments, settings)
    for path in paths:
        for piece in read_pieces(path, settings, numbers, texts):
            repaired = dict(piece.source.repaired)
            skipped = dict(piece.source.skipped)
            ordered = _in_order(piece, repaired)
            if is_book:
                events = book_events(ordered, instruments, repaired)
            else:
                events = orders.read(ordered, skipped, repaired)
            source = replace(piece.source, skipped=skipped, repaired=repaired)
            yield _data_set(instruments, settings.profile, events, source)


def _data_set(
    instruments: tuple[Instrument, ...], profile: str, events: Rows, source: SourceFile
) -> DataSet:
    return DataSet(instruments, profile, events, (source,))


def _in_order(piece: Piece, repaired: dict[str, int]) -> pl.DataFrame:
    ts_ns = piece.frame["ts_ns"]
    late = int((ts_ns < ts_ns.cum_max()).sum())
    if not late:
        return piece.frame
    repaired["out of order, sorted"] = late
    return piece.frame.sort("ts_ns", maintain_order=True)


def _survey(paths: Sequence[Path], settings: DataSettings, numbers: Mapping[str, str]) -> _Grid:
    """Find every product with its steps: given, or the finest of all files."""
    found: _Grid = {}
    prices = [name for name in numbers if "price" in name]
    sizes = [name for name in numbers if "size" in name]
    for path in paths:
        for piece in read_pieces(path, settings, numbers, {}):
            for (symbol,), rows in piece.frame.group_by("symbol"):
                tick = settings.tick_size or find_grid(_values(rows, prices))
                lot = settings.lot_size or find_grid(_values(rows, sizes))
                known = found.get(str(symbol), (tick, lot))
                found[str(symbol)] = min(known[0], tick), min(known[1], lot)
    if not found:
        raise DataError(", ".join(map(str, paths)), "has no row with a time and a product")
    return found


def _values(rows: pl.DataFrame, names: Sequence[str]) -> NDArray[np.float64]:
    columns = [rows[name].drop_nulls().to_numpy() for name in names]
    return np.concatenate([np.zeros(0), *columns])
