"""Every key of a replay, pressed: what reaches the engine, and what the screen says."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from cockpit.actions import ACTIONS, Kind
from cockpit.app import CockpitApp
from cockpit.keymap import KEYS
from cockpit.screens.base import Dialog
from cockpit.screens.main import MainScreen
from cockpit.screens.whatif import WhatIfScreen
from core.domain.commands import CommandName
from core.domain.whatif import WhatIfState
from tests.unit.cockpit.fake_engine import FakeEngine, live_engine, make_meta
from tests.unit.cockpit.fake_replay import DATA, FakeReplay, make_whatif
from tests.unit.cockpit.pilot import cockpit, shown, until

REPLAY_KEYS = [key for key, name in KEYS.items() if ACTIONS[name].replays]
TRADING_KEYS = [
    key for key, name in KEYS.items() if ACTIONS[name].kind in (Kind.STOPPING, Kind.TRADING)
]


@pytest.fixture(autouse=True)
def quick_fingers(monkeypatch) -> None:
    """Dialogs hear at once; what they are deaf to is tested where they are."""
    monkeypatch.setattr("cockpit.screens.base.DEAF_S", 0.0)


def asked(engine: FakeEngine) -> list[tuple[str, dict[str, str]]]:
    return [(command.name.value, command.args) for command in engine.commands]


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("space", ("speed", {"value": "0"})),
        ("plus", ("speed", {"value": "8"})),
        ("minus", ("speed", {"value": "2"})),
        ("full_stop", ("step", {"events": "1"})),
        ("comma", ("step", {"events": "-1"})),
        ("greater_than_sign", ("seek", {"where": "fill"})),
        ("less_than_sign", ("seek", {"where": "-fill"})),
    ],
)
@pytest.mark.parametrize("page", [[], ["R"], ["t"], ["o"]], ids=["main", "what-if", "t", "o"])
async def test_a_key_moves_the_replay_from_every_page(key, command, page) -> None:
    engine = FakeReplay()
    async with cockpit(engine) as (_, pilot):
        await pilot.press(*page, key)
        await until(pilot, lambda: asked(engine) == [command])


@pytest.mark.parametrize("key", REPLAY_KEYS)
async def test_live_a_key_of_a_replay_says_that_it_is_one(key) -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: "only a replay has " in shown(app))
        assert "imc-cockpit replay latest" in shown(app)
        assert isinstance(app.screen, MainScreen)
        assert not app.screen.query(Dialog)
        assert not engine.commands


async def test_before_an_engine_is_known_a_key_of_a_replay_says_so() -> None:
    """It may be one that is still being read."""
    engine = FakeEngine(refuse="no engine answers")
    app = CockpitApp(lambda: engine, fps=1000)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "not yet: nothing is played" in shown(app))


@pytest.mark.parametrize("key", TRADING_KEYS)
async def test_in_a_replay_of_a_run_trading_keys_say_why_not(key) -> None:
    engine = FakeReplay()
    async with cockpit(engine) as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: "this run is over, and no venue is there" in shown(app))
        assert "R asks what if" in shown(app)
        assert not app.screen.query(Dialog)
        assert not engine.commands


def test_those_are_the_trading_keys() -> None:
    assert {"s", "p", "x", "X", "F", "A", "B", "S"} <= set(TRADING_KEYS)


@pytest.mark.parametrize("keys", [["o", "c"], ["t", "right", "a"]], ids=["order", "parameter"])
async def test_pages_of_a_replay_change_nothing_either(keys) -> None:
    engine = FakeReplay()
    async with cockpit(engine) as (app, pilot):
        await pilot.press(*keys)
        await until(pilot, lambda: "this run is over" in shown(app))
        assert not engine.commands


@pytest.mark.parametrize(("key", "command"), [("s", CommandName.HALT), ("p", CommandName.PAUSE)])
async def test_recorded_data_is_traded_anew_and_can_be_stopped(key, command) -> None:
    engine = FakeReplay(meta=DATA)
    async with cockpit(engine) as (_, pilot):
        await pilot.press(key)
        await until(pilot, lambda: asked(engine) == [(command.value, {})])


@pytest.mark.parametrize(
    ("key", "command", "args"),
    [
        ("comma", CommandName.STEP, {"events": "-1"}),
        ("less_than_sign", CommandName.SEEK, {"where": "-fill"}),
        ("greater_than_sign", CommandName.SEEK, {"where": "fill"}),
    ],
)
async def test_recorded_data_goes_back_as_a_run_does(key, command, args) -> None:
    engine = FakeReplay(meta=DATA)
    async with cockpit(engine) as (_, pilot):
        await pilot.press(key)
        await until(pilot, lambda: asked(engine) == [(command.value, args)])


async def test_read_only_viewers_do_not_move_a_replay() -> None:
    engine = FakeReplay()
    async with cockpit(engine, read_only=True) as (app, pilot):
        for key in ("space", "full_stop", "greater_than_sign"):
            await pilot.press(key)
            await until(pilot, lambda: "is not sent" in shown(app))
        await pilot.press("g")
        await until(pilot, lambda: "is not changed from here" in shown(app))
        await pilot.press("R", "enter")
        await until(pilot, lambda: "nothing is asked of the replay" in shown(app))
        assert not app.screen.query(Dialog)
        assert not engine.commands


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        ([], "fill"),
        (["down"], "-fill"),
        (["up"], "end"),
        ([*"14:03:27"], "14:03:27"),
        ([*"+30s"], "+30s"),
        ([*"12345"], "seq 12345"),
        ([*"alert"], "alert"),
        ([*"alert", "down"], "-alert"),
        ([*"note be"], "-note"),
        ([*"x", "backspace", *"start"], "start"),
    ],
)
async def test_go_to_takes_a_place_typed_or_chosen(keys, where) -> None:
    engine = FakeReplay()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("g", *keys, "enter")
        await until(pilot, lambda: asked(engine) == [("seek", {"where": where})])
        await until(pilot, lambda: not app.screen.query(Dialog))
        assert "seek: done" in shown(app)


async def test_a_place_that_there_is_not_is_said_in_the_dialog() -> None:
    engine = FakeReplay("no fill after this one; 44 in all")
    async with cockpit(engine) as (app, pilot):
        await pilot.press("g", "enter")
        await until(pilot, lambda: "no fill after this one; 44 in all" in shown(app))
        assert app.screen.query(Dialog)
        engine.refusal = ""
        await pilot.press(*"end", "enter")
        await until(pilot, lambda: not app.screen.query(Dialog))
        assert asked(engine) == [("seek", {"where": "fill"}), ("seek", {"where": "end"})]


async def test_what_is_no_place_never_reaches_the_engine() -> None:
    engine = FakeReplay()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("g", *"noon", "enter")
        await until(pilot, lambda: "'noon' is no place" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query(Dialog))
        assert not engine.commands


async def ask(pilot: Pilot, *keys: str) -> None:
    """Open the page, take the parameter min_signal, and go on with the keys."""
    await pilot.press("R", "enter", *"min_signal", "enter", *keys)


@pytest.mark.parametrize(
    ("keys", "args"),
    [
        ([*"0.5", "enter"], {"value": "0.5"}),
        (["right", "enter"], {"value": "0.38"}),
        ([*"0.5", "down", "enter"], {"value": "0.5", "where": "start"}),
        ([*"7", "enter", "backspace", *"0.5", "enter"], {"value": "0.5"}),
    ],
    ids=["typed", "stepped", "from the start", "mended"],
)
async def test_what_if_asks_for_a_parameter_and_a_value(keys, args) -> None:
    engine = FakeReplay()
    async with cockpit(engine) as (app, pilot):
        await ask(pilot, *keys)
        wanted = ("whatif", {"key": "strategy.min_signal", **args})
        await until(pilot, lambda: asked(engine) == [wanted])
        await until(pilot, lambda: not app.screen.query(Dialog))
        assert isinstance(app.screen, WhatIfScreen)
        assert "whatif: done" in shown(app)


async def test_a_comparison_that_is_refused_is_said_in_the_dialog() -> None:
    engine = FakeReplay("strategy.min_signal is 0.35 there already: there is nothing to compare")
    async with cockpit(engine) as (app, pilot):
        await ask(pilot, *"0.35", "enter")
        await until(pilot, lambda: "there is nothing to compare" in shown(app))
        assert app.screen.query(Dialog)


async def test_escape_leads_back_step_by_step() -> None:
    engine = FakeReplay()
    async with cockpit(engine) as (app, pilot):
        await ask(pilot, *"0.5")
        await pilot.press("escape")
        await until(pilot, lambda: "▸ strategy.min_signal" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query(Dialog))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert not engine.commands


async def test_a_comparison_can_be_given_up() -> None:
    engine = FakeReplay(whatif=make_whatif(WhatIfState.RUNNING))
    async with cockpit(engine) as (_, pilot):
        await pilot.press("R", "c")
        await until(pilot, lambda: asked(engine) == [("whatif", {"cancel": "true"})])


async def test_recorded_data_is_compared_with_nothing() -> None:
    engine = FakeReplay(meta=DATA)
    async with cockpit(engine) as (app, pilot):
        await pilot.press("R", "enter")
        await until(pilot, lambda: "recorded data has no run to compare with" in shown(app))
        assert not app.screen.query(Dialog)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("speed 12.5", ("speed", {"value": "12.5"})),
        ("speed max", ("speed", {"value": "1000000"})),
        ("step -10", ("step", {"events": "-10"})),
        ("seek end", ("seek", {"where": "end"})),
        ("seek fill", ("seek", {"where": "fill"})),
        ("whatif cancel", ("whatif", {"cancel": "true"})),
    ],
)
async def test_the_words_of_a_replay_can_be_typed(line, command) -> None:
    """Letters of `seek end` may stand in other entries of the palette too."""
    engine = FakeReplay()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("colon", *line, "enter")
        await until(pilot, lambda: asked(engine) == [command])
        assert isinstance(app.screen, MainScreen)


async def test_a_comparison_that_was_typed_opens_its_page() -> None:
    engine = FakeReplay()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("colon", *"whatif strategy.min_signal 0.5 @ start", "enter")
        await until(pilot, lambda: isinstance(app.screen, WhatIfScreen))
        args = {"key": "strategy.min_signal", "value": "0.5", "where": "start"}
        assert asked(engine) == [("whatif", args)]


async def test_a_typed_comparison_that_is_refused_stays_where_it_is() -> None:
    engine = FakeReplay("the run ends here: nothing is left to compare")
    async with cockpit(engine) as (app, pilot):
        await pilot.press("colon", *"whatif strategy.min_signal 0.5", "enter")
        await until(pilot, lambda: "nothing is left to compare" in shown(app))
        assert isinstance(app.screen, MainScreen)


@pytest.mark.parametrize("line", ["speed 2", "step 1", "seek end", "whatif cancel"])
async def test_live_the_words_of_a_replay_say_that_they_are(line) -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("colon", *line, "enter")
        await until(pilot, lambda: "only a replay has " in shown(app))
        assert not engine.commands


async def test_the_palette_offers_a_replay_only_in_one() -> None:
    for engine, is_offered in ((live_engine(), False), (FakeReplay(), True)):
        async with cockpit(engine) as (app, pilot):
            await pilot.press("colon", *"next fill")
            await until(pilot, lambda: "next fill" in shown(app))
            assert ("Go to the next fill" in shown(app)) is is_offered


async def test_footer_and_help_of_a_replay_begin_with_its_keys() -> None:
    async with cockpit(FakeReplay()) as (app, pilot):
        footer = shown(app).splitlines()[-1]
        assert footer.strip().startswith("space hold  +- speed  ,. step  <> fill  g go to")
        assert "safe mode" not in footer
        await pilot.press("question_mark")
        await until(pilot, lambda: "Hold, and let one event happen" in shown(app))
        assert shown(app).index("Hold, and go on") < shown(app).index("Safe mode")
        assert "safe mode" not in shown(app).splitlines()[-1]


async def test_leaving_a_replay_speaks_of_a_replay() -> None:
    async with cockpit(FakeReplay()) as (app, pilot):
        await pilot.press("q")
        await until(pilot, lambda: "The replay runs in a process of its own." in shown(app))
        assert "trad" not in shown(app).split("The replay runs")[1].split("esc")[0]


async def test_the_screen_of_another_meta_is_not_a_replay() -> None:
    """A simulated engine is live: only its stamp says that the money is not real."""
    engine = live_engine()
    engine.meta = make_meta(venue="none: replay")
    async with cockpit(engine) as (app, pilot):
        await pilot.press("s")
        await until(pilot, lambda: asked(engine) == [("halt", {})])
        assert not app.view.is_past
