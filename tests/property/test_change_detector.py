"""Whatever is fed, the change-point detector stays a probability and stays deterministic."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.domain.changes import CHANGE_DETECTOR, MAX_RUNS
from core.domain.memory import allocate
from core.kernel.changepoint import HAZARD, observe, reset, reset_scaled
from core.models.changepoint import detect_changes

values = st.lists(
    st.one_of(
        st.floats(allow_nan=True, allow_infinity=True),
        st.floats(-100, 100),
        st.sampled_from([0.0, 7.25, 1e6, math.nan]),
    ),
    min_size=1,
    max_size=90,
)


@given(values, st.booleans())
def test_any_values_leave_a_finite_posterior(series, learns) -> None:
    detector = allocate(CHANGE_DETECTOR, 1)[0]
    if learns:
        reset(detector, HAZARD)
    else:
        reset_scaled(detector, HAZARD, 3.0, 20.0)
    for position, value in enumerate(series):
        declared = observe(detector, value)
        alive = int(detector["runs"])
        assert declared in {0, 1}
        assert 0 <= alive <= MAX_RUNS
        assert 0.0 <= float(detector["change_probability"]) <= 1.0
        assert 0 <= int(detector["map_run_length"]) <= position + 1
        assert 0 <= int(detector["last_change"]) <= position
        if alive:
            assert detector["weight"][:alive].sum() > 0.999999
            for name in ("weight", "level", "slope", "noise_sum", "level_variance"):
                assert np.isfinite(detector[name][:alive]).all()
            assert (detector["level_variance"][:alive] > 0).all()
            assert (detector["slope_variance"][:alive] > 0).all()


@given(values)
def test_found_changes_are_places_inside_the_series(series) -> None:
    found = detect_changes(np.array(series))
    assert found == sorted(set(found))
    assert all(0 < index < len(series) for index in found)
