"""Every quote of a recording, with what the kernel made of it."""

from __future__ import annotations

from typing import Annotated, Protocol

import numpy as np

from core.data.dataset import DataSet
from core.domain.enums import N_SIGNALS, BookState, EventKind
from core.domain.events import EVENT, NO_INSTRUMENT
from core.domain.instrument import NANOS
from core.domain.memory import F64, I64, FloatArray, IntArray, Rows, allocate, dtype_of
from core.domain.records import INTENT, MAX_INTENTS, WINDOW
from core.jit import njit
from core.kernel.batch import PAUSE_NS, TIMER_NS
from core.kernel.book import order_flow
from core.kernel.state import KernelState, make_state
from core.kernel.step import step

_Signals = Annotated[FloatArray, np.float64, N_SIGNALS]


class Quote(Protocol):
    """One good book of one instrument: its best levels, and the signals it led to."""

    ts_ns: I64
    instrument: I64
    bid_ticks: I64
    bid_lots: I64
    ask_ticks: I64
    ask_lots: I64
    mid2_ticks: I64
    """Twice the mid: half ticks."""
    flow_lots: I64
    """e_n of Cont, Kukanov, Stoikov (2014), eq. 10, since the last good book; 0 for the first."""
    obi: F64
    """(Qb - Qa) / (Qb + Qa) at the best level."""
    is_state: I64
    """1 where a best price or size differs from the last good book."""
    is_warm: I64
    """1 once the kernel's windows were full."""
    signals: _Signals
    """By Signal, as the kernel left them after this book."""


QUOTE = dtype_of(Quote)


def read_quotes(data: DataSet, params: Rows, state: KernelState | None = None) -> list[Rows]:
    """
    Step the kernel over a recording and note every good book.

    The venue stays disconnected, so that nothing is traded; timers come as they do live.

    Args:
        data: Left as it is.
        params: PARAMS, 1 row.
        state: A kernel that is to read the recording, for example with models loaded;
            changed in place. Without one, a fresh kernel with these parameters does.

    Returns:
        QUOTE rows of each instrument, in order of time.
    """
    if state is None:
        state = make_state(data.instruments, params, NANOS)
    events = data.events
    quotes = allocate(QUOTE, int(np.count_nonzero(events["kind"] == EventKind.BOOK)))
    last = np.full(len(data.instruments), -1, np.int64)
    timer = allocate(EVENT, 1)
    timer[0]["kind"] = EventKind.TIMER.value
    timer[0]["instrument"] = NO_INSTRUMENT
    intents = allocate(INTENT, MAX_INTENTS)
    count = record_quotes(state, events, timer, intents, quotes, last)
    taken = quotes[:count]
    return [taken[taken["instrument"] == index] for index in range(len(data.instruments))]


@njit
def record_quotes(
    state: KernelState, events: Rows, timer: Rows, intents: Rows, quotes: Rows, last: IntArray
) -> int:
    """
    Apply all events and write a quote for each good book.

    Args:
        state: Changed in place.
        events: EVENT rows in order of `ts_ns`; only read.
        timer: One TIMER event, stamped and applied every `TIMER_NS`.
        intents: INTENT rows, at least MAX_INTENTS; overwritten.
        quotes: QUOTE rows, at least one for each BOOK event; overwritten from 0.
        last: Row of each instrument's last quote, -1 for none; kept up.

    Returns:
        Number of quotes written.
    """
    count = 0
    next_timer_ns = 0
    for index in range(events.shape[0]):
        event = events[index]
        if event.ts_ns >= next_timer_ns:
            next_timer_ns = _let_time_pass(state, timer, intents, next_timer_ns, event.ts_ns)
        step(state, events, index, intents)
        if event.kind != EventKind.BOOK:
            continue
        if event.instrument < 0 or event.instrument >= state.instruments.shape[0]:
            continue
        if state.instruments[event.instrument].book_state == BookState.OK:
            _note(state, event.instrument, quotes, count, last[event.instrument])
            last[event.instrument] = count
            count += 1
    return count


@njit
def _let_time_pass(
    state: KernelState, timer: Rows, intents: Rows, next_timer_ns: int, now_ns: int
) -> int:
    """Apply the timers due before an event at `now_ns`; returns when the next one is."""
    if next_timer_ns == 0:
        next_timer_ns = now_ns
    last_ns = min(now_ns, next_timer_ns + PAUSE_NS)
    while next_timer_ns <= last_ns:
        timer[0].ts_ns = next_timer_ns
        step(state, timer, 0, intents)
        next_timer_ns += TIMER_NS
    return max(next_timer_ns, (now_ns // TIMER_NS + 1) * TIMER_NS)


@njit
def _note(state: KernelState, index: int, quotes: Rows, row: int, last_row: int) -> None:
    """Write one quote. `last_row` is the instrument's quote before it, -1 for none."""
    instrument = state.instruments[index]
    quote = quotes[row]
    quote.ts_ns = instrument.book_ts_ns
    quote.instrument = index
    quote.bid_ticks = instrument.bid_ticks[0]
    quote.bid_lots = instrument.bid_lots[0]
    quote.ask_ticks = instrument.ask_ticks[0]
    quote.ask_lots = instrument.ask_lots[0]
    quote.mid2_ticks = quote.bid_ticks + quote.ask_ticks
    quote.obi = (quote.bid_lots - quote.ask_lots) / (quote.bid_lots + quote.ask_lots)
    quote.is_warm = 1 if instrument.book_events > WINDOW else 0
    quote.is_state = 1
    quote.flow_lots = 0
    if last_row >= 0:
        before = quotes[last_row]
        quote.flow_lots = order_flow(
            before.bid_ticks, before.bid_lots, quote.bid_ticks, quote.bid_lots,
            before.ask_ticks, before.ask_lots, quote.ask_ticks, quote.ask_lots,
        )  # fmt: skip
        if (
            before.bid_ticks == quote.bid_ticks
            and before.ask_ticks == quote.ask_ticks
            and before.bid_lots == quote.bid_lots
            and before.ask_lots == quote.ask_lots
        ):
            quote.is_state = 0
    for signal in range(N_SIGNALS):
        quote.signals[signal] = instrument.signals[signal]
