"""Start-up is recovery: the last run's journal gives back exactly the state it ended in."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import StateReason, TradingState, VenueState
from core.journal.manifest import JOURNAL
from core.journal.writer import JournalWriter
from core.kernel.state import make_state, to_bytes
from core.runtime import recovery
from core.runtime.recovery import (
    BEGAN,
    EXCHANGE_SESSION,
    LAYOUT,
    SWITCH,
    SYMBOLS,
    Switch,
    find_last_run,
    read_last_run,
)
from tests.unit.kernel.kernel_rig import CAPITAL, EISBACH, ETF, NANOS, make_params
from tests.unit.runtime.engine_rig import EngineRig


def fresh():
    return make_state([EISBACH, ETF], make_params(), CAPITAL * NANOS)


def live_run(folder: Path, *, checkpoint: bool) -> EngineRig:
    """A run that traded, was halted, and then died."""
    rig = EngineRig()
    journal = JournalWriter.open(folder / JOURNAL, {LAYOUT: "L", SYMBOLS: "A,B"})
    journal.note(0, 1, {EXCHANGE_SESSION: "abc"})
    rig.engine._journal = journal
    rig.connect()
    rig.book()
    rig.feed(events.fill(0, 1, 41, 1, 3400, 9))
    if checkpoint:
        rig.engine.checkpoint()
    rig.book(3410, 3412)
    rig.feed(events.fill(0, 1, 42, -1, 3411, 4))
    rig.ask(CommandName.HALT)
    journal.close()
    return rig


@pytest.mark.parametrize("checkpoint", [False, True])
def test_the_last_state_comes_back_to_the_byte(tmp_path, checkpoint) -> None:
    rig = live_run(tmp_path, checkpoint=checkpoint)
    last = read_last_run(tmp_path, fresh(), "L", "A,B")
    assert last is not None
    assert to_bytes(last.state) == to_bytes(rig.engine.state)
    assert last.exchange_session == "abc"
    assert last.last_trade_ids[0] == 42
    assert last.damage == ""


def test_the_next_run_starts_halted_with_the_same_books(tmp_path) -> None:
    before = live_run(tmp_path, checkpoint=True)
    last = read_last_run(tmp_path, fresh(), "L", "A,B")
    after = EngineRig()
    after.feed(*last.events(keep_books=True))
    assert after.account["trading_state"] == TradingState.HALTED
    after.feed(events.venue_state(VenueState.CONNECTED), events.position_report(0, 5))
    after.feed(events.venue_state(VenueState.SYNCED))
    after.book(3410, 3412)
    for field in ("equity_nanos", "realized_nanos", "unrealized_nanos", "peak_equity_nanos"):
        assert int(after.account[field]) == int(before.account[field])


def test_another_account_gets_the_switch_but_not_the_books(tmp_path) -> None:
    live_run(tmp_path, checkpoint=False)
    after = EngineRig()
    after.feed(*read_last_run(tmp_path, fresh(), "L", "A,B").events(keep_books=False))
    assert after.account["trading_state"] == TradingState.HALTED
    assert after.account["equity_nanos"] == CAPITAL * NANOS


@pytest.mark.parametrize(
    ("layout", "symbols", "why"),
    [("other", "A,B", "another version"), ("L", "A,C", "other instruments")],
)
def test_a_run_of_another_shape_leaves_only_its_switch(tmp_path, layout, symbols, why) -> None:
    """A halt survives a change of program, although the state's bytes mean nothing to it."""
    live_run(tmp_path, checkpoint=False)
    with_note(tmp_path, Switch(TradingState.HALTED, StateReason.DRAWDOWN_HALT, 77).note())
    last = read_last_run(tmp_path, fresh(), layout, symbols)
    assert last.state is None
    assert why in last.damage
    assert last.switch == Switch(TradingState.HALTED, StateReason.DRAWDOWN_HALT, 77)
    (row,) = last.events(keep_books=True)
    after = EngineRig()
    after.feed(row)
    assert after.account["state_reason"] == StateReason.DRAWDOWN_HALT


def test_the_newest_note_of_the_switch_counts(tmp_path) -> None:
    live_run(tmp_path, checkpoint=False)
    with_note(tmp_path, Switch(TradingState.HALTED, StateReason.RUNAWAY, 5).note())
    with_note(tmp_path, Switch(TradingState.ACTIVE, StateReason.OPERATOR, 6).note())
    assert read_last_run(tmp_path, fresh(), "other", "A,B").switch.state is TradingState.ACTIVE


def test_a_switch_of_unheard_of_words_is_halted(tmp_path) -> None:
    live_run(tmp_path, checkpoint=False)
    with_note(tmp_path, {SWITCH: "SLEEPING"})
    assert read_last_run(tmp_path, fresh(), "other", "A,B").switch.state is TradingState.HALTED


def with_note(folder: Path, fields: dict[str, object]) -> None:
    with sqlite3.connect(folder / JOURNAL) as connection:
        connection.execute(
            "INSERT INTO notes (seq, ts_ns, text) VALUES (0, 0, ?)", (json.dumps(fields),)
        )


def test_a_file_that_is_no_journal_leaves_trading_halted(tmp_path) -> None:
    """What cannot be read might have been a halt."""
    (tmp_path / JOURNAL).write_text("not a database")
    last = read_last_run(tmp_path, fresh(), "L", "A,B")
    assert last.state is None
    assert "journal" in last.damage
    assert last.switch == Switch(TradingState.HALTED, StateReason.JOURNAL_FAILED)


def test_events_that_cannot_be_read_leave_trading_halted(tmp_path) -> None:
    rig = EngineRig()
    journal = JournalWriter.open(tmp_path / JOURNAL, {LAYOUT: "L", SYMBOLS: "A,B"})
    rig.engine._journal = journal
    rig.connect()
    rig.book()
    journal.close()
    with sqlite3.connect(tmp_path / JOURNAL) as connection:
        connection.execute("UPDATE events SET crc = crc + 1 WHERE seq = 2")
    last = read_last_run(tmp_path, fresh(), "L", "A,B")
    assert last.damage.endswith("event 2 is damaged: its checksum does not fit")
    assert int(last.state.account["seq"][0]) == 1
    assert last.switch.state is TradingState.HALTED


def test_an_event_that_cannot_be_applied_does_not_stop_the_next_start(
    tmp_path, monkeypatch
) -> None:
    live_run(tmp_path, checkpoint=False)

    def fails(state, chunk, index, intents):
        state.account["seq"][0] = chunk[index]["seq"]
        if chunk[index]["seq"] == 3:
            raise ZeroDivisionError("division by zero")
        return 0

    monkeypatch.setattr(recovery, "step", fails)
    last = read_last_run(tmp_path, fresh(), "L", "A,B")
    assert last.damage == "event 3 cannot be applied: ZeroDivisionError: division by zero"
    assert last.switch.state is TradingState.HALTED


def a_run(run_dir: Path, number: int, *, began: bool) -> Path:
    folder = run_dir / f"2026112{number}T140327-practice-4f1c"
    journal = JournalWriter.open(folder / JOURNAL, {})
    if began:
        journal.note(0, 1, {BEGAN: True})
    journal.close()
    return folder


def test_a_run_that_died_before_it_had_begun_is_passed_over(tmp_path) -> None:
    """It had not yet taken over the books and the halt of the run before it."""
    begun = a_run(tmp_path, 1, began=True)
    a_run(tmp_path, 2, began=False)
    assert find_last_run(tmp_path, "practice") == begun


def test_a_run_that_cannot_be_read_counts_as_the_last(tmp_path) -> None:
    a_run(tmp_path, 1, began=True)
    damaged = a_run(tmp_path, 2, began=True)
    (damaged / JOURNAL).write_bytes(b"x" * 4096)
    assert find_last_run(tmp_path, "practice") == damaged


def test_without_a_run_there_is_no_last_one(tmp_path) -> None:
    assert find_last_run(tmp_path, "practice") is None
    a_run(tmp_path, 1, began=False)
    assert find_last_run(tmp_path, "practice") is None


def test_what_is_held_by_hand_comes_back_as_such(tmp_path) -> None:
    rig = EngineRig()
    journal = JournalWriter.open(tmp_path / JOURNAL, {LAYOUT: "L", SYMBOLS: "A,B"})
    rig.engine._journal = journal
    rig.connect()
    rig.book()
    rig.feed(events.fill(0, -3, 41, 1, 3400, 9))
    assert rig.ask(CommandName.BUY, instrument="1_Eisbach", quantity="5", price="3402").accepted
    rig.feed(events.fill(0, rig.sent[-1]["order_id"], 42, 1, 3402, 5, fee_nanos=77))
    journal.close()
    last = read_last_run(tmp_path, fresh(), "L", "A,B")
    after = EngineRig()
    after.feed(*last.events(keep_books=True))
    before, row = rig.engine.state.instruments[0], after.engine.state.instruments[0]
    for name in ("part_lots", "part_cost_nanos", "part_realized_nanos", "part_fees_nanos"):
        assert row[name].tolist() == before[name].tolist()
    assert row["part_lots"].tolist() == [0, 5, 0, 9]
    assert row["part_fees_nanos"].tolist() == [0, 77, 0, 0]


def guarded_run(folder: Path, layout: str = "L") -> None:
    """A run that ended with a bracket around 5 by hand, and one whose entry had not traded."""
    rig = EngineRig()
    journal = JournalWriter.open(folder / JOURNAL, {LAYOUT: layout, SYMBOLS: "A,B"})
    rig.engine._journal = journal
    rig.reporter._brackets._note = rig.engine.note
    rig.connect()
    rig.book()
    wanted = {"instrument": "1_Eisbach", "price": "3402", "stop": "3390", "target": "3410"}
    assert rig.ask(CommandName.BUY, quantity="5", **wanted).accepted
    rig.feed(events.fill(0, 1, 42, 1, 3402, 5))
    assert rig.ask(CommandName.BUY, quantity="2", **wanted).accepted
    journal.close()


def test_stops_and_targets_are_watched_on(tmp_path) -> None:
    guarded_run(tmp_path)
    last = read_last_run(tmp_path, fresh(), "L", "A,B")
    after = EngineRig()
    after.feed(*last.events(keep_books=True))
    used = [row for row in after.engine.state.brackets if row["bracket_id"]]
    assert [
        (int(row["left_lots"]), int(row["stop_ticks"]), int(row["target_ticks"])) for row in used
    ] == [(5, 3390, 3410)]
    assert "bracket 1: stop 3390 and target 3410 for 5 bought" in after.texts()


def test_a_run_of_another_layout_says_how_many_brackets_were_lost(tmp_path) -> None:
    guarded_run(tmp_path, layout="older")
    last = read_last_run(tmp_path, fresh(), "L", "A,B")
    assert last.state is None
    assert last.brackets == 2
