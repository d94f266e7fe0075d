"""The table of an order's life: complete, without resurrection, and as the document shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.api.view import LIVE_STATUSES
from core.domain.enums import OrderStatus
from core.domain.order_life import NEXT_STATUS, Happening

DOCUMENT = Path(__file__).parents[3] / "docs" / "orders.md"
OVER = [status for status in OrderStatus if status not in LIVE_STATUSES]
ENDS = [Happening.FILLED, Happening.CANCELED, Happening.REJECTED, Happening.EXPIRED]


@pytest.mark.parametrize("status", OVER)
def test_nothing_brings_an_order_that_is_over_back_to_life(status) -> None:
    assert {int(after) for after in NEXT_STATUS[status]} == {status}


@pytest.mark.parametrize("status", LIVE_STATUSES)
def test_every_live_order_ends_by_every_end(status) -> None:
    assert [OrderStatus(int(NEXT_STATUS[status, end])).name for end in ENDS] == [
        end.name for end in ENDS
    ]


def test_only_an_unanswered_request_makes_an_order_unknown() -> None:
    waiting = {OrderStatus.PENDING_NEW, OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_REPLACE}
    for status in set(OrderStatus) - {OrderStatus.UNKNOWN}:
        for happening in Happening:
            becomes_unknown = NEXT_STATUS[status, happening] == OrderStatus.UNKNOWN
            assert becomes_unknown == (happening is Happening.UNANSWERED and status in waiting)


def test_an_acknowledgement_does_not_answer_a_cancel_and_a_refusal_does() -> None:
    pending = OrderStatus.PENDING_CANCEL
    assert NEXT_STATUS[pending, Happening.STANDS] == pending
    assert NEXT_STATUS[pending, Happening.REQUEST_REFUSED] == OrderStatus.OPEN


def test_a_replace_is_only_asked_of_an_order_that_stands() -> None:
    may = {
        status for status in OrderStatus if NEXT_STATUS[status, Happening.REPLACE_SENT] != status
    }
    assert may == {OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED}


def test_the_document_shows_the_table_as_it_is() -> None:
    """One line for each live status; a dash where nothing changes."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    for status in LIVE_STATUSES:
        cells = [
            "-" if after == status else OrderStatus(int(after)).name
            for after in NEXT_STATUS[status]
        ]
        assert f"| {status.name} | {' | '.join(cells)} |" in lines
