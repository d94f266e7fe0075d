"""The matching engine, rule by rule."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.enums import RejectReason
from core.domain.events import IOC, POST_ONLY
from core.kernel import matching

ANNA, BEN, CARL = 5, 6, 7


class Desk:
    """A book and its executions, with sides as words."""

    def __init__(self, max_orders=8, max_levels=4):
        self.book = matching.make_book(max_orders, max_levels)
        self.executions = matching.make_executions(self.book)

    def send(self, order_id, owner, side, ticks, lots, flags=0):
        return matching.submit(
            self.book, order_id, owner, side, ticks, lots, flags, self.executions
        )

    def replace(self, order_id, ticks, lots):
        return matching.replace(self.book, order_id, ticks, lots, self.executions)

    def fills(self, count):
        """(maker, taker, price, lots, maker leaves, taker leaves) of the last order."""
        return [
            (
                int(row["maker_order_id"]),
                int(row["taker_order_id"]),
                int(row["price_ticks"]),
                int(row["lots"]),
                int(row["maker_leaves_lots"]),
                int(row["taker_leaves_lots"]),
            )
            for row in self.executions[:count]
        ]

    def side(self, side):
        ticks, lots = np.zeros(5, np.int64), np.zeros(5, np.int64)
        count = matching.depth(self.book, side, ticks, lots)
        return list(zip(ticks[:count].tolist(), lots[:count].tolist(), strict=True))

    def result(self):
        state = self.book.state[0]
        return tuple(
            int(state[name])
            for name in ("filled_lots", "resting_lots", "canceled_lots", "cancel_reason")
        )


def test_the_best_price_goes_first_and_then_the_oldest_order():
    desk = Desk()
    desk.send(1, ANNA, -1, 102, 4)
    desk.send(2, BEN, -1, 101, 3)
    desk.send(3, ANNA, -1, 101, 5)
    count = desk.send(9, CARL, 1, 102, 10)
    assert desk.fills(count) == [
        (2, 9, 101, 3, 0, 7),
        (3, 9, 101, 5, 0, 2),
        (1, 9, 102, 2, 2, 0),
    ]
    assert desk.result() == (10, 0, 0, 0)
    assert desk.side(-1) == [(102, 2)]


def test_a_seller_meets_the_highest_bid_first():
    desk = Desk()
    desk.send(1, ANNA, 1, 98, 4)
    desk.send(2, BEN, 1, 99, 3)
    count = desk.send(3, CARL, -1, 98, 5)
    assert desk.fills(count) == [(2, 3, 99, 3, 0, 2), (1, 3, 98, 2, 2, 0)]


def test_the_rest_of_a_limit_order_stands_at_its_own_price():
    desk = Desk()
    desk.send(1, ANNA, -1, 101, 4)
    assert desk.send(2, BEN, 1, 103, 7) == 1
    assert desk.result() == (4, 3, 0, 0)
    assert desk.side(1) == [(103, 3)]
    assert desk.side(-1) == []


def test_the_rest_of_an_ioc_order_is_canceled():
    desk = Desk()
    desk.send(1, ANNA, -1, 101, 4)
    assert desk.send(2, BEN, 1, 103, 7, IOC) == 1
    assert desk.result() == (4, 0, 3, 0)
    assert desk.side(1) == []


@pytest.mark.parametrize(("ticks", "expected"), [(100, 0), (101, -RejectReason.WOULD_CROSS)])
def test_a_post_only_order_rests_or_is_refused(ticks, expected):
    desk = Desk()
    desk.send(1, ANNA, -1, 101, 4)
    assert desk.send(2, BEN, 1, ticks, 7, POST_ONLY) == expected
    assert desk.side(-1) == [(101, 4)]


def test_a_post_only_seller_is_refused_at_the_bid():
    desk = Desk()
    desk.send(1, ANNA, 1, 99, 4)
    assert desk.send(2, BEN, -1, 99, 7, POST_ONLY) == -RejectReason.WOULD_CROSS
    assert desk.send(3, BEN, -1, 100, 7, POST_ONLY) == 0


def test_an_owner_never_trades_with_itself():
    """What came before its own order trades; the remainder is canceled, not rested."""
    desk = Desk()
    desk.send(1, ANNA, -1, 101, 4)
    desk.send(2, BEN, -1, 102, 3)
    count = desk.send(3, BEN, 1, 105, 9)
    assert desk.fills(count) == [(1, 3, 101, 4, 0, 5)]
    assert desk.result() == (4, 0, 5, RejectReason.SELF_TRADE)
    assert desk.side(-1) == [(102, 3)]
    assert desk.side(1) == []


def test_market_flow_may_meet_itself():
    desk = Desk()
    desk.send(0, matching.MARKET, -1, 101, 4)
    assert desk.send(0, matching.MARKET, 1, 101, 3) == 1
    assert desk.side(-1) == [(101, 1)]


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ((2, BEN, 0, 100, 5), RejectReason.MALFORMED),
        ((2, BEN, 1, 100, 5, POST_ONLY | IOC), RejectReason.MALFORMED),
        ((2, BEN, 1, 0, 5), RejectReason.BAD_PRICE),
        ((2, BEN, 1, -3, 5), RejectReason.BAD_PRICE),
        ((2, BEN, 1, 100, 0), RejectReason.BAD_SIZE),
        ((1, BEN, 1, 100, 5), RejectReason.DUPLICATE_ORDER_ID),
    ],
)
def test_a_refusal_names_its_reason_and_changes_nothing(order, reason):
    desk = Desk()
    desk.send(1, ANNA, -1, 101, 4)
    before = [array.tobytes() for array in desk.book]
    assert desk.send(*order) == -reason
    assert [array.tobytes() for array in desk.book] == before


def test_a_full_book_refuses_what_would_rest_and_takes_what_would_not():
    desk = Desk(max_orders=2)
    desk.send(1, ANNA, -1, 101, 4)
    desk.send(2, ANNA, -1, 102, 4)
    assert desk.send(3, BEN, 1, 99, 1) == -RejectReason.TOO_MANY_ORDERS
    assert desk.send(3, BEN, 1, 101, 4, IOC) == 1
    assert desk.send(4, BEN, 1, 99, 1) == 0


def test_a_side_with_all_its_levels_takes_orders_at_those_only():
    desk = Desk(max_levels=2)
    desk.send(1, ANNA, 1, 99, 4)
    desk.send(2, ANNA, 1, 97, 4)
    assert desk.send(3, ANNA, 1, 98, 1) == -RejectReason.TOO_MANY_ORDERS
    assert desk.send(4, ANNA, 1, 97, 1) == 0
    assert desk.replace(4, 98, 1) == -RejectReason.TOO_MANY_ORDERS
    assert desk.side(1) == [(99, 4), (97, 5)]


def test_too_few_execution_rows_are_refused_before_anything_trades():
    desk = Desk()
    desk.send(1, ANNA, -1, 101, 4)
    desk.executions = desk.executions[:0]
    assert desk.send(2, BEN, 1, 101, 4) == -RejectReason.TOO_MANY_ORDERS


def test_cancel_gives_back_what_was_left():
    desk = Desk()
    desk.send(1, ANNA, -1, 101, 4)
    desk.send(2, BEN, 1, 101, 1)
    assert matching.cancel(desk.book, 1) == 3
    assert matching.cancel(desk.book, 1) == -1
    assert desk.side(-1) == []
    assert matching.best_ticks(desk.book, -1) == 0


def test_an_anonymous_order_is_not_found_by_id():
    desk = Desk()
    desk.send(matching.ANONYMOUS, ANNA, -1, 101, 4)
    assert matching.find(desk.book, matching.ANONYMOUS) == matching.NOWHERE
    assert matching.cancel(desk.book, matching.ANONYMOUS) == -1


def test_shrinking_at_the_same_price_keeps_the_place_in_the_queue():
    desk = Desk()
    desk.send(1, ANNA, -1, 101, 6)
    desk.send(2, BEN, -1, 101, 3)
    assert desk.replace(1, 101, 2) == 0
    assert desk.result() == (0, 2, 0, 0)
    assert desk.side(-1) == [(101, 5)]
    assert desk.fills(desk.send(3, CARL, 1, 101, 3)) == [(1, 3, 101, 2, 0, 1), (2, 3, 101, 1, 2, 0)]


@pytest.mark.parametrize(("ticks", "lots"), [(101, 7), (100, 6)])
def test_growing_or_moving_loses_the_place(ticks, lots):
    desk = Desk()
    desk.send(1, ANNA, -1, 101, 6)
    desk.send(2, BEN, -1, ticks, 3)
    assert desk.replace(1, ticks, lots) == 0
    first = desk.fills(desk.send(3, CARL, 1, 101, 1))[0]
    assert first[0] == 2


def test_a_replacement_may_execute():
    desk = Desk()
    desk.send(1, ANNA, -1, 101, 4)
    desk.send(2, BEN, 1, 99, 6)
    count = desk.replace(2, 101, 6)
    assert desk.fills(count) == [(1, 2, 101, 4, 0, 2)]
    assert desk.side(1) == [(101, 2)]


def test_a_post_only_order_stays_post_only_when_replaced():
    desk = Desk()
    desk.send(1, ANNA, -1, 101, 4)
    desk.send(2, BEN, 1, 99, 6, POST_ONLY)
    assert desk.replace(2, 101, 6) == -RejectReason.WOULD_CROSS
    assert desk.side(1) == [(99, 6)]


@pytest.mark.parametrize(
    ("order_id", "ticks", "lots", "reason"),
    [
        (3, 100, 1, RejectReason.UNKNOWN_ORDER),
        (1, 100, 0, RejectReason.BAD_SIZE),
        (1, 0, 1, RejectReason.BAD_PRICE),
    ],
)
def test_a_refused_replacement_leaves_the_order_as_it_was(order_id, ticks, lots, reason):
    desk = Desk(max_orders=1)
    desk.send(1, ANNA, -1, 101, 4)
    assert desk.replace(order_id, ticks, lots) == -reason
    assert desk.side(-1) == [(101, 4)]


def test_the_only_order_of_a_full_book_can_be_moved():
    desk = Desk(max_orders=1)
    desk.send(1, ANNA, -1, 101, 4)
    assert desk.replace(1, 103, 5) == 0
    assert desk.side(-1) == [(103, 5)]


def test_lots_ahead_counts_the_queue_before_an_order():
    desk = Desk()
    desk.send(1, ANNA, -1, 101, 4)
    desk.send(2, BEN, -1, 101, 3)
    desk.send(3, ANNA, -1, 101, 2)
    assert matching.lots_ahead(desk.book, matching.find(desk.book, 3)) == 7


def test_depth_is_best_first_and_cut_to_what_was_asked():
    desk = Desk()
    for order_id, ticks in enumerate((99, 97, 98), start=1):
        desk.send(order_id, ANNA, 1, ticks, order_id)
    ticks, lots = np.full(2, 7, np.int64), np.full(2, 7, np.int64)
    assert matching.depth(desk.book, 1, ticks, lots) == 2
    assert (ticks.tolist(), lots.tolist()) == ([99, 98], [1, 3])
    assert matching.depth(desk.book, -1, ticks, lots) == 0
    assert (ticks.tolist(), lots.tolist()) == ([0, 0], [0, 0])


def test_resting_without_matching_needs_room():
    desk = Desk(max_orders=2, max_levels=1)
    assert matching.rest(desk.book, 1, ANNA, 1, 99, 4, 0) != matching.NOWHERE
    assert matching.rest(desk.book, 2, ANNA, 1, 98, 4, 0) == matching.NOWHERE
    assert matching.rest(desk.book, 2, ANNA, 1, 99, 4, 0) != matching.NOWHERE
    assert matching.rest(desk.book, 3, ANNA, 1, 99, 4, 0) == matching.NOWHERE


def test_books_side_by_side_do_not_share_orders():
    books = matching.make_books(2, 4, 4)
    first, second = matching.book_at(books, 0), matching.book_at(books, 1)
    executions = matching.make_executions(first)
    matching.submit(first, 1, ANNA, -1, 101, 4, 0, executions)
    assert matching.find(second, 1) == matching.NOWHERE
    assert matching.best_ticks(first, -1) == 101


def test_a_cleared_book_is_empty_and_usable():
    desk = Desk(max_orders=2)
    desk.send(1, ANNA, -1, 101, 4)
    desk.send(2, ANNA, 1, 99, 4)
    matching.clear(desk.book)
    assert desk.side(1) == desk.side(-1) == []
    assert desk.send(1, ANNA, 1, 98, 4) == 0
    assert desk.send(2, ANNA, 1, 98, 4) == 0


def test_ids_that_share_a_slot_are_told_apart():
    """Any id is legal, neighbors and far-apart ones, and negative ones of the venue."""
    desk = Desk(max_orders=64, max_levels=4)
    ids = [1, 2, 3, -1, -2, 2**62, 2**31, 2**31 + 1, *range(1000, 1040)]
    for order_id in ids:
        assert desk.send(order_id, ANNA, 1, 99, 1) == 0
    for order_id in ids[::2]:
        assert matching.cancel(desk.book, order_id) == 1
    for order_id in ids[1::2]:
        assert desk.book.orders[matching.find(desk.book, order_id)]["order_id"] == order_id
    assert all(matching.find(desk.book, order_id) == matching.NOWHERE for order_id in ids[::2])
