"""The top of each book: take in, judge, and measure its imbalance."""

from __future__ import annotations

from core.domain.enums import BookState
from core.domain.events import DEPTH, Event
from core.domain.records import InstrumentState
from core.jit import njit

LEVELS = 5
"""Levels that the imbalances look at; the nearest counts most."""
OFI_DECAY = 0.9
"""Weight of the past in the running order-flow imbalance: a memory of about ten events."""
_TRADE_DECAY = 0.8
_SCALE_WEIGHT = 0.02
"""Of one event in the running size of the imbalance; a plain mean over the first 50."""


@njit
def apply_book(instrument: InstrumentState, event: Event, state: int) -> None:
    """
    Take in a book, judged to be in `state`, and update what is read off it.

    A book that cannot be traded on is shown, but the last good one keeps its mid,
    its features and the mark of the position.
    """
    if state == BookState.OK and instrument.book_events > 0:
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
        return
    instrument.mid2_ticks = event.bid_ticks[0] + event.ask_ticks[0]
    instrument.half_spread_ticks = (event.ask_ticks[0] - event.bid_ticks[0]) / 2
    instrument.book_events += 1
    instrument.obi = imbalance(instrument, LEVELS)
    instrument.depth_price_ticks = depth_price(instrument, LEVELS)
    instrument.microprice_ticks = microprice(
        event.bid_ticks[0], event.bid_lots[0], event.ask_ticks[0], event.ask_lots[0]
    )


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
    """
    Order-book imbalance (Σ w bid - Σ w ask) / (Σ w bid + Σ w ask), in [-1, 1].

    Level m (from 1, up to `levels`) weighs 1 / m: what rests further away is less likely
    to be meant. One level is the queue imbalance of Gould & Bonart (2016).
    """
    bids = 0.0
    asks = 0.0
    for level in range(levels):
        weight = 1.0 / (level + 1)
        bids += weight * instrument.bid_lots[level]
        asks += weight * instrument.ask_lots[level]
    total = bids + asks
    return (bids - asks) / total if total > 0.0 else 0.0


@njit
def microprice(bid_ticks: int, bid_lots: int, ask_ticks: int, ask_lots: int) -> float:
    """
    Mid weighted by the opposite size, in ticks: a thick bid pulls it towards the ask.

    Stoikov's weighted mid, Pb (1 - I) + Pa I with I = Qb / (Qb + Qa).
    """
    weight = bid_lots / (bid_lots + ask_lots)
    return bid_ticks * (1.0 - weight) + ask_ticks * weight


@njit
def depth_price(instrument: InstrumentState, levels: int) -> float:
    """
    Middle of the average bid and the average ask, weighted by size, in ticks.

    A small order that steps inside the book moves the mid at once and this price hardly:
    where liquidity is the work of a few makers, the mid comes back to it.
    """
    bid_lots = bid_value = ask_lots = ask_value = 0
    for level in range(levels):
        bid_lots += instrument.bid_lots[level]
        bid_value += instrument.bid_lots[level] * (
            instrument.bid_ticks[0] - instrument.bid_ticks[level]
        )
        ask_lots += instrument.ask_lots[level]
        ask_value += instrument.ask_lots[level] * (
            instrument.ask_ticks[level] - instrument.ask_ticks[0]
        )
    # From the best prices outwards: the sums stay small whatever the price is.
    bid = instrument.bid_ticks[0] - bid_value / bid_lots
    ask = instrument.ask_ticks[0] + ask_value / ask_lots
    return float(bid + ask) / 2


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
def order_flow_levels(instrument: InstrumentState, event: Event, levels: int) -> float:
    """
    Order-flow imbalance of one book event over several levels, in lots.

    Σ of the best level's formula at level m, weighted 1 / m (after Xu, Gould & Howison,
    Multi-level order-flow imbalance in a limit order book, 2018, who fit the weights).
    A level that is missing on one side before and after adds nothing there.
    """
    flow = 0.0
    for level in range(levels):
        bid_flow = _side_flow(
            instrument.bid_ticks[level], instrument.bid_lots[level],
            event.bid_ticks[level], event.bid_lots[level],
        )  # fmt: skip
        # The ask is the bid of a market turned upside down.
        ask_flow = _side_flow(
            -instrument.ask_ticks[level], instrument.ask_lots[level],
            -event.ask_ticks[level], event.ask_lots[level],
        )  # fmt: skip
        flow += (bid_flow - ask_flow) / (level + 1)
    return flow


@njit
def _side_flow(old_price: int, old_lots: int, price: int, lots: int) -> int:
    if old_lots == 0 or lots == 0:
        return lots - old_lots
    flow = 0
    if price >= old_price:
        flow += lots
    if price <= old_price:
        flow -= old_lots
    return flow


@njit
def _update_order_flow(instrument: InstrumentState, event: Event) -> None:
    instrument.ofi = OFI_DECAY * instrument.ofi + order_flow_levels(instrument, event, LEVELS)
    weight = max(_SCALE_WEIGHT, 1.0 / instrument.book_events)
    instrument.ofi_scale += weight * (abs(instrument.ofi) - instrument.ofi_scale)


@njit
def take_trade(instrument: InstrumentState, event: Event) -> None:
    """
    Take in a public print.

    Where the venue does not tell the aggressor, a price above the mid was a buyer's
    (Lee & Ready, Inferring Trade Direction from Intraday Data, 1991).
    """
    if event.price_ticks <= 0 or event.lots <= 0:
        return
    side = event.side
    if side == 0:
        distance = 2 * event.price_ticks - instrument.mid2_ticks
        side = 1 if distance > 0 else -1 if distance < 0 else 0
    instrument.last_price_ticks = event.price_ticks
    instrument.last_trade_side = side
    if side > 0:
        instrument.bought_lots += event.lots
    elif side < 0:
        instrument.sold_lots += event.lots


@njit
def decay_trades(instrument: InstrumentState) -> None:
    """Forget a part of the traded lots, once a bar: a memory of about five bars."""
    instrument.bought_lots *= _TRADE_DECAY
    instrument.sold_lots *= _TRADE_DECAY
