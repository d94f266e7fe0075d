"""Start-up is recovery: the last run's journal gives back exactly the state it ended in."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import TradingState, VenueState
from core.domain.errors import DataError
from core.journal.manifest import JOURNAL
from core.journal.writer import JournalWriter
from core.kernel.state import make_state, to_bytes
from core.runtime.recovery import EXCHANGE_SESSION, LAYOUT, SYMBOLS, read_last_run
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
    assert last.last_trade_id == 42
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


@pytest.mark.parametrize(("layout", "symbols"), [("other", "A,B"), ("L", "A,C")])
def test_a_run_of_another_shape_is_not_continued(tmp_path, layout, symbols) -> None:
    live_run(tmp_path, checkpoint=False)
    assert read_last_run(tmp_path, fresh(), layout, symbols) is None


def test_a_file_that_is_no_journal_is_said_to_be_none(tmp_path) -> None:
    (tmp_path / JOURNAL).write_text("not a database")
    with pytest.raises(DataError, match="journal"):
        read_last_run(tmp_path, fresh(), "L", "A,B")
