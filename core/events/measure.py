"""How wrong the outlook of one series was, from what was known before a moment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.domain.memory import FloatArray, IntArray
from core.events.errors import (
    ASSUMED_FORECASTS,
    FEWEST_FORECASTS,
    ErrorModel,
    PastErrors,
    measured_errors,
)
from core.events.history import History, history_of, taken
from core.events.outlook import Rule
from core.events.timeline import HOUR_NS, Forecast, Timeline, binned

LONGEST_H = 192.0
"""Leads beyond this are not measured."""

_SEASON_DAYS = 50
"""Older forecasts erred on weather of another kind."""

_ORIGINS = 60
"""Looks back from which a rule is tried."""

_APART_H = 3.0
"""Looks from closer to each other would tell the same twice."""

_STORY_H = 24.0
"""Forecasts from closer together err alike: they count as one for each such time."""

_RULE_H = 48.0
"""How far ahead it is tried."""

_RANGES = 5
"""Of the forecasts of a quantity that has bounds on both sides."""

_HELD_BACK = 0.5
"""Share of the past that a rule learns from before it is tried on the rest."""


def forecast_errors(timeline: Timeline, before_ts_ns: int | None = None) -> PastErrors:
    """
    What came less what was forecast, for every forecast.

    Args:
        timeline: Where both are kept.
        before_ts_ns: Only what was known before counts, and only forecasts of the season up to
            then; None is everything.
    """
    history = history_of(timeline, before_ts_ns=before_ts_ns)
    forecasts = _of_the_season(timeline, before_ts_ns)
    steps = round(LONGEST_H / history.bin_h)
    errors = np.full((len(forecasts), steps), np.nan)
    leads_h, expected = np.empty_like(errors), np.empty_like(errors)
    for row, forecast in enumerate(forecasts):
        first = -((history.first_end_ts_ns - forecast.issued_ts_ns) // history.bin_ns)
        index = first + np.arange(steps)
        ends = history.first_end_ts_ns + index * history.bin_ns
        leads_h[row] = (ends - forecast.issued_ts_ns) / HOUR_NS
        bin_value = timeline.series.settings.bin_value
        expected[row] = forecast_at(forecast, ends, history.bin_ns, bin_value)
        within = ends <= forecast.valid_ts_ns[-1]
        errors[row] = np.where(within, taken(history.values, index) - expected[row], np.nan)
    issued_ts_ns = np.array([forecast.issued_ts_ns for forecast in forecasts], np.int64)
    return PastErrors(errors, leads_h, expected, _weight(issued_ts_ns))


def _weight(issued_ts_ns: IntArray) -> float:
    """What each of some forecasts counts, by the time from one to the next."""
    if len(issued_ts_ns) < 2:
        return 1.0
    apart_h = float(np.diff(issued_ts_ns).mean()) / HOUR_NS
    return min(1.0, apart_h / _STORY_H)


def _of_the_season(timeline: Timeline, before_ts_ns: int | None) -> list[Forecast]:
    if before_ts_ns is None:
        return timeline.forecasts
    since_ts_ns = before_ts_ns - _SEASON_DAYS * 24 * HOUR_NS
    known = timeline.known_forecasts(before_ts_ns)
    return [forecast for forecast in known if forecast.issued_ts_ns >= since_ts_ns]


def related_errors(first: Timeline, second: Timeline, assumed: float, before_ts_ns: int) -> float:
    """
    Correlation of two series' forecast errors at the same time.

    Args:
        first: One series.
        second: Another with the same bins.
        assumed: What the profile assumes, which counts as some forecasts.
        before_ts_ns: Only what was known before counts.
    """
    issued = [
        [forecast.issued_ts_ns for forecast in _of_the_season(timeline, before_ts_ns)]
        for timeline in (first, second)
    ]
    common, *rows = np.intersect1d(issued[0], issued[1], return_indices=True)
    errors = [
        forecast_errors(timeline, before_ts_ns).errors[own]
        for timeline, own in zip((first, second), rows, strict=True)
    ]
    both = np.isfinite(errors[0]) & np.isfinite(errors[1])
    count = float(both.any(axis=1).sum()) * _weight(common.astype(np.int64))
    if count < FEWEST_FORECASTS:
        return assumed
    products = np.where(both, errors[0] * errors[1], 0.0).sum()
    squares = [np.where(both, error**2, 0.0).sum() for error in errors]
    size = float(np.sqrt(squares[0] * squares[1]))
    seen = float(products) / size if size > 0 else assumed
    weight = count / (count + ASSUMED_FORECASTS)
    return float(np.clip(weight * seen + (1.0 - weight) * assumed, -0.99, 0.99))


def forecast_at(
    forecast: Forecast, ends_ts_ns: IntArray, bin_ns: int, bin_value: str
) -> FloatArray:
    """A forecast on bins: as `binned`, on straight lines where it says nothing within a bin."""
    laid = binned(forecast.valid_ts_ns, forecast.values, ends_ts_ns, bin_ns, bin_value)
    between: FloatArray = np.interp(ends_ts_ns, forecast.valid_ts_ns, forecast.values)
    if bin_value == "last":
        return between
    return np.where(np.isfinite(laid), laid, between)


def rule_errors(rule: Rule, history: History) -> PastErrors:
    """
    What came less what a rule would have expected, had it been asked in the past.

    It learns from the first half and is asked in the second.
    """
    bins = len(history.values)
    learned = rule.learn(history.until(int(bins * _HELD_BACK)))
    steps = round(_RULE_H / history.bin_h)
    reach = round(rule.reach_h / history.bin_h)
    origins = _origins(history, max(int(bins * _HELD_BACK), reach))
    ahead = np.arange(1, steps + 1)
    came, expected = np.empty((2, len(origins), steps))
    for row, origin in enumerate(origins):
        index = int(origin) + ahead
        came[row] = taken(history.values, index)
        expected[row] = learned.expect(history, int(origin), index)
    leads_h = np.broadcast_to(ahead * history.bin_h, came.shape)
    return PastErrors(came - expected, leads_h, expected, _weight(origins * history.bin_ns))


def _origins(history: History, first: int) -> IntArray:
    """Bins to look ahead from: known ones, some hours apart, at most so many."""
    bins = len(history.values)
    known = np.flatnonzero(np.isfinite(history.values))
    known = known[(known >= first) & (known < bins - 1)]
    if not len(known):
        return known
    hours = (known[-1] - known[0]) * history.bin_h
    count = int(min(_ORIGINS, hours // _APART_H + 1))
    return known[np.linspace(0, len(known) - 1, count).astype(np.int64)]


def measure(
    timeline: Timeline, rule: Rule | None, assumed: ErrorModel, before_ts_ns: int
) -> tuple[Rule | None, ErrorModel]:
    """
    Learn a rule and measure errors from what was known before a moment, and from nothing else.

    Args:
        timeline: Of one series.
        rule: How it goes on by itself; None if a feed forecasts it.
        assumed: What the profile assumes.
        before_ts_ns: The moment.
    """
    if rule is None:
        past = _at_typical(timeline, forecast_errors(timeline, before_ts_ns))
        return None, measured_errors(assumed, past, _ranges(timeline))
    history = history_of(timeline, before_ts_ns=before_ts_ns)
    past = _at_typical(timeline, rule_errors(rule, history))
    # A river's few floods would bend a curve by chance: normal bands held more of its days.
    return rule.learn(history), measured_errors(assumed, past, ranges=0)


def _at_typical(timeline: Timeline, past: PastErrors) -> PastErrors:
    """Errors as they would be where the typical value is expected."""
    return replace(past, errors=past.errors / timeline.series.error_scale(past.forecasts))


def _ranges(timeline: Timeline) -> int:
    settings = timeline.series.settings
    return _RANGES if settings.is_bounded and not settings.is_whole else 1
