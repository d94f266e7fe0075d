"""
CMI from a client's side: requests out as values, answers and stream events in, events out.

No socket and no clock: whoever has both calls `take_request` with the time, sends what it
gets, calls `on_answer` or `on_lost`, and hands `take_events` on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from http import HTTPStatus

from core.domain import events
from core.domain.enums import RejectReason, VenueState
from core.domain.errors import DecodeError, VenueError
from core.domain.events import EventRow
from core.domain.instrument import Instrument
from core.domain.redaction import forms_of, redact
from core.domain.refusals import refusals
from core.venues.cmi import codec
from core.venues.cmi.account import AccountReader
from core.venues.cmi.desk import OrderDesk
from core.venues.cmi.fills import FillKey, FillLedger, OwnFill, make_fill
from core.venues.cmi.market import Market
from core.venues.cmi.messages import Credentials, TradeRow
from core.venues.cmi.requests import Answer, Budget, Kind, Request, Urgency
from core.venues.cmi.watch import Watch
from core.venues.common.clock import VenueClock
from core.venues.common.grid import Grid

VENUE = "cmi"
MAX_LOST = 3
"""Requests without an answer, in a row: then there is no connection."""

_BAD_LOGIN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_PAST_NS = 60_000_000_000
"""Trades are read from so long before the first answer where there is no earlier run."""

_GONE = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

_NO_LEVELS = _GONE | {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
"""Answers of an exchange that does not cancel by product and price."""


class CmiSession:
    """
    One account on one CMI exchange.

    Args:
        username: Of the login; executions name us by it.
        password: Of the login. Never repeated in anything that the session says.
        instruments: In the order of the kernel's indexes.
        executions_after: Number of the last execution in the books of an earlier run.
        requests_per_s: That all requests together may not exceed.
    """

    def __init__(
        self,
        *,
        username: str,
        password: str,
        instruments: Sequence[Instrument],
        executions_after: int | None = None,
        requests_per_s: float = 1.0,
    ) -> None:
        self._credentials = Credentials(username, password)
        self._secrets = forms_of(password) if len(password) >= 4 else ()
        self._token = ""
        self._rows: list[EventRow] = []
        self._markets = [Market(index, Grid(item)) for index, item in enumerate(instruments)]
        self._by_symbol = {market.symbol: market for market in self._markets}
        self._grids = {market.symbol: market.grid for market in self._markets}
        self.budget = Budget(requests_per_s)
        self.desk = OrderDesk(self._markets, self.budget, self._rows.append)
        self._ledger = FillLedger(executions_after)
        self._reader = AccountReader(self._markets, self.desk, self._ledger, self.budget)
        self.watch = Watch(self._markets, self.budget)
        self.clock = VenueClock()
        self._newest = Answer(0, b"")
        self._lost = 0
        self._wants_all_canceled = False
        self._has_checked_products = False
        self._is_logging_in = False
        self.state = VenueState.DOWN
        self.exchange_session = ""
        self.is_broken = False
        """The connection is of no use any more: drop it, and connect again."""
        self.messages = 0
        self.refused = 0
        self.unsent = 0
        self._last_error = ""
        self._answers: dict[Kind, Callable[[Request, bytes, float], None]] = {
            Kind.STATUS: self._on_status,
            Kind.PRODUCTS: self._on_products,
            Kind.ORDERS: self._on_orders,
            Kind.TRADES: self._on_trades,
            Kind.POSITIONS: self._on_positions,
            Kind.BOOK: self._on_polled_book,
            Kind.PLACE: self._on_placed,
            Kind.CANCEL: self._on_canceled,
        }

    @property
    def last_error(self) -> str:
        """What went wrong last, empty for nothing. Holds neither password nor token."""
        return self._last_error

    @last_error.setter
    def last_error(self, reason: str) -> None:
        token = forms_of(self._token.removeprefix("Bearer ")) if self._token else ()
        self._last_error = redact(reason, (*self._secrets, *token))

    @property
    def duplicates(self) -> int:
        """Executions that were told again."""
        return self._ledger.duplicates

    @property
    def authorization(self) -> str:
        """Value of the header that every request but the login carries."""
        return self._token

    @property
    def has_cancels(self) -> bool:
        """Whether cancels wait for their turn or their answer."""
        return self.state >= VenueState.CONNECTED and self.desk.has_cancels

    def take_events(self) -> list[EventRow]:
        """Take what has happened, in order."""
        rows = self._rows[:]
        self._rows.clear()
        return rows

    # Connections

    def connecting(self) -> None:
        """Announce an attempt to connect, and ask for what comes first."""
        self.state = VenueState.CONNECTING
        self.is_broken = False
        self._lost = 0
        self._rows.append(events.venue_state(VenueState.CONNECTING))
        if self._token:
            self._ask(Kind.STATUS, Urgency.ASK, "/status")
        else:
            self._log_in()

    def disconnected(self, now_s: float) -> None:
        """End a connection: every book is gone, and what was not sent is forgotten."""
        was_down = self.state is VenueState.DOWN
        self.state = VenueState.DOWN
        self._is_logging_in = False
        self._wants_all_canceled = False
        self.unsent += sum(r.kind is Kind.CANCEL for r in self.budget.drop(lambda _: True))
        self.unsent += self.desk.lose_connection(now_s)
        self._reader.stop()
        self.watch.stop()
        for market in self._markets:
            market.held_lots = None
            if market.depth is not None:
                market.depth = None
                self._rows.append(events.book(market.index, (), ()))
        if not was_down:
            self._rows.append(events.venue_state(VenueState.DOWN))

    def stream_opened(self, now_s: float) -> None:
        """The stream is there: its books are live. Now the account is read."""
        self.watch.stream_opened(now_s)
        self._served()
        if self.state is VenueState.CONNECTED:
            self._read_account(now_s)

    def stream_refused(self, status: int, message: str, now_s: float) -> None:
        """Take in that there is no stream; after some tries the books are polled instead."""
        if status in _BAD_LOGIN:
            self._token = ""
            self.is_broken = True
            return
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self._back_off(now_s)
        self.last_error = f"no stream ({status or 'no answer'}): {message}"
        if self.watch.stream_refused(now_s):
            self.last_error = f"{self.last_error}; the books are polled"
            if self.state is VenueState.CONNECTED:
                self._read_account(now_s)
        elif not self.watch.is_polling:
            self.is_broken = True

    def stream_ended(self, *, is_orderly: bool, now_s: float) -> None:
        """Take in that the stream is over: that ends the connection, so that nothing is missed."""
        self.is_broken = True
        self.last_error = self.watch.stream_ended(is_orderly=is_orderly, now_s=now_s)

    def on_event(self, name: str, data: bytes, now_s: float) -> None:
        """Take in one event of the stream. What cannot be read is counted and dropped."""
        self.messages += 1
        self.watch.heard(now_s)
        try:
            if name == "order":
                self._show(codec.decode_stream_book(data, self._grids))
            elif name == "trade":
                self._hear_fills(self._own_fills(codec.decode_trades(data)), is_whole=False)
        except DecodeError as error:
            self.refuse(str(error))

    def tick(self, now_s: float) -> None:
        """Let time pass: waits that are too long, checks and polls that are due."""
        if self.state < VenueState.CONNECTED:
            return
        self.desk.tick(now_s)
        if self.state is VenueState.SYNCED:
            self._look(now_s)
            self.watch.tick(now_s, self._ledger.newest_ns)

    def refuse(self, reason: str) -> None:
        """Count something that could not be understood or believed."""
        self.refused += 1
        self.last_error = reason

    # What the kernel wants

    def reconcile(self, now_s: float) -> None:
        """Read the whole account again."""
        if self.state >= VenueState.CONNECTED:
            self.state = VenueState.CONNECTED
            self._rows.append(events.venue_state(VenueState.CONNECTED))
            self._read_account(now_s)

    def cancel_everything(self, now_s: float) -> None:
        """Cancel every order of the account: those that are known now, then those that are not."""
        self.desk.cancel_everything(now_s)
        self._wants_all_canceled = True
        self.desk.ask_for_orders(Urgency.CANCEL, now_s)

    # Requests and answers

    def take_request(self, now_s: float) -> Request | None:
        """
        Take the next request that may be sent now.

        Afterwards call `on_answer`, `on_lost` or, for a stream, one of those of streams.
        """
        # Until the new token is there, nothing else would be answered.
        if self._is_logging_in and not self.budget.has(lambda r: r.kind is Kind.LOGIN):
            return None
        while (request := self.budget.take(now_s)) is not None:
            order = request.order
            if request.kind is Kind.CANCEL and not request.others:
                return self.desk.widened(request)
            if request.kind is not Kind.PLACE or order is None or self.desk.may_go(order, now_s):
                return request
            self.budget.refund()
        return None

    def on_answer(self, request: Request, answer: Answer, now_s: float) -> None:
        """
        Take in an answer.

        Args:
            request: What was asked.
            answer: To it.
            now_s: Now.

        Raises:
            VenueError: If the login is refused, or the products are not ours.
        """
        status, data = answer.status, answer.data
        self.messages += 1
        self._lost = 0
        self._newest = answer
        self._reader.began_ns = self._reader.began_ns or max(0, answer.date_ns - _PAST_NS)
        self.watch.answered(now_s)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self._back_off(now_s)
            self._again(request, now_s)
        elif request.kind is Kind.LOGIN:
            self._on_login(answer)
        elif status in _BAD_LOGIN:
            self._again(request, now_s)
            self._log_in()
        elif answer.is_ok:
            self._served()
            self._use(request, data, now_s)
        else:
            self._on_complaint(request, status, codec.complaint_of(data), now_s)

    def on_lost(self, request: Request, reason: str, now_s: float, *, was_sent: bool) -> None:
        """Take in that a request has no answer: if it was sent, it may have been served."""
        self._lost += 1
        self.last_error = f"no answer to {request.said}: {reason}"
        if self._lost >= MAX_LOST or self.state < VenueState.CONNECTED:
            self.is_broken = True
        if was_sent and not request.is_safe and request.order is not None:
            self.desk.on_lost(request.order, now_s)
        elif not self.is_broken:
            self._again(request, now_s)

    def _use(self, request: Request, data: bytes, now_s: float) -> None:
        try:
            self._answers[request.kind](request, data, now_s)
        except DecodeError as error:
            self.refuse(str(error))
            if request.kind is Kind.PLACE and request.order is not None:
                self.desk.on_lost(request.order, now_s)
            elif request.is_of_sync or self.state < VenueState.CONNECTED:
                self.is_broken = True

    def _on_complaint(self, request: Request, status: int, message: str, now_s: float) -> None:
        """Take in an answer that is neither served nor about the login."""
        order = request.order
        is_refused = status < HTTPStatus.INTERNAL_SERVER_ERROR
        self.refuse(f"{request.said}: {status} {message}")
        if request.kind is Kind.PLACE and order is not None:
            if is_refused:
                self.desk.on_refused(order, message)
            else:
                self.desk.on_lost(order, now_s)
        elif request.others:
            self.desk.has_no_levels |= status in _NO_LEVELS
            self.desk.apart(request, now_s)
        elif request.kind is Kind.CANCEL and order is not None:
            if status in _GONE:
                self.desk.on_not_found(order)
            else:
                self._again(request, now_s)
        elif request.kind is Kind.POSITIONS and not is_refused and self._reader.may_be_flat:
            # An empty portfolio is answered with 500.
            self._use(request, b"[]", now_s)
        elif request.is_of_sync or self.state < VenueState.CONNECTED:
            self.is_broken = True

    def _on_login(self, answer: Answer) -> None:
        self._is_logging_in = False
        if answer.is_ok and answer.authorization:
            self._served()
            self._token = answer.authorization
            if self.state is VenueState.CONNECTING:
                self._ask(Kind.STATUS, Urgency.ASK, "/status")
            return
        message = redact(codec.complaint_of(answer.data), self._secrets)
        if answer.is_ok:
            message = "the answer to the login has no header Authorization"
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.last_error = f"login: {answer.status} {message}"
            self.is_broken = True
            return
        again = (
            "the exchange does not know this login any more, so it was reset: sign up again"
            if self._has_checked_products
            else "sign up there, or correct the user and password in the environment"
        )
        raise VenueError(
            VENUE,
            f"login refused for user {self._credentials.username}: {answer.status} {message}; "
            f"{again}",
        )

    def _on_status(self, request: Request, data: bytes, now_s: float) -> None:
        del request
        status = codec.decode_status(data)
        self.exchange_session = status.activeRoundName or ""
        complaint = self.watch.on_status(is_open=status.acceptingOrders)
        if complaint:
            self.last_error = complaint
        if self.state is VenueState.CONNECTING:
            if self._has_checked_products:
                self._logged_in(now_s)
            else:
                self._ask(Kind.PRODUCTS, Urgency.ASK, "/product")

    def _on_products(self, request: Request, data: bytes, now_s: float) -> None:
        del request
        theirs = {product.symbol: product for product in codec.decode_products(data)}
        for market in self._markets:
            ours, product = market.grid.instrument, theirs.get(market.symbol)
            if product is None:
                raise VenueError(VENUE, f"does not trade {ours.symbol}")
            if product.tickSize != ours.tick_size:
                raise VenueError(
                    VENUE,
                    f"{ours.symbol} has tickSize {product.tickSize} there and {ours.tick_size} "
                    "in our settings",
                )
        self._has_checked_products = True
        if self.state is VenueState.CONNECTING:
            self._logged_in(now_s)

    def _logged_in(self, now_s: float) -> None:
        self.state = VenueState.CONNECTED
        self._rows.append(events.venue_state(VenueState.CONNECTED))
        if self.watch.may_stream(now_s):
            self._ask(Kind.STREAM, Urgency.ASK, "/market/stream")
        else:
            self.watch.poll(now_s)
            self._read_account(now_s)

    def _read_account(self, now_s: float) -> None:
        self.desk.is_reading = True
        self._reader.start(now_s)

    def _on_orders(self, request: Request, data: bytes, now_s: float) -> None:
        rows = codec.decode_orders(data)
        self.desk.on_open_orders(rows, request.since_s, now_s)
        if self._wants_all_canceled and not request.is_of_sync:
            self._wants_all_canceled = False
            self.desk.cancel_everything(now_s)
        self._reader.on_orders(request, now_s)

    def _on_trades(self, request: Request, data: bytes, now_s: float) -> None:
        fills = self._own_fills(codec.decode_trades(data))
        self._hear_fills(fills, is_whole=True)
        if self._reader.on_trades(request, now_s):
            self._synced(request.since_s, now_s)
        if not self.desk.is_reading:
            self.desk.settle_lost(request.since_s)

    def _on_positions(self, request: Request, data: bytes, now_s: float) -> None:
        held = self._reader.read_positions(codec.decode_positions(data), self._by_symbol)
        if request.is_of_sync:
            self._reader.on_positions(held, now_s)
        elif self.state is VenueState.SYNCED and self._reader.differs(held):
            self.last_error = "the positions told differ from those counted: reading all again"
            self.reconcile(now_s)

    def _synced(self, asked_s: float, now_s: float) -> None:
        """Tell the whole account: executions, open orders, positions."""
        self.desk.is_reading = False
        self._rows += [self.desk.on_fill(fill) for fill in self._reader.take_fills()]
        self.desk.settle_lost(asked_s)
        self._rows += self.desk.account_rows()
        self._rows += self._reader.position_rows()
        self._ledger.open()
        self.state = VenueState.SYNCED
        self._rows.append(
            events.venue_state(
                VenueState.SYNCED,
                foreign_orders=self.desk.foreign_orders,
                foreign_positions=self._reader.foreign_positions,
            )
        )
        self.desk.withdraw_rests(now_s)

    def _on_polled_book(self, request: Request, data: bytes, now_s: float) -> None:
        del now_s
        depth = codec.decode_rest_book(data, self._grids)
        market = self._by_symbol[request.symbol]
        if depth.symbol != request.symbol:
            raise DecodeError(VENUE, f"the book of {request.symbol} was asked for")
        if self.watch.is_deaf(market, depth):
            self.last_error = (
                "the stream is silent although the market moves: the line is dead, or the login "
                "is used elsewhere"
            )
            self.is_broken = True
        self._show(depth)

    def _on_placed(self, request: Request, data: bytes, now_s: float) -> None:
        assert request.order is not None
        answer = codec.decode_answer(data)
        self._compare_clocks(answer.timestamp)
        self.desk.on_placed(request.order, answer, now_s)

    def _compare_clocks(self, timestamp: str | None) -> None:
        """An order is stamped between our asking for it and our hearing of it."""
        newest = self._newest
        # A stamp that nobody can read is no reason to doubt the order.
        with suppress(DecodeError):
            if timestamp and newest.received_ns:
                self.clock.answered(newest.sent_ns, codec.time_ns(timestamp), newest.received_ns)

    def _on_canceled(self, request: Request, data: bytes, now_s: float) -> None:
        del data
        assert request.order is not None
        self.desk.on_canceled(request.order, now_s)
        if request.others:
            self.desk.on_level_canceled(request, now_s)

    def _show(self, depth: codec.Depth) -> None:
        market = self._by_symbol[depth.symbol]
        if depth.bids and depth.asks and depth.bids[0][0] >= depth.asks[0][0]:
            market.depth = None
            self._rows.append(events.book(market.index, (), ()))
            raise DecodeError(depth.symbol, "the bid is not below the ask")
        market.depth = depth
        self._rows.append(events.book(market.index, depth.bids, depth.asks))

    def _own_fills(self, rows: Sequence[TradeRow]) -> list[OwnFill]:
        """Find our executions among trades; one that cannot be read is counted and dropped."""
        fills: list[OwnFill] = []
        name = self._credentials.username
        for row in rows:
            market = self._by_symbol.get(row.product)
            sides = [side for side, who in ((1, row.buyer), (-1, row.seller)) if who == name]
            if market is None or not sides:
                continue
            ticks = market.grid.ticks(codec.plain(row.price))
            lots = market.grid.lots(codec.plain(row.volume))
            is_taker = row.aggressor == name if row.aggressor else None
            ts_ns = codec.time_ns(row.timestamp)
            fills += [
                make_fill(FillKey(ts_ns, market.index, ticks, lots, side), is_taker=is_taker)
                for side in sides
                if lots > 0
            ]
        return fills

    def _hear_fills(self, fills: Sequence[OwnFill], *, is_whole: bool) -> None:
        if not is_whole and self.state is VenueState.SYNCED and self._ledger.is_doubtful(fills):
            self.desk.has_to_look = True
        news = self._ledger.book(fills)
        if self.desk.is_reading:
            self._reader.hear(news)
        else:
            self._rows += [self.desk.on_fill(fill) for fill in news]

    def _look(self, now_s: float) -> None:
        if self.desk.has_to_look and not self.budget.has(lambda r: r.kind is Kind.TRADES):
            self.desk.has_to_look = False
            self._reader.ask_for_trades(now_s, is_of_sync=False)

    def _again(self, request: Request, now_s: float) -> None:
        """Have a request that was not served wait for another turn."""
        if request.others:
            # Meanwhile one of them may be wanted again.
            self.desk.apart(request, now_s)
            return
        if request.order is not None and request.kind is Kind.PLACE:
            self.desk.wait_again(request.order)
        if request.kind is Kind.LOGIN:
            self._is_logging_in = True
        self.budget.put_back(request)

    def _back_off(self, now_s: float) -> None:
        pause_s = self.budget.back_off(now_s)
        self.refuse(f"too many requests (429): nothing is sent for {pause_s:g} s")

    def _served(self) -> None:
        self.budget.served()

    def _log_in(self) -> None:
        if self._is_logging_in:
            return
        self._is_logging_in = True
        self._token = ""
        body = codec.encode(self._credentials)
        self.budget.add(Request(Kind.LOGIN, Urgency.LOGIN, "POST", "/user/authenticate", body))

    def _ask(self, kind: Kind, urgency: Urgency, path: str) -> None:
        self.budget.add(Request(kind, urgency, "GET", path))

    def rejected(self, row: tuple[int, ...]) -> None:
        """Refuse a new order at once: there is no connection."""
        self._rows += refusals([row], RejectReason.MARKET_CLOSED)
