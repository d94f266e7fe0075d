"""What the mid does after fills."""

from __future__ import annotations

import numpy as np

from core.domain.enums import LiquiditySide
from core.reports.markouts import MIN_FILLS, markouts_of
from tests.unit.reports.runs import Fill, make_run, wander

MAKER = LiquiditySide.MAKER


def at(found, side, horizon_s):
    return next(row for row in found[side]["horizons"] if row["horizon_s"] == horizon_s)


def test_the_mid_is_followed_with_the_sign_of_the_fill():
    """Bought at a mid of 100, sold at one of 103: after 1 s it stands at 103 and at 101."""
    mids2 = [[200], [200], [206], [206], [202], [190], [190], [190]]
    fills = [Fill(0, 0, 1, 1, 101), Fill(2, 0, -1, 3, 102)]
    row = at(markouts_of(make_run(mids2, fills)), "TAKER", 1)
    assert row["fills"] == 2
    # By lot: (1 · 3 + 3 · 2) / 4; one tick of a lot is worth 0.5.
    assert row["ticks"] == 9 / 4
    assert row["pnl"] == 4.5


def test_fills_too_late_for_a_horizon_are_left_out_of_it():
    mids2 = np.full((8, 1), 200)
    fills = [Fill(0, 0, 1, 1, 100), Fill(6, 0, 1, 1, 100)]
    found = markouts_of(make_run(mids2, fills))
    assert [row["fills"] for row in found["TAKER"]["horizons"]] == [1, 1, 0, 0, 0, 0]
    assert at(found, "TAKER", 10)["ticks"] is None


def test_making_and_taking_are_told_apart_with_what_they_paid():
    mids2 = np.full((9, 1), 200)
    fills = [Fill(0, 0, 1, 1, 98, liquidity=MAKER), Fill(1, 0, 1, 2, 101), Fill(2, 0, -1, 1, 97)]
    found = markouts_of(make_run(mids2, fills))
    assert found["MAKER"]["spread_ticks"] == -2.0
    assert found["TAKER"]["spread_ticks"] == (2 * 1 + 1 * 3) / 3
    assert "NONE" not in found


def test_a_fill_without_a_mid_is_no_start():
    run = make_run(np.full((9, 1), 200), [Fill(0, 0, 1, 1, 100, mid2_ticks=0)])
    assert markouts_of(run) == {}


def test_a_mid_that_is_not_known_later_is_no_end():
    mids2 = np.full((9, 1), 200)
    mids2[2] = 0
    row = at(markouts_of(make_run(mids2, [Fill(0, 0, 1, 1, 100)])), "TAKER", 1)
    assert row["fills"] == 0


def test_few_fills_have_no_interval_and_many_have():
    mids2 = wander(400)
    fills = [Fill(second, 0, 1, 1, 1_000) for second in range(0, 10 * MIN_FILLS, 10)]
    few = at(markouts_of(make_run(mids2, fills[1:])), "TAKER", 5)
    many = at(markouts_of(make_run(mids2, fills)), "TAKER", 5)
    assert few["ticks_low"] is None
    assert many["ticks_low"] < many["ticks"] < many["ticks_high"]
    assert many["pnl_low"] < many["pnl"] < many["pnl_high"]


def test_fills_that_know_the_future_are_seen_to():
    """Each buys before a rise of two ticks in five seconds and sells before a fall."""
    mids2 = 2_000 + 4 * (np.arange(4_000)[:, np.newaxis] // 5 % 2)
    fills = [
        Fill(second, 0, 1 if second // 5 % 2 == 0 else -1, 1 + second % 3, 1_000)
        for second in range(2, 3_900, 5)
    ]
    row = at(markouts_of(make_run(mids2, fills)), "TAKER", 5)
    assert row["ticks"] == row["ticks_low"] == row["ticks_high"] == 2.0


def test_more_fills_than_groups_are_put_together():
    mids2 = wander(3_000)
    fills = [Fill(second, 0, -1, 1 + second % 4, 1_000) for second in range(2_500)]
    row = at(markouts_of(make_run(mids2, fills)), "TAKER", 1)
    assert row["fills"] == 2_500
    assert row["ticks_low"] < row["ticks"] < row["ticks_high"]
