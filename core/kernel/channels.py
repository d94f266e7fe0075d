"""Observations from outside the market, each channel on its own clock."""

from __future__ import annotations

import math

from core.domain.enums import Channel
from core.domain.events import NO_INSTRUMENT, Event
from core.domain.memory import Rows
from core.domain.records import ChannelState
from core.jit import njit
from core.kernel.features import warming_weight
from core.kernel.kalman import LARGEST_VALUE
from core.kernel.state import KernelState

_FAST = 0.3
_SLOW = 0.05
"""Weights of one observation: memories of about 3 and 20."""
_LEAST_OBSERVATIONS = 3
_TRUSTED_AFTER = 10
_MOST_DEVIATIONS = 20.0
"""
Usual changes by which one observation moves its channel at most, once so many have been
seen: a broken sensor must not mute the channel for a day. What is true is said again.
"""
_NANO = 1e-9


@njit
def observe_outside(state: KernelState, event: Event) -> None:
    """
    Take in one OBSERVATION.

    A value that is no number or beyond LARGEST_VALUE, an error below zero, an unknown
    channel, a fair value without an instrument, and anything older than what is known
    are left out.
    """
    if not abs(event.value) <= LARGEST_VALUE or event.fee_nanos < 0:
        return
    if event.code == Channel.FAIR_VALUE:
        if event.instrument != NO_INSTRUMENT and event.value >= 0.0:
            _take_fair_value(state.instruments, event)
    elif 0 <= event.code < state.channels.shape[0]:
        _take_channel(state.channels[event.code], event)


@njit
def _take_fair_value(instruments: Rows, event: Event) -> None:
    instrument = instruments[event.instrument]
    if event.exch_ts_ns < instrument.fair_exch_ts_ns:
        return
    instrument.fair_exch_ts_ns = event.exch_ts_ns
    instrument.fair_ticks = event.value
    instrument.fair_error_ticks = event.fee_nanos * _NANO
    # Whoever worked it out may be well while what it rests on has gone silent.
    instrument.fair_ts_ns = min(event.ts_ns, event.exch_ts_ns)


@njit
def _take_channel(channel: ChannelState, event: Event) -> None:
    """
    Advance one channel; the signal is in [-1, 1].

    - weather momentum: (value - slow mean) / deviation
    - air-quality delta: (value - the one before) / deviation
    - flight volume trend: (fast mean - slow mean) / deviation

    each squashed. The deviation is the running mean of absolute changes.
    """
    if channel.observations > 0 and event.exch_ts_ns <= channel.exch_ts_ns:
        return
    count = channel.observations + 1
    value = event.value
    if count > _TRUSTED_AFTER and channel.deviation > 0.0:
        bound = _MOST_DEVIATIONS * channel.deviation
        value = channel.value + min(bound, max(-bound, value - channel.value))
    change = value - channel.value if count > 1 else 0.0
    slow_before = channel.slow_mean if count > 1 else value
    channel.observations = count
    channel.value = value
    channel.exch_ts_ns = event.exch_ts_ns
    channel.ts_ns = event.ts_ns
    channel.fast_mean += warming_weight(_FAST, count) * (value - channel.fast_mean)
    channel.slow_mean += warming_weight(_SLOW, count) * (value - channel.slow_mean)
    if count > 1:
        weight = warming_weight(_SLOW, count - 1)
        channel.deviation += weight * (abs(change) - channel.deviation)
    channel.signal = 0.0
    if count < _LEAST_OBSERVATIONS or channel.deviation <= 0.0:
        return
    if event.code == Channel.WEATHER:
        distance = value - slow_before
    elif event.code == Channel.AIR_QUALITY:
        distance = change
    else:
        distance = channel.fast_mean - channel.slow_mean
    # Divided before it is squashed: a sensor's outlier must not overflow.
    ratio = distance / channel.deviation
    channel.signal = ratio / (1.0 + abs(ratio)) if math.isfinite(ratio) else 0.0
