"""
A session and the practice exchange's CMI side on virtual time, without sockets.

Requests take their time on the way there and back, get lost before or after they were
served, and the stream is cut: by one seed, so that a failure comes again.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from urllib.parse import parse_qs, urlsplit

import msgspec

from core.domain import events
from core.domain.enums import EventKind, OrderStatus, VenueState
from core.domain.errors import DecodeError
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.exchange.cmi.front import CmiFront, Faults, Refusal
from core.exchange.cmi.streams import Stream
from core.exchange.config import ExchangeConfig, Product
from core.exchange.exchange import Exchange
from core.exchange.gateway import Gateway
from core.venues.cmi.codec import encode
from core.venues.cmi.messages import Credentials, NewOrder
from core.venues.cmi.requests import Answer, Kind, Request
from core.venues.cmi.session import CmiSession
from core.venues.cmi.sse import EventParser
from core.venues.wsx import messages as wsx

INSTRUMENTS = (
    Instrument(Symbol("1_Eisbach"), Decimal(1), position_limit_lots=200),
    Instrument(Symbol("7_ETF"), Decimal("0.1"), position_limit_lots=200),
)
ETF = 1
ME = "team-7"
START_TS_NS = 1_790_000_000_000_000_000
STEP_S = 0.02
OVER = {OrderStatus.CANCELED, OrderStatus.REJECTED, OrderStatus.EXPIRED, OrderStatus.FILLED}


@dataclass(eq=False)
class Trip:
    """One request on its way."""

    request: Request
    token: str
    served_s: float
    back_s: float
    fate: str
    answer: Answer | None = None
    is_served: bool = False


@dataclass(slots=True)
class Seen:
    """One order as the events tell it."""

    status: int = 0
    lots: int = 0
    filled_lots: int = 0


@dataclass
class World:
    """Everything, and its time."""

    random: Random
    requests_per_s: float = 1.0
    loss: float = 0.0
    """Share of requests without an answer."""
    now_s: float = 0.0
    trips: list[Trip] = field(default_factory=list)
    stream: Stream | None = None
    rows: list[bytes] = field(default_factory=list)
    sent_s: list[float] = field(default_factory=list)
    orders: dict[int, Seen] = field(default_factory=dict)
    fill_lots: int = 0
    fill_ids: list[int] = field(default_factory=list)
    positions_told: list[tuple[int, int]] = field(default_factory=list)
    """Each position that was told, and what the fills told until then add up to."""
    others: int = 0

    def __post_init__(self) -> None:
        products = tuple(
            Product(item, Decimal(price), 0.01)
            for item, price in zip(INSTRUMENTS, (3400, 50), strict=True)
        )
        self.exchange = Exchange(ExchangeConfig(products=products, bots=False), START_TS_NS)
        self.gateway = Gateway(self.exchange)
        self.front = self.gateway.listener = CmiFront(self.exchange, self.gateway, Faults())
        self.session = CmiSession(
            username=ME,
            password="hunter2",
            instruments=INSTRUMENTS,
            requests_per_s=self.requests_per_s,
        )
        self.parser = EventParser()
        self.session.connecting()

    # Time

    def run(self, duration_s: float) -> None:
        """Let time pass."""
        end_s = self.now_s + duration_s
        while self.now_s < end_s:
            self.now_s += STEP_S
            self.exchange.skip(round(STEP_S * 1e9))
            self._serve()
            self._read_stream()
            if self.session.is_broken:
                self._reconnect()
            self.session.tick(self.now_s)
            self._send()
            self._take_events()

    def until_synced(self) -> None:
        """Run on until the account has been told."""
        for _ in range(1000):
            if self.session.state is VenueState.SYNCED:
                return
            self.run(0.2)
        raise AssertionError("the account is never told: " + self.session.last_error)

    def _send(self) -> None:
        while len(self.trips) < 8 and (request := self.session.take_request(self.now_s)):
            self.sent_s.append(self.now_s)
            there_s = self.now_s + self.random.uniform(0.0, 0.2)
            back_s = there_s + self.random.uniform(0.0, 0.2)
            fate = "served"
            if self.random.random() < self.loss:
                fate = self.random.choice(["lost before", "lost after"])
            token = self.session.authorization
            self.trips.append(Trip(request, token, there_s, back_s, fate))

    def _serve(self) -> None:
        for trip in sorted(self.trips, key=lambda trip: trip.served_s):
            if trip.is_served or trip.served_s > self.now_s:
                continue
            trip.is_served = True
            if trip.fate != "lost before" and trip.request.kind is not Kind.STREAM:
                trip.answer = self._answer(trip.request, trip.token)
        for trip in list(self.trips):
            if not trip.is_served or trip.back_s > self.now_s:
                continue
            self.trips.remove(trip)
            if trip.request.kind is Kind.STREAM:
                self._open_stream(trip)
            elif trip.fate == "served" and trip.answer is not None:
                self.session.on_answer(trip.request, trip.answer, self.now_s)
            else:
                self.session.on_lost(trip.request, "cut", self.now_s, was_sent=True)

    def _open_stream(self, trip: Trip) -> None:
        if trip.fate != "served":
            self.session.stream_refused(0, "cut", self.now_s)
            return
        try:
            user = self.front.user(trip.token, self.now_s)
        except Refusal as refusal:
            self.session.stream_refused(refusal.status, refusal.message, self.now_s)
            return
        self.parser = EventParser()
        self.stream = self.front.open_stream(user)
        self.session.stream_opened(self.now_s)

    def _read_stream(self) -> None:
        if self.stream is None:
            return
        data = self.stream.take_now()
        for event in self.parser.feed(data) if data else []:
            self.session.on_event(event.name, event.data, self.now_s)
        if self.stream.is_closed:
            self.stream = None
            self.session.stream_ended(is_orderly=True, now_s=self.now_s)

    def _reconnect(self) -> None:
        self.cut_stream()
        # What is under way may still be served.
        for trip in self.trips:
            is_request = trip.request.kind is not Kind.STREAM and trip.fate != "lost before"
            if is_request and not trip.is_served and self.random.random() < 0.5:
                self._answer(trip.request, trip.token)
        self.trips.clear()
        self.session.disconnected(self.now_s)
        self.session.connecting()

    def cut_stream(self) -> None:
        """End the stream without a goodbye."""
        if self.stream is not None:
            user = self.front._users[ME]
            self.front.end_stream(user, self.stream)
            self.stream = None
            self.session.stream_ended(is_orderly=False, now_s=self.now_s)

    def _answer(self, request: Request, token: str) -> Answer:
        front, parts = self.front, urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        try:
            if request.kind is Kind.LOGIN:
                given = msgspec.json.decode(request.body, type=Credentials)
                return Answer(200, b"", front.log_in(given), START_TS_NS)
            user = front.user(token, self.now_s)
            if request.kind is Kind.PLACE:
                wanted = msgspec.json.decode(request.body, type=NewOrder)
                return Answer(200, encode(front.place(user, wanted)))
            if request.kind is Kind.CANCEL:
                front.cancel(user, parts.path.rpartition("/")[2])
                return Answer(200, b"")
            looks = {
                Kind.STATUS: front.status,
                Kind.PRODUCTS: front.products,
                Kind.ORDERS: lambda: front.orders(user, None),
                Kind.TRADES: lambda: front.trades(query.get("from")),
                Kind.POSITIONS: lambda: front.positions(user),
                Kind.BOOK: lambda: front.book(user, request.symbol),
            }
            return Answer(200, encode(looks[request.kind]()))
        except Refusal as refusal:
            return Answer(refusal.status, encode({"message": refusal.message}))
        except DecodeError as error:
            return Answer(400, encode({"message": str(error)}))

    # What others do

    def trade(self, side: str, price: str, quantity: str) -> None:
        """Somebody else takes what there is, and leaves nothing."""
        self.others += 1
        request = wsx.Place(f"o-{self.others}", "7_ETF", side, price, quantity, tif="IOC")
        self.exchange.place(self.exchange.account("other"), request)
        self.gateway.flush()

    def rest(self, side: str, price: str, quantity: str) -> None:
        """Somebody else's order rests."""
        self.others += 1
        request = wsx.Place(f"o-{self.others}", "7_ETF", side, price, quantity)
        self.exchange.place(self.exchange.account(f"rest-{side}"), request)
        self.gateway.flush()

    # What is seen

    def _take_events(self) -> None:
        new = [bytes(row) for row in self.session.take_events()]
        self.rows += new
        for row in events.load(new) if new else []:
            number = int(row["order_id"])
            if row["kind"] == EventKind.FILL:
                self.fill_lots += int(row["side"] * row["lots"])
                self.fill_ids.append(int(row["trade_id"]))
                seen = self.orders.setdefault(number, Seen())
                seen.filled_lots += int(row["lots"])
            elif row["kind"] == EventKind.POSITION_REPORT and row["instrument"] == ETF:
                self.positions_told.append((int(row["lots"]), self.fill_lots))
            elif row["kind"] == EventKind.ORDER_REPORT:
                seen = self.orders.setdefault(number, Seen())
                if seen.status not in OVER or row["status"] == OrderStatus.OPEN:
                    seen.status = int(row["status"])
                    seen.lots = max(seen.lots, int(row["lots"]))

    def events(self, kind: EventKind):
        """Every event of a kind."""
        rows = events.load(self.rows)
        return rows[[row["kind"] == kind for row in rows]] if len(rows) else rows

    def held(self) -> int:
        """What the exchange says of our position."""
        return self.exchange.account(ME).positions[ETF]

    def resting(self) -> list[tuple[int, int, int]]:
        """Side, price and what is left of our orders there."""
        return sorted(
            (order.side, order.price_ticks, order.leaves_lots)
            for order in self.exchange.account(ME).orders.values()
        )

    def shortest_gap_s(self) -> float:
        """Between two requests."""
        return min(later - earlier for earlier, later in itertools.pairwise(self.sent_s))
