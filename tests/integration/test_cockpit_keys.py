"""Every key of the cockpit, pressed: what reaches the engine, and what the screen says."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pyte
import pytest
from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor

from cockpit.app import CockpitApp
from cockpit.screens.base import Dialog
from cockpit.screens.help import HelpScreen
from cockpit.screens.main import MainScreen
from cockpit.screens.orders import OrdersScreen
from cockpit.screens.parameters import ParametersScreen
from cockpit.screens.thrift import ThriftyCompositor
from cockpit.screens.why import WhyScreen
from cockpit.viewmodels.view import HeatMode, LinkState
from cockpit.widgets.panel import Panel
from core.api.client import PROTOCOL
from core.domain.commands import CommandName
from core.domain.enums import N_SIGNALS, Mode, StateReason, TradingState
from core.domain.errors import FatalError
from tests.unit.cockpit import pilot as pilot_module
from tests.unit.cockpit.fake_engine import (
    FakeEngine,
    live_engine,
    make_account,
    make_doubtful_snapshot,
    make_instrument,
    make_meta,
    make_snapshot,
    make_telemetry,
)
from tests.unit.cockpit.pilot import shown, until


@pytest.fixture(autouse=True)
def quick_fingers(monkeypatch) -> None:
    """Dialogs hear at once; what they are deaf to is tested where they are."""
    monkeypatch.setattr("cockpit.screens.base.DEAF_S", 1e-6)


def cockpit(engine: FakeEngine, size: tuple[int, int] = (120, 36), **options):
    """A cockpit that is live, in a window of middle size."""
    return pilot_module.cockpit(engine, size, **options)


def halted_engine(state: TradingState = TradingState.HALTED) -> FakeEngine:
    account = make_account(trading_state=state, state_reason=StateReason.OPERATOR)
    return live_engine(account=account)


def names(engine: FakeEngine) -> list[CommandName]:
    return [command.name for command in engine.commands]


@pytest.mark.parametrize(
    ("key", "command"),
    [("s", CommandName.HALT), ("p", CommandName.PAUSE), ("x", CommandName.CANCEL_ALL)],
)
async def test_stopping_keys_act_at_once(key, command) -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: names(engine) == [command])
        assert engine.commands[0].source.startswith("cockpit:")
        await until(pilot, lambda: f"{command}: done" in shown(app))


@pytest.mark.parametrize("screen_key", ["t", "o", "question_mark"])
async def test_stopping_keys_act_on_every_screen(screen_key) -> None:
    engine = live_engine()
    async with cockpit(engine) as (_, pilot):
        await pilot.press(screen_key, "s", "x")
        await until(pilot, lambda: names(engine) == [CommandName.HALT, CommandName.CANCEL_ALL])


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (60, 20)])
async def test_stopping_keys_act_on_the_smallest_terminal(size) -> None:
    engine = live_engine()
    async with cockpit(engine, size) as (app, pilot):
        await pilot.press("s")
        await until(pilot, lambda: names(engine) == [CommandName.HALT])
        assert "PAPER" in shown(app)


async def test_flatten_takes_the_typed_word() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("F", *"flat", "enter")
        assert not engine.commands
        assert "6 open positions, 7 working orders" in shown(app)
        await pilot.press(*"ten", "enter")
        await until(pilot, lambda: names(engine) == [CommandName.FLATTEN])


async def test_a_typing_error_can_be_mended() -> None:
    engine = live_engine()
    async with cockpit(engine) as (_, pilot):
        await pilot.press("F", *"flattem", "backspace", "n", "enter")
        await until(pilot, lambda: names(engine) == [CommandName.FLATTEN])


async def test_escape_sends_nothing_and_says_so() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("F", *"flatten", "escape")
        await until(pilot, lambda: "nothing sent" in shown(app))
        assert not engine.commands
        assert not app.screen.query(Dialog)


async def test_letters_typed_in_a_dialog_are_not_keys() -> None:
    """The word `flatten` holds a t; the parameters must not open behind it."""
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("F", *"sxpq")
        assert isinstance(app.screen, MainScreen)
        assert len(app.screen.query(Dialog)) == 1
        assert not engine.commands


async def test_resuming_from_safe_mode_takes_the_typed_word() -> None:
    engine = halted_engine()
    async with cockpit(engine) as (app, pilot):
        assert "SAFE MODE  by operator" in shown(app)
        await pilot.press("p", "y", "enter")
        assert not engine.commands
        await pilot.press("backspace", *"resume", "enter")
        await until(pilot, lambda: names(engine) == [CommandName.RESUME])
        assert engine.commands[0].args == {"word": "resume"}


@pytest.mark.parametrize(
    ("answer", "sent"), [("y", [CommandName.CANCEL_EVERYTHING]), ("n", []), ("escape", [])]
)
async def test_canceling_everything_asks_and_says_how_it_differs(answer, sent) -> None:
    engine = live_engine()
    async with cockpit(engine, (80, 24)) as (app, pilot):
        await pilot.press("X")
        assert "x cancels this engine's only; this reaches other programs too." in shown(app)
        assert not engine.commands
        await pilot.press(answer)
        await until(pilot, lambda: not app.screen.query(Dialog))
        await until(pilot, lambda: names(engine) == sent)


async def test_a_change_can_be_tried_for_a_minute() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("t", "right", "f")
        assert "changes that are applied now go back after 60 s unless kept" in shown(app)
        await pilot.press("a")
        await until(pilot, lambda: names(engine) == [CommandName.SET])
        assert engine.commands[0].args["revert_s"] == "60"
        await pilot.press("right", "f", "a")
        await until(pilot, lambda: len(engine.commands) == 2)
        assert "revert_s" not in engine.commands[1].args


async def test_a_parameter_on_trial_is_kept_with_a_key_and_another_is_not() -> None:
    engine = FakeEngine(make_doubtful_snapshot())
    async with cockpit(engine) as (app, pilot):
        await pilot.press("t", "K")
        await until(pilot, lambda: "the chosen parameter is not on trial" in shown(app))
        assert not engine.commands
        await pilot.press("down", "K")
        await until(pilot, lambda: names(engine) == [CommandName.KEEP])
        assert engine.commands[0].args == {"key": "strategy.min_confidence"}


@pytest.mark.parametrize(("answer", "sent"), [("y", [CommandName.RESUME]), ("n", [])])
async def test_resuming_from_a_pause_takes_a_yes(answer, sent) -> None:
    engine = halted_engine(TradingState.REDUCING)
    async with cockpit(engine) as (app, pilot):
        await pilot.press("p", answer)
        await until(pilot, lambda: not app.screen.query(Dialog))
        await until(pilot, lambda: names(engine) == sent)


async def test_read_only_viewers_are_told_and_send_nothing() -> None:
    engine = live_engine()
    async with cockpit(engine, read_only=True) as (app, pilot):
        for key in ("s", "p", "x", "F"):
            await pilot.press(key)
            await until(pilot, lambda: "is not sent" in shown(app))
        await pilot.press("o", "c")
        await until(pilot, lambda: "read-only: nothing is sent" in shown(app))
        await pilot.press("escape", "t", "right", "a")
        await until(pilot, lambda: "read-only: nothing is sent" in shown(app))
        assert not engine.commands


@pytest.mark.parametrize(
    ("keys", "selected"),
    [
        (["7"], 6),
        (["right_square_bracket"], 1),
        (["left_square_bracket"], 7),
        (["right_square_bracket", "right_square_bracket"], 2),
        (["3", "left_square_bracket"], 1),
    ],
)
async def test_keys_choose_the_instrument(keys, selected) -> None:
    async with cockpit(live_engine()) as (app, pilot):
        await pilot.press(*keys)
        assert app.view.selected == selected
        name = make_instrument(selected).symbol
        assert f"Book  {name}" in shown(app)


async def test_an_instrument_that_is_not_there_is_said() -> None:
    engine = live_engine(instruments=(make_instrument(0), make_instrument(1)))
    async with cockpit(engine) as (app, pilot):
        await pilot.press("5")
        assert app.view.selected == 0
        assert "there are 2 instruments" in shown(app)


async def test_v_switches_the_heatmap() -> None:
    async with cockpit(live_engine()) as (app, pilot):
        assert "correlation" in shown(app)
        await pilot.press("v")
        assert app.view.heat is HeatMode.VALUES
        assert "Signals  values" in shown(app)
        await pilot.press("v")
        assert app.view.heat is HeatMode.PARTS
        assert "Signals  ticks" in shown(app)
        await pilot.press("v")
        assert app.view.heat is HeatMode.CORRELATION


@pytest.mark.parametrize(
    ("key", "screen"),
    [
        ("t", ParametersScreen),
        ("o", OrdersScreen),
        ("w", WhyScreen),
        ("question_mark", HelpScreen),
    ],
)
async def test_a_screen_opens_and_closes_by_its_key_and_by_escape(key, screen) -> None:
    async with cockpit(live_engine()) as (app, pilot):
        await pilot.press(key)
        assert isinstance(app.screen, screen)
        assert "PAPER" in shown(app), "what is at stake stands on every screen"
        await pilot.press(key)
        assert isinstance(app.screen, MainScreen)
        await pilot.press(key, "escape")
        assert isinstance(app.screen, MainScreen)


async def test_screens_change_places_instead_of_piling_up() -> None:
    async with cockpit(live_engine()) as (app, pilot):
        await pilot.press("t", "o", "question_mark")
        assert len(app.screen_stack) == 2
        await pilot.press("escape")
        assert isinstance(app.screen, MainScreen)


async def test_help_lists_every_key() -> None:
    async with cockpit(live_engine()) as (app, pilot):
        await pilot.press("question_mark")
        text = shown(app)
        await pilot.press("pagedown", "pagedown")
        text += shown(app)
        for sentence in ("Safe mode: cancel every order", "Close every position", "q ctrl-c"):
            assert sentence in text


async def test_a_chosen_order_is_canceled() -> None:
    engine = live_engine()
    async with cockpit(engine) as (_, pilot):
        await pilot.press("o", "down", "down", "up", "c")
        await until(pilot, lambda: names(engine) == [CommandName.CANCEL])
        assert engine.commands[0].args == {"order_id": "221"}


async def test_an_order_that_is_gone_is_not_exchanged_for_another() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("o")
        left = tuple(order for order in make_snapshot().orders if order.order_id != 223)
        engine.push(make_snapshot(1.0, orders=left))
        await until(pilot, lambda: "  223 " not in shown(app))
        await pilot.press("c")
        await until(pilot, lambda: "that order is gone" in shown(app))
        assert not engine.commands


async def test_a_step_is_a_draft_until_it_is_applied() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("t", "right")
        assert "0.35 → 0.36" in shown(app) or "0.35 → 0.38" in shown(app)
        assert not engine.commands
        await pilot.press("a")
        await until(pilot, lambda: names(engine) == [CommandName.SET])
        assert engine.commands[0].args["key"] == "strategy.min_signal"


async def test_a_typed_value_out_of_bounds_is_refused_with_the_nearest() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("t", "down", "enter", *"9.5", "enter")
        await until(pilot, lambda: "9.5 is outside 0 to 1; the nearest is 1" in shown(app))
        await pilot.press("backspace", "backspace", "backspace", *".75", "enter", "a")
        await until(pilot, lambda: names(engine) == [CommandName.SET])
        assert engine.commands[0].args == {"key": "strategy.min_confidence", "value": "0.75"}


async def test_finding_narrows_the_list_letter_by_letter() -> None:
    """Letters that are keys elsewhere are letters here; what is chosen is among those shown."""
    engine = live_engine()
    async with cockpit(engine, (80, 24)) as (app, pilot):
        await pilot.press("t", "slash", *"sxp")
        assert "no parameter has 'sxp'" in shown(app)
        await pilot.press("home", "backspace", "backspace", "backspace", *"obi")
        assert "1 of 12 parameters" in shown(app)
        await pilot.press("enter", "right", "a")
        await until(pilot, lambda: names(engine) == [CommandName.SET])
        assert engine.commands[0].args["key"] == "signals.weight_obi"
        await pilot.press("slash", "escape")
        assert "min_signal" in shown(app)


async def test_a_page_down_goes_to_the_next_section() -> None:
    async with cockpit(live_engine(), (80, 24)) as (app, pilot):
        await pilot.press("t", "pagedown")
        assert "▸ max_position_pct" in shown(app)
        await pilot.press("pageup")
        assert "▸ min_signal" in shown(app)


async def test_the_help_scrolls_to_its_legend() -> None:
    async with cockpit(live_engine(), (80, 24)) as (app, pilot):
        await pilot.press("question_mark")
        assert "=change=" not in shown(app)
        await pilot.press(*["pagedown"] * 6)
        assert "the returns changed" in shown(app)
        await pilot.press(*["pageup"] * 7)
        assert "Safe mode" in shown(app)


async def test_the_page_why_follows_the_instrument() -> None:
    async with cockpit(live_engine(), (80, 24)) as (app, pilot):
        await pilot.press("w")
        assert "1_Eisbach  ∅ signal too weak" in shown(app)
        await pilot.press("7")
        assert "7_ETF  ✓ traded" in shown(app)


async def test_digits_typed_as_a_value_do_not_change_the_instrument() -> None:
    async with cockpit(live_engine()) as (app, pilot):
        await pilot.press("t", "enter", "5", "escape")
        assert app.view.selected == 0
        assert isinstance(app.screen, ParametersScreen)


async def test_drafts_can_be_forgotten_and_defaults_drafted() -> None:
    changed = (0.5, *make_snapshot().parameters[1:])
    engine = live_engine(parameters=changed)
    async with cockpit(engine) as (app, pilot):
        await pilot.press("t", "right", "backspace", "a")
        await until(pilot, lambda: "nothing to apply" in shown(app))
        await pilot.press("d", "a")
        await until(pilot, lambda: names(engine) == [CommandName.SET])
        assert engine.commands[0].args == {"key": "strategy.min_signal", "value": "0.35"}


@pytest.mark.parametrize(("keys", "value"), [(["plus"], "8"), (["minus"], "2"), (["space"], "0")])
async def test_a_replay_can_be_paced(keys, value) -> None:
    engine = FakeEngine(
        make_snapshot(telemetry=make_telemetry(replay_speed=4.0)),
        meta=make_meta(mode=Mode.REPLAY),
    )
    async with cockpit(engine) as (_, pilot):
        await pilot.press(*keys)
        await until(pilot, lambda: names(engine) == [CommandName.SPEED])
        assert engine.commands[0].args == {"value": value}


async def test_only_a_replay_has_a_speed() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("space")
        assert "only a replay has a speed" in shown(app)
        assert not engine.commands


class FakeLauncher:
    """Starts nothing, and remembers what it was asked."""

    def __init__(self, *, in_process: bool = False, failing: str = "") -> None:
        self.in_process = in_process
        self.failing = failing
        self.started = 0
        self.stopped = False
        self._end: list[str] = []

    async def ensure_running(self, report: Callable[[str], None]) -> None:
        self.started += 1
        report("compiling the kernel")
        if self.failing:
            raise FatalError(self.failing)

    async def watch(self) -> str:
        import asyncio

        self.ended = asyncio.get_running_loop().create_future()
        return str(await self.ended)

    async def stop(self) -> None:
        self.stopped = True


async def test_q_offers_to_detach_and_the_engine_runs_on() -> None:
    engine, launcher = live_engine(), FakeLauncher()
    async with cockpit(engine, launcher=launcher) as (app, pilot):
        await pilot.press("q")
        assert "detach: leave it running and trading" in shown(app)
        await pilot.press("d")
        await until(pilot, lambda: app._exit)
    assert not launcher.stopped
    assert not engine.commands


async def test_q_offers_to_stop_the_engine() -> None:
    launcher = FakeLauncher()
    async with cockpit(live_engine(), launcher=launcher) as (app, pilot):
        await pilot.press("q", "s")
        await until(pilot, lambda: app._exit)
    assert launcher.stopped


async def test_stopping_an_engine_that_was_started_elsewhere_is_a_command() -> None:
    engine = live_engine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("q", "s")
        await until(pilot, lambda: app._exit)
    assert names(engine) == [CommandName.STOP]


async def test_an_engine_in_this_window_cannot_be_detached_from() -> None:
    launcher = FakeLauncher(in_process=True)
    async with cockpit(live_engine(), launcher=launcher) as (app, pilot):
        await pilot.press("q")
        assert "The engine lives in this window and ends with it." in shown(app)
        await pilot.press("d", "escape")
        await until(pilot, lambda: not app.screen.query(Dialog))
        assert not app._exit


async def test_a_read_only_viewer_can_only_leave() -> None:
    engine = live_engine()
    async with cockpit(engine, read_only=True) as (app, pilot):
        await pilot.press("q", "s")
        assert not app._exit
        await pilot.press("d")
        await until(pilot, lambda: app._exit)
    assert not engine.commands


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+q"])
async def test_control_c_asks_too(key) -> None:
    """It never stops an engine by accident; pressed twice it detaches."""
    async with cockpit(live_engine()) as (app, pilot):
        await pilot.press(key)
        assert len(app.screen.query(Dialog)) == 1
        await pilot.press("ctrl+c")
        await until(pilot, lambda: app._exit)


async def test_an_engine_that_cannot_start_is_said_with_what_to_do() -> None:
    launcher = FakeLauncher(failing="port 7001 is taken")
    app = CockpitApp(lambda: FakeEngine(refuse="no socket"), launcher=launcher, fps=1000)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "port 7001 is taken (e: try again, q: leave)" in shown(app))
        await pilot.press("e")
        await until(pilot, lambda: launcher.started == 2)


async def test_an_engine_that_ends_is_said_and_can_be_started_again() -> None:
    engine, launcher = live_engine(), FakeLauncher()
    async with cockpit(engine, launcher=launcher) as (app, pilot):
        await pilot.press("e")
        assert "the engine runs already" in shown(app)
        launcher.ended.set_result("the engine ended with code 9")
        engine.break_link()
        await until(pilot, lambda: "the engine ended with code 9 (e: start it again" in shown(app))
        await until(pilot, lambda: app.view.link.state is not LinkState.LIVE)
        await pilot.press("e")
        await until(pilot, lambda: launcher.started == 2)


async def test_a_viewer_without_a_launcher_cannot_start_an_engine() -> None:
    async with cockpit(live_engine()) as (app, pilot):
        await pilot.press("e")
        assert "this cockpit only attaches" in shown(app)


async def test_without_an_engine_keys_answer_instead_of_crashing() -> None:
    app = CockpitApp(lambda: FakeEngine(refuse="no engine answers"), fps=1000)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "waiting for the engine: no engine answers" in shown(app))
        await pilot.press("s")
        await until(pilot, lambda: "not sent: no engine is connected" in shown(app))
        await pilot.press(
            "t", "right", "enter", "a", "escape", "o", "down", "c", "escape", "5", "v"
        )
        await pilot.press("F", "escape", "q", "d")
        await until(pilot, lambda: app._exit)


async def test_a_lost_link_is_shown_and_mended() -> None:
    engines = [live_engine(), live_engine()]
    first = engines[0]
    app = CockpitApp(lambda: engines.pop(0), fps=1000)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.view.snapshot is not None)
        first.break_link("connection reset")
        await until(pilot, lambda: "link lost, trying again: connection reset" in shown(app))
        assert "Book  1_Eisbach" in shown(app), "the last picture stays"
        app.link.hurry()
        await until(pilot, lambda: "link live" in shown(app))


async def test_a_newer_engine_is_said_and_nothing_crashes() -> None:
    meta = make_meta(protocol=99)
    app = CockpitApp(lambda: FakeEngine(make_snapshot(), meta=meta), fps=1000)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: f"speaks protocol 99, this cockpit {PROTOCOL}" in shown(app))
        await pilot.press("s")
        await until(pilot, lambda: "not sent" in shown(app))


async def test_nothing_that_is_not_a_number_crashes_a_screen() -> None:
    nan = math.nan
    broken = tuple(
        replace(
            make_instrument(index), mid=nan, obi=nan, signals=(nan,) * N_SIGNALS, exposure_pct=nan
        )
        for index in range(8)
    )
    engine = live_engine(instruments=broken, account=make_account(nan, drawdown_pct=nan))
    async with cockpit(engine, (160, 48)) as (app, pilot):
        for key in ("v", "v", "7", "t", "o", "w", "question_mark", "escape"):
            await pilot.press(key)
        assert "equity -" in shown(app)


@pytest.mark.parametrize("size", [(160, 48), (120, 36), (80, 24)])
async def test_a_terminal_shows_what_the_app_believes_it_shows(monkeypatch, size) -> None:
    """After many repaints of single columns, a terminal's text and colors are all right."""
    terminal = pyte.Screen(*size)
    stream = pyte.Stream(terminal)
    console = Console(color_system="truecolor", force_terminal=True)
    render = ThriftyCompositor.render_partial_update

    def render_and_feed(compositor: ThriftyCompositor) -> ChopsUpdate | None:
        update = render(compositor)
        if update is not None:
            stream.feed(update.render_segments(console))
        return update

    engine = live_engine()
    async with cockpit(engine, size) as (app, pilot):
        stream.feed(Compositor.render_full_update(app.screen._compositor).render_segments(console))
        monkeypatch.setattr(ThriftyCompositor, "render_partial_update", render_and_feed)
        for frame, key in enumerate([*"3F", "escape", *"v7q", "escape", *"vs1"]):
            snapshot = make_snapshot(frame * 0.7)
            engine.push(snapshot)
            await until(pilot, lambda seq=snapshot.seq: app.view.snapshot.seq == seq)
            await pilot.press(key)
        for panel in app.screen.query(Panel):
            panel.redraw()
        await pilot.pause()
        whole = pyte.Screen(*size)
        pyte.Stream(whole).feed(
            Compositor.render_full_update(app.screen._compositor).render_segments(console)
        )
        assert terminal.display == whole.display
        assert terminal.buffer == whole.buffer


@pytest.mark.parametrize("size", [(160, 48), (80, 24)])
async def test_a_whole_screen_is_drawn_as_textual_draws_it_with_fewer_bytes(size) -> None:
    console = Console(color_system="truecolor", force_terminal=True)
    async with cockpit(live_engine(), size) as (app, pilot):
        await pilot.press("F")
        await pilot.pause()
        compositor = app.screen._compositor
        usual = Compositor.render_full_update(compositor).render_segments(console)
        ours = compositor.render_full_update().render_segments(console)
        screens = [pyte.Screen(*size) for _ in range(2)]
        for screen, text in zip(screens, (usual, ours), strict=True):
            # What stood there before must not matter.
            pyte.Stream(screen).feed("left over" * 9 + text)
        assert screens[0].display == screens[1].display
        assert screens[0].buffer == screens[1].buffer
        assert len(ours.encode()) < len(usual.encode()) * 0.7


async def test_a_resized_terminal_is_laid_out_anew() -> None:
    async with cockpit(live_engine(), (160, 48)) as (app, pilot):
        for size in ((80, 24), (40, 10), (200, 60), (60, 20), (120, 36)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            lines = shown(app).splitlines()
            assert len(lines) == size[1]
            assert "PAPER" in lines[0]


async def test_a_question_stays_in_sight_when_the_terminal_shrinks() -> None:
    async with cockpit(live_engine(), (160, 48)) as (app, pilot):
        await pilot.press("F")
        await pilot.resize_terminal(70, 20)
        await until(pilot, lambda: "type flatten and press enter" in shown(app))


async def test_a_pane_is_chosen_zoomed_and_left_again() -> None:
    async with cockpit(live_engine()) as (app, pilot):
        await pilot.press("tab")
        assert app.view.focus == "pnl"
        await pilot.press("z")
        assert "its peak" in shown(app)
        assert "Positions" not in shown(app)
        await pilot.press("tab")
        assert app.view.focus == "book"
        assert "━ mid" in shown(app)
        await pilot.press("escape")
        assert "Positions" in shown(app)
        assert app.view.focus == "book"
        await pilot.press("escape")
        assert app.view.focus == ""


async def test_the_panes_go_round_in_both_directions() -> None:
    async with cockpit(live_engine()) as (app, pilot):
        panes = app.screen.panes()
        await pilot.press("shift+tab")
        assert app.view.focus == panes[-1]
        await pilot.press("tab")
        assert app.view.focus == panes[0]
        for _ in panes:
            await pilot.press("tab")
        assert app.view.focus == panes[0]


async def test_a_tiny_terminal_has_no_pane_to_choose() -> None:
    async with cockpit(live_engine(), (30, 8)) as (app, pilot):
        await pilot.press("z")
        assert "too small" in app.view.message
        assert not app.view.is_zoomed


async def test_every_pane_can_be_zoomed_at_any_size() -> None:
    async with cockpit(live_engine(), (80, 24)) as (app, pilot):
        for size in ((80, 24), (240, 67), (60, 20), (400, 120)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            for _ in app.screen.panes():
                await pilot.press("tab", "z", "z")
        assert not app.view.is_zoomed
