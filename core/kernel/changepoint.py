"""
Bayesian online change-point detection with bounded run lengths.

Adams & MacKay (2007), arXiv 0710.3742: a posterior over the current run length, updated
with every value. Within a run the series is a line plus noise (`change_runs`): a model of
constant levels would cut every trend into stairs.

What is ours: values count half, because real series are neither independent nor normal,
and full trust cries change at every cluster of large values (a power posterior, as in
Grünwald & van Ommen, 2017). One wild value neither ends a run nor ruins what it knows. A
run forgets after 512 values. Runs of negligible weight are dropped, and `MAX_RUNS` at most
are kept, so an observation costs the same however long the series.

Everything is one setting for every series, in units of the series' own scale.
"""

from __future__ import annotations

from core.domain.changes import (
    RESTLESS_CHANGES,
    RESTLESS_SPACING,
    WARM_UP_VALUES,
    ChangeDetector,
)
from core.domain.memory import FloatArray, IntArray
from core.jit import njit
from core.kernel.change_runs import begin_run, drop, learn, make_room, pass_time
from core.kernel.change_scale import follow_scale, learn_scale

HAZARD = 0.01
"""One change in a hundred observations is expected."""

RECENT = 10
"""Age in observations up to which a change is called recent."""

GREATEST_VALUE = 1e100
"""Beyond it squares overflow; no series of ours goes there."""
_NEGLIGIBLE = 1e-4
"""Posterior probability below which a run is dropped."""
_DOUBT = 0.01
"""Probability of no change below which a change is declared."""
_SAME_CHANGE = 5
"""A declared change may still move so far without being a new one."""


@njit
def reset(detector: ChangeDetector, hazard: float) -> None:
    """
    Start over, learning center and scale from the series itself.

    Args:
        detector: One CHANGE_DETECTOR record, overwritten.
        hazard: Probability of a change per observation, in (0, 1).
    """
    detector.hazard = hazard
    detector.is_adaptive = 1
    detector.is_ready = 0
    detector.center = 0.0
    detector.scale = 0.0
    detector.scale_observations = 0
    detector.outliers_in_row = 0
    detector.warm_count = 0
    detector.observations = 0
    detector.missing = 0
    detector.first = 0
    detector.runs = 0
    detector.change_probability = 0.0
    detector.map_run_length = 0
    detector.last_change = 0
    detector.changes = 0
    detector.is_restless = 0


@njit
def reset_scaled(detector: ChangeDetector, hazard: float, center: float, scale: float) -> None:
    """Start over with the center and scale (> 0) of a series known beforehand."""
    reset(detector, hazard)
    detector.is_adaptive = 0
    detector.is_ready = 1
    detector.center = center
    detector.scale = scale


@njit
def observe(detector: ChangeDetector, value: float) -> int:
    """
    Advance by one observation; NaN and values beyond ±1e100 count as missing.

    Writes `change_probability`, `map_run_length` and `last_change`. While an adaptive
    detector warms up (`is_ready` is 0) it only collects.

    Returns:
        1 if a change is declared at this observation, else 0. `last_change` says where
        the new segment began.
    """
    position = detector.observations
    detector.observations = position + 1
    if not abs(value) <= GREATEST_VALUE:
        detector.missing += 1
        pass_time(detector)
        if detector.runs > 0:
            detector.map_run_length += 1
        return 0
    if detector.is_ready == 0:
        return _warm_up(detector, value, position)
    _advance(detector, value, position)
    if detector.is_adaptive == 1:
        follow_scale(detector, value)
    return _declare(detector, position)


@njit
def observe_series(detector: ChangeDetector, values: FloatArray, starts: IntArray) -> int:
    """
    Advance by many observations.

    Args:
        detector: One CHANGE_DETECTOR record.
        values: float64, shape (n,).
        starts: int64, shape (n,), overwritten: after each value, where the most probable
            current segment began.

    Returns:
        How many changes were declared.
    """
    declared = 0
    for index in range(len(values)):
        declared += observe(detector, values[index])
        starts[index] = detector.observations - detector.map_run_length
    return declared


@njit
def _warm_up(detector: ChangeDetector, value: float, position: int) -> int:
    """Collect; once the collected values differ, learn from them and go over them again."""
    slot = detector.warm_count % WARM_UP_VALUES
    detector.warm_values[slot] = value
    detector.warm_times[slot] = position
    detector.warm_count += 1
    if detector.warm_count < WARM_UP_VALUES or not learn_scale(detector):
        return 0
    detector.is_ready = 1
    declared = 0
    expected = detector.warm_times[detector.warm_count % WARM_UP_VALUES]
    for offset in range(WARM_UP_VALUES):
        slot = (detector.warm_count + offset) % WARM_UP_VALUES
        while expected < detector.warm_times[slot]:
            pass_time(detector)
            expected += 1
        expected += 1
        _advance(detector, detector.warm_values[slot], detector.warm_times[slot])
        declared = max(declared, _declare(detector, detector.warm_times[slot]))
    return declared


@njit
def _advance(detector: ChangeDetector, value: float, position: int) -> None:
    """Weigh every run by how well it foretold the value, then let each learn from it."""
    if detector.runs == 0:
        detector.first = position
        detector.last_change = position
        begin_run(detector, position, 1.0)
    else:
        for run in range(detector.runs):
            detector.weight[run] *= 1.0 - detector.hazard
        make_room(detector)
        begin_run(detector, position, detector.hazard)
    total = 0.0
    for run in range(detector.runs):
        detector.weight[run] *= learn(detector, run, value)
        total += detector.weight[run]
    _normalize(detector, total, position)


@njit
def _normalize(detector: ChangeDetector, total: float, position: int) -> None:
    """Make the weights a probability, drop the negligible, and read off the outputs."""
    run = 0
    kept = 0.0
    while run < detector.runs:
        share = detector.weight[run] / total
        if share < _NEGLIGIBLE:
            drop(detector, run)
        else:
            detector.weight[run] = share
            kept += share
            run += 1
    best = 0
    recent = 0.0
    for run in range(detector.runs):
        detector.weight[run] /= kept
        if detector.weight[run] > detector.weight[best]:
            best = run
        age = position - detector.start[run]
        if age < RECENT and detector.start[run] > detector.first:
            recent += detector.weight[run]
    detector.change_probability = min(1.0, recent)
    detector.map_run_length = position - detector.start[best] + 1


@njit
def _declare(detector: ChangeDetector, position: int) -> int:
    """Say whether the most probable run is surely a segment that was not declared yet."""
    start = position + 1 - detector.map_run_length
    newest_known = detector.last_change + _SAME_CHANGE
    if start <= newest_known:
        if detector.changes > 0 and start >= detector.last_change - _SAME_CHANGE:
            detector.last_change = start
        return 0
    unchanged = 0.0
    for run in range(detector.runs):
        if detector.start[run] <= newest_known:
            unchanged += detector.weight[run]
    if unchanged > _DOUBT:
        return 0
    detector.last_change = start
    return _count_change(detector, position)


@njit
def _count_change(detector: ChangeDetector, position: int) -> int:
    """Enter the change in the books; 0 if too many came lately to mean anything."""
    slot = detector.changes % RESTLESS_CHANGES
    oldest = detector.recent_changes[slot]
    detector.recent_changes[slot] = position
    detector.changes += 1
    detector.is_restless = 0
    if detector.changes > RESTLESS_CHANGES:
        if position - oldest < RESTLESS_CHANGES * RESTLESS_SPACING:
            detector.is_restless = 1
    return 1 - detector.is_restless
