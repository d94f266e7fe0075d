"""Stops: where each regime measures from, how they stay in force, and how they get out."""

from __future__ import annotations

import math

import pytest

from core.domain.enums import OrderOrigin, Outcome, Regime, Signal
from core.domain.events import IOC
from core.domain.memory import allocate
from core.domain.records import INSTRUMENT_STATE, WINDOW
from core.kernel.stops import adverse_ticks, is_stopped, stop_distance_ticks
from tests.unit.kernel.kernel_rig import NANOS, KernelRig, make_params, regime_event

STOPS = {"stop_trending": 2.0, "stop_mean_reverting": 3.0, "stop_volatile": 5.0}
UNIT = 1.5 * math.sqrt(WINDOW)
"""One deviation of a move over a window, in ticks."""


def make_position(lots: int, entry: int, regime: Regime):
    """`lots` at `entry` ticks, in a market that moves 1.5 ticks a bar."""
    instrument = allocate(INSTRUMENT_STATE, 1)[0]
    instrument["tick_value_nanos"] = 2 * NANOS
    instrument["position_lots"] = lots
    instrument["cost_nanos"] = lots * entry * 2 * NANOS
    instrument["part_lots"][OrderOrigin.STRATEGY] = lots
    instrument["part_cost_nanos"][OrderOrigin.STRATEGY] = lots * entry * 2 * NANOS
    instrument["regime"] = regime
    instrument["volatility_ticks"] = 1.5
    instrument["combined"] = math.copysign(0.5, lots)
    return instrument


def walk(instrument, *mids: float, **params: float) -> bool:
    """Show the position these mids, one after another; whether it is stopped at the end."""
    stopped = False
    for mid in mids:
        instrument["mid2_ticks"] = round(2 * mid)
        stopped = bool(is_stopped(instrument, make_params(**{**STOPS, **params})[0]))
    return stopped


@pytest.mark.parametrize(
    ("regime", "deviations"),
    [
        (Regime.TRENDING, 2.0),
        (Regime.MEAN_REVERTING, 3.0),
        (Regime.HIGH_VOLATILITY, 5.0),
        (Regime.UNKNOWN, 5.0),
    ],
)
def test_each_regime_has_its_own_distance(regime, deviations) -> None:
    instrument = make_position(5, 1000, regime)
    assert stop_distance_ticks(instrument, make_params(**STOPS)[0]) == pytest.approx(
        deviations * UNIT
    )


@pytest.mark.parametrize("side", [1, -1])
def test_a_trend_is_trailed_from_its_best_price(side) -> None:
    """2 deviations are 13.4 ticks: from 1020 down to 1007 is not enough, to 1006 is."""
    instrument = make_position(5 * side, 1000, Regime.TRENDING)
    assert not walk(instrument, 1000, 1000 + 20 * side, 1000 + 7 * side)
    assert adverse_ticks(instrument, side) == 13.0
    assert walk(instrument, 1000 + 6 * side)
    assert instrument["stops"] == 1
    assert instrument["stopped_side"] == side


@pytest.mark.parametrize(
    ("regime", "last", "beyond"),
    [(Regime.MEAN_REVERTING, 20, 21), (Regime.HIGH_VOLATILITY, 33, 34)],
)
@pytest.mark.parametrize("side", [1, -1])
def test_the_other_regimes_measure_from_the_entry(side, regime, last, beyond) -> None:
    """However well it went in between: 3 and 5 deviations are 20.1 and 33.5 ticks."""
    instrument = make_position(5 * side, 1000, regime)
    assert not walk(instrument, 1000, 1000 + 60 * side, 1000 - last * side)
    assert walk(instrument, 1000 - beyond * side)


def test_a_stop_of_zero_is_none() -> None:
    off = dict.fromkeys(STOPS, 0.0)
    for regime in Regime:
        assert not walk(make_position(5, 1000, regime), 1000, 10, **off)


def test_a_stop_in_a_market_that_does_not_move_is_none() -> None:
    instrument = make_position(5, 1000, Regime.TRENDING)
    instrument["volatility_ticks"] = 0.0
    assert not walk(instrument, 1000, 990)


def test_a_stop_stays_in_force_until_the_signal_turns() -> None:
    """Neither a better price nor being flat ends it."""
    instrument = make_position(5, 1000, Regime.TRENDING)
    assert walk(instrument, 1000, 980, 1000)
    instrument["position_lots"] = instrument["cost_nanos"] = 0
    instrument["combined"] = 0.0
    assert walk(instrument, 1000, 1001)
    instrument["combined"] = 0.01
    assert walk(instrument, 1002)
    instrument["combined"] = -0.01
    assert not walk(instrument, 1002)
    assert instrument["stopped_side"] == 0
    assert instrument["stops"] == 1


def test_a_position_that_leaves_slowly_is_stopped_once() -> None:
    """Though its signal has turned in between: it is one stop until it is over."""
    instrument = make_position(-5, 1000, Regime.TRENDING)
    instrument["combined"] = 0.4
    assert walk(instrument, 1000, 1020, 1025, 1030)
    assert instrument["stops"] == 1


def test_a_turned_signal_releases_a_position_that_has_recovered() -> None:
    instrument = make_position(5, 1000, Regime.TRENDING)
    assert walk(instrument, 1000, 980)
    instrument["combined"] = -0.4
    assert not walk(instrument, 999)


def test_the_best_price_belongs_to_one_position() -> None:
    """A new one, or one that was turned around, starts with its own."""
    instrument = make_position(5, 1000, Regime.TRENDING)
    walk(instrument, 1000, 1050)
    instrument["position_lots"], instrument["cost_nanos"] = -5, -5 * 1049 * 2 * NANOS
    instrument["combined"] = -0.5
    assert not walk(instrument, 1049)
    assert instrument["best_mid2_ticks"] == -2 * 1049
    instrument["position_lots"] = 0
    walk(instrument, 1049)
    assert instrument["best_mid2_ticks"] == 0


def stopped_rig() -> KernelRig:
    """Long 40 from 3401 while the book says buy; only letting go is worth an order."""
    rig = KernelRig(
        stop_trending=3.0, take_signal=1.0, max_order_lots=25, weight_momentum=0,
        weight_reversion=0, min_change_pct=100,
    )  # fmt: skip
    rig.feed(regime_event(0, Regime.TRENDING, 0.8))
    rig.warm()
    rig.fill(1, 1, 3401, 40)
    assert rig.book(3400, 3402, 60, 2) == []
    return rig


def test_a_stopped_position_is_taken_out_at_once_against_its_signal() -> None:
    """It wants out, not a good price: the best bid, as far as it goes."""
    rig = stopped_rig()
    sent = rig.book(3370, 3372, 60, 2)
    assert rig.instrument()["combined"] > 0.0
    assert [(i["side"], i["price_ticks"], i["lots"], i["terms"]) for i in sent] == [
        (-1, 3370, 25, IOC)
    ]
    assert rig.instrument()["target_lots"] == 0
    rig.fill(2, -1, 3370, 25, order_id=sent[0]["order_id"])
    assert [i["lots"] for i in rig.book(3370, 3372, 60, 2)] == [15]


def test_after_a_stop_nothing_is_opened_on_the_same_side_and_it_says_why() -> None:
    rig = stopped_rig()
    sent = rig.book(3370, 3372, 60, 2)
    rig.fill(2, -1, 3370, 25, order_id=sent[0]["order_id"])
    sent = rig.book(3370, 3372, 60, 2)
    rig.fill(3, -1, 3370, 15, order_id=sent[0]["order_id"])
    assert rig.push(bid=3380) == []
    assert rig.outcome() is Outcome.STOP_LOSS
    assert rig.instrument()["outcome_value"] == 0.0
    assert rig.instrument()["stops"] == 1
    rig.state.params[0]["min_change_pct"] = 5
    assert rig.push(bid=3380) == []
    sent = []
    for _ in range(6):
        sent += rig.book(3380, 3382, 2, 60)
    assert rig.instrument()["signals"][Signal.OBI] < 0.0
    assert sent[0]["side"] == -1


def test_a_stop_that_cannot_get_out_says_how_far_it_has_gone() -> None:
    """Between two orders of one instrument time must pass, for stops too."""
    rig = stopped_rig()
    sent = rig.book(3370, 3372, 60, 2)
    rig.state.params[0]["cooldown_ms"] = 1_000
    rig.fill(2, -1, 3370, 25, order_id=sent[0]["order_id"])
    assert rig.book(3370, 3372, 60, 2) == []
    assert rig.outcome() is Outcome.COOLDOWN
