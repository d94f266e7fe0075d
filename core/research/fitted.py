"""Pairs and regimes of a recording, fitted as for trading and put into a report's words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.models.cointegration import PairFit, fit_pairs
from core.models.fit import together, usable
from core.models.refusal import Refusal
from core.models.regimes import REGIMES, fit_regimes
from core.research.findings import PairFound, RegimesFound

FEATURES = ("return", "log of fast over slow volatility", "autocorrelation")
"""What tells regimes apart: the return in deviations, the others without a unit."""


def find_pairs(
    instruments: Sequence[Instrument], bars: Mapping[str, Rows], bar_s: float
) -> tuple[PairFound, ...] | Refusal:
    """
    Test every pair of instruments for cointegration.

    Args:
        instruments: All that were recorded.
        bars: BAR rows by symbol.
        bar_s: Length of a bar.

    Returns:
        Pairs with hedge weights in prices, the most convincing first; or why none could
        be tested.
    """
    ticks = {str(instrument.symbol): float(instrument.tick_size) for instrument in instruments}
    result = fit_pairs(together([usable(bars[symbol]) for symbol in ticks]), tuple(ticks))
    if isinstance(result, Refusal):
        return result
    return tuple(_pair(fit, ticks, bar_s) for fit in result.pairs)


def _pair(fit: PairFit, ticks: Mapping[str, float], bar_s: float) -> PairFound:
    returns = math.isfinite(fit.half_life_bars)
    found = (
        f"adjusted p {fit.adjusted_p_value:.2g}, Johansen trace {fit.trace:.1f} "
        f"above {fit.trace_critical:.1f}"
    )
    return PairFound(
        names=(fit.target, fit.leg),
        p_value=fit.p_value,
        half_life_s=fit.half_life_bars * bar_s if returns else None,
        hedge=(1.0, -fit.hedge * ticks[fit.target] / ticks[fit.leg]),
        kept=fit.is_tradable,
        reason=fit.reason or found,
    )


def find_regimes(bars: Rows, bar_s: float) -> RegimesFound | Refusal:
    """
    Fit the three regimes of one instrument.

    Args:
        bars: BAR rows in order.
        bar_s: Length of a bar.
    """
    fit = fit_regimes(np.array(usable(bars)["features"]))
    if isinstance(fit, Refusal):
        return fit
    states, scaling = fit.hmm.states, fit.hmm.scaling
    leave = np.maximum(1.0 - np.diag(states.transition), np.finfo(np.float64).eps)
    means = states.mean * scaling.scale + scaling.mean
    return RegimesFound(
        names=tuple(regime.name.lower().replace("_", "-") for regime in REGIMES),
        share_of_time=tuple(states.start.tolist()),
        mean_duration_s=tuple((bar_s / leave).tolist()),
        features=FEATURES,
        feature_means=tuple(tuple(row) for row in means.tolist()),
    )
