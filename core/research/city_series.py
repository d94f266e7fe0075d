"""What a recording tells of a city: one series for each channel, one for each fair value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.data.dataset import DataSet
from core.domain.enums import Channel, EventKind
from core.domain.events import NO_INSTRUMENT
from core.domain.memory import FloatArray, IntArray, Rows
from core.kernel.kalman import LARGEST_VALUE


@dataclass(frozen=True, slots=True)
class CitySeries:
    """One number, and when the engine heard of it."""

    name: str
    """`weather`, `air quality`, `flights` or `fair value of SYMBOL`."""
    ts_ns: IntArray
    """Shape (n,), not falling: when each value was heard, not when it was true."""
    values: FloatArray
    """Shape (n,), finite."""
    symbol: str = ""
    """Whose fair value it is; empty for a channel."""


def read_series(data: DataSet) -> list[CitySeries]:
    """
    Take the observations of a recording apart, by the kernel's own rules.

    What `core.kernel.channels` leaves out is left out here: values that are no number,
    fair values at or below 0, and what is older than that which was known.

    Returns:
        Channels first, then fair values in the order of the instruments; none without a value.
    """
    events = data.events
    told = events[events["kind"] == EventKind.OBSERVATION]
    told = told[(np.abs(told["value"]) <= LARGEST_VALUE) & (told["fee_nanos"] >= 0)]
    return [one for one in _all_series(data, told) if len(one.ts_ns)]


def _all_series(data: DataSet, told: Rows) -> Iterator[CitySeries]:
    is_known = (told["instrument"] >= NO_INSTRUMENT) & (told["instrument"] < len(data.instruments))
    for channel in Channel:
        if channel is not Channel.FAIR_VALUE:
            rows = told[is_known & (told["code"] == channel)]
            name = channel.name.lower().replace("_", " ")
            yield _series(name, rows[rows["exch_ts_ns"] > _newest_before(rows)])
    fair = told[(told["code"] == Channel.FAIR_VALUE) & (told["value"] >= 0.0)]
    for index, instrument in enumerate(data.instruments):
        rows = fair[fair["instrument"] == index]
        fresh = rows[rows["exch_ts_ns"] >= _newest_before(rows)]
        symbol = str(instrument.symbol)
        yield _series(f"fair value of {symbol}", fresh, symbol)


def _newest_before(rows: Rows) -> IntArray:
    """Time of the newest value that was known when each row came; -1 for none."""
    newest_ns = np.maximum.accumulate(np.asarray(rows["exch_ts_ns"], np.int64))
    return np.asarray(np.append(np.int64(-1), newest_ns)[: len(rows)])


def _series(name: str, rows: Rows, symbol: str = "") -> CitySeries:
    ts_ns, values = np.array(rows["ts_ns"], np.int64), np.array(rows["value"], np.float64)
    return CitySeries(name, ts_ns, values, symbol)
