"""
What our simulated orders have taken out of a market that does not know of them.

The recording shows the same volume again in its next book. Offered again each time, one
lot would fill us ten times a second. So what we took at a price stays taken until the
recording itself shows less there, or the price goes.

`taken` is side (0: bids, 1: asks) x place x (ticks, lots) of one instrument; a place with
0 lots is free. Where all places are used, the rest is not remembered.
"""

from __future__ import annotations

from core.domain.events import DEPTH, Event
from core.domain.memory import IntArray
from core.jit import njit


@njit
def take(taken: IntArray, ladder: int, price_ticks: int, lots: int) -> None:
    """Remember that we took `lots` of what one side shows at a price."""
    free = -1
    for place in range(taken.shape[1]):
        if taken[ladder, place, 1] == 0:
            free = place if free < 0 else free
        elif taken[ladder, place, 0] == price_ticks:
            taken[ladder, place, 1] += lots
            return
    if free >= 0:
        taken[ladder, free, 0] = price_ticks
        taken[ladder, free, 1] = lots


@njit
def settle(taken: IntArray, book: Event) -> int:
    """Give back what a newer book does not show any more. Returns the places still in use."""
    used = 0
    for ladder in range(2):
        for place in range(taken.shape[1]):
            if taken[ladder, place, 1] == 0:
                continue
            shown_lots = _shown(book, ladder, taken[ladder, place, 0])
            taken[ladder, place, 1] = min(taken[ladder, place, 1], shown_lots)
            if taken[ladder, place, 1] > 0:
                used += 1
    return used


@njit
def write_remaining(target: Event, book: Event, taken: IntArray) -> None:
    """Write the levels of a book without what is taken; used-up prices are left out."""
    for ladder in range(2):
        written = 0
        for level in range(DEPTH):
            ticks = book.bid_ticks[level] if ladder == 0 else book.ask_ticks[level]
            lots = book.bid_lots[level] if ladder == 0 else book.ask_lots[level]
            if lots == 0:
                break
            lots -= _taken_at(taken, ladder, ticks)
            if lots > 0:
                _write(target, ladder, written, ticks, lots)
                written += 1
        for level in range(written, DEPTH):
            _write(target, ladder, level, 0, 0)


@njit
def write_nothing(target: Event) -> None:
    """Write an empty book."""
    for ladder in range(2):
        for level in range(DEPTH):
            _write(target, ladder, level, 0, 0)


@njit
def _write(target: Event, ladder: int, level: int, ticks: int, lots: int) -> None:
    if ladder == 0:
        target.bid_ticks[level] = ticks
        target.bid_lots[level] = lots
    else:
        target.ask_ticks[level] = ticks
        target.ask_lots[level] = lots


@njit
def _shown(book: Event, ladder: int, price_ticks: int) -> int:
    for level in range(DEPTH):
        if ladder == 0 and book.bid_ticks[level] == price_ticks:
            return int(book.bid_lots[level])
        if ladder == 1 and book.ask_ticks[level] == price_ticks:
            return int(book.ask_lots[level])
    return 0


@njit
def _taken_at(taken: IntArray, ladder: int, price_ticks: int) -> int:
    for place in range(taken.shape[1]):
        if taken[ladder, place, 1] > 0 and taken[ladder, place, 0] == price_ticks:
            return int(taken[ladder, place, 1])
    return 0
