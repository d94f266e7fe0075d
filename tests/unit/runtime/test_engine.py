"""The loop: journal before apply, orders before talk, no trading without a record."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest

from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import (
    CommandKind,
    EventKind,
    IntentKind,
    OrderStatus,
    StateReason,
    TradingState,
)
from core.domain.records import INTENT
from core.kernel.state import to_bytes
from core.runtime.engine import Engine
from core.runtime.life import EngineLife
from core.runtime.rescue import EngineFault
from tests.unit.runtime.engine_rig import EngineRig
from tests.unit.runtime.test_life import Patience


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


def test_the_clock_of_an_engine_does_not_follow_the_wall_clock(monkeypatch) -> None:
    rig = EngineRig()
    engine = Engine(rig.engine.state, rig.journal, rig._submit, rig.reporter)
    monkeypatch.setattr(time, "time_ns", lambda: 5)
    engine.put(events.timer())
    engine.flush()
    assert events.load(rig.journal.stored)["ts_ns"][-1] > 10**18


def test_decisions_are_handed_to_the_journal_with_the_number_of_their_event() -> None:
    rig = EngineRig()
    rig.connect()
    rig.book()
    buy(rig)
    buy(rig)
    rig.journal.decisions.clear()
    rig.feed(events.timer(), events.command(CommandKind.HALT, key=StateReason.OPERATOR))
    ((seq, payload),) = rig.journal.decisions
    intents = np.frombuffer(payload, INTENT)
    assert seq == rig.engine.seq
    assert intents["kind"].tolist() == [IntentKind.CANCEL] * 2
    assert intents["order_id"].tolist() == [intent["order_id"] for intent in rig.sent[-2:]]


def test_without_a_journal_nothing_is_decided_into_it() -> None:
    rig = EngineRig()
    rig.connect()
    rig.book()
    buy(rig)
    rig.journal.is_broken = True
    rig.journal.decisions.clear()
    rig.book(3405, 3407)
    assert rig.sent[-1]["kind"] == IntentKind.CANCEL
    assert rig.journal.decisions == []


class BrokenStep:
    """The kernel, which raises on events of the given kinds."""

    def __init__(self, rig: EngineRig, *kinds: EventKind) -> None:
        self.kinds = {int(kind) for kind in kinds}
        self.calls = 0
        self._step = rig.engine._apply_event
        rig.engine._apply_event = self

    def __call__(self, state, rows, index, intents) -> int:
        if int(rows[index]["kind"]) in self.kinds:
            self.calls += 1
            raise ZeroDivisionError("division by zero")
        return self._step(state, rows, index, intents)


def trading_rig() -> EngineRig:
    rig = EngineRig()
    rig.connect()
    rig.book()
    buy(rig)
    rig.sent.clear()
    return rig


def test_an_event_that_cannot_be_applied_halts_cancels_and_is_named() -> None:
    rig = trading_rig()
    BrokenStep(rig, EventKind.TRADE)
    with pytest.raises(EngineFault) as caught:
        rig.feed(events.trade(0, 3400, 1, 1))
    assert str(caught.value).startswith(
        "event 5 (TRADE) could not be applied: ZeroDivisionError: division by zero; "
    )
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert rig.account["trading_state"] == TradingState.HALTED
    assert rig.account["state_reason"] == StateReason.INTERNAL_ERROR
    assert [intent["kind"] for intent in rig.sent] == [IntentKind.CANCEL]


def test_the_halt_after_a_fault_is_journaled_as_any_other_event() -> None:
    """So that a restart comes up halted, and a replay halts where the run did."""
    rig = trading_rig()
    BrokenStep(rig, EventKind.TRADE)
    with pytest.raises(EngineFault):
        rig.feed(events.trade(0, 3400, 1, 1))
    last = events.load(rig.journal.stored)[-1]
    assert (last["seq"], last["kind"]) == (6, EventKind.COMMAND)
    assert (last["code"], last["key"]) == (CommandKind.HALT, StateReason.INTERNAL_ERROR)
    assert rig.journal.decisions[-1][0] == 6


def test_what_came_with_a_broken_event_is_applied() -> None:
    """A fill must not be lost because a print before it could not be read."""
    rig = trading_rig()
    BrokenStep(rig, EventKind.TRADE)
    with pytest.raises(EngineFault):
        rig.feed(events.trade(0, 3400, 1, 1), events.fill(0, 1, 7, 1, 3401, 2, leaves_lots=1))
    assert rig.engine.state.instruments[0]["position_lots"] == 2


def test_after_a_fault_nothing_but_cancels_is_sent() -> None:
    """An order in the same batch was decided on by a state that nobody can vouch for."""
    rig = trading_rig()
    place = events.command(CommandKind.PLACE, instrument=0, side=1, price_ticks=3399, lots=2)
    BrokenStep(rig, EventKind.TRADE)
    with pytest.raises(EngineFault):
        rig.feed(events.trade(0, 3400, 1, 1), place)
    assert {intent["kind"] for intent in rig.sent} == {IntentKind.CANCEL}
    assert rig.journal.decisions[-2][0] == 6


def test_a_kernel_that_cannot_halt_either_is_canceled_around() -> None:
    rig = trading_rig()
    broken = BrokenStep(rig, EventKind.TRADE, EventKind.COMMAND)
    with pytest.raises(EngineFault, match="event 5"):
        rig.feed(events.trade(0, 3400, 1, 1))
    assert broken.calls == 2
    ((intent,),) = [rig.sent]
    assert (intent["kind"], intent["order_id"], intent["instrument"]) == (IntentKind.CANCEL, 1, 0)


def test_a_fault_is_told_once_and_the_engine_lives_on_to_hear_the_answers() -> None:
    rig = trading_rig()
    broken = BrokenStep(rig, EventKind.TRADE)
    with pytest.raises(EngineFault):
        rig.feed(events.trade(0, 3400, 1, 1))
    rig.feed(events.trade(0, 3400, 1, 1))
    rig.feed(events.order_report(0, 1, OrderStatus.CANCELED))
    assert broken.calls == 2
    assert rig.account["open_orders"] == 0
    assert rig.engine.fault is not None
    assert rig.engine.fault.seq == 5


def test_a_venue_that_breaks_while_sending_is_a_fault_and_its_decision_is_kept() -> None:
    rig = trading_rig()
    sent = []

    def submit(intents, count) -> None:
        sent.extend(intents[:count]["kind"].tolist())
        if len(sent) == 1:
            raise OSError("no such socket")

    rig.engine._submit = submit
    place = events.command(CommandKind.PLACE, instrument=0, side=1, price_ticks=3399, lots=2)
    with pytest.raises(EngineFault, match=r"event 5 \(COMMAND\).*no such socket"):
        rig.feed(place)
    assert [seq for seq, _ in rig.journal.decisions[-2:]] == [5, 6]
    assert sent == [IntentKind.PLACE, IntentKind.CANCEL, IntentKind.CANCEL]


def test_cancels_that_could_not_be_sent_are_sent_again() -> None:
    """The kernel believes that it has asked for them, and would not do so twice."""
    rig = trading_rig()
    calls = []

    def submit(intents, count) -> None:
        calls.append(intents[:count]["order_id"].tolist())
        if len(calls) < 3:
            raise OSError("no such socket")

    rig.engine._submit = submit
    place = events.command(CommandKind.PLACE, instrument=0, side=1, price_ticks=3399, lots=2)
    with pytest.raises(EngineFault, match="event 5"):
        rig.feed(place)
    assert rig.account["trading_state"] == TradingState.HALTED
    assert [sorted(ids) for ids in calls] == [[2], [1, 2], [1, 2]]


def test_a_venue_that_cannot_send_anything_does_not_hide_the_fault() -> None:
    rig = trading_rig()

    def submit(intents, count) -> None:
        raise OSError("no such socket")

    rig.engine._submit = submit
    with pytest.raises(EngineFault, match="event 5"):
        rig.feed(events.command(CommandKind.HALT, key=StateReason.OPERATOR))


def test_an_observer_that_breaks_is_a_fault_and_the_rest_is_applied(monkeypatch) -> None:
    rig = trading_rig()

    def on_applied(row, intents) -> None:
        raise KeyError("no such word")

    monkeypatch.setattr(rig.reporter, "on_applied", on_applied)
    with pytest.raises(EngineFault, match=r"event 5 \(BOOK\).*no such word"):
        rig.book(3405, 3407)
    assert rig.engine.state.instruments[0]["bid_ticks"][0] == 3405
    assert rig.account["trading_state"] == TradingState.HALTED


def test_a_halt_for_a_lost_journal_that_cannot_be_applied_is_a_fault() -> None:
    rig = trading_rig()
    rig.journal.is_broken = True
    BrokenStep(rig, EventKind.COMMAND)
    rig.engine.checkpoint()
    with pytest.raises(EngineFault, match=r"event 4 \(COMMAND\)"):
        rig.feed(events.timer())
    assert [intent["kind"] for intent in rig.sent] == [IntentKind.CANCEL]


async def test_while_somebody_watches_a_fault_goes_to_them_and_not_to_the_bringer(
    monkeypatch,
) -> None:
    """The bringer is the venue's connection, which has cancels to send."""
    rig = trading_rig()
    watching = asyncio.create_task(rig.engine.watch())
    await asyncio.sleep(0)
    BrokenStep(rig, EventKind.TRADE)
    rig.feed(events.trade(0, 3400, 1, 1))
    assert rig.sent[-1]["kind"] == IntentKind.CANCEL
    with pytest.raises(EngineFault, match="event 5"):
        await watching


async def test_a_watcher_that_was_let_go_is_not_told() -> None:
    """The run is ending already."""
    rig = trading_rig()
    watching = asyncio.create_task(rig.engine.watch())
    await asyncio.sleep(0)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
    BrokenStep(rig, EventKind.TRADE)
    rig.feed(events.trade(0, 3400, 1, 1))
    assert rig.account["trading_state"] == TradingState.HALTED


async def test_a_fault_before_the_watch_is_told_at_its_beginning() -> None:
    rig = trading_rig()
    BrokenStep(rig, EventKind.TRADE)
    with pytest.raises(EngineFault):
        rig.feed(events.trade(0, 3400, 1, 1))
    with pytest.raises(EngineFault):
        await rig.engine.watch()


async def test_a_fault_ends_the_life_of_an_engine_after_the_cancels() -> None:
    """The venue hears them, and is closed only then."""
    rig = trading_rig()
    venue = Patience()
    running = asyncio.create_task(EngineLife(rig.engine, venue).run())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    BrokenStep(rig, EventKind.TRADE)
    rig.feed(events.trade(0, 3400, 1, 1))
    assert not venue.closed.is_set()
    rig.feed(events.order_report(0, 1, OrderStatus.CANCELED))
    with pytest.raises(EngineFault, match="event 5"):
        await running
    assert venue.was_running_at_close
