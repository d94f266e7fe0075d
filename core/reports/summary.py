"""
The figures of a backtest, as `backtest --json` promises them.

Money is in units of the account's currency. `max_drawdown` is in per cent of the peak,
over every event; `sharpe` and `sortino` are of returns per second, scaled to a year that
never closes. A trade is a fill; `win_rate` and `profit_factor` look at the fills that
closed something, after fees. `turnover` is what was traded, in multiples of the capital.
What cannot be computed is None.

What the figures are worth stands under `statistics`, with returns of longer bars; `costs`
breaks the profit down, `markouts` follows the mid after fills, `execution` and `exposure`
tell of orders and positions, `by_hour` is by hour of the day, UTC. Each is documented by
the function of its name in `core.reports`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.enums import Outcome, Regime
from core.domain.instrument import NANOS
from core.domain.memory import Rows
from core.reports import metrics
from core.reports.costs import costs_of
from core.reports.execution import execution_of
from core.reports.exposure import exposure_of
from core.reports.hours import by_hour
from core.reports.markouts import markouts_of
from core.reports.plain import money, number
from core.reports.result import BacktestResult
from core.reports.statistics import closing_gains, statistics_of

_MASK = (1 << 64) - 1


def summarize(result: BacktestResult, trials: int = 1) -> dict[str, Any]:
    """
    Compute the JSON document of a backtest: str, int, float, None, dict and list only.

    Args:
        result: Of the run.
        trials: Variants that were tried until this one was chosen, itself included: the best
            of many looks good by chance, and `statistics` allows for it.
    """
    account = result.account[0]
    returns = returns_of(result)
    notional = _notional(result)
    return {
        "events": result.events,
        "seconds": number(result.seconds),
        "events_per_second": number(result.events_per_second),
        "decisions": int(account["evaluations"]),
        "orders": int(account["orders"]),
        "fills": int(account["fills"]),
        "volume": number(float(notional.sum())),
        "pnl": money(account["equity_nanos"] - account["capital_nanos"]),
        "fees": money(account["fees_nanos"]),
        "sharpe": number(metrics.sharpe(returns, metrics.SECONDS)),
        "sortino": number(metrics.sortino(returns, metrics.SECONDS)),
        "max_drawdown": number(float(account["max_drawdown_pct"])),
        **_closing_figures(result.fills),
        "turnover": number(float(notional.sum()) * NANOS / int(account["capital_nanos"])),
        "by_regime": {regime.name: _by_regime(result, regime) for regime in Regime},
        "by_instrument": {
            str(instrument.symbol): _by_instrument(result, index, notional)
            for index, instrument in enumerate(result.instruments)
        },
        "by_hour": by_hour(result, notional),
        "statistics": statistics_of(result, closing_gains(result.fills), trials),
        "costs": costs_of(result),
        "markouts": markouts_of(result),
        "execution": execution_of(result, notional),
        "exposure": exposure_of(result),
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
        "pnl": number(float(per_second.sum())),
        "sharpe": number(metrics.sharpe(per_second, metrics.SECONDS)),
        "trades": len(fills),
        "win_rate": _closing_figures(fills)["win_rate"],
        "share_of_time": number(share),
    }


def _by_instrument(
    result: BacktestResult, index: int, notional: NDArray[np.float64]
) -> dict[str, Any]:
    state = result.states[index]
    is_ours = result.fills["instrument"] == index
    steps = np.diff(result.pnl_nanos[:, index]).astype(np.float64) / NANOS
    return {
        "pnl": money(state["realized_nanos"] + state["unrealized_nanos"] - state["fees_nanos"]),
        "fees": money(state["fees_nanos"]),
        "fills": int(state["fills"]),
        "volume": number(float(notional[is_ours].sum())),
        "position": str(result.instruments[index].to_quantity(int(state["position_lots"]))),
        "sharpe": number(metrics.sharpe(steps, metrics.SECONDS)),
        **_closing_figures(result.fills[is_ours]),
        "outcomes": _outcomes(state["outcomes"]),
    }


def _closing_figures(fills: Rows) -> dict[str, float | None]:
    """How the fills did that closed at least a part of a position."""
    gains = closing_gains(fills)
    won, lost = float(gains[gains > 0].sum()), -float(gains[gains < 0].sum())
    return {
        "win_rate": number(float(np.mean(gains > 0))) if len(gains) else None,
        "profit_factor": number(won / lost) if lost > 0 else None,
    }


def _notional(result: BacktestResult) -> NDArray[np.float64]:
    """Worth of each fill, in units of the currency."""
    values = np.array([i.tick_value_nanos for i in result.instruments], np.float64)
    fills = result.fills
    lots = fills["lots"].astype(np.float64)
    return np.asarray(fills["price_ticks"] * lots * values[fills["instrument"]] / NANOS)


def _outcomes(counts: Rows) -> dict[str, int]:
    return {code.name: int(counts[code]) for code in Outcome if counts[code]}
