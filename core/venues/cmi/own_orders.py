"""
Our orders at an exchange that knows no client ids.

An order is known by our number, and by the exchange's id once an answer has told it.
Executions name no order: they are given to the order that can have traded so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from core.domain.enums import OrderStatus, RejectReason
from core.domain.ids import stable_int64
from core.venues.cmi.fills import OwnFill

REMEMBERED = 512
"""Orders that are over and still known, for late executions and questions."""


class Stage(IntEnum):
    """How far an order is, as we know it."""

    WAITING = 0
    """For its turn to be sent."""
    SENT = 1
    """Not answered yet."""
    LOST = 2
    """The answer was lost: it may rest, have traded, or never have arrived."""
    RESTING = 3
    CANCELING = 4
    """Its cancel waits for its turn, or is not answered yet."""
    OVER = 5


@dataclass(slots=True, eq=False)
class OwnOrder:
    """One order of the account."""

    number: int
    """The kernel's; negative for an order of somebody else's making."""
    instrument: int
    side: int
    price_ticks: int
    lots: int
    """Whole size, executed part included."""
    stage: Stage = Stage.WAITING
    cum_lots: int = 0
    """Executed, as fills have told."""
    sent_lots: int = 0
    """Size of the order that stands at the exchange: what was left when it was sent."""
    before_lots: int = 0
    """Executed before that: a replaced order is a new one there."""
    told_lots: int = 0
    """Executed, as answers have told; fills of it may be still under way."""
    venue_id: str = ""
    is_ioc: bool = False
    is_post_only: bool = False
    is_missing: bool = False
    """Lost, and not among the open orders."""
    is_new: bool = False
    """Found during this look at the account: what it traded before is no part of its size."""
    wish: tuple[int, int] | None = None
    """New price and whole size that it is to get."""
    is_unwanted: bool = False
    """To be canceled as soon as it is known to stand."""
    since_s: float = 0.0
    """When it came to its stage."""
    listed_lots: int | None = None
    """What is left of it, as the newest list of open orders says; None where it is not in it."""
    over_s: float = 0.0
    """When it came to its end."""
    ending: OrderStatus = OrderStatus.CANCELED
    reason: RejectReason = RejectReason.NONE

    @property
    def leaves_lots(self) -> int:
        """Not executed yet."""
        return max(0, self.lots - self.cum_lots)

    @property
    def owed_lots(self) -> int:
        """Said to be executed, and no fill has told of it."""
        return max(0, self.told_lots - self.cum_lots)

    def could_trade_at(self, price_ticks: int) -> bool:
        """Whether a trade at this price is within its limit."""
        return (self.price_ticks - price_ticks) * self.side >= 0


class OrderTable:
    """Every order that is known, by our number and by the exchange's id."""

    def __init__(self) -> None:
        self._by_number: dict[int, OwnOrder] = {}
        self._by_id: dict[str, OwnOrder] = {}

    def __iter__(self) -> Iterator[OwnOrder]:
        return iter(self._by_number.values())

    def add(self, order: OwnOrder) -> None:
        """Know an order; the oldest of those that are over is forgotten if they are many."""
        self._by_number[order.number] = order
        if len(self._by_number) > REMEMBERED:
            over = next((item for item in self if item.stage is Stage.OVER), None)
            if over is not None:
                del self._by_number[over.number]
                self._by_id.pop(over.venue_id, None)

    def get(self, number: int) -> OwnOrder | None:
        """Find an order by our number."""
        return self._by_number.get(number)

    def named(self, venue_id: str) -> OwnOrder | None:
        """Find an order by the exchange's id."""
        return self._by_id.get(venue_id)

    def name(self, order: OwnOrder, venue_id: str) -> None:
        """Note the exchange's id of an order."""
        order.venue_id = venue_id
        self._by_id[venue_id] = order

    def live(self) -> list[OwnOrder]:
        """Orders that are not over, in the order in which they were made."""
        return [order for order in self if order.stage is not Stage.OVER]

    def lost(
        self, stage: Stage, instrument: int, side: int, price_ticks: int, lots: int
    ) -> OwnOrder | None:
        """Find an order without an id that an open order at the exchange can be."""
        fitting = [
            order
            for order in self
            if order.stage is stage
            and (order.instrument, order.side, order.price_ticks) == (instrument, side, price_ticks)
            and 0 < lots <= order.sent_lots
        ]
        return min(fitting, key=lambda order: order.sent_lots - lots, default=None)

    def trader(self, fill: OwnFill) -> OwnOrder | None:
        """
        Find whose execution this is.

        First an order whose answer has told of executions that are still owed; then, by the
        aggressor if one is named, one that rests at just this price, the oldest first, or
        one whose answer is awaited; then one that is over, which happens.
        """
        fitting = [
            order
            for order in self
            if (order.instrument, order.side) == (fill.instrument, fill.side)
            and order.leaves_lots > 0
            and order.could_trade_at(fill.price_ticks)
            and order.stage is not Stage.WAITING
        ]
        ranks = [order for order in fitting if order.owed_lots >= fill.lots]
        resting = [
            order
            for order in fitting
            if order.stage in {Stage.RESTING, Stage.CANCELING}
            and order.price_ticks == fill.price_ticks
        ]
        awaited = [order for order in fitting if order.stage in {Stage.SENT, Stage.LOST}]
        ranks += [*awaited, *resting] if fill.is_taker else [*resting, *awaited]
        over = [order for order in fitting if order.stage is Stage.OVER]
        ranks += [order for order in reversed(over) if order.price_ticks == fill.price_ticks]
        ranks += reversed(over)
        return next((order for order in ranks if order.leaves_lots >= fill.lots), None) or next(
            iter(ranks), None
        )


def foreign_number(venue_id: str) -> int:
    """Our number of an order that somebody else made: the same in every session."""
    if venue_id.isascii() and venue_id.isdigit() and 0 < len(venue_id) <= 18:
        return -int(venue_id)
    return -stable_int64(venue_id)
