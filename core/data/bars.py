"""
Bars: `timestamp,open,high,low,close,volume`, one product a file.

A bar says neither book nor who traded when. It becomes, at its end, a book with one level
a tick below its close and one a tick above, each as large as the bar's volume, and one
trade of that volume at the close. All of this is assumed, and counted so. `timestamp` is
taken for the bar's beginning: if it was the end, everything is known a bar late, never early.
"""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.data.dataset import DataSet, SourceFile
from core.data.files import Content
from core.data.grid import MAX_VALUE, find_grid
from core.data.tables import Faults, instrument_of, read_text_table, sift
from core.data.times import guess_unit, to_ns
from core.domain.enums import EventKind
from core.domain.errors import DataError
from core.domain.events import EVENT
from core.domain.memory import IntArray, Rows, as_records
from core.settings.data import DataSettings

PROFILE = "binance"
ASSUMED = "book of one tick a side assumed around the close"

_TIMES = ("timestamp", "time", "date", "datetime", "open_time")
_PRICES = ("open", "high", "low", "close")
_GAP = 1.5
"""Steps between two bars that are more than one and the clock's trembling."""


def is_bars(first_line: str) -> bool:
    """Tell bars by their header, whatever stands between its words."""
    columns = {name.strip().strip('"').casefold() for name in re.split(r"[,;\t|]", first_line)}
    return columns >= {*_PRICES, "volume"} and bool(columns & set(_TIMES))


def load_bars(content: Content, settings: DataSettings | None = None) -> DataSet:
    """
    Load the bars of one product.

    Args:
        content: A file of bars.
        settings: Product, profile, tick and lot size, where they are not to be found.

    Raises:
        DataError: If no bar can be used.
    """
    frame, rows = _read(content)
    skipped, repaired = dict(content.lost), {}
    frame = _sound(frame, skipped)
    if frame.is_empty():
        reasons = ", ".join(f"{reason}: {count}" for reason, count in skipped.items())
        raise DataError(content.path, f"has no usable bar ({reasons or 'it holds only a header'})")
    late = int((frame["ts_ns"] < frame["ts_ns"].cum_max()).sum())
    if late:
        repaired["out of order, sorted"] = late
        frame = frame.sort("ts_ns", maintain_order=True)
    gaps, step_ns = _steps(frame["ts_ns"].to_numpy())
    if gaps:
        repaired["longer than a step since the bar before"] = gaps
    repaired[ASSUMED] = frame.height
    close, volume = frame["close"].to_numpy(), frame["volume"].to_numpy()
    prices = np.concatenate([frame[name].to_numpy() for name in _PRICES])
    tick_size = _step_size(settings.tick_size if settings else Decimal(0), prices)
    lot_size = _step_size(settings.lot_size if settings else Decimal(0), volume)
    name = (settings.symbol if settings else "") or _symbol_of(content)
    instrument = instrument_of(content.path, name, tick_size, lot_size)
    ticks = np.rint(close / float(tick_size)).astype(np.int64)
    lots = np.rint(volume / float(lot_size)).astype(np.int64)
    return DataSet(
        instruments=(instrument,),
        profile=settings.profile if settings else PROFILE,
        events=_events(frame["ts_ns"].to_numpy() + step_ns, ticks, lots),
        sources=(SourceFile(content.path, content.sha256, rows, skipped, repaired),),
    )


def _read(content: Content) -> tuple[pl.DataFrame, int]:
    header = content.text.partition(b"\n")[0].decode("utf-8-sig", errors="replace")
    separator = next(mark for mark in ",;\t|" if mark in header)
    frame = read_text_table(content, separator)
    frame.columns = [name.strip().casefold() for name in frame.columns]
    time = next(name for name in _TIMES if name in frame.columns)
    return frame.select(
        to_ns(frame[time], guess_unit(frame[time])).alias("ts_ns"),
        *(
            pl.col(name).str.strip_chars().cast(pl.Float64, strict=False)
            for name in (*_PRICES, "volume")
        ),
    ), frame.height


def _sound(frame: pl.DataFrame, skipped: dict[str, int]) -> pl.DataFrame:
    numbers = pl.col(*_PRICES, "volume")
    is_number = pl.all_horizontal(numbers.is_finite() & (numbers.abs() < MAX_VALUE))
    faults: Faults = [
        ("no time", pl.col("ts_ns").is_null()),
        ("not a number", ~is_number),
        ("price or volume impossible", (pl.min_horizontal(_PRICES) <= 0) | (pl.col("volume") < 0)),
        (
            "close outside of low and high",
            ~pl.col("close").is_between(pl.col("low"), pl.col("high")),
        ),
        ("timestamp repeated, the last one counts", ~pl.col("ts_ns").is_last_distinct()),
    ]
    return sift(frame, faults, skipped)


def _steps(ts_ns: IntArray) -> tuple[int, int]:
    """How many steps are longer than the usual one, and that one; 0 of a single bar."""
    if len(ts_ns) < 2:
        return 0, 0
    steps = np.diff(ts_ns)
    usual_ns = int(np.median(steps))
    return int(np.count_nonzero(steps > _GAP * usual_ns)), usual_ns


def _step_size(wanted: Decimal, values: NDArray[np.float64]) -> Decimal:
    return wanted or find_grid(values)


def _symbol_of(content: Content) -> str:
    """Name the product after its file, as far as a name may go."""
    stem = re.sub(r"(\.(csv|txt|gz))+$", "", content.path.name, flags=re.IGNORECASE)
    return re.sub(r"[^A-Za-z0-9_.:/-]", "-", stem).lstrip("_.:/-").upper()[:32] or "BARS"


def _events(ts_ns: IntArray, ticks: IntArray, lots: IntArray) -> Rows:
    """A book and a trade for each bar; no trade where none was."""
    events = np.zeros((len(ts_ns), 2), EVENT)
    events["ts_ns"] = events["exch_ts_ns"] = ts_ns[:, None]
    books, trades = events[:, 0], events[:, 1]
    books["kind"], trades["kind"] = EventKind.BOOK.value, EventKind.TRADE.value
    # A bid of one tick at least: nobody can bid nothing.
    books["bid_ticks"][:, 0] = np.maximum(ticks - 1, 1)
    books["ask_ticks"][:, 0] = np.maximum(ticks, 1) + 1
    books["bid_lots"][:, 0] = books["ask_lots"][:, 0] = np.maximum(lots, 1)
    trades["price_ticks"], trades["lots"] = np.maximum(ticks, 1), lots
    flat = events.reshape(-1)
    return as_records(flat[(flat["kind"] == EventKind.BOOK) | (flat["lots"] > 0)])
