"""Trading that gets nowhere: the same order again and again, or fills back and forth at a loss."""

from __future__ import annotations

from core.domain.records import InstrumentState, Params
from core.jit import njit

_REPEAT_NS = 1_000_000_000
"""An order counts as the same again if it comes within this of the last."""

_STRETCH_NS = 60_000_000_000
"""Length of the stretches in which fills are watched."""

_PROGRESS = 10
"""A net change of less than one part in so many of what was traded is none."""


@njit
def is_repeating(
    instrument: InstrumentState, side: int, price_ticks: int, lots: int, ts_ns: int, params: Params
) -> bool:
    """
    Count an order of the strategy that is about to be sent, and say if it is one too many.

    A fill ends the row: then the order was worth sending.
    """
    is_same = (
        instrument.repeated_side == side
        and instrument.repeated_ticks == price_ticks
        and instrument.repeated_lots == lots
        and ts_ns - instrument.last_order_ts_ns <= _REPEAT_NS
    )
    instrument.repeated_orders = instrument.repeated_orders + 1 if is_same else 0
    instrument.repeated_side = side
    instrument.repeated_ticks = price_ticks
    instrument.repeated_lots = lots
    return bool(instrument.repeated_orders >= params.max_repeated_orders)


@njit
def is_churning(
    instrument: InstrumentState, side: int, lots: int, ts_ns: int, params: Params
) -> bool:
    """Count a fill, once it is booked and marked; True if there were too many for nothing."""
    instrument.repeated_orders = 0
    profit_nanos = instrument.realized_nanos + instrument.unrealized_nanos - instrument.fees_nanos
    if ts_ns - instrument.churn_since_ns > _STRETCH_NS:
        instrument.churn_since_ns = ts_ns
        instrument.churn_fills = 0
        instrument.churn_lots = 0
        instrument.churn_net_lots = 0
        instrument.churn_profit_nanos = profit_nanos
    instrument.churn_fills += 1
    instrument.churn_lots += lots
    instrument.churn_net_lots += side * lots
    return bool(
        instrument.churn_fills >= params.max_idle_fills
        and abs(instrument.churn_net_lots) * _PROGRESS < instrument.churn_lots
        and profit_nanos < instrument.churn_profit_nanos
    )
