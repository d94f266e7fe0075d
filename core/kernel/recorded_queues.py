"""
The market's part of a simulated book: recorded volume that comes, shrinks and goes.

Sides are given as +1 and -1; `ladder` and `place` are a level's coordinates in
`Book.levels`.
"""

from __future__ import annotations

from core.domain.events import DEPTH
from core.domain.memory import IntArray
from core.jit import njit
from core.kernel import matching
from core.kernel.matching import MARKET, NOWHERE, Book


@njit
def guess_aggressor(book: Book, price_ticks: int) -> int:
    """Guess who attacked, where the recording does not say: the side nearer to the price."""
    bid_ticks = matching.best_ticks(book, 1)
    ask_ticks = matching.best_ticks(book, -1)
    if ask_ticks > 0 and (bid_ticks == 0 or 2 * price_ticks > bid_ticks + ask_ticks):
        return 1
    if bid_ticks > 0 and (ask_ticks == 0 or 2 * price_ticks < bid_ticks + ask_ticks):
        return -1
    return 0


@njit
def usable_levels(ticks: IntArray, lots: IntArray, side: int) -> int:
    """Count the levels of one side; -1 where they cannot be: a price of 0, out of order."""
    count = 0
    while count < DEPTH and lots[count] > 0:
        if ticks[count] <= 0:
            return -1
        if count > 0 and (ticks[count] - ticks[count - 1]) * side >= 0:
            return -1
        count += 1
    return count


@njit
def withdraw(book: Book, ticks: IntArray, lots: IntArray, count: int, side: int) -> None:
    """Take out what the first `count` recorded levels of a side no longer show."""
    ladder = 0 if side > 0 else 1
    shown = 0
    for place in range(book.state[0].level_count[ladder] - 1, -1, -1):
        price_ticks = book.levels[ladder, place].price_ticks
        while shown < count and (ticks[shown] - price_ticks) * side > 0:
            shown += 1
        left_lots = 0
        if shown < count and ticks[shown] == price_ticks:
            left_lots = lots[shown]
        elif shown == DEPTH and _has_ours(book, ladder, place):
            continue
        _shrink_market(book, ladder, place, left_lots)


@njit
def _has_ours(book: Book, ladder: int, place: int) -> bool:
    row = book.levels[ladder, place].head
    while row != NOWHERE:
        if book.orders[row].owner != MARKET:
            return True
        row = book.orders[row].behind
    return False


@njit
def market_lots(book: Book, ladder: int, place: int) -> int:
    """Count the recorded lots at a level, ours left out."""
    total = 0
    row = book.levels[ladder, place].head
    while row != NOWHERE:
        order = book.orders[row]
        if order.owner == MARKET:
            total += order.leaves_lots
        row = order.behind
    return int(total)


@njit
def _shrink_market(book: Book, ladder: int, place: int, left_lots: int) -> None:
    """Cancel recorded volume from the tail until `left_lots` of it are left."""
    surplus_lots = market_lots(book, ladder, place) - left_lots
    row = book.levels[ladder, place].tail
    while surplus_lots > 0:
        order = book.orders[row]
        ahead = order.ahead
        if order.owner == MARKET:
            lots = min(surplus_lots, order.leaves_lots)
            surplus_lots -= lots
            if lots == order.leaves_lots:
                matching.remove(book, row)
            else:
                order.leaves_lots -= lots
                book.levels[ladder, place].lots -= lots
        row = ahead


@njit
def grow_tail(book: Book, ladder: int, place: int, lots: int) -> bool:
    """Add to the last order of a level if it is the market's."""
    level = book.levels[ladder, place]
    order = book.orders[level.tail]
    if order.owner != MARKET:
        return False
    order.leaves_lots += lots
    level.lots += lots
    return True
