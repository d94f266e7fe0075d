"""The top of each book: take in, judge, and measure its imbalance."""

from __future__ import annotations

from core.domain.enums import BookState
from core.domain.events import DEPTH, Event
from core.domain.records import InstrumentState
from core.jit import njit

OBI_LEVELS = 5
OFI_DECAY = 0.9
"""Weight of the past in the running order-flow imbalance: a memory of about ten events."""
_SCALE_WEIGHT = 0.02
"""Of one event in the running size of the imbalance; a plain mean over the first 50."""


@njit
def apply_book(instrument: InstrumentState, event: Event) -> int:
    """
    Take in a book and update what is read off it.

    A book that cannot be traded on is shown, but the last good one keeps its mid,
    its features and the mark of the position.

    Returns:
        1 if the book is good, 0 if not (`book_state` says why).
    """
    state = judge_book(event)
    if state == BookState.OK and instrument.mid2_ticks > 0:
        _update_order_flow(instrument, event)
    instrument.book_state = state
    instrument.book_ts_ns = event.ts_ns
    instrument.book_exch_ts_ns = event.exch_ts_ns
    for level in range(DEPTH):
        instrument.bid_ticks[level] = event.bid_ticks[level]
        instrument.bid_lots[level] = event.bid_lots[level]
        instrument.ask_ticks[level] = event.ask_ticks[level]
        instrument.ask_lots[level] = event.ask_lots[level]
    if state != BookState.OK:
        instrument.bad_books += 1
        return 0
    instrument.obi = imbalance(instrument, OBI_LEVELS)
    instrument.microprice_ticks = microprice(
        event.bid_ticks[0], event.bid_lots[0], event.ask_ticks[0], event.ask_lots[0]
    )
    return 1


@njit
def judge_book(event: Event) -> int:
    """Say whether a book can be believed: BookState.OK or what is wrong with it."""
    for level in range(DEPTH):
        bid_lots = event.bid_lots[level]
        ask_lots = event.ask_lots[level]
        if bid_lots == 0 and ask_lots == 0:
            break
        if bid_lots < 0 or ask_lots < 0:
            return BookState.INVALID.value
        if bid_lots > 0 and event.bid_ticks[level] <= 0:
            return BookState.INVALID.value
        if ask_lots > 0 and event.ask_ticks[level] <= 0:
            return BookState.INVALID.value
    has_bid = event.bid_lots[0] > 0
    has_ask = event.ask_lots[0] > 0
    if not has_bid and not has_ask:
        return BookState.EMPTY.value
    if not has_bid or not has_ask:
        return BookState.ONE_SIDED.value
    if event.bid_ticks[0] >= event.ask_ticks[0]:
        return BookState.CROSSED.value
    return BookState.OK.value


@njit
def imbalance(instrument: InstrumentState, levels: int) -> float:
    """Order-book imbalance (Σbid - Σask) / (Σbid + Σask) over `levels`, in [-1, 1]."""
    bids = 0
    asks = 0
    for level in range(levels):
        bids += instrument.bid_lots[level]
        asks += instrument.ask_lots[level]
    if bids + asks == 0:
        return 0.0
    return (bids - asks) / (bids + asks)


@njit
def microprice(bid_ticks: int, bid_lots: int, ask_ticks: int, ask_lots: int) -> float:
    """
    Mid weighted by the opposite size, in ticks: a thick bid pulls it towards the ask.

    Stoikov's weighted mid, Pb (1 - I) + Pa I with I = Qb / (Qb + Qa).
    """
    weight = bid_lots / (bid_lots + ask_lots)
    return bid_ticks * (1.0 - weight) + ask_ticks * weight


@njit
def order_flow(
    old_bid: int,
    old_bid_lots: int,
    bid: int,
    bid_lots: int,
    old_ask: int,
    old_ask_lots: int,
    ask: int,
    ask_lots: int,
) -> int:
    """
    Order-flow imbalance of one book event, in lots.

    Cont, Kukanov, Stoikov, The Price Impact of Order Book Events (2014), eq. 10.
    """  # fmt: skip
    flow = 0
    if bid >= old_bid:
        flow += bid_lots
    if bid <= old_bid:
        flow -= old_bid_lots
    if ask <= old_ask:
        flow -= ask_lots
    if ask >= old_ask:
        flow += old_ask_lots
    return flow


@njit
def _update_order_flow(instrument: InstrumentState, event: Event) -> None:
    flow = order_flow(
        instrument.bid_ticks[0], instrument.bid_lots[0], event.bid_ticks[0], event.bid_lots[0],
        instrument.ask_ticks[0], instrument.ask_lots[0], event.ask_ticks[0], event.ask_lots[0],
    )  # fmt: skip
    instrument.ofi = OFI_DECAY * instrument.ofi + flow
    weight = max(_SCALE_WEIGHT, 1.0 / instrument.book_events)
    instrument.ofi_scale += weight * (abs(instrument.ofi) - instrument.ofi_scale)
