"""Answers to new orders that do not leave."""

from __future__ import annotations

from core.domain import events
from core.domain.enums import EventKind, IntentKind, OrderStatus, RejectReason
from core.domain.refusals import refusals

WANTED = [
    (IntentKind.CANCEL, 1, 7, 0, 0, 0, 0, 0),
    (IntentKind.PLACE, 2, 8, -1, 504, 13, events.IOC, 3),
    (IntentKind.REPLACE, 1, 7, 1, 502, 9, 0, 0),
    (IntentKind.RECONCILE, -1, 0, 0, 0, 0, 0, 0),
]


def test_only_new_orders_are_answered_and_with_what_they_were() -> None:
    (row,) = events.load(refusals(WANTED, RejectReason.FENCED))
    assert row["kind"] == EventKind.ORDER_REPORT
    assert (row["status"], row["code"]) == (OrderStatus.REJECTED, RejectReason.FENCED)
    told = [int(row[name]) for name in ("instrument", "order_id", "side", "price_ticks", "lots")]
    assert told == [2, 8, -1, 504, 13]
