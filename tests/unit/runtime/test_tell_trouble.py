"""A venue that cannot be reached is said, once, with its reason."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from math import nan

from core.domain.enums import VenueState
from core.domain.snapshot import FeedView
from core.runtime import life
from core.venues.port import VenueCounters


class Unreachable:
    name = "paper binance"

    def __init__(self):
        self.reason = "wss://example: Name or service not known"
        self.state = VenueState.CONNECTING

    def counters(self):
        return counters(self.state, self.reason)


class Two:
    """One that is there, whatever it said before, and one that is not."""

    name = "paper binance + paper bybit"

    def counters(self):
        there = counters(VenueState.SYNCED, "ETHUSDT: an update was skipped")
        away = counters(VenueState.DOWN, "answered HTTP 403")
        parts = (("paper binance", there), ("paper bybit", away))
        return replace(there, last_error="both", parts=parts)


def counters(state, reason):
    return VenueCounters(state, "", 0, 0, 0, 0, 0, 0, 0.0, reason)


class Reporter:
    def __init__(self):
        self.said = []

    def say(self, source, severity, text):
        self.said.append((source, severity, text))


async def test_the_reason_is_told_once_and_again_when_it_changes(monkeypatch) -> None:
    monkeypatch.setattr(life, "_LOOK_S", 0.001)
    venue, reporter = Unreachable(), Reporter()
    task = asyncio.ensure_future(life.tell_trouble(venue, reporter))
    try:
        async with asyncio.timeout(20):
            while not reporter.said:
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.02)
            assert reporter.said == [
                ("venue", "warning", f"paper binance is not there yet: {venue.reason}; trying on")
            ]
            venue.reason = "wss://example: answered HTTP 429"
            while len(reporter.said) < 2:
                await asyncio.sleep(0.001)
            venue.state = VenueState.SYNCED
            await asyncio.sleep(0.02)
        assert len(reporter.said) == 2
    finally:
        task.cancel()


async def test_of_several_venues_the_one_that_is_away_is_named(monkeypatch) -> None:
    monkeypatch.setattr(life, "_LOOK_S", 0.001)
    reporter = Reporter()
    task = asyncio.ensure_future(life.tell_trouble(Two(), reporter))
    try:
        async with asyncio.timeout(20):
            while not reporter.said:
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.02)
    finally:
        task.cancel()
    assert reporter.said == [
        ("venue", "warning", "paper bybit is not there yet: answered HTTP 403; trying on")
    ]


async def test_a_feed_is_told_when_it_begins_fails_and_is_served_by_another(monkeypatch) -> None:
    monkeypatch.setattr(life, "_LOOK_S", 0.001)
    reporter, feed = Reporter(), FeedView("river", nan, "CONNECTING", "hnd")
    feeds = [feed]
    task = asyncio.ensure_future(life.tell_feeds(lambda: feeds, reporter))
    steps = (
        replace(feed, state="LIVE", source="hnd, 83 % shared", age_s=3.0),
        replace(feed, state="LIVE", source="hnd, 84 % shared", age_s=9.0),
        replace(feed, state="LIVE", source="gkd", note="hnd: timed out"),
        replace(feed, state="DOWN", source="hnd", note="hnd: timed out"),
    )
    try:
        async with asyncio.timeout(20):
            for step in steps:
                feeds[0] = step
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
    assert [(severity, text) for _, severity, text in reporter.said] == [
        ("info", "river is live, from hnd"),
        ("warning", "river is live, from gkd: hnd: timed out"),
        ("warning", "river is down, from hnd: hnd: timed out"),
    ]
