"""
IMC Prosperity's recorded days: `prices_*.csv`, and the trades beside them.

A day's `timestamp` counts milliseconds from its start. Days follow each other without
a night in between, on a time line that begins at DAY_ZERO_NS, because the files name no
date. Trades carry no side; they stand after the books of their timestamp.
"""

from __future__ import annotations

import difflib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl

from core.data.dataset import DataSet, SourceFile
from core.data.files import CUT_SHORT, Content, read_content
from core.domain.enums import EventKind
from core.domain.errors import DataError
from core.domain.events import EVENT
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import Rows, as_records
from core.settings.instruments import load_instruments

DAY_ZERO_NS = 978_307_200_000_000_000
"""2001-01-01 00:00 UTC: where day 0 is laid."""

_NS_PER_MS = 1_000_000
_DAY_MS = 1_000_000
_DEPTH = 3
_MAX_AMOUNT = 1_000_000_000
"""Prices and volumes beyond this are not Prosperity's, and would not fit sums of money."""
_MAX_DAY = 900
"""Even the longest days, laid one after the other, then fit 64 bits of nanoseconds."""

_LEVELS = tuple(
    (f"{side}_price_{level}", f"{side}_volume_{level}")
    for side in ("bid", "ask")
    for level in range(1, _DEPTH + 1)
)
_PRICE_COLUMNS = ("day", "timestamp", "product", *(name for level in _LEVELS for name in level))
_TRADE_COLUMNS = ("timestamp", "symbol", "price", "quantity")


@dataclass(frozen=True, slots=True)
class _Table:
    """Usable rows of one file and the record of its reading."""

    frame: pl.DataFrame
    source: SourceFile


def is_prosperity(first_line: str) -> bool:
    """Tell a prices file by its header; a slip in one column's name does not hide it."""
    columns = set(first_line.strip().split(";"))
    return len(columns & set(_PRICE_COLUMNS)) > len(_PRICE_COLUMNS) // 2


def is_trades(first_line: str) -> bool:
    """Tell a trades file by its header."""
    return set(_TRADE_COLUMNS) <= set(first_line.strip().split(";"))


def load_prosperity(contents: Sequence[Content]) -> DataSet:
    """
    Load the days of one or several prices files.

    Args:
        contents: Prices files; each one's trades are looked for beside it.

    Raises:
        DataError: If a column is missing, no row is usable, or two files hold the same
            product on the same day.
    """
    books = [_read_books(content) for content in contents]
    _refuse_shared_days(books)
    prices = pl.concat([table.frame for table in books])
    symbols = prices["product"].unique(maintain_order=True).sort().to_list()
    trades = [_read_trades(table, symbols) for table in books]
    traded = [table for table in trades if table is not None]
    # A day longer than usual moves all days apart, so that none begins before another ends.
    stamps = pl.concat([table.frame["timestamp"] for table in [*books, *traded]])
    day_ms = _DAY_MS * (int(stamps.to_numpy().max()) // _DAY_MS + 1)
    parts = [_book_events(prices, symbols, day_ms)]
    parts += [_trade_events(table.frame, symbols, day_ms) for table in traded]
    events = np.concatenate(parts)
    order = np.lexsort((events["kind"], events["ts_ns"]))
    return DataSet(
        instruments=tuple(_instrument(symbol) for symbol in symbols),
        profile="prosperity",
        events=as_records(events[order]),
        sources=tuple(table.source for table in [*books, *traded]),
    )


def _read_csv(content: Content, columns: Sequence[str]) -> pl.DataFrame:
    """Read every cell as text, so that what is wrong can be counted rather than raised."""
    try:
        frame = pl.read_csv(
            io.BytesIO(content.text),
            separator=";",
            infer_schema=False,
            truncate_ragged_lines=True,
            encoding="utf8-lossy",
        )
    except pl.exceptions.PolarsError as error:
        raise DataError(content.path, f"is no table: {str(error).splitlines()[0]}") from error
    for column in columns:
        if column not in frame.columns:
            near = difflib.get_close_matches(column, frame.columns, 1)
            hint = f"; the nearest is {near[0]!r}" if near else ""
            raise DataError(content.path, f"has no column {column!r}{hint}")
    return frame.select(columns)


def _whole(column: str) -> pl.Expr:
    """Whole number of a cell such as `4265` or `4265.0`; null where it is none."""
    number = pl.col(column).str.strip_chars().cast(pl.Float64, strict=False)
    is_whole = number.is_finite() & (number == number.round()) & (number.abs() <= _MAX_AMOUNT)
    return pl.when(is_whole).then(number).cast(pl.Int64).alias(column)


def _is_written(column: str) -> pl.Expr:
    return pl.col(column).is_not_null() & (pl.col(column).str.strip_chars() != "")


def _sift(
    frame: pl.DataFrame, faults: Sequence[tuple[str, pl.Expr]], skipped: dict[str, int]
) -> pl.DataFrame:
    """Drop the rows with a fault, counting each under the first reason that fits."""
    for reason, fault in faults:
        is_faulty = frame.select(fault.fill_null(value=True)).to_series()
        count = int(is_faulty.sum())
        if count:
            skipped[reason] = skipped.get(reason, 0) + count
            frame = frame.filter(~is_faulty)
    return frame


def _read_books(content: Content) -> _Table:
    raw = _read_csv(content, _PRICE_COLUMNS)
    skipped: dict[str, int] = {CUT_SHORT: 1} if content.is_cut else {}
    repaired: dict[str, int] = {}
    numbers = [name for name in _PRICE_COLUMNS if name != "product"]
    unreadable = pl.any_horizontal([_is_written(name) & _whole(name).is_null() for name in numbers])
    frame = _sift(
        raw,
        [
            ("no product", ~_is_written("product")),
            ("no day or timestamp", ~_is_written("day") | ~_is_written("timestamp")),
            ("not a whole number", unreadable),
        ],
        skipped,
    ).with_columns([_whole(name) for name in numbers])
    frame = _sift(
        frame,
        [
            (
                "price without volume",
                pl.any_horizontal([pl.col(p).is_null() != pl.col(v).is_null() for p, v in _LEVELS]),
            ),
            ("timestamp negative", pl.col("timestamp") < 0),
            ("day impossible", pl.col("day").abs() > _MAX_DAY),
            (
                "timestamp repeated, the last one counts",
                ~pl.struct("day", "timestamp", "product").is_last_distinct(),
            ),
        ],
        skipped,
    )
    if frame.is_empty():
        reasons = ", ".join(f"{reason}: {count}" for reason, count in skipped.items())
        raise DataError(content.path, f"has no usable row ({reasons or 'it holds only a header'})")
    # Worthless options are shown with bids at 0, which nobody can mean to trade with.
    impossible = [((pl.col(p) <= 0) | (pl.col(v) <= 0)).fill_null(value=False) for p, v in _LEVELS]
    count = int(frame.select(pl.sum_horizontal([level.sum() for level in impossible])).item())
    if count:
        repaired["level left out, price or volume not positive"] = count
    frame = frame.with_columns(
        [
            pl.when(level).then(None).otherwise(pl.col(name)).alias(name)
            for level, names in zip(impossible, _LEVELS, strict=True)
            for name in names
        ]
    )
    moment = frame["day"] * _MAX_AMOUNT + frame["timestamp"]
    late = int((moment < moment.cum_max()).sum())
    if late:
        repaired["out of order, sorted"] = late
    source = SourceFile(content.path, content.sha256, raw.height, skipped, repaired)
    return _Table(frame, source)


def _refuse_shared_days(tables: Sequence[_Table]) -> None:
    seen: dict[tuple[int, str], Path] = {}
    for table in tables:
        for day, product in table.frame.select("day", "product").unique().iter_rows():
            other = seen.setdefault((day, product), table.source.path)
            if other != table.source.path:
                raise DataError(
                    table.source.path, f"and {other} both hold day {day} of {product}: name one"
                )


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


def _read_trades(prices: _Table, symbols: Sequence[str]) -> _Table | None:
    path = trades_beside(prices.source.path)
    days = prices.frame["day"].unique().to_list()
    # A trade names no day, so a file of several days' prices cannot say whose it is.
    if path is None or len(days) != 1:
        return None
    content = read_content(path)
    raw = _read_csv(content, _TRADE_COLUMNS)
    skipped: dict[str, int] = {CUT_SHORT: 1} if content.is_cut else {}
    numbers = ("timestamp", "price", "quantity")
    frame = _sift(
        raw,
        [("not a whole number", pl.any_horizontal([_whole(name).is_null() for name in numbers]))],
        skipped,
    ).with_columns([_whole(name) for name in numbers])
    frame = _sift(
        frame,
        [
            ("unknown product", ~pl.col("symbol").is_in(symbols)),
            (
                "price or volume not positive",
                (pl.col("price") <= 0) | (pl.col("quantity") <= 0),
            ),
            ("timestamp negative", pl.col("timestamp") < 0),
        ],
        skipped,
    ).with_columns(pl.lit(days[0], pl.Int64).alias("day"))
    return _Table(frame, SourceFile(content.path, content.sha256, raw.height, skipped))


def _start(frame: pl.DataFrame, product: str, symbols: Sequence[str], day_ms: int) -> Rows:
    """EVENT rows with what books and trades share."""
    events = np.zeros(frame.height, EVENT)
    moment_ms = frame["day"].to_numpy() * day_ms + frame["timestamp"].to_numpy()
    events["ts_ns"] = DAY_ZERO_NS + moment_ms * _NS_PER_MS
    events["exch_ts_ns"] = events["ts_ns"]
    number = {symbol: index for index, symbol in enumerate(symbols)}
    events["instrument"] = frame[product].replace_strict(number, return_dtype=pl.Int64).to_numpy()
    return events


def _book_events(frame: pl.DataFrame, symbols: Sequence[str], day_ms: int) -> Rows:
    events = _start(frame, "product", symbols, day_ms)
    events["kind"] = EventKind.BOOK.value
    for level in range(_DEPTH):
        for side in ("bid", "ask"):
            for what, unit in (("price", "ticks"), ("volume", "lots")):
                column = frame[f"{side}_{what}_{level + 1}"].fill_null(0)
                events[f"{side}_{unit}"][:, level] = column.to_numpy()
    return events


def _trade_events(frame: pl.DataFrame, symbols: Sequence[str], day_ms: int) -> Rows:
    events = _start(frame, "symbol", symbols, day_ms)
    events["kind"] = EventKind.TRADE.value
    events["price_ticks"] = frame["price"].to_numpy()
    events["lots"] = frame["quantity"].to_numpy()
    return events


def _instrument(symbol: str) -> Instrument:
    """The product as `config/instruments/prosperity.toml` knows it, else without a limit."""
    for known in load_instruments("prosperity"):
        if known.symbol == symbol:
            return known.to_instrument()
    return Instrument(symbol=Symbol(symbol), tick_size=Decimal(1))
