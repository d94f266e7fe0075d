"""From settings to the venue of a backtest: delays, terms, halts, recorded latencies."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from core.backtest.terms import assumptions, halts_between, simulated_desk
from core.data.dataset import DataSet, SourceFile
from core.domain.errors import DataError
from core.domain.events import book, load, stamp, trade
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import allocate
from core.kernel.post import LATENCY
from core.settings.loader import load_settings
from core.settings.simulation import SimulationSettings

NOON_NS = 1_732_276_800 * 10**9
"""22 November 2024, 12:00 UTC."""
MS = 1_000_000
DEFAULTS = load_settings(None, [], []).settings.simulation


def wanted(**changes) -> SimulationSettings:
    return SimulationSettings.model_validate(DEFAULTS.model_dump() | changes)


def recording(*ways_ms, ahead_ms=-1_270, **options):
    """Books a second apart that took so long, by a clock that differs from the venue's."""
    rows = [trade(0, 70, 1, 1, NOON_NS)]
    rows += [
        book(0, [(70, 3)], [(72, 4)], NOON_NS + 1_000 * MS * number)
        for number in range(len(ways_ms))
    ]
    for number, row in enumerate(rows):
        way_ms = ways_ms[max(number - 1, 0)]
        stamp(row, 0, NOON_NS + MS * (1_000 * max(number - 1, 0) + ahead_ms) + int(way_ms * MS))
    instruments = (Instrument(Symbol("X"), Decimal(1)),)
    sources = (SourceFile(Path("day.gz"), "5a", len(rows)),)
    return DataSet(instruments, "test", load(rows), sources, **options)


def test_microseconds_become_delays():
    desk = simulated_desk(
        recording(5),
        wanted(order_latency_us=30, answer_latency_us=7, feed_latency_us=2, requests_per_s=1.0),
    )
    row = desk.post.delays[0]
    assert (row["order_ns"], row["answer_ns"], row["feed_ns"]) == (30_000, 7_000, 2_000)
    assert (row["pause_ns"], row["spread"]) == (10**9, 0.0)


def test_only_sampled_latencies_spread():
    assert simulated_desk(recording(5), wanted(latency="sampled")).post.delays["spread"] == 0.5


def test_the_queue_model_has_a_power_only_where_it_is_wanted():
    plain = simulated_desk(recording(5), wanted()).simulation.terms[0]
    assert (plain["queue_power"], plain["has_impact"]) == (0.0, 1)
    assert simulated_desk(recording(5), wanted(queue="probabilistic")).simulation.terms[
        "queue_power"
    ] == [2.0]


def test_books_that_lack_what_we_took_already_are_not_robbed_twice():
    desk = simulated_desk(recording(5, is_session=True), wanted())
    assert desk.simulation.terms["has_impact"] == [0]


def test_recorded_latencies_are_told_from_the_quickest_book():
    """Ours runs 1.27 s behind: what took 5 ms at least shows as 1.265 s early."""
    desk = simulated_desk(recording(9, 5, 25), wanted(latency="recorded"))
    row = desk.post.delays[0]
    assert (row["uses_exch_ts"], row["clock_ahead_ns"]) == (1, (5 - 1_270) * MS)
    assert desk.post.latencies["order_ns"].tolist() == [4 * MS, 0, 20 * MS]
    assert (np.diff(desk.post.latencies["ts_ns"]) > 0).all()


def test_latencies_of_our_own_orders_come_before_those_of_books():
    own = allocate(LATENCY, 1)
    own["order_ns"] = 77
    desk = simulated_desk(recording(9, 5, latencies=own), wanted(latency="recorded"))
    assert desk.post.latencies["order_ns"].tolist() == [77]
    assert desk.post.delays["uses_exch_ts"] == [0]


def test_a_recording_without_times_of_the_venue_has_no_latencies():
    data = recording(9)
    data.events["exch_ts_ns"] = 0
    with pytest.raises(DataError, match=r"day\.gz: has no recorded latencies"):
        simulated_desk(data, wanted(latency="recorded"))


def test_a_daily_halt_is_laid_on_every_day_of_the_recording():
    day_ns = 86_400 * 10**9
    halts = halts_between(("12:30:00/12:31:00",), NOON_NS, NOON_NS + day_ns)
    assert (halts - NOON_NS).tolist() == [[1_800 * 10**9, 1_860 * 10**9]]
    assert len(halts_between(("12:30:00/12:31:00",), NOON_NS, NOON_NS + 2 * day_ns)) == 2


def test_a_halt_with_a_date_is_that_one_only():
    text = "2024-11-22T11:00:00/2024-11-22T13:00:00"
    halts = halts_between((text,), NOON_NS, NOON_NS + 10**15)
    assert (halts - NOON_NS).tolist() == [[-3_600 * 10**9, 3_600 * 10**9]]
    assert halts_between((text,), NOON_NS + 10**15, NOON_NS + 2 * 10**15).shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("12:05:00/12:00:00", "ends before it begins"),
        ("2024-11-22T11:00:00/12:00:00", "one end has a date"),
        ("25:00:00/26:00:00", "hour must be in"),
    ],
)
def test_a_halt_that_is_no_stretch_of_time_is_refused(text, reason):
    with pytest.raises(ValidationError, match=reason):
        wanted(halts=(text,))


def test_what_is_taken_for_granted_is_said_in_a_line():
    assert assumptions(wanted()) == (
        "order 0 us, answer 0 us, feed 0 us; queue risk averse; taken volume stays taken"
    )
    assert assumptions(wanted(), is_session=True).endswith(
        "a run traded again, without its own orders"
    )
    assert assumptions(
        wanted(
            latency="recorded", queue="probabilistic", impact=False, slippage_ticks=2,
            requests_per_s=1.0, halts=("12:00:00/12:01:00",),
        )
    ) == (
        "recorded latencies; queue probabilistic 2; no impact; slippage 2 ticks; "
        "1 requests a second; 1 halts"
    )  # fmt: skip
