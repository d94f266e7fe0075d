"""
What is on its way between the kernel and a simulated venue, and for how long.

Two lines: intents to the venue, reports to us. Both keep their order, as one connection
does: nothing overtakes what left before it. Delays are constant, drawn from a lognormal
distribution around their median, or looked up in a table of recorded ones.

Market data is on its way too: the venue sees a recorded event `feed_ns` before we do.
"""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

import numpy as np

from core.domain.events import EVENT, Event
from core.domain.memory import F64, I64, IntArray, Rows, allocate, dtype_of
from core.domain.records import INTENT, MAX_INTENTS
from core.jit import njit
from core.kernel.bundle import by_reference

NEVER = np.iinfo(np.int64).max
"""Time of what is not going to happen."""

_INTENTS = 8 * MAX_INTENTS
_REPORTS = 4_096

_MODULUS = 2_147_483_647
_MULTIPLIER = 48_271
"""Of the generator: Park and Miller's, with the multiplier of 1993."""


class Delays(Protocol):
    """How long things are on their way, one row. Nanoseconds; all 0 is at once."""

    order_ns: I64
    """An intent to the venue; the median where delays are drawn."""
    answer_ns: I64
    """A report to us."""
    feed_ns: I64
    """A book or trade to us."""
    spread: F64
    """Deviation of the logarithm of a drawn delay; 0 for constant ones."""
    pause_ns: I64
    """Least time between two intents leaving: a venue's budget of requests."""
    uses_exch_ts: I64
    """1 where recorded events say when they happened: `clock_ahead_ns` is added to it."""
    clock_ahead_ns: I64
    """Of our clock before the venue's, less the quickest recorded way of a book."""
    random: I64
    """State of the generator."""


class Line(Protocol):
    """Where the two lines stand, one row: numbers that only grow."""

    intents_taken: I64
    intents_sent: I64
    reports_taken: I64
    reports_sent: I64
    last_arrival_ns: I64
    """When the last intent in line reaches the venue."""
    last_told_ns: I64
    """When the last report in line reaches us."""
    last_left_ns: I64
    left_together: I64
    """Intents before the newest one that left at the same time."""
    venue_ns: I64
    """Time at the venue: it does not go back either."""


class Trip(Protocol):
    """What an intent in line carries besides itself."""

    due_ns: I64
    sent_ns: I64
    mid2_ticks: I64
    """Of its instrument when it was sent."""


class Latency(Protocol):
    """How long things were on their way from `ts_ns` on."""

    ts_ns: I64
    order_ns: I64
    answer_ns: I64


DELAYS = dtype_of(Delays)
LINE = dtype_of(Line)
TRIP = dtype_of(Trip)
LATENCY = dtype_of(Latency)


@by_reference
class Post(NamedTuple):
    """Both lines, and the delays."""

    delays: Rows
    """DELAYS, 1 row."""
    line: Rows
    """LINE, 1 row."""
    intents: Rows
    """INTENT: a ring."""
    trips: Rows
    """TRIP: of each of them."""
    reports: Rows
    """EVENT: a ring."""
    told_ns: IntArray
    """When each of them reaches us."""
    latencies: Rows
    """LATENCY rows in order of time; none: delays are not looked up."""


def make_post(delays: Rows | None = None, latencies: Rows | None = None, seed: int = 0) -> Post:
    """
    Make empty lines.

    Args:
        delays: DELAYS, 1 row, copied; None for none.
        latencies: LATENCY rows in order of `ts_ns`; None for none.
        seed: Of the drawn delays.
    """
    own = allocate(DELAYS, 1)
    if delays is not None:
        own[:] = delays
    own["random"] = 1 + seed % (_MODULUS - 1)
    return Post(
        delays=own,
        line=allocate(LINE, 1),
        intents=allocate(INTENT, _INTENTS),
        trips=allocate(TRIP, _INTENTS),
        reports=allocate(EVENT, _REPORTS),
        told_ns=np.zeros(_REPORTS, np.int64),
        latencies=allocate(LATENCY, 0) if latencies is None else latencies,
    )


@njit
def has_room(post: Post, intents: int, reports: int) -> bool:
    """Whether so many more of each find a place in the lines."""
    line = post.line[0]
    return bool(
        line.intents_sent - line.intents_taken + intents <= post.intents.shape[0]
        and line.reports_sent - line.reports_taken + reports <= post.reports.shape[0]
    )


@njit
def send_intent(post: Post, intents: Rows, row: int, now_ns: int, mid2_ticks: int) -> int:
    """Put an intent in line. Returns when it reaches the venue."""
    line = post.line[0]
    delays = post.delays[0]
    left_ns = now_ns
    if delays.pause_ns > 0:
        left_ns = max(now_ns, line.last_left_ns + delays.pause_ns)
    line.left_together = line.left_together + 1 if left_ns == line.last_left_ns else 0
    line.last_left_ns = left_ns
    due_ns = left_ns + _draw(post, delays.order_ns, left_ns, line.left_together, False)
    line.last_arrival_ns = max(line.last_arrival_ns, due_ns)
    place = line.intents_sent % post.intents.shape[0]
    post.intents[place] = intents[row]
    trip = post.trips[place]
    trip.due_ns = line.last_arrival_ns
    trip.sent_ns = now_ns
    trip.mid2_ticks = mid2_ticks
    line.intents_sent += 1
    return int(line.last_arrival_ns)


@njit
def send_report(post: Post, reports: Rows, row: int, now_ns: int, asked_ns: int) -> int:
    """
    Put a report in line.

    Args:
        post: The lines.
        reports: EVENT rows without levels.
        row: Which one.
        now_ns: When it leaves the venue.
        asked_ns: When what it answers was sent; `now_ns` where it answers nothing.

    Returns:
        When it reaches us.
    """
    line = post.line[0]
    due_ns = now_ns + _draw(post, post.delays[0].answer_ns, asked_ns, 0, True)
    line.last_told_ns = max(line.last_told_ns, due_ns)
    place = line.reports_sent % post.reports.shape[0]
    _copy_header(post.reports[place], reports[row])
    post.told_ns[place] = line.last_told_ns
    line.reports_sent += 1
    return int(line.last_told_ns)


@njit
def next_intent_ns(post: Post) -> int:
    """When the first intent in line reaches the venue; NEVER without one."""
    line = post.line[0]
    if line.intents_taken == line.intents_sent:
        return NEVER
    return int(post.trips[line.intents_taken % post.trips.shape[0]].due_ns)


@njit
def next_report_ns(post: Post) -> int:
    """When the first report in line reaches us; NEVER without one."""
    line = post.line[0]
    if line.reports_taken == line.reports_sent:
        return NEVER
    return int(post.told_ns[line.reports_taken % post.told_ns.shape[0]])


@njit
def take_intent(post: Post) -> int:
    """Take the first intent out of its line. Returns its row, which stays until it is reused."""
    line = post.line[0]
    line.intents_taken += 1
    return int((line.intents_taken - 1) % post.intents.shape[0])


@njit
def take_report(post: Post) -> int:
    """Take the first report out of its line. Returns its row, which stays until it is reused."""
    line = post.line[0]
    line.reports_taken += 1
    return int((line.reports_taken - 1) % post.reports.shape[0])


@njit
def venue_time(post: Post, event: Event) -> int:
    """When a recorded event happened at the venue, by our clock: never after it was heard."""
    line = post.line[0]
    delays = post.delays[0]
    happened_ns = event.ts_ns - delays.feed_ns
    if delays.uses_exch_ts != 0 and event.exch_ts_ns > 0:
        happened_ns = min(event.exch_ts_ns + delays.clock_ahead_ns, event.ts_ns)
    line.venue_ns = max(line.venue_ns, happened_ns)
    return int(line.venue_ns)


@njit
def _draw(post: Post, usual_ns: int, at_ns: int, together: int, is_answer: bool) -> int:
    """How long something that left at `at_ns` is on its way, after so many of the same time."""
    if post.latencies.shape[0] > 0:
        latency = post.latencies[_measured_at(post.latencies, at_ns, together)]
        return int(latency.answer_ns) if is_answer else int(latency.order_ns)
    delays = post.delays[0]
    if usual_ns <= 0 or delays.spread <= 0.0:
        return usual_ns
    # Box-Muller; the generator never gives 0.
    radius = math.sqrt(-2.0 * math.log(draw_uniform(delays)))
    normal = radius * math.cos(2.0 * math.pi * draw_uniform(delays))
    return int(usual_ns * math.exp(min(delays.spread * normal, 10.0)))


@njit
def _measured_at(latencies: Rows, ts_ns: int, together: int) -> int:
    """
    Row of the last latency that was measured by then; the first one before all.

    Of several of just that time each has its own, in their order.
    """
    low, high = 0, latencies.shape[0]
    while high - low > 1:
        middle = (low + high) // 2
        if latencies[middle].ts_ns <= ts_ns:
            low = middle
        else:
            high = middle
    if latencies[low].ts_ns != ts_ns:
        return low
    first = low
    while first > 0 and latencies[first - 1].ts_ns == ts_ns:
        first -= 1
    return min(first + together, low)


@njit
def draw_uniform(delays: Delays) -> float:
    """
    Draw from (0, 1), so that the same seed gives the same run.

    S. Park, K. Miller and P. Stockmeyer, Communications of the ACM 36(7), 1993: exact in
    64 bits, and of full period.
    """
    delays.random = delays.random * _MULTIPLIER % _MODULUS
    return delays.random / _MODULUS


@njit
def _copy_header(target: Event, source: Event) -> None:
    """A report has no levels, and most of a row is levels."""
    target.exch_ts_ns = source.exch_ts_ns
    target.kind = source.kind
    target.instrument = source.instrument
    target.order_id = source.order_id
    target.side = source.side
    target.price_ticks = source.price_ticks
    target.lots = source.lots
    target.leaves_lots = source.leaves_lots
    target.status = source.status
    target.code = source.code
    target.trade_id = source.trade_id
    target.fee_nanos = source.fee_nanos
    target.key = source.key
    target.value = source.value
