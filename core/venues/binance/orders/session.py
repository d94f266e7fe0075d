"""
Binance's WebSocket API from a client's side: bytes in, events and bytes out.

No socket; the clock that signatures need is given. State comes from the user data
stream: the answer to a request only says that it was refused. A request without an answer
has an unknown outcome: it is never sent again, and the engine asks for the order by name.

Source: developers.binance.com/docs/binance-spot-api-docs/websocket-api
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import msgspec

from core.domain import events
from core.domain.enums import OrderStatus, RejectReason, VenueState
from core.domain.errors import DecodeError, VenueError
from core.domain.events import EventRow
from core.domain.ids import RunId, client_order_id
from core.domain.instrument import Instrument
from core.domain.redaction import forms_of, redact
from core.venues.binance.orders import errors
from core.venues.binance.orders.book import Known, OrderBook
from core.venues.binance.orders.codec import (
    VENUE,
    ErrorBody,
    EventHead,
    ExchangeInfo,
    ExecutionReport,
    Message,
    OrderRecord,
    PlacedRecord,
    ServerTime,
    decode_message,
)
from core.venues.binance.orders.filters import rules_of
from core.venues.binance.orders.inquiry import Inquiry
from core.venues.binance.orders.product import Product
from core.venues.binance.orders.reports import Reports, report_of
from core.venues.binance.orders.requests import Pending, Requests
from core.venues.binance.orders.signing import Sign, Value
from core.venues.common.executions import execution_time_ms
from core.venues.common.fees import Fees
from core.venues.common.grid import Grid
from core.venues.common.holdings import Holding
from core.venues.common.private_session import PrivateSession
from core.venues.common.wire import Frame, read_part

LOGIN_TIMEOUT_MS = 10_000
"""A connection that has not told the account by then is of no use."""

_TIME_EVERY_MS = 60_000


class BinanceSession(PrivateSession):
    """
    One account at Binance spot.

    Orders of this run are known by their number; any other order of the account gets minus
    the venue's order id.

    Args:
        api_key: Names the account.
        sign: Of the secret that belongs to it.
        secret: Never shown in what is said of errors.
        run_id: Marks the orders of this run.
        instruments: In the order of the kernel's indexes.
        clock_ms: Time of day since 1970.
        network: `testnet` or `live`, for names.
        executions_after: Number of the last execution that is booked; None for none.
        positions: Lots that earlier runs left, by instrument.
        counts_all: All coins are the position; see `Holding`.
        fee_rates: Worth of other assets that fees are paid in.
    """

    def __init__(
        self,
        *,
        api_key: str,
        sign: Sign,
        secret: str,
        run_id: RunId,
        instruments: Sequence[Instrument],
        clock_ms: Callable[[], int],
        network: str = "testnet",
        executions_after: int | None = None,
        positions: Sequence[int] = (),
        counts_all: bool = False,
        fee_rates: Mapping[str, Decimal] | None = None,
    ) -> None:
        super().__init__((*forms_of(api_key), *forms_of(secret)))
        self.exchange_session = f"{VENUE}-{network}"
        self._requests = Requests(api_key, sign, clock_ms)
        self._clock_ms = clock_ms
        held = list(positions) or [0] * len(instruments)
        self._products = [
            Product(index, Grid(item), Holding(item, held[index], counts_all=counts_all))
            for index, item in enumerate(instruments)
        ]
        self._by_symbol = {product.symbol: product for product in self._products}
        self._book = OrderBook(client_order_id(run_id, 0)[:-1])
        self._reports = Reports(self._by_symbol, self._book, Fees(fee_rates), executions_after)
        since_ms = execution_time_ms(executions_after) if executions_after else 0
        self._inquiry = Inquiry(
            self._by_symbol, self._book, self._reports, self._requests, since_ms
        )
        self._timed_ms = 0
        self._connected_ms = 0
        self._is_over = ""

    @property
    def duplicates(self) -> int:
        """Reports that came again."""
        return self._reports.duplicates

    @property
    def clock_offset_ns(self) -> int | None:
        """The venue's clock minus ours, from its answer to the time that we ask for."""
        return self._requests.clock_offset_ns

    def connected(self) -> list[EventRow]:
        """Start a connection: clock and rules first, for nothing can be signed without."""
        self._requests.clear()
        self._is_over = ""
        self._connected_ms = self._clock_ms()
        self._ask_time()
        self._requests.send(
            "rules", "exchangeInfo", {"symbols": [item.symbol for item in self._products]}
        )
        return []

    def forget(self) -> list[EventRow]:
        """Drop what was asked: what was not answered stays unknown."""
        self._requests.clear()
        self._inquiry.clear()
        return []

    def receive_data(self, data: Frame) -> list[EventRow]:
        """
        Read one frame.

        Raises:
            VenueError: If the key, its signature or the products are refused.
        """
        self.messages += 1
        try:
            message = decode_message(data)
            if bytes(message.event):
                return self._on_event(message.event)
            return self._on_answer(message)
        except DecodeError as error:
            self.refuse(str(error))
            return []
        except VenueError as error:
            # Without its cause: that repeats what was received.
            raise VenueError(VENUE, redact(error.reason, self._secrets)) from None

    def data_to_send(self) -> list[bytes]:
        """Take what must be written to the socket now."""
        return self._requests.take()

    def complaint(self, silence_s: float) -> str:  # noqa: ARG002  pings tell of silence
        """Why this connection is of no use any more."""
        if self._is_over:
            return self._is_over
        waited_ms = self._clock_ms() - self._connected_ms
        if self.state is not VenueState.SYNCED and waited_ms >= LOGIN_TIMEOUT_MS:
            return f"the account was not told within {LOGIN_TIMEOUT_MS // 1000} s"
        return ""

    def keep_alive(self) -> bool:
        """Compare clocks now and then. Spot has no dead-man timer to feed."""
        is_due = self._clock_ms() - self._timed_ms >= _TIME_EVERY_MS
        if is_due:
            self._ask_time()
        return is_due

    def place(
        self, instrument: int, order_id: int, side: int, price_ticks: int, lots: int, flags: int
    ) -> list[EventRow]:
        """
        Ask for an order. `flags`: POST_ONLY, IOC and MARKET of `core.domain.events`.

        One that takes at the market is an immediate-or-cancel order at the price that
        protects it: Binance's own MARKET has no such price.
        """
        product = self._products[instrument]
        is_post_only = bool(flags & events.POST_ONLY)
        known = Known(instrument, order_id, side, price_ticks, lots, is_post_only=is_post_only)
        reason, why = self._reason_to_refuse(product, price_ticks, lots)
        if reason:
            self.fail(why)
            return [report_of(known, OrderStatus.REJECTED, reason)]
        params: dict[str, Value] = {
            "symbol": product.symbol,
            "side": "BUY" if side > 0 else "SELL",
            "type": "LIMIT_MAKER" if is_post_only else "LIMIT",
            "price": product.grid.price(price_ticks),
            "quantity": product.grid.quantity(lots),
            "newClientOrderId": self._book.name(order_id, 0),
            "newOrderRespType": "ACK",
        }
        if not is_post_only:
            params["timeInForce"] = "IOC" if flags & events.IOC else "GTC"
        self._book.add(known)
        self._requests.send_signed("place", "order.place", params, instrument, order_id)
        return []

    def cancel(self, instrument: int, order_id: int) -> list[EventRow]:
        """Ask to cancel an order of ours, or with a negative number somebody else's."""
        known = self._book.find(order_id)
        if self._requests.blocked_ms:
            return [self._reports.standing(known, RejectReason.RATE_LIMIT)] if known else []
        generation = known.generation if known else 0
        params = {"symbol": self._products[instrument].symbol, **self._name(order_id, generation)}
        self._requests.send_signed("cancel", "order.cancel", params, instrument, order_id)
        return []

    def replace(
        self, instrument: int, order_id: int, price_ticks: int, lots: int
    ) -> list[EventRow]:
        """
        Ask for a new price and a new size of the whole order, executed part included.

        The old order is canceled and a new one placed in one request. If it fills meanwhile,
        the new one is not smaller for it, and the whole is reported as it then is.
        """
        product, known = self._products[instrument], self._book.find(order_id)
        if known is None:
            row = events.order_report(
                instrument, order_id, OrderStatus.CANCELED, reason=RejectReason.UNKNOWN_ORDER
            )
            return [row]
        left = lots - known.earlier_lots - known.filled_lots
        if left <= 0:
            return self.cancel(instrument, order_id)
        reason, why = self._reason_to_refuse(product, price_ticks, left)
        if reason:
            self.fail(why)
            return [self._reports.standing(known, reason)]
        known.replaces_generation = known.generation
        params: dict[str, Value] = {
            "symbol": product.symbol,
            "cancelReplaceMode": "STOP_ON_FAILURE",
            "cancelOrigClientOrderId": self._book.name(order_id, known.generation),
            "side": "BUY" if known.side > 0 else "SELL",
            "type": "LIMIT_MAKER" if known.is_post_only else "LIMIT",
            "price": product.grid.price(price_ticks),
            "quantity": product.grid.quantity(left),
            "newClientOrderId": self._book.name(order_id, known.generation + 1),
            "newOrderRespType": "ACK",
        }
        if not known.is_post_only:
            params["timeInForce"] = "GTC"
        self._requests.send_signed("replace", "order.cancelReplace", params, instrument, order_id)
        return []

    def query(self, instrument: int, order_id: int) -> list[EventRow]:
        """Ask what became of an order, numbered as in `cancel`."""
        known = self._book.find(order_id)
        generation = known.generation if known else 0
        if known is not None and known.replaces_generation >= 0:
            generation += 1
        self._query(instrument, order_id, generation)
        return []

    def cancel_everything(self) -> list[EventRow]:
        """Ask to cancel every order of the account, in other products too."""
        for symbol in sorted({*self._by_symbol, *self._inquiry.foreign}):
            self._requests.send_signed("cancel all", "openOrders.cancelAll", {"symbol": symbol})
        return []

    def reconcile(self) -> list[EventRow]:
        """Ask for the whole account again."""
        if self.state < VenueState.CONNECTED:
            return []
        self.state = VenueState.CONNECTED
        self._connected_ms = self._clock_ms()
        self._inquiry.begin()
        return [events.venue_state(VenueState.CONNECTED)]

    def _ask_time(self) -> None:
        self._timed_ms = self._clock_ms()
        self._requests.send("time", "time", {})

    def _query(self, instrument: int, order_id: int, generation: int) -> None:
        params = {"symbol": self._products[instrument].symbol, **self._name(order_id, generation)}
        self._requests.send_signed(
            "query", "order.status", params, instrument, order_id, generation
        )

    def _name(self, order_id: int, generation: int) -> dict[str, Value]:
        if order_id < 0:
            return {"orderId": -order_id}
        return {"origClientOrderId": self._book.name(order_id, generation)}

    def _reason_to_refuse(
        self, product: Product, price_ticks: int, lots: int
    ) -> tuple[RejectReason, str]:
        if blocked_ms := self._requests.blocked_ms:
            text = f"the venue takes no requests for another {blocked_ms / 1e3:.0f} s"
            return RejectReason.RATE_LIMIT, text
        assert product.rules is not None
        return product.rules.complaint(product.grid.instrument, price_ticks, lots)

    def _on_event(self, data: msgspec.Raw) -> list[EventRow]:
        kind = read_part(data, EventHead, VENUE).e
        if kind == "executionReport":
            rows = self._reports.execution(read_part(data, ExecutionReport, VENUE))
            if self._reports.complaint:
                self.fail(self._reports.complaint)
                self._reports.complaint = ""
            return rows
        if kind == "eventStreamTerminated":
            self.gaps += 1
            self._is_over = "the user data stream was ended"
        elif kind == "serverShutdown":
            self._is_over = "the server is about to shut down"
        return []

    def _on_answer(self, message: Message) -> list[EventRow]:
        request_id = str(message.id)
        pending = self._requests.answered(request_id)
        if pending is None:
            error = message.error
            raise DecodeError(
                VENUE,
                f"{error.code}: {error.msg}"
                if error
                else f"answer to unknown request {message.id!r}",
            )
        if message.error is not None:
            return self._on_error(request_id, pending, message.status, message.error)
        if self._inquiry.awaits(request_id):
            return self._on_inquiry(request_id, pending, message)
        handler = {
            "time": self._on_time,
            "rules": self._on_rules,
            "subscribe": self._on_subscribed,
            "query": self._on_status,
            "place": self._on_placed,
        }.get(pending.what)
        return handler(pending, message) if handler is not None else []

    def _on_inquiry(self, request_id: str, pending: Pending, message: Message) -> list[EventRow]:
        rows = self._inquiry.read(request_id, pending.what, message.result)
        if not self._inquiry.is_open:
            self.state = VenueState.SYNCED
        return rows

    def _on_time(self, pending: Pending, message: Message) -> list[EventRow]:
        server_ms = read_part(message.result, ServerTime, VENUE).server_time
        self._requests.set_clock(pending.sent_ms, server_ms)
        self._inquiry.first_login(server_ms)
        return self._log_in()

    def _on_rules(self, _pending: Pending, message: Message) -> list[EventRow]:
        theirs = {
            item.symbol: item for item in read_part(message.result, ExchangeInfo, VENUE).symbols
        }
        for product in self._products:
            record = theirs.get(product.symbol)
            if record is None:
                raise VenueError(VENUE, f"does not trade {product.symbol}")
            product.rules = rules_of(record, product.grid.instrument)
        return self._log_in()

    def _log_in(self) -> list[EventRow]:
        """Subscribe to the account once clock and rules are known."""
        waits = self._requests.waits_for("time", "rules", "subscribe")
        if self.state is VenueState.CONNECTING and not waits:
            self._requests.send_signed("subscribe", "userDataStream.subscribe.signature", {})
        return []

    def _on_subscribed(self, _pending: Pending, _message: Message) -> list[EventRow]:
        self.state = VenueState.CONNECTED
        return self.reconcile()

    def _on_placed(self, pending: Pending, message: Message) -> list[EventRow]:
        self._book.bind(read_part(message.result, PlacedRecord, VENUE).order_id, pending.number)
        return []

    def _on_status(self, pending: Pending, message: Message) -> list[EventRow]:
        record = read_part(message.result, OrderRecord, VENUE)
        product = self._by_symbol.get(record.symbol)
        if product is None:
            raise DecodeError(VENUE, f"told of {record.symbol!r}, which was not asked for")
        if record.status in ("NEW", "PARTIALLY_FILLED", "PENDING_NEW"):
            known = self._book.find(pending.number)
            if known is not None:
                known.replaces_generation = -1
            return [self._reports.open_order(product, record, 0)]
        return [self._reports.ended(product, pending.number, record.status, record.side)]

    def _on_error(
        self, request_id: str, pending: Pending, status: int, error: ErrorBody
    ) -> list[EventRow]:
        self.fail(f"{pending.what}: {error.code}: {error.msg}")
        self._requests.heed(error)
        if error.code in errors.FATAL:
            raise VenueError(
                VENUE, f"{error.msg} ({error.code}): look at venue.api_key_env and api_secret_env"
            )
        if error.code == errors.BAD_TIME:
            self._ask_time()
        if pending.what in ("place", "cancel", "replace", "query"):
            return self._on_order_error(pending, status, error)
        if self._inquiry.awaits(request_id) or pending.what in ("time", "rules", "subscribe"):
            self._is_over = f"{pending.what}: {error.msg} ({error.code})"
        return []

    def _on_order_error(self, pending: Pending, status: int, error: ErrorBody) -> list[EventRow]:
        if errors.has_unknown_outcome(status, error.code):
            return []
        known = self._book.find(pending.number)
        reason = errors.reason_of(status, error.code, error.msg)
        if pending.what == "place":
            self._book.end(pending.number)
            return [report_of(known, OrderStatus.REJECTED, reason)] if known is not None else []
        if pending.what == "replace":
            return self._on_replace_error(known, reason, error)
        if reason is RejectReason.UNKNOWN_ORDER:
            return self._on_unknown(pending, known)
        if pending.what == "cancel" and known is not None:
            return [self._reports.standing(known, reason)]
        return []

    def _on_unknown(self, pending: Pending, known: Known | None) -> list[EventRow]:
        """The venue has no order of this name, or not any more."""
        if pending.what == "query" and pending.generation > 0 and known is not None:
            # Its replacement never came about: the one before it may still stand.
            known.replaces_generation = -1
            self._query(pending.instrument, pending.number, pending.generation - 1)
            return []
        if self._book.is_over(pending.number):
            return []
        self._book.end(pending.number)
        return [
            events.order_report(
                pending.instrument,
                pending.number,
                OrderStatus.CANCELED,
                reason=RejectReason.UNKNOWN_ORDER,
            )
        ]

    def _on_replace_error(
        self, known: Known | None, reason: RejectReason, error: ErrorBody
    ) -> list[EventRow]:
        """Part of it may have worked: the old order is gone and the new one was refused."""
        if known is None:
            return []
        known.replaces_generation = -1
        if error.data is not None and error.data.cancel_result == "SUCCESS":
            return [self._reports.over(known, reason)]
        return [self._reports.standing(known, reason or RejectReason.OTHER)]
