"""How orders fared: what of them was filled, and how long it was held."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.domain.enums import LiquiditySide
from core.domain.instrument import NANOS
from core.domain.memory import FloatArray, Rows
from core.reports.plain import number
from core.reports.result import BacktestResult


def execution_of(result: BacktestResult, notional: FloatArray) -> dict[str, Any]:
    """
    Compute fill ratio, time held and turnover.

    Returns:
        `fill_ratio`: filled by sent lots; None where nothing was sent. `holding_s`: mean
        time that a lot was held, by Little's law: lots held at each moment, summed over
        time, by the lots that were opened; what is still held counts until the end.
        `maker_share` of the filled lots. The first two and the turnover, in multiples of the
        capital, `by_instrument` too.
    """
    fills, end_ns = result.fills, int(result.ts_ns[-1]) if len(result.ts_ns) else 0
    capital = int(result.account[0]["capital_nanos"]) / NANOS
    rows, lots_s, opened = {}, 0.0, 0
    for index, instrument in enumerate(result.instruments):
        is_ours = fills["instrument"] == index
        own = fills[is_ours]
        held, lots = _lot_seconds(own, end_ns), _opened_lots(own)
        rows[str(instrument.symbol)] = {
            "fill_ratio": _ratio(int(own["lots"].sum()), int(result.sent_lots[index])),
            "holding_s": _ratio(held, lots),
            "turnover": _ratio(float(notional[is_ours].sum()), capital),
        }
        lots_s, opened = lots_s + held, opened + lots
    filled = int(fills["lots"].sum())
    made = int(fills["lots"][fills["liquidity"] == LiquiditySide.MAKER].sum())
    return {
        "fill_ratio": _ratio(filled, int(result.sent_lots.sum())),
        "holding_s": _ratio(lots_s, opened),
        "maker_share": _ratio(made, filled),
        "by_instrument": rows,
    }


def _lot_seconds(fills: Rows, end_ns: int) -> float:
    """Lots held, summed over time, from the first fill to the end."""
    if not len(fills):
        return 0.0
    lengths_ns = np.diff(fills["ts_ns"], append=max(end_ns, int(fills["ts_ns"][-1])))
    return float(np.sum(np.abs(fills["position_lots"]) * (lengths_ns / NANOS)))


def _opened_lots(fills: Rows) -> int:
    before = fills["position_lots"] - fills["side"] * fills["lots"]
    closing = np.where(before * fills["side"] < 0, np.minimum(np.abs(before), fills["lots"]), 0)
    return int((fills["lots"] - closing).sum())


def _ratio(part: float, whole: float) -> float | None:
    return number(part / whole) if whole > 0 else None
