"""Fair values of eight products: all draws anew, and what one observation costs."""

from __future__ import annotations

import gc
import sys
import time

from core.events.loader import load_event
from core.events.pricer import DRAWS, Pricer
from core.feeds.port import Reading
from tests.event_world import HOUR_NS, LATE_NS, MINUTE_NS, day_until, observation, observations
from tests.perf.row import Row, Target, median, number, percentile

MANY_DRAWS = 10_000
ROUNDS = 15
HOURS = 10


def measure() -> list[Row]:
    """Munich's event with three days of a made-up city behind it."""
    event = load_event("munich-2025")
    products = len(event.products)
    whole = f"{len(event.series)} series drawn anew, the whole window still open"
    news = f"{HOURS} h of observations, each to fair values of what it touches"
    usual, many = _observations(DRAWS), _observations(MANY_DRAWS)
    wall_ms, core_ms = _everything(MANY_DRAWS)
    return [
        Row(
            f"fair values of {products} products, {MANY_DRAWS:,} draws",
            wall_ms,
            "ms",
            Target(50),
            note=f"{whole}; {number(core_ms)} ms of one core",
        ),
        Row(
            f"observation to fair values, {DRAWS:,} draws, p99",
            percentile(usual, 99),
            "ms",
            Target(5),
            note=f"{len(usual)} {news}; p50 {number(median(usual))} ms",
        ),
        Row(
            f"observation to fair values, {MANY_DRAWS:,} draws, p99",
            percentile(many, 99),
            "ms",
            note=f"p50 {number(median(many))} ms",
        ),
        Row("errors of all outlooks measured", median(_refits()), "ms", note=f"{DRAWS:,} draws"),
    ]


def _told(draws: int) -> Pricer:
    event = load_event("munich-2025")
    pricer = Pricer(event, draws=draws)
    pricer.take(day_until(event, event.start_ts_ns))
    return pricer


def _everything(draws: int) -> tuple[float, float]:
    """By the clock and by what the thread used: others may be using the machine."""
    pricer = _told(draws)
    event = pricer.event
    pricer.refit(event.start_ts_ns)
    pricer.values()
    wall_ms, core_ms = [], []
    for minute in range(ROUNDS):
        news = tuple(
            observation(
                series.settings.quantity,
                event.start_ts_ns - 24 * HOUR_NS + minute * MINUTE_NS,
                place=series.settings.place,
            )
            for series in event.series
        )
        pricer.take(Reading(news))
        started_s, used_s = time.perf_counter(), time.thread_time()
        pricer.values()
        wall_ms.append((time.perf_counter() - started_s) * 1e3)
        core_ms.append((time.thread_time() - used_s) * 1e3)
    return median(wall_ms), median(core_ms)


def _observations(draws: int) -> list[float]:
    pricer = _told(draws)
    event = pricer.event
    pricer.refit(event.start_ts_ns)
    pricer.values()
    told = [
        entry
        for series in event.series
        for entry in observations(
            series, event.start_ts_ns - LATE_NS, event.start_ts_ns + HOURS * HOUR_NS
        )
    ]
    told.sort(key=lambda entry: entry.fetched_ts_ns)
    elapsed = []
    gc.collect()
    for entry in told:
        started_s = time.perf_counter()
        pricer.take(Reading((entry,)))
        pricer.values()
        elapsed.append((time.perf_counter() - started_s) * 1e3)
    return elapsed


def _refits() -> list[float]:
    pricer = _told(DRAWS)
    elapsed = []
    for _ in range(3):
        started_s = time.perf_counter()
        pricer.refit(pricer.event.start_ts_ns)
        elapsed.append((time.perf_counter() - started_s) * 1e3)
    return elapsed


if __name__ == "__main__":
    for row in measure():
        verdict = {True: "ok", False: "MISSED", None: ""}[row.is_ok]
        target = "" if row.target is None else f" (target {row.target})"
        sys.stdout.write(
            f"{row.name}: {number(row.value)} {row.unit}{target} {verdict}  {row.note}\n"
        )
