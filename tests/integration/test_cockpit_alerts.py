"""Alerts by keyboard: a call in the status line, a bell, a page, and taking note."""

from __future__ import annotations

import pytest

from cockpit.viewmodels.alert_list import unseen
from core.domain.enums import StateReason, TradingState
from tests.integration.test_cockpit_hands import cockpit, until
from tests.unit.cockpit.fake_engine import live_engine, make_account, make_snapshot

pytestmark = pytest.mark.integration


def shown(app) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_a_halt_calls_rings_and_is_taken_note_of(monkeypatch) -> None:
    rings = []
    engine = live_engine()
    monkeypatch.setattr("cockpit.app.CockpitApp.bell", lambda _: rings.append(1))
    async with cockpit(engine, (120, 36)) as (app, pilot):
        engine.push(
            make_snapshot(
                account=make_account(
                    trading_state=TradingState.HALTED, state_reason=StateReason.DRAWDOWN_HALT
                )
            )
        )
        await until(pilot, lambda: "ALERT 1 trading is SAFE MODE" in shown(app))
        assert rings
        await pilot.press("!")
        await until(pilot, lambda: "leaving safe mode takes a typed word" in shown(app))
        await pilot.press("down", "up", "enter")
        await until(pilot, lambda: not unseen(app.view.alerts))
        assert "ALERT" not in shown(app)


async def test_all_are_taken_note_of_at_once() -> None:
    engine = live_engine(account=make_account(drawdown_pct=12.0, unknown_orders=2))
    async with cockpit(engine) as (app, pilot):
        await until(pilot, lambda: len(unseen(app.view.alerts)) == 2)
        await pilot.press("!", "pagedown", "pageup", "a")
        await until(pilot, lambda: not unseen(app.view.alerts))
