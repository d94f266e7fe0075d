"""From a wish to lots: what caps it and what makes it smaller."""

from __future__ import annotations

import math

import pytest

from core.domain.enums import Outcome, Regime, TradingState
from core.domain.memory import allocate
from core.domain.records import ACCOUNT, INSTRUMENT_STATE
from core.kernel.sizing import (
    blocking_code,
    reduce_only,
    risk_cap_lots,
    settlement_cap_lots,
    target_lots,
)
from tests.unit.kernel.kernel_rig import NANOS, make_params


def make_rows(*, combined: float = 0.75, confidence: float = 0.8, **fields: float):
    """A million, and a market at 500 whose ticks are worth 2 and that moves 4 a bar."""
    account, instrument = allocate(ACCOUNT, 1)[0], allocate(INSTRUMENT_STATE, 1)[0]
    account["equity_nanos"] = 1_000_000 * NANOS
    instrument["tick_value_nanos"] = 2 * NANOS
    instrument["mid2_ticks"] = 1_000
    instrument["volatility_ticks"] = 4.0
    instrument["regime"] = Regime.TRENDING
    instrument["regime_probability"][:] = [0.0, 0.7, 0.1, 0.2]
    instrument["combined"], instrument["confidence"] = combined, confidence
    for name, value in fields.items():
        row = account if name in account.dtype.names else instrument
        row[name] = value
    return account, instrument


def target(params=None, **fields) -> int:
    account, instrument = make_rows(**fields)
    return target_lots(account, instrument, make_params(**(params or {}))[0])


def test_a_target_is_the_cap_times_signal_times_confidence() -> None:
    """20 % of a million holds 200 lots of 1,000; 0.75 x 0.8 of them are 120."""
    assert target() == 120
    assert target(combined=-0.75) == -120


def test_targets_are_rounded_towards_zero() -> None:
    assert target(combined=0.7401) == 118
    assert target(combined=-0.7401) == -118


def test_the_move_of_one_bar_caps_a_position() -> None:
    """0.1 % of a million is 1,000: 125 lots that move 4 ticks of 2; 0.6 of them are 75."""
    account, instrument = make_rows()
    params = make_params(max_bar_risk_pct=0.1)
    assert risk_cap_lots(account, instrument, params[0]) == pytest.approx(125)
    assert target({"max_bar_risk_pct": 0.1}) == 75


def test_twice_the_volatility_is_half_the_risk_cap() -> None:
    assert target({"max_bar_risk_pct": 0.1}, volatility_ticks=8.0) == 37


def test_a_market_that_does_not_move_is_capped_by_capital_alone() -> None:
    account, instrument = make_rows(volatility_ticks=0.0)
    assert risk_cap_lots(account, instrument, make_params()[0]) == math.inf
    assert target({"max_bar_risk_pct": 0.001}, volatility_ticks=0.0) == 120


def test_the_error_of_a_settlement_caps_a_position() -> None:
    """1 % of a million is 10,000: 100 lots that settle 50 ticks of 2 off; 0.6 of them are 60."""
    uncertain = {"fair_ts_ns": 7, "fair_error_ticks": 50.0}
    account, instrument = make_rows(**uncertain)
    params = make_params(max_settlement_risk_pct=1.0)
    assert settlement_cap_lots(account, instrument, params[0]) == pytest.approx(100)
    assert target({"max_settlement_risk_pct": 1.0}, **uncertain) == 60
    assert target({"max_settlement_risk_pct": 1.0}, combined=-0.75, **uncertain) == -60


@pytest.mark.parametrize("certain", [{"fair_ts_ns": 7}, {"fair_error_ticks": 50.0}])
def test_what_settles_for_certain_or_not_at_all_is_capped_by_capital_alone(certain) -> None:
    account, instrument = make_rows(**certain)
    assert settlement_cap_lots(account, instrument, make_params()[0]) == math.inf
    assert target({"max_settlement_risk_pct": 0.001}, **certain) == 120


def test_the_venues_limit_is_part_of_the_cap() -> None:
    assert target(position_limit_lots=50) == 30


def test_without_equity_there_is_no_target() -> None:
    assert target(equity_nanos=-5 * NANOS) == 0


@pytest.mark.parametrize("scale", [0.5, 0.25, 0.0])
def test_high_volatility_halves_at_least(scale) -> None:
    params = {"high_volatility_scale": scale}
    assert target(params, regime=Regime.HIGH_VOLATILITY) == 120 * scale
    for regime in (Regime.TRENDING, Regime.MEAN_REVERTING):
        assert target(params, regime=regime) == 120


def test_a_drawdown_halves_from_its_limit_on() -> None:
    assert target(drawdown_pct=14.99) == 120
    assert target(drawdown_pct=15.0) == 60
    assert target(drawdown_pct=15.0, regime=Regime.HIGH_VOLATILITY) == 30


@pytest.mark.parametrize(
    ("fields", "outcome", "value", "limit"),
    [
        ({}, 0, 0, 0),
        ({"regime": Regime.MEAN_REVERTING}, Outcome.UNCERTAIN_REGIME, 0.1, 0.3),
        ({"regime": Regime.UNKNOWN}, Outcome.UNCERTAIN_REGIME, 0.0, 0.3),
        ({"combined": -0.1}, Outcome.BELOW_THRESHOLD, 0.1, 0.15),
        ({"confidence": 0.19}, Outcome.LOW_CONFIDENCE, 0.19, 0.2),
        # The limit itself passes.
        ({"combined": -0.15, "confidence": 0.2}, 0, 0, 0),
    ],
)
def test_what_blocks_says_what_was_measured_and_what_is_needed(
    fields, outcome, value, limit
) -> None:
    account, instrument = make_rows(**fields)
    assert blocking_code(account, instrument, make_params()[0]) == outcome
    assert account["denial_code"] == outcome
    assert (account["denial_value"], account["denial_limit"]) == pytest.approx((value, limit))


@pytest.mark.parametrize(
    ("position", "wanted", "allowed"),
    [(10, 30, 10), (10, 4, 4), (10, -6, 0), (-10, -30, -10), (-10, -4, -4), (-10, 6, 0), (0, 9, 0)],
)
def test_while_paused_a_target_lies_between_the_position_and_zero(
    position, wanted, allowed
) -> None:
    account = allocate(ACCOUNT, 1)[0]
    assert reduce_only(account, position, wanted) == wanted
    account["trading_state"] = TradingState.REDUCING
    assert reduce_only(account, position, wanted) == allowed
