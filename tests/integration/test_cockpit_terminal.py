"""What the cockpit does with its terminal, without one."""

from __future__ import annotations

import asyncio

import pytest

from cockpit.app import CockpitApp
from cockpit.line.terminal_line import SLOW_PICTURES_PER_S
from cockpit.settings.loader import shipped_settings
from core.domain.enums import Mode
from tests.unit.cockpit.fake_engine import FakeEngine, live_engine, make_meta, make_snapshot
from tests.unit.cockpit.pilot import until

pytestmark = pytest.mark.integration


class Launcher:
    """Something that says the engine ends with this program."""

    in_process = True

    async def ensure_running(self, report) -> None:
        """It runs."""

    async def watch(self) -> str:
        """For ever."""
        await asyncio.Event().wait()
        return ""

    async def stop(self) -> None:
        """It stops."""


async def test_a_spared_line_asks_the_engine_for_fewer_snapshots_and_is_named() -> None:
    engine = live_engine()
    settings = shipped_settings().model_copy(update={"low_bandwidth": "always"})
    app = CockpitApp(lambda: engine, settings=settings)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: engine.pace == SLOW_PICTURES_PER_S)
        await until(pilot, lambda: app.view.link.is_slow)


async def test_a_good_line_takes_all_that_was_asked_for() -> None:
    engine = live_engine()
    app = CockpitApp(lambda: engine, fps=7)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: engine.pace == 7)
        assert not app.view.link.is_slow


@pytest.mark.parametrize(("mode", "is_refused"), [(Mode.PAPER, True), (Mode.REPLAY, False)])
async def test_an_engine_in_this_program_is_not_suspended_with_it(
    monkeypatch, mode, is_refused
) -> None:
    """Its orders would stand unattended; a replay has none."""
    engine = FakeEngine(make_snapshot(), meta=make_meta(mode=mode))
    app = CockpitApp(lambda: engine, launcher=Launcher(), fps=1000)
    suspended = []
    monkeypatch.setattr(app, "action_suspend_process", lambda: suspended.append(True))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.view.snapshot is not None)
        app.hands.lock.arm()
        await pilot.press("ctrl+z")
        assert suspended == ([] if is_refused else [True])
        assert ("the engine lives in this program" in app.view.message) is is_refused
        assert bool(app.hands.lock.left_s) is is_refused
