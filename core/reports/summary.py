"""
The figures of a backtest, as `backtest --json` promises them.

Money is in units of the account's currency. `max_drawdown` is in per cent of the peak,
over every event; `sharpe` and `sortino` are of returns per second, scaled to a year that
never closes. A trade is a fill; `win_rate` and `profit_factor` look at the fills that
closed something, after fees. `turnover` is what was traded, in multiples of the capital.
What cannot be computed is None.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.enums import Outcome, Regime
from core.domain.instrument import NANOS
from core.domain.memory import Rows
from core.reports import metrics
from core.reports.result import BacktestResult

_MASK = (1 << 64) - 1


def summarize(result: BacktestResult) -> dict[str, Any]:
    """Compute the JSON document of a backtest: str, int, float, None, dict and list only."""
    account = result.account[0]
    returns = returns_of(result)
    notional = _notional(result)
    return {
        "events": result.events,
        "seconds": _number(result.seconds),
        "events_per_second": _number(result.events_per_second),
        "decisions": int(account["evaluations"]),
        "orders": int(account["orders"]),
        "fills": int(account["fills"]),
        "volume": _number(float(notional.sum())),
        "pnl": _money(account["equity_nanos"] - account["capital_nanos"]),
        "fees": _money(account["fees_nanos"]),
        "sharpe": _number(metrics.sharpe(returns, metrics.SECONDS)),
        "sortino": _number(metrics.sortino(returns, metrics.SECONDS)),
        "max_drawdown": _number(float(account["max_drawdown_pct"])),
        **_closing_figures(result.fills),
        "turnover": _number(float(notional.sum()) * NANOS / int(account["capital_nanos"])),
        "by_regime": {regime.name: _by_regime(result, regime) for regime in Regime},
        "by_instrument": {
            str(instrument.symbol): _by_instrument(result, index, notional)
            for index, instrument in enumerate(result.instruments)
        },
        "outcomes": _outcomes(account["outcomes"]),
        "decision_hash": f"{int(account['decision_hash']) & _MASK:016x}",
        "settings_hash": result.settings_hash,
        "data": [
            {
                "path": file.path,
                "sha256": file.sha256,
                "rows": file.rows,
                "skipped": file.skipped,
                "repaired": file.repaired,
            }
            for file in result.files
        ],
    }


def returns_of(result: BacktestResult) -> NDArray[np.float64]:
    """Return of the account from each sample to the next."""
    equity = result.equity_nanos.astype(np.float64)
    if np.any(equity[:-1] <= 0.0):
        # A lost account has no returns; the figures that need them do not exist.
        return np.array([])
    return np.asarray(np.diff(equity) / equity[:-1])


def _by_regime(result: BacktestResult, regime: Regime) -> dict[str, Any]:
    fills = result.fills[result.fills["regime"] == regime]
    steps = np.diff(result.pnl_nanos, axis=0).astype(np.float64) / NANOS
    is_regime = result.regime[:-1] == regime
    per_second = steps[is_regime]
    share = float(np.mean(is_regime)) if is_regime.size else 0.0
    return {
        "pnl": _number(float(per_second.sum())),
        "sharpe": _number(metrics.sharpe(per_second, metrics.SECONDS)),
        "trades": len(fills),
        "win_rate": _closing_figures(fills)["win_rate"],
        "share_of_time": _number(share),
    }


def _by_instrument(
    result: BacktestResult, index: int, notional: NDArray[np.float64]
) -> dict[str, Any]:
    state = result.states[index]
    is_ours = result.fills["instrument"] == index
    steps = np.diff(result.pnl_nanos[:, index]).astype(np.float64) / NANOS
    return {
        "pnl": _money(state["realized_nanos"] + state["unrealized_nanos"] - state["fees_nanos"]),
        "fees": _money(state["fees_nanos"]),
        "fills": int(state["fills"]),
        "volume": _number(float(notional[is_ours].sum())),
        "position": str(result.instruments[index].to_quantity(int(state["position_lots"]))),
        "sharpe": _number(metrics.sharpe(steps, metrics.SECONDS)),
        **_closing_figures(result.fills[is_ours]),
        "outcomes": _outcomes(state["outcomes"]),
    }


def _closing_figures(fills: Rows) -> dict[str, float | None]:
    """How the fills did that closed at least a part of a position."""
    before = fills["position_lots"] - fills["side"] * fills["lots"]
    closing = fills[before * fills["side"] < 0]
    gains = (closing["realized_nanos"] - closing["fee_nanos"]).astype(np.float64)
    won, lost = float(gains[gains > 0].sum()), -float(gains[gains < 0].sum())
    return {
        "win_rate": _number(float(np.mean(gains > 0))) if len(gains) else None,
        "profit_factor": _number(won / lost) if lost > 0 else None,
    }


def _notional(result: BacktestResult) -> NDArray[np.float64]:
    """Worth of each fill, in units of the currency."""
    values = np.array([i.tick_value_nanos for i in result.instruments], np.float64)
    fills = result.fills
    lots = fills["lots"].astype(np.float64)
    return np.asarray(fills["price_ticks"] * lots * values[fills["instrument"]] / NANOS)


def _outcomes(counts: Rows) -> dict[str, int]:
    return {code.name: int(counts[code]) for code in Outcome if counts[code]}


def _money(nanos: int) -> float:
    return int(nanos) / NANOS


def _number(value: float) -> float | None:
    """None for what JSON cannot say."""
    return value if math.isfinite(value) else None
