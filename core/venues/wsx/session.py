"""
The practice exchange's protocol from a client's side: bytes in, events and bytes out.

No socket and no clock. The client calls `connected`, `receive_data` and `disconnected`,
hands the rows on, and writes what `data_to_send` returns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.domain import events
from core.domain.enums import LiquiditySide, OrderStatus, RejectReason, Side, VenueState
from core.domain.errors import DecodeError, VenueError
from core.domain.events import EventRow
from core.domain.ids import RunId, client_order_id
from core.domain.instrument import Instrument
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import Frame, decode_server, encode
from core.venues.wsx.grid import Grid, money_nanos
from core.venues.wsx.ladder import Ladder

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


class WsxSession:
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
    ) -> None:
        """Set up a session that has not connected; see `WsxVenue` for the arguments."""
        self._api_key = api_key
        self._lease = lease
        self._cancel_on_disconnect = cancel_on_disconnect
        self._prefix = client_order_id(run_id, 0)[:-1]
        self._markets = [_Market(index, Grid(item)) for index, item in enumerate(instruments)]
        self._by_symbol = {market.symbol: market for market in self._markets}
        self._last_trade_id = executions_after
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
        self.state = VenueState.DOWN
        self.exchange_session = ""
        self.heartbeat_s = 1.0
        self.messages = 0
        self.gaps = 0
        self.duplicates = 0
        self.refused = 0
        self.last_error = ""

    def connected(self) -> list[EventRow]:
        """Start a connection: the login and the subscription are in the outbox."""
        self._outbox = [
            encode(
                wire.Login(
                    api_key=self._api_key,
                    executions_after=self._last_trade_id,
                    cancel_on_disconnect=self._cancel_on_disconnect,
                    lease=self._lease,
                )
            ),
            encode(wire.Subscribe(symbols=[market.symbol for market in self._markets])),
        ]
        return []

    def disconnected(self) -> list[EventRow]:
        """End a connection: every book is gone, and what was not sent is forgotten."""
        was_down = self.state is VenueState.DOWN
        self.state = VenueState.DOWN
        self._outbox = []
        rows = [market.drop_book(0) for market in self._markets if market.seq is not None]
        return rows if was_down else [*rows, events.venue_state(VenueState.DOWN)]

    def connecting(self) -> list[EventRow]:
        """Announce an attempt to connect."""
        self.state = VenueState.CONNECTING
        return [events.venue_state(VenueState.CONNECTING)]

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

    def data_to_send(self) -> list[bytes]:
        """Take what must be written to the socket now."""
        outbox, self._outbox = self._outbox, []
        return outbox

    def refuse(self, reason: str) -> None:
        """Count something that could not be understood or believed."""
        self.refused += 1
        self.last_error = reason

    def place(
        self, instrument: int, order_id: int, side: int, price_ticks: int, lots: int, flags: int
    ) -> None:
        """Ask for an order. `flags`: POST_ONLY and IOC of `core.domain.events`."""
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
                )
            )
        )

    def cancel(self, instrument: int, order_id: int) -> None:
        """Ask to cancel an order of ours, or with a negative number somebody else's."""
        symbol = self._markets[instrument].symbol
        if order_id < 0:
            request = wire.Cancel(order_id=-order_id, symbol=symbol)
        else:
            request = wire.Cancel(client_order_id=f"{self._prefix}{order_id}", symbol=symbol)
        self._outbox.append(encode(request))

    def replace(self, instrument: int, order_id: int, price_ticks: int, lots: int) -> None:
        """Ask for a new price and a new size of the whole order, executed part included."""
        grid = self._markets[instrument].grid
        self._outbox.append(
            encode(
                wire.Replace(
                    client_order_id=f"{self._prefix}{order_id}",
                    price=grid.price(price_ticks),
                    quantity=grid.quantity(lots),
                    symbol=grid.instrument.symbol,
                )
            )
        )

    def _on_delta(self, message: wire.Delta) -> list[EventRow]:
        market = self._market(message.symbol)
        if market.seq is None:
            return []
        if message.seq <= market.seq:
            self.duplicates += 1
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
            self.duplicates += 1
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
        return [events.book(market.index, market.bids.top(), market.asks.top(), ts_ns)]

    def _distrust(self, market: _Market, reason: str, ts_ns: int) -> list[EventRow]:
        # The next heartbeat asks for a new snapshot: an exchange that keeps sending
        # nonsense is then asked once a second, not as fast as it answers.
        self.refuse(reason)
        return [market.drop_book(ts_ns)]

    def _gap(
        self, market: _Market, expected_seq: int, received_seq: int, ts_ns: int
    ) -> list[EventRow]:
        self.gaps += 1
        self.last_error = f"{market.symbol}: expected message {expected_seq}, got {received_seq}"
        self._outbox.append(encode(wire.Resync(symbol=market.symbol)))
        return [market.drop_book(ts_ns)]

    def _on_heartbeat(self, message: wire.Heartbeat) -> list[EventRow]:
        if self.state is VenueState.CONNECTED:
            self._outbox.append(encode(wire.StateRequest()))
        rows: list[EventRow] = []
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
        return [events.trade(market.index, ticks, lots, _SIDES[message.aggressor], message.ts_ns)]

    def _on_execution(self, message: wire.Execution) -> list[EventRow]:
        market = self._market(message.symbol)
        ticks, lots = _size(market.grid, message.price, message.quantity)
        row = events.fill(
            market.index,
            self._number(message.client_order_id, message.order_id),
            message.trade_id,
            _SIDES[message.side],
            ticks,
            lots,
            leaves_lots=market.grid.lots(message.leaves),
            fee_nanos=money_nanos(message.fee),
            liquidity=_LIQUIDITY[message.liquidity],
            exch_ts_ns=message.ts_ns,
        )
        self._last_trade_id = max(self._last_trade_id or 0, message.trade_id)
        return [row]

    def _on_order(self, message: wire.OrderReport) -> list[EventRow]:
        market = self._market(message.symbol)
        ticks = lots = leaves_lots = 0
        # A refusal repeats what was asked for, which need not be on any grid.
        if message.status != "rejected" and message.reason != RejectReason.UNKNOWN_ORDER.name:
            ticks, lots = _size(market.grid, message.price, message.quantity)
            leaves_lots = market.grid.lots(message.leaves)
        return [
            events.order_report(
                market.index,
                self._number(message.client_order_id, message.order_id),
                _STATUSES[message.status],
                side=_SIDES[message.side],
                price_ticks=ticks,
                lots=lots,
                leaves_lots=leaves_lots,
                reason=_REASONS.get(message.reason, RejectReason.OTHER),
                exch_ts_ns=message.ts_ns,
            )
        ]

    def _on_welcome(self, message: wire.Welcome) -> list[EventRow]:
        theirs = {product.symbol: product for product in message.products}
        for market in self._markets:
            _check_product(market.grid.instrument, theirs.get(market.symbol))
        self.exchange_session = message.session
        self.heartbeat_s = message.heartbeat_s
        self.state = VenueState.CONNECTED
        return [events.venue_state(VenueState.CONNECTED)]

    def _on_account(self, message: wire.AccountState) -> list[EventRow]:
        held = {entry.symbol: entry.quantity for entry in message.positions}
        rows: list[EventRow] = []
        for order in message.orders:
            market = self._by_symbol.get(order.symbol)
            if market is not None:
                rows.append(self._open_order(market, order, message.ts_ns))
        for market in self._markets:
            lots = market.grid.signed_lots(held.get(market.symbol, "0"))
            rows.append(events.position_report(market.index, lots, message.ts_ns))
        self._last_trade_id = max(self._last_trade_id or 0, message.last_trade_id)
        self.state = VenueState.SYNCED
        return [*rows, events.venue_state(VenueState.SYNCED)]

    def _open_order(self, market: _Market, order: wire.OpenOrder, ts_ns: int) -> EventRow:
        ticks, lots = _size(market.grid, order.price, order.quantity)
        return events.order_report(
            market.index,
            self._number(order.client_order_id, order.order_id),
            OrderStatus.OPEN,
            side=_SIDES[order.side],
            price_ticks=ticks,
            lots=lots,
            leaves_lots=market.grid.lots(order.leaves),
            exch_ts_ns=ts_ns,
        )

    def _on_error(self, message: wire.ErrorMessage) -> list[EventRow]:
        if self.state is not VenueState.SYNCED and message.code == "LOGIN_REFUSED":
            raise VenueError(VENUE, f"login refused: {message.text}")
        self.refuse(f"exchange says {message.code}: {message.text}")
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


def _size(grid: Grid, price: str, quantity: str) -> tuple[int, int]:
    lots = grid.lots(quantity)
    if lots == 0:
        raise DecodeError(grid.instrument.symbol, "quantity 0 where there must be some")
    return grid.ticks(price), lots


def _check_product(ours: Instrument, theirs: wire.Product | None) -> None:
    if theirs is None:
        raise VenueError(VENUE, f"does not trade {ours.symbol}")
    for name in ("tick_size", "lot_size", "multiplier"):
        expected, received = getattr(ours, name), getattr(theirs, name)
        if money_nanos(received) != expected * 1_000_000_000:
            raise VenueError(
                VENUE, f"{ours.symbol} has {name} {received} there and {expected} in our settings"
            )
