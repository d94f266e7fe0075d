"""
IMC Prosperity's recorded days: `prices_*.csv`, and the trades beside them.

A day's `timestamp` counts milliseconds from its start. Days follow each other without
a night in between, on a time line that begins at DAY_ZERO_NS, because the files name no
date. Trades carry no side; they stand after the books of their timestamp.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import DataSet, SourceFile
from core.data.files import read_content
from core.data.prosperity_log import read_log
from core.data.prosperity_rows import (
    DEPTH,
    PRICE_COLUMNS,
    TRADE_COLUMNS,
    Table,
    read_books,
    read_trades,
)
from core.domain.enums import EventKind
from core.domain.errors import DataError
from core.domain.events import EVENT
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import IntArray, Rows, as_records
from core.settings.instruments import load_instruments

DAY_ZERO_NS = 978_307_200_000_000_000
"""2001-01-01 00:00 UTC: where day 0 is laid."""

_NS_PER_MS = 1_000_000
_DAY_MS = 1_000_000
_READERS = 2
"""Files that are read at a time; each further one costs memory."""
_BLOCK = 1_024
"""Rows that are put together at a time."""

_Days = tuple[Table, Table | None]
"""Books, and their trades where there are such."""


def is_prosperity(first_line: str) -> bool:
    """Tell a prices file by its header; a slip in one column's name does not hide it."""
    columns = set(first_line.strip().split(";"))
    return len(columns & set(PRICE_COLUMNS)) > len(PRICE_COLUMNS) // 2


def is_trades(first_line: str) -> bool:
    """Tell a trades file by its header."""
    return set(TRADE_COLUMNS) <= set(first_line.strip().split(";"))


def load_prosperity(paths: Iterable[Path], logs: Iterable[Path] = ()) -> DataSet:
    """
    Load the days of one or several prices files and logs.

    Args:
        paths: Prices files; each one's trades are looked for beside it.
        logs: Logs of the site, which hold prices and trades.

    Raises:
        DataError: If a file cannot be read, a column is missing, no row is usable, or two
            files hold the same product on the same day.
    """
    with ThreadPoolExecutor(_READERS) as readers:
        days = [*readers.map(_read_day, paths), *readers.map(_read_log, logs)]
    _refuse_shared_days([_survey(day) for day in days])
    return _join(days, _day_ms(_longest_ms(day) for day in days))


def load_days(paths: Sequence[Path], logs: Sequence[Path] = ()) -> Iterator[DataSet]:
    """
    Load the same files one after another, on the same time line: each is read twice.

    Yields:
        The files that share a day, then those that share the next one.

    Raises:
        DataError: As `load_prosperity`.
    """
    readers = [partial(_read_day, path) for path in paths] + [partial(_read_log, p) for p in logs]
    surveys, longest_ms = [], []
    for read in readers:
        day = read()
        surveys.append(_survey(day))
        longest_ms.append(_longest_ms(day))
    _refuse_shared_days(surveys)
    for group in _groups([{day for _, day, _ in survey} for survey in surveys]):
        yield _join([readers[index]() for index in group], _day_ms(longest_ms))


def _groups(days: Sequence[set[int]]) -> list[list[int]]:
    """Indexes of files that have a day in common, directly or by way of another, by time."""
    groups: list[tuple[set[int], list[int]]] = []
    for index, own in enumerate(days):
        near = [group for group in groups if group[0] & own]
        groups = [group for group in groups if not group[0] & own]
        merged = own.union(*(group[0] for group in near))
        groups.append((merged, [i for group in near for i in group[1]] + [index]))
    return [members for _, members in sorted(groups, key=lambda group: min(group[0]))]


def _join(days: Sequence[_Days], day_ms: int) -> DataSet:
    """Lay tables of books and trades on one time line."""
    books = [table for table, _ in days]
    symbols = sorted({symbol for table in books for symbol in table.symbols})
    tables = [*books, *(table for _, table in days if table is not None)]
    number = {symbol: index for index, symbol in enumerate(symbols)}
    return DataSet(
        instruments=_instruments(symbols),
        profile="prosperity",
        events=_merge(tables, number, day_ms),
        sources=_sources(tables),
    )


def _sources(tables: Sequence[Table]) -> tuple[SourceFile, ...]:
    """Each file once: a log is two tables."""
    found: dict[Path, SourceFile] = {}
    for source in (table.source for table in tables):
        other = found.get(source.path)
        found[source.path] = source if other is None else other.and_more(source)
    return tuple(found.values())


def _read_day(path: Path) -> _Days:
    books = read_books(read_content(path))
    trades = trades_beside(path)
    days = books.frame["day"].unique().to_list()
    # A trade names no day, so a file of several days' prices cannot say whose it is.
    if trades is None or len(days) != 1:
        return books, None
    return books, read_trades(read_content(trades), days[0], books.symbols)


def _read_log(path: Path) -> _Days:
    return read_log(read_content(path))


def _survey(day: _Days) -> list[tuple[Path, int, str]]:
    books = day[0]
    return [(books.source.path, number, symbol) for number, symbol in books.days()]


def _refuse_shared_days(surveys: Iterable[list[tuple[Path, int, str]]]) -> None:
    seen: dict[tuple[int, str], Path] = {}
    for path, day, product in chain.from_iterable(surveys):
        other = seen.setdefault((day, product), path)
        if other != path:
            raise DataError(path, f"and {other} both hold day {day} of {product}: name one")


def _longest_ms(day: _Days) -> int:
    tables = [table for table in day if table is not None]
    return max(int(table.frame["timestamp"].to_numpy().max(initial=0)) for table in tables)


def _day_ms(longest_ms: Iterable[int]) -> int:
    """A day longer than usual moves all apart, so that none begins before another ends."""
    return _DAY_MS * (max(longest_ms) // _DAY_MS + 1)


def trades_beside(path: Path) -> Path | None:
    """Find the trades of a prices file: plain, anonymous (`_nn`) or with names (`_wn`)."""
    if not path.name.startswith("prices_"):
        return None
    stem = path.name.removeprefix("prices_").removesuffix(".gz").removesuffix(".csv")
    for variant in ("", "_nn", "_wn"):
        for ending in (".csv.gz", ".csv"):
            candidate = path.with_name(f"trades_{stem}{variant}{ending}")
            if candidate.is_file():
                return candidate
    return None


def _merge(tables: Sequence[Table], number: dict[str, int], day_ms: int) -> Rows:
    """Write all tables into one array, in order of time, each row where it belongs."""
    ts_ns = _times(tables, day_ms)
    # Stable: of one time the tables' own order stays, which has all books before any trade.
    places = np.empty(len(ts_ns), np.int64)
    places[np.argsort(ts_ns, kind="stable")] = np.arange(len(ts_ns))
    events = np.zeros(len(ts_ns), EVENT)
    start = 0
    for table in tables:
        stop = start + table.frame.height
        numbers = np.array([number[symbol] for symbol in table.symbols], np.int64)
        columns = _book_columns(table) if table.is_books else _trade_columns(table)
        columns["instrument"] = numbers[table.frame["code"].to_numpy()]
        columns["ts_ns"] = columns["exch_ts_ns"] = ts_ns[start:stop]
        kind = EventKind.BOOK if table.is_books else EventKind.TRADE
        _write(events, places[start:stop], kind, columns)
        start = stop
    return as_records(events)


def _times(tables: Sequence[Table], day_ms: int) -> IntArray:
    moments_ms = [
        table.frame["day"].to_numpy().astype(np.int64) * day_ms
        + table.frame["timestamp"].to_numpy()
        for table in tables
    ]
    return DAY_ZERO_NS + np.concatenate(moments_ms) * _NS_PER_MS


_Field = str | tuple[str, int]
"""Of an event; for one of its arrays with the place in it."""


def _book_columns(table: Table) -> dict[_Field, NDArray[Any]]:
    frame = table.frame.fill_null(0)
    return {
        (f"{side}_{unit}", level): frame[f"{side}_{what}_{level + 1}"].to_numpy()
        for level in range(DEPTH)
        for side in ("bid", "ask")
        for what, unit in (("price", "ticks"), ("volume", "lots"))
    }


def _trade_columns(table: Table) -> dict[_Field, NDArray[Any]]:
    return {
        "price_ticks": table.frame["price"].to_numpy(),
        "lots": table.frame["quantity"].to_numpy(),
    }


def _write(
    events: Rows, places: IntArray, kind: EventKind, columns: dict[_Field, NDArray[Any]]
) -> None:
    # Put together in a few rows that stay in the cache, each row then goes out as one copy:
    # a third faster than column by column into the large array.
    rows = np.zeros(_BLOCK, EVENT)
    rows["kind"] = kind.value
    views = [
        (rows[field] if isinstance(field, str) else rows[field[0]][:, field[1]], values)
        for field, values in columns.items()
    ]
    # As plain bytes: NumPy would copy structured rows field by field.
    row = np.dtype((np.void, EVENT.itemsize))
    whole, all_whole = rows.view(row), events.view(row)
    for start in range(0, len(places), _BLOCK):
        at = places[start : start + _BLOCK]
        for view, values in views:
            view[: len(at)] = values[start : start + _BLOCK]
        all_whole[at] = whole[: len(at)]


def _instruments(symbols: Sequence[str]) -> tuple[Instrument, ...]:
    """Products as `config/instruments/prosperity.toml` knows them, others without a limit."""
    known = _known_products()
    return tuple(
        known.get(symbol) or Instrument(symbol=Symbol(symbol), tick_size=Decimal(1))
        for symbol in symbols
    )


@lru_cache(maxsize=1)
def _known_products() -> dict[str, Instrument]:
    return {entry.symbol: entry.to_instrument() for entry in load_instruments("prosperity")}
