"""What a run made at which hour of the day, UTC."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.domain.instrument import NANOS
from core.domain.memory import FloatArray, IntArray
from core.reports.plain import money, number
from core.reports.result import BacktestResult

_HOUR_NS = 3_600 * NANOS


def by_hour(result: BacktestResult, notional: FloatArray) -> dict[str, dict[str, Any]]:
    """
    Share a run out over the hours "00" to "23", those it did not see left out.

    Profit belongs to the hour in which its second began, so that the hours add up to the
    profit of the run.

    Args:
        result: Of the run.
        notional: Worth of each fill, in units of the currency.
    """
    steps = np.diff(result.pnl_nanos.sum(axis=1))
    hours, fill_hours = _hours(result.ts_ns[:-1]), _hours(result.fills["ts_ns"])
    seen = np.union1d(np.unique(hours), np.unique(fill_hours))
    return {
        f"{hour:02d}": {
            "pnl": money(steps[hours == hour].sum()),
            "fees": money(result.fills["fee_nanos"][fill_hours == hour].sum()),
            "fills": int(np.count_nonzero(fill_hours == hour)),
            "volume": number(float(notional[fill_hours == hour].sum())),
            "share_of_time": float(np.mean(hours == hour)) if len(hours) else 0.0,
        }
        for hour in seen.tolist()
    }


def _hours(ts_ns: IntArray) -> IntArray:
    return np.asarray(ts_ns // _HOUR_NS % 24)
