"""What was observed and forecast of one series, and when each became known."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.domain.memory import FloatArray, IntArray
from core.events.profile import Series
from core.feeds.port import Observation, Vintage

HOUR_NS = 3_600_000_000_000

MAX_FORECASTS = 400
"""Kept for measuring errors: more than two weeks of hourly ones."""

_SAME = 0.5
"""Of the usual error for the next hour: a change that is as small is none."""

_REDUCTIONS: Mapping[str, Any] = {"min": np.minimum, "max": np.maximum}


@dataclass(frozen=True, slots=True)
class Forecast:
    """A vintage in the unit of the profile, without what it did not say."""

    issued_ts_ns: int
    valid_ts_ns: IntArray
    """Shape (n,): rising, UTC."""
    values: FloatArray
    """Shape (n,): finite."""
    began_ts_ns: int = 0
    """Since when forecasts have said the same: services issue one run of a model many times."""


class Timeline:
    """
    All that is known of one series.

    A moment that is told again is corrected; what was believed before stays findable, so that
    a look back sees what could be seen then.
    """

    def __init__(self, series: Series) -> None:
        self.series = series
        self.told_ts_ns = 0
        """When something was last told; 0 for never."""
        self.forecasts: list[Forecast] = []
        """By time of issue."""
        self._moments: list[int] = []
        self._values: list[float] = []
        """What was told last, by moment."""
        self._tellings: dict[int, list[tuple[int, float]]] = {}
        """By moment: when it was told, and what."""

    def takes(self, told: Observation | Vintage) -> bool:
        """Whether an observation or forecast is of this series."""
        return self.series.takes(told)

    def observe(self, observation: Observation) -> bool:
        """Take in an observation of this series; whether it tells something new."""
        value = self.series.unit.of(observation.value)
        if not math.isfinite(value):
            return False
        self.told_ts_ns = max(self.told_ts_ns, observation.fetched_ts_ns)
        moment = observation.valid_ts_ns
        place = bisect_left(self._moments, moment)
        tellings = self._tellings.setdefault(moment, [])
        _tell(tellings, observation.fetched_ts_ns, value)
        if place == len(self._moments) or self._moments[place] != moment:
            self._moments.insert(place, moment)
            self._values.insert(place, value)
            return True
        before, self._values[place] = self._values[place], tellings[-1][1]
        return self._values[place] != before

    def foresee(self, vintage: Vintage) -> bool:
        """Take in a forecast of this series; whether it is the newest and says anything."""
        says = np.flatnonzero(np.isfinite(vintage.values))
        if not len(says):
            return False
        # An hour that a change of the clocks tells twice counts once.
        says = says[np.unique(vintage.valid_ts_ns[says], return_index=True)[1]]
        self.told_ts_ns = max(self.told_ts_ns, vintage.issued_ts_ns)
        unit = self.series.unit
        moments = vintage.valid_ts_ns[says]
        values = unit.scale * vintage.values[says] + unit.offset
        issued = [other.issued_ts_ns for other in self.forecasts]
        place = bisect_right(issued, vintage.issued_ts_ns)
        began_ts_ns = vintage.issued_ts_ns
        if place and self._is_said_again(self.forecasts[place - 1], moments, values):
            began_ts_ns = self.forecasts[place - 1].began_ts_ns
        forecast = Forecast(vintage.issued_ts_ns, moments, values, began_ts_ns)
        self.forecasts.insert(place, forecast)
        self._thin()
        return self.forecasts[-1] is forecast

    def _is_said_again(self, before: Forecast, moments: IntArray, values: FloatArray) -> bool:
        """Whether a forecast says of the next day what the one before it said."""
        until_ts_ns = min(before.valid_ts_ns[-1], moments[0] + 24 * HOUR_NS)
        common = (moments >= before.valid_ts_ns[0]) & (moments <= until_ts_ns)
        if not common.any():
            return False
        said: FloatArray = np.interp(moments[common], before.valid_ts_ns, before.values)
        change = np.sqrt(np.mean((values[common] - said) ** 2))
        return bool(change <= _SAME * self.series.settings.error_now)

    def _thin(self) -> None:
        # Errors are measured on forecasts that had time to differ; the newest always stays.
        kept = self.forecasts
        if len(kept) > 2 and kept[-2].issued_ts_ns - kept[-3].issued_ts_ns < HOUR_NS:
            del kept[-2]
        if len(kept) > MAX_FORECASTS:
            del kept[0]

    def known(
        self, since_ts_ns: int = 0, before_ts_ns: int | None = None
    ) -> tuple[IntArray, FloatArray]:
        """
        Moments, rising, and their values.

        Args:
            since_ts_ns: Earlier moments are left out.
            before_ts_ns: As it was known before this time: what was told at it or later is
                left out. None leaves out nothing.
        """
        place = bisect_left(self._moments, since_ts_ns)
        moments, values = self._moments[place:], self._values[place:]
        if before_ts_ns is not None:
            believed = [self._believed(moment, before_ts_ns) for moment in moments]
            moments = [m for m, value in zip(moments, believed, strict=True) if value is not None]
            values = [value for value in believed if value is not None]
        return np.array(moments, dtype=np.int64), np.array(values, dtype=np.float64)

    def _believed(self, moment: int, before_ts_ns: int) -> float | None:
        tellings = self._tellings[moment]
        told = bisect_left(tellings, (before_ts_ns, -np.inf))
        return tellings[told - 1][1] if told else None

    def known_forecasts(self, before_ts_ns: int) -> list[Forecast]:
        """Forecasts issued before a time, oldest first."""
        return [entry for entry in self.forecasts if entry.issued_ts_ns < before_ts_ns]


def _tell(tellings: list[tuple[int, float]], ts_ns: int, value: float) -> None:
    """Keep when a value was told first: most tables repeat it for days."""
    place = bisect_right(tellings, (ts_ns, math.inf))
    if place and tellings[place - 1][1] == value:
        return
    tellings.insert(place, (ts_ns, value))
    if place + 1 < len(tellings) and tellings[place + 1][1] == value:
        del tellings[place + 1]


def binned(
    moments: IntArray, values: FloatArray, ends_ts_ns: IntArray, bin_ns: int, bin_value: str
) -> FloatArray:
    """
    Lay a series on bins.

    Args:
        moments: Shape (n,), rising.
        values: Shape (n,).
        ends_ts_ns: Shape (bins,): a bin begins after `bin_ns` before its end and includes it.
        bin_ns: Length of a bin.
        bin_value: `last`, `mean`, `sum`, `min` or `max`.

    Returns:
        Shape (bins,): NaN where nothing falls into the bin.
    """
    first = np.searchsorted(moments, ends_ts_ns - bin_ns, side="right")
    beyond = np.searchsorted(moments, ends_ts_ns, side="right")
    result = np.full(len(ends_ts_ns), np.nan)
    filled = beyond > first
    if filled.any():
        reduce = _reducer(bin_value)
        result[filled] = reduce(values, first[filled], beyond[filled])
    return result


def _reducer(bin_value: str) -> Callable[[FloatArray, IntArray, IntArray], FloatArray]:
    if bin_value == "last":
        return lambda values, _, beyond: values[beyond - 1]
    if bin_value in _REDUCTIONS:
        return lambda values, first, beyond: _reduced(_REDUCTIONS[bin_value], values, first, beyond)
    if bin_value == "sum":
        return lambda values, first, beyond: _reduced(np.add, values, first, beyond)
    return lambda values, first, beyond: _reduced(np.add, values, first, beyond) / (beyond - first)


def _reduced(ufunc: Any, values: FloatArray, first: IntArray, beyond: IntArray) -> FloatArray:
    # Pairs of begin and end; the stretch from one end to the next begin is thrown away. One
    # value more at the end lets the last bin end there.
    padded = np.append(values, values[-1])
    result: FloatArray = ufunc.reduceat(padded, np.column_stack([first, beyond]).ravel())[::2]
    return result


def filled(values: FloatArray) -> FloatArray:
    """Draw straight lines over gaps between known values; what lies outside stays NaN."""
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return values
    inside = np.arange(known[0], known[-1] + 1)
    result = values.copy()
    result[inside] = np.interp(inside, known, values[known])
    return result
