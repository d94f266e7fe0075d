"""Whatever the lead, its sign and the noise: it is found, and nobody looks ahead."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.research.lead_lag import LAGS, Lead, find_leads
from tests.unit.research.city_markets import BAR_MS, RIVER, delayed, jumps, market, series
from tests.unit.research.markets import MS, START_NS

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=30, deadline=None)
@given(seed=seeds, bars=st.integers(-LAGS, LAGS), sign=st.sampled_from([-1.0, 1.0]))
def test_a_planted_lead_is_found_with_its_sign(seed, bars, sign):
    rng = np.random.default_rng(seed)
    steps = jumps(rng, 800, 5)
    noise = rng.standard_normal(800) * np.std(steps)
    (found,) = find_leads([series(steps)], (RIVER,), [market(sign * delayed(steps, bars) + noise)])
    expected = Lead.TOGETHER if bars == 0 else Lead.LEADS if bars > 0 else Lead.FOLLOWS
    assert found.verdict is expected
    assert found.best.lag_s == bars * BAR_MS / 1_000
    assert np.sign(found.best.correlation.value) == sign


@settings(max_examples=30, deadline=None)
@given(seed=seeds, late_ms=st.integers(1, BAR_MS * (LAGS - 2)))
def test_a_series_that_is_heard_after_the_price_never_leads(seed, late_ms):
    """By a millisecond or by seconds: knowing the mid's past is no foresight."""
    rng = np.random.default_rng(seed)
    steps = jumps(rng, 600, 5)
    mids = market(steps)
    told = series(steps)
    late = type(told)(told.name, mids["ts_ns"] + late_ms * MS, told.values)
    (found,) = find_leads([late], (RIVER,), [mids])
    assert found.verdict in {Lead.FOLLOWS, Lead.TOGETHER}


@settings(max_examples=30, deadline=None)
@given(seed=seeds, cut=st.integers(250, 500))
def test_what_comes_later_changes_nothing_that_was_found_before(seed, cut):
    """A recording that ends at a moment holds what was known by then, and no more."""
    rng = np.random.default_rng(seed)
    steps, moves = jumps(rng, 600, 4), jumps(rng, 600, 4)
    other = np.append(moves[:cut], jumps(rng, 600 - cut, 2) * 50)
    end_ns = START_NS + cut * BAR_MS * MS
    ended = []
    for path in (moves, other):
        mids, told = market(path), series(steps)
        is_known = told.ts_ns <= end_ns
        heard = type(told)(told.name, told.ts_ns[is_known], told.values[is_known])
        ended.append(find_leads([heard], (RIVER,), [mids[mids["ts_ns"] <= end_ns]]))
    assert ended[0] == ended[1]
