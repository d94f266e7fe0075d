"""Orders by hand, and everything that looks like one and is none."""

from __future__ import annotations

import random

import pytest
from textual import events

from cockpit.key_names import key_named
from cockpit.screens.confirm import ConfirmDialog
from cockpit.screens.palette import PaletteDialog
from cockpit.screens.reading import ReadScreen
from cockpit.screens.ticket import TicketDialog
from cockpit.settings.loader import shipped_settings
from core.domain.commands import CommandName
from core.domain.enums import TradingState
from tests.unit.cockpit.fake_engine import FakeEngine, live_engine, make_account
from tests.unit.cockpit.pilot import cockpit, until

pytestmark = pytest.mark.integration

ORDERS = {CommandName.BUY, CommandName.SELL}


def names(engine: FakeEngine) -> list[CommandName]:
    return [command.name for command in engine.commands]


@pytest.fixture
def quick_fingers(monkeypatch) -> None:
    monkeypatch.setattr("cockpit.screens.base.DEAF_S", 1e-6)


async def test_a_locked_key_says_how_to_arm_it_and_sends_nothing() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("B")
        assert "A arms them" in app.view.message
        assert not app.screen.query(TicketDialog)
        await pilot.press("enter")
        assert names(engine) == []


@pytest.mark.usefixtures("quick_fingers")
@pytest.mark.parametrize(("key", "name"), [("B", CommandName.BUY), ("S", CommandName.SELL)])
async def test_armed_a_ticket_is_filled_in_and_sent(key, name) -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("A", key, "7", "enter")
        await until(pilot, lambda: names(engine) == [name])
        args = engine.commands[0].args
        assert args["quantity"] == "7"
        assert args["post_only"] == "true"
        assert args["instrument"] == app.view.instrument.symbol
        assert app.view.armed_s > 0


@pytest.mark.usefixtures("quick_fingers")
async def test_a_ticket_with_trouble_is_not_sent_and_escape_sends_nothing() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("A", "B", "0", "enter")
        assert app.screen.query(TicketDialog)
        await pilot.press("escape")
        assert not app.screen.query(TicketDialog)
        assert app.view.message == "nothing sent"
        assert names(engine) == []


@pytest.mark.usefixtures("quick_fingers")
async def test_the_keys_lock_themselves_even_under_an_open_ticket() -> None:
    engine = live_engine()
    settings = shipped_settings()
    trading = settings.trading.model_copy(update={"lock_after_s": 0.2})
    settings = settings.model_copy(update={"trading": trading})
    async with cockpit(engine, settings=settings) as (app, pilot):
        await pilot.press("A", "B")
        await until(pilot, lambda: app.hands.lock.left_s == 0)
        await pilot.press("enter")
        assert "locked themselves" in app.view.message
        assert names(engine) == []


@pytest.mark.usefixtures("quick_fingers")
@pytest.mark.parametrize(("key", "name"), [("s", CommandName.HALT), ("x", CommandName.CANCEL_ALL)])
async def test_stopping_keys_act_although_a_ticket_is_open(key, name) -> None:
    engine = live_engine()
    async with cockpit(engine) as (_, pilot):
        await pilot.press("A", "B", key)
        await until(pilot, lambda: names(engine) == [name])


async def test_arming_twice_locks_again() -> None:
    async with cockpit(live_engine()) as (app, pilot):
        await pilot.press("A")
        assert app.hands.lock.left_s > 0
        await pilot.press("A")
        assert app.hands.lock.left_s == 0


async def test_a_read_only_viewer_has_nothing_to_arm() -> None:
    engine = live_engine()
    async with cockpit(engine, read_only=True) as (app, pilot):
        await pilot.press("A", "B")
        assert "read-only" in app.view.message
        assert names(engine) == []


async def test_a_dialog_that_opens_under_the_fingers_hears_nothing_at_first(monkeypatch) -> None:
    monkeypatch.setattr("cockpit.screens.base.DEAF_S", 0.3)
    monkeypatch.setattr("cockpit.screens.base.MACHINE_S", 0.0)
    engine = live_engine(account=make_account(trading_state=TradingState.REDUCING))
    async with cockpit(engine) as (app, pilot):
        await pilot.press("p", "y")
        assert names(engine) == []
        dialog = app.screen.query_one(ConfirmDialog)
        await until(pilot, lambda: dialog.is_listening)
        await pilot.press("y")
        await until(pilot, lambda: names(engine) == [CommandName.RESUME])


async def test_keys_as_fast_as_a_machine_types_keep_it_deaf(monkeypatch) -> None:
    """A paste in a terminal that does not mark it, or a key that is held down."""
    monkeypatch.setattr("cockpit.screens.base.DEAF_S", 1.0)
    monkeypatch.setattr("cockpit.screens.base.MACHINE_S", 60.0)
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("A", "B", "1")
        for _ in range(6):
            await pilot.pause(0.05)
            await pilot.press("enter")
        assert names(engine) == []
        dialog = app.screen.query_one(TicketDialog)
        await until(pilot, lambda: dialog.is_listening)
        await pilot.press("enter")
        await until(pilot, lambda: names(engine) == [CommandName.BUY])


async def test_a_paste_is_no_key() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        app.post_message(events.Paste("aBs\nxFq"))
        await until(pilot, lambda: "a paste of 7 characters was ignored" in app.view.message)
        assert names(engine) == []


@pytest.mark.parametrize("seed", range(4))
async def test_a_storm_of_keys_sends_no_order_while_locked(seed, monkeypatch) -> None:
    """Ten thousand random keys, pastes and resizes: no crash, and nothing asks for new risk."""
    chance = random.Random(seed)
    engine = live_engine()
    letters = "sSxXpBFCPtowuiymdDnNlLjIvVeqhkacfrb01237+-[]?/y!zKqbuysell@. "
    named = [
        "enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "pagedown",
        "pageup", "backspace", "home", "end", "ctrl+c", "f5",
    ]  # fmt: skip
    async with cockpit(engine) as (app, pilot):
        # Left by q and s it would hear no more.
        monkeypatch.setattr(app, "exit", lambda **_: None)
        for number in range(2_500):
            if chance.random() < 0.75:
                letter = chance.choice(letters)
                app.post_message(events.Key(key_named(letter), letter))
            else:
                app.post_message(events.Key(chance.choice(named), None))
            if number % 10 == 0:
                await pilot.pause()
            if number % 50 == 0:
                app.post_message(events.Paste("B5\ny\n"))
                size = (chance.randrange(12, 240), chance.randrange(4, 80))
                await pilot.resize_terminal(*size)
        assert not (ORDERS | {CommandName.AMEND}) & set(names(engine))
        heard = len(engine.commands)
        await pilot.resize_terminal(80, 24)
        await pilot.press("escape", "escape", "x")
        await until(pilot, lambda: len(engine.commands) > heard)


async def test_the_palette_opens_pages_and_chooses_instruments() -> None:
    async with cockpit(live_engine()) as (app, pilot):
        await pilot.press("colon", *"statistics", "enter")
        await until(pilot, lambda: isinstance(app.screen, ReadScreen))
        await pilot.press("escape", "colon", *"7_ETF", "enter")
        await until(pilot, lambda: app.view.instrument.symbol == "7_ETF")


async def test_the_palette_asks_as_the_key_would() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("colon", *"flatten", "enter")
        await until(pilot, lambda: bool(app.screen.query(ConfirmDialog)))
        assert names(engine) == []


async def test_a_typed_command_is_read_checked_and_sent() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("ctrl+p", *"set risk.max_exposure_pct 900", "enter")
        dialog = app.screen.query_one(PaletteDialog)
        assert "not within" in dialog._trouble
        await pilot.press("backspace", "backspace", "backspace", "5", "5", "enter")
        await until(pilot, lambda: names(engine) == [CommandName.SET])
        assert engine.commands[0].args == {"key": "risk.max_exposure_pct", "value": "55"}


async def test_an_order_that_is_typed_is_locked_too() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("colon", *"buy 7_ETF 3 @ 50", "enter")
        assert "arms them" in app.view.message
        await pilot.press("A", "colon", *"buy 7_ETF 3 @ 50", "enter")
        await until(pilot, lambda: names(engine) == [CommandName.BUY])


@pytest.mark.usefixtures("quick_fingers")
@pytest.mark.parametrize(("keys", "sent"), [(["y"], [CommandName.BUY]), (["escape"], [])])
async def test_who_wants_to_be_asked_once_more_is(keys, sent) -> None:
    settings = shipped_settings()
    trading = settings.trading.model_copy(update={"confirm": True})
    settings = settings.model_copy(update={"trading": trading})
    engine = live_engine()
    async with cockpit(engine, settings=settings) as (app, pilot):
        await pilot.press("A", "B", "7", "enter")
        assert app.screen.query(ConfirmDialog)
        assert names(engine) == []
        await pilot.press(*keys)
        await until(pilot, lambda: app.view.message)
        assert names(engine) == sent
