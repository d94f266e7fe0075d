"""Rows of Prosperity's files: which are used, which are not and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from core.data.cells import MAX_AMOUNT, NOT_WHOLE, Sheet, read_sheet
from core.data.dataset import SourceFile
from core.data.files import Content
from core.data.tables import Faults
from core.domain.errors import DataError
from core.domain.memory import IntArray

DEPTH = 3
_MAX_DAY = 900
"""Even the longest days, laid one after the other, then fit 64 bits of nanoseconds."""

_LEVELS = tuple(
    (f"{side}_price_{level}", f"{side}_volume_{level}")
    for side in ("bid", "ask")
    for level in range(1, DEPTH + 1)
)
_NUMBERS = ("day", "timestamp", *(name for level in _LEVELS for name in level))
PRICE_COLUMNS = ("day", "timestamp", "product", *_NUMBERS[2:])
TRADE_COLUMNS = ("timestamp", "symbol", "price", "quantity")

_NOT_POSITIVE = "price or volume not positive"
_TRADE_NUMBERS = ("timestamp", "price", "quantity")

_NEEDED_OF_BOOKS = (("no product", ["product"]), ("no day or timestamp", ["day", "timestamp"]))
_FAULTS_OF_BOOKS = (
    (
        "price without volume",
        pl.any_horizontal([pl.col(p).is_null() != pl.col(v).is_null() for p, v in _LEVELS]),
    ),
    ("timestamp negative", pl.col("timestamp") < 0),
    ("day impossible", pl.col("day").abs() > _MAX_DAY),
)
_IS_LAST = pl.struct("day", "timestamp", "code").is_last_distinct()


@dataclass(frozen=True, slots=True)
class Table:
    """Usable rows of one file and the record of its reading."""

    frame: pl.DataFrame
    """`day`, `timestamp` and `code`, the place in `symbols`; then levels, or price and quantity."""
    symbols: tuple[str, ...]
    source: SourceFile
    is_books: bool

    def days(self) -> Iterator[tuple[int, str]]:
        """Each day and product once."""
        for day, code in self.frame.select("day", "code").unique().iter_rows():
            yield day, self.symbols[code]


def read_books(content: Content) -> Table:
    """
    Read a prices file.

    Raises:
        DataError: If a column is missing or no row is usable.
    """
    sheet = read_sheet(content, ("product",), _NUMBERS, _NEEDED_OF_BOOKS, _FAULTS_OF_BOOKS)
    symbols = _number_products(sheet)
    moment = _moments(sheet.frame)
    keys = np.sort(moment * len(symbols) + sheet.frame["code"].to_numpy())
    if np.any(keys[1:] == keys[:-1]):
        sheet.sift([("timestamp repeated, the last one counts", ~_IS_LAST)])
        moment = _moments(sheet.frame)
    if sheet.frame.is_empty():
        reasons = ", ".join(f"{reason}: {count}" for reason, count in sheet.skipped.items())
        raise DataError(content.path, f"has no usable row ({reasons or 'it holds only a header'})")
    repaired = _drop_impossible_levels(sheet)
    late = int(np.count_nonzero(moment < np.maximum.accumulate(moment)))
    if late:
        repaired["out of order, sorted"] = late
    source = SourceFile(content.path, content.sha256, sheet.rows, sheet.skipped, repaired)
    return Table(sheet.frame, symbols, source, is_books=True)


def read_trades(content: Content, day: int, symbols: Sequence[str]) -> Table:
    """
    Read the trades of one day.

    Args:
        content: A trades file.
        day: Whose they are; the file does not say.
        symbols: Products that the day's books have.

    Raises:
        DataError: If a column is missing.
    """
    needed = [(NOT_WHOLE, _TRADE_NUMBERS)]
    faults = faults_of_trades(symbols)
    sheet = read_sheet(content, ("symbol",), _TRADE_NUMBERS, needed, faults, pointed=("price",))
    source = SourceFile(content.path, content.sha256, sheet.rows, sheet.skipped)
    return trade_table(sheet.frame.with_columns(day=pl.lit(day, pl.Int32)), symbols, source)


def faults_of_trades(symbols: Sequence[str]) -> Faults:
    """What makes a trade useless to books of these products."""
    return [
        ("unknown product", ~pl.col("symbol").is_in(symbols)),
        (_NOT_POSITIVE, (pl.col("price") <= 0) | (pl.col("quantity") <= 0)),
        ("timestamp negative", pl.col("timestamp") < 0),
    ]


def trade_table(frame: pl.DataFrame, symbols: Sequence[str], source: SourceFile) -> Table:
    """Make a table of sound trades, which have a column `day` too."""
    code = pl.col("symbol").cast(pl.Enum(symbols)).to_physical().alias("code")
    columns = frame.select("day", "timestamp", code, "price", "quantity")
    return Table(columns, tuple(symbols), source, is_books=False)


def _moments(frame: pl.DataFrame) -> IntArray:
    """One number for day and timestamp of each row."""
    days = frame["day"].to_numpy().astype(np.int64)
    moments: IntArray = days * MAX_AMOUNT + frame["timestamp"].to_numpy()
    return moments


def _number_products(sheet: Sheet) -> tuple[str, ...]:
    """Put a column `code` in place of the names, which are handed back in order."""
    product = sheet.frame["product"]
    symbols = tuple(sorted(product.unique().to_list()))
    code = product.cast(pl.Enum(symbols)).to_physical().alias("code")
    sheet.frame = sheet.frame.drop("product").insert_column(0, code)
    return symbols


def _drop_impossible_levels(sheet: Sheet) -> dict[str, int]:
    # Worthless options are shown with bids at 0, which nobody can mean to trade with.
    impossible = [((pl.col(p) <= 0) | (pl.col(v) <= 0)).fill_null(value=False) for p, v in _LEVELS]
    count = int(sheet.frame.select(pl.sum_horizontal([one.sum() for one in impossible])).item())
    if not count:
        return {}
    sheet.frame = sheet.frame.with_columns(
        [
            pl.when(level).then(None).otherwise(pl.col(name)).alias(name)
            for level, names in zip(impossible, _LEVELS, strict=True)
            for name in names
        ]
    )
    return {f"level left out, {_NOT_POSITIVE}": count}
