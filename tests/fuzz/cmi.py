"""Targets of the CMI protocol: our session behind its codec, and the exchange's side."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from core.domain.enums import VenueState
from core.domain.errors import VenueError
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.exchange.cmi.front import CmiFront, Faults, Refusal
from core.exchange.config import ExchangeConfig, Product
from core.exchange.exchange import Exchange
from core.exchange.gateway import Gateway
from core.venues.cmi.codec import plain
from core.venues.cmi.messages import Credentials, NewOrder
from core.venues.cmi.requests import Answer, Kind, Request
from core.venues.cmi.session import CmiSession
from tests.fuzz.mutate import JSON_TOKENS, Mutator, tree_templates
from tests.fuzz.target import Plain, Target

EISBACH = Instrument(Symbol("1_Eisbach"), Decimal(1), position_limit_lots=200)
ETF = Instrument(Symbol("7_ETF"), Decimal("0.1"), position_limit_lots=20)
TS = 1_790_000_000_123_456_789

PRODUCTS = [
    {"symbol": "1_Eisbach", "tickSize": 1.0, "startingPrice": 3400.0, "contractSize": 1.0},
    {"symbol": "7_ETF", "tickSize": 0.1, "startingPrice": 50.0, "contractSize": 1.0},
]
STATUS = {"acceptingOrders": True, "activeRoundName": "CRAB", "positionLimits": []}
BOOK = {
    "productsymbol": "7_ETF",
    "tickSize": 0.1,
    "buyOrders": {"49.9": {"marketVolume": 5, "userVolume": 1}},
    "sellOrders": {"50.1": {"marketVolume": 4.0, "userVolume": 0}},
}
REST_BOOK = {
    "product": "7_ETF",
    "tickSize": 0.1,
    "buy": [{"price": 49.9, "volume": 5, "userOrderVolume": 1}],
    "sell": [{"price": 50.1, "volume": 4, "userOrderVolume": 0}],
}
TRADE = {
    "timestamp": "2026-11-21T10:40:42.438180497Z",
    "sessionId": "CRAB",
    "product": "7_ETF",
    "buyer": "me",
    "seller": "",
    "aggressor": "",
    "volume": 2,
    "price": 49.9,
}
ORDER = {
    "id": "77",
    "status": "ACTIVE",
    "product": "7_ETF",
    "side": "BUY",
    "price": 49.9,
    "volume": 3,
    "filled": 2,
    "user": "me",
    "timestamp": "2026-11-21T10:40:42Z",
    "targetUser": None,
    "message": None,
}
POSITION = {"product": "7_ETF", "volume": 2, "netPosition": 2}
ANSWERS = (
    BOOK, REST_BOOK, TRADE, [TRADE, TRADE], ORDER, [ORDER], [POSITION], PRODUCTS, STATUS,
    {"message": "order would exceed the position limit"},
)  # fmt: skip
REQUESTS = (
    {"product": "7_ETF", "price": 49.9, "side": "BUY", "volume": 3},
    {"product": "1_Eisbach", "price": 3400, "side": "SELL", "volume": 2.0},
    {"username": "me", "password": "hunter2"},
)
_KINDS = (
    Kind.ORDERS, Kind.TRADES, Kind.POSITIONS, Kind.BOOK, Kind.PLACE, Kind.CANCEL, Kind.STATUS,
)  # fmt: skip


def _mutator(samples: tuple[object, ...]) -> Mutator:
    templates = [
        template for tree in samples for template in tree_templates(tree, msgspec.json.encode)
    ]
    return Mutator(templates, JSON_TOKENS)


class SessionSubject(Plain):
    """A session that has told its account: what comes is taken as each thing in turn."""

    def __init__(self) -> None:
        self._now_s = 100.0
        self._turn = 0
        self._begin()

    def _begin(self) -> None:
        self._session = CmiSession(
            username="me", password="hunter2", instruments=[EISBACH, ETF], executions_after=1
        )
        self._session.connecting()
        good = {
            Kind.PRODUCTS: PRODUCTS, Kind.STATUS: STATUS, Kind.ORDERS: [], Kind.TRADES: [],
            Kind.POSITIONS: [],
        }  # fmt: skip
        while (request := self._take()) is not None:
            if request.kind is Kind.LOGIN:
                self._session.on_answer(request, Answer(200, b"", "Bearer t", TS), self._now_s)
            elif request.kind is Kind.STREAM:
                self._session.stream_opened(self._now_s)
            else:
                body = msgspec.json.encode(good[request.kind])
                self._session.on_answer(request, Answer(200, body), self._now_s)
        self._session.take_events()
        assert self._session.state is VenueState.SYNCED, self._session.last_error

    def _take(self) -> Request | None:
        self._now_s += 1.1
        return self._session.take_request(self._now_s)

    def take(self, data: bytes) -> bool:
        self._turn += 1
        if self._session.is_broken or self._turn % 40 == 0:
            self._begin()
        session = self._session
        refused = session.refused
        what = self._turn % (len(_KINDS) + 2)
        if what >= len(_KINDS):
            session.on_event("order" if what == len(_KINDS) else "trade", data, self._now_s)
        else:
            self._answer(_KINDS[what], data)
        session.tick(self._now_s)
        assert len(session.take_events()) <= 64, "one message became too many events"
        assert len(session.budget) <= 64, "requests pile up"
        return session.refused == refused

    def _answer(self, kind: Kind, data: bytes) -> None:
        session = self._session
        order = None
        if kind in {Kind.PLACE, Kind.CANCEL}:
            session.desk.place(self._now_s, 1, self._turn, 1, 499, 5, 0)
            order = session.desk.table.get(self._turn)
        request = Request(kind, 0, "GET", "/", order=order, symbol="7_ETF", since_s=self._now_s)
        try:
            session.on_answer(
                request, Answer(400 if self._turn % 7 == 0 else 200, data), self._now_s
            )
        except VenueError:
            self._begin()

    def check(self) -> None:
        self._begin()
        self._session.on_event("order", msgspec.json.encode(BOOK), self._now_s)
        assert len(self._session.take_events()) == 1, "a good message is not understood any more"
        assert len(self._session.last_error) <= 2_000, "an error repeats too much"


class FrontSubject(Plain):
    """The exchange's CMI side with one user, whose requests have any body."""

    def __init__(self) -> None:
        products = (Product(EISBACH, Decimal(3400), 0.003), Product(ETF, Decimal(50), 0.012))
        exchange = self._exchange = Exchange(ExchangeConfig(products, bots=False), TS)
        gateway = Gateway(exchange)
        self._front = gateway.listener = CmiFront(exchange, gateway, Faults())
        self._user = self._front.user(self._front.log_in(Credentials("me", "hunter2")), 0.0)

    def take(self, data: bytes) -> bool:
        try:
            order = msgspec.json.decode(data, type=NewOrder)
            plain(order.price)
        except ValueError:
            return False
        # The market's own limit of requests is not what is tried here.
        self._exchange.skip(1_000_000_000)
        try:
            self._front.place(self._user, order)
        except Refusal:
            return False
        finally:
            for row in self._front.orders(self._user, None):
                self._front.cancel(self._user, row["id"])
        return True

    def check(self) -> None:
        assert self._front.orders(self._user, None) == []
        body = msgspec.json.encode(REQUESTS[0])
        assert self._front.place(self._user, msgspec.json.decode(body, type=NewOrder))["id"]
        self._front.cancel_level(self._user, "7_ETF", "49.9", None)


def cmi_session() -> Target:
    """What our CMI session makes of answers and events."""
    return Target(_mutator(ANSWERS), SessionSubject, per_cent=20)


def cmi_front() -> Target:
    """What the exchange's CMI side makes of orders."""
    return Target(_mutator(REQUESTS), FrontSubject)
