"""The venue of a backtest, as the settings want it."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from core.data.dataset import RecordedMarket
from core.domain.enums import EventKind
from core.domain.errors import DataError
from core.domain.instrument import NANOS
from core.domain.memory import IntArray, Rows, allocate
from core.kernel.batch import Desk, make_desk
from core.kernel.post import DELAYS, LATENCY, make_post
from core.kernel.simulation import VENUE_TERMS
from core.settings.simulation import SimulationSettings

_NS_PER_US = 1_000
_NS_PER_S = 1_000_000_000

_LATENCY_STEP_NS = 100_000_000
"""Of latencies that are read off books, the slowest in each such stretch counts."""


def simulated_desk(data: RecordedMarket, wanted: SimulationSettings) -> Desk:
    """
    Make the venue that trades a recorded market.

    Raises:
        DataError: If recorded latencies are wanted and the recording has none.
    """
    delays = allocate(DELAYS, 1)
    row = delays[0]
    row["order_ns"] = wanted.order_latency_us * _NS_PER_US
    row["answer_ns"] = wanted.answer_latency_us * _NS_PER_US
    row["feed_ns"] = wanted.feed_latency_us * _NS_PER_US
    row["spread"] = wanted.latency_spread if wanted.latency == "sampled" else 0.0
    if wanted.requests_per_s > 0:
        row["pause_ns"] = math.ceil(NANOS / wanted.requests_per_s)
    latencies = None
    if wanted.latency == "recorded":
        latencies = _recorded(data, row)
    return make_desk(
        data.instruments,
        _terms(data, wanted),
        make_post(delays, latencies, wanted.seed),
        halts_between(wanted.halts, data.first_ts_ns, data.last_ts_ns),
    )


def assumptions(wanted: SimulationSettings, is_session: bool = False) -> str:
    """Say in a line what a backtest takes for granted; of a session its own impact is known."""
    if wanted.latency == "recorded":
        delay = "recorded latencies"
    else:
        kind = "" if wanted.latency == "constant" else f", lognormal {wanted.latency_spread:g}"
        delay = (
            f"order {wanted.order_latency_us:,} us, answer {wanted.answer_latency_us:,} us, "
            f"feed {wanted.feed_latency_us:,} us{kind}"
        )
    power = f" {wanted.queue_power:g}" if wanted.queue == "probabilistic" else ""
    parts = [delay, f"queue {wanted.queue.replace('_', ' ')}{power}"]
    if is_session:
        parts.append("a run traded again, without its own orders")
    else:
        parts.append("taken volume stays taken" if wanted.impact else "no impact")
    if wanted.slippage_ticks:
        parts.append(f"slippage {wanted.slippage_ticks} ticks")
    if wanted.requests_per_s:
        parts.append(f"{wanted.requests_per_s:g} requests a second")
    if wanted.halts:
        parts.append(f"{len(wanted.halts)} halts")
    return "; ".join(parts)


def halts_between(halts: tuple[str, ...], first_ns: int, last_ns: int) -> IntArray:
    """
    Lay halts on the time of a recording.

    Args:
        halts: As in the settings.
        first_ns: Where the recording begins.
        last_ns: And ends.

    Returns:
        Shape (n, 2): from and to, ns since the epoch, in order.
    """
    days = [date.fromordinal(day) for day in range(_day(first_ns), _day(last_ns) + 1)]
    found: list[tuple[int, int]] = []
    for text in halts:
        start, _, end = text.partition("/")
        if "T" in start:
            found.append((_ns(datetime.fromisoformat(start)), _ns(datetime.fromisoformat(end))))
            continue
        bounds = time.fromisoformat(start), time.fromisoformat(end)
        found += [
            (_ns(datetime.combine(day, bounds[0])), _ns(datetime.combine(day, bounds[1])))
            for day in days
        ]
    within = [(start, end) for start, end in sorted(found) if end > first_ns and start <= last_ns]
    return np.array(within, np.int64).reshape(-1, 2)


def _day(ts_ns: int) -> int:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=ts_ns // _NS_PER_S)).toordinal()


def _ns(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp()) * _NS_PER_S


def _terms(data: RecordedMarket, wanted: SimulationSettings) -> Rows:
    terms = allocate(VENUE_TERMS, 1)
    terms["queue_power"] = wanted.queue_power if wanted.queue == "probabilistic" else 0.0
    terms["slippage_ticks"] = wanted.slippage_ticks
    # What our orders took in a run is missing from its books already.
    terms["has_impact"] = wanted.impact and not data.is_session
    terms["shows_ours"] = data.is_session
    return terms


def _recorded(data: RecordedMarket, delays: Rows) -> Rows:
    """
    Read off how long books took, and set the clocks against each other.

    The clocks of venue and recorder differ by what is not known; the quickest book of all
    is taken to have come in no time.

    Returns:
        LATENCY rows: of the run's own orders where it had some, else of the books.
    """
    if len(data.latencies):
        # They count from where books were heard, so books are at the venue when they are here.
        return data.latencies
    ahead_ns, steps = _book_latencies(data)
    if not steps:
        names = ", ".join(str(file.path) for file in data.sources)
        raise DataError(
            names,
            "has no recorded latencies (no event says when it happened at the venue); "
            'use simulation.latency = "constant" or "sampled"',
        )
    delays["uses_exch_ts"] = 1
    delays["clock_ahead_ns"] = ahead_ns
    table = allocate(LATENCY, len(steps))
    for row, (ts_ns, gap_ns) in zip(table, sorted(steps.items()), strict=True):
        row["ts_ns"] = ts_ns
        row["order_ns"] = row["answer_ns"] = gap_ns - ahead_ns
    return table


def _book_latencies(data: RecordedMarket) -> tuple[int, dict[int, int]]:
    """Least distance between our clock and the venue's, and the largest in each stretch."""
    ahead_ns = np.iinfo(np.int64).max
    steps: dict[int, int] = {}
    for events in data.chunks():
        is_told = (events["kind"] == EventKind.BOOK) & (events["exch_ts_ns"] > 0)
        ts_ns = events["ts_ns"][is_told]
        if not len(ts_ns):
            continue
        gaps_ns = ts_ns - events["exch_ts_ns"][is_told]
        ahead_ns = min(ahead_ns, int(gaps_ns.min()))
        starts = ts_ns // _LATENCY_STEP_NS * _LATENCY_STEP_NS
        first = np.flatnonzero(np.diff(starts, prepend=-1))
        slowest = np.maximum.reduceat(gaps_ns, first)
        for start, gap_ns in zip(starts[first].tolist(), slowest.tolist(), strict=True):
            steps[start] = max(steps.get(start, gap_ns), gap_ns)
    return ahead_ns, steps
