"""With plain letters only: every pane, page and dialog, byte for byte and column for column."""

from __future__ import annotations

import pytest

from cockpit.app import CockpitApp
from cockpit.styles.look import Look
from cockpit.styles.themes import DARK, LIGHT, MONO
from cockpit.viewmodels.cells import cell_width
from cockpit.widgets.panel import Panel
from core.domain.whatif import WhatIfState
from tests.unit.cockpit.fake_engine import FakeEngine, live_engine, make_doubtful_snapshot
from tests.unit.cockpit.fake_replay import FakeReplay, make_whatif
from tests.unit.cockpit.pilot import until

PAGES = [
    [], ["t", "down", "right"], ["o", "down"], ["w", "7"], ["question_mark"],
    ["question_mark", "pagedown", "pagedown"], ["v"], ["v", "v"], ["F", "f", "l"], ["q"],
    ["t", "slash", "w"], ["t", "enter", "9"], ["X"],
]  # fmt: skip


def drawn(app: CockpitApp) -> list[str]:
    """Every line of every panel that shows, as it is sent."""
    panels = [panel for panel in app.screen.query(Panel) if panel.display]
    return [panel.render_line(y).text for panel in panels for y in range(panel.size.height)]


REPLAY_PAGES = [
    [], ["g"], [*"gnoon", "enter"], ["R"], ["R", "enter"], ["R", "enter", *"min_sig", "enter"],
]  # fmt: skip


async def check(engine: FakeEngine, keys: list[str], size: tuple[int, int]) -> None:
    app = CockpitApp(lambda: engine, fps=1000, look=Look(DARK, is_ascii=True))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.view.snapshot is not None)
        await pilot.press(*keys)
        await pilot.pause()
        plain = drawn(app)
        app.dress(Look(DARK))
        usual = drawn(app)
    assert [line for line in plain if not line.isascii()] == []
    assert [len(line) for line in plain] == [cell_width(line) for line in usual]
    assert any(not line.isascii() for line in usual)
    # Nothing of ours is a glyph that the table has forgotten.
    for ours, theirs in zip(plain, usual, strict=True):
        assert ours.count("?") == theirs.count("?")


@pytest.mark.parametrize("keys", PAGES, ids=lambda keys: "-".join(keys) or "main")
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
@pytest.mark.parametrize("make", [live_engine, lambda: FakeEngine(make_doubtful_snapshot())],
                         ids=["live", "doubtful"])  # fmt: skip
async def test_nothing_but_ascii_is_drawn_and_every_column_stays(keys, size, make) -> None:
    await check(make(), keys, size)


@pytest.mark.parametrize("keys", REPLAY_PAGES, ids=lambda keys: "-".join(keys) or "main")
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
@pytest.mark.parametrize("state", WhatIfState)
async def test_a_replay_and_its_curves_are_drawn_in_ascii_too(keys, size, state) -> None:
    await check(FakeReplay(whatif=make_whatif(state)), keys, size)


async def test_a_look_can_change_while_it_is_shown() -> None:
    app = CockpitApp(live_engine, fps=1000)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.view.snapshot is not None)
        app.dress(Look(LIGHT))
        await pilot.pause()
        panel = app.screen.query(Panel).first()
        assert panel.render_line(0)._segments[-1].style.bgcolor.name == LIGHT.ground
        assert app.screen.styles.background.hex.lower() == LIGHT.ground
        app.dress(Look(MONO, is_ascii=True))
        await pilot.pause()
        assert panel.render_line(0)._segments[-1].style.bgcolor is None
        assert app.native_ansi_color
