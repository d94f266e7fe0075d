"""Requests as values, and the budget that all of them share. No socket, no clock."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from core.venues.cmi.own_orders import OwnOrder

_MARGIN = 1.02
"""Two requests may come closer together on their way than they were sent."""

BACK_OFF_S = (1.0, 2.0, 4.0)
"""Pauses after the first, second and any further 429 in a row."""


class Kind(Enum):
    """What is asked."""

    LOGIN = "login"
    STATUS = "status"
    PRODUCTS = "products"
    STREAM = "stream"
    ORDERS = "open orders"
    TRADES = "trades"
    POSITIONS = "positions"
    BOOK = "book"
    PLACE = "order"
    CANCEL = "cancel"


class Urgency(IntEnum):
    """Who goes first; within one, who came first."""

    LOGIN = 0
    """Without it nothing else is answered."""
    CANCEL = 1
    REDUCE = 2
    """An order that makes a position smaller."""
    ASK = 3
    """What became of an order; the account after a connection."""
    PLACE = 4
    """The kernel gives orders by what they are worth."""
    WATCH = 5
    """Polls and checks that can wait."""


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One request to send, once its turn has come."""

    kind: Kind
    urgency: Urgency
    method: str
    path: str
    """Under `/api`, with its query."""
    body: bytes = b""
    order: OwnOrder | None = None
    others: tuple[OwnOrder, ...] = ()
    """Of a cancel that is about a whole level: what rests there beside `order`."""
    symbol: str = ""
    is_of_sync: bool = False
    since_s: float = 0.0
    """When it was asked for."""

    @property
    def is_safe(self) -> bool:
        """Whether sending it twice does what sending it once does."""
        return self.kind is not Kind.PLACE

    @property
    def said(self) -> str:
        """For the log; a body may hold a password."""
        orders = (self.order, *self.others) if self.order is not None else ()
        numbers = ", ".join(str(order.number) for order in orders)
        return f"{self.method} {self.path}" + (f" for order {numbers}" if orders else "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    """Of HTTP."""
    data: bytes
    authorization: str = field(default="", repr=False)
    """Header of that name: a login's token, with its `Bearer `."""
    date_ns: int = 0
    """Clock of the exchange, by its header; 0 without one."""
    sent_ns: int = 0
    """By our wall clock, when the request was sent."""
    received_ns: int = 0
    """And when the answer was there."""

    @property
    def is_ok(self) -> bool:
        """Whether it was served."""
        return 200 <= self.status < 300


class Budget:
    """
    So many requests a second, and who goes first.

    Args:
        requests_per_s: Of all kinds together.
    """

    def __init__(self, requests_per_s: float) -> None:
        self._spacing_s = _MARGIN / requests_per_s
        self._waiting: list[tuple[int, int, Request]] = []
        self._added = 0
        self._next_s = 0.0
        self._refusals = 0
        self.sent = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, request: Request) -> None:
        """Queue a request."""
        self._added += 1
        heapq.heappush(self._waiting, (request.urgency, self._added, request))

    def put_back(self, request: Request) -> None:
        """Queue a request that was not served, before all others of its urgency."""
        self._added += 1
        heapq.heappush(self._waiting, (request.urgency, -self._added, request))

    def take(self, now_s: float) -> Request | None:
        """Take the next request if one may be sent now."""
        if not self._waiting or now_s < self._next_s:
            return None
        self._next_s = now_s + self._spacing_s
        self.sent += 1
        return heapq.heappop(self._waiting)[2]

    def refund(self) -> None:
        """Nothing was sent of what was taken last."""
        self._next_s = 0.0
        self.sent -= 1

    def due_s(self) -> float | None:
        """When the next one may be sent; None if none waits."""
        return self._next_s if self._waiting else None

    def back_off(self, now_s: float) -> float:
        """Take it easy after a 429; returns the pause."""
        pause_s = BACK_OFF_S[min(self._refusals, len(BACK_OFF_S) - 1)]
        self._refusals += 1
        self._next_s = max(self._next_s, now_s + pause_s)
        return pause_s

    def served(self) -> None:
        """A request was let in: the next 429 is a first one."""
        self._refusals = 0

    def has(self, is_meant: Callable[[Request], bool]) -> bool:
        """Whether such a request waits."""
        return any(is_meant(request) for _, _, request in self._waiting)

    def drop(self, is_meant: Callable[[Request], bool]) -> list[Request]:
        """Take such requests out."""
        dropped = [request for *_, request in sorted(self._waiting, key=_rank) if is_meant(request)]
        self._waiting = [entry for entry in self._waiting if not is_meant(entry[2])]
        heapq.heapify(self._waiting)
        return dropped


def _rank(entry: tuple[int, int, Request]) -> tuple[int, int]:
    return entry[:2]
