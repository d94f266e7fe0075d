"""How much was at stake, and for how much of the time."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.domain.instrument import NANOS
from core.domain.memory import FloatArray
from core.reports.plain import number
from core.reports.result import BacktestResult


def exposure_of(result: BacktestResult) -> dict[str, Any]:
    """
    Compute what was held at the samples of a run, each with the same weight.

    Returns:
        `mean` and `max` of the gross exposure and `mean_net` in units of the currency, the
        first two also in per cent of the capital; shares of time in the market, long and
        short by the net. `by_instrument` has lots instead of money. What has no mid counts
        as nothing: `samples_without_mid`.
    """
    held = result.position_lots
    gross, net = exposure_curves(result)
    capital = int(result.account[0]["capital_nanos"]) / NANOS
    mean, most = _mean(gross), float(gross.max(initial=0.0))
    return {
        "mean": mean,
        "max": most,
        "mean_net": _mean(net),
        "mean_pct": number(100.0 * mean / capital) if capital else None,
        "max_pct": number(100.0 * most / capital) if capital else None,
        "share_in_market": _mean((held != 0).any(axis=1)),
        "share_long": _mean(net > 0),
        "share_short": _mean(net < 0),
        "samples_without_mid": int(
            np.count_nonzero(((held != 0) & (result.mid2_ticks <= 0)).any(axis=1))
        ),
        "by_instrument": {
            str(instrument.symbol): {
                "mean_lots": _mean(np.abs(held[:, index])),
                "max_lots": int(np.abs(held[:, index]).max(initial=0)),
                "share_in_market": _mean(held[:, index] != 0),
                "share_long": _mean(held[:, index] > 0),
                "share_short": _mean(held[:, index] < 0),
            }
            for index, instrument in enumerate(result.instruments)
        },
    }


def exposure_curves(result: BacktestResult) -> tuple[FloatArray, FloatArray]:
    """Gross and net exposure at each sample, in units of the currency."""
    halves = np.array([i.tick_value_nanos // 2 for i in result.instruments], np.float64)
    worth = result.position_lots * result.mid2_ticks * (halves / NANOS)
    return np.abs(worth).sum(axis=1), worth.sum(axis=1)


def _mean(values: Any) -> float:
    return float(np.mean(values)) if len(values) else 0.0
