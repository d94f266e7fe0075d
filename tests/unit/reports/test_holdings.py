"""Orders and positions of a run: filled, held, exposed, by hour."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.enums import LiquiditySide
from core.domain.instrument import NANOS
from core.reports.execution import execution_of
from core.reports.exposure import exposure_curves, exposure_of
from core.reports.hours import by_hour
from tests.unit.reports.runs import CAPITAL, Fill, make_run, wander

MAKER = LiquiditySide.MAKER


def test_lots_are_held_from_fill_to_fill():
    """Two lots for four seconds and one of them for three more: 11 lot-seconds of 2 lots."""
    run = make_run(
        np.full((9, 2), 200),
        [Fill(0, 0, 1, 2, 100), Fill(4, 0, -1, 1, 100), Fill(7, 0, -1, 1, 100)],
        sent_lots=[10, 6],
    )
    found = execution_of(run, np.array([100.0, 50.0, 50.0]))
    assert found["holding_s"] == 11 / 2
    assert found["fill_ratio"] == 4 / 16
    assert found["maker_share"] == 0.0
    assert found["by_instrument"]["ETF"] == {
        "fill_ratio": 0.4,
        "holding_s": 5.5,
        "turnover": 200 / CAPITAL,
    }
    assert found["by_instrument"]["<River>"]["holding_s"] is None


def test_what_is_still_held_counts_until_the_end_and_a_turn_opens_anew():
    """Long 1 for two seconds, then short 2 until the last sample, 5.5 s later."""
    fills = [Fill(0, 0, 1, 1, 100, liquidity=MAKER), Fill(2, 0, -1, 3, 100)]
    found = execution_of(make_run(np.full((9, 1), 200), fills), np.zeros(2))
    assert found["holding_s"] == (1 * 2 + 2 * 5.5) / 3
    assert found["maker_share"] == 1 / 4


def test_a_run_without_orders_has_no_ratios():
    found = execution_of(make_run(np.full((3, 1), 200)), np.zeros(0))
    assert found["fill_ratio"] is found["holding_s"] is found["maker_share"] is None


def test_exposure_is_money_at_the_mid():
    """Four lots at 100 ticks of 0.5 are 200, ten at 50 of 0.1 are 50, short."""
    mids2 = np.tile([200, 100], (5, 1))
    run = make_run(mids2, [Fill(0, 0, 1, 4, 100), Fill(2, 1, -1, 10, 50)])
    gross, net = exposure_curves(run)
    assert gross.tolist() == [0.0, 200.0, 200.0, 250.0, 250.0]
    assert net.tolist() == [0.0, 200.0, 200.0, 150.0, 150.0]
    found = exposure_of(run)
    assert (found["mean"], found["max"], found["max_pct"]) == (180.0, 250.0, 25.0)
    assert (found["share_in_market"], found["share_long"], found["share_short"]) == (0.8, 0.8, 0.0)
    river = found["by_instrument"]["<River>"]
    assert (river["max_lots"], river["share_short"], river["mean_lots"]) == (10, 0.4, 4.0)


def test_a_position_without_a_mid_is_counted():
    mids2 = np.array([[200], [200], [0], [200]])
    assert exposure_of(make_run(mids2, [Fill(0, 0, 1, 1, 100)]))["samples_without_mid"] == 1


def test_hours_add_up_to_the_profit():
    """From 22:13:20 on, a sample a minute: 47 of them begin before 23:00, the rest after."""
    mids2 = wander(100)
    fills = [Fill(0, 0, 1, 5, 1_000, fee_nanos=NANOS), Fill(80, 0, -1, 2, 1_001)]
    run = make_run(mids2, fills, step_s=60)
    found = by_hour(run, np.array([7.0, 9.0]))
    assert list(found) == ["22", "23"]
    assert sum(row["pnl"] for row in found.values()) == pytest.approx(
        (run.equity_nanos[-1] - run.equity_nanos[0]) / NANOS
    )
    assert (found["22"]["fills"], found["22"]["fees"], found["23"]["volume"]) == (1, 1.0, 9.0)
    assert found["22"]["share_of_time"] == 47 / 99
