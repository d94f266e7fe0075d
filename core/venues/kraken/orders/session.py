"""
Kraken's private WebSocket API v2 from a client's side: bytes in, events and bytes out.

No socket; the clock is given. The `executions` channel says what became of orders, the
`balances` channel what is held; a gap in the numbers of the first, or a question about an
order, starts both over. A request without an answer is never sent again.

Source: docs.kraken.com/api/docs/websocket-v2
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.domain import events
from core.domain.enums import OrderStatus, RejectReason, VenueState
from core.domain.errors import DecodeError, VenueError
from core.domain.events import EventRow
from core.domain.ids import RunId
from core.domain.instrument import Instrument
from core.domain.redaction import forms_of, redact
from core.domain.refusals import rejected
from core.venues.common.fees import Fees
from core.venues.common.grid import Grid
from core.venues.common.holdings import Holding
from core.venues.common.private_session import PrivateSession
from core.venues.common.wire import Frame, read_part
from core.venues.kraken.orders.codec import (
    VENUE,
    Balance,
    Execution,
    Message,
    Placed,
    Status,
    decode_message,
    encode_request,
)
from core.venues.kraken.orders.names import Names
from core.venues.kraken.orders.reports import Product, Reports

LOGIN_TIMEOUT_MS = 10_000
SILENCE_S = 5.0
"""A heartbeat comes every second where nothing else does."""

DEADLINE_MS = 5_000
"""The exchange refuses an order that reaches its engine later than this."""

_ALIVE_TIMES = 4
"""The dead man's switch is fed so often within its time."""

_MOST_LOOKS = 3
_CLOSED = frozenset({"maintenance", "cancel_only"})
_REASONS = (
    ("Rate limit", RejectReason.RATE_LIMIT),
    ("msg rate", RejectReason.RATE_LIMIT),
    ("Post only", RejectReason.WOULD_CROSS),
    ("Unknown order", RejectReason.UNKNOWN_ORDER),
    ("Orders limit", RejectReason.TOO_MANY_ORDERS),
    ("Positions limit", RejectReason.POSITION_LIMIT),
    ("Invalid price", RejectReason.BAD_PRICE),
    ("minimum not met", RejectReason.BAD_SIZE),
    ("not supported", RejectReason.UNKNOWN_INSTRUMENT),
    ("Unknown asset pair", RejectReason.UNKNOWN_INSTRUMENT),
    ("cl_ord_id", RejectReason.DUPLICATE_ORDER_ID),
    ("mode", RejectReason.MARKET_CLOSED),
)
_FATAL = ("Invalid permissions", "Permission denied", "Invalid key")


@dataclass(frozen=True, slots=True)
class _Pending:
    """A request that is not answered yet."""

    what: str
    instrument: int = -1
    number: int = 0


class KrakenSession(PrivateSession):
    """
    One account at Kraken spot.

    Args:
        run_id: Marks the orders of this run.
        instruments: In the order of the kernel's indexes; symbols such as BTC/USD.
        clock_ms: Time of day since 1970.
        secrets: Never shown in what is said of errors.
        executions_after: Number of the last execution that is booked; None for none.
        positions: Lots that earlier runs left, by instrument.
        counts_all: All coins are the position; see `Holding`.
        dead_man_s: Silence after which Kraken cancels every order; 0 for never.
        fee_rates: Worth of other assets that fees are paid in.
    """

    def __init__(
        self,
        *,
        run_id: RunId,
        instruments: Sequence[Instrument],
        clock_ms: Callable[[], int],
        secrets: Sequence[str] = (),
        executions_after: int | None = None,
        positions: Sequence[int] = (),
        counts_all: bool = False,
        dead_man_s: int = 0,
        fee_rates: Mapping[str, Decimal] | None = None,
    ) -> None:
        super().__init__([form for secret in secrets for form in forms_of(secret)])
        self.exchange_session = f"{VENUE}-live"
        self._key_forms = self._secrets
        self._clock_ms = clock_ms
        held = list(positions) or [0] * len(instruments)
        self._products = [
            Product(index, Grid(item), Holding(item, held[index], counts_all=counts_all))
            for index, item in enumerate(instruments)
        ]
        self._by_symbol = {product.symbol: product for product in self._products}
        self._names = Names(run_id)
        self._reports = Reports(self._by_symbol, self._names, Fees(fee_rates), executions_after)
        self._dead_man_s = dead_man_s
        self._fed_ms = 0
        self._is_leaving = False
        self._is_done = False
        self._token = ""
        self._outbox: list[bytes] = []
        self._pending: dict[int, _Pending] = {}
        self._requests = 0
        self._asked_ms = 0
        self._sequence: int | None = None
        self._orders: list[EventRow] | None = None
        """Open orders of the newest snapshot; None while it is awaited."""
        self._balances: dict[str, Decimal] | None = None
        self._foreign = 0
        self._queried: dict[int, int] = {}
        """Instruments of the orders that were asked about, by number."""
        self._looks = 0
        self._system = ""
        self._is_over = ""

    @property
    def duplicates(self) -> int:
        """Executions that came again."""
        return self._reports.duplicates

    @property
    def is_done(self) -> bool:
        """Whether everything that has to be said before the end was said and answered."""
        return self._is_done

    def use_token(self, token: str) -> None:
        """Take the token of the next connection."""
        self._token = token
        self._secrets = (*self._key_forms, *forms_of(token))

    def connected(self) -> list[EventRow]:
        """Start a connection: subscribe to the account."""
        self._outbox.clear()
        self._pending.clear()
        self._is_over = ""
        self._fed_ms = 0
        self._begin()
        self._subscribe("executions")
        self._subscribe("balances")
        return []

    def forget(self) -> list[EventRow]:
        """Drop what was asked: what was not answered stays unknown."""
        self._outbox.clear()
        self._pending.clear()
        return []

    def receive_data(self, data: Frame) -> list[EventRow]:
        """
        Read one frame.

        Raises:
            VenueError: If the key may not do what is asked.
        """
        self.messages += 1
        try:
            message = decode_message(data)
            return self._on_answer(message) if message.method else self._on_news(message)
        except DecodeError as error:
            self.refuse(str(error))
            return []

    def data_to_send(self) -> list[bytes]:
        """Take what must be written to the socket now."""
        outbox, self._outbox = self._outbox, []
        return outbox

    def complaint(self, silence_s: float) -> str:
        """Why this connection is of no use any more."""
        if self._is_over:
            return self._is_over
        if silence_s >= SILENCE_S:
            return f"silent for {silence_s:.1f} s"
        asked_ms = self._clock_ms() - self._asked_ms
        if self.state is not VenueState.SYNCED and asked_ms >= LOGIN_TIMEOUT_MS:
            return f"the account was not told within {LOGIN_TIMEOUT_MS // 1000} s"
        return ""

    def place(
        self, instrument: int, order_id: int, side: int, price_ticks: int, lots: int, flags: int
    ) -> list[EventRow]:
        """
        Ask for an order. `flags`: POST_ONLY, IOC and MARKET of `core.domain.events`.

        One that takes at the market is an immediate-or-cancel order at the price that
        protects it.
        """
        product = self._products[instrument]
        if self._system in _CLOSED:
            self.fail(f"the exchange is in {self._system} mode")
            return [
                rejected(instrument, order_id, side, price_ticks, lots, RejectReason.MARKET_CLOSED)
            ]
        item = product.grid.instrument
        params: dict[str, Any] = {
            "order_type": "limit",
            "side": "buy" if side > 0 else "sell",
            "symbol": product.symbol,
            "limit_price": item.to_price(price_ticks),
            "order_qty": item.to_quantity(lots),
            "time_in_force": "ioc" if flags & events.IOC else "gtc",
            "post_only": bool(flags & events.POST_ONLY),
            "cl_ord_id": self._names.name(order_id),
            "deadline": _time_text(self._clock_ms() + DEADLINE_MS),
            "stp_type": "cancel_newest",
        }
        order = self._reports.expect(product, order_id, side, price_ticks, lots)
        order.is_ioc = bool(flags & events.IOC)
        self._request("add_order", params, instrument, order_id)
        return []

    def cancel(self, instrument: int, order_id: int) -> list[EventRow]:
        """Ask to cancel an order of ours, or with a negative number somebody else's."""
        name = self._name(order_id)
        if not name:
            return [_unknown(instrument, order_id)]
        params = {field: [value] for field, value in name.items()}
        self._request("cancel_order", params, instrument, order_id)
        return []

    def replace(
        self, instrument: int, order_id: int, price_ticks: int, lots: int
    ) -> list[EventRow]:
        """Ask for a new price and a new size of the whole order, executed part included."""
        name = self._name(order_id)
        if not name:
            return [_unknown(instrument, order_id)]
        item = self._products[instrument].grid.instrument
        params = {
            **name,
            "limit_price": item.to_price(price_ticks),
            "order_qty": item.to_quantity(lots),
            "deadline": _time_text(self._clock_ms() + DEADLINE_MS),
        }
        self._request("amend_order", params, instrument, order_id)
        return []

    def query(self, instrument: int, order_id: int) -> list[EventRow]:
        """Ask what became of an order: the open orders are told anew, and it is or is not there."""
        self._queried[order_id] = instrument
        return self.reconcile() if self.state is VenueState.SYNCED else []

    def cancel_everything(self) -> list[EventRow]:
        """Ask to cancel every order of the account."""
        self._request("cancel_all", {})
        return []

    def reconcile(self) -> list[EventRow]:
        """Ask for the whole account again."""
        if self.state < VenueState.CONNECTED:
            return []
        self.state = VenueState.CONNECTED
        self._begin()
        for channel in ("executions", "balances"):
            self._unsubscribe(channel)
            self._subscribe(channel)
        return [events.venue_state(VenueState.CONNECTED)]

    def keep_alive(self) -> bool:
        """Feed the dead man's switch, no more often than it needs."""
        every_ms = self._dead_man_s * 1000 // _ALIVE_TIMES
        now_ms = self._clock_ms()
        if not self._dead_man_s or self._is_leaving or now_ms - self._fed_ms < every_ms:
            return False
        self._fed_ms = now_ms
        self._request("cancel_all_orders_after", {"timeout": self._dead_man_s})
        return True

    def say_goodbye(self) -> None:
        """
        Disarm the dead man's switch.

        One that is being fed is waited for: a feeding that is carried out after the
        disarming would arm it again, and nobody would be there to feed it.
        """
        self._is_leaving = True
        if not self._is_feeding():
            self._leave()

    def _is_feeding(self) -> bool:
        return any(item.what == "cancel_all_orders_after" for item in self._pending.values())

    def _begin(self) -> None:
        self._asked_ms = self._clock_ms()
        self._looks = 0
        self._sequence = self._orders = self._balances = None

    def _subscribe(self, channel: str) -> None:
        params: dict[str, Any] = {"channel": channel}
        if channel == "executions":
            params |= {"snap_orders": True, "snap_trades": True, "order_status": True}
        else:
            params["snapshot"] = True
        self._request("subscribe", params)

    def _unsubscribe(self, channel: str) -> None:
        self._request("unsubscribe", {"channel": channel})

    def _request(
        self, method: str, params: Mapping[str, Any], instrument: int = -1, number: int = 0
    ) -> None:
        self._requests += 1
        self._pending[self._requests] = _Pending(method, instrument, number)
        signed = {**params, "token": self._token}
        self._outbox.append(encode_request(method, signed, self._requests))

    def _name(self, order_id: int) -> dict[str, str]:
        if order_id > 0:
            return {"cl_ord_id": self._names.name(order_id)}
        order = self._reports.by_number.get(order_id)
        return {"order_id": order.order_id} if order is not None else {}

    def _on_news(self, message: Message) -> list[EventRow]:
        if message.channel == "executions":
            return self._on_executions(message)
        if message.channel == "balances":
            return self._on_balances(message)
        if message.channel == "status":
            self._system = read_part(message.data, list[Status], VENUE)[0].system
        return []

    def _on_executions(self, message: Message) -> list[EventRow]:
        items = read_part(message.data, list[Execution], VENUE)
        if message.type == "snapshot":
            self._sequence = message.sequence
            missed, self._orders, self._foreign = self._reports.snapshot(items)
            return [*self._greet(), *missed, *self._conclude()]
        rows: list[EventRow] = []
        if self._sequence is not None:
            if message.sequence <= self._sequence:
                self._reports.duplicates += 1
                return []
            if message.sequence != self._sequence + 1:
                self.gaps += 1
                self.fail(f"executions before {message.sequence} are missing")
                return self.reconcile()
            self._sequence = message.sequence
        for item in items:
            try:
                rows += self._reports.update(item)
            except DecodeError as error:
                # What it would have changed is not known: look at the whole.
                self.refuse(str(error))
                rows += self.reconcile()
        if self._reports.complaint:
            self.fail(self._reports.complaint)
            self._reports.complaint = ""
        return rows

    def _on_balances(self, message: Message) -> list[EventRow]:
        items = read_part(message.data, list[Balance], VENUE)
        if message.type == "snapshot":
            self._balances = {item.asset: item.balance for item in items}
            return [*self._greet(), *self._conclude()]
        if self._balances is not None:
            self._balances |= {item.asset: item.balance for item in items}
        return []

    def _greet(self) -> list[EventRow]:
        """The first word of the account means that the login is answered."""
        if self.state is not VenueState.CONNECTING:
            return []
        self.state = VenueState.CONNECTED
        return [events.venue_state(VenueState.CONNECTED)]

    def _conclude(self) -> list[EventRow]:
        """Tell the account once all of it is known."""
        if self._orders is None or self._balances is None:
            return []
        if self.state is not VenueState.CONNECTED:
            return []
        told: list[EventRow] = []
        for product in self._products:
            lots = product.holding.told(self._balances.get(product.base, Decimal(0)))
            if lots != product.holding.lots and self._looks < _MOST_LOOKS:
                # The two channels do not wait for each other: one execution may be in one only.
                self._looks += 1
                self._balances = None
                self._unsubscribe("balances")
                self._subscribe("balances")
                return []
            told.append(events.position_report(product.index, lots))
            product.holding.believe(lots)
        rows = [*self._orders, *self._answers_to_queries()]
        self.state = VenueState.SYNCED
        synced = events.venue_state(VenueState.SYNCED, foreign_orders=self._foreign)
        return [*rows, *told, synced]

    def _answers_to_queries(self) -> list[EventRow]:
        asked, self._queried = self._queried, {}
        known = self._reports.by_number
        return [
            _unknown(instrument, number)
            for number, instrument in asked.items()
            if number not in known and number not in self._reports.over
        ]

    def _on_answer(self, message: Message) -> list[EventRow]:
        pending = self._pending.pop(message.req_id, None)
        if message.method == "pong" or (pending is None and message.success):
            return []
        if pending is None:
            raise DecodeError(VENUE, message.error or "an answer to nothing")
        if pending.what == "cancel_all_orders_after" and self._is_leaving:
            self._leave()
        if not message.success:
            return self._on_error(pending, message.error)
        if pending.what == "add_order":
            order = self._reports.by_number.get(pending.number)
            if order is not None:
                order.order_id = read_part(message.result, Placed, VENUE).order_id
                self._reports.by_id[order.order_id] = order
        return []

    def _leave(self) -> None:
        if self._fed_ms:
            self._fed_ms = 0
            self._request("cancel_all_orders_after", {"timeout": 0})
        else:
            self._is_done = True

    def _on_error(self, pending: _Pending, error: str) -> list[EventRow]:
        self.fail(f"{pending.what}: {error}")
        if any(text in error for text in _FATAL):
            raise VenueError(
                VENUE, redact(f"{error}: look at venue.api_key_env and the key's permissions",
                              self._secrets),
            )  # fmt: skip
        if pending.what == "subscribe":
            # An expired token, as a rule: the next connection fetches its own.
            self._is_over = f"subscription refused: {error}"
            return []
        reason = next((reason for text, reason in _REASONS if text in error), RejectReason.OTHER)
        order = self._reports.by_number.get(pending.number)
        if pending.what == "add_order" and order is not None:
            self._reports.forget(pending.number)
            return [
                rejected(
                    pending.instrument, pending.number, order.side, order.price_ticks, order.lots,
                    reason,
                )
            ]  # fmt: skip
        if pending.what not in ("cancel_order", "amend_order"):
            return []
        if reason is RejectReason.UNKNOWN_ORDER:
            if pending.number in self._reports.over:
                return []
            self._reports.forget(pending.number)
            return [_unknown(pending.instrument, pending.number)]
        return [self._reports.standing(order, reason)] if order is not None else []


def _unknown(instrument: int, number: int) -> EventRow:
    return events.order_report(
        instrument, number, OrderStatus.CANCELED, reason=RejectReason.UNKNOWN_ORDER
    )


def _time_text(ts_ms: int) -> str:
    moment = datetime.fromtimestamp(ts_ms / 1e3, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
