"""Recorded markets keep their own time, whatever the pace they are shown at."""

from __future__ import annotations

import asyncio
import math

import pytest

from core.data.dataset import DataSet
from core.domain import events
from core.domain.commands import Command, CommandName
from core.domain.enums import EventKind
from core.kernel.post import NEVER
from core.runtime.playback import Playback, RecordedClock
from core.runtime.refusals import CommandRefused
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

    def venue_time(self, rows, row: int) -> int:
        return int(rows[row]["ts_ns"])

    def next_due_ns(self, venue_ns: int) -> int:
        return NEVER

    def deliver(self, venue_ns: int) -> None:
        raise AssertionError("nothing is on its way")

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


def ask(playback: Playback, name: CommandName, **args: str) -> str:
    return playback.move(Command(name, "test:1", 1, args))


async def test_a_step_goes_so_many_rows_forward_and_holds() -> None:
    """Rows of the same moment are stepped through one by one."""
    playback, listener, progress = make(recording(0, 0, 0, 40, 90), 3.0)
    assert ask(playback, CommandName.STEP, events="2") == "at 08:26:40, row 2"
    task = asyncio.create_task(playback.run(listener))
    async with asyncio.timeout(5):
        while playback.telemetry()["replay_position"] < 2:
            await asyncio.sleep(0.001)
    await asyncio.sleep(0.03)
    assert playback.telemetry()["replay_position"] == 2
    assert progress[0] == (0.0, False)
    ask(playback, CommandName.STEP, events="1")
    ask(playback, CommandName.STEP, events="1")
    async with asyncio.timeout(5):
        while playback.telemetry()["replay_position"] < 4:
            await asyncio.sleep(0.001)
    ask(playback, CommandName.STEP, events="99")
    async with asyncio.timeout(5):
        while not playback.is_done:
            await asyncio.sleep(0.001)
    with pytest.raises(CommandRefused, match="this is the end"):
        ask(playback, CommandName.STEP, events="1")
    task.cancel()


async def test_a_seek_skips_the_waiting_and_none_of_the_events() -> None:
    """The timers in between come too, so that it decides what it would have decided."""
    playback, listener, _ = make(recording(0, 40, 60_000, 120_000), 1.0)
    assert ask(playback, CommandName.SEEK, where="+1m") == "at 08:27:40, row 3"
    task = asyncio.create_task(playback.run(listener))
    async with asyncio.timeout(5):
        while playback.telemetry()["replay_position"] < 3:
            await asyncio.sleep(0.001)
    await asyncio.sleep(0.03)
    assert playback.telemetry()["replay_position"] == 3
    assert [kind for kind, _ in listener.seen].count("timer") == 241
    task.cancel()


async def test_after_a_seek_the_pace_goes_on_from_there() -> None:
    """It does not wait until the time that was skipped has passed."""
    playback, listener, _ = make(recording(0, 600_000, 600_020, 600_040), 1.0)
    task = asyncio.create_task(playback.run(listener))
    ask(playback, CommandName.SEEK, where="seq 2")
    async with asyncio.timeout(5):
        while not playback.is_done:
            await asyncio.sleep(0.001)
    task.cancel()


async def test_a_change_of_pace_does_not_skip_a_silence() -> None:
    """Ten minutes without a row stay ten minutes, however often `+` and `-` are pressed."""
    playback, listener, _ = make(recording(0, 600_000), 1.0)
    task = asyncio.create_task(playback.run(listener))
    for _ in range(5):
        playback.set_speed(2.0)
        await asyncio.sleep(0.02)
    assert playback.telemetry()["replay_position"] == 1
    task.cancel()


@pytest.mark.parametrize(
    ("name", "args", "sentence"),
    [
        (CommandName.STEP, {"events": "-1"}, "played forwards only"),
        (CommandName.STEP, {"events": "0"}, "step 0 goes nowhere"),
        (CommandName.STEP, {"events": "2.5"}, "step 2.5 goes nowhere"),
        (CommandName.SEEK, {"where": "start"}, "played forwards only"),
        (CommandName.SEEK, {"where": "fill"}, "fill is no place in recorded data; allowed: 14:03"),
        (CommandName.SEEK, {"where": "seq 4"}, "beyond the end; the last event is 3"),
        (CommandName.SEEK, {}, r"\(nothing\) is no place"),
        (CommandName.WHATIF, {}, "whatif compares what a run did"),
    ],
)
async def test_what_recorded_data_cannot_do_is_said(name, args, sentence) -> None:
    playback, listener, _ = make(recording(0, 10, 20), math.inf)
    await play(playback, listener)
    playback._next = 2
    with pytest.raises(CommandRefused, match=sentence):
        ask(playback, name, **args)


async def test_where_it_is_is_told() -> None:
    playback, _, _ = make(recording(0, 10, 30), 0.0)
    assert playback.telemetry() == {
        "replay_paused": True,
        "replay_position": 0,
        "replay_length": 3,
        "replay_start_ns": START_NS,
        "replay_end_ns": START_NS + 30_000_000,
    }


@pytest.mark.parametrize(("speed", "text"), [(0.0, "paused"), (20.0, "speed 20")])
async def test_a_change_of_pace_is_answered(speed, text) -> None:
    playback, _, progress = make(recording(0), 1.0)
    assert playback.set_speed(speed) == text
    assert progress == [(speed, False)]
