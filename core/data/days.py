"""The days of recorded markets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from core.data.dataset import RecordedMarket, SourceFile
from core.data.prosperity import DAY_ZERO_NS
from core.domain.instrument import NANOS

PROSPERITY_DAY_NS = 1_000 * NANOS
"""Of Prosperity's files: a million timestamps, each a millisecond here."""

_DAY_NS = 86_400 * NANOS

_FILE_OF_DAY = re.compile(r"_day_(-?\d+)\D*$")


class Day(NamedTuple):
    """One day of a recording."""

    name: str
    """`2025-03-24`, or `day -1` of Prosperity's."""
    start_ns: int
    stop_ns: int
    """The next one's start."""


def prosperity_day(ts_ns: int) -> int:
    """Say which of Prosperity's days a time is in."""
    return (ts_ns - DAY_ZERO_NS) // PROSPERITY_DAY_NS


def prosperity_day_start_ns(ts_ns: int) -> int:
    """Say where the one of Prosperity's days begins that a time is in."""
    return DAY_ZERO_NS + prosperity_day(ts_ns) * PROSPERITY_DAY_NS


def days_between(market: RecordedMarket) -> list[Day]:
    """Days from the first event to the last, UTC; those without events are among them."""
    if market.profile == "prosperity":
        first, last = prosperity_day(market.first_ts_ns), prosperity_day(market.last_ts_ns)
        starts = [DAY_ZERO_NS + day * PROSPERITY_DAY_NS for day in range(first, last + 2)]
        names = [f"day {day}" for day in range(first, last + 1)]
    else:
        first, last = market.first_ts_ns // _DAY_NS, market.last_ts_ns // _DAY_NS
        starts = [day * _DAY_NS for day in range(first, last + 2)]
        names = [f"{datetime.fromtimestamp(start // NANOS, UTC):%F}" for start in starts[:-1]]
    return [Day(*each) for each in zip(names, starts[:-1], starts[1:], strict=True)]


def files_of(day: Day, files: Sequence[SourceFile]) -> tuple[SourceFile, ...]:
    """Files that are of one day by their names; all of them where the names do not say."""
    found = [(_FILE_OF_DAY.search(file.path.name), file) for file in files]
    own = [file for match, file in found if match and f"day {match[1]}" == day.name]
    return tuple(own or files)
