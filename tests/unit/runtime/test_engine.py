"""The loop: journal before apply, orders before talk, no trading without a record."""

from __future__ import annotations

from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import IntentKind, StateReason, TradingState
from core.kernel.state import to_bytes
from tests.unit.runtime.engine_rig import EngineRig


def buy(rig: EngineRig, quantity: str = "3") -> None:
    result = rig.ask(CommandName.BUY, instrument="1_Eisbach", quantity=quantity, price="3401")
    assert result.accepted, result.text


def test_events_are_numbered_stamped_and_journaled_before_their_orders_leave() -> None:
    rig = EngineRig()
    rig.connect()
    rig.book()
    rig.journal.log.clear()
    buy(rig)
    assert rig.journal.log == ["journal 1", "submit 1", "decide 4"]
    rows = events.load(rig.journal.stored)
    assert rows["seq"].tolist() == [1, 2, 3, 4]
    assert rows["ts_ns"][-1] == rig.ts_ns


def test_a_batch_is_journaled_at_once_and_applied_in_order() -> None:
    rig = EngineRig()
    rig.feed(events.fill(0, 1, 1, 1, 3400, 2), events.fill(0, 1, 2, -1, 3410, 2))
    assert rig.journal.log == ["journal 2"]
    assert rig.account["realized_nanos"] == 20 * 10**9


def test_what_an_order_causes_at_once_is_applied_after_it_not_inside_it() -> None:
    """A venue that answers from within `submit` must not re-enter the loop."""
    rig = EngineRig()
    rig.connect()
    rig.book()
    seen = []
    submit = rig.engine._submit

    def answering(intents, count) -> None:
        submit(intents, count)
        seen.append(rig.engine.seq)
        rig.engine.put(events.fill(0, int(intents[0]["order_id"]), 9, 1, 3401, 3))
        rig.engine.flush()
        seen.append(rig.engine.seq)

    rig.engine._submit = answering
    buy(rig)
    assert seen[0] == seen[1]
    assert rig.engine.state.instruments[0]["position_lots"] == 3


def test_a_journal_that_cannot_be_written_halts_and_cancels() -> None:
    rig = EngineRig()
    rig.connect()
    rig.book()
    buy(rig)
    rig.journal.is_broken = True
    rig.sent.clear()
    rig.book(3405, 3407)
    assert rig.account["trading_state"] == TradingState.HALTED
    assert rig.account["state_reason"] == StateReason.JOURNAL_FAILED
    assert [intent["kind"] for intent in rig.sent] == [IntentKind.CANCEL]


def test_after_a_lost_journal_the_screen_stays_true_and_only_a_restart_trades() -> None:
    rig = EngineRig()
    rig.connect()
    rig.book()
    rig.journal.is_broken = True
    rig.book(3405, 3407)
    rig.feed(events.fill(0, 1, 1, 1, 3400, 2))
    assert rig.engine.state.instruments[0]["position_lots"] == 2
    refused = rig.ask(CommandName.RESUME)
    assert not refused.accepted
    assert "restart" in refused.text


def test_a_checkpoint_is_the_state_after_the_last_event() -> None:
    rig = EngineRig()
    rig.book()
    rig.engine.checkpoint()
    assert rig.journal.checkpoints == [(1, to_bytes(rig.engine.state))]


def test_latency_counts_from_the_socket_to_the_order_and_only_where_one_left() -> None:
    rig = EngineRig()
    rig.connect()
    rig.engine.put(events.book(0, [(3400, 10)], [(3402, 7)]))
    rig.engine.flush(received_ns=1)
    assert rig.engine.wire_latency.count == 0
    buy(rig)
    assert rig.engine.wire_latency.count == 0
    assert rig.engine.step_latency.count == 4
