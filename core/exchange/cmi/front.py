"""
CMI's view of the exchange: users, their orders, what they are told. No socket, no clock.

A user's account is the one whose key is the user's name, so that the same account may be
watched over the exchange's own protocol.
"""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from core.domain.enums import RejectReason
from core.exchange.account import Account, Order
from core.exchange.cmi import rows
from core.exchange.cmi.streams import Stream
from core.exchange.exchange import Exchange, Outgoing
from core.exchange.gateway import Gateway
from core.exchange.market import Market
from core.venues.cmi.codec import encode, plain, time_ns, time_text
from core.venues.cmi.messages import Credentials, NewOrder
from core.venues.wsx import messages as wsx

REMEMBERED_TRADES = 20_000
_TEXTS = {
    RejectReason.UNKNOWN_INSTRUMENT: "unknown product",
    RejectReason.BAD_PRICE: "price is not a multiple of the tick size",
    RejectReason.BAD_SIZE: "volume must be a positive whole number",
    RejectReason.POSITION_LIMIT: "order would exceed the position limit",
    RejectReason.TOO_MANY_ORDERS: "too many open orders",
    RejectReason.RATE_LIMIT: "too many requests",
    RejectReason.SELF_TRADE: "order would trade with your own order",
    RejectReason.MARKET_CLOSED: "market is closed",
}


class Refusal(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(f"{status}: {message}")


@dataclass(slots=True)
class User:
    """One login."""

    name: str
    password: str = field(repr=False)
    account: Account
    stream: Stream | None = None
    tokens: float = 1.0
    """Requests that the rate limit still lets pass."""
    asked_s: float = 0.0
    requests: int = 0
    fills: deque[rows.Row] = field(default_factory=lambda: deque(maxlen=1_000))


@dataclass(slots=True)
class Faults:
    """What can be made to go wrong, to practise with."""

    requests_per_s: float = 0.0
    """More than so many are refused with 429; 0 lets all pass."""
    fails_on_no_positions: bool = False
    """An empty portfolio is answered with 500, as the real exchange was seen to do."""
    is_closed: bool = False
    """No orders are taken."""


class CmiFront:
    """
    Serve CMI's requests on an exchange.

    It listens to the exchange through its gateway: `hear` each message, `heard_all` when
    those of one moment are told.
    """

    def __init__(self, exchange: Exchange, gateway: Gateway, faults: Faults) -> None:
        self._exchange = exchange
        self._gateway = gateway
        self.faults = faults
        self._markets: dict[str, Market] = {item.symbol: item for item in exchange.markets}
        self._users: dict[str, User] = {}
        self._tokens: dict[str, User] = {}
        self._trades: deque[tuple[int, int, rows.Row]] = deque(maxlen=REMEMBERED_TRADES)
        self._newest_trades: dict[int, rows.Row] = {}
        self._unsent_fills: dict[str, list[rows.Row]] = {}
        self._changed: set[str] = set()
        self._last_trade_ns = 0
        self._orders = 0
        self._reason = RejectReason.NONE
        self.requests = 0
        """Requests that were let in, of all users."""

    @property
    def streams(self) -> int:
        """Open streams."""
        return sum(user.stream is not None for user in self._users.values())

    def close(self) -> None:
        """End every stream: the exchange begins anew, or ends."""
        for user in self._users.values():
            if user.stream is not None:
                user.stream.close()

    def sign_up(self, wanted: Credentials) -> None:
        """
        Make a user.

        Raises:
            Refusal: If the name is taken.
        """
        if wanted.username in self._users:
            raise Refusal(400, f"username {wanted.username} is taken")
        self._open(wanted)

    def usernames(self) -> list[rows.Row]:
        """Everybody who has signed up."""
        return [{"username": name} for name in self._users]

    def log_in(self, given: Credentials) -> str:
        """
        Check a password and hand out a token, with its `Bearer `.

        An unknown user is made: there is no web page here to do that with.

        Raises:
            Refusal: If the password is another one than at first.
        """
        user = self._users.get(given.username) or self._open(given)
        if not secrets.compare_digest(user.password.encode(), given.password.encode()):
            raise Refusal(401, "wrong username or password")
        token = f"Bearer {secrets.token_urlsafe(24)}"
        self._tokens[token] = user
        return token

    def expire_tokens(self) -> None:
        """Forget every login, as after some hours."""
        self._tokens.clear()

    def user(self, token: str, now_s: float) -> User:
        """
        Find who asks, and count the request.

        Raises:
            Refusal: If nobody has this token, or who has it asks too often.
        """
        user = self._tokens.get(token)
        if user is None:
            raise Refusal(401, "not logged in")
        rate = self.faults.requests_per_s
        if rate:
            grown = user.tokens + (now_s - user.asked_s) * rate
            user.tokens, user.asked_s = min(max(1.0, rate), grown), now_s
            if user.tokens < 1.0:
                raise Refusal(429, "too many requests")
            user.tokens -= 1.0
        user.requests += 1
        self.requests += 1
        return user

    def open_stream(self, user: User) -> Stream:
        """Begin a stream: the older one of the same user ends."""
        self._gateway.flush()
        if user.stream is not None:
            user.stream.close()
        user.stream = stream = Stream()
        for market in self._exchange.markets:
            stream.put_book(market.symbol, rows.stream_book(market, _own(user, market)))
        if user.fills:
            stream.put_fills(encode(list(user.fills)))
        return stream

    def end_stream(self, user: User, stream: Stream) -> None:
        """Forget a stream whose connection has ended."""
        stream.close()
        if user.stream is stream:
            user.stream = None

    def products(self) -> list[rows.Row]:
        """Every product."""
        return [rows.product(item) for item in self._exchange.config.products]

    def book(self, user: User, symbol: str) -> rows.Row:
        """One product's book."""
        market = self._market(symbol)
        return rows.rest_book(market, _own(user, market))

    def place(self, user: User, wanted: NewOrder) -> rows.Row:
        """
        Enter an order.

        Raises:
            Refusal: If the exchange does not take it.
        """
        if self.faults.is_closed:
            raise Refusal(400, _TEXTS[RejectReason.MARKET_CLOSED])
        market = self._market(wanted.product)
        self._orders += 1
        name = f"cmi-{self._orders}"
        request = wsx.Place(
            client_order_id=name,
            symbol=wanted.product,
            side="buy" if wanted.side == "BUY" else "sell",
            price=plain(wanted.price),
            quantity=plain(wanted.volume),
        )
        self._gateway.flush()
        self._reason = RejectReason.NONE
        first_fill = len(user.account.executions)
        self._exchange.place(user.account, request)
        self._gateway.flush()
        if self._reason is not RejectReason.NONE:
            raise Refusal(400, _TEXTS.get(self._reason, self._reason.name))
        return self._answer(user.account, market, name, first_fill, wanted)

    def _answer(
        self, account: Account, market: Market, name: str, first_fill: int, wanted: NewOrder
    ) -> rows.Row:
        order = account.orders.get(name)
        if order is None:
            ending = account.ending(name, None)
            assert ending is not None
            lots = market.grid.lots(plain(wanted.volume))
            order = Order(
                ending.order_id, name, account, market.index, 1 if wanted.side == "BUY" else -1,
                market.grid.ticks(plain(wanted.price)), lots, filled_lots=lots,
            )  # fmt: skip
            if ending.status != "filled":
                order.filled_lots = sum(
                    market.grid.lots(row.quantity)
                    for row in list(account.executions)[first_fill:]
                    if row.client_order_id == name
                )
        answer = rows.order(market, order, order.filled_lots, self._exchange.ts_ns)
        if account.orders.get(name) is None:
            answer["volume"] = 0
            answer["status"] = "FILLED" if order.leaves_lots == 0 else "CANCELLED"
        return answer

    def orders(self, user: User, symbol: str | None) -> list[rows.Row]:
        """The user's open orders, of one product or of all."""
        return [
            rows.order(market, order, order.filled_lots, self._exchange.ts_ns)
            for order in user.account.orders.values()
            if (market := self._exchange.markets[order.market]).symbol == symbol or symbol is None
        ]

    def cancel(self, user: User, order_id: str) -> None:
        """
        Cancel an order by its id.

        Raises:
            Refusal: If the user has no such order.
        """
        held = [order for order in user.account.orders.values() if str(order.order_id) == order_id]
        if not held:
            raise Refusal(400, f"order {order_id[:40]} not found")
        self._cancel(user, held)

    def cancel_level(
        self, user: User, symbol: str | None, price: str | None, side: str | None
    ) -> None:
        """
        Cancel by criteria.

        Raises:
            Refusal: If they name no product or no price.
        """
        if not symbol or not price:
            raise Refusal(400, "product and price are needed to cancel by criteria")
        market = self._market(symbol)
        try:
            ticks = market.grid.ticks(plain(Decimal(price)))
        except ArithmeticError as error:
            raise Refusal(400, f"{price[:40]} is not a price") from error
        self._cancel(
            user,
            [
                order
                for order in user.account.orders.values()
                if (order.market, order.price_ticks) == (market.index, ticks)
                and side in (None, rows.SIDES[order.side])
            ],
        )

    def _cancel(self, user: User, held: list[Order]) -> None:
        for order in held:
            symbol = self._exchange.markets[order.market].symbol
            request = wsx.Cancel(order_id=order.order_id, symbol=symbol)
            self._exchange.cancel(user.account, request)
        self._gateway.flush()

    def positions(self, user: User) -> list[rows.Row]:
        """
        What the user holds, of every product that he ever traded.

        Raises:
            Refusal: If that is nothing, where the faults say so.
        """
        traded = {row.symbol for row in user.account.executions}
        if not traded and self.faults.fails_on_no_positions:
            raise Refusal(500, "Internal Server Error")
        return [
            {"product": item.symbol, "volume": abs(net), "netPosition": net}
            for item in self._exchange.markets
            if item.symbol in traded
            for net in [rows.volume(item, user.account.positions[item.index])]
        ]

    def trades(self, since: str | None) -> list[rows.Row]:
        """
        Everybody's trades, from a time on.

        Raises:
            DecodeError: If that is no time.
        """
        since_ns = time_ns(since) if since else 0
        return [row for ts_ns, _, row in self._trades if ts_ns >= since_ns]

    def status(self) -> rows.Row:
        """How the exchange is."""
        return {
            "acceptingOrders": not self.faults.is_closed,
            "activeRoundName": self._exchange.session,
            "positionFee": 0.0,
            "excessPositionFee": 0.0,
            "positionLimits": [
                {"product": item.symbol, "longLimit": item.product.instrument.position_limit_lots}
                for item in self._exchange.markets
            ],
        }

    def profit(self, user: User) -> rows.Row:
        """Cash, and what is held at the mid."""
        nanos = user.account.cash_nanos
        for item in self._exchange.markets:
            bid, ask = item.best_ticks(1), item.best_ticks(-1)
            mid_twice = bid + ask if bid and ask else 2 * (bid or ask)
            value = item.product.instrument.tick_value_nanos
            nanos += user.account.positions[item.index] * mid_twice * value // 2
        return {"totalProfit": nanos / 1e9}

    def hear(self, outgoing: Outgoing) -> None:
        """Take in what the exchange says to anybody."""
        message = outgoing.message
        if isinstance(message, wsx.PublicTrade):
            self._note_trade(message)
        elif isinstance(message, wsx.Execution):
            self._note_fill(outgoing.account or "", message)
        elif isinstance(message, wsx.OrderReport) and message.status == "rejected":
            self._reason = RejectReason[message.reason]
        if isinstance(message, wsx.Delta | wsx.OrderReport | wsx.Execution):
            self._changed.add(outgoing.symbol)

    def heard_all(self) -> None:
        """Hand out what the streams are to tell because of what was heard."""
        for name, fills in self._unsent_fills.items():
            user = self._users[name]
            told = [rows.own_fill(row, name) for row in fills]
            user.fills.extend(told)
            if user.stream is not None:
                user.stream.put_fills(encode(told))
        self._unsent_fills.clear()
        self._newest_trades.clear()
        for symbol in self._changed & self._markets.keys():
            market = self._markets[symbol]
            for user in self._users.values():
                if user.stream is not None:
                    user.stream.put_book(symbol, rows.stream_book(market, _own(user, market)))
        self._changed.clear()

    def _note_trade(self, message: wsx.PublicTrade) -> None:
        # Each its own time, to the nanosecond, as a real exchange's clock gives it.
        self._last_trade_ns = max(message.ts_ns, self._last_trade_ns + 1)
        row = rows.trade(message, time_text(self._last_trade_ns), self._exchange.session)
        self._trades.append((self._last_trade_ns, message.trade_id, row))
        self._newest_trades[message.trade_id] = row

    def _note_fill(self, name: str, message: wsx.Execution) -> None:
        row = self._newest_trades.get(message.trade_id)
        if name not in self._users or row is None:
            return
        row["buyer" if message.side == "buy" else "seller"] = name
        if message.liquidity == "taker":
            row["aggressor"] = name
        self._unsent_fills.setdefault(name, []).append(row)

    def _open(self, wanted: Credentials) -> User:
        account = self._exchange.account(wanted.username) if wanted.username else None
        if account is None:
            raise Refusal(400, "no account: the username is empty, or there are too many")
        user = User(wanted.username, wanted.password, account)
        self._users[wanted.username] = user
        return user

    def _market(self, symbol: str) -> Market:
        market = self._markets.get(symbol)
        if market is None:
            raise Refusal(400, f"unknown product {symbol[:40]}")
        return market


def _own(user: User, market: Market) -> dict[tuple[int, int], int]:
    own: dict[tuple[int, int], int] = {}
    for order in user.account.orders.values():
        if order.market == market.index:
            key = (order.side, order.price_ticks)
            own[key] = own.get(key, 0) + order.leaves_lots
    return own
