"""Pictures of every theme: the main screen, and what must stand out on it."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from cockpit.app import CockpitApp
from cockpit.styles.look import Look
from cockpit.styles.palette256 import in_256_colors
from cockpit.styles.themes import DARK, LIGHT, THEMES
from tests.unit.cockpit.fake_engine import FakeEngine, live_engine, make_doubtful_snapshot

LOOKS = {
    **{name: Look(theme) for name, theme in THEMES.items() if theme is not DARK},
    "dark-256": Look(in_256_colors(DARK)),
    "light-256": Look(in_256_colors(LIGHT)),
    "dark-ascii": Look(DARK, is_ascii=True),
    "mono-ascii": Look(THEMES["mono"], is_ascii=True),
}


async def live(pilot: Pilot) -> None:
    for _ in range(2_000):
        if pilot.app.view.snapshot is not None:
            return
        await pilot.pause()
    raise AssertionError("no snapshot ever came")


def picture(engine: FakeEngine, look: Look) -> CockpitApp:
    return CockpitApp(lambda: engine, fps=1000, look=look)


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_main_screen(snap_compare, look) -> None:
    app = picture(live_engine(), look)
    assert snap_compare(app, terminal_size=(120, 36), run_before=live)


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_what_is_in_doubt_stands_out(snap_compare, look) -> None:
    app = picture(FakeEngine(make_doubtful_snapshot()), look)
    assert snap_compare(app, terminal_size=(80, 24), run_before=live)
