"""Profit is what the mid did, less delay, spread and fees: to the nano."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.enums import LiquiditySide
from core.domain.instrument import NANOS
from core.reports.costs import costs_of
from tests.unit.reports.runs import Fill, make_run

MAKER, TAKER = LiquiditySide.MAKER, LiquiditySide.TAKER

ROWS = st.lists(
    st.builds(
        Fill,
        second=st.integers(0, 5),
        instrument=st.integers(0, 1),
        side=st.sampled_from([-1, 1]),
        lots=st.integers(1, 9),
        price_ticks=st.integers(90, 110),
        fee_nanos=st.integers(-10, 10**9),
        mid2_ticks=st.one_of(st.none(), st.integers(180, 220), st.just(0)),
        decision_mid2_ticks=st.one_of(st.none(), st.integers(180, 220), st.just(0)),
    ),
    max_size=12,
).map(lambda rows: sorted(rows, key=lambda row: row.second))


@given(
    ROWS, st.lists(st.tuples(st.integers(180, 220), st.integers(180, 220)), min_size=7, max_size=7)
)
def test_the_parts_add_up_to_the_profit_exactly(fills, mids2):
    """Whatever is traded at whatever price, with mids known or not."""
    result = make_run(mids2, fills)
    found = costs_of(result)
    assert found["unexplained"] == 0.0
    pnl = int(result.account[0]["equity_nanos"] - result.account[0]["capital_nanos"])
    for part in (found, *found["by_instrument"].values()):
        net = part["gross"] - part["delay"] - part["spread"] - part["fees"]
        assert round(net * NANOS) == pytest.approx(round(part["net"] * NANOS), abs=2)
    assert round(found["net"] * NANOS) == pytest.approx(pnl, abs=2)


def test_a_purchase_is_taken_apart():
    """Decided at 100, the mid was 101 at the fill, the price 102: then it went to 104."""
    result = make_run(
        [[202], [202], [208]],
        [Fill(0, 0, 1, 4, 102, fee_nanos=NANOS, decision_mid2_ticks=200)],
    )
    found = costs_of(result)
    # Four lots at 0.5 a tick: 2 for each tick.
    assert (found["gross"], found["delay"], found["spread"]) == (8.0, 2.0, 2.0)
    assert (found["fees"], found["net"]) == (1.0, 3.0)


def test_what_is_earned_by_waiting_is_told_from_what_is_paid():
    result = make_run(
        [[200], [200], [200]],
        [Fill(0, 0, 1, 2, 98, liquidity=MAKER), Fill(1, 0, -1, 3, 99, liquidity=TAKER)],
    )
    found = costs_of(result)
    assert (found["spread_earned"], found["spread_paid"]) == (2.0, 1.5)
    assert found["spread"] == -0.5


def test_fills_that_lack_a_mid_are_counted():
    result = make_run(
        [[200], [206]],
        [Fill(0, 0, 1, 2, 101, mid2_ticks=0), Fill(0, 0, 1, 2, 101, decision_mid2_ticks=0)],
    )
    found = costs_of(result)
    assert (found["fills_without_mid"], found["fills_without_decision_mid"]) == (1, 2)
    assert (found["delay"], found["spread"], found["gross"]) == (0.0, 1.0, 5.0)


def test_what_was_booked_without_a_fill_is_not_explained():
    """A correction of a position, for example, is in the account and in no fill."""
    result = make_run([[200], [200]])
    result.states[0]["realized_nanos"] += 3 * NANOS
    assert costs_of(result)["unexplained"] == 3.0
