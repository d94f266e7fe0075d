"""The Kalman level of each instrument, one observation a bar."""

from __future__ import annotations

import math

from core.domain.filters import KalmanFilter
from core.domain.records import InstrumentState, Params
from core.jit import njit
from core.kernel.kalman import observe, set_noise, skip

_ADAPT = 0.02
"""Weight of one innovation in the noise of a filter that no fit has given one."""


@njit
def track_level(instrument: InstrumentState, level: KalmanFilter, params: Params) -> None:
    """Filter the close of a bar; writes level, slope, gain, innovation and its deviation."""
    if level.fitted == 0 and level.level_variance != params.kalman_noise_ratio:
        set_noise(level, 1.0, params.kalman_noise_ratio, 0.0, 0, 0, _ADAPT)
    observe(level, instrument.close_mid2_ticks / 2)
    _publish(instrument, level)


@njit
def skip_level(instrument: InstrumentState, level: KalmanFilter) -> None:
    """Let a bar without an observation pass: the level is less certain after it."""
    skip(level)
    _publish(instrument, level)


@njit
def _publish(instrument: InstrumentState, level: KalmanFilter) -> None:
    instrument.level_ticks = level.level + level.slope
    instrument.slope_ticks = level.slope
    instrument.kalman_gain = level.gain_level
    instrument.innovation_ticks = level.innovation
    instrument.innovation_deviation_ticks = math.sqrt(max(0.0, level.innovation_variance))
