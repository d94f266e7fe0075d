"""When a position has gone wrong far enough: stops that fit the regime."""

from __future__ import annotations

import math

from core.domain.enums import Regime
from core.domain.records import WINDOW, InstrumentState, Params
from core.jit import njit
from core.kernel.parts import managed_cost_nanos, managed_lots


@njit
def is_stopped(instrument: InstrumentState, params: Params) -> bool:
    """
    Say whether a stop forbids to hold what the strategy wants, and follow the position.

    Distances are in deviations of a move over WINDOW bars. A trending market has a
    trailing stop, measured from the best mid since the position was opened; a
    mean-reverting one a tight stop and a volatile one a wide stop, both measured from the
    average entry price. A stop stays in force until the signal has turned: going back in
    on the same side would be to do without it.
    """
    position = managed_lots(instrument)
    if position == 0:
        instrument.best_mid2_ticks = 0
    else:
        side = 1 if position > 0 else -1
        _follow(instrument, side)
        distance = stop_distance_ticks(instrument, params)
        if distance > 0.0 and adverse_ticks(instrument, side) > distance:
            if instrument.stopped_side != side:
                instrument.stops += 1
            instrument.stopped_side = side
            return True
    if instrument.stopped_side * instrument.combined < 0.0:
        instrument.stopped_side = 0
    return bool(instrument.stopped_side != 0)


@njit
def _follow(instrument: InstrumentState, side: int) -> None:
    """Keep the best mid since the position was opened, signed by its side."""
    mid2 = side * instrument.mid2_ticks
    if instrument.best_mid2_ticks * side <= 0 or mid2 > instrument.best_mid2_ticks:
        instrument.best_mid2_ticks = mid2


@njit
def stop_distance_ticks(instrument: InstrumentState, params: Params) -> float:
    """How far a position may go wrong in this regime; 0 for no stop."""
    deviations = params.stop_volatile
    if instrument.regime == Regime.TRENDING:
        deviations = params.stop_trending
    elif instrument.regime == Regime.MEAN_REVERTING:
        deviations = params.stop_mean_reverting
    return float(deviations * instrument.volatility_ticks * math.sqrt(float(WINDOW)))


@njit
def adverse_ticks(instrument: InstrumentState, side: int) -> float:
    """How far the mid has gone against the position, from where this regime measures."""
    mid = instrument.mid2_ticks / 2
    if instrument.regime == Regime.TRENDING:
        return abs(instrument.best_mid2_ticks) / 2 * side - mid * side
    worth = float(managed_lots(instrument) * instrument.tick_value_nanos)
    return (managed_cost_nanos(instrument) / worth - mid) * side
