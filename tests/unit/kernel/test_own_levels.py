"""A book with our own orders in it."""

from __future__ import annotations

import numpy as np

from core.domain.enums import Side
from core.domain.events import DEPTH, book, load
from core.kernel.own_levels import add_level, write_with_ours
from tests.unit.kernel.test_simulation import Venue


def added(levels, ticks, lots, side):
    prices, sizes = np.zeros(DEPTH, np.int64), np.zeros(DEPTH, np.int64)
    for place, (price, size) in enumerate(levels):
        prices[place], sizes[place] = price, size
    add_level(prices, sizes, ticks, lots, side)
    return [(int(p), int(s)) for p, s in zip(prices, sizes, strict=True) if s]


def test_lots_join_a_price_that_is_there():
    assert added([(90, 3), (88, 4)], 88, 7, 1) == [(90, 3), (88, 11)]


def test_a_price_of_its_own_stands_in_its_place():
    assert added([(90, 3), (88, 4)], 89, 7, 1) == [(90, 3), (89, 7), (88, 4)]
    assert added([(93, 3), (95, 4)], 92, 7, -1) == [(92, 7), (93, 3), (95, 4)]
    assert added([], 92, 7, -1) == [(92, 7)]


def test_what_falls_off_a_full_depth_is_not_shown():
    levels = [(90 - place, 1) for place in range(DEPTH)]
    assert added(levels, 91, 7, 1) == [(91, 7), *levels[:-1]]
    assert added(levels, 70, 7, 1) == levels


def test_only_orders_of_the_book_s_own_instrument_are_added():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 99, 6)
    venue.place(2, Side.SELL, 103, 2)
    venue.place(3, Side.BUY, 98, 50, instrument=0)
    rows = load([book(1, [(99, 5)], [(101, 4)], 77), book(0, [(1, 1)], [(2, 2)])])
    write_with_ours(rows[1], rows[0], venue.simulation)
    assert (rows[1]["instrument"], rows[1]["exch_ts_ns"]) == (1, 77)
    assert rows[1]["bid_lots"].tolist()[:2] == [11, 0]
    assert rows[1]["ask_ticks"].tolist()[:3] == [101, 103, 0]
