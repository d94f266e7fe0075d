"""What Kraken says of our orders, as events: sparse updates merged, executions once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

from core.domain import events
from core.domain.enums import LiquiditySide, OrderStatus, RejectReason, Side
from core.domain.errors import DecodeError
from core.domain.events import EventRow
from core.domain.instrument import NANOS
from core.venues.common.executions import execution_number
from core.venues.common.fees import Fees
from core.venues.common.grid import Grid, plain
from core.venues.common.holdings import Holding
from core.venues.kraken.orders.codec import VENUE, Execution
from core.venues.kraken.orders.names import Names

_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_LIQUIDITY = {"m": LiquiditySide.MAKER, "t": LiquiditySide.TAKER}
_STANDING = frozenset({"new", "amended", "restated"})
_REMEMBERED = 8192
_BY_USER = "User requested"


@dataclass(slots=True)
class Product:
    """One instrument of ours, with the coins that it trades."""

    index: int
    grid: Grid
    holding: Holding

    @property
    def symbol(self) -> str:
        """Name at the venue, as BTC/USD."""
        return self.grid.instrument.symbol

    @property
    def base(self) -> str:
        """The asset that is traded."""
        return self.symbol.partition("/")[0]

    @property
    def quote(self) -> str:
        """The asset that it is paid in."""
        return self.symbol.partition("/")[2]


@dataclass(slots=True)
class Order:
    """An order as far as its updates have told it."""

    order_id: str
    number: int
    product: Product
    side: Side
    price_ticks: int = 0
    lots: int = 0
    filled_lots: int = 0
    is_ioc: bool = False


class Reports:
    """
    Turn executions into events, and keep orders and holdings up to date.

    Args:
        products: By symbol.
        names: Of the orders of this run.
        fees: Worth of fees in other assets than the product's own two.
        executions_after: Every execution up to this number is booked; None: there is no
            earlier run, and what the first snapshot lists is none of ours.
    """

    def __init__(
        self,
        products: Mapping[str, Product],
        names: Names,
        fees: Fees,
        executions_after: int | None,
    ) -> None:
        self._products = products
        self._names = names
        self._fees = fees
        self._after = executions_after or 0
        self._books_snapshot = executions_after is not None
        self._seen: OrderedDict[int, None] = OrderedDict()
        self.by_id: dict[str, Order] = {}
        self.by_number: dict[int, Order] = {}
        self.over: OrderedDict[int, None] = OrderedDict()
        """Numbers of orders whose end was told."""
        self.duplicates = 0
        self.complaint = ""

    def expect(self, product: Product, number: int, side: int, ticks: int, lots: int) -> Order:
        """Begin to know an order that is about to be sent."""
        order = Order("", number, product, Side(side), ticks, lots)
        self.by_number[number] = order
        return order

    def snapshot(self, executions: list[Execution]) -> tuple[list[EventRow], list[EventRow], int]:
        """
        Start over from what is open.

        Returns:
            Executions that were missed, the open orders, and how many orders of other
            products there are.

        Raises:
            DecodeError: If its numbers are none or fit no grid.
        """
        opened = [item for item in executions if item.exec_type != "trade"]
        trades = [item for item in executions if item.exec_type == "trade"]
        self.by_id.clear()
        for item in opened:
            self._merge(item)
        missed: list[EventRow] = []
        before = self.duplicates
        for item in sorted(trades, key=lambda trade: trade.timestamp):
            if self._books_snapshot:
                missed += self._traded(item, is_repeated=True)
            elif (product := self._products.get(item.symbol)) is not None:
                self._remember(_execution(item, product))
        self.duplicates = before
        self._books_snapshot = True
        rows, foreign = [], 0
        for item in opened:
            order = self.by_id.get(item.order_id)
            if order is None:
                foreign += 1
            else:
                rows.append(self.standing(order, flags=events.ACCOUNT_STATE))
        named = {order.number for order in self.by_id.values()}
        self.by_number = {
            number: order for number, order in self.by_number.items() if number in named
        }
        return missed, rows, foreign

    def update(self, item: Execution) -> list[EventRow]:
        """
        Read one execution of an update.

        Raises:
            DecodeError: If it is about an order that nobody has told of, or as `snapshot`.
        """
        if item.symbol and item.symbol not in self._products:
            return []
        if item.exec_type == "trade":
            return self._traded(item, is_repeated=False)
        order = self._merge(item)
        if order is None:
            return []
        if item.exec_type in _STANDING:
            return [self.standing(order)]
        if item.exec_type in ("canceled", "expired", "filled"):
            return [self._end(order, item)]
        return []

    def standing(
        self, order: Order, reason: RejectReason = RejectReason.NONE, flags: int = 0
    ) -> EventRow:
        """Tell an order as it is; with a reason, that a request about it was refused."""
        return events.order_report(
            order.product.index,
            order.number,
            OrderStatus.OPEN,
            side=order.side,
            price_ticks=order.price_ticks,
            lots=order.lots,
            leaves_lots=max(0, order.lots - order.filled_lots),
            reason=reason,
            flags=flags,
        )

    def forget(self, number: int) -> None:
        """An order is over."""
        order = self.by_number.pop(number, None)
        if order is not None:
            self.by_id.pop(order.order_id, None)
        self.over[number] = None
        if len(self.over) > _REMEMBERED:
            self.over.popitem(last=False)

    def _merge(self, item: Execution) -> Order | None:
        """Add what an update says to what is known; None for a product that is not ours."""
        order = self.by_id.get(item.order_id)
        if order is None:
            order = self._first_heard(item)
            if order is None:
                return None
        grid = order.product.grid
        if item.limit_price:
            order.price_ticks = grid.ticks(plain(item.limit_price))
        if item.order_qty is not None:
            order.lots = _lots_up(order.product, item.order_qty)
        if item.cum_qty is not None:
            order.filled_lots = max(order.filled_lots, int(item.cum_qty / _lot(order.product)))
        order.is_ioc = order.is_ioc or item.time_in_force.lower() == "ioc"
        return order

    def _first_heard(self, item: Execution) -> Order | None:
        number = self._names.parse(item.cl_ord_id, item.order_id)
        order = self.by_number.get(number)
        if order is None:
            if not item.symbol:
                raise DecodeError(VENUE, f"told of order {item.order_id} without saying of what")
            product = self._products.get(item.symbol)
            if product is None:
                return None
            order = Order(item.order_id, number, product, _side(item.side))
            if number not in self.over:
                self.by_number[number] = order
        order.order_id = item.order_id
        if order.number not in self.over:
            self.by_id[item.order_id] = order
        return order

    def _end(self, order: Order, item: Execution) -> EventRow:
        status, reason = OrderStatus.CANCELED, RejectReason.NONE
        if item.exec_type == "filled":
            status = OrderStatus.FILLED
        elif item.exec_type == "expired" or (order.is_ioc and item.reason != _BY_USER):
            status = OrderStatus.EXPIRED
        elif "after" in item.reason.lower():
            reason = RejectReason.DEAD_MAN
        self.forget(order.number)
        return events.order_report(
            order.product.index,
            order.number,
            status,
            side=order.side,
            price_ticks=order.price_ticks,
            lots=order.lots,
            reason=reason,
            exch_ts_ns=_ts_ms(item.timestamp) * 1_000_000,
        )

    def _traded(self, item: Execution, *, is_repeated: bool) -> list[EventRow]:
        product = self._products.get(item.symbol)
        if product is None:
            return []
        execution = _execution(item, product)
        if execution in self._seen or execution <= self._after:
            self.duplicates += 1
            return []
        grid = product.grid
        ticks, lots = grid.ticks(plain(item.last_price)), grid.lots(plain(item.last_qty))
        fee_nanos, base_fee = self._fee(product, item)
        number = self._names.parse(item.cl_ord_id, item.order_id)
        order = self.by_number.get(number)
        if order is not None and not is_repeated:
            order.filled_lots += lots
        self._remember(execution)
        side = _side(item.side)
        product.holding.fill(int(side) * lots, base_fee)
        leaves_lots = max(0, order.lots - order.filled_lots) if order is not None else 0
        row = events.fill(
            product.index,
            number,
            execution,
            side,
            ticks,
            lots,
            leaves_lots=leaves_lots,
            fee_nanos=fee_nanos or 0,
            liquidity=_LIQUIDITY.get(item.liquidity_ind, LiquiditySide.NONE),
            exch_ts_ns=_ts_ms(item.timestamp) * 1_000_000,
            flags=events.UNPRICED_FEE if fee_nanos is None else 0,
        )
        return [row]

    def _remember(self, execution: int) -> None:
        self._seen[execution] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    def _fee(self, product: Product, item: Execution) -> tuple[int | None, Decimal]:
        """Worth of an execution's fees in nanos, and what of them was kept in the base asset."""
        total, base_fee, is_priced = 0, Decimal(0), True
        for fee in item.fees:
            if fee.asset == product.base:
                base_fee += fee.qty
                worth = fee.qty * item.last_price * NANOS
                total += int(worth.to_integral_value(ROUND_HALF_EVEN))
                continue
            asset = "" if fee.asset == product.quote else fee.asset
            # Nine places are what money is counted in.
            rounded = fee.qty.quantize(Decimal("1e-9"), ROUND_HALF_EVEN)
            nanos = self._fees.nanos(plain(rounded), asset)
            if nanos is None:
                self.complaint = f"a fee in {asset} has no rate in venue.fee_rates"
                is_priced = False
            total += nanos or 0
        return (total if is_priced else None), base_fee


def _execution(item: Execution, product: Product) -> int:
    return execution_number(_ts_ms(item.timestamp), product.index, item.trade_id)


def _side(text: str) -> Side:
    side = _SIDES.get(text)
    if side is None:
        raise DecodeError(VENUE, f"{text!r} is no side")
    return side


def _lot(product: Product) -> Decimal:
    return product.grid.instrument.lot_size


def _lots_up(product: Product, quantity: Decimal) -> int:
    """Whole lots of an order; somebody else's may be finer than we trade."""
    return int((quantity / _lot(product)).to_integral_value(ROUND_CEILING))


def _ts_ms(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise DecodeError(VENUE, f"{text!r} is no time") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1e3)
