"""
A recorded book as the venue would have shown it: with our own orders in it.

Only where the recording is a run of ours, whose own orders were taken out of its books.
"""

from __future__ import annotations

from core.domain.events import DEPTH, Event
from core.domain.memory import IntArray
from core.jit import njit
from core.kernel import matching
from core.kernel.matching import NOWHERE
from core.kernel.simulation import Simulation


@njit
def write_with_ours(target: Event, event: Event, simulation: Simulation) -> None:
    """Copy a BOOK and add what we offer in its instrument."""
    target.ts_ns = event.ts_ns
    target.exch_ts_ns = event.exch_ts_ns
    target.kind = event.kind
    target.instrument = event.instrument
    for level in range(DEPTH):
        target.bid_ticks[level] = event.bid_ticks[level]
        target.bid_lots[level] = event.bid_lots[level]
        target.ask_ticks[level] = event.ask_ticks[level]
        target.ask_lots[level] = event.ask_lots[level]
    book = matching.pick(simulation.books, event.instrument)
    for number in range(simulation.orders.shape[0]):
        own = simulation.orders[number]
        if own.order_id == 0 or own.instrument != event.instrument:
            continue
        row = matching.find(book, own.order_id)
        if row == NOWHERE:
            continue
        order = book.orders[row]
        if order.side > 0:
            add_level(target.bid_ticks, target.bid_lots, order.price_ticks, order.leaves_lots, 1)
        else:
            add_level(target.ask_ticks, target.ask_lots, order.price_ticks, order.leaves_lots, -1)


@njit
def add_level(ticks: IntArray, lots: IntArray, price_ticks: int, more_lots: int, side: int) -> None:
    """Add lots to one side of a book, best price first; what falls off its end is not shown."""
    level = 0
    while level < DEPTH and lots[level] > 0 and (ticks[level] - price_ticks) * side > 0:
        level += 1
    if level == DEPTH:
        return
    if lots[level] > 0 and ticks[level] == price_ticks:
        lots[level] += more_lots
        return
    for place in range(DEPTH - 1, level, -1):
        ticks[place] = ticks[place - 1]
        lots[place] = lots[place - 1]
    ticks[level] = price_ticks
    lots[level] = more_lots
