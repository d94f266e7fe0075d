"""
Spreads that come back: baskets against their parts and cointegrated pairs.

A basket's spread has a running mean and variance. A pair's hedge ratio and intercept are
the state of a Kalman regression y = hedge x + intercept, both random walks (as in Chan,
Algorithmic Trading, 2013, ch. 3), with noises and start from the fit.
"""

from __future__ import annotations

import math

from core.domain.memory import FloatArray, Rows
from core.domain.spreads import (
    MAX_LEGS,
    Spread,
    SpreadKind,
    SpreadReason,
    SpreadState,
)
from core.jit import njit
from core.kernel.features import warming_weight

WARM_BARS = 100
"""Bars after which the running statistics of a basket without a fit are believed."""
_MEMORY_HALF_LIVES = 10.0
_MEMORY_BARS = 1_000.0
"""Bars that the mean looks back on where no half-life is known."""
FULL_Z = 2.5
"""Deviations at which the signal is full."""
BREAK_Z = 5.0
RETURN_Z = 2.5
_LEAST_PATIENCE_BARS = 50.0
_PATIENCE_HALF_LIVES = 3.0
N_SPREAD_VALUES = 13 + 2 * MAX_LEGS
"""Numbers of a spread in a model update."""


@njit
def load_spread(spread: Spread, values: FloatArray, version: int) -> bool:
    """
    Take over the composition and statistics of a spread.

    Args:
        spread: Changed in place. One of the same kind and legs keeps what it has learned
            of its hedge; its suspension by the kernel itself stays too.
        values: Kind, legs, then MAX_LEGS instruments, MAX_LEGS weights, reason (0 to
            trade), half-life, mean, variance, hedge, intercept, reference, hedge noise,
            intercept noise, hedge variance, intercept variance.
        version: Of the fit; 0 where there is none.

    Returns:
        False if the numbers cannot be; nothing has changed then.
    """
    kind = int(values[0])
    legs = int(values[1])
    if kind < SpreadKind.NONE or kind > SpreadKind.PAIR or legs < 2 or legs > MAX_LEGS:
        return False
    if kind == SpreadKind.PAIR and legs != 2:
        return False
    at = 2 + 2 * MAX_LEGS
    if values[at + 1] < 0.0 or values[at + 3] < 0.0 or (version != 0 and values[at + 3] == 0.0):
        return False
    is_new = spread.kind != kind or spread.legs != legs
    for leg in range(legs):
        if spread.leg_instrument[leg] != int(values[2 + leg]):
            is_new = True
        spread.leg_instrument[leg] = int(values[2 + leg])
        spread.leg_weight[leg] = values[2 + MAX_LEGS + leg]
    spread.kind = kind
    spread.legs = legs
    spread.version = version
    spread.half_life_bars = values[at + 1]
    if version != 0:
        spread.mean = values[at + 2]
        spread.variance = values[at + 3]
    if is_new:
        spread.observations = 0
        spread.far_bars = 0
        spread.reason = SpreadReason.NONE.value
        _start_regression(spread, values, at)
    spread.fitted_hedge = values[at + 4]
    spread.hedge_noise = values[at + 7]
    spread.intercept_noise = values[at + 8]
    spread.observation_variance = values[at + 3]
    _resume(spread, int(values[at]))
    return True


@njit
def _start_regression(spread: Spread, values: FloatArray, at: int) -> None:
    spread.hedge = values[at + 4]
    spread.intercept = values[at + 5]
    spread.reference_ticks = values[at + 6]
    spread.p_hedge = values[at + 9]
    spread.p_cross = 0.0
    spread.p_intercept = values[at + 10]


@njit
def _resume(spread: Spread, reason: int) -> None:
    """Let the fit's verdict decide, unless the kernel itself has seen the spread break."""
    if spread.state == SpreadState.SUSPENDED and spread.reason >= SpreadReason.HEDGE_UNSTABLE:
        return
    spread.reason = reason
    if reason != SpreadReason.NONE:
        spread.state = SpreadState.SUSPENDED.value
    elif spread.version != 0 or spread.observations >= WARM_BARS:
        spread.state = SpreadState.TRADING.value
    else:
        spread.state = SpreadState.WARMING.value


@njit
def worth_ticks(spread: Spread, instruments: Rows) -> float:
    """Σ weight x mid of the legs; NaN while one of them has no price."""
    total = 0.0
    for leg in range(spread.legs):
        mid2 = instruments[spread.leg_instrument[leg]].mid2_ticks
        if mid2 == 0:
            return math.nan
        total += spread.leg_weight[leg] * mid2 / 2
    return total


@njit
def read_spread(spread: Spread, instruments: Rows) -> None:
    """Bring value, deviation and z up to the mids of this moment. O(legs)."""
    if spread.kind == SpreadKind.PAIR:
        target = instruments[spread.leg_instrument[0]].mid2_ticks / 2
        other = instruments[spread.leg_instrument[1]].mid2_ticks / 2
        if target == 0.0 or other == 0.0:
            return
        x = other - spread.reference_ticks
        spread.value = target - spread.hedge * x - spread.intercept
        spread.deviation = math.sqrt(forecast_variance(spread, x))
    else:
        worth = worth_ticks(spread, instruments)
        if not math.isfinite(worth):
            return
        spread.value = worth - spread.mean
        spread.deviation = math.sqrt(spread.variance)
    spread.z = spread.value / spread.deviation if spread.deviation > 0.0 else 0.0


@njit
def close_spread(spread: Spread, instruments: Rows) -> None:
    """Learn from the mids at the close of a bar, and judge whether the spread still holds."""
    for leg in range(spread.legs):
        if instruments[spread.leg_instrument[leg]].mid2_ticks == 0:
            return
    spread.observations += 1
    read_spread(spread, instruments)
    if spread.kind == SpreadKind.PAIR:
        other = instruments[spread.leg_instrument[1]].mid2_ticks / 2
        _regress(spread, other - spread.reference_ticks)
    else:
        _average(spread, worth_ticks(spread, instruments))
    _judge(spread)


@njit
def _average(spread: Spread, worth: float) -> None:
    memory = _MEMORY_BARS
    if spread.half_life_bars > 0.0:
        memory = max(WARM_BARS, _MEMORY_HALF_LIVES * spread.half_life_bars)
    weight = 1.0 / memory
    if spread.version == 0:
        weight = warming_weight(weight, spread.observations)
    change = worth - spread.mean
    spread.mean += weight * change
    spread.variance = (1.0 - weight) * (spread.variance + weight * change * change)


@njit
def forecast_variance(spread: Spread, x: float) -> float:
    """Variance of the regression's forecast error at x, one bar ahead."""
    p_hedge = spread.p_hedge + spread.hedge_noise
    p_intercept = spread.p_intercept + spread.intercept_noise
    return float(
        x * x * p_hedge + 2.0 * x * spread.p_cross + p_intercept + spread.observation_variance
    )


@njit
def _regress(spread: Spread, x: float) -> None:
    """One Kalman step of (hedge, intercept) with the observation row (x, 1)."""
    p_hedge = spread.p_hedge + spread.hedge_noise
    p_cross = spread.p_cross
    p_intercept = spread.p_intercept + spread.intercept_noise
    variance = x * x * p_hedge + 2.0 * x * p_cross + p_intercept + spread.observation_variance
    if variance <= 0.0:
        return
    gain_hedge = (x * p_hedge + p_cross) / variance
    gain_intercept = (x * p_cross + p_intercept) / variance
    spread.hedge += gain_hedge * spread.value
    spread.intercept += gain_intercept * spread.value
    spread.p_hedge = p_hedge - gain_hedge * (x * p_hedge + p_cross)
    spread.p_cross = p_cross - gain_hedge * (x * p_cross + p_intercept)
    spread.p_intercept = p_intercept - gain_intercept * (x * p_cross + p_intercept)


@njit
def _judge(spread: Spread) -> None:
    """Suspend what does not come back, and take back what has come back for long enough."""
    if spread.state == SpreadState.WARMING:
        if spread.observations >= WARM_BARS:
            spread.state = SpreadState.TRADING.value
        return
    patience = max(_LEAST_PATIENCE_BARS, _PATIENCE_HALF_LIVES * spread.half_life_bars)
    if spread.state == SpreadState.TRADING:
        if spread.kind == SpreadKind.PAIR and spread.hedge * spread.fitted_hedge < 0.0:
            _suspend(spread, SpreadReason.HEDGE_UNSTABLE.value)
            return
        spread.far_bars = spread.far_bars + 1 if abs(spread.z) > BREAK_Z else 0
        if spread.far_bars > patience:
            _suspend(spread, SpreadReason.BROKEN.value)
        return
    is_home = abs(spread.z) < RETURN_Z
    if spread.reason == SpreadReason.HEDGE_UNSTABLE:
        is_home = spread.hedge * spread.fitted_hedge > 0.0
    elif spread.reason != SpreadReason.BROKEN:
        return
    spread.far_bars = spread.far_bars + 1 if is_home else 0
    if spread.far_bars > patience:
        spread.state = SpreadState.TRADING.value
        spread.reason = SpreadReason.NONE.value
        spread.far_bars = 0


@njit
def _suspend(spread: Spread, reason: int) -> None:
    spread.state = SpreadState.SUSPENDED.value
    spread.reason = reason
    spread.far_bars = 0


@njit
def spread_signal(spread: Spread) -> float:
    """What the target should do: -z / FULL_Z within [-1, 1]; 0 unless trading."""
    if spread.state != SpreadState.TRADING:
        return 0.0
    return max(-1.0, min(1.0, -spread.z / FULL_Z))
