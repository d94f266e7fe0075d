"""Parameters on trial: kept in time, or set back by a journaled event."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import CommandKind, EventKind
from core.domain.records import PARAMS
from core.domain.snapshot import TrialView
from tests.unit.runtime.engine_rig import EngineRig

KEY = "strategy.min_signal"
OTHER = "strategy.take_signal"
PLACE = (PARAMS.names or ()).index("min_signal")


@pytest.fixture
def rig() -> EngineRig:
    rig = EngineRig()
    rig.feed(events.timer())
    return rig


def value(rig: EngineRig, name: str = "min_signal") -> float:
    return float(rig.engine.state.params[name][0])


def try_out(rig: EngineRig, number: str, length_s: str = "30", key: str = KEY) -> Any:
    return rig.ask(CommandName.SET, key=key, value=number, revert_s=length_s)


def wait(rig: EngineRig, seconds: float) -> None:
    """Let event time pass, and the trials look at it."""
    rig.feed(events.timer(), after_ms=seconds * 1e3)
    rig.desk.trials.check()


def changes(rig: EngineRig) -> list[tuple[int, float]]:
    """Place and value of every journaled change."""
    rows = events.load(rig.journal.stored)
    return [
        (int(row["key"]), float(row["value"]))
        for row in rows
        if row["kind"] == EventKind.COMMAND and row["code"] == CommandKind.SET_PARAMETER
    ]


def test_a_trial_that_nobody_keeps_goes_back_in_a_journaled_event(rig) -> None:
    result = try_out(rig, "0.33")
    assert result.text == (
        "strategy.min_signal 0.15 -> 0.33, allowed 0 to 1, by test:1, for 30 s unless kept"
    )
    wait(rig, 29.9)
    assert value(rig) == 0.33
    wait(rig, 0.2)
    assert value(rig) == 0.15
    assert changes(rig) == [(PLACE, 0.33), (PLACE, 0.15)]
    assert rig.journal.notes[-1]["source"] == "trial"
    assert rig.desk.trials.views() == ()
    wait(rig, 100)
    assert len(changes(rig)) == 2


def test_the_journal_knows_that_and_for_how_long_a_change_was_a_trial(rig) -> None:
    try_out(rig, "0.33", "45")
    note = rig.journal.notes[-1]
    assert (note["revert_s"], note["reverts_to"]) == (45.0, 0.15)
    assert (note["old"], note["new"], note["source"]) == (0.15, 0.33, "test:1")


def test_a_trial_is_announced_at_its_start_shortly_before_its_end_and_at_its_end(rig) -> None:
    try_out(rig, "0.33")
    for seconds in (24.9, 0.2, 0.2, 5.0):
        wait(rig, seconds)
    assert [
        (notice.severity, notice.text) for notice in rig.logged if "min_signal" in notice.text
    ] == [
        (
            "info",
            "strategy.min_signal 0.15 -> 0.33, allowed 0 to 1, by test:1, for 30 s unless kept",
        ),
        ("warning", "strategy.min_signal goes back to 0.15 in 5 s; keep makes it stay"),
        ("warning", "trial over: strategy.min_signal 0.33 -> 0.15, allowed 0 to 1"),
    ]


def test_a_short_trial_is_not_announced_twice(rig) -> None:
    try_out(rig, "0.33", "5")
    wait(rig, 1)
    assert not any("keep makes it stay" in notice.text for notice in rig.logged)


def test_what_is_kept_stays_and_is_noted(rig) -> None:
    try_out(rig, "0.33")
    assert rig.ask(CommandName.KEEP, key=KEY).text == "kept: strategy.min_signal 0.33"
    assert rig.journal.notes[-1]["kept"] == {KEY: 0.33}
    wait(rig, 60)
    assert value(rig) == 0.33


def test_keep_without_a_key_keeps_all(rig) -> None:
    try_out(rig, "0.33")
    try_out(rig, "0.9", key=OTHER)
    assert rig.ask(CommandName.KEEP).accepted
    wait(rig, 60)
    assert (value(rig), value(rig, "take_signal")) == (0.33, 0.9)


def test_keeping_one_does_not_keep_the_other(rig) -> None:
    try_out(rig, "0.33")
    before = value(rig, "take_signal")
    try_out(rig, "0.9", key=OTHER)
    rig.ask(CommandName.KEEP, key=KEY)
    wait(rig, 31)
    assert (value(rig), value(rig, "take_signal")) == (0.33, before)


def test_there_is_nothing_to_keep_without_a_trial(rig) -> None:
    assert rig.ask(CommandName.KEEP).text == "no parameter is on trial"
    try_out(rig, "0.33")
    refused = rig.ask(CommandName.KEEP, key="strategy.min_signl")
    assert not refused.accepted
    assert "did you mean strategy.min_signal?" in refused.text


def test_a_second_trial_of_a_key_starts_its_time_anew_and_goes_back_to_the_first_value(rig) -> None:
    try_out(rig, "0.33")
    wait(rig, 20)
    try_out(rig, "0.44", "15")
    wait(rig, 14)
    assert value(rig) == 0.44
    assert rig.desk.trials.views() == (TrialView(KEY, 0.44, 0.15, 1.0),)
    wait(rig, 1.5)
    assert value(rig) == 0.15


def test_a_change_for_good_ends_the_trial(rig) -> None:
    try_out(rig, "0.33")
    rig.ask(CommandName.SET, key=KEY, value="0.5")
    assert rig.desk.trials.views() == ()
    wait(rig, 60)
    assert value(rig) == 0.5


def test_a_refused_change_for_good_leaves_the_trial_running(rig) -> None:
    try_out(rig, "0.33")
    assert not rig.ask(CommandName.SET, key=KEY, value="7").accepted
    wait(rig, 31)
    assert value(rig) == 0.15


@pytest.mark.parametrize(
    ("number", "length_s", "words"),
    [
        ("0.33", "0.9", "outside 1 to 86400 s"),
        ("0.33", "86401", "outside 1 to 86400 s"),
        ("0.33", "soon", "revert_s: soon is not a number"),
        ("7", "30", "above 1"),
        ("0.15", "30", "would go back to 0.15, which is the value to try"),
    ],
)
def test_a_trial_that_cannot_be_is_refused_and_nothing_is_on_trial(
    rig, number, length_s, words
) -> None:
    result = try_out(rig, number, length_s)
    assert not result.accepted
    assert words in result.text
    assert rig.desk.trials.views() == ()
    assert changes(rig) == []


def test_a_way_back_that_another_parameter_bars_is_an_alarm_once_and_taken_when_free(rig) -> None:
    """15 % below 25 % of drawdown: raise both, then only the lower one may not stay behind."""
    try_out(rig, "40", "30", "risk.drawdown_halt_pct")
    rig.ask(CommandName.SET, key="risk.drawdown_reduce_pct", value="30")
    for _ in range(3):
        wait(rig, 31)
    assert value(rig, "drawdown_halt_pct") == 40.0
    alarms = [notice.text for notice in rig.logged if notice.severity == "alarm"]
    assert len(alarms) == 1
    assert "risk.drawdown_halt_pct cannot go back to 25" in alarms[0]
    assert rig.desk.trials.views()[0].left_s == 0.0
    rig.ask(CommandName.SET, key="risk.drawdown_reduce_pct", value="10")
    wait(rig, 0.25)
    assert value(rig, "drawdown_halt_pct") == 25.0
    assert rig.desk.trials.views() == ()


def test_trials_that_end_together_go_back_in_any_order(rig) -> None:
    try_out(rig, "40", "30", "risk.drawdown_halt_pct")
    try_out(rig, "30", "30", "risk.drawdown_reduce_pct")
    wait(rig, 31)
    wait(rig, 0.25)
    assert (value(rig, "drawdown_reduce_pct"), value(rig, "drawdown_halt_pct")) == (15.0, 25.0)


async def test_beside_the_loop_a_trial_ends_without_being_asked(rig) -> None:
    task = asyncio.create_task(rig.desk.trials.run())
    try_out(rig, "0.33")
    rig.feed(events.timer(), after_ms=31_000)
    async with asyncio.timeout(10):
        while value(rig) != 0.15:
            await asyncio.sleep(0.01)
    task.cancel()
