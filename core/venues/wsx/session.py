"""
The practice exchange's protocol from a client's side: bytes in, events and bytes out.

No socket and no clock. The client calls `connected`, `receive_data` and `disconnected`,
hands the rows on, and writes what `data_to_send` returns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.domain import events
from core.domain.enums import (
    CommandKind,
    LiquiditySide,
    OrderStatus,
    RejectReason,
    Side,
    StateReason,
    VenueState,
)
from core.domain.errors import DecodeError, VenueError
from core.domain.events import EventRow
from core.domain.ids import RunId, client_order_id
from core.domain.instrument import Instrument
from core.domain.redaction import forms_of, redact
from core.venues.common.fees import Fees
from core.venues.common.grid import Grid, money_nanos
from core.venues.common.ladder import Ladder
from core.venues.common.private_session import PrivateSession
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import Frame, decode_server, encode
from core.venues.wsx.ledger import Ledger, News

VENUE = "practice"

_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_SIDE_TEXTS: dict[int, wire.SideText] = {1: "buy", -1: "sell"}
_STATUSES = {
    "open": OrderStatus.OPEN,
    "filled": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "expired": OrderStatus.EXPIRED,
    "rejected": OrderStatus.REJECTED,
}
_LIQUIDITY = {"maker": LiquiditySide.MAKER, "taker": LiquiditySide.TAKER}
_REASONS = {reason.name: reason for reason in RejectReason}
_MAX_NUMBER_DIGITS = 18

MISSED_HEARTBEATS = 3
"""Silence of so many heartbeats is a dead connection."""

MIN_SECRET_CHARS = 12
"""A key of fewer characters is not taken out of what the exchange says."""


@dataclass(slots=True)
class _Market:
    """One instrument of ours as this connection knows it."""

    index: int
    grid: Grid
    bids: Ladder = field(default_factory=lambda: Ladder(is_bid=True))
    asks: Ladder = field(default_factory=lambda: Ladder(is_bid=False))
    seq: int | None = None
    """Last message applied; None while a snapshot is awaited."""

    @property
    def symbol(self) -> str:
        return self.grid.instrument.symbol

    def drop_book(self, exch_ts_ns: int) -> EventRow:
        self.seq = None
        self.bids.clear()
        self.asks.clear()
        return events.book(self.index, (), (), exch_ts_ns)


class WsxSession(PrivateSession):
    """
    Turn the exchange's bytes into events, and say which bytes to send back.

    Orders of this run are known by their number. Any other order of the account, of an
    earlier run or another program, gets minus the exchange's order id: the same number in
    every session, by which it can be canceled.
    """

    def __init__(
        self,
        *,
        api_key: str,
        run_id: RunId,
        instruments: Sequence[Instrument],
        executions_after: int | None = None,
        lease: int = 0,
        cancel_on_disconnect: bool = False,
        dead_man_s: float = 0.0,
        fee_rates: Mapping[str, Decimal] | None = None,
    ) -> None:
        """Set up a session that has not connected; see `WsxVenue` for the arguments."""
        # A shorter one is a word, such as the practice exchange's, and stands in sentences.
        super().__init__(forms_of(api_key) if len(api_key) >= MIN_SECRET_CHARS else ())
        self._api_key = api_key
        self._lease = lease
        self._cancel_on_disconnect = cancel_on_disconnect
        self._dead_man_ms = round(dead_man_s * 1e3)
        self._fees = Fees(fee_rates)
        self._prefix = client_order_id(run_id, 0)[:-1]
        self._markets = [_Market(index, Grid(item)) for index, item in enumerate(instruments)]
        self._by_symbol = {market.symbol: market for market in self._markets}
        self._ledger = Ledger(executions_after)
        self._tells_time_of_day = True
        self._outbox: list[bytes] = []
        self._handlers: dict[type, Callable[[Any], list[EventRow]]] = {
            wire.Delta: self._on_delta,
            wire.PublicTrade: self._on_trade,
            wire.Execution: self._on_execution,
            wire.OrderReport: self._on_order,
            wire.Heartbeat: self._on_heartbeat,
            wire.Snapshot: self._on_snapshot,
            wire.Welcome: self._on_welcome,
            wire.AccountState: self._on_account,
            wire.ErrorMessage: self._on_error,
            wire.Pong: self._on_pong,
        }
        self.heartbeat_s = 1.0
        self.unwelcome_heartbeats = 0
        """Heartbeats of this connection that came although the login was not answered."""
        self._duplicates = 0

    @property
    def duplicates(self) -> int:
        """Messages that came again."""
        return self._duplicates

    def connected(self) -> list[EventRow]:
        """Start a connection: the login and the subscription are in the outbox."""
        self._ledger.connect()
        self.unwelcome_heartbeats = 0
        login = wire.Login(
            api_key=self._api_key,
            executions_after=self._ledger.last_trade_id,
            cancel_on_disconnect=self._cancel_on_disconnect,
            lease=self._lease,
        )
        self._outbox = [
            encode(login),
            encode(wire.Subscribe(symbols=[market.symbol for market in self._markets])),
        ]
        return []

    def forget(self) -> list[EventRow]:
        """Drop every book, and what was not sent."""
        self._outbox = []
        return [market.drop_book(0) for market in self._markets if market.seq is not None]

    def receive_data(self, data: Frame) -> list[EventRow]:
        """
        Read one frame.

        Bad messages are counted and dropped, together with the book they were about.

        Raises:
            VenueError: If the exchange refuses the login, or its products are not ours.
        """
        self.messages += 1
        try:
            message = decode_server(data)
            return self._handlers[type(message)](message)
        except DecodeError as error:
            self.refuse(str(error))
            return []
        except VenueError as error:
            # Without its cause: that repeats what was received.
            raise VenueError(VENUE, redact(error.reason, self._secrets)) from None

    def data_to_send(self) -> list[bytes]:
        """Take what must be written to the socket now."""
        outbox, self._outbox = self._outbox, []
        return outbox

    def complaint(self, silence_s: float) -> str:
        """Why this connection is of no use any more; see `PrivateSession`."""
        if silence_s >= MISSED_HEARTBEATS * self.heartbeat_s:
            return f"silent for {silence_s:.1f} s"
        if self.unwelcome_heartbeats >= MISSED_HEARTBEATS:
            return "alive, but the login was never answered"
        return ""

    def place(
        self, instrument: int, order_id: int, side: int, price_ticks: int, lots: int, flags: int
    ) -> tuple[()]:
        """Ask for an order. `flags`: POST_ONLY, IOC and MARKET of `core.domain.events`."""
        grid = self._markets[instrument].grid
        self._outbox.append(
            encode(
                wire.Place(
                    client_order_id=f"{self._prefix}{order_id}",
                    symbol=grid.instrument.symbol,
                    side=_SIDE_TEXTS[side],
                    price=grid.price(price_ticks),
                    quantity=grid.quantity(lots),
                    tif="IOC" if flags & events.IOC else "GTC",
                    post_only=bool(flags & events.POST_ONLY),
                    kind="market" if flags & events.MARKET else "limit",
                )
            )
        )
        return ()

    def cancel(self, instrument: int, order_id: int) -> tuple[()]:
        """Ask to cancel an order of ours, or with a negative number somebody else's."""
        symbol = self._markets[instrument].symbol
        if order_id < 0:
            request = wire.Cancel(order_id=-order_id, symbol=symbol)
        else:
            request = wire.Cancel(client_order_id=f"{self._prefix}{order_id}", symbol=symbol)
        self._outbox.append(encode(request))
        return ()

    def replace(self, instrument: int, order_id: int, price_ticks: int, lots: int) -> tuple[()]:
        """Ask for a new price and size; see `PrivateSession.replace`."""
        grid = self._markets[instrument].grid
        is_ours = order_id >= 0
        self._outbox.append(
            encode(
                wire.Replace(
                    client_order_id=f"{self._prefix}{order_id}" if is_ours else None,
                    order_id=None if is_ours else -order_id,
                    price=grid.price(price_ticks),
                    quantity=grid.quantity(lots),
                    symbol=grid.instrument.symbol,
                )
            )
        )
        return ()

    def cancel_everything(self) -> tuple[()]:
        """Ask to cancel every order of the account, whoever placed it."""
        self._outbox.append(encode(wire.CancelAll()))
        return ()

    def query(self, instrument: int, order_id: int) -> tuple[()]:
        """Ask what became of an order, numbered as in `cancel`."""
        symbol = self._markets[instrument].symbol
        if order_id < 0:
            request = wire.OrderRequest(order_id=-order_id, symbol=symbol)
        else:
            request = wire.OrderRequest(client_order_id=f"{self._prefix}{order_id}", symbol=symbol)
        self._outbox.append(encode(request))
        return ()

    def reconcile(self) -> list[EventRow]:
        """Ask for the whole account again; see `PrivateSession.reconcile`."""
        if self.state < VenueState.CONNECTED:
            return []
        self.state = VenueState.CONNECTED
        self._request_state(is_first=True)
        return [events.venue_state(VenueState.CONNECTED)]

    def keep_alive(self) -> bool:
        """Feed the dead-man timer. False where there is none, or nobody to feed it."""
        if self._dead_man_ms == 0 or self.state < VenueState.CONNECTED:
            return False
        self._outbox.append(encode(wire.CancelAllAfter(timeout_ms=self._dead_man_ms)))
        return True

    def _request_state(self, *, is_first: bool) -> None:
        nonce = self._ledger.ask(is_first=is_first)
        after = self._ledger.last_trade_id
        self._outbox.append(encode(wire.StateRequest(executions_after=after, nonce=nonce)))

    def _exch_ts_ns(self, ts_ns: int) -> int:
        """Time of day at the exchange; 0 where its clock runs at another speed."""
        return ts_ns if self._tells_time_of_day else 0

    def _on_delta(self, message: wire.Delta) -> list[EventRow]:
        market = self._market(message.symbol)
        if market.seq is None:
            return []
        if message.seq <= market.seq:
            self._duplicates += 1
            return []
        if message.seq != market.seq + 1:
            return self._gap(market, market.seq + 1, message.seq, message.ts_ns)
        grid, bids, asks = market.grid, market.bids, market.asks
        try:
            for side, price, quantity in message.changes:
                ladder = bids if side == "buy" else asks
                ladder.set(grid.ticks(price), grid.lots(quantity))
        except DecodeError as error:
            return self._distrust(market, str(error), message.ts_ns)
        market.seq = message.seq
        return self._believe(market, message.ts_ns)

    def _on_snapshot(self, message: wire.Snapshot) -> list[EventRow]:
        market = self._market(message.symbol)
        if market.seq is not None and message.seq < market.seq:
            self._duplicates += 1
            return []
        grid = market.grid
        try:
            market.bids.reset((grid.ticks(p), grid.lots(q)) for p, q in message.bids)
            market.asks.reset((grid.ticks(p), grid.lots(q)) for p, q in message.asks)
        except DecodeError as error:
            return self._distrust(market, str(error), message.ts_ns)
        market.seq = message.seq
        return self._believe(market, message.ts_ns)

    def _believe(self, market: _Market, ts_ns: int) -> list[EventRow]:
        bid, ask = market.bids.best(), market.asks.best()
        if bid >= ask > 0:
            return self._distrust(market, f"{market.symbol}: bid {bid} not below ask {ask}", ts_ns)
        exch_ts_ns = self._exch_ts_ns(ts_ns)
        return [events.book(market.index, market.bids.top(), market.asks.top(), exch_ts_ns)]

    def _distrust(self, market: _Market, reason: str, ts_ns: int) -> list[EventRow]:
        # The next heartbeat asks for a new snapshot: an exchange that keeps sending
        # nonsense is then asked once a second, not as fast as it answers.
        self.refuse(reason)
        return [market.drop_book(self._exch_ts_ns(ts_ns))]

    def _gap(
        self, market: _Market, expected_seq: int, received_seq: int, ts_ns: int
    ) -> list[EventRow]:
        self.gaps += 1
        self.fail(f"{market.symbol}: expected message {expected_seq}, got {received_seq}")
        self._outbox.append(encode(wire.Resync(symbol=market.symbol)))
        return [market.drop_book(self._exch_ts_ns(ts_ns))]

    def _on_heartbeat(self, message: wire.Heartbeat) -> list[EventRow]:
        rows: list[EventRow] = []
        if self.state < VenueState.CONNECTED:
            self.unwelcome_heartbeats += 1
        elif self.state is VenueState.CONNECTED:
            self._request_state(is_first=False)
        elif self._ledger.is_behind(message.account_seq):
            rows += self._lost(message.account_seq)
        for market in self._markets:
            last_seq = message.seq.get(market.symbol)
            if market.seq is None:
                self._outbox.append(encode(wire.Resync(symbol=market.symbol)))
            elif last_seq is not None and last_seq > market.seq:
                rows += self._gap(market, market.seq + 1, last_seq, message.ts_ns)
        return rows

    def _on_trade(self, message: wire.PublicTrade) -> list[EventRow]:
        market = self._market(message.symbol)
        ticks, lots = _size(market.grid, message.price, message.quantity)
        exch_ts_ns = self._exch_ts_ns(message.ts_ns)
        return [events.trade(market.index, ticks, lots, _SIDES[message.aggressor], exch_ts_ns)]

    def _lost(self, seq: int) -> list[EventRow]:
        """Go back to where the account is not known, because messages about it are missing."""
        self.gaps += 1
        self.fail(f"messages of the account before {seq} are missing")
        return self.reconcile()

    def _judge(self, seq: int) -> tuple[bool, list[EventRow]]:
        """Say whether a private message is to be used, and what has to come before it."""
        news = self._ledger.place(seq)
        if self.state is not VenueState.SYNCED:
            return True, []
        if news is News.OLD:
            self._duplicates += 1
            return False, []
        return True, self._lost(seq) if news is News.AHEAD else []

    def _on_execution(self, message: wire.Execution) -> list[EventRow]:
        market = self._by_symbol.get(message.symbol)
        if market is None:
            return self._on_foreign(message)
        ticks, lots = _size(market.grid, message.price, message.quantity)
        leaves_lots = market.grid.lots(message.leaves)
        fee_nanos = self._fees.nanos(message.fee, message.fee_asset)
        is_news, rows = self._judge(message.account_seq)
        if not is_news or not self._is_new_trade(message):
            return rows
        if fee_nanos is None:
            self.fail(f"a fee in {message.fee_asset} has no rate in venue.fee_rates")
        row = events.fill(
            market.index,
            self._number(message.client_order_id, message.order_id),
            message.trade_id,
            _SIDES[message.side],
            ticks,
            lots,
            leaves_lots=leaves_lots,
            fee_nanos=fee_nanos or 0,
            liquidity=_LIQUIDITY[message.liquidity],
            exch_ts_ns=self._exch_ts_ns(message.ts_ns),
            flags=events.UNPRICED_FEE if fee_nanos is None else 0,
        )
        return [*rows, row]

    def _is_new_trade(self, message: wire.Execution) -> bool:
        """Book an execution; one that is booked already is counted as a duplicate."""
        is_repeated = message.account_seq == 0
        is_new = self._ledger.book(
            message.trade_id,
            is_repeated=is_repeated,
            # A repetition says nothing of what was told before it.
            is_whole=self.state is VenueState.SYNCED and not is_repeated,
        )
        self._duplicates += not is_new
        return is_new

    def _on_foreign(self, message: wire.Execution | wire.OrderReport) -> list[EventRow]:
        """Count what the account does in products that are not ours: it would look lost."""
        if self._number(message.client_order_id, message.order_id) > 0:
            raise DecodeError(VENUE, f"our order is said to be of {message.symbol!r}")
        is_news, rows = self._judge(message.account_seq)
        if is_news and isinstance(message, wire.Execution):
            self._is_new_trade(message)
        return rows

    def _on_order(self, message: wire.OrderReport) -> list[EventRow]:
        market = self._by_symbol.get(message.symbol)
        if market is None:
            return self._on_foreign(message)
        ticks = lots = leaves_lots = 0
        # A refusal repeats what was asked for, which need not be on any grid.
        if message.status != "rejected" and message.reason != RejectReason.UNKNOWN_ORDER.name:
            ticks, lots = _size(market.grid, message.price, message.quantity)
            leaves_lots = _leaves(market.grid, message.leaves, lots, message.status)
        is_news, rows = self._judge(message.account_seq)
        if not is_news:
            return []
        return [
            *rows,
            events.order_report(
                market.index,
                self._number(message.client_order_id, message.order_id),
                _STATUSES[message.status],
                side=_SIDES[message.side],
                price_ticks=ticks,
                lots=lots,
                leaves_lots=leaves_lots,
                reason=_REASONS.get(message.reason, RejectReason.OTHER),
                exch_ts_ns=self._exch_ts_ns(message.ts_ns),
            ),
        ]

    def _on_welcome(self, message: wire.Welcome) -> list[EventRow]:
        theirs = {product.symbol: product for product in message.products}
        for market in self._markets:
            _check_product(market.grid.instrument, theirs.get(market.symbol))
        if not math.isfinite(message.speed) or message.speed <= 0:
            raise DecodeError(VENUE, f"speed {message.speed} is no speed")
        self._tells_time_of_day = message.speed == 1.0
        self.exchange_session = message.session
        self.heartbeat_s = message.heartbeat_s
        self.state = VenueState.CONNECTED
        return [events.venue_state(VenueState.CONNECTED)]

    def _on_account(self, message: wire.AccountState) -> list[EventRow]:
        # Whatever becomes of it, what was repeated for it is not for the next one.
        heard = self._ledger.end_repetition()
        is_answer = self._ledger.is_answer(message.nonce)
        if self.state is not VenueState.CONNECTED or not is_answer:
            # A repetition, or asked for earlier: it may be older than what has been told since.
            self._duplicates += 1
            return []
        held = _held(message)
        rows: list[EventRow] = []
        foreign_orders = 0
        for order in message.orders:
            market = self._by_symbol.get(order.symbol)
            if market is None:
                foreign_orders += 1
            else:
                rows.append(self._open_order(market, order, message.ts_ns))
        for market in self._markets:
            if market.symbol not in held:
                raise DecodeError(VENUE, f"does not say what the account holds of {market.symbol}")
            lots = market.grid.signed_lots(held.pop(market.symbol))
            exch_ts_ns = self._exch_ts_ns(message.ts_ns)
            rows.append(events.position_report(market.index, lots, exch_ts_ns))
        foreign_positions = sum(money_nanos(quantity) != 0 for quantity in held.values())
        complaint = self._ledger.settle(
            message.account_seq, message.last_trade_id, heard=heard, repeated=message.repeated
        )
        if complaint:
            raise DecodeError(VENUE, f"the account's state cannot be used: {complaint}")
        self.state = VenueState.SYNCED
        synced = events.venue_state(
            VenueState.SYNCED, foreign_orders=foreign_orders, foreign_positions=foreign_positions
        )
        return [*rows, synced]

    def _open_order(self, market: _Market, order: wire.OpenOrder, ts_ns: int) -> EventRow:
        ticks, lots = _size(market.grid, order.price, order.quantity)
        return events.order_report(
            market.index,
            self._number(order.client_order_id, order.order_id),
            OrderStatus.OPEN,
            side=_SIDES[order.side],
            price_ticks=ticks,
            lots=lots,
            leaves_lots=_leaves(market.grid, order.leaves, lots, "open"),
            exch_ts_ns=self._exch_ts_ns(ts_ns),
            flags=events.ACCOUNT_STATE,
        )

    def _on_error(self, message: wire.ErrorMessage) -> list[EventRow]:
        if self.state is not VenueState.SYNCED and message.code == "LOGIN_REFUSED":
            raise VenueError(VENUE, f"login refused: {message.text}")
        self.refuse(f"exchange says {message.code}: {message.text}")
        if message.code == "FENCED":
            return [events.command(CommandKind.HALT, key=StateReason.LEASE_LOST)]
        return []

    def _on_pong(self, message: wire.Pong) -> list[EventRow]:
        del message
        return []

    def _market(self, symbol: str) -> _Market:
        market = self._by_symbol.get(symbol)
        if market is None:
            raise DecodeError(VENUE, f"message about {symbol!r}, which was not asked for")
        return market

    def _number(self, client_text: str, order_id: int) -> int:
        """Kernel number of an order: ours by its text, anybody else's by minus its id."""
        if client_text.startswith(self._prefix):
            digits = client_text[len(self._prefix) :]
            if digits.isascii() and digits.isdigit() and len(digits) <= _MAX_NUMBER_DIGITS:
                return int(digits)
        return -order_id


def _held(message: wire.AccountState) -> dict[str, str]:
    """Positions by symbol; one that is told twice is not told."""
    held = {entry.symbol: entry.quantity for entry in message.positions}
    if len(held) < len(message.positions):
        raise DecodeError(VENUE, "tells the position of a product twice")
    if len({order.order_id for order in message.orders}) < len(message.orders):
        raise DecodeError(VENUE, "tells an open order twice")
    return held


def _size(grid: Grid, price: str, quantity: str) -> tuple[int, int]:
    lots = grid.lots(quantity)
    if lots == 0:
        raise DecodeError(grid.instrument.symbol, "quantity 0 where there must be some")
    return grid.ticks(price), lots


def _leaves(grid: Grid, text: str, lots: int, status: wire.StatusText) -> int:
    leaves_lots = grid.lots(text)
    least_lots = 1 if status == "open" else 0
    if not least_lots <= leaves_lots <= lots:
        raise DecodeError(
            grid.instrument.symbol, f"leaves {leaves_lots} of {lots} lots of an order {status}"
        )
    return leaves_lots


def _check_product(ours: Instrument, theirs: wire.Product | None) -> None:
    if theirs is None:
        raise VenueError(VENUE, f"does not trade {ours.symbol}")
    for name in ("tick_size", "lot_size", "multiplier"):
        expected, received = getattr(ours, name), getattr(theirs, name)
        if money_nanos(received) != expected * 1_000_000_000:
            raise VenueError(
                VENUE, f"{ours.symbol} has {name} {received} there and {expected} in our settings"
            )
