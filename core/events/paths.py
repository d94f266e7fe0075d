"""
What one series may turn out to be: draws of all its bins, given what is known.

Every draw has its own noise, made once. News moves the draws, it does not throw them anew, so
that a fair value changes by what is new and not by chance, and all products see one world.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.domain.memory import FloatArray, IntArray
from core.events.errors import ErrorModel
from core.events.history import History, history_of, index_at, taken
from core.events.measure import forecast_at
from core.events.outlook import Persistence, Rule
from core.events.profile import Series
from core.events.timeline import HOUR_NS, Forecast, Timeline, filled

_JITTER = 1e-6
"""Errors of two close bins are nearly one number, which a solver must survive."""

_CACHED = 32_768
"""Numbers that are worked on at once."""

_NEVER_NS = 2**63 - 1
_REMEMBERED_H = 24.0
_NEWEST = 4
_OLDER = 8


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """What a series is expected to be at each value of the window."""

    known: FloatArray
    """Shape (values,): NaN where it is still open."""
    center: FloatArray
    """Shape (values,): the outlook, without its bias."""
    lead_h: FloatArray
    """Shape (values,): how far ahead the outlook looked."""
    erred_after_ts_ns: int
    """Known values behind this moment say how wrong the outlook has been so far."""
    is_blind: bool = False
    """Whether there is nothing to go by, and a typical value would be far off."""


def expect(timeline: Timeline, rule: Rule | None) -> Expectation:
    """Lay what is known and what is expected on the bins of the window."""
    series = timeline.series
    reach_h = rule.reach_h if rule else Persistence.reach_h
    history = history_of(timeline, series.start_ts_ns - int(reach_h * HOUR_NS))
    index = index_at(history, series)
    known = taken(filled(history.values), index)
    if rule is None and timeline.forecasts:
        return _by_forecasts(series, known, timeline.forecasts)
    return _by_itself(series, history, index, known, rule or Persistence())


def _by_forecasts(series: Series, known: FloatArray, forecasts: list[Forecast]) -> Expectation:
    """
    Expect what the newest forecast says.

    Of what it came too late for, those before it that said the same: what they erred by tells
    of the rest, though a service has issued them again since.
    """
    newest = forecasts[-1]
    ends = series.ends_ts_ns
    center, lead_h = np.empty((2, len(ends)))
    open_until_ts_ns = _NEVER_NS
    for forecast in reversed(forecasts):
        if forecast.issued_ts_ns < newest.began_ts_ns or open_until_ts_ns <= ends[0]:
            break
        own = ends < open_until_ts_ns
        told = forecast_at(forecast, ends[own], series.bin_ns, series.settings.bin_value)
        center[own] = told
        lead_h[own] = np.maximum(ends[own] - forecast.issued_ts_ns, 0) / HOUR_NS
        open_until_ts_ns = forecast.issued_ts_ns
    return Expectation(known, center, lead_h, newest.began_ts_ns)


def _by_itself(
    series: Series, history: History, index: IntArray, known: FloatArray, rule: Rule
) -> Expectation:
    origin = history.last_known()
    center = rule.expect(history, origin, index)
    lead_h = np.maximum(index - origin, 1) * history.bin_h
    is_guess = ~np.isfinite(center)
    lead_h[is_guess] = np.maximum(lead_h[is_guess], 24.0)
    center = np.where(is_guess, series.settings.typical, center)
    newest_ts_ns = history.first_end_ts_ns + max(origin, 0) * history.bin_ns
    memory_ns = int(_REMEMBERED_H * HOUR_NS) if rule.remembers else 0
    is_blind = bool(is_guess.any()) and not rule.may_guess
    return Expectation(known, center, lead_h, newest_ts_ns - memory_ns, is_blind)


def make_noise(model: ErrorModel, bin_h: float, white: FloatArray) -> FloatArray:
    """
    Noise that is as related along the bins as errors are, of variance 1.

    Args:
        model: Says how errors are related.
        bin_h: Hours between values.
        white: Shape (draws, values): independent, of variance 1.

    Returns:
        Shape (draws, values), values of one bin next to each other in memory.
    """
    hours = np.arange(white.shape[1]) * bin_h
    related = model.correlation(np.subtract.outer(hours, hours)) + _JITTER * np.eye(len(hours))
    return (np.linalg.cholesky(related) @ white.T).T


def draw(
    series: Series,
    expectation: Expectation,
    model: ErrorModel,
    noise: FloatArray,
    out: FloatArray,
) -> None:
    """
    Draw all values: what is known, and what the errors so far make of the rest.

    The rest is conditioned on those errors by Matheron's rule (Journel & Huijbregts 1978): the
    noise of each draw is corrected by how much it missed them.

    Args:
        series: What is drawn.
        expectation: Of that series.
        model: Of the errors of its outlook.
        noise: Of `make_noise`.
        out: Shape (draws, values), laid out as the noise; becomes finite, within the bounds of
            the profile.
    """
    is_open = ~np.isfinite(expectation.known)
    scale = series.error_scale(expectation.center)
    deviation = scale * model.deviation_at(expectation.lead_h)
    middle = expectation.center + scale * model.bias_at(expectation.lead_h)
    told = _telling(series, expectation, deviation)
    rest = np.flatnonzero(is_open)
    gain = missed = np.empty((0, 0))
    if len(told):
        missed_by = (expectation.known[told] - middle[told]) / deviation[told]
        scores = model.curves.scores(missed_by, expectation.center[told])
        missed = scores[:, None] - noise.T[told]
        gain = _gain(series, model, told, rest)
    out.T[~is_open] = expectation.known[~is_open, None]
    # A few values at a time: they stay in the core's own cache through all steps.
    for part in _runs(rest, max(1, _CACHED // len(noise))):
        values = rest[part]
        rows = slice(values[0], values[-1] + 1)
        fresh, drawn = noise.T[rows], out.T[rows]
        if len(told):
            fresh = fresh + gain[part] @ missed
        model.curves.bend(fresh, expectation.center[values], drawn)
        drawn *= deviation[values, None]
        drawn += middle[values, None]
        _bound(drawn, series)


def _runs(index: IntArray, longest: int) -> Iterator[slice]:
    """Stretches of a rising index without a gap in them, none longer than is said."""
    first = 0
    for place in range(1, len(index) + 1):
        is_end = place == len(index) or index[place] != index[place - 1] + 1
        if is_end or place - first == longest:
            yield slice(first, place)
            first = place


def _bound(rows: FloatArray, series: Series) -> None:
    settings = series.settings
    if settings.has_bounds:
        np.clip(rows, settings.lowest, settings.highest, out=rows)
    if settings.is_whole:
        np.rint(rows, out=rows)


def _telling(series: Series, expectation: Expectation, deviation: FloatArray) -> IntArray:
    """Values whose error is known: the newest, and some of those before."""
    ends = series.ends_ts_ns
    told = np.flatnonzero(
        np.isfinite(expectation.known) & (ends > expectation.erred_after_ts_ns) & (deviation > 0)
    )
    older = told[:-_NEWEST]
    if len(older) > _OLDER:
        older = older[np.linspace(0, len(older) - 1, _OLDER).astype(np.int64)]
    return np.concatenate([older, told[-_NEWEST:]])


def _gain(series: Series, model: ErrorModel, told: IntArray, rest: IntArray) -> FloatArray:
    told_h = told * (series.bin_ns / HOUR_NS)
    rest_h = rest * (series.bin_ns / HOUR_NS)
    between = model.correlation(np.subtract.outer(told_h, told_h)) + _JITTER * np.eye(len(told))
    towards = model.correlation(np.subtract.outer(told_h, rest_h))
    return np.asarray(np.linalg.solve(between, towards).T, np.float64)
