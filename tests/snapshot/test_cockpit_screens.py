"""Pictures of the cockpit: three sizes, the states that matter, every screen and dialog."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from cockpit.app import CockpitApp
from cockpit.viewmodels.view import LinkState
from core.domain.decision import ChangeView, ModelView
from core.domain.enums import (
    Mode,
    Outcome,
    Readiness,
    Regime,
    SignalFault,
    StateReason,
    TradingState,
)
from core.domain.snapshot import OutcomeView, RunMeta
from tests.unit.cockpit.fake_engine import (
    NS,
    START_NS,
    FakeEngine,
    live_engine,
    make_account,
    make_doubtful_snapshot,
    make_meta,
    make_snapshot,
    make_telemetry,
)

SIZES = [(80, 24), (120, 36), (160, 48)]
Prepare = Callable[[Pilot], Awaitable[None]]


async def until(pilot: Pilot, condition: Callable[[], bool]) -> None:
    for _ in range(3_000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("the condition never held")


def live(*keys: str) -> Prepare:
    """Wait for the picture, then press keys."""

    async def prepare(pilot: Pilot) -> None:
        await until(pilot, lambda: pilot.app.view.snapshot is not None)
        await pilot.press(*keys)
        await pilot.pause()

    return prepare


class Unreachable(FakeEngine):
    """An engine that does not answer, nor says that it will not."""

    async def connect(self) -> RunMeta:
        """Wait for ever."""
        await asyncio.Event().wait()
        return self.meta


async def stale(pilot: Pilot) -> None:
    """Lose the engine, and let 75 seconds pass on the cockpit's clock."""
    app = pilot.app
    await until(pilot, lambda: app.view.snapshot is not None)
    received_s = app.link._received_s
    app.link._now_s = lambda: received_s + 75.0
    # The next attempt comes soon, and a picture may take longer.
    app.link._connect = Unreachable
    app.engine.break_link("connection reset by peer")
    await until(pilot, lambda: app.view.link.state is LinkState.LOST)
    await pilot.pause()


async def waiting(pilot: Pilot) -> None:
    link = pilot.app.link
    link._now_s = lambda: link._received_s
    await until(pilot, lambda: "no engine answers" in pilot.app.view.link.text)


def picture(engine: FakeEngine, **options) -> CockpitApp:
    app = CockpitApp(lambda: engine, fps=1000, **options)
    app.engine = engine
    return app


def halted() -> FakeEngine:
    return live_engine(
        account=make_account(
            96_240.75,
            trading_state=TradingState.HALTED,
            state_reason=StateReason.DRAWDOWN_HALT,
            drawdown_pct=25.4,
            open_orders=0,
        ),
        orders=(),
    )


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize(
    ("engine", "prepare"),
    [
        (live_engine, live()),
        (halted, live()),
        (live_engine, stale),
        (lambda: FakeEngine(refuse="no engine answers in logs"), waiting),
    ],
    ids=["live", "halted", "stale", "empty"],
)
def test_main_screen(snap_compare, size, engine, prepare) -> None:
    assert snap_compare(picture(engine()), terminal_size=size, run_before=prepare)


def in_doubt() -> FakeEngine:
    """A regime that is uncertain, a fresh change, a stop, a failed signal, refused models."""
    snapshot = make_snapshot(account=make_account(models_refused=2))
    first, *others = snapshot.instruments
    troubled = replace(
        first,
        regime_probability={Regime.MEAN_REVERTING: 0.37, Regime.TRENDING: 0.35},
        change=ChangeView(0.68, 3, 7, START_NS - 40 * NS, is_confirmed=False),
        model=ModelView(0, 0),
        outcome=OutcomeView(Outcome.STOP_LOSS, 14.2, 12.5, START_NS, 31),
        stopped_side=1,
    )
    faulty = (replace(view, mine_fault=SignalFault.NOT_FINITE) for view in (troubled, *others))
    return FakeEngine(replace(snapshot, instruments=tuple(faulty)))


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_doubts_about_a_decision_are_in_sight(snap_compare, size) -> None:
    assert snap_compare(picture(in_doubt()), terminal_size=size, run_before=live())


@pytest.mark.parametrize("size", [(40, 10), *SIZES], ids="{0[0]}x{0[1]}".format)
def test_what_is_not_flat_unknown_or_on_trial_is_in_sight(snap_compare, size) -> None:
    engine = FakeEngine(make_doubtful_snapshot())
    assert snap_compare(picture(engine), terminal_size=size, run_before=live())


@pytest.mark.parametrize(
    "keys", [["t", "down"], ["o"], ["X"]], ids=["parameters", "orders", "cancel_everything"]
)
def test_doubts_on_other_screens(snap_compare, keys) -> None:
    engine = FakeEngine(make_doubtful_snapshot())
    assert snap_compare(picture(engine), terminal_size=(80, 24), run_before=live(*keys))


@pytest.mark.parametrize("size", [(40, 10), (60, 20), (20, 4)], ids="{0[0]}x{0[1]}".format)
def test_small_terminals(snap_compare, size) -> None:
    assert snap_compare(picture(live_engine()), terminal_size=size, run_before=live())


@pytest.mark.parametrize(
    "keys",
    [
        ["t", "down", "right", "right"],
        ["o", "down"],
        ["question_mark"],
        ["v", "7"],
        ["F", "f", "l", "a"],
        ["q"],
        ["t", "enter", "9", "enter"],
        ["v", "v", "7"],
        ["w", "7"],
        ["t", "slash", "w", "e", "i", "g", "h", "t"],
        ["question_mark", "pagedown", "pagedown"],
    ],
    ids=[
        "parameters",
        "orders",
        "help",
        "values",
        "flatten",
        "quit",
        "typed_value",
        "parts",
        "why",
        "find",
        "legend",
    ],
)
def test_screens_and_dialogs(snap_compare, keys) -> None:
    app = picture(live_engine())
    assert snap_compare(app, terminal_size=(80, 24), run_before=live(*keys))


def test_real_money_is_stamped_in_red(snap_compare) -> None:
    engine = FakeEngine(make_snapshot(), meta=make_meta(mode=Mode.LIVE, profile="imcity"))
    assert snap_compare(picture(engine), terminal_size=(80, 24), run_before=live())


def test_a_warming_engine_says_what_it_is_busy_with(snap_compare) -> None:
    engine = FakeEngine(
        make_snapshot(
            account=make_account(readiness=Readiness.WARMING),
            telemetry=make_telemetry(note="compiling the kernel", feeds=()),
            orders=(),
        )
    )
    assert snap_compare(picture(engine), terminal_size=(120, 36), run_before=live())


def test_without_colors_everything_can_still_be_told_apart(snap_compare, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(picture(live_engine()), terminal_size=(120, 36), run_before=live())
