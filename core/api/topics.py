"""
What viewers may ask an engine beside its snapshot: pages that change slowly or are long.

A question names a topic; the answer is one of the values below. Money and prices are
floats here, for showing only, as in a snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, TypeVar

import msgspec

from core.domain.enums import OrderOrigin, OrderStatus, Side

MAX_ROWS = 500
"""Rows of one answer: encoding it must stay short beside a step."""


class Topic(StrEnum):
    """What may be asked for."""

    STATISTICS = "statistics"
    ORDERS_DONE = "orders-done"
    LOG = "log"
    NOTES = "notes"
    ABOUT = "about"
    SETTLEMENT = "settlement"


@dataclass(frozen=True, slots=True)
class Figures:
    """How trading went over some fills and seconds of a run; None for what does not exist."""

    pnl: float
    """Realized and unrealized, after fees."""
    fees: float
    volume: float
    """Worth of all fills."""
    fills: int
    maker_fills: int
    closing_fills: int
    """Fills that closed at least a part of a position."""
    win_rate: float | None
    """Share of the closing fills that earned more than their fee."""
    profit_factor: float | None
    """Won over lost."""
    sharpe: float | None
    """Yearly, of one return a second."""
    seconds: int
    """Sampled, one a second."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """How the run has gone so far."""

    since_ns: int
    """When counting began, UTC: a restart begins anew."""
    total: Figures
    by_regime: dict[str, Figures]
    by_instrument: dict[str, Figures]
    by_origin: dict[str, Figures]
    """Without seconds or Sharpe: an order's origin holds no position of its own."""


@dataclass(frozen=True, slots=True)
class DoneOrder:
    """One order that is over."""

    order_id: int
    symbol: str
    side: Side
    price: float
    quantity: float
    filled: float
    average_price: float | None
    """Of what was filled."""
    fees: float
    status: OrderStatus
    origin: OrderOrigin
    created_ts_ns: int
    ended_ts_ns: int
    text: str
    """Why it was refused or canceled by the venue; empty otherwise."""
    reason: str
    """What spoke for it."""


@dataclass(frozen=True, slots=True)
class DoneOrders:
    """The orders that ended last, newest first."""

    orders: tuple[DoneOrder, ...]
    total: int
    """Of the run so far."""


LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the engine's log, without secrets."""

    number: int
    ts_ns: int
    level: LogLevel
    module: str
    text: str


@dataclass(frozen=True, slots=True)
class LogLines:
    """The newest lines, oldest first."""

    lines: tuple[LogLine, ...]
    dropped: int
    """Lines lost so far, because a queue was full or a disk did not take them."""


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One note of the journal: what a person wants to know of an event."""

    seq: int
    ts_ns: int
    text: str


@dataclass(frozen=True, slots=True)
class Notes:
    """The newest notes, oldest first."""

    notes: tuple[NoteLine, ...]


@dataclass(frozen=True, slots=True)
class About:
    """What the engine is, where it keeps things, and with which settings it began."""

    facts: tuple[tuple[str, str], ...]
    """Name and value, in order."""
    settings: tuple[tuple[str, str], ...]
    """Key and value. Secrets are not settings."""


@dataclass(frozen=True, slots=True)
class Settling:
    """What one product will settle at, as far as anybody can know now."""

    symbol: str
    known: float | None
    """What it would settle at if nothing more came; None where that says nothing."""
    expected: float | None
    low: float | None
    """Nine in ten draws are above."""
    high: float | None
    """Nine in ten draws are below."""
    deviation: float | None
    """Of the draws."""
    certainty: str = ""
    """How far its formula is to be believed: published, agreed, likely or uncertain."""


@dataclass(frozen=True, slots=True)
class Told:
    """One series that settlement looks at, and the newest that is known of it."""

    name: str
    unit: str
    value: float | None
    valid_ts_ns: int
    """The moment that it is about; 0 for none."""
    source: str
    """Who said so; empty for nobody."""
    note: str
    """Why it is to be doubted; empty otherwise."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The event: what its products will settle at."""

    event: str
    """Name of its file; empty without one."""
    title: str
    start_ts_ns: int
    end_ts_ns: int
    """Moment of settlement."""
    as_of_ts_ns: int
    """The city's time of the newest value; it may run faster than ours where simulated."""
    is_simulated: bool
    products: tuple[Settling, ...]
    series: tuple[Told, ...]
    trouble: str
    """Why nothing is told, and what to do; empty otherwise."""


Answer = Statistics | DoneOrders | LogLines | Notes | About | Settlement


def no_settlement(trouble: str) -> Settlement:
    """Make the page of a run without an event; `trouble` says why, and what to do."""
    return Settlement(
        event="",
        title="",
        start_ts_ns=0,
        end_ts_ns=0,
        as_of_ts_ns=0,
        is_simulated=False,
        products=(),
        series=(),
        trouble=trouble,
    )


ANSWERS: dict[Topic, type[Any]] = {
    Topic.STATISTICS: Statistics,
    Topic.ORDERS_DONE: DoneOrders,
    Topic.LOG: LogLines,
    Topic.NOTES: Notes,
    Topic.ABOUT: About,
    Topic.SETTLEMENT: Settlement,
}

A = TypeVar("A", Statistics, DoneOrders, LogLines, Notes, About, Settlement)


def encode_answer(answer: Answer) -> bytes:
    """Pack an answer for the socket."""
    return msgspec.msgpack.encode(answer)


def decode_answer(topic: Topic, data: bytes) -> Answer:
    """
    Read an answer.

    Raises:
        ValueError: If it is none to this topic.
    """
    try:
        answer: Answer = msgspec.msgpack.decode(data, type=ANSWERS[topic])
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return answer
