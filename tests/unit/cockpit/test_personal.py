"""A cockpit as a person has set it up: keys, panes, motion."""

from __future__ import annotations

from cockpit import app as app_module
from cockpit.settings.loader import load_cockpit_settings
from cockpit.settings.model import CockpitSettings
from core.domain.commands import CommandName
from tests.unit.cockpit import pilot as pilot_module
from tests.unit.cockpit.fake_engine import FakeEngine, live_engine, make_account, make_snapshot
from tests.unit.cockpit.pilot import shown, until


def settings(tmp_path, text: str) -> CockpitSettings:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return load_cockpit_settings([path]).settings


def cockpit(engine: FakeEngine, chosen: CockpitSettings, size=(160, 48)):
    return pilot_module.cockpit(engine, size, settings=chosen)


async def test_own_keys_act_and_the_usual_ones_no_longer_do(tmp_path) -> None:
    engine = live_engine()
    async with cockpit(engine, settings(tmp_path, '[keys]\nhalt = ["f12", "%"]')) as (app, pilot):
        await pilot.press("s", "f12", "%")
        await until(pilot, lambda: len(engine.commands) == 2)
        assert {command.name for command in engine.commands} == {CommandName.HALT}
        await pilot.press("right_square_bracket")
        assert app.view.selected == 1


async def test_footer_help_and_pages_speak_of_own_keys(tmp_path) -> None:
    async with cockpit(live_engine(), settings(tmp_path, '[keys]\nhalt = "f12"')) as (app, pilot):
        await until(pilot, lambda: "f12 safe mode" in shown(app))
        await pilot.press("o")
        await until(pilot, lambda: "f12 safe mode" in shown(app))
        await pilot.press("question_mark")
        await until(pilot, lambda: "Safe mode: cancel every order" in shown(app))
        line = next(line for line in shown(app).splitlines() if "Safe mode: cancel" in line)
        assert " f12 " in line


async def test_panes_stand_where_they_are_wanted(tmp_path) -> None:
    text = """
    [panes]
    order = ["book", "obi", "pnl", "regime", "signals", "positions", "why", "trades"]
    hidden = ["obi"]
    """
    async with cockpit(live_engine(), settings(tmp_path, text)) as (app, pilot):
        book, pnl = app.screen.query_one("#book"), app.screen.query_one("#pnl")
        await until(pilot, lambda: book.region.width > 0)
        assert book.region.x == 0
        assert pnl.region.x == book.region.right
        assert book.region.height == pnl.region.height
        assert not app.screen.query_one("#obi").display


async def test_the_theme_of_the_settings_is_drawn(tmp_path) -> None:
    async with cockpit(live_engine(), settings(tmp_path, 'theme = "light"')) as (app, _):
        assert app.look.theme.name == "light"
        assert app.screen.styles.background.hex.lower() == app.look.theme.ground


async def test_with_reduced_motion_a_picture_stands_still_until_a_key_is_pressed(
    tmp_path, monkeypatch
) -> None:
    """The pause is made endless, so that only a key can end it."""
    monkeypatch.setattr(app_module, "CALM_S", 3600.0)
    monkeypatch.setattr(app_module, "QUICK_S", 0.0)
    engine = live_engine()
    async with cockpit(engine, settings(tmp_path, "reduced_motion = true")) as (app, pilot):
        await pilot.press("v")
        await until(pilot, lambda: app.view.snapshot is app.link.snapshot)
        later = make_snapshot(account=make_account(equity=123_456.0))
        engine.push(later)
        await until(pilot, lambda: app.link.snapshot is later)
        for _ in range(20):
            await pilot.pause()
        assert app.view.snapshot is not later
        await pilot.press("v")
        await until(pilot, lambda: app.view.snapshot is later)
