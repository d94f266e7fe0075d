"""
Features to signals, each in [-1, 1]: positive wants to be long.

Each signal comes with its reach: the move in ticks that a full signal would mean if its
edge were 1. What a signal is truly worth, its edge, is a matter of fit, not of formula.

| signal | value | reach | warm after |
|---|---|---|---|
| momentum | move over WINDOW bars / its deviation, squashed | that deviation | WINDOW bars |
| reversion | (level - mid) / innovation deviation, squashed | that deviation | WINDOW bars |
| volatility | log(fast / slow volatility), squashed | bar volatility | WINDOW bars |
| obi | weighted (bids - asks) / (bids + asks) | bar volatility | a book |
| ofi | order-flow imbalance / its mean size, squashed | bar volatility | 2 books |
| microprice | (microprice - mid) / half spread | half spread | a book |
| depth | (depth price - mid) / half spread, clipped | half spread | a book |
| trade flow | (bought - sold) / (bought + sold) lots, decayed | bar volatility | a trade |
| spread | -z of a basket or pair / 2.5 | 2.5 deviations | see `core.kernel.spread` |
| fair value | (fair - mid) / (its size + standard error) | the denominator | an observation |
| weather, air quality, flights | channel's signal x driver | bar volatility | 3 observations |
| mine | the user's function | bar volatility | its own affair |

Squashed is x / (1 + |x|). Everything is O(1) per event.
"""

from __future__ import annotations

import math

from core.domain.enums import N_CHANNELS, N_SIGNALS, Channel, Signal, SignalFault
from core.domain.memory import Rows
from core.domain.records import WINDOW, Account, InstrumentState, Params
from core.jit import njit
from core.kernel.plugin import call_mine, fault_of
from core.kernel.state import SIGNAL, KernelState

_CORRELATION = 0.02
"""Weight of one bar in the signals' means and covariances: about 50 bars of memory."""
_NS_PER_S = 1_000_000_000


@njit
def squash(value: float) -> float:
    """Bend the real line into (-1, 1): x / (1 + |x|)."""
    return value / (1.0 + abs(value))


@njit
def update_signals(state: KernelState, index: int) -> None:
    """Compute every signal and its reach from the features of this event."""
    instrument = state.instruments[index]
    account = state.account[0]
    signals = instrument.signals
    volatility = instrument.volatility_ticks
    for signal in range(N_SIGNALS):
        instrument.reach_ticks[signal] = volatility
    _read_path(instrument)
    signals[Signal.OBI] = instrument.obi
    signals[Signal.OFI] = 0.0
    if instrument.ofi_scale > 0.0:
        signals[Signal.OFI] = squash(instrument.ofi / instrument.ofi_scale)
    # Clipped: at high prices rounding alone would lead beyond 1.
    distance = instrument.microprice_ticks - instrument.mid2_ticks / 2
    signals[Signal.MICROPRICE] = max(-1.0, min(1.0, distance / instrument.half_spread_ticks))
    instrument.reach_ticks[Signal.MICROPRICE] = instrument.half_spread_ticks
    distance = instrument.depth_price_ticks - instrument.mid2_ticks / 2
    signals[Signal.DEPTH] = max(-1.0, min(1.0, distance / instrument.half_spread_ticks))
    instrument.reach_ticks[Signal.DEPTH] = instrument.half_spread_ticks
    traded = instrument.bought_lots + instrument.sold_lots
    signals[Signal.TRADE_FLOW] = (instrument.bought_lots - instrument.sold_lots) / (1.0 + traded)
    signals[Signal.SPREAD] = instrument.spread_signal
    instrument.reach_ticks[Signal.SPREAD] = instrument.spread_reach_ticks
    _read_fair_value(account, instrument, state.params[0])
    _read_channels(account, instrument, state.channels, state.params[0])
    _read_mine(state, index)


@njit
def _read_path(instrument: InstrumentState) -> None:
    """Momentum, reversion and volatility: what the mid has been doing."""
    signals = instrument.signals
    signals[Signal.MOMENTUM] = signals[Signal.REVERSION] = signals[Signal.VOLATILITY] = 0.0
    if instrument.bars < WINDOW:
        return
    mid = instrument.mid2_ticks / 2
    oldest = instrument.closes[(instrument.bars + 1) % WINDOW]
    reach = instrument.volatility_ticks * math.sqrt(float(WINDOW))
    if reach > 0.0:
        signals[Signal.MOMENTUM] = squash((mid - oldest / 2) / reach)
        instrument.reach_ticks[Signal.MOMENTUM] = reach
    deviation = instrument.innovation_deviation_ticks
    if deviation > 0.0:
        signals[Signal.REVERSION] = squash((instrument.level_ticks - mid) / deviation)
        instrument.reach_ticks[Signal.REVERSION] = deviation
    signals[Signal.VOLATILITY] = squash(instrument.features[1])


@njit
def _read_fair_value(account: Account, instrument: InstrumentState, params: Params) -> None:
    """A theoretical price, believed in proportion to its distance over its error."""
    instrument.signals[Signal.FAIR_VALUE] = 0.0
    if instrument.fair_ts_ns == 0 or _age_s(account, instrument.fair_ts_ns) > (
        params.stale_observation_s
    ):
        return
    distance = instrument.fair_ticks - instrument.mid2_ticks / 2
    reach = abs(distance) + instrument.fair_error_ticks
    if reach > 0.0:
        instrument.signals[Signal.FAIR_VALUE] = distance / reach
        instrument.reach_ticks[Signal.FAIR_VALUE] = reach


@njit
def _read_channels(
    account: Account, instrument: InstrumentState, channels: Rows, params: Params
) -> None:
    """City signals, as this product answers to them; what is too old says nothing."""
    for row in range(N_CHANNELS):
        channel = channels[row]
        signal = channel_signal(row)
        instrument.signals[signal] = 0.0
        if channel.ts_ns > 0 and _age_s(account, channel.ts_ns) <= params.stale_observation_s:
            instrument.signals[signal] = channel.signal * instrument.driver[row]


@njit
def channel_signal(channel: int) -> int:
    """Which signal a channel feeds."""
    if channel == Channel.WEATHER:
        return Signal.WEATHER.value
    if channel == Channel.AIR_QUALITY:
        return Signal.AIR_QUALITY.value
    return Signal.FLIGHTS.value


@njit
def _age_s(account: Account, ts_ns: int) -> float:
    return (account.ts_ns - ts_ns) / _NS_PER_S


@njit
def _read_mine(state: KernelState, index: int) -> None:
    """The user's signal. One that misbehaves is out until the next start."""
    instrument = state.instruments[index]
    instrument.signals[Signal.MINE] = 0.0
    address = state.addresses[SIGNAL]
    if address == 0 or instrument.mine_code != 0 or instrument.bars < WINDOW:
        return
    is_well, value = call_mine(address, instrument)
    fault = fault_of(is_well, value)
    if fault == SignalFault.NONE:
        instrument.signals[Signal.MINE] = value
    else:
        instrument.mine_code = fault


@njit
def update_covariance(instrument: InstrumentState) -> None:
    """Update the exponentially weighted means and covariances of all pairs, once a bar."""
    for row in range(N_SIGNALS):
        row_change = instrument.signals[row] - instrument.signal_mean[row]
        if row_change == 0.0 and instrument.signal_covariance[row, row] == 0.0:
            # A signal that has never moved varies with nothing: its row is zero already.
            continue
        for column in range(row + 1):
            # All means are still the old ones: they move after the last covariance.
            column_change = instrument.signals[column] - instrument.signal_mean[column]
            covariance = (1.0 - _CORRELATION) * (
                instrument.signal_covariance[row, column]
                + _CORRELATION * row_change * column_change
            )
            instrument.signal_covariance[row, column] = covariance
            instrument.signal_covariance[column, row] = covariance
    for row in range(N_SIGNALS):
        change = instrument.signals[row] - instrument.signal_mean[row]
        instrument.signal_mean[row] += _CORRELATION * change
