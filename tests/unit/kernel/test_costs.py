"""What a lot costs, at once or by waiting."""

from __future__ import annotations

import pytest

from core.domain.memory import allocate
from core.domain.records import INSTRUMENT_STATE
from core.kernel.costs import cost_ticks, posting_cost_ticks, taking_cost_ticks
from tests.unit.kernel.kernel_rig import make_params


def make_instrument(**fields: float):
    """A mid of 3402.5 and a spread of 5 ticks."""
    row = allocate(INSTRUMENT_STATE, 1)[0]
    for name, value in {"mid2_ticks": 6805, "half_spread_ticks": 2.5, **fields}.items():
        row[name] = value
    return row


def test_taking_costs_half_the_spread_the_fee_and_the_slippage() -> None:
    """2.5 ticks, 4 bp of 3402.5, and 0.3; a rebate is not counted on."""
    params = make_params(slippage_ticks=0.3)[0]
    instrument = make_instrument(taker_fee_bps=4.0)
    assert taking_cost_ticks(instrument, params) == pytest.approx(2.5 + 3402.5 * 0.0004 + 0.3)
    instrument["taker_fee_bps"] = -4.0
    assert taking_cost_ticks(instrument, params) == pytest.approx(2.8)


@pytest.mark.parametrize(
    ("passive_edge", "bars", "learned", "cost"),
    [
        (-1.0, 0, 0.0, 2.5),  # as assumed: half a spread lost
        (0.0, 0, 7.0, 0.0),
        (-1.0, 10, 0.5, 1.0),  # ten bars weigh as much as the assumption
        (-1.0, 30, 2.5, -1.25),
        (1.0, 30, 9.0, -2.5),  # no more than half the spread is counted on
    ],
)
def test_posting_costs_what_was_assumed_until_own_fills_have_told(
    passive_edge, bars, learned, cost
) -> None:
    params = make_params(passive_edge=passive_edge)[0]
    instrument = make_instrument(maker_bars=bars, maker_edge_ticks=learned)
    assert posting_cost_ticks(instrument, params) == pytest.approx(cost)
    instrument["maker_fee_bps"] = 2.0
    assert posting_cost_ticks(instrument, params) == pytest.approx(cost + 3402.5 * 0.0002)


def test_strength_is_measured_against_the_cheaper_way_but_half_a_spread_at_least() -> None:
    dear = make_instrument(taker_fee_bps=40.0)
    assert cost_ticks(dear, make_params(passive_edge=-2.0)[0]) == pytest.approx(5.0)
    assert cost_ticks(dear, make_params(passive_edge=0.5)[0]) == 2.5
    assert cost_ticks(make_instrument(), make_params(slippage_ticks=1.0, passive_edge=-9)[0]) == 3.5
