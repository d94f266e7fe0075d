"""What the sun and the people of a city go by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from core.domain.memory import FloatArray

DAY_S = 86_400.0
HOUR_S = 3_600.0
YEAR_S = 365.2425 * DAY_S
_EPOCH_WEEKDAY = 3
"""1970 began on a Thursday."""


@dataclass(frozen=True, slots=True)
class Local:
    """Local time of moments, each of shape (n,)."""

    hour: FloatArray
    """0 to 24, with its fraction."""
    weekday: FloatArray
    """0 is Monday."""


def local(seconds: FloatArray, zone: ZoneInfo) -> Local:
    """
    Find hours and weekdays.

    The offset is looked up once for each day, at noon: a simulated Sunday may be an hour off
    until then.
    """
    days, which = np.unique(np.floor(seconds / DAY_S), return_inverse=True)
    offsets = np.array([_offset_s(day * DAY_S + DAY_S / 2, zone) for day in days])
    shifted = seconds + offsets[which.reshape(seconds.shape)]
    return Local(
        hour=np.asarray(shifted % DAY_S / HOUR_S),
        weekday=np.asarray((np.floor(shifted / DAY_S) + _EPOCH_WEEKDAY) % 7),
    )


def season(seconds: FloatArray, longest_day: float = 172.0) -> FloatArray:
    """Shape (n,): from -1 in deepest winter to 1 in high summer, of the northern half."""
    share = seconds % YEAR_S / YEAR_S - longest_day / 365.2425
    return np.asarray(np.cos(2.0 * np.pi * share))


def _offset_s(seconds: float, zone: ZoneInfo) -> float:
    offset = datetime.fromtimestamp(seconds, UTC).astimezone(zone).utcoffset()
    assert offset is not None
    return offset.total_seconds()
