"""The orders screen by keyboard: lists, amend, link, stops, and closing one position."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit.screens.confirm import ConfirmDialog
from cockpit.screens.form import FormDialog
from cockpit.screens.ticket import TicketDialog
from core.api.client import Notices
from core.api.topics import Topic
from core.domain.commands import CommandName
from core.domain.enums import Side
from tests.integration.test_cockpit_hands import cockpit, names, until
from tests.unit.cockpit.fake_engine import FakeEngine, make_held_snapshot, make_notices

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("quick_fingers")]


@pytest.fixture
def quick_fingers(monkeypatch) -> None:
    monkeypatch.setattr("cockpit.screens.base.DEAF_S", 1e-6)


def held_engine() -> FakeEngine:
    return FakeEngine(Notices(make_notices()), make_held_snapshot())


async def test_the_lists_are_turned_over_and_the_done_ones_are_asked_for() -> None:
    engine = held_engine()
    async with cockpit(engine, (120, 36)) as (app, pilot):
        await pilot.press("o", "right")
        await until(pilot, lambda: Topic.ORDERS_DONE in app.view.pages)
        await pilot.press("down", "pagedown", "left")
        assert app.screen.topic is None


async def test_an_order_is_amended_once_the_keys_are_armed() -> None:
    engine = held_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("o", "down", "down", "a")
        assert "trading keys are locked" in app.view.message
        await pilot.press("A", "a")
        await until(pilot, lambda: app.screen.query(FormDialog))
        await pilot.press("enter", "right", "down", "6", "enter")
        await until(pilot, lambda: names(engine) == [CommandName.AMEND])
        args = engine.commands[0].args
        assert args == {"order_id": "220", "price": "51.3", "quantity": "6"}


async def test_leaving_an_amend_sends_nothing() -> None:
    engine = held_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("A", "o", "a", "right", "escape")
        assert names(engine) == []
        assert app.view.message == "nothing sent"


async def test_two_orders_are_linked_by_two_presses() -> None:
    engine = held_engine()
    async with cockpit(engine) as (_, pilot):
        await pilot.press("o", "d", "d")
        assert names(engine) == []
        await pilot.press("d", "down", "down", "d")
        await until(pilot, lambda: names(engine) == [CommandName.OCO])
        assert engine.commands[0].args == {"order_id": "223", "other_id": "220"}


async def test_a_stop_is_taken_away_from_its_list() -> None:
    engine = held_engine()
    async with cockpit(engine) as (_, pilot):
        await pilot.press("o", "left", "down", "c")
        await until(pilot, lambda: names(engine) == [CommandName.PROTECT])
        assert engine.commands[0].args == {"instrument": "1_Eisbach"}


async def test_a_stop_and_a_target_are_set_for_what_is_held_by_hand() -> None:
    engine = held_engine()
    async with cockpit(engine) as (_, pilot):
        await pilot.press("7", "P", "5", "0", "down", "5", "3", "enter")
        await until(pilot, lambda: names(engine) == [CommandName.PROTECT])
        assert engine.commands[0].args == {"instrument": "7_ETF", "stop": "50", "target": "53"}


async def test_one_position_is_closed_after_a_yes() -> None:
    engine = held_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("7", "C")
        assert app.screen.query(ConfirmDialog)
        await pilot.press("escape", "C", "y")
        await until(pilot, lambda: names(engine) == [CommandName.FLATTEN])
        assert engine.commands[0].args == {"instrument": "7_ETF"}


@pytest.mark.parametrize("keys", [["o", "A", "a", "enter"], ["P", "5", "enter"], ["7", "C", "y"]])
async def test_who_only_looks_changes_nothing(keys) -> None:
    engine = held_engine()
    said = []
    async with cockpit(engine, read_only=True) as (app, pilot):
        for key in keys:
            await pilot.press(key)
            said.append(app.view.message)
        assert names(engine) == []
        assert any("read-only" in text for text in said)


async def test_keys_of_an_order_that_is_gone_say_so() -> None:
    engine = held_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("A", "o")
        engine.push(replace(make_held_snapshot(), orders=()))
        await until(pilot, lambda: app.view.snapshot and not app.view.snapshot.orders)
        for key in "cad":
            await pilot.press(key)
            assert "is gone" in app.view.message
        assert names(engine) == []


async def test_a_click_on_a_level_opens_a_ticket_with_its_price_once_armed() -> None:
    """And never sends anything by itself."""
    engine = held_engine()
    async with cockpit(engine, (120, 36)) as (app, pilot):
        await pilot.press("7")
        book = app.screen.query_one("#book")
        best_bid = (book.size.height - 2 - 1) // 2 + 1 + 1
        await pilot.click("#book", offset=(4, best_bid))
        assert "trading keys are locked" in app.view.message
        await pilot.press("A")
        await pilot.click("#book", offset=(4, best_bid))
        ticket = app.screen.query_one(TicketDialog)._ticket
        row = app.view.instrument
        assert (ticket.side, float(ticket.price)) == (Side.BUY, pytest.approx(row.bids[0].price))
        await pilot.press("escape")
        await pilot.click("#book", offset=(4, best_bid - 3))
        await until(pilot, lambda: app.screen.query(TicketDialog))
        ticket = app.screen.query(TicketDialog).last()._ticket
        assert (ticket.side, float(ticket.price)) == (Side.SELL, pytest.approx(row.asks[1].price))
        assert names(engine) == []


async def test_a_click_chooses_a_pane_and_an_instrument_and_two_zoom() -> None:
    async with cockpit(held_engine(), (120, 36)) as (app, pilot):
        await pilot.click("#positions", offset=(5, 4))
        assert (app.view.focus, app.view.selected) == ("positions", 2)
        await pilot.click("#pnl", offset=(5, 2), times=2)
        assert (app.view.focus, app.view.is_zoomed) == ("pnl", True)
        await pilot.click("#pnl", offset=(5, 2), times=2)
        assert not app.view.is_zoomed
        await pilot.click("#status", offset=(1, 0))
        assert app.view.focus == "pnl"
