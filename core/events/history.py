"""One series on an even grid of bins, as far back as it is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.domain.memory import FloatArray, IntArray
from core.events.profile import Series
from core.events.timeline import HOUR_NS, Timeline, binned


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Values of bins that follow each other; those of a window are among them."""

    first_end_ts_ns: int
    """End of the first bin, UTC."""
    bin_ns: int
    values: FloatArray
    """Shape (bins,): NaN where nothing was observed."""

    @property
    def bin_h(self) -> float:
        """Length of a bin."""
        return self.bin_ns / HOUR_NS

    @property
    def ends_ts_ns(self) -> IntArray:
        """Shape (bins,)."""
        return self.first_end_ts_ns + np.arange(len(self.values), dtype=np.int64) * self.bin_ns

    def until(self, bins: int) -> History:
        """The first bins alone."""
        return History(self.first_end_ts_ns, self.bin_ns, self.values[:bins])

    def last_known(self) -> int:
        """Index of the newest bin with a value; -1 for none."""
        known = np.flatnonzero(np.isfinite(self.values))
        return int(known[-1]) if len(known) else -1


def history_of(
    timeline: Timeline, since_ts_ns: int = 0, before_ts_ns: int | None = None
) -> History:
    """
    Lay all that is known on bins. Arguments: `Timeline.known`.

    The newest bin is complete: something is known of its end or of later.
    """
    series = timeline.series
    moments, values = timeline.known(since_ts_ns, before_ts_ns)
    if not len(moments):
        return History(series.start_ts_ns, series.bin_ns, np.empty(0))
    first = -((series.start_ts_ns - int(moments[0])) // series.bin_ns)
    last = (int(moments[-1]) - series.start_ts_ns) // series.bin_ns
    ends = series.start_ts_ns + np.arange(first, last + 1, dtype=np.int64) * series.bin_ns
    laid = binned(moments, values, ends, series.bin_ns, series.settings.bin_value)
    return History(series.start_ts_ns + first * series.bin_ns, series.bin_ns, laid)


def index_at(history: History, series: Series) -> IntArray:
    """Where in a history the values of a window stand; below 0 or beyond it where they do not."""
    result: IntArray = (series.ends_ts_ns - history.first_end_ts_ns) // history.bin_ns
    return result


def taken(values: FloatArray, index: IntArray) -> FloatArray:
    """Values by index; NaN for an index outside. Shape as `index`."""
    if not len(values):
        return np.full(index.shape, np.nan)
    inside = (index >= 0) & (index < len(values))
    return np.where(inside, values[np.clip(index, 0, len(values) - 1)], np.nan)
