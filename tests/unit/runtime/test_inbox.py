"""The inbox: books overtake books, nothing else is lost or reordered."""

from __future__ import annotations

from core.domain import events
from core.runtime.inbox import Inbox


def book(index: int, bid: int) -> bytearray:
    return events.book(index, [(bid, 3)], [(bid + 2, 5)])


def test_a_newer_book_of_the_same_instrument_takes_the_place_of_an_older() -> None:
    """The newest keeps its place in time: it must not be seen before the fill in between."""
    inbox = Inbox()
    fill = events.fill(0, 1, 1, 1, 100, 2)
    rows = [book(0, 100), book(1, 50), fill, book(0, 101)]
    for row in rows:
        inbox.put(row)
    assert inbox.take() == [rows[1], fill, rows[3]]
    assert inbox.merged_books == 1


def test_nothing_but_books_is_ever_merged() -> None:
    inbox = Inbox()
    rows = [events.timer(), events.timer(), events.trade(0, 100, 3, 1), events.trade(0, 100, 3, 1)]
    for row in rows:
        inbox.put(row)
    assert inbox.take() == rows
    assert inbox.merged_books == 0


def test_taking_empties_it_and_starts_merging_afresh() -> None:
    inbox = Inbox()
    inbox.put(book(0, 100))
    inbox.take()
    inbox.put(book(0, 101))
    assert len(inbox) == 1
    assert inbox.take() == [book(0, 101)]
    assert inbox.merged_books == 0
