"""What a run has done so far: its figures, and the orders that ended."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.api.topics import MAX_ROWS, DoneOrder, DoneOrders, Statistics
from core.domain.enums import (
    EventKind,
    IntentKind,
    LiquiditySide,
    OrderOrigin,
    OrderStatus,
    Regime,
    RejectReason,
    Side,
)
from core.domain.events import EventRow
from core.domain.instrument import NANOS, Instrument
from core.domain.memory import IntArray
from core.kernel.state import KernelState
from core.runtime.engine import IntentTuple
from core.runtime.figures import Sums

_ORDERS_WATCHED = 4_096
"""Orders without an end that are remembered; the kernel holds far fewer."""

_ENDS = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.REJECTED, OrderStatus.EXPIRED}
)
_header = struct.Struct("<15q").unpack_from


@dataclass(slots=True)
class _Order:
    order_id: int
    index: int
    side: int
    ticks: int
    lots: int
    origin: OrderOrigin
    created_ts_ns: int
    reason: str
    filled_lots: int = 0
    tick_lots: int = 0
    """Sum of price times size of the fills."""
    fees_nanos: int = 0


class SessionLedger:
    """
    Watches the engine; implements `Observer`.

    An event that is no fill, report or timer costs one comparison.

    Args:
        state: What is watched.
        instruments: In the order of the state.
        reason_of: What spoke for an order, by its number.
        orders_kept: Of those that ended, the newest so many.
    """

    MEMORY = (
        "_since_ns", "_head", "_duplicates", "_realized_nanos", "_pnl_nanos", "_total",
        "_by_regime", "_by_index", "_by_origin", "_orders", "_done", "_n_done",
    )  # fmt: skip
    """What changes while it watches."""

    def __init__(
        self,
        state: KernelState,
        instruments: Sequence[Instrument],
        reason_of: Callable[[int], str],
        *,
        orders_kept: int = MAX_ROWS,
    ) -> None:
        self._state = state
        self._instruments = instruments
        self._reason_of = reason_of
        self._since_ns = 0
        self._head = int(state.account["history_head"][0])
        self._duplicates = 0
        self._realized_nanos = state.instruments["realized_nanos"].copy()
        self._pnl_nanos = self._pnl()
        self._total = Sums()
        self._by_regime = {regime: Sums() for regime in Regime}
        self._by_index = [Sums() for _ in instruments]
        self._by_origin = {origin: Sums() for origin in OrderOrigin}
        self._orders: dict[int, _Order] = {}
        self._done: deque[DoneOrder] = deque(maxlen=orders_kept)
        self._n_done = 0

    def on_applied(self, row: EventRow, intents: Sequence[IntentTuple]) -> None:
        """Count what an event and its intents mean."""
        kind = row[24]
        if kind == EventKind.FILL:
            self._on_fill(row)
        elif kind == EventKind.ORDER_REPORT:
            self._on_report(row)
        elif kind == EventKind.TIMER:
            self._on_timer()
        elif kind == EventKind.RESTORED:
            # What the last run made is not this one's.
            self._realized_nanos = self._state.instruments["realized_nanos"].copy()
            self._pnl_nanos = self._pnl()
        for intent in intents:
            if intent[0] == IntentKind.PLACE:
                self._on_place(intent)

    def statistics(self) -> Statistics:
        """Figures of the run so far."""
        return Statistics(
            since_ns=self._since_ns,
            total=self._total.figures(),
            by_regime={
                regime.name: sums.figures()
                for regime, sums in self._by_regime.items()
                if sums.fills or sums.returns.count
            },
            by_instrument={
                str(instrument.symbol): sums.figures()
                for instrument, sums in zip(self._instruments, self._by_index, strict=True)
            },
            by_origin={
                origin.name: sums.figures()
                for origin, sums in self._by_origin.items()
                if sums.fills
            },
        )

    def done_orders(self, limit: int = MAX_ROWS, *, until_ns: int | None = None) -> DoneOrders:
        """List the orders that ended last, newest first; with `until_ns` those ended by then."""
        newest = list(self._done)[::-1]
        later = 0
        if until_ns is not None:
            later = sum(order.ended_ts_ns > until_ns for order in newest)
        return DoneOrders(tuple(newest[later : later + max(0, limit)]), self._n_done - later)

    def _pnl(self) -> IntArray:
        rows = self._state.instruments
        pnl: IntArray = rows["realized_nanos"] + rows["unrealized_nanos"] - rows["fees_nanos"]
        return pnl

    def _on_place(self, intent: IntentTuple) -> None:
        _, index, order_id, side, ticks, lots, _, origin = intent
        self._orders[order_id] = _Order(
            order_id, index, side, ticks, lots, OrderOrigin(origin), self._now_ns(),
            self._reason_of(order_id),
        )  # fmt: skip
        if len(self._orders) > _ORDERS_WATCHED:
            del self._orders[next(iter(self._orders))]

    def _on_fill(self, row: EventRow) -> None:
        (_, _, _, _, index, order_id, side, ticks, lots, _, _, liquidity, _, fee, _) = _header(row)
        duplicates = int(self._state.account["duplicate_fills"][0])
        if duplicates != self._duplicates:
            self._duplicates = duplicates
            return
        instrument = self._state.instruments[index]
        realized = int(instrument["realized_nanos"])
        gained = realized - int(self._realized_nanos[index])
        self._realized_nanos[index] = realized
        before = int(instrument["position_lots"]) - side * lots
        order = self._orders.get(order_id)
        origin = order.origin if order else OrderOrigin.ORPHAN
        volume = abs(ticks) * lots * self._instruments[index].tick_value_nanos
        regime = Regime(int(instrument["regime"]))
        for sums in (
            self._total, self._by_regime[regime], self._by_index[index], self._by_origin[origin],
        ):  # fmt: skip
            sums.add_fill(
                volume_nanos=volume,
                fee_nanos=fee,
                realized_nanos=gained,
                is_maker=liquidity == LiquiditySide.MAKER,
                is_closing=before * side < 0,
            )
        self._by_origin[origin].pnl_nanos += gained - fee
        if order is None:
            return
        order.filled_lots += lots
        order.tick_lots += ticks * lots
        order.fees_nanos += fee
        if order.filled_lots >= order.lots:
            self._end(order, OrderStatus.FILLED, "")

    def _on_report(self, row: EventRow) -> None:
        (_, _, _, _, _, order_id, _, ticks, lots, _, status, code, _, _, _) = _header(row)
        order = self._orders.get(order_id)
        if order is None:
            return
        if status in _ENDS:
            reason = RejectReason(code)
            self._end(
                order, OrderStatus(status), "" if reason is RejectReason.NONE else reason.name
            )
        elif lots:
            order.ticks, order.lots = ticks, lots

    def _end(self, order: _Order, status: OrderStatus, text: str) -> None:
        # A fill may still come after a cancel: it is counted, the row stays as it is.
        del self._orders[order.order_id]
        instrument = self._instruments[order.index]
        average = None
        if order.filled_lots:
            average = float(instrument.to_price(1)) * order.tick_lots / order.filled_lots
        self._n_done += 1
        self._done.append(
            DoneOrder(
                order_id=order.order_id,
                symbol=str(instrument.symbol),
                side=Side(order.side),
                price=float(instrument.to_price(order.ticks)),
                quantity=float(instrument.to_quantity(order.lots)),
                filled=float(instrument.to_quantity(order.filled_lots)),
                average_price=average,
                fees=order.fees_nanos / NANOS,
                status=status,
                origin=order.origin,
                created_ts_ns=order.created_ts_ns,
                ended_ts_ns=self._now_ns(),
                text=text,
                reason=order.reason,
            )
        )

    def _on_timer(self) -> None:
        """Take each new sample of the account in."""
        account = self._state.account[0]
        head = int(account["history_head"])
        if not self._since_ns:
            self._since_ns = int(account["ts_ns"])
        if head == self._head:
            return
        self._head = head
        pnl = self._pnl()
        steps = (pnl - self._pnl_nanos).tolist()
        self._pnl_nanos = pnl
        regimes = self._state.instruments["regime"].tolist()
        for index, (step, regime) in enumerate(zip(steps, regimes, strict=True)):
            for sums in (self._by_index[index], self._by_regime[Regime(regime)]):
                sums.pnl_nanos += step
                sums.returns.add(step / NANOS)
        gained = sum(steps)
        before = int(account["equity_nanos"]) - gained
        self._total.pnl_nanos += gained
        if before > 0:
            self._total.returns.add(gained / before)

    def _now_ns(self) -> int:
        return int(self._state.account["ts_ns"][0])
