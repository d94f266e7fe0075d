"""A cockpit in a test's hands, with an engine that is a fake."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from cockpit.app import CockpitApp
from tests.unit.cockpit.fake_engine import FakeEngine

PATIENCE_S = 120.0
"""Longer than anything takes on a busy machine: reached only by what never happens."""


async def until(pilot: Pilot, condition: Callable[[], object]) -> None:
    """Let the app work until the condition holds."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline_s:
            raise AssertionError(f"the condition never held\n{shown(pilot.app)}")
        await pilot.pause()


@asynccontextmanager
async def cockpit(
    engine: FakeEngine, size: tuple[int, int] = (80, 24), **options
) -> AsyncIterator[tuple[CockpitApp, Pilot]]:
    """A cockpit that is live, ready for keys."""
    app = CockpitApp(lambda: engine, fps=1000, **options)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.view.snapshot is not None)
        yield app, pilot


def shown(app: CockpitApp) -> str:
    """All text on the screen."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)
