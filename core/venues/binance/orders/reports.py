"""What the venue says of our orders, as events; each execution once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from core.domain import events
from core.domain.enums import LiquiditySide, OrderStatus, RejectReason, Side
from core.domain.errors import DecodeError
from core.domain.events import EventRow
from core.domain.instrument import NANOS
from core.venues.binance.orders.book import Known, OrderBook
from core.venues.binance.orders.codec import VENUE, ExecutionReport, OrderRecord, TradeRecord
from core.venues.binance.orders.filters import number
from core.venues.binance.orders.product import Product
from core.venues.common.executions import execution_number
from core.venues.common.fees import Fees

SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_ENDS = {
    "CANCELED": OrderStatus.CANCELED,
    "EXPIRED": OrderStatus.EXPIRED,
    "EXPIRED_IN_MATCH": OrderStatus.EXPIRED,
    "REJECTED": OrderStatus.REJECTED,
    "FILLED": OrderStatus.FILLED,
}
_REMEMBERED = 8192


class Reports:
    """
    Turn reports into events, and keep `book` and the holdings up to date.

    Args:
        products: By symbol.
        book: Our orders.
        fees: Worth of fees in other assets than the product's own two.
        executions_after: Every execution up to this number is booked.
    """

    def __init__(
        self,
        products: Mapping[str, Product],
        book: OrderBook,
        fees: Fees,
        executions_after: int | None,
    ) -> None:
        self._products = products
        self._book = book
        self._fees = fees
        self._after = executions_after or 0
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._told: OrderedDict[tuple[str, int], None] = OrderedDict()
        self.newest = self._after
        """Number of the last execution."""
        self.duplicates = 0
        self.complaint = ""
        """About the newest report that could be used in part only."""

    def execution(self, report: ExecutionReport) -> list[EventRow]:
        """
        Read an execution report.

        Raises:
            DecodeError: If its numbers are none or fit no grid.
        """
        product = self._products.get(report.symbol)
        key = (report.symbol, report.execution_id)
        if product is None:
            return []
        if key in self._told:
            self.duplicates += 1
            return []
        name = report.original_client_id or report.client_id
        our_number, generation = self._book.parse(name, report.order_id)
        self._book.bind(report.order_id, our_number)
        rows = self._read(product, report, our_number, generation)
        self._told[key] = None
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return rows

    def trade(self, record: TradeRecord) -> list[EventRow]:
        """
        Read an execution of a list; one that is known already gives nothing.

        Raises:
            DecodeError: As for `execution`.
        """
        product = self._products[record.symbol]
        execution = execution_number(record.time, product.index, record.id)
        our_number = self._book.number_of(record.order_id)
        known = self._book.find(our_number)
        leaves_lots = 0
        if known is not None and not self._is_booked(execution):
            known.filled_lots += product.grid.lots(record.qty)
            leaves_lots = known.leaves_lots
        return self._fill(
            product,
            execution,
            our_number,
            Side.BUY if record.is_buyer else Side.SELL,
            (record.price, record.qty),
            (record.commission, record.commission_asset),
            ts_ms=record.time,
            leaves_lots=leaves_lots,
            is_maker=record.is_maker,
        )

    def open_order(self, product: Product, record: OrderRecord, flags: int) -> EventRow:
        """
        Read an order that rests.

        Raises:
            DecodeError: As for `execution`.
        """
        our_number, generation = self._book.parse(record.client_order_id, record.order_id)
        self._book.bind(record.order_id, our_number)
        grid = product.grid
        lots, done = grid.lots(record.orig_qty), grid.lots(record.executed_qty)
        side, ticks = side_of(record.side), grid.ticks(record.price)
        known = self._book.find(our_number)
        if our_number > 0:
            earlier = known.earlier_lots if known is not None else 0
            known = Known(product.index, our_number, side, ticks, earlier + lots, generation)
            known.is_post_only = record.type == "LIMIT_MAKER"
            known.earlier_lots, known.filled_lots = earlier, done
            self._book.add(known)
        return events.order_report(
            product.index,
            our_number,
            OrderStatus.OPEN,
            side=side,
            price_ticks=ticks,
            lots=known.lots if known else lots,
            leaves_lots=known.leaves_lots if known else lots - done,
            exch_ts_ns=record.update_time * 1_000_000,
            flags=flags,
        )

    def ended(self, product: Product, our_number: int, status: str, side: str) -> EventRow:
        """Tell the end of an order that was asked about."""
        self._book.end(our_number)
        return events.order_report(
            product.index,
            our_number,
            _ENDS.get(status, OrderStatus.CANCELED),
            side=side_of(side),
        )

    def standing(self, known: Known, reason: RejectReason) -> EventRow:
        """Tell that an order is as it was, because a request about it was refused."""
        return report_of(known, OrderStatus.OPEN, reason, leaves_lots=known.leaves_lots)

    def over(self, known: Known, reason: RejectReason = RejectReason.NONE) -> EventRow:
        """Tell that an order is canceled, and forget it."""
        self._book.end(known.number)
        return report_of(known, OrderStatus.CANCELED, reason)

    def _read(
        self, product: Product, report: ExecutionReport, our_number: int, generation: int
    ) -> list[EventRow]:
        known = self._book.find(our_number)
        if report.execution == "TRADE":
            return self._traded(product, report, our_number, generation)
        if report.execution == "NEW":
            return [self._accepted(product, report, our_number, generation)]
        if report.status not in _ENDS:
            return []
        if known is not None and report.status == "CANCELED" and _goes_on(known, generation):
            known.filled_lots = product.grid.lots(report.filled_quantity)
            return []
        return [self._end(product, report, our_number)]

    def _accepted(
        self, product: Product, report: ExecutionReport, our_number: int, generation: int
    ) -> EventRow:
        grid, side = product.grid, side_of(report.side)
        ticks, lots = grid.ticks(report.price), grid.lots(report.quantity)
        known = self._book.find(our_number)
        if known is None:
            known = Known(product.index, our_number, side, ticks, lots, generation)
            if our_number > 0:
                self._book.add(known)
        elif generation > known.generation:
            known.earlier_lots += known.filled_lots
            known.generation, known.filled_lots, known.replaces_generation = generation, 0, -1
            known.lots = known.earlier_lots + lots
            known.price_ticks = ticks
        return events.order_report(
            product.index,
            our_number,
            OrderStatus.OPEN,
            side=side,
            price_ticks=ticks,
            lots=known.lots,
            leaves_lots=known.leaves_lots,
            exch_ts_ns=report.ts_ms * 1_000_000,
        )

    def _end(self, product: Product, report: ExecutionReport, our_number: int) -> EventRow:
        reason = RejectReason.NONE
        if report.status == "EXPIRED_IN_MATCH":
            reason = RejectReason.SELF_TRADE
        elif report.status == "REJECTED":
            reason = RejectReason.OTHER
            self.complaint = f"{report.symbol}: order rejected: {report.reject_reason}"
        known = self._book.find(our_number)
        lots = known.lots if known is not None else product.grid.lots(report.quantity)
        self._book.end(our_number)
        return events.order_report(
            product.index,
            our_number,
            _ENDS[report.status],
            side=side_of(report.side),
            price_ticks=product.grid.ticks(report.price),
            lots=lots,
            reason=reason,
            exch_ts_ns=report.ts_ms * 1_000_000,
        )

    def _traded(
        self, product: Product, report: ExecutionReport, our_number: int, generation: int
    ) -> list[EventRow]:
        grid = product.grid
        quantity, filled = grid.lots(report.quantity), grid.lots(report.filled_quantity)
        rows = self._fill(
            product,
            execution_number(report.ts_ms, product.index, report.trade_id),
            our_number,
            side_of(report.side),
            (report.last_price, report.last_quantity),
            (report.commission, report.commission_asset or ""),
            ts_ms=report.ts_ms,
            leaves_lots=quantity - filled,
            is_maker=report.is_maker,
        )
        known = self._book.find(our_number)
        if known is not None and generation == known.generation:
            known.filled_lots = filled
        if report.status == "FILLED" and (known is None or generation >= known.generation):
            self._book.end(our_number)
        return rows

    def _fill(
        self,
        product: Product,
        execution: int,
        our_number: int,
        side: Side,
        size: tuple[str, str],
        commission: tuple[str, str],
        *,
        ts_ms: int,
        leaves_lots: int,
        is_maker: bool,
    ) -> list[EventRow]:
        if self._is_booked(execution):
            self.duplicates += 1
            return []
        ticks, lots = product.grid.ticks(size[0]), product.grid.lots(size[1])
        if lots == 0:
            raise DecodeError(VENUE, f"{product.symbol}: an execution of quantity 0")
        fee_nanos, base_fee = self._fee(product, size[0], *commission)
        self._seen[execution] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        self.newest = max(self.newest, execution)
        product.holding.fill(int(side) * lots, base_fee)
        row = events.fill(
            product.index,
            our_number,
            execution,
            side,
            ticks,
            lots,
            leaves_lots=leaves_lots,
            fee_nanos=fee_nanos or 0,
            liquidity=LiquiditySide.MAKER if is_maker else LiquiditySide.TAKER,
            exch_ts_ns=ts_ms * 1_000_000,
            flags=events.UNPRICED_FEE if fee_nanos is None else 0,
        )
        return [row]

    def _is_booked(self, execution: int) -> bool:
        return execution in self._seen or execution <= self._after

    def _fee(
        self, product: Product, price: str, amount: str, asset: str
    ) -> tuple[int | None, Decimal]:
        """Worth of a commission in nanos, and what of it was kept in the base asset."""
        rules = product.rules
        if rules is not None and asset == rules.base_asset:
            worth = number(amount) * number(price) * NANOS
            return int(worth.to_integral_value(ROUND_HALF_EVEN)), number(amount)
        if rules is not None and asset == rules.quote_asset:
            asset = ""
        nanos = self._fees.nanos(amount, asset)
        if nanos is None:
            self.complaint = f"a fee in {asset} has no rate in venue.fee_rates"
        return nanos, Decimal(0)


def _goes_on(known: Known, generation: int) -> bool:
    """Whether an order that was canceled goes on as its replacement."""
    return generation in (known.replaces_generation, *range(known.generation))


def side_of(text: str) -> Side:
    """
    Read a side.

    Raises:
        DecodeError: If it is none.
    """
    side = SIDES.get(text)
    if side is None:
        raise DecodeError(VENUE, f"{text!r} is no side")
    return side


def report_of(
    known: Known, status: OrderStatus, reason: RejectReason, *, leaves_lots: int = 0
) -> EventRow:
    """Tell of an order of ours what it was asked for as, and what became of it."""
    return events.order_report(
        known.instrument,
        known.number,
        status,
        side=known.side,
        price_ticks=known.price_ticks,
        lots=known.lots,
        leaves_lots=leaves_lots,
        reason=reason,
    )
