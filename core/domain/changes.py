"""State of a change-point detector: what the kernel knows of when a series last changed."""

from __future__ import annotations

from typing import Annotated, Protocol

import numpy as np

from core.domain.memory import F64, I64, FloatArray, IntArray, dtype_of

MAX_RUNS = 20
"""Run lengths that are followed at once; the least likely one makes room for a new one."""

WARM_UP_VALUES = 20
"""Values an adaptive detector collects to learn center and scale before it judges."""

RESTLESS_CHANGES = 8
RESTLESS_SPACING = 20
"""So many changes that lie closer than this on average are the series' nature, not changes."""

_RunTimes = Annotated[IntArray, np.int64, MAX_RUNS]
_Runs = Annotated[FloatArray, np.float64, MAX_RUNS]
_WarmUp = Annotated[FloatArray, np.float64, WARM_UP_VALUES]
_WarmUpTimes = Annotated[IntArray, np.int64, WARM_UP_VALUES]
_Recent = Annotated[IntArray, np.int64, RESTLESS_CHANGES]


class ChangeDetector(Protocol):
    """
    One row: the posterior over when the current segment of one series began.

    Positions count observations from 0, missing ones included. Values are in the unit of
    the series. The first `runs` entries of each array are alive, in no order.
    """

    hazard: F64
    """Probability of a change at any observation."""
    is_adaptive: I64
    """1 if center and scale follow the series, 0 if the caller gave them."""
    center: F64
    scale: F64
    """Typical level and standard deviation of the series: the prior of a new segment."""
    scale_observations: I64
    outliers_in_row: I64
    warm_values: _WarmUp
    warm_times: _WarmUpTimes
    warm_count: I64
    is_ready: I64

    observations: I64
    """Observations seen, missing ones included."""
    missing: I64
    first: I64
    """Position of the first value that was judged."""
    runs: I64
    start: _RunTimes
    """Position of the run's first observation."""
    count: _RunTimes
    """Values the run's statistics hold, up to the length of their memory."""
    weight: _Runs
    """Posterior probability of the run; they sum to 1."""
    level: _Runs
    slope: _Runs
    """Expected next value, and its change per observation."""
    level_variance: _Runs
    level_slope_covariance: _Runs
    slope_variance: _Runs
    """Uncertainty of level and slope in units of the run's noise variance."""
    noise_sum: _Runs
    """Rate of the run's inverse-gamma noise variance, in squared units of the series."""

    change_probability: F64
    """That the series changed within the last ten observations."""
    map_run_length: I64
    """Observations since the most probable last change, the newest one included."""
    last_change: I64
    """Where the segment that was declared last began; `first` before any."""
    changes: I64
    """Changes declared."""
    recent_changes: _Recent
    """When the last ones were declared, as a ring."""
    is_restless: I64
    """1 while changes follow each other so fast that none is declared."""


CHANGE_DETECTOR = dtype_of(ChangeDetector)
