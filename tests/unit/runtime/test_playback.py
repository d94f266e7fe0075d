"""Recorded markets keep their own time, whatever the pace they are shown at."""

from __future__ import annotations

import asyncio
import math

import pytest

from core.data.dataset import DataSet
from core.domain import events
from core.domain.enums import EventKind
from core.runtime.playback import Playback, RecordedClock
from tests.unit.kernel.kernel_rig import EISBACH

START_NS = 1_763_800_000_100_000_000


class Listener:
    """Stands for venue and engine, and writes down what comes when."""

    def __init__(self, clock: RecordedClock) -> None:
        self.clock = clock
        self.seen: list[tuple[str, int]] = []

    def feed(self, rows, row: int) -> bool:
        self.seen.append(("book", self.clock.now_ns - START_NS))
        return True

    def put(self, row: bytearray) -> None:
        assert row[24] == EventKind.TIMER
        self.seen.append(("timer", self.clock.now_ns - START_NS))

    def flush(self) -> None:
        pass


def recording(*offsets_ms: int) -> DataSet:
    rows = []
    for number, offset_ms in enumerate(offsets_ms, start=1):
        row = events.book(0, [(3400, 5)], [(3402, 6)])
        events.stamp(row, number, START_NS + offset_ms * 1_000_000)
        rows.append(row)
    return DataSet((EISBACH,), "prosperity", events.load(rows), ())


def make(data: DataSet, speed: float):
    clock = RecordedClock(data.first_ts_ns)
    listener = Listener(clock)
    progress: list[tuple[float, bool]] = []
    playback = Playback(data, listener, clock, speed, lambda s, done: progress.append((s, done)))
    return playback, listener, progress


async def play(playback: Playback, listener: Listener) -> None:
    task = asyncio.create_task(playback.run(listener))
    async with asyncio.timeout(5):
        while not playback.is_done:
            await asyncio.sleep(0.001)
    task.cancel()


async def test_events_happen_at_their_own_time_with_timers_in_between() -> None:
    playback, listener, progress = make(recording(0, 40, 600), math.inf)
    await play(playback, listener)
    # The first timer comes with the first event, then one every quarter of a second.
    assert listener.seen == [
        ("timer", 0), ("book", 0), ("book", 40_000_000),
        ("timer", 250_000_000), ("timer", 500_000_000), ("book", 600_000_000),
    ]  # fmt: skip
    assert progress[0] == (math.inf, False)
    assert progress[-1] == (math.inf, True)


async def test_on_hold_nothing_happens_until_the_speed_changes() -> None:
    playback, listener, _ = make(recording(0, 10), 0.0)
    task = asyncio.create_task(playback.run(listener))
    await asyncio.sleep(0.03)
    assert listener.seen == []
    assert playback.set_speed(math.inf) == "speed inf"
    async with asyncio.timeout(5):
        while not playback.is_done:
            await asyncio.sleep(0.001)
    task.cancel()
    assert [kind for kind, _ in listener.seen].count("book") == 2


async def test_a_venue_that_is_not_connected_yet_loses_nothing() -> None:
    playback, listener, _ = make(recording(0, 10), math.inf)
    refusals = 3

    def feed(rows, row: int) -> bool:
        nonlocal refusals
        refusals -= 1
        return refusals < 0 and Listener.feed(listener, rows, row)

    listener.feed = feed
    await play(playback, listener)
    assert [kind for kind, _ in listener.seen].count("book") == 2


@pytest.mark.parametrize(("speed", "text"), [(0.0, "paused"), (20.0, "speed 20")])
async def test_a_change_of_pace_is_answered(speed, text) -> None:
    playback, _, progress = make(recording(0), 1.0)
    assert playback.set_speed(speed) == text
    assert progress == [(speed, False)]
