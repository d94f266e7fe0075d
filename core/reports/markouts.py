"""
What the mid did after fills, for or against them.

The mid at a horizon is that of the first sample that late or later. A sample is taken at
the first event of a second, before it: where events are rare it is the mid of that
moment, where they are dense it is up to a second late. The interval comes from resampling
the fills in order of time in blocks, since fills come in bursts; more than a thousand are
put together into a thousand groups of neighbors first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.domain.enums import LiquiditySide
from core.domain.instrument import NANOS
from core.domain.memory import FloatArray, IntArray, Rows
from core.reports.bootstrap import SEED, Interval, dependence, interval, resample
from core.reports.plain import number
from core.reports.result import BacktestResult

HORIZONS_S = (1, 5, 10, 30, 60, 300)

MIN_FILLS = 20
"""Fewer have no interval: a few bursts decide everything."""

_GROUPS = 1_000
_RESAMPLES = 1_000
"""There are a dozen intervals to make, and their second digit is beside the point."""


def markouts_of(result: BacktestResult, seed: int = SEED) -> dict[str, dict[str, Any]]:
    """
    Follow the mid after fills, those that made and those that took liquidity apart.

    Returns:
        By the name of `LiquiditySide`, for those with fills: `fills` with a known mid;
        `spread_ticks` that a lot paid at its fill, < 0 if it earned; and `horizons`, each with
        `horizon_s`, the `fills` that have a mid so late, the mean `ticks` of a lot that the
        mid went the fill's way, with `ticks_low` and `ticks_high`, and `pnl`, what that came
        to in units of the currency, with its ends too.
    """
    fills = result.fills
    found = {}
    for side in LiquiditySide:
        own = fills[(fills["liquidity"] == side) & (fills["mid2_ticks"] > 0)]
        if not len(own):
            continue
        paid2 = own["side"] * (2 * own["price_ticks"] - own["mid2_ticks"])
        found[side.name] = {
            "fills": len(own),
            "spread_ticks": float(np.average(paid2, weights=own["lots"])) / 2,
            "horizons": [_markout(result, own, horizon_s, seed) for horizon_s in HORIZONS_S],
        }
    return found


def _markout(result: BacktestResult, fills: Rows, horizon_s: int, seed: int) -> dict[str, Any]:
    later2 = _mids_after(result, fills, horizon_s * NANOS)
    is_known = later2 > 0
    own = fills[is_known]
    values = np.array([i.tick_value_nanos for i in result.instruments], np.float64) / NANOS
    lots = own["lots"].astype(np.float64)
    lot_ticks = own["side"] * lots * (later2[is_known] - own["mid2_ticks"]) / 2
    pnl = lot_ticks * values[own["instrument"]]
    ticks, money = _intervals(lots, lot_ticks, pnl, seed)
    return {
        "horizon_s": horizon_s,
        "fills": len(own),
        "ticks": number(ticks.value),
        "ticks_low": number(ticks.low),
        "ticks_high": number(ticks.high),
        "pnl": number(money.value),
        "pnl_low": number(money.low),
        "pnl_high": number(money.high),
    }


def _mids_after(result: BacktestResult, fills: Rows, horizon_ns: int) -> IntArray:
    """Twice the mid that each fill's instrument had so much later; 0 where the run was over."""
    places = np.searchsorted(result.ts_ns, fills["ts_ns"] + horizon_ns, "left")
    is_over = places >= len(result.ts_ns)
    found = result.mid2_ticks[np.where(is_over, 0, places), fills["instrument"]]
    return np.asarray(np.where(is_over, 0, found))


def _intervals(
    lots: FloatArray, lot_ticks: FloatArray, pnl: FloatArray, seed: int
) -> tuple[Interval, Interval]:
    """Of the mean by lot, in ticks, and of the sum in money."""
    total = float(pnl.sum())
    ticks = float(lot_ticks.sum() / lots.sum()) if len(lots) else np.nan
    if len(lots) < MIN_FILLS:
        return Interval(ticks, np.nan, np.nan), Interval(total, np.nan, np.nan)
    lots, lot_ticks, pnl = (_grouped(values) for values in (lots, lot_ticks, pnl))
    block = dependence(pnl).careful_block
    drawn_ticks, drawn_pnl = [], []
    for piece in resample(len(lots), block, _RESAMPLES, seed):
        drawn_ticks.append(piece.sums(lot_ticks) / piece.sums(lots))
        drawn_pnl.append(piece.sums(pnl))
    return (
        interval(ticks, np.concatenate(drawn_ticks)),
        interval(total, np.concatenate(drawn_pnl)),
    )


def _grouped(values: FloatArray) -> FloatArray:
    """Sums of neighbors, as many as there are groups at most."""
    if len(values) <= _GROUPS:
        return values
    return np.asarray(np.add.reduceat(values, np.arange(_GROUPS) * len(values) // _GROUPS))
