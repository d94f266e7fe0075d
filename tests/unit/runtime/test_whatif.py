"""The rest of a run with another parameter: like compared with like, and nothing disturbed."""

from __future__ import annotations

import asyncio
import math
from contextlib import asynccontextmanager, suppress
from functools import partial

import numpy as np
import pytest

from core.domain.commands import CommandName
from core.domain.enums import EventKind, VenueState
from core.domain.errors import DataError
from core.domain.records import PARAMS
from core.domain.whatif import Curve, WhatIfState
from core.journal.reader import JournalReader
from core.kernel.state import to_bytes
from core.runtime.verify import first_state, read_beginning
from core.runtime.whatif import WhatIf, WhatIfResult
from tests.unit.runtime.run_rig import RUN_ID, Recorded, index_of, record
from tests.unit.runtime.test_run_playback import Rig, playing

MIN_SIGNAL = list(PARAMS.names or ()).index("min_signal")
MAX_LOTS = list(PARAMS.names or ()).index("max_order_lots")


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Recorded:
    return asyncio.run(record(tmp_path_factory.mktemp("run") / RUN_ID, 480))


@pytest.fixture(scope="module")
def index(run):
    return index_of(run.folder, spacing=64)


def compare(run, index, position: int, parameter: int, value: float) -> tuple[WhatIf, WhatIfResult]:
    beginning = read_beginning(run.folder)
    with JournalReader(run.path) as journal:
        make_state = partial(first_state, run.folder, beginning, None)
        whatif = WhatIf(journal, index, make_state, position, parameter, value)
        shares = list(whatif.run())
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert whatif.result is not None
    return whatif, whatif.result


def test_without_a_difference_the_two_lives_are_the_same(run, index) -> None:
    """Setting a parameter to what it is changes nothing: what differs is the parameter's."""
    _, result = compare(run, index, 30, MIN_SIGNAL, 0.15)
    # The recorded change of the parameter is left out of one life only.
    _, same = compare(run, index, 30, MAX_LOTS, 25.0)
    assert same.base == same.changed
    assert result.base == same.base


def test_a_parameter_that_forbids_trading_shows_in_its_curve_alone(run, index) -> None:
    """No signal reaches 2: nothing is traded; the base trades on."""
    _, result = compare(run, index, 30, MIN_SIGNAL, 2.0)
    assert result.changed.fills == 0
    assert result.base.fills > 20
    assert result.base.pnl != result.changed.pnl


def test_a_recorded_change_of_the_same_parameter_does_not_undo_it(run, index) -> None:
    """At a third of the run a person set it to 0.2, after which the changed life would trade."""
    assert index.marks["note"][0] > 30
    _, result = compare(run, index, 30, MIN_SIGNAL, 2.0)
    assert result.changed.fills == 0


def test_the_recorded_curve_is_what_happened(run, index) -> None:
    whatif, result = compare(run, index, 200, MIN_SIGNAL, 0.9)
    assert whatif.beginning is not None
    account = {
        seq: np.frombuffer(run.states[seq], first_account(run).dtype, 1)[0]
        for seq in (200, index.length)
    }
    gained = int(account[index.length]["equity_nanos"]) - int(account[200]["equity_nanos"])
    assert result.recorded.pnl == pytest.approx(gained / 1e9)
    assert result.recorded.fills == int(account[index.length]["fills"]) - int(account[200]["fills"])
    assert result.recorded.equity[0] == int(account[200]["equity_nanos"]) / 1e9
    assert result.recorded.ts_ns[0] == index.ts_at(200)


def first_account(run):
    return first_state(run.folder, read_beginning(run.folder), None).account


def test_all_three_begin_with_the_same_equity_and_end_at_the_same_time(run, index) -> None:
    _, result = compare(run, index, 200, MIN_SIGNAL, 0.9)
    curves = (result.recorded, result.base, result.changed)
    assert len({curve.equity[0] for curve in curves}) == 1
    assert {curve.ts_ns[-1] for curve in curves} == {index.ts_at(index.length)}
    for curve in curves:
        assert len(curve.ts_ns) == len(curve.equity) > 10
        assert list(curve.ts_ns) == sorted(curve.ts_ns)


def test_a_comparison_from_before_the_venue_was_connected_begins_when_it_was(run, index) -> None:
    whatif, _ = compare(run, index, 0, MIN_SIGNAL, 0.9)
    assert whatif.beginning is not None
    with JournalReader(run.path) as journal:
        rows = next(journal.events())
    is_synced = (rows["kind"] == EventKind.VENUE_STATE) & (rows["status"] == VenueState.SYNCED)
    assert whatif.beginning.position == int(rows["seq"][is_synced][0])


def test_nothing_of_the_run_is_left_to_compare_at_its_end(run, index) -> None:
    with pytest.raises(DataError, match="nothing is left of the run with a venue connected"):
        compare(run, index, index.length, MIN_SIGNAL, 0.9)


def test_the_same_comparison_gives_the_same_result(run, index) -> None:
    assert (
        compare(run, index, 77, MIN_SIGNAL, 0.5)[1] == compare(run, index, 77, MIN_SIGNAL, 0.5)[1]
    )


@pytest.mark.parametrize("chunk", [1, 7, 4_096])
def test_the_size_of_a_bite_changes_nothing(run, index, monkeypatch, chunk) -> None:
    """The venue keeps its books from one bite to the next."""
    expected = compare(run, index, 100, MIN_SIGNAL, 0.4)[1]
    monkeypatch.setattr("core.runtime.whatif._CHUNK", chunk)
    assert compare(run, index, 100, MIN_SIGNAL, 0.4)[1] == expected


def test_a_pause_of_the_operator_holds_in_both_lives(run, index) -> None:
    """From a moment in the pause on, nothing is opened until the resume."""
    note = index.marks["note"].tolist()
    _, result = compare(run, index, note[1], MIN_SIGNAL, 0.1)
    assert (result.base.trading_state, result.changed.trading_state) == ("ACTIVE", "ACTIVE")
    opened = [ts for ts, a, b in zip(
        result.base.ts_ns, result.base.equity, result.base.equity[1:], strict=False
    ) if a != b]  # fmt: skip
    assert opened == [] or opened[0] >= index.ts_at(note[1])


def test_a_curve_is_thinned_with_its_ends() -> None:
    curve = Curve(tuple(range(100, 200)), tuple(map(float, range(100))), 1.0, 0.5, 3, 2.0, "ACTIVE")
    thin = curve.thinned(10)
    assert thin.ts_ns == (100, 111, 122, 133, 144, 155, 166, 177, 188, 199)
    assert (thin.equity[0], thin.equity[-1], thin.fills) == (0.0, 99.0, 3)
    assert curve.thinned(100) == curve
    assert curve.thinned(2).ts_ns == (100, 199)


@asynccontextmanager
async def comparing(run, index):
    """A replay on hold with somebody who works on comparisons."""
    async with playing(run, index=index) as rig:
        task = asyncio.create_task(rig.whatif.run())
        try:
            yield rig
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def done(rig: Rig):
    await rig.until(lambda: rig.whatif.view.state is not WhatIfState.RUNNING)
    return rig.whatif.view


async def test_a_comparison_is_asked_for_from_where_the_replay_is(run, index) -> None:
    async with comparing(run, index) as rig:
        await rig.go("seq 150")
        before = to_bytes(rig.shown)
        told = rig.ask(CommandName.WHATIF, key="strategy.min_signal", value="0.5")
        assert told == "comparing strategy.min_signal 0.15 with 0.5 from 08:26:46 to the end"
        view = await done(rig)
        assert (view.state, view.done_pct, view.text) == (WhatIfState.DONE, 100.0, "")
        assert (view.key, view.old, view.new) == ("strategy.min_signal", 0.15, 0.5)
        assert (view.from_seq, view.until_seq) == (150, index.length)
        expected = compare(run, index, 150, MIN_SIGNAL, 0.5)[1]
        assert (view.recorded, view.base, view.changed) == (
            expected.recorded, expected.base, expected.changed,
        )  # fmt: skip
        assert to_bytes(rig.shown) == before


async def test_a_comparison_from_another_place_says_where_it_began(run, index) -> None:
    async with comparing(run, index) as rig:
        await rig.go("end")
        rig.ask(CommandName.WHATIF, key="strategy.min_signal", value="0.5", where="start")
        view = await done(rig)
        assert view.text == "begins at 08:26:40, when the venue was connected"
        assert view.from_seq > 0


async def test_a_newer_comparison_takes_the_place_of_the_older(run, index) -> None:
    async with comparing(run, index) as rig:
        for value in ("0.5", "0.45", "0.4"):
            rig.ask(CommandName.WHATIF, key="strategy.min_signal", value=value, where="seq 9")
        assert (await done(rig)).new == 0.4


async def test_a_comparison_can_be_given_up(run, index, monkeypatch) -> None:
    monkeypatch.setattr("core.runtime.whatif_runner._SLICE_S", 0.0)
    monkeypatch.setattr("core.runtime.whatif._CHUNK", 4)
    async with comparing(run, index) as rig:
        assert rig.refused(CommandName.WHATIF, cancel="true") == "no comparison is being made"
        rig.ask(CommandName.WHATIF, key="strategy.min_signal", value="0.5", where="seq 30")
        await rig.until(lambda: 0 < rig.whatif.view.done_pct < 90)
        assert rig.ask(CommandName.WHATIF, cancel="true") == "the comparison was given up"
        await asyncio.sleep(0.02)
        view = rig.whatif.view
        assert (view.state, view.base) == (WhatIfState.CANCELED, None)
        rig.ask(CommandName.WHATIF, key="strategy.min_signal", value="0.4", where="seq 30")
        assert (await done(rig)).state is WhatIfState.DONE


async def test_a_comparison_with_nothing_left_says_so(run, index) -> None:
    async with comparing(run, index) as rig:
        await rig.go("end")
        rig.ask(CommandName.WHATIF, key="strategy.min_signal", value="0.5")
        view = await done(rig)
        assert view.state is WhatIfState.FAILED
        assert view.text == "nothing is left of the run with a venue connected"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"key": "strategy.min_signl", "value": "1"}, "did you mean strategy.min_signal?"),
        ({"key": "strategy.min_signal", "value": "0.15"}, "there is nothing to compare"),
        ({"key": "strategy.min_signal", "value": "x"}, "x is not a number"),
        ({"key": "strategy.min_signal", "value": "7"}, "strategy.min_signal"),
        ({"key": "risk.drawdown_reduce_pct", "value": "60"}, "drawdown"),
        ({"key": "strategy.min_signal", "value": "0.5", "where": "noon"}, "noon is no place"),
        ({}, "(none) is no live parameter"),
    ],
)
async def test_a_comparison_that_cannot_be_is_refused(run, index, args, sentence) -> None:
    async with comparing(run, index) as rig:
        assert sentence in rig.refused(CommandName.WHATIF, **args)
        assert rig.whatif.view is None


async def test_what_is_shown_of_a_comparison_is_thin(run, index, monkeypatch) -> None:
    monkeypatch.setattr("core.runtime.whatif_runner.MOST_POINTS", 8)
    async with comparing(run, index) as rig:
        rig.ask(CommandName.WHATIF, key="strategy.min_signal", value="0.5", where="seq 30")
        view = await done(rig)
        shown = rig.whatif.shown
        assert len(shown.base.ts_ns) == 8 < len(view.base.ts_ns)
        assert shown.base.pnl == view.base.pnl
        assert not math.isnan(shown.base.pnl)
