"""How the whole account is asked for: open orders, missed executions, coins."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from core.domain import events
from core.domain.enums import VenueState
from core.domain.events import EventRow
from core.venues.binance.orders.book import OrderBook
from core.venues.binance.orders.codec import VENUE, AccountRecord, OrderRecord, TradeRecord
from core.venues.binance.orders.filters import number
from core.venues.binance.orders.product import Product
from core.venues.binance.orders.reports import Reports
from core.venues.binance.orders.requests import Requests
from core.venues.binance.orders.signing import Value
from core.venues.common.executions import execution_time_ms
from core.venues.common.wire import read_part

_MOST_TRADES = 1_000
_MOST_LOOKS = 3
"""So often a balance is asked for before it counts more than our own executions."""


class Inquiry:
    """
    One look at the account at a time.

    Args:
        products: By symbol, in the order of the kernel's indexes.
        book: Our orders.
        reports: Books the executions that were missed.
        requests: Takes what is asked.
        since_ms: Executions from then on are asked for; 0: from the first login on.
    """

    def __init__(
        self,
        products: Mapping[str, Product],
        book: OrderBook,
        reports: Reports,
        requests: Requests,
        since_ms: int,
    ) -> None:
        self._products = products
        self._book = book
        self._reports = reports
        self._requests = requests
        self._since_ms = since_ms
        self._awaited: set[str] = set()
        self._positions: list[tuple[Product, int]] = []
        self._open: list[OrderRecord] = []
        self._looks = 0
        self.foreign: set[str] = set()
        """Products that are not ours and have open orders."""

    def clear(self) -> None:
        """Await nothing any more."""
        self._awaited.clear()

    def first_login(self, server_ms: int) -> None:
        """Note the venue's time at the first login: what was traded before is not ours."""
        self._since_ms = self._since_ms or server_ms

    def begin(self) -> None:
        """Ask for everything anew; answers to an earlier inquiry count no more."""
        self._looks = 0
        self._positions, self._open = [], []
        self._awaited = {self._requests.send_signed("open orders", "openOrders.status", {})}
        for product in self._products.values():
            params: dict[str, Value] = {
                "symbol": product.symbol,
                "startTime": self._since_ms,
                "limit": _MOST_TRADES,
            }
            self._awaited.add(self._requests.send_signed("trades", "myTrades", params))
        self._ask_balances()

    @property
    def is_open(self) -> bool:
        """Whether an answer is awaited."""
        return bool(self._awaited)

    def awaits(self, request_id: str) -> bool:
        """Whether a request is part of the newest inquiry."""
        return request_id in self._awaited

    def read(self, request_id: str, what: str, result: msgspec.Raw) -> list[EventRow]:
        """
        Take an answer.

        Returns:
            Executions that were missed; and with the last answer the open orders, the
            positions and SYNCED.

        Raises:
            DecodeError: If it is not what was asked for.
        """
        rows: list[EventRow] = []
        if what == "open orders":
            self._read_orders(read_part(result, list[OrderRecord], VENUE))
        elif what == "trades":
            rows = self._read_trades(read_part(result, list[TradeRecord], VENUE))
        else:
            self._read_balances(read_part(result, AccountRecord, VENUE))
        self._awaited.discard(request_id)
        return rows if self._awaited else rows + self._conclude()

    def _ask_balances(self) -> None:
        self._looks += 1
        params: dict[str, Value] = {"omitZeroBalances": True}
        self._awaited.add(self._requests.send_signed("balances", "account.status", params))

    def _read_orders(self, orders: list[OrderRecord]) -> None:
        self._open = orders
        self.foreign = {order.symbol for order in orders} - self._products.keys()
        for order in orders:
            # Before the trades are read, which name an order by the venue's id alone.
            our_number, _ = self._book.parse(order.client_order_id, order.order_id)
            self._book.bind(order.order_id, our_number)

    def _read_trades(self, trades: list[TradeRecord]) -> list[EventRow]:
        before = self._reports.duplicates
        rows = [row for trade in trades for row in self._reports.trade(trade)]
        # They were asked for again on purpose.
        self._reports.duplicates = before
        return rows

    def _read_balances(self, account: AccountRecord) -> None:
        held = {
            balance.asset: number(balance.free) + number(balance.locked)
            for balance in account.balances
        }
        self._positions = []
        for product in self._products.values():
            assert product.rules is not None
            lots = product.holding.told(held.get(product.rules.base_asset, Decimal(0)))
            if lots != product.holding.lots and self._looks < _MOST_LOOKS:
                # An execution may be on its way: the balance holds it, its report is to come.
                self._ask_balances()
                return
            self._positions.append((product, lots))

    def _conclude(self) -> list[EventRow]:
        rows: list[EventRow] = []
        for order in self._open:
            product = self._products.get(order.symbol)
            our_number, _ = self._book.parse(order.client_order_id, order.order_id)
            if product is not None and not self._book.is_over(our_number):
                rows.append(self._reports.open_order(product, order, events.ACCOUNT_STATE))
        for product, lots in self._positions:
            product.holding.believe(lots)
            rows.append(events.position_report(product.index, lots))
        self._since_ms = max(self._since_ms, execution_time_ms(self._reports.newest))
        foreign = sum(order.symbol in self.foreign for order in self._open)
        return [*rows, events.venue_state(VenueState.SYNCED, foreign_orders=foreign)]
