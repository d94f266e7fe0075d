"""Pictures of every page, every pane with the whole screen, and every dialog of orders by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from cockpit.keymap import KEYS
from cockpit.screens.reading import PAGES
from cockpit.viewmodels.panes import PANES
from core.api.client import Notices
from tests.snapshot.test_cockpit_screens import halted, live, picture, until
from tests.unit.cockpit.fake_engine import (
    FakeEngine,
    live_engine,
    make_held_snapshot,
    make_notices,
)

BOTH = pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids="{0[0]}x{0[1]}".format)


def held() -> FakeEngine:
    return FakeEngine(Notices(make_notices()), make_held_snapshot())


def answered(*keys: str) -> Callable[[Pilot], Awaitable[None]]:
    """Press keys, and wait until the engine has answered the page."""

    async def prepare(pilot: Pilot) -> None:
        await live(*keys)(pilot)
        await until(pilot, lambda: pilot.app.screen.topic in (None, *pilot.app.view.pages))
        await pilot.pause()
        pilot.app.draw()
        await pilot.pause()

    return prepare


@BOTH
@pytest.mark.parametrize("page", PAGES)
def test_pages(snap_compare, size, page) -> None:
    key = next(key for key, name in KEYS.items() if name == page)
    assert snap_compare(picture(held()), terminal_size=size, run_before=answered("7", key))


@BOTH
@pytest.mark.parametrize(
    ("engine", "keys"),
    [
        (held, ["o", "down"]),
        (held, ["o", "down", "d", "down"]),
        (held, ["o", "right"]),
        (held, ["o", "left", "down"]),
        (halted, ["exclamation_mark"]),
        (held, ["w", "7"]),
    ],
    ids=["working", "linking", "done", "stops", "alerts", "held_by_hand"],
)
def test_pages_of_what_people_do(snap_compare, size, engine, keys) -> None:
    assert snap_compare(picture(engine()), terminal_size=size, run_before=answered(*keys))


@pytest.mark.parametrize(
    ("pane", "size"),
    [
        *((pane, (160, 48)) for pane in PANES),
        # The smaller one has no pane why: the page of that name has it.
        *((pane, (80, 24)) for pane in PANES if pane != "why"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value[0]}x{value[1]}",
)
def test_a_pane_with_the_whole_screen(snap_compare, size, pane) -> None:
    async def prepare(pilot: Pilot) -> None:
        await live("7")(pilot)
        pilot.app.navigator.point_at(pane, is_twice=False)
        pilot.app.navigator.point_at(pane, is_twice=True)
        await pilot.pause()
        await pilot.pause()

    app = picture(held())
    assert snap_compare(app, terminal_size=size, run_before=prepare)


@pytest.mark.parametrize(
    "keys",
    [
        ["A", "7", "B", "5"],
        ["A", "7", "S", "down", "left", "left", "down"],
        ["A", "o", "a", "9", "9"],
        ["7", "P", "5", "0"],
        ["7", "C"],
        ["colon", "s", "t"],
        ["colon", "b", "u", "y", "space", "7"],
    ],
    ids=["buy", "sell", "amend", "protect", "close_one", "palette", "typed_command"],
)
def test_dialogs_of_what_people_do(snap_compare, keys, monkeypatch) -> None:
    monkeypatch.setattr("cockpit.lock.TradingLock.left_s", 42.0)
    app = picture(held())
    assert snap_compare(app, terminal_size=(80, 24), run_before=live(*keys))


def test_a_pane_that_is_chosen_has_a_frame_of_its_own(snap_compare) -> None:
    app = picture(live_engine())
    assert snap_compare(app, terminal_size=(120, 36), run_before=live("tab", "tab"))
