"""Answers to new orders that do not leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.domain import events
from core.domain.enums import IntentKind, OrderStatus, RejectReason
from core.domain.events import EventRow

_PLACE = IntentKind.PLACE.value


def refusals(wanted: Iterable[Sequence[int]], reason: RejectReason) -> list[EventRow]:
    """
    Make an ORDER_REPORT of status REJECTED for each new order.

    Args:
        wanted: INTENT rows as plain numbers. What is no new order gets no answer.
        reason: Of all of them.
    """
    return [
        rejected(instrument, order_id, side, price_ticks, lots, reason)
        for kind, instrument, order_id, side, price_ticks, lots, *_ in wanted
        if kind == _PLACE
    ]


def rejected(
    instrument: int, order_id: int, side: int, price_ticks: int, lots: int, reason: RejectReason
) -> EventRow:
    """Make the ORDER_REPORT of one order that is not taken."""
    return events.order_report(
        instrument,
        order_id,
        OrderStatus.REJECTED,
        side=side,
        price_ticks=price_ticks,
        lots=lots,
        reason=reason,
    )
