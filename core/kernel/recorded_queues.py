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
def withdraw(
    book: Book, ticks: IntArray, lots: IntArray, side: int, is_full: bool, queue_power: float
) -> None:
    """
    Take out what the recorded levels of a side no longer show.

    Args:
        book: The matching book.
        ticks: Recorded prices, best first.
        lots: What is there; 0 behind the last one.
        side: 1 for bids, -1 for asks.
        is_full: Levels beyond the last one may be there, and are kept while we stand there.
        queue_power: See `core.kernel.simulation.VenueTerms`.
    """
    ladder = 0 if side > 0 else 1
    shown = 0
    for place in range(book.state[0].level_count[ladder] - 1, -1, -1):
        price_ticks = book.levels[ladder, place].price_ticks
        while shown < DEPTH and lots[shown] > 0 and (ticks[shown] - price_ticks) * side > 0:
            shown += 1
        is_over = shown == DEPTH or lots[shown] == 0
        left_lots = 0
        if not is_over and ticks[shown] == price_ticks:
            left_lots = lots[shown]
        elif is_over and is_full and _has_ours(book, ladder, place):
            continue
        surplus_lots = market_lots(book, ladder, place) - left_lots
        if surplus_lots > 0 and queue_power > 0.0 and left_lots > 0:
            surplus_lots = _shrink_ahead(book, ladder, place, surplus_lots, queue_power)
        _shrink_tail(book, ladder, place, surplus_lots)


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
def _shrink_ahead(
    book: Book, ladder: int, place: int, surplus_lots: int, queue_power: float
) -> int:
    """
    Cancel ahead of us the share of a shrinking level that the queue model puts there.

    Each piece of recorded volume with an order of ours behind it loses ahead / (ahead +
    behind) of what is canceled from there on, both to the power of the model, as in
    hftbacktest's PowerProbQueueModel: of lots ahead of our order and behind it. Rounded to
    the nearest lot.

    Returns:
        What is left to cancel behind us.
    """
    behind_lots = market_lots(book, ladder, place)
    ahead_lots = 0
    row = book.levels[ladder, place].head
    while row != NOWHERE and surplus_lots > 0:
        order = book.orders[row]
        behind = order.behind
        if order.owner == MARKET:
            ahead_lots += order.leaves_lots
            behind_lots -= order.leaves_lots
            if behind != NOWHERE and book.orders[behind].owner != MARKET:
                weight = float(ahead_lots) ** queue_power
                total = weight + float(behind_lots) ** queue_power
                lots = min(order.leaves_lots, int(surplus_lots * weight / total + 0.5))
                surplus_lots -= lots
                ahead_lots -= lots
                _cancel_lots(book, ladder, place, row, lots)
        row = behind
    return int(surplus_lots)


@njit
def _shrink_tail(book: Book, ladder: int, place: int, surplus_lots: int) -> None:
    """Cancel recorded volume from the tail."""
    row = book.levels[ladder, place].tail
    while surplus_lots > 0:
        order = book.orders[row]
        ahead = order.ahead
        if order.owner == MARKET:
            lots = min(surplus_lots, order.leaves_lots)
            surplus_lots -= lots
            _cancel_lots(book, ladder, place, row, lots)
        row = ahead


@njit
def _cancel_lots(book: Book, ladder: int, place: int, row: int, lots: int) -> None:
    """Take lots from one recorded order; an empty one goes, and a level with its last order."""
    order = book.orders[row]
    if lots == order.leaves_lots:
        matching.remove(book, row)
    else:
        order.leaves_lots -= lots
        book.levels[ladder, place].lots -= lots


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
