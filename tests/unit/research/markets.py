"""Markets made for a test: books as events, or quotes as the kernel would have left them."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from core.data.dataset import DataSet
from core.domain import events
from core.domain.enums import N_SIGNALS
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import allocate
from core.research.quotes import QUOTE
from tests.unit.kernel.kernel_rig import make_params

START_NS = 1_700_000_000_000_000_000
MS = 1_000_000
PARAMS = make_params()

# Asymmetric on purpose: another tick, another fee for each.
RIVER = Instrument(Symbol("<River>"), Decimal("0.5"))
ETF = Instrument(Symbol("ETF"), Decimal(1), taker_fee_bps=3.0)


def books(rows, instruments=(RIVER, ETF)):
    """
    Make a data set of books with one level a side.

    Each row is (ms, instrument, bid, bid lots, ask, ask lots); a side with 0 lots is empty.
    """
    stored = []
    for ms, index, bid, bid_lots, ask, ask_lots in rows:
        row = events.book(
            index,
            [(int(bid), int(bid_lots))] if bid_lots else [],
            [(int(ask), int(ask_lots))] if ask_lots else [],
        )
        events.stamp(row, 0, START_NS + int(ms * MS))
        stored.append(row)
    return DataSet(tuple(instruments), "practice", events.load(stored), ())


def quotes(mid_ticks, *, every_ms=100, signals=None, obi=None, spread_ticks=2, ts_ns=None):
    """Make QUOTE rows from a path of the mid, in ticks, and signals (quote x signal)."""
    count = len(mid_ticks)
    rows = allocate(QUOTE, count)
    rows["ts_ns"] = START_NS + np.arange(count) * int(every_ms * MS) if ts_ns is None else ts_ns
    mid2 = np.rint(2 * np.asarray(mid_ticks)).astype(np.int64)
    rows["mid2_ticks"] = mid2
    rows["bid_ticks"] = (mid2 - spread_ticks) // 2
    rows["ask_ticks"] = rows["bid_ticks"] + spread_ticks
    rows["obi"] = 0.0 if obi is None else obi
    rows["is_state"] = rows["is_warm"] = 1
    if signals is not None:
        columns = np.asarray(signals, np.float64).reshape(count, -1)
        rows["signals"][:, : min(columns.shape[1], N_SIGNALS)] = columns
    return rows


def autoregression(rng, count, weight):
    """Draw an AR(1) series of unit variance."""
    noise = rng.standard_normal(count) * np.sqrt(1 - weight * weight)
    series = np.empty(count)
    value = rng.standard_normal()
    for index in range(count):
        value = weight * value + noise[index]
        series[index] = value
    return series
