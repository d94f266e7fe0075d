"""What is taken from a live book does not come back with its next picture."""

from __future__ import annotations

from core.domain.events import book, load
from core.venues.paper.taken import Taken


def asks(row):
    event = load([row])[0]
    return [
        (int(ticks), int(lots))
        for ticks, lots in zip(event["ask_ticks"], event["ask_lots"], strict=True)
        if lots
    ]


def shown(*levels):
    return book(0, [(90, 2)], levels)


def test_a_book_that_nothing_was_taken_from_stays_the_same_object() -> None:
    row = shown((100, 3))
    assert Taken().remaining(row) is row


def test_what_was_taken_is_missing_from_the_next_book() -> None:
    taken = Taken()
    taken.remaining(shown((100, 3), (101, 7)))
    taken.take(1, 5)
    assert asks(taken.remaining(shown((100, 3), (101, 7)))) == [(101, 5)]


def test_what_is_added_to_a_level_can_be_taken() -> None:
    taken = Taken()
    taken.remaining(shown((100, 3)))
    taken.take(1, 3)
    assert asks(taken.remaining(shown((100, 8)))) == [(100, 5)]


def test_a_level_that_shrinks_gives_back_no_more_than_it_shows() -> None:
    """Ten of twelve were ours; the venue shows four, so four are ours and none is left."""
    taken = Taken()
    taken.remaining(shown((100, 12)))
    taken.take(1, 10)
    assert asks(taken.remaining(shown((100, 4)))) == []
    assert asks(taken.remaining(shown((100, 6)))) == [(100, 2)]


def test_a_level_that_went_comes_back_whole() -> None:
    taken = Taken()
    taken.remaining(shown((100, 3)))
    taken.take(1, 3)
    taken.remaining(shown((101, 1)))
    assert asks(taken.remaining(shown((100, 3)))) == [(100, 3)]


def test_a_sale_takes_from_the_bids() -> None:
    taken = Taken()
    taken.remaining(shown((100, 3)))
    taken.take(-1, 1)
    assert load([taken.remaining(shown((100, 3)))])[0]["bid_lots"].tolist()[:2] == [1, 0]
