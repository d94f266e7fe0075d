"""
The exchange itself: accounts, orders, markets and bots. No socket, no clock.

Requests and `advance` change it; what is to be told piles up and is taken with
`take_outgoing`. The same seed and the same requests at the same steps give the same
messages, whatever the machine does.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from core.domain.enums import RejectReason
from core.domain.errors import DecodeError
from core.domain.events import IOC, POST_ONLY
from core.exchange import reports
from core.exchange.account import Account, Order
from core.exchange.bots import Bot, BotFill, make_bots
from core.exchange.config import STEP_NS, CityConfig, ExchangeConfig, Product
from core.exchange.fair_value import LOWEST_TICKS, FairValue
from core.exchange.market import Execution, Market, Match
from core.venues.common.grid import MAX_UNITS, money_text
from core.venues.wsx import messages as wire

if TYPE_CHECKING:
    from core.exchange.city import CityValues

FIRST_CLIENT_OWNER = 1000
"""Owners below are bots."""

MAX_ACCOUNTS = 1000
_SESSION = "practice-"
NEWS_EVERY_NS = 1_000_000_000
"""How often it is looked whether something became known of the city."""
_SIDES = {"buy": 1, "sell": -1}


class Outgoing(NamedTuple):
    """One message and who is to have it."""

    account: str | None
    """None: everybody who subscribed to the symbol."""
    symbol: str
    message: wire.ServerMessage


class Exchange:
    """
    A market with rules.

    Args:
        config: Products, seed and limits.
        start_ts_ns: Exchange time at the start, UTC. Ids grow from it, so that those of
            one life of the exchange do not come again in the next.
    """

    def __init__(self, config: ExchangeConfig, start_ts_ns: int) -> None:
        self.config = config
        self.ts_ns = start_ts_ns
        self.session = f"{_SESSION}{start_ts_ns // 1_000_000:x}"
        self._first_id = start_ts_ns // 1_000_000_000 << 20
        self._last_order_id = self._first_id
        self._last_trade_id = self._first_id
        self._accounts: dict[str, Account] = {}
        self._orders: dict[int, Order] = {}
        self._outgoing: list[Outgoing] = []
        self._watched: dict[str, Account] = {}
        """Accounts with a dead-man timer."""
        self._ticks = 0
        self.tick_ns = STEP_NS // len(config.products)
        self.markets = [
            Market(index, product, self._new_order_id, self._settle)
            for index, product in enumerate(config.products)
        ]
        self._by_symbol: dict[str, Market] = {market.symbol: market for market in self.markets}
        self._city = make_values(config.city, start_ts_ns)
        self._news_due_ns = start_ts_ns + NEWS_EVERY_NS
        prices = self._city.advance(start_ts_ns) if self._city is not None else {}
        self._fairs = [
            _fair_value(product, config.seed, prices.get(product.instrument.symbol))
            for product in config.products
        ]
        self._bots = [
            {bot.owner: bot for bot in self._make_bots(index)} for index in range(len(self.markets))
        ]

    def _make_bots(self, index: int) -> list[Bot]:
        if not self.config.bots:
            return []
        symbol = self.markets[index].symbol
        # Each product has its own chance, so that a trade in one does not change another.
        return make_bots(self._fairs[index], Random(f"bots-{self.config.seed}-{symbol}"))  # noqa: S311  reproducible on purpose

    def advance(self) -> None:
        """
        Let `tick_ns` pass: one product's bots act.

        The products take turns, so that their books do not all change at the same moment.
        """
        index = self._ticks % len(self.markets)
        self._ticks += 1
        self.ts_ns += self.tick_ns
        self._hear_news()
        self._fairs[index].advance(STEP_NS / 1e9)
        market = self.markets[index]
        for bot in self._bots[index].values():
            bot.act(market)
        self._publish(market)
        self._watch()

    def _hear_news(self) -> None:
        """Let what became known of the city move the values that the bots know."""
        if self._city is None or self.ts_ns < self._news_due_ns:
            return
        self._news_due_ns = self.ts_ns + NEWS_EVERY_NS
        prices = self._city.advance(self.ts_ns)
        for market, fair in zip(self.markets, self._fairs, strict=True):
            price = prices.get(market.symbol)
            if price is not None:
                fair.recenter(price / float(market.grid.instrument.tick_size))

    def skip(self, duration_ns: int) -> None:
        """Let time pass in which nobody acted: the process was stopped, or could not keep up."""
        self.ts_ns += duration_ns
        self._watch()

    def turn_clock(self, offset_ns: int) -> None:
        """Set the clock on, or back. No time passes, so nobody has been silent for longer."""
        self.ts_ns += offset_ns
        for account in self._watched.values():
            account.dead_man_ts_ns += offset_ns

    def take_outgoing(self) -> list[Outgoing]:
        """Take what is to be sent, in order."""
        outgoing, self._outgoing = self._outgoing, []
        return outgoing

    def account(self, key: str) -> Account | None:
        """Open an account, or find it. None if there are too many."""
        account = self._accounts.get(key)
        if account is None and len(self._accounts) < MAX_ACCOUNTS:
            owner = FIRST_CLIENT_OWNER + len(self._accounts)
            account = Account(key, owner, [0] * len(self.markets))
            self._accounts[key] = account
        return account

    def symbols(self) -> list[str]:
        """Every product's symbol."""
        return list(self._by_symbol)

    def snapshot(self, symbol: str) -> wire.Snapshot | None:
        """Tell a book, None for an unknown symbol."""
        market = self._by_symbol.get(symbol)
        return None if market is None else market.snapshot(self.ts_ns)

    def heartbeat(self, account: Account) -> wire.Heartbeat:
        """Tell the time, where every book is and how much an account has been told."""
        return wire.Heartbeat(
            ts_ns=self.ts_ns,
            seq={market.symbol: market.seq for market in self.markets},
            account_seq=account.seq,
        )

    def welcome(self, account: Account) -> wire.Welcome:
        """Answer a login."""
        return wire.Welcome(
            session=self.session,
            account=account.key,
            ts_ns=self.ts_ns,
            heartbeat_s=self.config.heartbeat_s,
            products=[reports.product(product) for product in self.config.products],
            speed=self.config.speed,
        )

    def state(self, account: Account, repeated: int = 0, nonce: int = 0) -> wire.AccountState:
        """Tell all there is to know of an account, after so many repeated executions."""
        return wire.AccountState(
            ts_ns=self.ts_ns,
            cash=money_text(account.cash_nanos),
            positions=[
                wire.PositionEntry(
                    symbol=market.symbol,
                    quantity=market.grid.quantity(account.positions[market.index]),
                )
                for market in self.markets
            ],
            orders=[
                reports.open_order(self.markets[order.market], order)
                for order in account.orders.values()
            ],
            last_trade_id=account.executions[-1].trade_id if account.executions else 0,
            account_seq=account.seq,
            repeated=repeated,
            nonce=nonce,
        )

    def executions_after(self, account: Account, trade_id: int) -> Iterator[wire.Execution]:
        """Repeat what an account may have missed."""
        return (row for row in account.executions if row.trade_id > trade_id)

    def place(
        self, account: Account, request: wire.Place, refusal: RejectReason = RejectReason.NONE
    ) -> None:
        """Take a new order, or refuse it with a report, for example because of `refusal`."""
        order = self._check_place(account, request) if refusal is RejectReason.NONE else refusal
        if isinstance(order, RejectReason):
            self._tell(account, request.symbol, reports.refusal(request, order, self.ts_ns))
            return
        market = self.markets[order.market]
        flags = (IOC if _takes_at_once(request) else 0) | (POST_ONLY if request.post_only else 0)
        result = market.match(
            order.order_id, account.owner, order.side, order.price_ticks, order.lots, flags
        )
        if isinstance(result, RejectReason):
            self._tell(account, request.symbol, reports.refusal(request, result, self.ts_ns))
            return
        self._enter(account, order)
        self._finish(market, order, result)

    def cancel(self, account: Account, request: wire.Cancel) -> None:
        """Cancel an order, or say that there is none."""
        order = self._find(account, request.client_order_id, request.order_id)
        if order is None:
            unknown = reports.unknown_order(
                request.client_order_id, request.order_id, request.symbol, self.ts_ns
            )
            self._tell(account, request.symbol, unknown)
            return
        self._cancel(order)

    def cancel_all(self, account: Account, reason: RejectReason = RejectReason.NONE) -> None:
        """Cancel every order of an account, on request or for a reason of the exchange's own."""
        for order in list(account.orders.values()):
            self._cancel(order, reason)

    def cancel_all_after(self, account: Account, timeout_ms: int) -> None:
        """Set the dead-man timer anew; 0 takes it away."""
        account.dead_man_ts_ns = 0
        self._watched.pop(account.key, None)
        if timeout_ms > 0:
            # A silence is measured by the clock on the wall, whatever the market's speed.
            account.dead_man_ts_ns = self.ts_ns + round(timeout_ms * 1e6 * self.config.speed)
            self._watched[account.key] = account

    def _watch(self) -> None:
        for account in list(self._watched.values()):
            if self.ts_ns >= account.dead_man_ts_ns:
                del self._watched[account.key]
                account.dead_man_ts_ns = 0
                self.cancel_all(account, RejectReason.DEAD_MAN)

    def status(self, account: Account, request: wire.OrderRequest) -> wire.OrderReport:
        """
        Say what became of an order.

        One that is asked about and not known cannot come to be any more: a request for it
        that is still on its way will find its id used.
        """
        order = self._find(account, request.client_order_id, request.order_id)
        if order is not None:
            market = self.markets[order.market]
            return reports.order_report(market, order, "open", RejectReason.NONE, self.ts_ns)
        name = request.client_order_id
        ending = account.ending(name, request.order_id)
        if ending is not None:
            return ending
        if name is not None:
            account.use(name)
        return reports.unknown_order(name, request.order_id, request.symbol, self.ts_ns)

    def replace(
        self, account: Account, request: wire.Replace, refusal: RejectReason = RejectReason.NONE
    ) -> None:
        """Give an order a new price and size, or say why not; then it stands as it was."""
        order = self._find(account, request.client_order_id, request.order_id)
        if order is None:
            unknown = reports.unknown_order(
                request.client_order_id, request.order_id, request.symbol, self.ts_ns
            )
            self._tell(account, request.symbol, unknown)
            return
        market = self.markets[order.market]
        wanted = (
            self._check_replace(order, market, request) if refusal is RejectReason.NONE else refusal
        )
        if isinstance(wanted, RejectReason):
            self._report(order, "open", wanted)
            return
        price_ticks, lots = wanted
        if lots <= order.filled_lots:
            # Smaller than what has traded: nothing of it may trade any more.
            self._cancel(order)
            return
        result = market.match_replace(order.order_id, price_ticks, lots - order.filled_lots)
        if isinstance(result, RejectReason):
            self._report(order, "open", result)
            return
        order.price_ticks, order.lots = price_ticks, lots
        self._report(order, "open")
        self._finish(market, order, result)

    def _check_place(self, account: Account, request: wire.Place) -> Order | RejectReason:
        if not account.take_token(self.ts_ns, self.config.max_requests_per_s):
            return RejectReason.RATE_LIMIT
        market = self._by_symbol.get(request.symbol)
        if market is None:
            return RejectReason.UNKNOWN_INSTRUMENT
        if request.post_only and _takes_at_once(request):
            return RejectReason.MALFORMED
        numbers = _read_numbers(market, request.price, request.quantity)
        if isinstance(numbers, RejectReason):
            return numbers
        price_ticks, lots = numbers
        side = _SIDES[request.side]
        refusal = self._check_account(account, market, side, lots, request.client_order_id)
        if refusal is not RejectReason.NONE:
            return refusal
        order_id = self._new_order_id()
        return Order(
            order_id, request.client_order_id, account, market.index, side, price_ticks, lots
        )

    def _check_account(
        self, account: Account, market: Market, side: int, lots: int, client_order_id: str
    ) -> RejectReason:
        """Ask whether the account may have this order; if so its id is used up."""
        if account.has_used(client_order_id):
            return RejectReason.DUPLICATE_ORDER_ID
        if len(account.orders) >= self.config.max_orders_per_account:
            return RejectReason.TOO_MANY_ORDERS
        if account.worst_lots(market.index, side) + lots > _limit_lots(market):
            return RejectReason.POSITION_LIMIT
        account.use(client_order_id)
        return RejectReason.NONE

    def _check_replace(
        self, order: Order, market: Market, request: wire.Replace
    ) -> tuple[int, int] | RejectReason:
        account = order.account
        if not account.take_token(self.ts_ns, self.config.max_requests_per_s):
            return RejectReason.RATE_LIMIT
        numbers = _read_numbers(market, request.price, request.quantity)
        if isinstance(numbers, RejectReason):
            return numbers
        growth = numbers[1] - order.lots
        worst_lots = account.worst_lots(market.index, order.side) + growth
        if growth > 0 and worst_lots > _limit_lots(market):
            return RejectReason.POSITION_LIMIT
        return numbers

    def _finish(self, market: Market, order: Order, result: Match) -> None:
        """Settle a match, and say how the order ends if it does."""
        self._settle(market, result.executions)
        if result.canceled_lots > 0:
            stopped = result.cancel_reason is not RejectReason.NONE
            self._close(order, "canceled" if stopped else "expired", result.cancel_reason)
        self._publish(market)

    def _settle(self, market: Market, executions: list[Execution]) -> None:
        for execution in executions:
            self._last_trade_id += 1
            trade = reports.public_trade(market, execution, self._last_trade_id, self.ts_ns)
            self._outgoing.append(Outgoing(None, market.symbol, trade))
            self._book(market, execution, is_maker=True)
            self._book(market, execution, is_maker=False)

    def _book(self, market: Market, execution: Execution, *, is_maker: bool) -> None:
        """Give one of the two sides of an execution what is its own."""
        if is_maker:
            order_id, owner = execution.maker_order_id, execution.maker_owner
            side, leaves_lots = -execution.aggressor_side, execution.maker_leaves_lots
        else:
            order_id, owner = execution.taker_order_id, execution.taker_owner
            side, leaves_lots = execution.aggressor_side, execution.taker_leaves_lots
        order = self._orders.get(order_id)
        if order is not None:
            self._fill(market, order, execution, is_maker=is_maker)
        elif is_maker and owner in self._bots[market.index]:
            fill = BotFill(order_id, side, execution.lots, leaves_lots)
            self._bots[market.index][owner].filled(fill)

    def _fill(self, market: Market, order: Order, execution: Execution, *, is_maker: bool) -> None:
        account, instrument = order.account, market.product.instrument
        order.filled_lots += execution.lots
        account.positions[market.index] += order.side * execution.lots
        worth_nanos = execution.price_ticks * execution.lots * instrument.tick_value_nanos
        fee_bps = instrument.maker_fee_bps if is_maker else instrument.taker_fee_bps
        fee_nanos = round(worth_nanos * fee_bps / 10_000)
        account.cash_nanos -= order.side * worth_nanos + fee_nanos
        message = reports.execution(
            market,
            order,
            execution,
            self._last_trade_id,
            is_maker=is_maker,
            fee_nanos=fee_nanos,
            ts_ns=self.ts_ns,
        )
        account.executions.append(message)
        self._tell(account, market.symbol, message)
        if order.leaves_lots == 0:
            self._close(order, "filled")

    def _enter(self, account: Account, order: Order) -> None:
        account.orders[order.client_order_id] = order
        self._orders[order.order_id] = order
        self._report(order, "open")

    def _cancel(self, order: Order, reason: RejectReason = RejectReason.NONE) -> None:
        market = self.markets[order.market]
        market.cancel(order.order_id)
        self._close(order, "canceled", reason)
        self._publish(market)

    def _close(
        self, order: Order, status: wire.StatusText, reason: RejectReason = RejectReason.NONE
    ) -> None:
        del order.account.orders[order.client_order_id]
        del self._orders[order.order_id]
        order.account.remember(self._report(order, status, reason))

    def _find(
        self, account: Account, client_order_id: str | None, order_id: int | None
    ) -> Order | None:
        if client_order_id is not None:
            return account.orders.get(client_order_id)
        order = self._orders.get(order_id or 0)
        return order if order is not None and order.account is account else None

    def _publish(self, market: Market) -> None:
        delta = market.take_delta(self.ts_ns)
        if delta is not None:
            self._outgoing.append(Outgoing(None, market.symbol, delta))

    def _tell(
        self, account: Account, symbol: str, message: wire.OrderReport | wire.Execution
    ) -> None:
        account.seq += 1
        numbered = msgspec.structs.replace(message, account_seq=account.seq)
        self._outgoing.append(Outgoing(account.key, symbol, numbered))

    def _report(
        self, order: Order, status: wire.StatusText, reason: RejectReason = RejectReason.NONE
    ) -> wire.OrderReport:
        market = self.markets[order.market]
        report = reports.order_report(market, order, status, reason, self.ts_ns)
        self._tell(order.account, market.symbol, report)
        return report

    def _new_order_id(self) -> int:
        self._last_order_id += 1
        return self._last_order_id


def start_of(session: str) -> int | None:
    """Find when a life of an exchange began, UTC in ns, by its name; None if that tells nothing."""
    text = session.removeprefix(_SESSION)
    if text == session or not text.isalnum():
        return None
    try:
        return int(text, 16) * 1_000_000
    except ValueError:
        return None


def make_values(config: CityConfig | None, start_ts_ns: int) -> CityValues | None:
    """Make what stands behind the market, where something does."""
    if config is None:
        return None
    # Loaded only where it is wanted: it brings draws and formulas.
    from core.exchange.city import CityValues

    return CityValues(config, start_ts_ns)


def _fair_value(product: Product, seed: int, price: float | None) -> FairValue:
    instrument = product.instrument
    start = float(product.start_price) if price is None else price
    start_ticks = max(LOWEST_TICKS, start / float(instrument.tick_size))
    random = Random(f"value-{seed}-{instrument.symbol}")  # noqa: S311  reproducible on purpose
    return FairValue(start_ticks, product.volatility * start_ticks, random)


def _takes_at_once(request: wire.Place) -> bool:
    return request.tif == "IOC" or request.kind == "market"


def _read_numbers(market: Market, price: str, quantity: str) -> tuple[int, int] | RejectReason:
    try:
        price_ticks = market.grid.ticks(price)
    except DecodeError:
        return RejectReason.BAD_PRICE
    try:
        lots = market.grid.lots(quantity)
    except DecodeError:
        return RejectReason.BAD_SIZE
    return (price_ticks, lots) if lots > 0 else RejectReason.BAD_SIZE


def _limit_lots(market: Market) -> int:
    return market.product.instrument.position_limit_lots or MAX_UNITS
