"""What makes one setting better than another, from the profits of its bars."""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np

from core.domain.memory import FloatArray
from core.reports import metrics

_SECONDS_A_YEAR = 365 * 86_400


class Objective(StrEnum):
    """What is sought; more is better, except of drawdown."""

    SHARPE = "sharpe"
    SORTINO = "sortino"
    CALMAR = "calmar"
    PNL = "pnl"
    DRAWDOWN = "drawdown"

    @property
    def is_maximized(self) -> bool:
        """Whether more is better."""
        return self is not Objective.DRAWDOWN


def score(objective: Objective, profits: FloatArray, bar_ns: int) -> float:
    """
    Score a run.

    Args:
        objective: What is sought.
        profits: Of each bar, as a share of the capital.
        bar_ns: Length of a bar.

    Returns:
        Sharpe, Sortino and Calmar ratio scaled to a year that never closes, profit and
        drawdown in per cent of the capital; 0 for one that did nothing.
    """
    if objective is Objective.PNL:
        return 100.0 * float(profits.sum())
    if objective is Objective.DRAWDOWN:
        return drawdown_pct(profits)
    periods = max(1, round(_SECONDS_A_YEAR * 1e9 / bar_ns))
    found = {
        Objective.SHARPE: metrics.sharpe,
        Objective.SORTINO: metrics.sortino,
        Objective.CALMAR: metrics.calmar,
    }[objective](profits, periods)
    return found if math.isfinite(found) else 0.0


def drawdown_pct(profits: FloatArray) -> float:
    """Deepest fall of the summed profits from their peak, in per cent of the capital."""
    growth = np.concatenate(([0.0], np.cumsum(profits)))
    return 100.0 * float(np.max(np.maximum.accumulate(growth) - growth))
