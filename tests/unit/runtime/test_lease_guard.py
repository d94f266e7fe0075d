"""Without the lease no order leaves, and the engine halts and stays halted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import CommandKind, IntentKind, StateReason, TradingState
from core.domain.memory import allocate
from core.domain.records import INTENT
from core.runtime.lease import AccountLease
from core.runtime.lease_guard import CHECK_EVERY_S, LeaseGuard
from tests.unit.runtime.engine_rig import EngineRig


class GuardRig:
    """An engine whose orders pass a guard, and a clock by hand."""

    def __init__(self, folder) -> None:
        self.account = AccountLease("practice", "ws://10.1.2.3:1", "key", folder=folder)
        self.lease = self.account.acquire("r", folder)
        self.now_s = 100.0
        self.sent: list[int] = []
        self.guard = LeaseGuard(self.lease, self._submit, clock=lambda: self.now_s)
        self.rig = EngineRig()
        self.rig.engine._submit = self.guard.submit
        self.guard.attach(self.rig.engine)
        self.rig.connect()
        self.rig.book()

    def _submit(self, intents: Any, count: int) -> None:
        self.sent += intents["kind"][:count].tolist()

    def buy(self, price: int = 3399) -> Any:
        return self.rig.ask(CommandName.BUY, instrument="1_Eisbach", quantity="3", price=str(price))

    @property
    def state(self) -> tuple[int, int]:
        account = self.rig.account
        return int(account["trading_state"]), int(account["state_reason"])


@pytest.fixture
def rig(tmp_path) -> Iterator[GuardRig]:
    """Hold a lease for as long as a test takes."""
    rig = GuardRig(tmp_path)
    yield rig
    rig.lease.release()


LOST = (TradingState.HALTED, StateReason.LEASE_LOST)


def test_with_the_lease_orders_pass(rig) -> None:
    assert rig.guard.check()
    rig.buy()
    rig.now_s += 60.0
    rig.buy(3398)
    assert rig.sent == [IntentKind.PLACE, IntentKind.PLACE]
    assert rig.state[0] == TradingState.ACTIVE


def test_a_lost_lease_halts_with_its_reason_and_cancels(rig) -> None:
    rig.buy()
    rig.account.take_over()
    assert not rig.guard.check()
    rig.rig.engine.flush()
    assert rig.state == LOST
    assert rig.sent == [IntentKind.PLACE, IntentKind.CANCEL]


def test_the_first_order_after_a_standstill_does_not_leave(rig) -> None:
    """What piled up on the socket is applied before any timer."""
    rig.account.take_over()
    rig.now_s += CHECK_EVERY_S + 0.01
    rig.buy()
    assert IntentKind.PLACE not in rig.sent
    assert rig.state == LOST
    assert rig.rig.account["open_orders"] == 0
    assert rig.rig.account["rejects"] == 1


def test_what_was_looked_at_just_now_is_not_looked_at_again(rig) -> None:
    """An order costs a comparison: the venue's own fence covers the rest of the moment."""
    rig.account.take_over()
    rig.now_s += CHECK_EVERY_S
    rig.buy()
    assert rig.sent == [IntentKind.PLACE]


def test_without_the_lease_cancels_and_questions_pass_and_new_risk_does_not(rig) -> None:
    rig.account.take_over()
    rig.guard.check()
    intents = allocate(INTENT, 5)
    kinds = [IntentKind.REPLACE, IntentKind.CANCEL, IntentKind.QUERY, IntentKind.PLACE]
    intents["kind"][:4] = kinds
    rig.guard.submit(intents, 4)
    assert rig.sent == [IntentKind.CANCEL, IntentKind.QUERY]
    assert intents["kind"][:4].tolist() == kinds


def test_a_re_arm_without_the_lease_does_not_last_and_lets_nothing_out(rig) -> None:
    rig.account.take_over()
    rig.guard.check()
    rig.rig.feed(events.command(CommandKind.RESUME))
    rig.buy()
    rig.guard.check()
    rig.rig.engine.flush()
    assert rig.state == LOST
    assert rig.sent == []


def test_a_loss_is_journaled_once(rig) -> None:
    rig.account.take_over()
    for _ in range(3):
        rig.guard.check()
        rig.rig.engine.flush()
    before = len(rig.rig.journal.stored)
    rig.guard.check()
    rig.rig.engine.flush()
    assert len(rig.rig.journal.stored) == before


def test_one_halted_already_hears_of_the_loss_once(rig) -> None:
    """Its journal is to say that the account was taken."""
    rig.rig.ask(CommandName.HALT)
    before = len(rig.rig.journal.stored)
    rig.account.take_over()
    for _ in range(2):
        rig.guard.check()
        rig.rig.engine.flush()
    assert len(rig.rig.journal.stored) == before + 1
