"""
The one shape of everything that can change the engine.

An event is a fixed-size row. Its first 128 bytes are common; the arrays behind them
are used by BOOK and MODEL_UPDATED only, so the journal stores the other kinds without.
Adapters build events with the functions below; the loop stamps `seq` and `ts_ns`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Annotated, Protocol

import numpy as np

from core.domain.enums import (
    BracketState,
    Channel,
    CommandKind,
    EventKind,
    LiquiditySide,
    ModelKind,
    OrderOrigin,
    OrderStatus,
    RejectReason,
    Side,
    VenueState,
)
from core.domain.instrument import NANOS
from core.domain.memory import F64, I64, IntArray, Rows, allocate, as_records, dtype_of

DEPTH = 10
"""Levels a side of every book."""

MODEL_VALUES = 4 * DEPTH
"""Floats that a MODEL_UPDATED carries in place of a book."""

NO_INSTRUMENT = -1

_Levels = Annotated[IntArray, np.int64, DEPTH]


class Event(Protocol):
    """One fact. Fields that a kind does not use are 0 (`instrument`: -1)."""

    seq: I64
    """Number in the journal, from 1, without gaps."""
    ts_ns: I64
    """When the engine received it: the only clock the kernel knows."""
    exch_ts_ns: I64
    """When the venue says it happened; 0 where it does not say."""
    kind: I64
    instrument: I64
    order_id: I64
    """
    Our client order number; negative for an order of somebody else's making. Of a TRADE in a
    run that is traded again: our order that it met.
    """
    side: I64
    """Of the order or fill; of the aggressor for a TRADE; OrderOrigin + 1 for a part RESTORED."""
    price_ticks: I64
    lots: I64
    """Size; signed for POSITION_REPORT; row of a spread for MODEL_UPDATED."""
    leaves_lots: I64
    status: I64
    """OrderStatus, VenueState or TradingState, by kind."""
    code: I64
    """RejectReason, CommandKind, LiquiditySide, StateReason and so on, by kind."""
    trade_id: I64
    """Execution id: how a fill that is reported twice is told apart; a stop in ticks."""
    fee_nanos: I64
    """For an OBSERVATION its standard error, in billionths of its unit; a target in ticks."""
    key: I64
    """Index of a parameter; version of a model; flags for PLACE."""
    value: F64
    bid_ticks: _Levels
    """For MODEL_UPDATED the four arrays hold MODEL_VALUES floats instead, as their bits."""
    bid_lots: _Levels
    ask_ticks: _Levels
    ask_lots: _Levels


EVENT = dtype_of(Event)
HEADER_BYTES = 128
EVENT_BYTES = EVENT.itemsize

POST_ONLY = 1
IOC = 2
MARKET = 4
OWN = 8
"""
Flags of an order, in `key` of its COMMAND event.

OWN says that a strategy of the user's own wants it, not a person. MARKET comes with IOC:
the kernel gives such an order the worst price that it may trade at.
"""

ACCOUNT_STATE = 1
"""Flag in `key` of an ORDER_REPORT: it is part of the account's whole state."""

UNPRICED_FEE = 1
"""Flag in `key` of a FILL: its fee was paid in an asset that no rate is known for."""

_HEADER = struct.Struct("<15qd")
_INT = struct.Struct("<q")
_STAMP = struct.Struct("<2q")
_BOOK = struct.Struct(f"<15qd{4 * DEPTH}q")
_VALUES = struct.Struct(f"<{MODEL_VALUES}d")
_ZEROS = (0,) * DEPTH
_KIND_AT, _INSTRUMENT_AT, _ORDER_AT, _CODE_AT = (
    8 * (EVENT.names or ()).index(name) for name in ("kind", "instrument", "order_id", "code")
)
"""Bytes before a field: each that is before the arrays has eight."""
_WITH_ARRAYS = frozenset((int(EventKind.BOOK), int(EventKind.MODEL_UPDATED)))

EventRow = bytearray
"""One encoded event, as adapters hand it to the inbox."""

Level = tuple[int, int]
"""(price in ticks, size in lots)."""


def _header(
    kind: EventKind,
    *,
    exch_ts_ns: int = 0,
    instrument: int = NO_INSTRUMENT,
    order_id: int = 0,
    side: int = 0,
    price_ticks: int = 0,
    lots: int = 0,
    leaves_lots: int = 0,
    status: int = 0,
    code: int = 0,
    trade_id: int = 0,
    fee_nanos: int = 0,
    key: int = 0,
    value: float = 0.0,
) -> EventRow:
    return bytearray(
        _HEADER.pack(
            0, 0, exch_ts_ns, kind, instrument, order_id, side, price_ticks, lots,
            leaves_lots, status, code, trade_id, fee_nanos, key, value,
        )
    )  # fmt: skip


def book(
    instrument: int, bids: Sequence[Level], asks: Sequence[Level], exch_ts_ns: int = 0
) -> EventRow:
    """
    The whole visible book of an instrument, best level first, at most `DEPTH` a side.

    Each BOOK replaces the one before it, so a late reader may skip all but the last.
    """
    bid_ticks, bid_lots = _columns(bids)
    ask_ticks, ask_lots = _columns(asks)
    return bytearray(
        _BOOK.pack(
            0, 0, exch_ts_ns, EventKind.BOOK, instrument, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0,
            *bid_ticks, *bid_lots, *ask_ticks, *ask_lots,
        )
    )  # fmt: skip


def _columns(levels: Sequence[Level]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if not levels:
        return _ZEROS, _ZEROS
    ticks, lots = zip(*levels[:DEPTH], strict=True)
    missing = _ZEROS[len(ticks) :]
    return ticks + missing, lots + missing


def trade(
    instrument: int, price_ticks: int, lots: int, aggressor_side: int, exch_ts_ns: int = 0
) -> EventRow:
    """A public print. `aggressor_side` is 0 where the venue does not tell."""
    return _header(
        EventKind.TRADE,
        exch_ts_ns=exch_ts_ns,
        instrument=instrument,
        side=aggressor_side,
        price_ticks=price_ticks,
        lots=lots,
    )


def order_report(
    instrument: int,
    order_id: int,
    status: OrderStatus,
    *,
    side: Side | int = 0,
    price_ticks: int = 0,
    lots: int = 0,
    leaves_lots: int = 0,
    reason: RejectReason = RejectReason.NONE,
    exch_ts_ns: int = 0,
    flags: int = 0,
) -> EventRow:
    """
    What the venue says of an order: OPEN, CANCELED, REJECTED, EXPIRED or FILLED.

    `flags`: ACCOUNT_STATE for one of the open orders that are told before SYNCED.
    """
    return _header(
        EventKind.ORDER_REPORT,
        exch_ts_ns=exch_ts_ns,
        instrument=instrument,
        order_id=order_id,
        side=side,
        price_ticks=price_ticks,
        lots=lots,
        leaves_lots=leaves_lots,
        status=status,
        code=reason,
        key=flags,
    )


def fill(
    instrument: int,
    order_id: int,
    trade_id: int,
    side: Side | int,
    price_ticks: int,
    lots: int,
    *,
    leaves_lots: int = 0,
    fee_nanos: int = 0,
    liquidity: LiquiditySide = LiquiditySide.NONE,
    exch_ts_ns: int = 0,
    flags: int = 0,
) -> EventRow:
    """An execution of ours. `fee_nanos` is negative for a rebate; `flags`: UNPRICED_FEE."""
    return _header(
        EventKind.FILL,
        exch_ts_ns=exch_ts_ns,
        instrument=instrument,
        order_id=order_id,
        side=side,
        price_ticks=price_ticks,
        lots=lots,
        leaves_lots=leaves_lots,
        code=liquidity,
        trade_id=trade_id,
        fee_nanos=fee_nanos,
        key=flags,
    )


def position_report(instrument: int, lots: int, exch_ts_ns: int = 0) -> EventRow:
    """What the venue says we hold, signed."""
    return _header(
        EventKind.POSITION_REPORT, exch_ts_ns=exch_ts_ns, instrument=instrument, lots=lots
    )


def venue_state(
    state: VenueState, *, venue: int = 0, foreign_orders: int = 0, foreign_positions: int = 0
) -> EventRow:
    """
    The connection went up or down, or has told us all it knows.

    Args:
        state: What it is now.
        venue: Which of the engine's venues, as its instruments say.
        foreign_orders: With SYNCED: open orders of the account in products that are not ours.
        foreign_positions: With SYNCED: such products in which the account holds something.
    """
    return _header(
        EventKind.VENUE_STATE,
        status=state,
        code=venue,
        lots=foreign_orders,
        leaves_lots=foreign_positions,
    )


def timer() -> EventRow:
    """Time has passed. The kernel's only notion of now, apart from market events."""
    return _header(EventKind.TIMER)


def observation(
    channel: Channel,
    value: float,
    exch_ts_ns: int,
    *,
    instrument: int = NO_INSTRUMENT,
    error: float = 0.0,
) -> EventRow:
    """
    A number from outside the market, with the time it was true.

    Args:
        channel: What it tells of.
        value: In the channel's own unit; a fair value in ticks.
        exch_ts_ns: When it was measured; of a fair value, when the oldest news that it rests
            on was told, by our clock.
        instrument: Which one, for a fair value.
        error: Standard error, in the unit of `value`; 0 for none.
    """
    return _header(
        EventKind.OBSERVATION,
        exch_ts_ns=exch_ts_ns,
        instrument=instrument,
        code=channel,
        fee_nanos=round(error * NANOS),
        value=value,
    )


def model_updated(
    kind: ModelKind,
    values: Sequence[float],
    *,
    instrument: int = NO_INSTRUMENT,
    version: int = 0,
    row: int = 0,
) -> EventRow:
    """
    Parameters that a fit found, at most MODEL_VALUES of them.

    Args:
        kind: Which model; it says what `values` mean.
        values: The rest is zero.
        instrument: Whose model it is.
        version: Of the fit; 0 for what is assumed without one.
        row: Of a SPREAD, among the spreads.

    Raises:
        ValueError: If there are more than MODEL_VALUES.
    """
    if len(values) > MODEL_VALUES:
        raise ValueError(f"a model has {len(values)} values, an event holds {MODEL_VALUES}")
    header = _header(
        EventKind.MODEL_UPDATED, instrument=instrument, code=kind, lots=row, key=version
    )
    return header + _VALUES.pack(*values, *(0.0,) * (MODEL_VALUES - len(values)))


def has_arrays(kind: int) -> bool:
    """Whether an event of this kind needs more than its first HEADER_BYTES."""
    return kind in _WITH_ARRAYS


def command(
    kind: CommandKind,
    *,
    instrument: int = NO_INSTRUMENT,
    side: int = 0,
    price_ticks: int = 0,
    lots: int = 0,
    order_id: int = 0,
    key: int = 0,
    value: float = 0.0,
    stop_ticks: int = 0,
    target_ticks: int = 0,
) -> EventRow:
    """
    A request from a person or a program.

    Args:
        kind: What is wanted; it says which of the others count.
        instrument: About which one.
        side: Of an order.
        price_ticks: Of an order; for AMEND its new one, 0 for no other.
        lots: As `price_ticks`.
        order_id: Of an order that is there already.
        key: Flags of an order, index of a parameter, a StateReason; for LINK the other order.
        value: Of a parameter.
        stop_ticks: Where what is bought or sold is closed at once; 0 for nowhere.
        target_ticks: Where it is offered again; 0 for nowhere.
    """
    return _header(
        EventKind.COMMAND,
        instrument=instrument,
        side=side,
        price_ticks=price_ticks,
        lots=lots,
        order_id=order_id,
        code=kind,
        trade_id=stop_ticks,
        fee_nanos=target_ticks,
        key=key,
        value=value,
    )


def restored(
    *,
    instrument: int = NO_INSTRUMENT,
    trading_state: int = 0,
    state_reason: int = 0,
    state_since_ns: int = 0,
    lots: int = 0,
    cost_nanos: int = 0,
    realized_nanos: int = 0,
    fees_nanos: int = 0,
    peak_nanos: int = 0,
    flatten_state: int = 0,
) -> EventRow:
    """
    Carry the last run's books into this one: once for the account, once per instrument.

    For the account `cost_nanos` is unused, `peak_nanos` the peak of marked equity, and the
    trading state comes with the reason and the time of the run that set it.
    """
    return _header(
        EventKind.RESTORED,
        exch_ts_ns=state_since_ns,
        instrument=instrument,
        status=trading_state,
        code=state_reason,
        lots=lots,
        key=flatten_state,
        price_ticks=cost_nanos,
        trade_id=realized_nanos,
        fee_nanos=fees_nanos,
        order_id=peak_nanos,
    )


def restored_part(
    instrument: int,
    origin: OrderOrigin,
    *,
    lots: int,
    cost_nanos: int,
    realized_nanos: int,
    fees_nanos: int,
) -> EventRow:
    """Carry over what of an instrument's books, told before it, belongs to one origin."""
    return _header(
        EventKind.RESTORED,
        instrument=instrument,
        side=origin + 1,
        lots=lots,
        price_ticks=cost_nanos,
        trade_id=realized_nanos,
        fee_nanos=fees_nanos,
    )


def restored_bracket(
    instrument: int,
    state: BracketState,
    side: int,
    lots: int,
    *,
    stop_ticks: int,
    target_ticks: int,
) -> EventRow:
    """Carry over a bracket around `lots` that are held by hand; its entry is over."""
    return _header(
        EventKind.RESTORED,
        instrument=instrument,
        side=side,
        lots=lots,
        code=state,
        trade_id=stop_ticks,
        fee_nanos=target_ticks,
    )


def restored_fill(trade_id: int, *, venue: int = 0, is_last: bool = False) -> EventRow:
    """
    Carry over that an execution is booked.

    Args:
        trade_id: As the venue numbers it.
        venue: Which of the engine's venues.
        is_last: All before it are booked too; otherwise one may be missing.
    """
    return _header(EventKind.RESTORED, trade_id=trade_id, leaves_lots=venue, lots=int(is_last))


def stamp(row: EventRow, seq: int, ts_ns: int) -> None:
    """Give an event its number and time."""
    _STAMP.pack_into(row, 0, seq, ts_ns)


def relocate(
    row: EventRow, *, first_instrument: int, venue: int, renumber: Callable[[int], int]
) -> None:
    """
    Turn an event of a venue that is one of several into one of the engine, in place.

    Args:
        row: With instruments counted from 0 at that venue.
        first_instrument: Index of the venue's first instrument in the engine.
        venue: Which of the engine's venues.
        renumber: Gives the number of an order that is not ours, which two venues may
            both use, another one.
    """
    (kind,) = _INT.unpack_from(row, _KIND_AT)
    (instrument,) = _INT.unpack_from(row, _INSTRUMENT_AT)
    (order_id,) = _INT.unpack_from(row, _ORDER_AT)
    if kind == EventKind.VENUE_STATE:
        _INT.pack_into(row, _CODE_AT, venue)
    if instrument != NO_INSTRUMENT:
        _INT.pack_into(row, _INSTRUMENT_AT, instrument + first_instrument)
    if order_id < 0:
        _INT.pack_into(row, _ORDER_AT, renumber(order_id))


def load(rows: Sequence[bytes | EventRow]) -> Rows:
    """Decode stored events into EVENT rows, padding those stored without a book."""
    array = allocate(EVENT, len(rows))
    target = memoryview(array.view(np.uint8)).cast("B")
    for index, row in enumerate(rows):
        start = index * EVENT_BYTES
        target[start : start + len(row)] = row
    return as_records(array)
