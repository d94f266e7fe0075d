"""A run played, held, stepped and sought: the picture is that of its position, however reached."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import numpy as np
import pytest

from core.api.notice_log import NoticeLog
from core.domain.commands import Command, CommandName
from core.domain.errors import DataError
from core.domain.snapshot import Notice
from core.journal.reader import JournalReader
from core.kernel.state import to_bytes
from core.runtime.refusals import CommandRefused
from core.runtime.replay_desk import ReplayDesk
from core.runtime.replay_marks import Mark
from core.runtime.run_index import RunIndex
from core.runtime.run_playback import RunPlayback
from core.runtime.verify import first_state, read_beginning
from core.runtime.whatif_runner import WhatIfRunner
from core.settings.loader import load_settings
from tests.unit.runtime.run_rig import RUN_ID, Recorded, index_of, record


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Recorded:
    return asyncio.run(record(tmp_path_factory.mktemp("run") / RUN_ID))


OF_A_REPLAY = {CommandName(word) for word in ("speed", "step", "seek", "whatif", "stop")}


async def prepared() -> None:
    """Compiled it is by the tests of the backtest."""


class Rig:
    """A playback that runs, and what its viewers are told."""

    def __init__(self, run: Recorded, journal: JournalReader, speed: float, index=None) -> None:
        beginning = read_beginning(run.folder)
        self.run = run
        self.index: RunIndex = index or index_of(run.folder, spacing=64)
        self.shown = first_state(run.folder, beginning, None)
        self.notices = NoticeLog()
        self.logged: list[Notice] = []
        self.stopped: list[str] = []
        scratch = first_state(run.folder, beginning, None)
        self.playback = RunPlayback(
            journal, self.index, self.shown, scratch, self.notices, speed, self.logged.append
        )
        make_state = partial(first_state, run.folder, beginning, None)
        self.whatif = WhatIfRunner(
            journal, self.index, make_state, load_settings("prosperity").settings, prepared
        )
        self.desk = ReplayDesk(self.playback, self.whatif, self.stopped.append)

    def ask(self, name: CommandName, **args: str) -> str:
        """Have a command done; its answer."""
        answer = self.desk.submit(Command(name, "test:1", 5, args))
        assert answer.accepted, answer.text
        assert answer.request_id == 5
        return answer.text

    def refused(self, name: CommandName, **args: str) -> str:
        """Have a command refused; why."""
        answer = self.desk.submit(Command(name, "test:1", 5, args))
        assert not answer.accepted
        return answer.text

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.001)

    async def go(self, where: str) -> int:
        """Seek, and wait until it is there."""
        self.ask(CommandName.SEEK, where=where)
        target = self.playback.heading
        await self.until(lambda: self.playback._target is None)
        assert self.playback.position == target
        return target

    def check(self) -> None:
        """State and notices are those of the position, and nothing of what comes after."""
        position = self.playback.position
        expected = self.run.states.get(position) or self.index.frames.nearest(0)[1]
        assert to_bytes(self.shown) == expected
        said = self.index.notices[: self.index.notices_until(position)]
        assert self.notices.since(self.notices.before_first).notices == said


@asynccontextmanager
async def playing(run: Recorded, speed: float = 0.0, index=None) -> AsyncIterator[Rig]:
    with JournalReader(run.path) as journal:
        rig = Rig(run, journal, speed, index)
        task = asyncio.create_task(rig.playback.run())
        try:
            yield rig
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_at_full_speed_it_comes_to_the_end_and_stays_there(run) -> None:
    async with playing(run, math.inf) as rig:
        await asyncio.wait_for(rig.playback.wait_for_end(), 20)
        assert rig.playback.is_done
        assert rig.playback.position == rig.index.length == 546
        rig.check()
        assert tuple(rig.logged) == rig.index.notices


async def test_on_hold_it_stays_before_the_first_event(run) -> None:
    async with playing(run) as rig:
        await asyncio.sleep(0.02)
        assert rig.playback.position == 0
        rig.check()
        assert not rig.playback.is_done


async def test_it_plays_at_the_recorded_pace_times_the_speed(run) -> None:
    """Never ahead of the time that has passed, whatever the machine."""
    async with playing(run) as rig:
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        assert rig.ask(CommandName.SPEED, value="20") == "speed 20"
        await rig.until(lambda: rig.playback.position > 100)
        passed_s = (rig.index.ts_at(rig.playback.position) - rig.index.ts_at(0)) / 1e9
        assert passed_s <= (loop.time() - started_s) * 20
        rig.ask(CommandName.SPEED, value="0")
        held = rig.playback.position
        await asyncio.sleep(0.05)
        assert rig.playback.position == held
        rig.check()


async def test_stepping_goes_event_by_event_and_holds(run) -> None:
    async with playing(run, 5.0) as rig:
        assert rig.ask(CommandName.STEP, events="7") == "at 08:26:40, event 7"
        await rig.until(lambda: rig.playback.position == 7)
        assert rig.playback.speed == 0
        rig.check()
        rig.ask(CommandName.STEP, events="-3")
        await rig.until(lambda: rig.playback.position == 4)
        rig.check()


async def test_steps_that_are_asked_for_faster_than_done_add_up(run) -> None:
    async with playing(run) as rig:
        for _ in range(5):
            rig.ask(CommandName.STEP, events="1")
        rig.ask(CommandName.STEP, events="-2")
        await rig.until(lambda: rig.playback.position == 3)
        rig.check()


async def test_steps_end_at_the_ends(run) -> None:
    async with playing(run) as rig:
        assert rig.refused(CommandName.STEP, events="-1") == "this is the start of the run"
        assert rig.ask(CommandName.STEP, events="9999").endswith(", end")
        await rig.until(lambda: rig.playback.position == 546)
        assert rig.refused(CommandName.STEP, events="1") == "this is the end of the run"
        assert rig.ask(CommandName.STEP, events="-9999").endswith(", start")
        await rig.until(lambda: rig.playback.position == 0)
        rig.check()


async def test_the_next_and_the_previous_of_each_kind_are_found(run) -> None:
    async with playing(run) as rig:
        for mark in Mark:
            seqs = rig.index.marks[mark].tolist()
            await rig.go("start")
            forward = [await rig.go(mark.value) for _ in seqs]
            assert forward == seqs
            rig.check()
            assert re.match(
                f"no {mark.value} after this one; {len(seqs)} in all",
                rig.refused(CommandName.SEEK, where=mark.value),
            )
            await rig.go("end")
            earlier = [seq for seq in seqs if seq < rig.index.length]
            back = [await rig.go(f"-{mark.value}") for _ in earlier]
            assert back == earlier[::-1]
            rig.check()
            assert "before this one" in rig.refused(CommandName.SEEK, where=f"-{mark.value}")


async def test_a_seek_goes_on_at_the_pace_it_had(run) -> None:
    async with playing(run, math.inf) as rig:
        await asyncio.wait_for(rig.playback.wait_for_end(), 20)
        rig.ask(CommandName.SEEK, where="seq 10")
        assert not rig.playback.is_done
        await rig.until(lambda: rig.playback.is_done)
        rig.check()


async def test_a_new_seek_on_the_way_takes_the_place_of_the_old(run) -> None:
    async with playing(run) as rig:
        rig.ask(CommandName.SEEK, where="end")
        rig.ask(CommandName.SEEK, where="seq 30")
        await rig.until(lambda: rig.playback.position == 30)
        rig.check()


async def test_places_are_told_with_their_time(run) -> None:
    async with playing(run) as rig:
        assert rig.ask(CommandName.SEEK, where="seq 300") == "at 08:26:52, event 300"
        assert rig.ask(CommandName.SEEK, where="start") == "at 08:26:40, start"
        assert rig.ask(CommandName.SEEK, where="08:26:45") == "at 08:26:45, event 111"


@pytest.mark.parametrize(
    ("name", "args", "sentence"),
    [
        (CommandName.STEP, {"events": "0"}, "step 0 goes nowhere"),
        (CommandName.STEP, {"events": "1.5"}, "step 1.5 is no number of events"),
        (CommandName.STEP, {"events": "1e300"}, "is no number of events"),
        (CommandName.STEP, {}, "step: (none) is not a number"),
        (CommandName.SEEK, {"where": "noon"}, "noon is no place; allowed: 14:03:27 (UTC), +30s"),
        (CommandName.SEEK, {}, "(nothing) is no place"),
        (CommandName.SEEK, {"where": "seq 547"}, "beyond the end; the last event is 546"),
        (CommandName.SEEK, {"where": "23:00:00"}, "is not in the recording"),
        (CommandName.SPEED, {"value": "-1"}, "speed -1 is outside 0 to"),
        (CommandName.SPEED, {"value": "fast"}, "speed: fast is not a number"),
    ],
)
async def test_bad_input_is_refused_and_nothing_moves(run, name, args, sentence) -> None:
    async with playing(run) as rig:
        await rig.go("seq 5")
        assert sentence in rig.refused(name, **args)
        assert (rig.playback.heading, rig.playback.speed) == (5, 0.0)
        rig.check()


@pytest.mark.parametrize("name", sorted(set(CommandName) - OF_A_REPLAY))
async def test_nothing_can_be_traded_or_switched_in_a_replay(run, name) -> None:
    """Whatever word is added later: what is not for a replay is refused."""
    async with playing(run) as rig:
        before = to_bytes(rig.shown)
        told = rig.refused(name, instrument="7_ETF", quantity="1", price="50", word="resume")
        assert told.startswith(f"{name}: this is a replay of a run")
        assert "no venue is connected" in told
        assert to_bytes(rig.shown) == before


async def test_it_can_be_ended(run) -> None:
    async with playing(run) as rig:
        assert rig.ask(CommandName.STOP) == "ending the replay"
        assert rig.stopped == ["asked by test:1"]


async def test_a_long_way_lets_others_have_their_turn(run, monkeypatch) -> None:
    """A slice of no time at all: every event is one look at keys and viewers."""
    monkeypatch.setattr("core.runtime.run_playback._SLICE_S", 0.0)
    turns = 0
    async with playing(run, index=index_of(run.folder)) as rig:
        rig.ask(CommandName.SEEK, where="seq 400")
        while rig.playback.position != 400:
            rig.check()
            turns += 1
            await asyncio.sleep(0)
        rig.check()
    assert turns > 200


async def test_many_new_notices_take_the_place_of_the_old_ones(run, monkeypatch) -> None:
    monkeypatch.setattr("core.runtime.replay_marks._MOST_APPENDED", 20)
    async with playing(run) as rig:
        await rig.go("seq 60")
        generation = rig.notices.generation
        await rig.go("end")
        assert rig.notices.generation == generation + 1
        kept = rig.notices.since(rig.notices.before_first)
        assert kept.notices == rig.index.notices[-20:]
        assert kept.missed == 0


async def test_going_back_past_no_notice_takes_nothing_back(run) -> None:
    async with playing(run) as rig:
        await rig.go("seq 20")
        generation = rig.notices.generation
        await rig.go("seq 15")
        assert rig.index.notices_until(15) == rig.index.notices_until(20)
        assert rig.notices.generation == generation


async def test_what_is_stepped_over_is_not_logged_as_if_it_had_been_played(run) -> None:
    async with playing(run) as rig:
        rig.logged.clear()
        await rig.go("end")
        assert rig.logged == []


async def test_a_journal_that_goes_away_ends_the_replay_with_its_reason(run) -> None:
    with JournalReader(run.path) as journal:
        longer = index_of(run.folder)
        object.__setattr__(longer, "ts_ns", np.append(longer.ts_ns, longer.ts_ns[-1] + 1))
        rig = Rig(run, journal, math.inf, longer)
        with pytest.raises(DataError, match="event 547 is not there any more"):
            await asyncio.wait_for(rig.playback.run(), 20)


async def test_an_empty_run_can_be_looked_at(run) -> None:
    with JournalReader(run.path) as journal:
        index = index_of(run.folder)
        for name, value in (("ts_ns", index.ts_ns[:0]), ("notices", ())):
            object.__setattr__(index, name, value)
        object.__setattr__(index, "notice_seqs", index.notice_seqs[:0])
        rig = Rig(run, journal, 1.0, index)
        assert rig.playback.is_done
        assert rig.refused(CommandName.SEEK, where="end") == "this run holds no events"
        assert rig.refused(CommandName.STEP, events="1") == "this is the end of the run"
        with pytest.raises(CommandRefused):
            rig.playback.find("fill")
