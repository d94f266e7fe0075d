"""Recorded data at its pace, and back again: every place is the same bits, however reached."""

from __future__ import annotations

import asyncio
import math
import random

import pytest

from core.data.dataset import DataSet
from core.domain import events
from core.domain.commands import CommandName
from core.kernel.state import to_bytes
from core.runtime.replay_marks import Mark
from tests.unit.kernel.kernel_rig import EISBACH, ETF
from tests.unit.runtime.data_rig import DataRig, market, replaying, wanted

START_NS = 1_763_800_000_100_000_000
STEP, SEEK = CommandName.STEP, CommandName.SEEK

DELAYED = {"order_latency_us": 130_000, "answer_latency_us": 70_000, "feed_latency_us": 20_000}
SAMPLED = {"latency": "sampled", "order_latency_us": 90_000, "answer_latency_us": 300_000}


def recording(*offsets_ms: int) -> DataSet:
    rows = []
    for offset_ms in offsets_ms:
        row = events.book(0, [(3400, 5)], [(3402, 6)])
        events.stamp(row, 0, START_NS + offset_ms * 1_000_000)
        rows.append(row)
    return DataSet((EISBACH, ETF), "prosperity", events.load(rows), ())


async def straight(rig: DataRig, acts: dict[int, tuple] | None = None) -> list[tuple]:
    """Go through all of it row by row; what each place looks like."""
    pictures = [rig.picture()]
    while rig.playback.position < rig.playback.length:
        rig.ask(STEP, events="1")
        await rig.arrive()
        if acts and rig.playback.position in acts:
            name, args = acts[rig.playback.position]
            rig.ask(name, **args)
        pictures.append(rig.picture())
    return pictures


@pytest.mark.parametrize("changes", [{}, DELAYED, SAMPLED], ids=["at-once", "delayed", "drawn"])
async def test_every_place_is_the_same_bits_whatever_way_led_there(changes) -> None:
    ways = random.Random(7)
    async with replaying(market(240), wanted(**changes)) as rig:
        pictures = await straight(rig)
        assert rig.past.count(Mark.FILL) > 2
        for place in [0, *(ways.randrange(240) for _ in range(15)), 240]:
            await rig.go(f"seq {place}")
            assert rig.picture() == pictures[place], place


ACTS = {
    30: (CommandName.SET, {"key": "strategy.min_signal", "value": "0.2", "revert_s": "6"}),
    70: (
        CommandName.BUY,
        {"instrument": EISBACH.symbol, "quantity": "2", "price": f"{EISBACH.to_price(5_000)}"},
    ),
    90: (CommandName.PAUSE, {}),
    101: (CommandName.RESUME, {}),
}


async def test_what_people_did_before_a_place_happens_again_on_the_way_to_it() -> None:
    """A parameter on trial, an order by hand, a pause: each at its row, none of them twice."""
    ways = random.Random(11)
    async with replaying(market(200), wanted(**DELAYED), spacing=64) as rig:
        pictures = await straight(rig, ACTS)
        assert rig.past.find(Mark.NOTE, 0, is_back=False) == 30
        for place in [101, *(ways.randrange(101, 201) for _ in range(10)), 200]:
            answer = await rig.go(f"seq {place}")
            assert "undone" not in answer
            assert rig.picture() == pictures[place], place


async def test_what_people_did_after_a_place_is_undone_and_said() -> None:
    async with replaying(market(200), spacing=64) as rig:
        before = (await straight(rig, ACTS))[80]
        assert (await rig.go("seq 80")).endswith("row 80; what people did after it is undone")
        assert rig.picture() == before
        await rig.go("seq 130")
        after = rig.picture()
        assert "undone" not in await rig.go("seq 80")
    async with replaying(market(200), spacing=64) as rig:
        await straight(rig, {place: ACTS[place] for place in (30, 70)})
        await rig.go("seq 130")
        assert rig.picture() == after


async def test_who_does_something_in_the_past_changes_what_comes() -> None:
    """Marks, notices and moments of what will not be are forgotten."""
    async with replaying(market(200)) as rig:
        first = await straight(rig)
        await rig.go("seq 100")
        rig.ask(CommandName.HALT)
        assert rig.past.known == 100
        assert rig.past.find(Mark.FILL, 101, is_back=False) is None
        await rig.go("end")
        assert rig.picture() != first[200]
        assert rig.past.find(Mark.NOTE, 0, is_back=False) == 100
        await rig.go("seq 99")
        assert rig.picture() == first[99]
        await rig.go("end")
        assert rig.picture() == first[200]


async def test_few_moments_take_longer_and_lead_to_the_same_bits() -> None:
    async with replaying(market(240), budget=1, spacing=4) as rig:
        pictures = await straight(rig)
        assert len(rig.past._frames) <= 8
        for place in (239, 3, 150, 77):
            await rig.go(f"seq {place}")
            assert rig.picture() == pictures[place]


async def test_on_the_way_back_viewers_see_where_it_was(monkeypatch) -> None:
    """A slice of no time at all: every row is one look at keys and viewers."""
    monkeypatch.setattr("core.runtime.playback._SLICE_S", 0.0)
    async with replaying(market(120), spacing=64) as rig:
        pictures = await straight(rig)
        await rig.go("seq 110")
        rig.ask(SEEK, where="seq 40")
        turns = 0
        while rig.playback._target is not None:
            assert to_bytes(rig.past.state) == pictures[110][0]
            assert rig.playback.position == 110
            turns += 1
            await asyncio.sleep(0)
        assert turns > 30
        assert to_bytes(rig.past.state) == pictures[40][0]
        assert rig.playback.position == 40


async def test_what_is_asked_for_on_the_way_is_done_at_its_end(monkeypatch) -> None:
    monkeypatch.setattr("core.runtime.playback._SLICE_S", 0.0)
    async with replaying(market(120), spacing=64) as rig:
        await straight(rig)
        rig.ask(SEEK, where="seq 50")
        await asyncio.sleep(0)
        rig.ask(CommandName.HALT)
        assert rig.past.position == 50
        assert rig.past.find(Mark.NOTE, 0, is_back=False) == 50


async def test_a_new_seek_on_the_way_takes_the_place_of_the_old() -> None:
    async with replaying(market(120)) as rig:
        pictures = await straight(rig, {60: (CommandName.HALT, {})})
        rig.ask(SEEK, where="seq 50")
        rig.ask(SEEK, where="seq 90")
        await rig.arrive()
        assert rig.picture() != pictures[90]
        await rig.go("seq 50")
        assert rig.picture() == pictures[50]


async def test_marks_are_played_on_to_and_found_again() -> None:
    async with replaying(market(200)) as rig:
        await straight(rig)
        known = {mark: list(rig.past._marks[mark]) for mark in Mark}
    async with replaying(market(200)) as rig:
        told = rig.ask(SEEK, where="fill")
        assert told == "playing on to the next fill, or to the end; there is none so far"
        await rig.arrive()
        fills = known[Mark.FILL]
        assert rig.playback.position == fills[0]
        assert [await _place(rig, "fill") for _ in fills[1:]] == fills[1:]
        assert [await _place(rig, "-fill") for _ in fills[1:]] == fills[-2::-1]
        none = rig.refused(SEEK, where="-fill")
        assert none == f"no fill before this one; {len(fills)} so far"
        await rig.go("end")
        assert "no order after this one; " in rig.refused(SEEK, where="order")
        assert rig.refused(SEEK, where="-alert") == "no alert before this one; there is none so far"


async def _place(rig: DataRig, where: str) -> int:
    await rig.go(where)
    return rig.playback.position


async def test_a_mark_that_never_comes_leads_to_the_end() -> None:
    async with replaying(recording(0, 40, 90)) as rig:
        rig.ask(SEEK, where="fill")
        await rig.arrive()
        assert rig.playback.position == 3
        assert rig.playback.is_done


async def test_a_step_goes_so_many_rows_and_holds() -> None:
    """Rows of the same moment are stepped through one by one."""
    async with replaying(recording(0, 0, 0, 40, 90)) as rig:
        assert rig.ask(STEP, events="2") == "at 08:26:40, row 2"
        await rig.arrive()
        rig.ask(CommandName.SPEED, value="0.001")
        assert (rig.playback.position, rig.playback.speed) == (2, 0.001)
        assert rig.ask(STEP, events="-1") == "at 08:26:40, row 1"
        rig.ask(STEP, events="2")
        await rig.arrive()
        assert (rig.playback.position, rig.playback.speed) == (3, 0.0)
        assert rig.ask(STEP, events="99") == "at 08:26:40, end"
        await rig.arrive()
        assert rig.refused(STEP, events="1") == "this is the end of the recording"
        assert rig.ask(STEP, events="-99") == "at 08:26:40, start"
        await rig.arrive()
        assert rig.refused(STEP, events="-1") == "this is the start of the recording"


async def test_the_end_is_told_and_so_is_that_it_was_left() -> None:
    async with replaying(recording(0, 40, 90), speed=math.inf) as rig:
        await rig.until(lambda: rig.ends == [True])
        rig.ask(CommandName.SPEED, value="0")
        await rig.go("start")
        await rig.until(lambda: rig.ends == [True, False])
        assert rig.playback.telemetry()["replay_done"] is False


async def test_what_is_gone_through_unseen_is_not_logged_as_if_it_had_been_played() -> None:
    async with replaying(market(120)) as rig:
        await rig.go("end")
        logged = len(rig.logged)
        assert logged == len(rig.notices.since(0).notices) > 10
        await rig.go("seq 20")
        await rig.go("end")
        assert len(rig.logged) == logged


async def test_a_seek_skips_the_waiting_and_goes_on_from_there() -> None:
    """Ten minutes that are skipped are not waited for afterwards."""
    async with replaying(recording(0, 600_000, 600_020, 600_040), speed=1.0) as rig:
        assert rig.ask(SEEK, where="seq 2") == "at 08:36:40, row 2"
        await rig.until(lambda: rig.playback.is_done)


async def test_on_hold_nothing_happens_until_the_speed_changes() -> None:
    async with replaying(recording(0, 10)) as rig:
        await asyncio.sleep(0.03)
        assert rig.playback.position == 0
        rig.ask(CommandName.SPEED, value="1000")
        await rig.until(lambda: rig.playback.is_done)


async def test_a_change_of_pace_does_not_skip_a_silence() -> None:
    """Ten minutes without a row stay ten minutes, however often `+` and `-` are pressed."""
    async with replaying(recording(0, 600_000), speed=1.0) as rig:
        for _ in range(5):
            rig.playback.set_speed(2.0)
            await asyncio.sleep(0.01)
        assert rig.playback.position == 1


@pytest.mark.parametrize(
    ("name", "args", "sentence"),
    [
        (STEP, {"events": "0"}, "step 0 goes nowhere"),
        (STEP, {"events": "2.5"}, "step 2.5 is no number of events"),
        (SEEK, {"where": "noon"}, "noon is no place; allowed: 14:03:27 (UTC), +30s"),
        (SEEK, {"where": "seq 4"}, "beyond the end; the last event is 3"),
        (SEEK, {}, "(nothing) is no place"),
        (CommandName.WHATIF, {}, "whatif compares what a run did"),
        (CommandName.SPEED, {"value": "-1"}, "speed -1 is outside 0 to"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_moves(name, args, sentence) -> None:
    async with replaying(recording(0, 10, 20)) as rig:
        await rig.go("seq 2")
        assert sentence in rig.refused(name, **args)
        assert (rig.playback.heading, rig.playback.speed) == (2, 0.0)


async def test_where_it_is_is_told() -> None:
    async with replaying(recording(0, 10, 30)) as rig:
        assert rig.playback.telemetry() == {
            "replay_speed": 0.0,
            "replay_done": False,
            "replay_paused": True,
            "replay_position": 0,
            "replay_length": 3,
            "replay_start_ns": START_NS,
            "replay_end_ns": START_NS + 30_000_000,
        }


async def test_it_can_be_ended_and_that_is_no_act_of_the_recording() -> None:
    async with replaying(recording(0, 10)) as rig:
        assert rig.ask(CommandName.STOP) == "ending the replay"
        assert rig.stopped == ["asked by test:1"]
        assert rig.past.count(Mark.NOTE) == 0


@pytest.mark.parametrize(("speed", "text"), [("0", "paused"), ("20", "speed 20")])
async def test_a_change_of_pace_is_answered(speed, text) -> None:
    async with replaying(recording(0), speed=1.0) as rig:
        assert rig.ask(CommandName.SPEED, value=speed) == text
