"""
Recorded events through the kernel in one compiled loop.

`run_events` only applies them: a replay, and what one at a time is compared with.
`run_backtest` lets the simulated venue answer in between. Both number the events in
place, so the same rows may be run again.

Order of things at one recorded event: what is due before it, in order of time (reports
that reach us, intents that reach the venue, timers); the venue reacts to the event and
what it tells at once is applied; the event itself, whose intents are sent. Without
delays an intent is carried out, and its answers are applied, answers to answers
included, before the next recorded event.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from core.domain.enums import EventKind, IntentKind
from core.domain.events import EVENT, NO_INSTRUMENT, Event
from core.domain.instrument import Instrument
from core.domain.memory import IntArray, Rows, allocate
from core.domain.records import INTENT, MAX_INTENTS
from core.jit import entry_of, njit
from core.kernel.bundle import by_reference
from core.kernel.linked import apply, link
from core.kernel.own_levels import write_with_ours
from core.kernel.post import (
    NEVER,
    Post,
    has_room,
    make_post,
    next_intent_ns,
    next_report_ns,
    send_intent,
    send_report,
    take_intent,
    take_report,
    venue_time,
)
from core.kernel.recorder import MAX_FILLS, Recorder, record_fill, take_sample
from core.kernel.simulation import (
    Simulation,
    keep_books,
    make_reports,
    make_simulation,
    on_book,
    on_intent,
    on_trade,
)
from core.kernel.state import KernelState

Run = Callable[[Rows, int, int], int]

TIMER_NS = 250_000_000
"""Time between two timers, as in the live loop."""

PAUSE_NS = 60_000_000_000
"""Longest silence that timers fill: what waits for time to pass has happened by then."""

_MOST_ANSWERS = 8 * MAX_INTENTS
"""Reports and intents between two events, beyond which kernel and venue talk without end."""


@by_reference
class Desk(NamedTuple):
    """The simulated venue with the rows it shares with the kernel."""

    simulation: Simulation
    post: Post
    """What is on its way there and back."""
    answers: Rows
    """What the venue writes."""
    intents: Rows
    """What `step` writes."""
    timer: Rows
    """One TIMER event."""
    shown: Rows
    """EVENT, 1 row: a book with our orders in it."""


def make_desk(
    instruments: Sequence[Instrument],
    terms: Rows | None = None,
    post: Post | None = None,
    halts: IntArray | None = None,
) -> Desk:
    """
    Make a simulated venue that trades these.

    Args:
        instruments: In the order of the kernel's indexes.
        terms: VENUE_TERMS, 1 row; None for the plain ones.
        post: Empty lines; None for such without delays.
        halts: See `make_simulation`.
    """
    timer = allocate(EVENT, 1)
    timer[0]["kind"] = EventKind.TIMER.value
    timer[0]["instrument"] = NO_INSTRUMENT
    return Desk(
        simulation=make_simulation(instruments, terms, halts),
        post=make_post() if post is None else post,
        answers=make_reports(),
        intents=allocate(INTENT, MAX_INTENTS),
        timer=timer,
        shown=allocate(EVENT, 1),
    )


def run_events(state: KernelState, events: Rows, start: int, stop: int, intents: Rows) -> int:
    """
    Apply `events[start:stop]` as they are numbered, without a venue.

    Returns:
        Number of intents they caused; `intents` holds those of the last event only.
    """
    link(state)
    return _run_events(state, events, start, stop, intents)


@njit
def _run_events(state: KernelState, events: Rows, start: int, stop: int, intents: Rows) -> int:
    total = 0
    for index in range(start, stop):
        total += apply(state, events, index, intents)
    return total


def run_backtest(
    state: KernelState, desk: Desk, recorder: Recorder, events: Rows, start: int, stop: int
) -> int:
    """
    Run `events[start:stop]`, which are in order of `ts_ns`, against the simulated venue.

    The rows may be given up afterwards: the venue keeps the newest books.

    Returns:
        Index of the next event to run: before `stop` only where the recorder's room for
        fills is used up or `clock.unfinished` is set.
    """
    link(state)
    return _run_backtest(state, desk, recorder, events, start, stop)


def backtest_of(state: KernelState, desk: Desk, recorder: Recorder) -> Run:
    """
    Return `run_backtest` for just these: many short stretches cost no more than one.

    Returns:
        Called with the rows, the first of them to run and one beyond the last.
    """
    link(state)
    entry = entry_of(_run_backtest, state, desk, recorder, allocate(EVENT, 1), 0, 0)
    return partial(entry, state, desk, recorder)


@njit
def _run_backtest(
    state: KernelState, desk: Desk, recorder: Recorder, events: Rows, start: int, stop: int
) -> int:
    clock = recorder.clock[0]
    done = stop
    now_ns = venue_ns = 0
    for index in range(start, stop + 1):
        if index < stop:
            now_ns = events[index].ts_ns
            venue_ns = venue_time(desk.post, events[index])
        elif start == stop:
            break
        if now_ns >= clock.next_due_ns:
            _let_time_pass(state, desk, recorder, events, now_ns, venue_ns)
        if clock.unfinished or clock.fills + MAX_FILLS > recorder.fills.shape[0]:
            # What was due is done or still in line: the same event may come again.
            done = index
            break
        if index == stop:
            break
        event = events[index]
        if now_ns >= clock.next_sample_ns:
            take_sample(state, recorder, now_ns)
        answers = 0
        if event.kind == EventKind.BOOK:
            answers = on_book(desk.simulation, events, index, desk.answers, venue_ns)
        elif event.kind == EventKind.TRADE:
            answers = on_trade(desk.simulation, events, index, desk.answers, venue_ns)
        if answers > 0:
            _tell(desk, recorder, answers, venue_ns, venue_ns)
            while next_report_ns(desk.post) <= now_ns:
                # Applied before the event; what they cause is only sent.
                _hear(state, desk, recorder)
        source = events
        row = index
        if event.kind == EventKind.BOOK and desk.simulation.terms[0].shows_ours != 0:
            source = desk.shown
            row = 0
            write_with_ours(source[0], event, desk.simulation)
        source[row].seq = state.account[0].seq + 1
        count = apply(state, source, row, desk.intents)
        if count > 0:
            _send(state, desk, recorder, count)
    keep_books(desk.simulation, events)
    return done


@njit
def _let_time_pass(
    state: KernelState, desk: Desk, recorder: Recorder, events: Rows, now_ns: int, venue_ns: int
) -> None:
    """
    Do what is due up to `now_ns`, at the venue up to `venue_ns`, in order of time.

    Of one time: reports, then intents, then the timer.
    """
    clock = recorder.clock[0]
    if clock.next_timer_ns == 0:
        clock.next_timer_ns = now_ns
    last_timer_ns = min(now_ns, clock.next_timer_ns + PAUSE_NS)
    answers = 0
    while clock.fills + MAX_FILLS <= recorder.fills.shape[0]:
        report_ns = next_report_ns(desk.post)
        intent_ns = next_intent_ns(desk.post)
        timer_ns = clock.next_timer_ns
        if timer_ns < 0 or timer_ns > last_timer_ns:
            timer_ns = NEVER
        if intent_ns > venue_ns:
            intent_ns = NEVER
        if report_ns <= now_ns and report_ns <= intent_ns and report_ns <= timer_ns:
            _hear(state, desk, recorder)
        elif intent_ns != NEVER and intent_ns <= timer_ns:
            _carry_out(desk, recorder, events)
        elif timer_ns != NEVER:
            _ring(state, desk, recorder)
            continue
        else:
            break
        answers += 1
        if answers > _MOST_ANSWERS:
            clock.unfinished = 1
            return
    if 0 <= clock.next_timer_ns <= now_ns:
        if clock.fills + MAX_FILLS > recorder.fills.shape[0]:
            clock.next_due_ns = now_ns
            return
        clock.next_timer_ns = max(clock.next_timer_ns, (now_ns // TIMER_NS + 1) * TIMER_NS)
    clock.next_due_ns = min(next_report_ns(desk.post), next_intent_ns(desk.post))
    if clock.next_timer_ns > 0:
        clock.next_due_ns = min(clock.next_due_ns, clock.next_timer_ns)


@njit
def _ring(state: KernelState, desk: Desk, recorder: Recorder) -> None:
    clock = recorder.clock[0]
    timer = desk.timer[0]
    timer.ts_ns = clock.next_timer_ns
    timer.seq = state.account[0].seq + 1
    clock.next_timer_ns += TIMER_NS
    count = apply(state, desk.timer, 0, desk.intents)
    if count > 0:
        _send(state, desk, recorder, count)


@njit
def _send(state: KernelState, desk: Desk, recorder: Recorder, count: int) -> None:
    """Send the intents of the last step on their way."""
    clock = recorder.clock[0]
    if not has_room(desk.post, count, 0):
        clock.unfinished = 1
        return
    for row in range(count):
        intent = desk.intents[row]
        mid2_ticks = 0
        if 0 <= intent.instrument < state.instruments.shape[0]:
            mid2_ticks = state.instruments[intent.instrument].mid2_ticks
            if intent.kind == IntentKind.PLACE:
                recorder.sent_lots[intent.instrument] += intent.lots
        due_ns = send_intent(desk.post, desk.intents, row, state.account[0].ts_ns, mid2_ticks)
        clock.next_due_ns = min(clock.next_due_ns, due_ns)


@njit
def _carry_out(desk: Desk, recorder: Recorder, events: Rows) -> None:
    """Bring the first intent in line to the venue, and its answers on their way."""
    row = take_intent(desk.post)
    trip = desk.post.trips[row]
    recorder.clock[0].orders += 1
    answers = on_intent(desk.simulation, events, desk.post.intents, row, desk.answers, trip.due_ns)
    intent = desk.post.intents[row]
    if intent.kind == IntentKind.PLACE or intent.kind == IntentKind.REPLACE:
        own = desk.simulation.orders[intent.order_id % desk.simulation.orders.shape[0]]
        own.sent_ns = trip.sent_ns
        own.sent_mid2_ticks = trip.mid2_ticks
    _tell(desk, recorder, answers, trip.due_ns, trip.sent_ns)


@njit
def _tell(desk: Desk, recorder: Recorder, answers: int, now_ns: int, asked_ns: int) -> None:
    """Send what the venue has written on its way."""
    clock = recorder.clock[0]
    if not has_room(desk.post, 0, answers):
        clock.unfinished = 1
        return
    for row in range(answers):
        due_ns = send_report(desk.post, desk.answers, row, now_ns, asked_ns)
        clock.next_due_ns = min(clock.next_due_ns, due_ns)


@njit
def _hear(state: KernelState, desk: Desk, recorder: Recorder) -> None:
    """Apply the first report in line, at the time when it reaches us."""
    due_ns = next_report_ns(desk.post)
    row = take_report(desk.post)
    report = desk.post.reports[row]
    # Where it left before a book that is quicker, it is told right after that one.
    report.ts_ns = max(due_ns, state.account[0].ts_ns)
    report.seq = state.account[0].seq + 1
    if report.kind == EventKind.FILL:
        count = _apply_fill(state, desk, recorder, report, row)
    else:
        count = apply(state, desk.post.reports, row, desk.intents)
    if count > 0:
        _send(state, desk, recorder, count)


@njit
def _apply_fill(state: KernelState, desk: Desk, recorder: Recorder, report: Event, row: int) -> int:
    clock = recorder.clock[0]
    instrument = state.instruments[report.instrument]
    realized_nanos = instrument.realized_nanos
    count = apply(state, desk.post.reports, row, desk.intents)
    if clock.fills >= recorder.fills.shape[0]:
        clock.unfinished = 1
        return count
    own = desk.simulation.orders[report.order_id % desk.simulation.orders.shape[0]]
    record_fill(recorder, report, instrument, realized_nanos, own.sent_ns, own.sent_mid2_ticks)
    return count
