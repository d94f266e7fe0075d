"""All spreads of an instrument: what they say to it, and when they learn."""

from __future__ import annotations

import math

from core.domain.memory import Rows
from core.domain.records import InstrumentState
from core.domain.spreads import Spread, SpreadKind
from core.jit import njit
from core.kernel.spread import FULL_SIGNAL_Z, read_spread, spread_signal, update_spread


@njit
def close_spreads(spreads: Rows, used: int, instruments: Rows, index: int) -> None:
    """Close a bar of every spread, of the first `used`, whose target has just closed one."""
    for row in range(used):
        spread = spreads[row]
        if spread.legs > 0 and spread.leg_instrument[0] == index:
            update_spread(spread, instruments)


@njit
def read_spreads(spreads: Rows, used: int, instruments: Rows, index: int) -> None:
    """
    Leave the strongest signal of this instrument's spreads, and its reach, in its row.

    A spread speaks to the legs that come back to the others, as the fit has found: the
    target of a basket, one or both legs of a pair, the second against the first.
    """
    instrument = instruments[index]
    instrument.spread_signal = 0.0
    instrument.spread_reach_ticks = 0.0
    for row in range(used):
        spread = spreads[row]
        if spread.legs == 0:
            continue
        if spread.leg_instrument[0] == index:
            read_spread(spread, instruments)
            _offer(instrument, spread_signal(spread), spread.target_move * _full_ticks(spread))
        elif spread.kind == SpreadKind.PAIR and spread.leg_instrument[1] == index:
            read_spread(spread, instruments)
            # The signal says where the target goes; the leg comes from the other side.
            side = -math.copysign(1.0, spread.leg_move)
            reach_ticks = abs(spread.leg_move) * _full_ticks(spread)
            _offer(instrument, side * spread_signal(spread), reach_ticks)


@njit
def _full_ticks(spread: Spread) -> float:
    """Distance of the spread, in ticks of the target, at which its signal is full."""
    return FULL_SIGNAL_Z * math.sqrt(spread.variance)


@njit
def _offer(instrument: InstrumentState, signal: float, reach_ticks: float) -> None:
    """Take a signal over if it expects more of this instrument than the ones before."""
    if abs(signal) * reach_ticks > abs(instrument.spread_signal) * instrument.spread_reach_ticks:
        instrument.spread_signal = signal
        instrument.spread_reach_ticks = reach_ticks
