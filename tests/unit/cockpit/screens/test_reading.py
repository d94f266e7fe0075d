"""Pages to read: what stands on them, whatever the width and however little is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from cockpit.app import CockpitApp
from cockpit.screens.reading import PAGES, ReadScreen, Search
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.records import LEVELS, matching
from cockpit.viewmodels.tables import Column, Table, scrolled
from cockpit.viewmodels.view import View
from core.api.topics import Topic
from core.domain.enums import Outcome
from core.domain.snapshot import OutcomeView
from tests.unit.cockpit.fake_engine import (
    START_NS,
    FakeEngine,
    live_engine,
    make_meta,
    make_snapshot,
)
from tests.unit.cockpit.fake_pages import LOG, make_page

VIEW = View(
    meta=make_meta(), snapshot=make_snapshot(), pages={topic: make_page(topic) for topic in Topic}
)


def text_of(lines: list[Line]) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


def page_text(name: str, width: int = 98, search: Search | None = None, view: View = VIEW) -> str:
    return text_of(PAGES[name].lines(view, search or Search(), width))


@pytest.mark.parametrize("width", [1, 18, 78, 158, 398])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_can_be_drawn_at_any_width(name, width) -> None:
    assert page_text(name, width)


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.topic is None])
def test_before_the_first_snapshot_a_page_says_so(name) -> None:
    assert "waiting for the engine" in page_text(name, view=View())


def test_statistics_name_every_part_and_a_dash_where_there_is_no_figure() -> None:
    text = page_text("statistics")
    for words in ("this run", "mean-reverting", "7_ETF", "strategy", "manual"):
        assert words in text
    row = next(line for line in text.splitlines() if "8_ETF_Strangle" in line)
    assert row.split()[1:] == ["0.00", "0.00", "0", "-", "-", "-", "-", "0.00"]


def test_outcomes_show_the_last_example_of_the_selected_instrument_first() -> None:
    snapshot = make_snapshot()
    example = OutcomeView(Outcome.PRICE_COLLAR, 12.5, 5.0, START_NS - 61 * 10**9, 1)
    row = replace(
        snapshot.instruments[2],
        outcomes={Outcome.PRICE_COLLAR: 7, Outcome.TRADE: 3},
        outcome_examples={Outcome.PRICE_COLLAR: example},
    )
    instruments = (*snapshot.instruments[:2], row, *snapshot.instruments[3:])
    snapshot = replace(snapshot, instruments=instruments, ts_ns=START_NS)
    text = page_text("outcomes", view=replace(VIEW, snapshot=snapshot, selected=2))
    first = text.split(row.symbol)[1]
    assert "price outside collar" in first
    assert "12.5 > 5" in first
    assert "1m01s" in first


def test_a_log_shows_the_newest_first_and_only_what_is_asked_for() -> None:
    assert len(matching(LOG, "DEBUG", "")) == 60
    assert {line.level for line in matching(LOG, "WARNING", "")} == {"WARNING", "ERROR"}
    assert [line.number for line in matching(LOG, "DEBUG", "GAP OF 17 ")] == [17]
    assert len(matching(LOG, "DEBUG", "wsx.client")) == 30
    text = page_text("log", search=Search("line 5", LEVELS.index("INFO")))
    assert text.index("line 59") < text.index("line 50")
    assert "2 lines lost" in text


def test_control_characters_of_a_log_line_are_not_drawn() -> None:
    log = replace(LOG, lines=(replace(LOG.lines[0], text="a\x1b[2Jb"),))
    text = page_text("log", view=replace(VIEW, pages={Topic.LOG: log}), search=Search("", 0))
    assert "\x1b" not in text


def test_notes_and_settings_can_be_searched() -> None:
    assert "risk.x17" in page_text("notes", search=Search("x17"))
    assert "risk.x16" not in page_text("notes", search=Search("x17"))
    assert "account.capital" not in page_text("about", search=Search("exposure"))
    assert "risk.max_exposure_pct" in page_text("about", search=Search("exposure"))


def test_what_is_wrong_at_the_venue_stands_out() -> None:
    snapshot = make_snapshot()
    account = replace(snapshot.account, unknown_orders=3, corrections=1)
    view = replace(VIEW, snapshot=replace(snapshot, account=account))
    tones = {text: tone for line in PAGES["venue"].lines(view, Search(), 98) for text, tone in line}
    assert tones["3 orders"] == "warn"
    assert tones["1 positions"] == "warn"
    assert tones["0 fills"] == "dim"


def test_a_table_leaves_out_columns_that_have_no_room() -> None:
    columns = (Column("a", 4), Column("b", 3, is_right=True), Column("c", 5, least_width=20))
    cells = [("one", "text"), ("2", "text"), ("three", "text")]
    assert text_of([Table(columns, 12).row(cells)]) == "one     2"
    assert text_of([Table(columns, 20).row(cells)]) == "one     2  three"


@pytest.mark.parametrize(("first", "seen"), [(0, 0), (3, 3), (99, 6), (-5, 0)])
def test_scrolling_stops_at_both_ends(first, seen) -> None:
    lines = [((str(number), "text"),) for number in range(10)]
    shown, place = scrolled(lines, first, 4)
    assert place == seen
    assert text_of(shown).split("\n")[0] == str(seen)


async def opened(pilot: Pilot, key: str) -> ReadScreen:
    for _ in range(2_000):
        if pilot.app.view.snapshot is not None:
            break
        await pilot.pause()
    await pilot.press(key)
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, ReadScreen)
    return screen


def app_on(engine: FakeEngine) -> CockpitApp:
    return CockpitApp(lambda: engine, fps=1000)


async def test_a_page_is_asked_for_while_it_is_shown_and_not_before() -> None:
    engine = live_engine()
    async with app_on(engine).run_test(size=(80, 24)) as pilot:
        assert engine.asked == []
        await opened(pilot, "i")
        for _ in range(100):
            if Topic.STATISTICS in pilot.app.view.pages:
                break
            await pilot.pause()
        assert engine.asked[0] is Topic.STATISTICS
        await pilot.press("i")
        assert not isinstance(pilot.app.screen, ReadScreen)


async def test_an_engine_without_an_answer_says_why() -> None:
    engine = live_engine()
    async with app_on(engine).run_test(size=(80, 24)) as pilot:
        await opened(pilot, "I")
        engine.broken = True
        pilot.app.view = replace(pilot.app.view, pages={})
        for _ in range(400):
            if pilot.app.view.page_trouble:
                break
            await pilot.pause(0.01)
        assert pilot.app.view.page_trouble == "connection reset"


async def test_keys_scroll_search_and_choose_the_level() -> None:
    async with app_on(live_engine()).run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "L")
        await pilot.press("l")
        assert screen._search.level == LEVELS.index("WARNING")
        await pilot.press("slash", "g", "a", "p", "enter")
        assert screen._search.needle == "gap"
        await pilot.press("pagedown", "down", "up")
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, ReadScreen)


async def test_stopping_keys_work_on_every_page() -> None:
    engine = live_engine()
    async with app_on(engine).run_test(size=(80, 24)) as pilot:
        await opened(pilot, "n")
        await pilot.press("s")
        await pilot.pause()
        assert [command.name for command in engine.commands] == ["halt"]
