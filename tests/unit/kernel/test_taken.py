"""What is taken from a recorded book does not come back with its next picture."""

from __future__ import annotations

import numpy as np

from core.domain.events import book, load
from core.kernel import taken as sut

BIDS, ASKS = 0, 1


class Taken:
    """What we took in one instrument, with room for two prices a side."""

    def __init__(self):
        self.rows = np.zeros((2, 2, 2), np.int64)

    def take(self, ladder, ticks, lots):
        sut.take(self.rows, ladder, ticks, lots)

    def asks(self, *levels, bids=((90, 2),)):
        """Asks that are left of a newer book."""
        return self.left(bids, levels, "ask")

    def left(self, bids, asks, side):
        events = load([book(0, bids, asks), book(0, [(1, 1)], [(2, 2)])])
        self.used = sut.settle(self.rows, events[0])
        sut.write_remaining(events[1], events[0], self.rows)
        pairs = zip(events[1][f"{side}_ticks"], events[1][f"{side}_lots"], strict=True)
        return [(int(ticks), int(lots)) for ticks, lots in pairs if ticks or lots]


def test_a_book_that_nothing_was_taken_from_stays_whole():
    taken = Taken()
    assert taken.asks((100, 3), (101, 7)) == [(100, 3), (101, 7)]
    assert taken.used == 0


def test_what_was_taken_is_missing_from_the_next_book():
    taken = Taken()
    taken.take(ASKS, 100, 3)
    taken.take(ASKS, 101, 2)
    assert taken.asks((100, 3), (101, 7)) == [(101, 5)]
    assert taken.used == 2


def test_what_is_taken_twice_at_a_price_adds_up():
    taken = Taken()
    taken.take(ASKS, 100, 3)
    taken.take(ASKS, 100, 4)
    assert taken.asks((100, 9)) == [(100, 2)]


def test_a_level_that_shrinks_gives_back_no_more_than_it_shows():
    """Ten of twelve were ours; the venue shows four, so four are ours and none is left."""
    taken = Taken()
    taken.take(ASKS, 100, 10)
    assert taken.asks((100, 4)) == []
    assert taken.asks((100, 6)) == [(100, 2)]


def test_a_level_that_went_comes_back_whole():
    taken = Taken()
    taken.take(ASKS, 100, 3)
    assert taken.asks((101, 1)) == [(101, 1)]
    assert taken.used == 0
    assert taken.asks((100, 3)) == [(100, 3)]


def test_a_sale_takes_from_the_bids():
    taken = Taken()
    taken.take(BIDS, 90, 1)
    assert taken.left([(90, 2), (89, 5)], [(100, 3)], "bid") == [(90, 1), (89, 5)]


def test_what_there_is_no_place_for_is_not_remembered():
    taken = Taken()
    for ticks in (100, 101, 102):
        taken.take(ASKS, ticks, 1)
    assert taken.asks((100, 1), (101, 1), (102, 1)) == [(102, 1)]


def test_nothing_is_an_empty_book():
    events = load([book(0, [(90, 2)], [(100, 3)])])
    sut.write_nothing(events[0])
    assert not events[0]["bid_lots"].any()
    assert not events[0]["ask_ticks"].any()
