"""
Loads what a gauge has measured, from files of Bavaria's hydrological service.

Source: https://www.gkd.bayern.de, downloads: some lines of description, then
`Datum;"Wasserstand [cm]";Prüfstatus`. Times are of UTC+1 all the year round.
"""

from __future__ import annotations

import csv
from datetime import datetime, timedelta, timezone
from pathlib import Path

from core.domain.errors import DataError
from core.feeds.common.german import decimal
from core.feeds.common.limits import is_possible
from core.feeds.common.wire import S_IN_NS
from core.feeds.files.text import read_lines
from core.feeds.port import Observation, Quality
from core.feeds.river.columns import find_column

SOURCE = "gkd"
ZONE = timezone(timedelta(hours=1), "MEZ")
DELAY_S = 900
"""Between a measurement and its being known: gauges report every quarter of an hour."""

_TIME = "%Y-%m-%d %H:%M"
_FIRST_HEAD = "Datum"
_STATION = "Messstellen-Nr.:"
_TIME_BASE = "Zeitbezug:"


def read_gauge_file(path: Path, *, delay_s: int = DELAY_S) -> tuple[Observation, ...]:
    """
    Load a file; rows without a value are left out.

    Args:
        path: A `.csv`, or `.csv.gz`.
        delay_s: Set between a measurement and its being known, so that nothing looks ahead.

    Returns:
        The oldest first.

    Raises:
        DataError: If it is another file than that, or cannot be read; it names the line.
    """
    rows = list(csv.reader(read_lines(path), delimiter=";"))
    head = next((n for n, row in enumerate(rows) if row and row[0] == _FIRST_HEAD), None)
    if head is None:
        raise DataError(path, f"has no line that begins with {_FIRST_HEAD};")
    about = {row[0]: row[1] for row in rows[:head] if len(row) > 1}
    if about.get(_TIME_BASE) != ZONE.tzname(None):
        raise DataError(
            path,
            f"{_TIME_BASE} {about.get(_TIME_BASE, 'missing')!r}; only MEZ, UTC+1, is known",
        )
    station = about.get(_STATION, "")
    column = find_column(rows[head])
    if column is None or not station:
        raise DataError(path, "names no gauge or no column that is known")
    number, quantity = column
    observations: list[Observation] = []
    last_ns = -1
    for line, row in enumerate(rows[head + 1 :], start=head + 2):
        if not row:
            continue
        moment_ns, value = _row(path, line, row, number)
        if moment_ns <= last_ns:
            raise DataError(path, f"line {line}: time runs backwards at {row[0]}")
        last_ns = moment_ns
        if value is not None and is_possible(quantity, value):
            observations.append(
                Observation(
                    quantity,
                    value,
                    moment_ns,
                    moment_ns + delay_s * S_IN_NS,
                    SOURCE,
                    station,
                    Quality.MEASURED,
                )
            )
    return tuple(observations)


def _row(path: Path, line: int, row: list[str], column: int) -> tuple[int, float | None]:
    try:
        moment = datetime.strptime(row[0], _TIME).replace(tzinfo=ZONE)
        return int(moment.timestamp()) * S_IN_NS, decimal(row[column])
    except (ValueError, IndexError) as error:
        raise DataError(path, f"line {line}: cannot be read: {error}") from None
