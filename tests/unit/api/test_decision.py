"""What speaks for a decision, from the kernel's rows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.api.decision import deviations, view_change, view_edge, view_spreads
from core.domain.memory import allocate
from core.domain.records import INSTRUMENT_STATE
from core.domain.spreads import SPREAD, SpreadKind, SpreadReason, SpreadState

NS_PER_S = 1_000_000_000


def change_row(**changes) -> dict[str, float]:
    row = {
        "bars": 400, "bar_start_ns": 1_000 * NS_PER_S, "change_bar": 0, "confirmed_bar": 0,
        "changes": 3, "change_probability": 0.25,
    }  # fmt: skip
    return {**row, **changes}


def test_the_cost_is_the_one_the_kernel_compares_with() -> None:
    instrument = allocate(INSTRUMENT_STATE, 1)
    instrument["cost_ticks"], instrument["edge_ticks"] = 1.75, -2.0
    row = dict(zip(instrument.dtype.names, instrument[0].item(), strict=True))
    edge = view_edge(row)
    assert (edge.cost_ticks, edge.ticks) == (1.75, -2.0)


def test_without_a_book_the_cost_is_unknown() -> None:
    instrument = allocate(INSTRUMENT_STATE, 1)
    row = dict(zip(instrument.dtype.names, instrument[0].item(), strict=True))
    assert math.isnan(view_edge(row).cost_ticks)


def test_no_change_has_been_seen_yet() -> None:
    change = view_change(change_row(), 250.0)
    assert (change.bars_ago, change.ts_ns, change.is_confirmed) == (None, 0, False)
    assert (change.count, change.probability) == (3, 0.25)


@pytest.mark.parametrize(
    ("noticed", "confirmed", "bars_ago", "is_confirmed"),
    [
        (380, 0, 20, False),
        (380, 372, 28, True),
        (380, 360, 40, True),
        (380, 359, 20, False),
        (0, 372, 28, True),
        (360, 372, 28, True),
    ],
)
def test_a_change_confirmed_shortly_before_it_was_noticed_is_the_same(
    noticed, confirmed, bars_ago, is_confirmed
) -> None:
    """Within twenty bars; then the offline date holds."""
    row = change_row(change_bar=noticed, confirmed_bar=confirmed)
    change = view_change(row, 250.0)
    assert (change.bars_ago, change.is_confirmed) == (bars_ago, is_confirmed)
    assert change.ts_ns == 1_000 * NS_PER_S - bars_ago * NS_PER_S // 4


@pytest.mark.parametrize("bar_ms", [math.nan, math.inf])
def test_bars_of_no_length_cannot_break_a_picture(bar_ms) -> None:
    assert view_change(change_row(change_bar=380), bar_ms).ts_ns == 1_000 * NS_PER_S


def spreads_of(**fields) -> np.ndarray:
    rows = allocate(SPREAD, 4)
    row = rows[2]
    row["legs"] = 3
    row["leg_instrument"][:3] = (4, 0, 1)
    row["leg_weight"][:3] = (1.0, -2.5, -0.5)
    for name, value in fields.items():
        row[name] = value
    return rows


def test_a_spread_is_read_without_its_unused_legs() -> None:
    rows = spreads_of(
        kind=SpreadKind.BASKET, state=SpreadState.SUSPENDED, reason=SpreadReason.BROKEN,
        value_ticks=7.5, z=-1.25, half_life_bars=41.0, is_fitted=1, missing_bars=2,
    )  # fmt: skip
    (spread,) = view_spreads(rows, 5)
    assert (spread.kind, spread.state, spread.reason) == (
        SpreadKind.BASKET,
        SpreadState.SUSPENDED,
        SpreadReason.BROKEN,
    )
    assert spread.instruments == (4, 0, 1)
    assert spread.weights == (1.0, -2.5, -0.5)
    assert (spread.value_ticks, spread.z, spread.half_life_bars) == (7.5, -1.25, 41.0)
    assert (spread.is_fitted, spread.is_complete) == (True, False)


def test_empty_rows_are_no_spreads() -> None:
    assert view_spreads(allocate(SPREAD, 16), 5) == ()


@pytest.mark.parametrize("fields", [{"legs": -1}, {"legs": 9}, {"state": 3}, {"reason": 9}])
def test_an_impossible_spread_is_refused(fields) -> None:
    with pytest.raises(ValueError):
        view_spreads(spreads_of(**fields), 5)


def test_a_leg_that_is_not_traded_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a spread of 3 legs: \(4, 0, 1\)"):
        view_spreads(spreads_of(), 4)


def test_a_variance_that_rounding_made_negative_is_no_movement() -> None:
    covariance = np.zeros((1, 2, 2))
    covariance[0] = [[0.25, 0.1], [0.1, -1e-18]]
    assert deviations(covariance).tolist() == [[0.5, 0.0]]
