"""
Spreads: a target against its declared composition, or against a fitted partner.

A basket's premium is measured against a mean and variance that start from the fit and
move slowly. A pair is followed by a Kalman regression whose coefficients are random walks
(Chan, Algorithmic Trading, 2013, ch. 3): y_t = hedge_t (x_t - reference) + intercept_t + e,
and its innovation in standard deviations is z. Both enter and leave trading with a reason.
"""

from __future__ import annotations

import math

from core.domain.memory import FloatArray, Rows
from core.domain.spreads import (
    MAX_LEGS,
    N_SPREAD_VALUES,
    Spread,
    SpreadKind,
    SpreadReason,
    SpreadState,
)
from core.jit import njit

FULL_SIGNAL_Z = 2.5
"""Standard deviations at which the signal is as strong as it gets."""

WARM_UP_BARS = 50
"""Bars before a spread that nobody fitted is traded."""

BREAK_Z = 4.0
BREAK_BARS = 20
"""A spread beyond so many deviations for so many bars in a row is broken."""
RETURN_BARS = 50
"""Sound bars in a row that bring a suspended spread back."""

_MEMORY_HALF_LIVES = 10.0
_DEFAULT_MEMORY_BARS = 1000.0
_OUTLIER_Z = 4.0
"""Deviations that one bar counts at most in the running mean and variance."""


@njit
def load_spread(spread: Spread, values: FloatArray, n_instruments: int) -> int:
    """
    Take over a spread from a model update; its history starts anew.

    Args:
        spread: One SPREAD record, overwritten.
        values: float64, at least N_SPREAD_VALUES, as `spread_values` lays them out.
        n_instruments: Instruments there are; every leg must be one of them.

    Returns:
        1 if loaded; 0, with nothing changed, if the numbers make no spread.
    """
    if not _makes_a_spread(values, n_instruments):
        return 0
    spread.kind = int(values[0])
    spread.legs = int(values[1])
    spread.reason = int(values[2])
    spread.is_fitted = int(values[3])
    spread.half_life_bars = values[4]
    for leg in range(MAX_LEGS):
        spread.leg_instrument[leg] = int(values[5 + leg])
        spread.leg_weight[leg] = values[13 + leg]
    spread.mean_ticks = values[21]
    spread.variance = values[22]
    spread.intercept_ticks = values[23]
    spread.reference_ticks = values[24]
    spread.hedge_variance = values[25]
    spread.covariance = values[26]
    spread.intercept_variance = values[27]
    spread.hedge_noise = values[28]
    spread.intercept_noise = values[29]
    spread.observation_variance = values[30]
    spread.target_move = values[31]
    spread.leg_move = values[32]
    spread.hedge = -values[14]
    spread.fitted_hedge = spread.hedge
    _forget(spread)
    return 1


@njit
def _makes_a_spread(values: FloatArray, n_instruments: int) -> bool:
    """True if every number is finite, every leg known and every variance possible."""
    if len(values) < N_SPREAD_VALUES:
        return False
    for index in range(N_SPREAD_VALUES):
        if not math.isfinite(values[index]):
            return False
    kind, legs, reason, is_fitted = values[0], values[1], values[2], values[3]
    if kind != SpreadKind.BASKET.value and kind != SpreadKind.PAIR.value:
        return False
    if legs < 2 or legs > MAX_LEGS or legs != math.floor(legs):
        return False
    if reason < 0 or reason > SpreadReason.BROKEN.value or reason != math.floor(reason):
        return False
    if values[4] < 0.0 or values[13] != 1.0:
        return False
    for leg in range(int(legs)):
        instrument = values[5 + leg]
        if instrument < 0 or instrument >= n_instruments or instrument != math.floor(instrument):
            return False
    for index in (22, 25, 27, 28, 29, 30):
        if values[index] < 0.0:
            return False
    if (is_fitted != 0.0 and is_fitted != 1.0) or values[31] < 0.0 or values[31] > 1.0:
        return False
    if kind == SpreadKind.PAIR.value:
        return bool(legs == 2 and is_fitted == 1.0 and values[30] > 0.0)
    return bool(is_fitted == 0.0 or values[22] > 0.0)


@njit
def _forget(spread: Spread) -> None:
    """Start the history of a spread that was just loaded."""
    spread.observations = 0
    spread.missing_bars = 0
    spread.far_bars = 0
    spread.sound_bars = 0
    spread.suspensions = 0
    spread.value_ticks = 0.0
    spread.z = 0.0
    spread.innovation_ticks = 0.0
    spread.innovation_variance = 0.0
    spread.is_refused = 0
    spread.state = SpreadState.WARMING.value
    if spread.reason != SpreadReason.NONE:
        spread.is_refused = 1
        spread.state = SpreadState.SUSPENDED.value


@njit
def spread_value(spread: Spread, instruments: Rows) -> float:
    """
    Weighted sum of the legs' mids, in ticks of the target.

    Returns:
        Target minus what its legs are worth; NaN while a leg has no price.
    """
    total = 0.0
    for leg in range(spread.legs):
        mid2_ticks = instruments[spread.leg_instrument[leg]].mid2_ticks
        if mid2_ticks <= 0:
            return math.nan
        total += spread.leg_weight[leg] * (mid2_ticks / 2)
    return total


@njit
def read_spread(spread: Spread, instruments: Rows) -> None:
    """
    Bring value and z up to the mids of this moment, between two bars. Learns nothing.

    While a leg lacks a price, or before the first bar of a spread that nobody fitted,
    both stay as they are.
    """
    value = spread_value(spread, instruments)
    if math.isnan(value) or spread.variance <= 0.0:
        return
    if spread.kind == SpreadKind.PAIR:
        # The weighted sum is target - hedge x leg; the intercept holds at the reference.
        value += spread.hedge * spread.reference_ticks - spread.intercept_ticks
        spread.value_ticks = value
        spread.z = value / math.sqrt(spread.variance)
    else:
        spread.value_ticks = value
        spread.z = (value - spread.mean_ticks) / math.sqrt(spread.variance)


@njit
def update_spread(spread: Spread, instruments: Rows) -> None:
    """
    Advance by one bar: value, mean, variance, z, and whether it may be traded on.

    Args:
        spread: One SPREAD record; an empty one stays so.
        instruments: INSTRUMENT_STATE records; only `mid2_ticks` is read.
    """
    if spread.legs == 0:
        return
    if spread.observations > 0 or spread.missing_bars > 0:
        spread.hedge_variance += spread.hedge_noise
        spread.intercept_variance += spread.intercept_noise
    value = spread_value(spread, instruments)
    if math.isnan(value):
        spread.missing_bars += 1
        return
    spread.missing_bars = 0
    spread.observations += 1
    if spread.kind == SpreadKind.PAIR:
        target_ticks = instruments[spread.leg_instrument[0]].mid2_ticks / 2
        leg_ticks = instruments[spread.leg_instrument[1]].mid2_ticks / 2
        _regress(spread, target_ticks, leg_ticks - spread.reference_ticks)
    else:
        _measure(spread, value)
    _judge(spread)


@njit
def _measure(spread: Spread, value: float) -> None:
    """Measure a basket's premium against its mean so far, then let the mean follow."""
    spread.value_ticks = value
    if spread.is_fitted == 0 and spread.observations == 1:
        spread.mean_ticks = value
    difference = value - spread.mean_ticks
    deviation = math.sqrt(spread.variance)
    spread.z = 0.0
    if deviation > 0.0:
        spread.z = difference / deviation
    share = 1.0 / _memory_bars(spread)
    if spread.is_fitted == 0:
        share = max(share, 1.0 / spread.observations)
    if spread.is_fitted == 1 or spread.observations > WARM_UP_BARS:
        limit = _OUTLIER_Z * deviation
        if limit > 0.0:
            difference = min(limit, max(-limit, difference))
    spread.mean_ticks += share * difference
    spread.variance = (1.0 - share) * (spread.variance + share * difference * difference)


@njit
def _memory_bars(spread: Spread) -> float:
    """Bars that the running mean looks back on."""
    if spread.half_life_bars > 0.0:
        return max(float(WARM_UP_BARS), _MEMORY_HALF_LIVES * spread.half_life_bars)
    return _DEFAULT_MEMORY_BARS


@njit
def _regress(spread: Spread, target_ticks: float, leg_ticks: float) -> None:
    """
    Advance the Kalman regression of a pair by one bar.

    State (hedge, intercept), both random walks; the observation row is (leg, 1). An
    outlier moves the coefficients no more than the limit of the running mean would.
    """
    hedge_load = spread.hedge_variance * leg_ticks + spread.covariance
    intercept_load = spread.covariance * leg_ticks + spread.intercept_variance
    variance = hedge_load * leg_ticks + intercept_load + spread.observation_variance
    innovation = target_ticks - spread.hedge * leg_ticks - spread.intercept_ticks

    deviation = math.sqrt(variance)
    limit = _OUTLIER_Z * deviation
    surprise = min(limit, max(-limit, innovation))
    hedge_gain = hedge_load / variance
    intercept_gain = intercept_load / variance
    spread.hedge += hedge_gain * surprise
    spread.intercept_ticks += intercept_gain * surprise
    spread.hedge_variance -= hedge_gain * hedge_load
    spread.covariance -= hedge_gain * intercept_load
    spread.intercept_variance -= intercept_gain * intercept_load

    spread.leg_weight[1] = -spread.hedge
    spread.value_ticks = innovation
    spread.innovation_ticks = innovation
    spread.innovation_variance = variance
    spread.variance = variance
    spread.z = innovation / deviation


@njit
def _judge(spread: Spread) -> None:
    """Let the spread enter or leave trading."""
    if spread.is_refused == 1:
        return
    if spread.is_fitted == 0 and spread.observations <= WARM_UP_BARS:
        return
    spread.far_bars = spread.far_bars + 1 if abs(spread.z) > BREAK_Z else 0
    reason = SpreadReason.NONE.value
    if spread.kind == SpreadKind.PAIR and spread.hedge * spread.fitted_hedge <= 0.0:
        reason = SpreadReason.HEDGE_UNSTABLE.value
    elif spread.far_bars >= BREAK_BARS:
        reason = SpreadReason.BROKEN.value
    if reason != SpreadReason.NONE:
        if spread.state != SpreadState.SUSPENDED:
            spread.suspensions += 1
        spread.state = SpreadState.SUSPENDED.value
        spread.reason = reason
        spread.sound_bars = 0
        return
    spread.sound_bars = spread.sound_bars + 1 if spread.far_bars == 0 else 0
    if spread.state == SpreadState.SUSPENDED and spread.sound_bars < RETURN_BARS:
        return
    spread.state = SpreadState.TRADING.value
    spread.reason = SpreadReason.NONE.value


@njit
def spread_signal(spread: Spread) -> float:
    """
    Signal for the target: minus z over `FULL_SIGNAL_Z`, cut to [-1, 1].

    A rich target (z > 0) is sold. 0 while the spread is not TRADING, a leg lacks a price,
    or nothing varies.
    """
    if spread.state != SpreadState.TRADING or spread.missing_bars > 0:
        return 0.0
    return min(1.0, max(-1.0, -spread.z / FULL_SIGNAL_Z))
