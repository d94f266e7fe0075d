"""
Whose lots they are: position, cost and profit apart by who wanted the orders.

Each part is a book of its own at its own average cost, as if it were alone. Parts may
stand against each other, and then the whole has realized what they still carry: their
positions, fees and fills, and realized less cost, add up to the whole's, to the nano.
"""

from __future__ import annotations

from core.domain.enums import OrderOrigin
from core.domain.memory import Rows
from core.domain.records import InstrumentState
from core.jit import njit
from core.kernel.orders import find


@njit
def origin_of(orders: Rows, order_id: int) -> int:
    """Who wanted an order; ORPHAN for one that is in the table no more, or never was."""
    row = find(orders, order_id)
    if row < 0 or order_id == 0:
        return int(OrderOrigin.ORPHAN.value)
    return int(orders[row].origin)


@njit
def managed_lots(instrument: InstrumentState) -> int:
    """Position that the strategy answers for: all but what people hold by hand."""
    return int(instrument.position_lots - instrument.part_lots[OrderOrigin.MANUAL])


@njit
def managed_cost_nanos(instrument: InstrumentState) -> int:
    """Signed worth of the managed position at its own entry prices."""
    return int(
        instrument.part_cost_nanos[OrderOrigin.STRATEGY]
        + instrument.part_cost_nanos[OrderOrigin.ORPHAN]
    )


@njit
def share_of_cost(cost_nanos: int, held_lots: int, lots: int) -> int:
    """
    Part of a position's cost that goes with `lots` of its `held_lots`; rounds down.

    Split before multiplying: cost x lots does not fit 64 bits for large positions.
    """
    return int((cost_nanos // held_lots) * lots + (cost_nanos % held_lots) * lots // held_lots)


@njit
def book_part(instrument: InstrumentState, origin: int, signed_lots: int, value: int) -> None:
    """Trade `signed_lots` of one part at `value` nanos a lot."""
    held = instrument.part_lots[origin]
    closing_lots = 0
    if held * signed_lots < 0:
        closing_lots = min(abs(held), abs(signed_lots))
        direction = 1 if held > 0 else -1
        share = share_of_cost(instrument.part_cost_nanos[origin], abs(held), closing_lots)
        instrument.part_cost_nanos[origin] -= share
        instrument.part_realized_nanos[origin] += direction * closing_lots * value - share
    side = 1 if signed_lots > 0 else -1
    instrument.part_cost_nanos[origin] += side * (abs(signed_lots) - closing_lots) * value
    instrument.part_lots[origin] += signed_lots


@njit
def book_fill(
    instrument: InstrumentState, origin: int, side: int, lots: int, value: int, fee_nanos: int
) -> None:
    """Give an execution, already booked on the whole, to whom it belongs."""
    if origin == OrderOrigin.FLATTEN:
        _book_flatten(instrument, side, lots, value, fee_nanos)
        return
    book_part(instrument, origin, side * lots, value)
    instrument.part_fees_nanos[origin] += fee_nanos
    instrument.part_fills[origin] += 1


@njit
def _book_flatten(
    instrument: InstrumentState, side: int, lots: int, value: int, fee_nanos: int
) -> None:
    """Close those who hold something, one after the other; the first has the fill."""
    left = lots
    fee_left = fee_nanos
    first = -1
    for origin in (OrderOrigin.STRATEGY.value, OrderOrigin.MANUAL.value):
        taken = min(left, max(0, -side * instrument.part_lots[origin]))
        if taken == 0:
            continue
        fee = share_of_cost(fee_nanos, lots, taken)
        book_part(instrument, origin, side * taken, value)
        instrument.part_fees_nanos[origin] += fee
        left -= taken
        fee_left -= fee
        if first < 0:
            first = origin
    last = OrderOrigin.ORPHAN.value if left > 0 or first < 0 else first
    if left > 0:
        book_part(instrument, last, side * left, value)
    instrument.part_fees_nanos[last] += fee_left
    instrument.part_fills[first if first >= 0 else last] += 1
    if instrument.position_lots == 0:
        _cross_parts(instrument, value)


@njit
def settle_flat(instrument: InstrumentState) -> None:
    """Once a flatten leaves no position: parts that stand against each other meet at the mark."""
    if instrument.position_lots == 0 and instrument.mid2_ticks > 0:
        _cross_parts(instrument, instrument.mid2_ticks * (instrument.tick_value_nanos // 2))


@njit
def _cross_parts(instrument: InstrumentState, value: int) -> None:
    for origin in range(instrument.part_lots.shape[0]):
        if instrument.part_lots[origin] != 0:
            book_part(instrument, origin, -instrument.part_lots[origin], value)


@njit
def correct_parts(instrument: InstrumentState, lots: int) -> int:
    """
    Spread a correction by the venue over the parts, without a price.

    What people hold by hand they may have closed elsewhere: a correction against it is
    theirs first. The rest belongs to nobody, and so to the strategy's care.

    Returns:
        The lots of it that were taken from, or given back to, people.
    """
    held = instrument.part_lots[OrderOrigin.MANUAL]
    taken = 0
    if held * lots < 0:
        taken = min(abs(held), abs(lots)) * (1 if lots > 0 else -1)
    instrument.part_lots[OrderOrigin.MANUAL] += taken
    instrument.part_lots[OrderOrigin.ORPHAN] += lots - taken
    return taken


@njit
def restore_whole(instrument: InstrumentState) -> None:
    """Count what is carried over as the strategy's, until its parts are told."""
    for origin in range(instrument.part_lots.shape[0]):
        instrument.part_lots[origin] = 0
        instrument.part_cost_nanos[origin] = 0
        instrument.part_realized_nanos[origin] = 0
        instrument.part_fees_nanos[origin] = 0
    instrument.part_lots[OrderOrigin.STRATEGY] = instrument.position_lots
    instrument.part_cost_nanos[OrderOrigin.STRATEGY] = instrument.cost_nanos
    instrument.part_realized_nanos[OrderOrigin.STRATEGY] = instrument.realized_nanos
    instrument.part_fees_nanos[OrderOrigin.STRATEGY] = instrument.fees_nanos


@njit
def find_part_break(instrument: InstrumentState) -> int:
    """What the parts and the whole differ by; lots and fills count at least one nano."""
    lots = instrument.position_lots
    carried = instrument.realized_nanos - instrument.cost_nanos
    fees = instrument.fees_nanos
    fills = instrument.fills
    for origin in range(instrument.part_lots.shape[0]):
        lots -= instrument.part_lots[origin]
        carried -= instrument.part_realized_nanos[origin] - instrument.part_cost_nanos[origin]
        fees -= instrument.part_fees_nanos[origin]
        fills -= instrument.part_fills[origin]
    if lots != 0:
        value = instrument.mid2_ticks * (instrument.tick_value_nanos // 2)
        return int(lots * max(1, value))
    for difference in (carried, fees, fills):
        if difference != 0:
            return int(difference)
    return 0
