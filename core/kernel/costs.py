"""What one lot costs to trade, in ticks: at once, or by waiting."""

from __future__ import annotations

from core.domain.records import InstrumentState, Params
from core.jit import njit

PRIOR_BARS = 10
"""Bars with passive fills that weigh as much as the assumption about them."""


@njit
def fee_ticks(instrument: InstrumentState, bps: float) -> float:
    """Fee of one lot at the mid."""
    return (instrument.mid2_ticks / 2) * (bps / 10_000.0)


@njit
def taking_cost_ticks(instrument: InstrumentState, params: Params) -> float:
    """Half the spread, the fee and the slippage; a rebate is not counted on."""
    fee = max(0.0, fee_ticks(instrument, instrument.taker_fee_bps))
    return float(instrument.half_spread_ticks + fee + params.slippage_ticks)


@njit
def posting_cost_ticks(instrument: InstrumentState, params: Params) -> float:
    """
    Cost of a passive fill: the fee, less what such fills have gained here so far.

    Until our own fills have told, `passive_edge` half spreads are assumed; the assumption
    counts like PRIOR_BARS bars of them. No more is ever counted on than half the spread,
    which is what a resting order stands to earn.
    """
    assumed = params.passive_edge * instrument.half_spread_ticks
    trust = instrument.maker_bars / (instrument.maker_bars + PRIOR_BARS)
    gain = assumed + trust * (instrument.maker_edge_ticks - assumed)
    fee = fee_ticks(instrument, instrument.maker_fee_bps)
    return float(fee - min(gain, instrument.half_spread_ticks))


@njit
def cost_ticks(instrument: InstrumentState, params: Params) -> float:
    """
    Cost by the cheaper way, which the strength of a signal is measured against.

    At least half the spread: that is what a mid is uncertain by.
    """
    taking = taking_cost_ticks(instrument, params)
    posting = posting_cost_ticks(instrument, params)
    return max(float(instrument.half_spread_ticks), min(taking, posting))
